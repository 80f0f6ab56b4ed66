//! The tables of an impact: every row says whether it is law or model.

use super::number::{Scale, grouped, percent, places};
use super::page::Block;
use crate::analysis::impact::{
    Account, Accounts, Area, Band, Bands, Impact, Incidence, MarketImpact, Party, Point, Regime,
};
use crate::money::{RoundingMode, add, mul, plain, sub};
use rust_decimal::Decimal;

/// Where a number comes from.
pub const LAW: &str = "law";
/// See [`LAW`].
pub const MODEL: &str = "model";
/// See [`LAW`]: found elsewhere, and shown beside the model.
pub const ASSUMED: &str = "assumed";

/// A table whose first columns are words, with what each row rests on at its end.
pub fn table(headings: &[&str], left: usize, rows: Vec<Vec<String>>) -> Block {
    let headings = headings.iter().map(|heading| (*heading).to_owned()).collect();
    Block::Table { headings, rows, left, right: 1 }
}

/// The group, before, after, the change.
fn account(account: &Account, scale: Scale) -> Vec<String> {
    let level = |amount: Option<Decimal>| amount.map_or_else(|| "–".to_owned(), |amount| scale.show(amount));
    let name = match account.party {
        Party::Home => "= importing country".to_owned(),
        Party::World => "= world".to_owned(),
        party => party.name().to_owned(),
    };
    vec![name, level(account.before), level(account.after), scale.signed(account.change), MODEL.to_owned()]
}

/// How amounts of accounts are shown.
pub fn scale(accounts: &Accounts) -> Scale {
    let amounts = |account: &Account| [account.before, account.after, Some(account.change)];
    Scale::of(accounts.all().iter().flat_map(amounts).flatten())
}

/// Who gains and who loses; columns sum as they are shown.
pub fn accounts(accounts: &Accounts, currency: &str) -> Block {
    let scale = scale(accounts);
    listed(&accounts.rounded(scale.step()), scale, currency)
}

fn listed(shown: &Accounts, scale: Scale, currency: &str) -> Block {
    let somebody = |account: &&Account| {
        let is_sum = matches!(account.party, Party::Home | Party::World);
        is_sum || account.before != Some(Decimal::ZERO) || account.after != Some(Decimal::ZERO)
    };
    let rows = shown.all().iter().filter(somebody).map(|row| account(row, scale)).collect();
    let heading = format!("{currency}{}", scale.words());
    table(&[&format!("Who has how much, {heading}"), "Before", "After", "Change", "Basis"], 1, rows)
}

/// The same of one market with the areas of its diagram, which sum to it as they are shown.
pub fn accounts_and_areas(market: &MarketImpact, currency: &str) -> Vec<Block> {
    let scale = scale(&market.accounts);
    let (accounts, areas) = market.rounded(scale.step());
    let row = |area: &Area| {
        vec![area.letter.to_string(), area.meaning.to_owned(), scale.show(area.amount), MODEL.to_owned()]
    };
    let heading = format!("{currency}{}", scale.words());
    let rows: Vec<Vec<String>> = areas.iter().map(row).collect();
    let mut blocks = vec![listed(&accounts, scale, currency)];
    if !rows.is_empty() {
        blocks.push(table(&["Area", "Meaning", &heading, "Basis"], 2, rows));
    }
    blocks
}

/// A row of levels before and after, whose change is that of what is shown.
fn levels(name: String, levels: [Decimal; 2], scale: Scale, basis: &str) -> Vec<String> {
    let [before, after] = levels.map(|level| scale.rounded(level));
    let change = sub(after, before).unwrap_or_default();
    vec![name, scale.show(before), scale.show(after), scale.signed(change), basis.to_owned()]
}

/// Prices and quantities, and the duty that law charges on trade as it stands.
pub fn trade(market: &MarketImpact, currency: &str) -> Block {
    let (before, after) = (&market.before, &market.after);
    let pair = |of: &dyn Fn(&Point) -> Decimal| [of(before), of(after)];
    let (buyers, world) = (pair(&|point| point.price), pair(&|point| point.world));
    let [buyers, world] = [buyers, world].map(|prices| prices.map(|price| priced(market, price)));
    let cheap = buyers.iter().chain(&world).all(|price| *price < Decimal::ONE);
    let prices = Scale::places(if cheap { 4 } else { 2 });
    let duties = Scale::of(market.duty);
    let counted = |of: &dyn Fn(&Point) -> Decimal| pair(of).map(|quantity| market.counted(quantity));
    let (made, imported) = (counted(&|point| point.output), counted(&|point| point.imports));
    let bought = counted(&|point| point.consumption);
    let (heading, price, unit, quantities) = if let Some(unit) = &market.unit {
        let quantities = Scale::places(places(bought.into_iter().chain(imported)));
        ("Prices and trade", format!("{currency}/{}", unit.name), unit.name.clone(), quantities)
    } else {
        let quantities = Scale::of(bought.into_iter().chain(imported));
        let unit = format!("{currency}{}", quantities.words());
        ("At world prices before, which are 100", "index".to_owned(), unit, quantities)
    };
    let mut rows = vec![
        levels(format!("Price to buyers, {price}"), buyers, prices, MODEL),
        levels(format!("World price, {price}"), world, prices, MODEL),
    ];
    if made.iter().any(|amount| !amount.is_zero()) {
        if market.lanes.is_empty() {
            // What is bought is the sum of what is shown below it.
            let sum = |side: usize| add(quantities.rounded(made[side]), quantities.rounded(imported[side]));
            let sums = [sum(0).unwrap_or_default(), sum(1).unwrap_or_default()];
            rows.push(levels(format!("Bought, {unit}"), sums, quantities, MODEL));
        }
        rows.push(levels(format!("Made at home, {unit}"), made, quantities, MODEL));
    }
    rows.push(levels(format!("Imported, {unit}"), imported, quantities, MODEL));
    let still = format!("Duty were trade to stand still, {currency}{}", duties.words());
    rows.push(levels(still, market.duty, duties, LAW));
    table(&[heading, "Before", "After", "Change", "Basis"], 1, rows)
}

