//! What holds of every quota and credit: properties over small scenarios made at random, and a second computation of what
//! first-come admits, in whole grams.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed"
)]

#[allow(dead_code, reason = "these tests need not all that is shared")]
mod common;

use common::{decimal, run};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use tariffsim::assess::{Run, Statement, Worksheet};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A flow of steel.
#[derive(Debug, Clone)]
struct Flow {
    id: usize,
    month: u32,
    day: u32,
    cents: i64,
    grams: i64,
    maker: &'static str,
    keys: &'static str,
}

impl Flow {
    fn text(&self) -> String {
        let (value, kilograms) = (Decimal::new(self.cents, 2), Decimal::new(self.grams, 3));
        let Flow { id, month, day, maker, keys, .. } = self;
        format!(
            "[[flow]]\nid = 'f{id}'\nproduct = '7208'\norigin = 'JP'\nparty = '{maker}'\ndate = 2025-{month:02}-{day:02}\n\
             value = {value}\nquantity = {kilograms}\nunit = 'kg'\n{keys}\n"
        )
    }
}

fn flow(id: usize, days: u32) -> impl Strategy<Value = Flow> {
    let maker = select(vec!["nippon", "jfe", "kobe"]);
    let keys = select(vec!["", "claims = 'deal'", "claims = ''", "freight = 12.5"]);
    (1..=days, 1..=3_u32, 0..1_000_000_i64, 0..2_000_000_i64, maker, keys).prop_map(
        move |(month, day, cents, grams, maker, keys)| Flow { id, month, day, cents, grams, maker, keys },
    )
}

/// Up to a dozen flows in the first months of a year.
fn flows(months: u32) -> impl Strategy<Value = Vec<Flow>> {
    (1..=12_usize).prop_flat_map(move |count| (0..count).map(|id| flow(id, months)).collect::<Vec<_>>())
}

const MEASURES: &str = "
title = 'law'
importer = 'US'
[parameters]
limit = { by = 'party', values = { nippon = '800 kg', jfe = '250_000 g' }, default = '0.1 t' }
[[measure]]
id = 'mfn-steel'
type = 'mfn'
rate = '2.5%'
[[measure]]
id = 'deal'
type = 'preference'
rate = '1%'
utilisation = '25%'
[[measure]]
id = 's232'
rate = '50%'
share = '40%'
[[measure]]
id = 'all-in'
rate = '15% + 10 USD/t'
inclusive_of = 'base'
yields_to = 's232'
[[measure]]
id = 'mpf'
type = 'fee'
rate = 'clamp(0.35% * value, 3 USD, 60 USD)'
yields_to = 'deal'
[[measure]]
id = 'vat'
type = 'tax'
rate = '20%'
[[measure]]
id = 'grant'
type = 'subsidy'
rate = '1%'
";

/// The periods, and who is admitted, of a quota or credit.
fn periods() -> impl Strategy<Value = String> {
    let period = select(vec![
        "'year'",
        "'quarter'",
        "'month'",
        "{ starts = ['01-02', '03-31'] }",
        "'month'\ncarry = 'all'",
        "'month'\ncarry = { up_to = '40%', periods_later = 2 }",
        "'quarter'\nfrom = 2024-11-15\npro_rate_first = true\ncarry = { up_to = '10%' }",
        "'whole'",
        "'whole'\nfrom = 2025-02-02\nuntil = 2025-05-01",
    ]);
    let more = select(vec!["", "by = 'party'\n", "when = 'value > 100 USD'\n", "claim = 'deal'\n"]);
    (period, more).prop_map(|(period, more)| format!("period = {period}\n{more}"))
}

