//! What holds of every scenario: properties over small scenarios made at random.
//!
//! Numbers are made with few digits, so that every charge is exact and equalities are of decimals.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{charge, decimal, run, run_files};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use tariffsim::assess::{Run, Status};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

// Scenarios made at random

/// A measure by its keys. It yields to measures made before it only, so that there is no circle.
#[derive(Debug, Clone)]
struct Measure {
    id: String,
    keys: String,
    yields_to: Vec<String>,
}

impl Measure {
    fn new(id: &str, keys: impl Into<String>) -> Measure {
        Measure { id: id.to_owned(), keys: keys.into(), yields_to: Vec::new() }
    }

    fn text(&self) -> String {
        let Measure { id, keys, yields_to } = self;
        let gives_way =
            if yields_to.is_empty() { String::new() } else { format!("yields_to = {yields_to:?}\n") };
        format!("[[measure]]\nid = '{id}'\n{keys}\n{gives_way}")
    }
}

/// A flow; its value is in cents, its quantity in grams.
#[derive(Debug, Clone)]
struct Flow {
    id: String,
    keys: String,
    value: Decimal,
    kilograms: Decimal,
}

impl Flow {
    /// A part of it, or a multiple.
    fn times(&self, id: &str, factor: Decimal) -> Flow {
        let (value, kilograms) = (self.value * factor, self.kilograms * factor);
        Flow { id: id.to_owned(), keys: self.keys.clone(), value, kilograms }
    }

    fn text(&self) -> String {
        let Flow { id, keys, value, kilograms } = self;
        format!("[[flow]]\nid = '{id}'\n{keys}\nvalue = {value}\nquantity = {kilograms}\nunit = 'kg'\n")
    }
}

const TOP: &str = "title = 'law'\nimporter = 'US'\ndate = 2025-06-05\nseries.s.take = 'highest'\n";

fn text(measures: &[Measure], flows: &[Flow]) -> String {
    let measures: String = measures.iter().map(Measure::text).collect();
    let flows: String = flows.iter().map(Flow::text).collect();
    format!("{TOP}{measures}{flows}")
}

fn tenths(tenths: u32) -> Decimal {
    Decimal::new(i64::from(tenths), 1)
}

/// A percentage with one place, from 0 to 60.
fn percentage() -> BoxedStrategy<String> {
    (0..=600_u32).prop_map(|t| format!("{}%", tenths(t))).boxed()
}

/// A percentage, money by kilogram, or both.
fn rate() -> BoxedStrategy<String> {
    let specific = || (0..=500_i64).prop_map(|cents| format!("{} USD/kg", Decimal::new(cents, 2)));
    let both = (percentage(), specific()).prop_map(|(a, b)| format!("{a} + {b}"));
    prop_oneof![percentage(), specific(), both].boxed()
}

/// The keys of an additional duty.
fn additional(rate: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let products = select(vec!["", "products = '72'\n", "products = ['7208', '8703.23']\n"]);
    let origins = select(vec!["", "origins = 'JP'\n", "except_origins = ['JPN']\n"]);
    let share =
        select(vec!["", "share = '30%'\n", "share = 'content.steel'\n", "share = '1 - content.steel'\n"]);
    let covers = select(vec!["", "covers = 'article'\n"]);
    let inclusive = select(vec!["", "inclusive_of = 'base'\n"]);
    let when = select(vec!["", "", "when = 'not claims.fta'\n"]);
    (rate, products, origins, share, covers, inclusive, when)
        .prop_map(|(rate, a, b, c, d, e, f)| format!("rate = '{rate}'\n{a}{b}{c}{d}{e}{f}"))
}