/// A price as it is shown: in money, or with the world price before as 100.
fn priced(market: &MarketImpact, price: Decimal) -> Decimal {
    match market.unit {
        Some(_) => market.priced(price),
        None => mul(price, Decimal::ONE_HUNDRED).unwrap_or(price),
    }
}

/// Origins: creation and diversion.
pub fn origins(market: &MarketImpact, currency: &str) -> Option<Block> {
    if market.lanes.is_empty() {
        return None;
    }
    let amounts = market.lanes.iter().flat_map(|lane| [lane.before, lane.after]);
    let scale = Scale::of(amounts);
    let round = |amount: Decimal| scale.rounded(amount);
    let mut sums = [Decimal::ZERO; 4];
    let mut rows = Vec::new();
    for lane in &market.lanes {
        // What is shown adds up along the row: before, creation and diversion are after.
        let (before, after, diversion) = (round(lane.before), round(lane.after), round(lane.diversion));
        let creation = sub(sub(after, before).unwrap_or_default(), diversion).unwrap_or_default();
        for (sum, amount) in sums.iter_mut().zip([before, creation, diversion, after]) {
            *sum = add(*sum, amount).unwrap_or(*sum);
        }
        rows.push(vec![
            lane.name.clone(),
            rates(lane.rate),
            scale.show(before),
            scale.signed(creation),
            scale.signed(diversion),
            scale.show(after),
            MODEL.to_owned(),
        ]);
    }
    let [before, creation, diversion, after] = sums;
    rows.push(vec![
        "all".to_owned(),
        String::new(),
        scale.show(before),
        scale.signed(creation),
        scale.signed(diversion),
        scale.show(after),
        MODEL.to_owned(),
    ]);
    let heading = format!("From, {currency}{}", scale.words());
    Some(table(&[&heading, "Duty (law)", "Before", "Created", "Diverted", "After", "Basis"], 1, rows))
}

/// A rate before and after.
pub fn rates(rate: [Decimal; 2]) -> String {
    let [before, after] = rate.map(short);
    if before == after { after } else { format!("{before} → {after}") }
}

/// A rate with at most two places.
pub fn short(rate: Decimal) -> String {
    let hundredths = mul(rate, Decimal::ONE_HUNDRED).unwrap_or(rate);
    format!("{}%", plain(RoundingMode::HalfUp.places(hundredths, 2)))
}

/// Who bears 100 of duty, in each market and as studies found it.
pub fn incidence(impact: &Impact) -> Option<Block> {
    let parts = |name: &str, incidence: Incidence, basis: &str| {
        let parts = [incidence.exporter, incidence.importer, incidence.consumer].map(|part| grouped(part, 1));
        [vec![name.to_owned()], parts.to_vec(), vec![basis.to_owned()]].concat()
    };
    let modelled = impact.markets.iter().filter_map(|market| Some((market, market.incidence?)));
    let mut rows: Vec<Vec<String>> =
        modelled.map(|(market, incidence)| parts(&market.name, incidence, MODEL)).collect();
    if rows.is_empty() {
        return None;
    }
    for (preset, incidence) in &impact.presets {
        rows.push(parts(preset.name, *incidence, ASSUMED));
    }
    Some(table(&["Of 100 of duty", "Exporter", "Importer", "Consumer", "Basis"], 1, rows))
}

/// Three averages.
pub fn averages(impact: &Impact) -> Option<Block> {
    let averages = impact.averages?;
    let row = |name: &str, rate: Option<Decimal>, basis: &str| {
        vec![name.to_owned(), percent(rate), basis.to_owned()]
    };
    Some(table(
        &["Average rate after", "Rate", "Basis"],
        1,
        vec![
            row("Simple: each line of goods and origin alike", averages.simple, LAW),
            row("Fixed weights: by trade as it was", averages.fixed, LAW),
            row("After substitution: by trade as the duty leaves it", averages.substituted, MODEL),
        ],
    ))
}

/// Percentiles over draws.
pub fn bands(bands: &Bands, currency: &str) -> Block {
    let amounts = bands.bands.iter().flat_map(|band| band.percentiles.into_iter().chain([band.written]));
    let scale = Scale::of(amounts);
    let row = |band: &Band| {
        let name = band.party.map_or("imports after", Party::name);
        let show = |amount: Decimal| match band.party {
            Some(_) => scale.signed(amount),
            None => scale.show(amount),
        };
        let [low, middle, high] = band.percentiles.map(show);
        vec![name.to_owned(), show(band.written), low, middle, high, MODEL.to_owned()]
    };
    let heading = format!("Change, {currency}{}", scale.words());
    let rows = bands.bands.iter().filter(|band| !is_nothing(band)).map(row).collect();
    table(&[&heading, "As written", "5%", "50%", "95%", "Basis"], 1, rows)
}

fn is_nothing(band: &Band) -> bool {
    band.written.is_zero() && band.percentiles.iter().all(Decimal::is_zero)
}

/// What binds under a quota, in words.
pub fn regime(regime: Regime) -> &'static str {
    match regime {
        Regime::Inside => "the rate within the quota binds: there is room left, and no rent",
        Regime::Volume => "the volume of the quota binds: the price settles between the two rates",
        Regime::Outside => "the rate beyond the quota binds: trade goes on past the volume",
    }
}