fn quota(id: &'static str) -> impl Strategy<Value = String> {
    let measures = select(vec!["'s232'", "['s232', 'all-in']", "'mfn'", "'deal'", "'vat'", "['mfn', 'mpf']"]);
    let rate = select(vec!["free", "5%", "20 USD/t", "min(5%, 20 USD/t)"]);
    let volume = select(vec!["500 kg", "0 t", "1.2345 t", "0.7 t", "2_500 USD", "333.33 USD"]);
    let allocation = select(vec!["first-come", "pro-rata"]);
    (measures, rate, volume, allocation, periods()).prop_map(move |(measures, rate, volume, allocation, rest)| {
        let volume = if rest.contains("by = ") && volume.ends_with("kg") { "limit" } else { volume };
        format!(
            "[[quota]]\nid = '{id}'\nmeasures = {measures}\nin_quota_rate = '{rate}'\nvolume = '{volume}'\n\
             allocation = '{allocation}'\n{rest}"
        )
    })
}

fn credit(id: &'static str) -> impl Strategy<Value = String> {
    let against = select(vec!["'s232'", "['s232', 'all-in']", "['mfn', 's232']"]);
    let amount = select(vec!["0 USD", "100 USD", "33.33 USD", "2_000 USD"]);
    (against, amount, periods()).prop_map(move |(against, amount, rest)| {
        format!("[[credit]]\nid = '{id}'\nagainst = {against}\namount = '{amount}'\n{rest}")
    })
}

/// A scenario without its flows: up to two quotas and two credits.
fn scenario() -> impl Strategy<Value = String> {
    let some = |text: BoxedStrategy<String>| prop::option::of(text).prop_map(Option::unwrap_or_default);
    let rounding = select(vec!["", "rounding.charge = { to = '0.01 USD', mode = 'half-up' }\n"]);
    let parts = (some(quota("q-one").boxed()), some(quota("q-two").boxed()), some(credit("c-one").boxed()));
    (rounding, parts, some(credit("c-two").boxed()))
        .prop_map(|(rounding, (a, b, c), d)| format!("{rounding}{MEASURES}{a}{b}{c}{d}"))
}

fn text(scenario: &str, flows: &[Flow]) -> String {
    let flows: Vec<String> = flows.iter().map(Flow::text).collect();
    format!("{scenario}{}", flows.concat())
}

fn good(text: &str) -> Run {
    let run = run(text);
    let reason = run.sheets.iter().find_map(|sheet| sheet.not_computable.clone());
    assert_eq!(reason, None, "{text}");
    run
}

fn sum(amounts: impl Iterator<Item = Decimal>) -> Decimal {
    amounts.sum()
}

/// The worksheets by the id of the flow.
fn by_id(run: &Run) -> BTreeMap<String, Worksheet> {
    run.flows.rows.iter().zip(&run.sheets).map(|(flow, sheet)| (flow.id.clone(), sheet.clone())).collect()
}

/// What a flow draws on a quota, in the quota's unit, and what it asks for.
fn drawn(sheet: &Worksheet, quota: usize) -> Option<(Decimal, Decimal, Decimal)> {
    let parts = || sheet.portions.iter().flat_map(|p| &p.quotas).filter(|part| part.quota == quota);
    let of = parts().next()?.of;
    let amount =
        |admitted: bool| parts().find(|p| p.admitted == admitted).map_or(Decimal::ZERO, |p| p.amount);
    Some((amount(true), amount(false), of))
}

