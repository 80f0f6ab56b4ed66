//! An impact for programs: what is law says so, what is model says so and on what it rests.

use super::impact_csv::CHAIN;
use super::impact_tables::{ASSUMED, LAW, MODEL};
use super::json::SCHEMA;
use crate::analysis::impact::{
    Accounts, Bands, Impact, Incidence, MarketImpact, Party, Protection, Regime, Strand,
};
use crate::money::{plain, sub};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// One document.
pub fn document(impact: &Impact, bands: Option<&Bands>) -> String {
    let mut document = json!({ "schema": SCHEMA, "impact": of(impact) });
    if let Some(bands) = bands {
        document["impact"]["percentiles"] = percentiles(bands);
    }
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// An impact, wherever it stands in a document.
pub fn of(impact: &Impact) -> Value {
    json!({
        "file": impact.file,
        "variant": impact.variant,
        "title": impact.title,
        "currency": impact.currency,
        "baseline": impact.baseline,
        "markets": impact.markets.iter().map(market).collect::<Vec<_>>(),
        "accounts": accounts(&impact.accounts),
        "found_elsewhere": impact.presets.iter().map(|(preset, incidence)| {
            let mut row = borne(*incidence, ASSUMED);
            row["of"] = json!(preset.name);
            row["source"] = json!(preset.source);
            row
        }).collect::<Vec<_>>(),
        "chains": impact.chains.iter().map(chain).collect::<Vec<_>>(),
        "averages": impact.averages.map(|averages| json!({
            "simple": rate(averages.simple, LAW),
            "fixed_weights": rate(averages.fixed, LAW),
            "after_substitution": rate(averages.substituted, MODEL),
        })),
        "left_out": { "flows": impact.left_out.flows, "value": plain(impact.left_out.value) },
        "not_computable": { "flows": impact.not_computable.flows, "value": plain(impact.not_computable.value) },
    })
}

fn rate(rate: Option<Decimal>, basis: &str) -> Value {
    json!({ "basis": basis, "rate": rate.map(plain) })
}

fn levels(basis: &str, [before, after]: [Decimal; 2]) -> Value {
    let change = sub(after, before).map(plain).ok();
    json!({ "basis": basis, "before": plain(before), "after": plain(after), "change": change })
}

fn market(market: &MarketImpact) -> Value {
    let (before, after) = (&market.before, &market.after);
    let counted = |levels: [Decimal; 2]| levels.map(|level| market.counted(level));
    let priced = |levels: [Decimal; 2]| levels.map(|level| market.priced(level));
    let assumptions = market.assumptions.iter().map(|assumption| {
        json!({ "key": assumption.key, "text": assumption.text, "by_default": assumption.by_default })
    });
    let (pass_through, elasticity) = market.abroad();
    json!({
        "name": market.name,
        "basis": MODEL,
        "assumptions": assumptions.collect::<Vec<_>>(),
        "unit": market.unit.as_ref().map(|unit| unit.name.clone()),
        "value": { "basis": LAW, "amount": plain(market.value) },
        "duty_standing_still": levels(LAW, market.duty),
        "price_to_buyers": levels(MODEL, priced([before.price, after.price])),
        "world_price": levels(MODEL, priced([before.world, after.world])),
        "bought": market.lanes.is_empty().then(|| levels(MODEL, counted([before.consumption, after.consumption]))),
        "made_at_home": levels(MODEL, counted([before.output, after.output])),
        "imported": levels(MODEL, counted([before.imports, after.imports])),
        "duty": levels(MODEL, [before.duty, after.duty]),
        "quota_rent": levels(MODEL, [before.rent, after.rent]),
        "quota": market.tier().map(|tier| json!({
            "id": tier.quota,
            "volume": plain(market.counted(tier.room)),
            "rate_within": plain(tier.inside),
            "rate_beyond": plain(tier.outside),
            "binds": market.regimes.map(|regime| regime.map(name_of)),
        })),
        "accounts": accounts(&market.accounts),
        "areas": market.areas.iter().map(|area| json!({
            "basis": MODEL,
            "area": area.letter,
            "meaning": area.meaning,
            "amount": plain(area.amount),
        })).collect::<Vec<_>>(),
        "origins": market.lanes.iter().map(|lane| json!({
            "basis": MODEL,
            "origin": lane.name,
            "rate": levels(LAW, lane.rate),
            "before": plain(lane.before),
            "after": plain(lane.after),
            "creation": plain(lane.creation),
            "diversion": plain(lane.diversion),
        })).collect::<Vec<_>>(),
        "pass_through": { "basis": MODEL, "part": pass_through.map(plain) },
        "export_supply_elasticity": { "basis": MODEL, "number": elasticity.map_or("infinite".to_owned(), plain) },
        "incidence": market.incidence.map(|incidence| borne(incidence, MODEL)),
        "best_rates": market.best.map(|best| json!({
            "basis": MODEL,
            "importing_country": best.national.map(plain),
            "revenue": best.revenue.map(|(rate, _)| plain(rate)),
            "highest_duty": best.revenue.map(|(_, duty)| plain(duty)),
        })),
    })
}

/// Who bears 100 of duty.
fn borne(incidence: Incidence, basis: &str) -> Value {
    json!({
        "basis": basis,
        "exporter": plain(incidence.exporter),
        "importer": plain(incidence.importer),
        "consumer": plain(incidence.consumer),
    })
}

fn name_of(regime: Regime) -> &'static str {
    match regime {
        Regime::Inside => "within",
        Regime::Volume => "volume",
        Regime::Outside => "beyond",
    }
}

fn accounts(accounts: &Accounts) -> Value {
    let row = |account: &crate::analysis::impact::Account| {
        json!({
            "basis": MODEL,
            "group": account.party.name(),
            "before": account.before.map(plain),
            "after": account.after.map(plain),
            "change": plain(account.change),
        })
    };
    accounts.all().iter().map(row).collect()
}

fn chain(chain: &Protection) -> Value {
    let strand = |strand: &Strand| json!({ "goods": strand.name, "share": plain(strand.share), "rate": levels(LAW, strand.rate) });
    json!({
        "id": chain.id,
        "title": chain.title,
        "output": strand(&chain.output),
        "inputs": chain.inputs.iter().map(strand).collect::<Vec<_>>(),
        "offset": chain.offset.map(plain),
        "assumption": CHAIN,
        "effective_protection": levels(MODEL, chain.effective),
        "with_offset": chain.with_offset.map(|with| levels(MODEL, with)),
    })
}

fn percentiles(bands: &Bands) -> Value {
    let row = |band: &crate::analysis::impact::Band| {
        let [p5, p50, p95] = band.percentiles.map(plain);
        json!({
            "basis": MODEL,
            "of": band.party.map_or("imports after", Party::name),
            "as_written": plain(band.written),
            "p5": p5,
            "p50": p50,
            "p95": p95,
        })
    };
    json!({
        "draws": bands.draws,
        "seed": bands.seed,
        "parameters": bands.drawn,
        "bands": bands.bands.iter().map(row).collect::<Vec<_>>(),
    })
}
