//! An impact in tidy rows: a number a row, with what it rests on.

use super::impact_tables::{ASSUMED, LAW, MODEL};
use crate::analysis::impact::{Accounts, Bands, Impact, Incidence, MarketImpact, Party, Protection};
use crate::money::{plain, sub};
use csv::Writer;
use rust_decimal::Decimal;

const HEADER: [&str; 11] = [
    "scenario", "variant", "baseline", "market", "table", "item", "unit", "before", "after", "change",
    "basis",
];

/// The rows of one document.
struct Rows<'a> {
    impact: &'a Impact,
    rows: Vec<Vec<String>>,
}

/// A number before, after, and by how much it changes.
type Levels = [Option<Decimal>; 3];

/// Rows as CSV.
pub fn rows(impact: &Impact, bands: Option<&Bands>) -> String {
    let mut rows = Rows { impact, rows: Vec::new() };
    for market in &impact.markets {
        rows.market(market);
    }
    if impact.markets.len() > 1 {
        rows.accounts("all markets", &impact.accounts, "the same as each market's");
    }
    for (preset, incidence) in impact.presets.iter().filter(|_| !impact.markets.is_empty()) {
        rows.incidence("", &format!("of 100 of duty: {}", preset.name), *incidence, [ASSUMED, preset.source]);
    }
    for chain in &impact.chains {
        rows.chain(chain);
    }
    rows.averages();
    rows.bands(bands);
    let mut writer = Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let mut write = |cells: Vec<String>| writer.write_record(cells).unwrap_or_default();
    write(HEADER.iter().map(|name| (*name).to_owned()).chain(["assumption".to_owned()]).collect());
    rows.rows.into_iter().for_each(&mut write);
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

impl Rows<'_> {
    fn add(&mut self, place: [&str; 4], levels: Levels, basis: [&str; 2]) {
        let impact = self.impact;
        let head = [
            impact.file.clone(),
            impact.variant.clone().unwrap_or_default(),
            impact.baseline.clone().unwrap_or_default(),
        ];
        let number = |number: Option<Decimal>| number.map(plain).unwrap_or_default();
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let [basis, assumption] = basis;
        self.rows.push(
            [head.to_vec(), texts(&place), levels.map(number).to_vec(), texts(&[basis, assumption])].concat(),
        );
    }

    /// A number before and after.
    fn pair(&mut self, place: [&str; 4], [before, after]: [Decimal; 2], basis: [&str; 2]) {
        self.add(place, [Some(before), Some(after), sub(after, before).ok()], basis);
    }

    fn market(&mut self, market: &MarketImpact) {
        let currency = self.impact.currency.clone();
        let (name, assumed) = (market.name.as_str(), assumed(market));
        let model = [MODEL, assumed.as_str()];
        self.pair([name, "trade", "value", &currency], [market.value; 2], [LAW, ""]);
        self.pair([name, "trade", "duty, trade standing still", &currency], market.duty, [LAW, ""]);
        let (before, after) = (&market.before, &market.after);
        let (price, unit) = match &market.unit {
            Some(unit) => (format!("{currency}/{}", unit.name), unit.name.clone()),
            None => ("world price before = 1".to_owned(), format!("{currency} at world prices before")),
        };
        for (item, levels) in
            [("price to buyers", [before.price, after.price]), ("world price", [before.world, after.world])]
        {
            self.pair([name, "prices", item, &price], levels.map(|level| market.priced(level)), model);
        }
        for (item, levels) in [
            ("bought", [before.consumption, after.consumption]),
            ("made at home", [before.output, after.output]),
            ("imported", [before.imports, after.imports]),
        ] {
            if market.lanes.is_empty() || item != "bought" {
                self.pair([name, "trade", item, &unit], levels.map(|level| market.counted(level)), model);
            }
        }
        self.pair([name, "trade", "quota rent", &currency], [before.rent, after.rent], model);
        self.accounts(name, &market.accounts, &assumed);
        for area in &market.areas {
            let item = format!("{}: {}", area.letter, area.meaning);
            self.add([name, "areas", &item, &currency], [None, None, Some(area.amount)], model);
        }
        for lane in &market.lanes {
            self.pair([name, "duty by origin", &lane.name, "rate"], lane.rate, [LAW, ""]);
            self.pair([name, "imports by origin", &lane.name, &currency], [lane.before, lane.after], model);
            let parts = [("creation by origin", lane.creation), ("diversion by origin", lane.diversion)];
            for (table, amount) in parts {
                self.add([name, table, &lane.name, &currency], [None, None, Some(amount)], model);
            }
        }
        self.rates(market, model);
    }

    /// Who bears the duty, and the rates that are best for somebody.
    fn rates(&mut self, market: &MarketImpact, model: [&str; 2]) {
        let name = market.name.as_str();
        if let Some(incidence) = market.incidence {
            self.incidence(name, "of 100 of duty", incidence, model);
        }
        let (pass_through, elasticity) = market.abroad();
        self.add([name, "supply", "pass-through of a small duty", "part"], [None, pass_through, None], model);
        self.add([name, "supply", "export supply elasticity", ""], [None, elasticity, None], model);
        if let Some(best) = market.best {
            self.add(
                [name, "rates", "best for the importing country", "rate"],
                [None, best.national, None],
                model,
            );
            let rate = best.revenue.map(|(rate, _)| rate);
            self.add([name, "rates", "most duty", "rate"], [None, rate, None], model);
        }
    }

    fn incidence(&mut self, market: &str, table: &str, incidence: Incidence, basis: [&str; 2]) {
        let parts = [
            ("exporter", incidence.exporter),
            ("importer", incidence.importer),
            ("consumer", incidence.consumer),
        ];
        for (item, part) in parts {
            self.add([market, table, item, ""], [None, Some(part), None], basis);
        }
    }

    fn accounts(&mut self, market: &str, accounts: &Accounts, assumed: &str) {
        let currency = self.impact.currency.clone();
        for account in accounts.all() {
            let levels = [account.before, account.after, Some(account.change)];
            self.add([market, "accounts", account.party.name(), &currency], levels, [MODEL, assumed]);
        }
    }

    fn chain(&mut self, chain: &Protection) {
        let id = chain.id.as_str();
        for strand in std::iter::once(&chain.output).chain(&chain.inputs) {
            self.pair([id, "chain rates", &strand.name, "rate"], strand.rate, [LAW, ""]);
        }
        let model = [MODEL, CHAIN];
        self.pair([id, "effective protection", "without offset", "rate"], chain.effective, model);
        if let Some(with) = chain.with_offset {
            self.pair([id, "effective protection", "with offset", "rate"], with, model);
        }
    }

    fn averages(&mut self) {
        let Some(averages) = self.impact.averages else { return };
        let rows = [
            ("simple", averages.simple, [LAW, ""]),
            ("fixed weights", averages.fixed, [LAW, ""]),
            ("after substitution", averages.substituted, [MODEL, "each market's"]),
        ];
        for (item, rate, basis) in rows {
            self.add(["", "average rate", item, "rate"], [None, rate, None], basis);
        }
    }

    fn bands(&mut self, bands: Option<&Bands>) {
        let Some(bands) = bands else { return };
        let currency = self.impact.currency.clone();
        let assumed = format!("{} draws from seed {} of {}", bands.draws, bands.seed, bands.drawn.join(", "));
        for band in &bands.bands {
            let item = band.party.map_or("imports after", Party::name);
            for (percentile, amount) in ["p5", "p50", "p95"].iter().zip(band.percentiles) {
                let table = format!("change, {percentile}");
                self.add(["", &table, item, &currency], [None, None, Some(amount)], [MODEL, &assumed]);
            }
        }
    }
}

/// What a chain rests on.
pub const CHAIN: &str =
    "a duty raises prices at home in full, and inputs make up the same parts of the output";

/// What a market rests on, in one text.
fn assumed(market: &MarketImpact) -> String {
    let text = |assumption: &crate::analysis::impact::Assumption| {
        format!("{}{}", assumption.text, if assumption.by_default { " (by default)" } else { "" })
    };
    market.assumptions.iter().map(text).collect::<Vec<_>>().join("; ")
}