/// Two MFN duties, a preference, an exemption and up to four additional duties `m0` … `m3`, of which the first two
/// may be a series.
fn measures(rate: fn() -> BoxedStrategy<String>) -> impl Strategy<Value = Vec<Measure>> {
    let claimed = |kind: &str, part: u32| format!("type = '{kind}'\nutilisation = '{}'\n", tenths(part));
    let first = (rate(), rate(), rate(), 0..=10_u32, 0..=10_u32).prop_map(move |(all, steel, fta, a, b)| {
        vec![
            Measure::new("mfn-all", format!("type = 'mfn'\nrate = '{all}'\nyields_to = 'exemption'")),
            Measure::new("mfn-steel", format!("type = 'mfn'\nproducts = '72'\nrate = '{steel}'")),
            Measure::new("fta", claimed("preference", a) + &format!("rate = '{fta}'")),
            Measure::new("waiver", claimed("exemption", b)),
        ]
    });
    let others = prop::collection::vec((additional(rate()), any::<u8>()), 0..=4);
    (first, others).prop_map(|(mut measures, others)| {
        for (at, (keys, chosen)) in others.into_iter().enumerate() {
            let before: Vec<String> = measures.iter().skip(2).map(|m| m.id.clone()).collect();
            let is_chosen = |(i, _): &(usize, String)| chosen >> i & 1 == 1;
            let yields_to = before.into_iter().enumerate().filter(is_chosen).map(|(_, id)| id).collect();
            let series = if at < 2 && chosen > 127 { "series = 's'\n" } else { "" };
            measures.push(Measure { yields_to, ..Measure::new(&format!("m{at}"), keys + series) });
        }
        measures
    })
}

fn flow(id: usize) -> impl Strategy<Value = Flow> {
    let product = select(vec!["7208.51", "8703.23.01", "0201"]);
    let origin = select(vec!["JP", "CHN"]);
    let claims = select(vec!["", "", "claims = ''", "claims = 'fta'", "claims = 'fta;waiver'"]);
    let amounts = (0..10_000_000_i64, 0..10_000_000_i64);
    (product, origin, claims, 0..=10_u32, amounts).prop_map(
        move |(product, origin, claims, steel, (cents, grams))| {
            let steel = tenths(steel);
            Flow {
                id: format!("f{id}"),
                keys: format!(
                    "product = '{product}'\norigin = '{origin}'\n{claims}\ncontent = {{ steel = {steel} }}"
                ),
                value: Decimal::new(cents, 2),
                kilograms: Decimal::new(grams, 3),
            }
        },
    )
}

fn flows() -> impl Strategy<Value = Vec<Flow>> {
    (1..=4_usize).prop_flat_map(|count| (0..count).map(flow).collect::<Vec<_>>())
}

/// Runs a scenario in which every flow is computable.
fn good(text: &str) -> Run {
    let run = run(text);
    assert_eq!(run.totals.not_computable.flows, 0, "{text}");
    run
}

/// What every measure does on every flow.
type Outcome = BTreeMap<(String, String), (Status, Decimal, Decimal)>;

fn outcome(run: &Run) -> Outcome {
    let ids = &run.scenario().measures;
    let sheets = run.flows.rows.iter().zip(&run.sheets);
    sheets
        .flat_map(|(flow, sheet)| sheet.charges.iter().map(move |c| (flow.id.clone(), c)))
        .map(|(flow, c)| ((flow, ids[c.measure].id.clone()), (c.status, c.share, c.amount)))
        .collect()
}