/// Whether statements say what they must of themselves.
fn is_sound(statement: &Statement) -> bool {
    let there = statement.opening + statement.carried_in;
    statement.drawn + statement.remaining == there
        && statement.drawn >= Decimal::ZERO
        && statement.remaining >= Decimal::ZERO
        && statement.carried_out <= statement.remaining
        && (statement.remaining > Decimal::ZERO || there.is_zero() || statement.exhausted.is_some())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn books_and_worksheets_agree(scenario in scenario(), flows in flows(6)) {
        let run = good(&text(&scenario, &flows));
        for statement in run.quotas.iter().chain(&run.credits) {
            prop_assert!(is_sound(statement), "{statement:?}");
        }
        // What statements say was drawn is what worksheets say.
        for quota in 0..run.scenario().quotas.len() {
            let stated = sum(run.quotas.iter().filter(|s| s.ledger == quota).map(|s| s.drawn));
            let mut admitted = Decimal::ZERO;
            for sheet in &run.sheets {
                if let Some((within, over, of)) = drawn(sheet, quota) {
                    prop_assert_eq!(within + over, of);
                    prop_assert!(within >= Decimal::ZERO && over >= Decimal::ZERO);
                    admitted += within;
                }
            }
            let unit = run.quotas.iter().find(|s| s.ledger == quota).map(|s| s.unit.to_string());
            prop_assert_eq!(stated, admitted, "{:?}", unit);
        }
        for credit in 0..run.scenario().credits.len() {
            let stated = sum(run.credits.iter().filter(|s| s.ledger == credit).map(|s| s.drawn));
            prop_assert_eq!(stated, run.totals.by_credit[credit]);
        }
    }

    #[test]
    fn charges_add_up(scenario in scenario(), flows in flows(6)) {
        let run = good(&text(&scenario, &flows));
        for sheet in &run.sheets {
            let kind = |at: usize| run.scenario().measures[at].kind;
            let charges = |duty: bool| sheet.charges.iter().filter(move |c| kind(c.measure).is_duty() == duty).map(|c| c.amount);
            let paid = sum(sheet.credits.iter().map(|c| c.amount));
            prop_assert_eq!(sum(charges(true)) - paid, sheet.duty);
            prop_assert_eq!(sheet.customs_value + sheet.left_out + sheet.duty + sum(charges(false)), sheet.landed_cost);
            prop_assert!(sheet.duty >= Decimal::ZERO);
            for credit in &sheet.credits {
                prop_assert!(credit.amount >= Decimal::ZERO);
                prop_assert!(credit.amount <= credit.left && credit.amount <= credit.liability);
                prop_assert!(credit.liability <= sum(charges(true)));
            }
            let weights = sum(sheet.portions.iter().map(|p| p.weight));
            prop_assert!((weights - Decimal::ONE).abs() < decimal("0.0000000000000000001"), "{}", weights);
        }
        let totals = &run.totals;
        prop_assert_eq!(sum(run.sheets.iter().map(|s| s.duty)), totals.duty);
        prop_assert_eq!(totals.landed.duty, totals.duty);
        let parts = sum(totals.landed.levies().into_iter().map(|(_, amount)| amount));
        prop_assert_eq!(
            totals.computable.value + totals.landed.freight_and_insurance + totals.duty + parts,
            totals.landed_cost
        );
        prop_assert_eq!(sum(run.groups.iter().map(|g| g.duty)), totals.duty);
    }

    /// First come, first served is by date; in which order days stand in the file is nothing.
    #[test]
    fn the_order_of_days_changes_nothing(scenario in scenario(), flows in flows(4)) {
        let mut sorted = flows.clone();
        sorted.sort_by_key(|f| (f.month, f.day));
        let (one, other) = (good(&text(&scenario, &flows)), good(&text(&scenario, &sorted)));
        prop_assert_eq!(by_id(&one), by_id(&other));
        prop_assert_eq!(&one.quotas, &other.quotas);
        prop_assert_eq!(&one.credits, &other.credits);
        prop_assert_eq!(&one.totals, &other.totals);
    }

    /// Pro rata, the order of rows is nothing, even on one day. (Credits are paid in that order, so there are none.)
    #[test]
    fn pro_rata_does_not_ask_who_comes_first(
        quotas in (quota("q-one"), quota("q-two")),
        (flows, shuffled) in flows(2).prop_flat_map(|f| (Just(f.clone()), Just(f).prop_shuffle())),
    ) {
        let quotas = format!("{}{}", quotas.0, quotas.1).replace("first-come", "pro-rata");
        let scenario = format!("{MEASURES}{quotas}");
        let (one, other) = (good(&text(&scenario, &flows)), good(&text(&scenario, &shuffled)));
        prop_assert_eq!(by_id(&one), by_id(&other));
        prop_assert_eq!(&one.quotas, &other.quotas);
    }

    /// In whatever order quotas, credits and measures are written.
    #[test]
    fn the_order_of_quotas_changes_nothing(
        a in quota("q-one"), b in quota("q-two"), c in credit("c-one"), d in credit("c-two"), flows in flows(4),
    ) {
        let one = good(&text(&format!("{MEASURES}{a}{b}{c}{d}"), &flows));
        let other = good(&text(&format!("{MEASURES}{b}{a}{d}{c}"), &flows));
        let duties = |run: &Run| run.sheets.iter().map(|s| (s.duty, s.landed_cost)).collect::<Vec<_>>();
        prop_assert_eq!(duties(&one), duties(&other));
    }

    /// A quota whose rate is the normal one changes nothing, nor does one of nothing; one without end is the rate itself.
    #[test]
    fn quotas_at_their_ends(flows in flows(4), rest in periods(), pro_rata in any::<bool>()) {
        let allocation = if pro_rata { "pro-rata" } else { "first-come" };
        let quota = |rate: &str, volume: &str| format!(
            "{MEASURES}[[quota]]\nid = 'q'\nmeasures = 's232'\nin_quota_rate = '{rate}'\nvolume = '{volume}'\n\
             allocation = '{allocation}'\n{rest}"
        );
        let duty = |scenario: &str| good(&text(scenario, &flows)).totals.duty;
        let plain = duty(MEASURES);
        prop_assert!((duty(&quota("50%", "700 kg")) - plain).abs() < decimal("0.00000001"));
        prop_assert_eq!(duty(&quota("free", "0 USD")), plain);
        prop_assert!(duty(&quota("free", "1_000_000 USD")) <= plain);
    }

    /// What first-come admits, worked out once more in whole grams.
    #[test]
    fn first_come_agrees_with_a_second_computation(
        flows in flows(12),
        limit in 0..3_000_000_i64,
        period in select(vec!["year", "quarter", "month"]),
        by_party in any::<bool>(),
        carries in any::<bool>(),
    ) {
        let by = if by_party { "by = 'party'\n" } else { "" };
        let carry = if carries { "carry = 'all'\nfrom = 2025-01-01\n" } else { "" };
        let scenario = format!(
            "title = 'law'\nimporter = 'US'\n[[measure]]\nid = 's232'\nrate = '50%'\n[[quota]]\nid = 'q'\n\
             measures = 's232'\nin_quota_rate = 'free'\nvolume = '{limit} g'\nperiod = '{period}'\n{by}{carry}"
        );
        let run = good(&text(&scenario, &flows));
        let months = match period { "year" => 12, "quarter" => 3, _ => 1 };
        let mut order: Vec<&Flow> = flows.iter().collect();
        order.sort_by_key(|f| (f.month, f.day));
        let mut pools: BTreeMap<(&str, u32), i64> = BTreeMap::new();
        for flow in order {
            let maker = if by_party { flow.maker } else { "" };
            let term = (flow.month - 1) / months;
            // With everything carried, all openings up to now less all that was drawn.
            let (key, open) = if carries { (0, limit * i64::from(term + 1)) } else { (term, limit) };
            let taken = pools.entry((maker, key)).or_default();
            let admitted = flow.grams.min(open - *taken);
            *taken += admitted;
            let sheet = &run.sheets[flow.id];
            let (within, over, of) = drawn(sheet, 0).unwrap();
            prop_assert_eq!(of, Decimal::from(flow.grams));
            prop_assert_eq!(within, Decimal::from(admitted));
            prop_assert_eq!(over, Decimal::from(flow.grams - admitted));
            if flow.grams > 0 {
                // Half of what is over: cents × grams over / grams / 2, to 1e-10, in whole numbers.
                let scaled = i128::from(flow.cents) * i128::from(flow.grams - admitted) * 100_000_000;
                let double = 2 * i128::from(flow.grams);
                let half_up = (2 * scaled + double) / (2 * double);
                prop_assert_eq!(sheet.duty, Decimal::from_i128_with_scale(half_up, 10));
            }
        }
    }
}