// Laws

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn splitting_a_flow_changes_nothing(measures in measures(rate), flow in flow(0), part in 0..=10_u32) {
        let parts = [flow.times("a", tenths(part)), flow.times("b", tenths(10 - part))];
        let whole = good(&text(&measures, &[flow]));
        let split = good(&text(&measures, &parts));
        prop_assert_eq!(split.totals.duty, whole.totals.duty);
        prop_assert_eq!(split.totals.by_measure, whole.totals.by_measure);
    }

    #[test]
    fn ad_valorem_duty_is_homogeneous(measures in measures(percentage), flow in flow(0), factor in 0..1_000_u32) {
        let multiple = Flow { kilograms: Decimal::ONE, ..flow.times("f", Decimal::from(factor)) };
        let once = good(&text(&measures, &[flow])).totals.duty;
        prop_assert_eq!(good(&text(&measures, &[multiple])).totals.duty, once * Decimal::from(factor));
    }

    #[test]
    fn a_value_of_zero_pays_no_ad_valorem_duty(measures in measures(percentage), flow in flow(0)) {
        let nothing = Flow { value: Decimal::ZERO, ..flow };
        let run = good(&text(&measures, &[nothing]));
        prop_assert_eq!(run.totals.duty, Decimal::ZERO);
        prop_assert_eq!(run.totals.effective_rate, None);
    }

    #[test]
    fn a_measure_of_zero_to_which_none_yields_changes_nothing(
        measures in measures(rate),
        flows in flows(),
        nil in additional(Just("free".to_owned()).boxed()),
    ) {
        let more = [measures.clone(), vec![Measure::new("nil", nil)]].concat();
        let mut with = outcome(&good(&text(&more, &flows)));
        with.retain(|(_, measure), _| measure != "nil");
        prop_assert_eq!(with, outcome(&good(&text(&measures, &flows))));
    }

    #[test]
    fn the_order_of_measures_changes_nothing(
        (measures, shuffled) in measures(rate).prop_flat_map(|m| (Just(m.clone()), Just(m).prop_shuffle())),
        flows in flows(),
    ) {
        let (one, other) = (good(&text(&measures, &flows)), good(&text(&shuffled, &flows)));
        prop_assert_eq!(outcome(&one), outcome(&other));
        prop_assert_eq!(one.totals.duty, other.totals.duty);
    }

    #[test]
    fn the_order_of_flows_changes_nothing(
        measures in measures(rate),
        (flows, shuffled) in flows().prop_flat_map(|f| (Just(f.clone()), Just(f).prop_shuffle())),
    ) {
        let (one, other) = (good(&text(&measures, &flows)), good(&text(&measures, &shuffled)));
        prop_assert_eq!(outcome(&one), outcome(&other));
        prop_assert_eq!(one.totals, other.totals);
    }

    #[test]
    fn charges_add_up(measures in measures(rate), flows in flows()) {
        let run = good(&text(&measures, &flows));
        for sheet in &run.sheets {
            prop_assert_eq!(sheet.charges.iter().map(|c| c.amount).sum::<Decimal>(), sheet.duty);
            prop_assert!(sheet.duty >= Decimal::ZERO);
            prop_assert!(sheet.charges.iter().all(|c| c.share >= Decimal::ZERO && c.share <= Decimal::ONE));
            prop_assert_eq!(sheet.portions.iter().map(|p| p.weight).sum::<Decimal>(), Decimal::ONE);
        }
        prop_assert_eq!(run.sheets.iter().map(|s| s.duty).sum::<Decimal>(), run.totals.duty);
        prop_assert_eq!(run.totals.by_measure.iter().sum::<Decimal>(), run.totals.duty);
        prop_assert_eq!(run.groups.iter().map(|g| g.duty).sum::<Decimal>(), run.totals.duty);
    }

    #[test]
    fn the_effective_rate_lies_among_those_of_the_flows(measures in measures(rate), flows in flows()) {
        let run = good(&text(&measures, &flows));
        let rates = || run.sheets.iter().filter(|s| !s.customs_value.is_zero()).map(|s| s.duty / s.customs_value);
        // A flow without a value pays specific duty and has no rate; the law is of those that have one.
        prop_assume!(run.sheets.iter().all(|s| !s.customs_value.is_zero()));
        let rate = run.totals.effective_rate.unwrap();
        prop_assert!(rates().min() <= Some(rate) && Some(rate) <= rates().max());
    }

    #[test]
    fn an_all_in_rate_is_the_higher_of_two(mfn in 0..=600_u32, all_in in 0..=600_u32, flow in flow(0)) {
        let measures = [
            Measure::new("mfn-all", format!("type = 'mfn'\nrate = '{}%'", tenths(mfn))),
            Measure::new("all-in", format!("inclusive_of = 'base'\nrate = '{}%'", tenths(all_in))),
        ];
        let expected = flow.value * Decimal::new(i64::from(mfn.max(all_in)), 3);
        prop_assert_eq!(good(&text(&measures, &[flow])).totals.duty, expected);
    }

    #[test]
    fn what_is_disabled_might_as_well_not_be_there(
        mut measures in measures(rate),
        flows in flows(),
        any in any::<prop::sample::Index>(),
    ) {
        let out = any.get(&measures).id.clone();
        let disabled = format!("disable = ['{out}']\n{}", text(&measures, &flows));
        measures.retain(|m| m.id != out);
        for measure in &mut measures {
            measure.yields_to.retain(|id| *id != out);
        }
        prop_assert_eq!(outcome(&good(&disabled)), outcome(&good(&text(&measures, &flows))));
    }

    #[test]
    fn disabling_what_displaces_gives_back(a in 0..=600_i64, b in 0..=600_i64, flow in flow(0)) {
        let (a, b) = (Decimal::new(a, 3), Decimal::new(b, 3));
        let measures = [
            Measure::new("b", format!("share = 'content.steel'\nrate = '{b} * 100%'")),
            Measure { yields_to: vec!["b".to_owned()], ..Measure::new("a", format!("rate = '{a} * 100%'")) },
        ];
        let both = text(&measures, std::slice::from_ref(&flow));
        let with = good(&both);
        let steel = charge(&with, "f0", "b").unwrap().share;
        prop_assert_eq!(with.totals.duty, flow.value * (steel * b + (Decimal::ONE - steel) * a));
        prop_assert_eq!(good(&format!("disable = 'b'\n{both}")).totals.duty, flow.value * a);
    }

    #[test]
    fn steps_hold_day_by_day(steps in prop::collection::btree_map(1..=28_u32, (0..=600_u32, any::<bool>()), 1..5)) {
        let step = |(day, (rate, gives_way)): (&u32, &(u32, bool))| {
            let yields_to = if *gives_way { ", yields_to = ['half']" } else { "" };
            format!("{{ from = 2025-02-{day:02}, rate = '{}%'{yields_to} }}", tenths(*rate))
        };
        let steps_text: Vec<String> = steps.iter().map(step).collect();
        let measures = [
            Measure::new("half", "share = '50%'\nrate = 'free'"),
            Measure::new("stepped", format!("rate = [{}]", steps_text.join(", "))),
        ];
        let flows: Vec<Flow> = (1..=28)
            .map(|day| Flow {
                id: day.to_string(),
                keys: format!("product = '7208'\norigin = 'JP'\ndate = 2025-02-{day:02}"),
                value: decimal("1000"),
                kilograms: Decimal::ONE,
            })
            .collect();
        let run = good(&text(&measures, &flows));
        for day in 1..=28_u32 {
            let expected = steps.range(..=day).next_back().map(|(_, (rate, gives_way))| {
                tenths(*rate) * Decimal::from(if *gives_way { 5 } else { 10 })
            });
            prop_assert_eq!(charge(&run, &day.to_string(), "stepped").map(|c| c.amount), expected);
        }
    }

    #[test]
    fn extending_with_nothing_changes_nothing(measures in measures(rate), flows in flows()) {
        let base = text(&measures, &flows);
        let files = [("base.toml", base.as_str()), ("over.toml", "extends = 'base.toml'")];
        let over = run_files(&files, "over.toml", &[]).unwrap();
        let alone = good(&base);
        prop_assert_eq!(over.sheets, alone.sheets);
        prop_assert_eq!(over.totals, alone.totals);
    }
}

// Text that makes no sense

/// Loads and runs; renders what is wrong.
fn attempt(files: &[(&str, &str)], set: &[&str]) {
    if let Err(wrong) = run_files(files, files[0].0, set) {
        assert!(!format!("{wrong:?}").is_empty());
    }
}

/// Pieces of the language in any order, with anything between them.
fn soup(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![12 => select(pieces).prop_map(str::to_owned), 1 => "\\PC{0,3}"];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

const EXPRESSION: &[&str] = &[
    "25%",
    "0.15",
    "1_000",
    "1e9",
    "9",
    " ",
    "free",
    "30 USD/t",
    "¢",
    "$1.50 each",
    "800 USD",
    "kg",
    "EUR",
    "100_000 vehicles",
    "+",
    "-",
    "*",
    "/",
    "(",
    ")",
    ",",
    "min(",
    "if(",
    "clamp(",
    "default(",
    "<=",
    "=",
    " and ",
    "not ",
    " in ",
    "JP",
    "origin",
    "product",
    "'ocean'",
    "'",
    "2025-06-04",
    "value",
    "quantity",
    "unit_value",
    "content.steel",
    "claims.fta",
    "attr.x",
    "mfn_rate",
    "p",
    "q",
    ".",
    "²",
    "é",
];

const TOML: &[&str] = &[
    "\n",
    "\n",
    " = ",
    "[[measure]]\n",
    "[[flow]]\n",
    "[[variant]]\n",
    "[parameters]\n",
    "[products]\n",
    "id",
    "'a'",
    "\"b\"",
    "rate",
    "'25%'",
    "25",
    "2025-06-04",
    "2025-02-30",
    "type",
    "'mfn'",
    "'preference'",
    "products",
    "'8703-8704'",
    "'870'",
    "origins",
    "'EU'",
    "yields_to",
    "inclusive_of",
    "share",
    "'1'",
    "{ from = 2025-01-01, rate = '5%' }",
    "{ base = '10%', final = '0%', stages = 4 }",
    "{",
    "}",
    "[",
    "]",
    ",",
    "title",
    "importer",
    "'US'",
    "extends",
    "'test.toml'",
    "value",
    "product",
    "origin",
    "disable",
    "unset",
    "rounding",
    "valuation",
    "p",
    "curve",
    "of",
    "by",
    "#",
    "é",
];

const CSV: &[&str] = &[
    ",",
    ",",
    "\n",
    "\n",
    "\r\n",
    ";",
    "\"",
    "product",
    "origin",
    "value",
    "quantity",
    "unit",
    "date",
    "claims",
    "content.steel",
    "mode",
    "8703.23",
    "0101",
    "870",
    "JP",
    "JPN",
    "1000",
    "8e-04",
    "-5",
    "1,000",
    "kg",
    "2025-06-04",
    "fta;waiver",
    "40%",
    " ",
    "\u{feff}",
    "é",
];

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn any_expression_is_read_or_refused(rate in soup(EXPRESSION), share in soup(EXPRESSION), when in soup(EXPRESSION)) {
        // A JSON string is a TOML string.
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let (rate, share, when) = (quoted(&rate), quoted(&share), quoted(&when));
        let flow = "[[flow]]\nproduct = '7208'\norigin = 'JP'\nvalue = 1000\nquantity = 2\nunit = 't'\nattr = { x = '1' }\n";
        let head = format!("{TOP}[exchange]\nEUR = '1.08'\n[parameters]\np = '25%'\n");
        attempt(&[("test.toml", &format!("{head}q = {rate}\n[[measure]]\nid = 'a'\nrate = 'q'\n{flow}"))], &[]);
        for keys in [format!("rate = {rate}"), format!("rate = '5%'\nshare = {share}"), format!("rate = '5%'\nwhen = {when}")] {
            attempt(&[("test.toml", &format!("{head}[[measure]]\nid = 'a'\n{keys}\n{flow}"))], &[]);
        }
    }

    #[test]
    fn any_setting_is_read_or_refused(set in soup(EXPRESSION)) {
        let parameters = "[parameters]\np = '25%'\nq = { of = 'p', curve = [['0', '0%'], ['100', '15%']] }\n";
        let rest = "[[measure]]\nid = 'a'\nrate = 'q'\n[[flow]]\nproduct = '7208'\norigin = 'JP'\nvalue = 1000\n";
        let scenario = format!("{TOP}{parameters}{rest}");
        attempt(&[("test.toml", &scenario)], &[&set]);
        attempt(&[("test.toml", &scenario)], &[&format!("p={set}")]);
    }

    #[test]
    fn any_scenario_is_read_or_refused(text in soup(TOML)) {
        attempt(&[("test.toml", &text)], &[]);
        attempt(&[("test.toml", &format!("{TOP}{text}"))], &[]);
    }

    #[test]
    fn any_flows_are_read_or_refused(flows in soup(CSV)) {
        let scenario = format!("{TOP}flows = 'f.csv'\n[[measure]]\nid = 'a'\nrate = '5% + 1 USD/kg'\nshare = 'content.steel'\n");
        attempt(&[("test.toml", &scenario), ("f.csv", &flows)], &[]);
        attempt(&[("test.toml", &scenario), ("f.csv", &format!("product,origin,value\n{flows}"))], &[]);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        let _ = tariffsim::expr::parse(&text);
        attempt(&[("test.toml", &text)], &[&text]);
    }
}
