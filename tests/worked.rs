//! Numbers worked from the law or by hand. Every expected figure has its working beside it and is never
//! recorded from the program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{charge, decimal, run, run_files, sheet};
use rust_decimal::Decimal;
use tariffsim::assess::{Run, Status};
use tariffsim::diagnostic::Code;
use tariffsim::report::{Format, Layout, runs};

const HEAD: &str = "title = 'worked'\nstatus = 'stylised'\nimporter = 'US'\ndate = 2025-06-05\n";

/// A scenario of keys, then measures, then the keys of its flows; a flow has the product 8703.23, the origin JP
/// and the value 1000 unless it says otherwise.
fn scenario(keys: &str, measures: &[&str], flows: &[&str]) -> String {
    let mut parts = vec![format!("{HEAD}{keys}\n")];
    parts.extend(measures.iter().map(|measure| format!("[[measure]]\n{measure}\n")));
    for flow in flows {
        parts.push(format!("[[flow]]\n{flow}\n"));
        for (key, value) in [("product", "'8703.23'"), ("origin", "'JP'"), ("value", "1000")] {
            if !flow.lines().any(|line| line.starts_with(&format!("{key} ="))) {
                parts.push(format!("{key} = {value}\n"));
            }
        }
    }
    parts.concat()
}

fn assessed(keys: &str, measures: &[&str], flows: &[&str]) -> Run {
    run(&scenario(keys, measures, flows))
}

/// The duties of the flows, in their order; `-` where a flow is not computable.
fn duties(run: &Run) -> Vec<String> {
    let duty = |sheet: &tariffsim::assess::Worksheet| sheet.duty.normalize().to_string();
    run.sheets.iter().map(|s| if s.computable() { duty(s) } else { "-".to_owned() }).collect()
}

#[track_caller]
fn assert_duties(keys: &str, measures: &[&str], flows: &[&str], expected: &[&str]) {
    assert_eq!(duties(&assessed(keys, measures, flows)), expected);
}

/// The amount of a measure on the flow `1`.
#[track_caller]
fn amount(run: &Run, measure: &str) -> Decimal {
    charge(run, "1", measure).unwrap().amount
}

fn status(run: &Run, measure: &str) -> Option<Status> {
    charge(run, "1", measure).map(|c| c.status)
}

/// The codes of what is wrong with a scenario.
fn errors(text: &str, set: &[&str]) -> Vec<Code> {
    let wrong = run_files(&[("test.toml", text)], "test.toml", set).unwrap_err();
    wrong.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.code).collect()
}

const MFN: &str = "id = 'mfn-cars'\ntype = 'mfn'\nrate = '2.5%'";
const MFN_10: &str = "id = 'mfn-ten'\ntype = 'mfn'\nrate = '10%'";
const S232: &str = "id = 's232'\nrate = '50%'\nshare = 'content.steel'";
const RECIPROCAL: &str = "id = 'reciprocal'\nrate = '10%'\nyields_to = ['s232']";

// Specific and compound duty

/// The international pound is 0.45359237 kg and the US gallon 3.785411784 l, both by definition; a barrel is 42
/// gallons, an `MMBtu` 1.05505585262 GJ (ISO 31-4), a megawatt hour 3.6 GJ.
#[test]
fn specific_duty_converts_units() {
    let cases = [
        ("30 USD/t", "2_500", "kg", "75"),                // 2.5 t × 30
        ("4.4¢/kg", "1", "t", "44"),                      // 1000 kg × 0.044
        ("37.2¢/kg", "100", "lb", "16.873636164"),        // 45.359237 kg × 0.372
        ("2 USD/lb", "45.359237", "kg", "200"),           // 100 lb × 2
        ("0.5 USD/kg", "250", "g", "0.125"),              // 0.25 kg × 0.5
        ("$1.50 each", "5", "doz", "90"),                 // 60 × 1.50
        ("24¢/doz", "6", "gross", "17.28"),               // 72 doz × 0.24
        ("40¢/pr", "100", "each", "20"),                  // 50 pairs × 0.40
        ("$1 each", "10", "pairs", "20"),                 // 20 × 1
        ("$20/car", "3", "vehicles", "60"),               // 3 × 20
        ("21¢/l", "3", "hl", "63"),                       // 300 l × 0.21
        ("10¢/l", "100", "gal", "37.85411784"),           // 378.5411784 l × 0.10
        ("10.5¢/bbl", "42_000", "gal", "105"),            // 1000 bbl × 0.105, as HTSUS 2709.00.20
        ("1 USD/GJ", "10", "MWh", "36"),                  // 36 GJ × 1
        ("0.5 USD/GJ", "1_000", "MMBtu", "527.52792631"), // 1055.05585262 GJ × 0.5
        ("3 USD/m2", "20_000", "cm2", "6"),               // 2 m² × 3
    ];
    for (rate, quantity, unit, expected) in cases {
        let measure = format!("id = 'specific'\nrate = '{rate}'");
        let flow = format!("quantity = {quantity}\nunit = '{unit}'");
        let run = assessed("", &[&measure], &[&flow]);
        assert_eq!(duties(&run), [expected], "{rate} on {quantity} {unit}");
    }
}

#[test]
fn compound_duty_adds_its_parts() {
    // HTSUS 0409-like: 500 kg × 0.044 = 22; 7.5% of 1000 = 75.
    let compound = "id = 'compound'\nrate = '4.4¢/kg + 7.5%'";
    assert_duties("", &[compound], &["quantity = 500\nunit = 'kg'"], &["97"]);
    // On 40% of the value the quantity is taken in the same proportion: 0.4 × 97.
    let part = "id = 'compound'\nrate = '4.4¢/kg + 7.5%'\nshare = '40%'";
    assert_duties("", &[part], &["quantity = 500\nunit = 'kg'"], &["38.8"]);
    // Flat money is charged once: 5 + 1% of 1000.
    assert_duties("", &["id = 'flat'\nrate = '5 USD + 1%'"], &[""], &["15"]);
    // A part of a compound duty: half of 97.
    let half = "id = 'half'\nrate = '(4.4¢/kg + 7.5%) / 2'";
    assert_duties("", &[half], &["quantity = 500\nunit = 'kg'"], &["48.5"]);
}

#[test]
fn a_second_quantity_is_used_where_the_first_does_not_fit() {
    // 50 kg × 0.10.
    let flow = "quantity = 10\nunit = 'each'\nquantity_2 = 50\nunit_2 = 'kg'";
    assert_duties("", &["id = 'x'\nrate = '10¢/kg'"], &[flow], &["5"]);
}

#[test]
fn specific_duties_on_two_units() {
    let flow = "quantity = 10\nunit = 'each'\nquantity_2 = 50\nunit_2 = 'kg'";
    // 10 × 1 + 50 × 0.10; the lower of 10 and 5; the higher.
    for (rate, expected) in
        [("$1 each + 10¢/kg", "15"), ("min($1 each, 10¢/kg)", "5"), ("max($1 each, 10¢/kg)", "10")]
    {
        let run = assessed("", &[&format!("id = 'x'\nrate = '{rate}'")], &[flow]);
        assert_eq!(duties(&run), [expected], "{rate}");
    }
}

#[test]
fn money_by_unit_is_one_operand() {
    // 20 kg × 1 + 2; half of 20 kg × 1.
    for (rate, expected) in [("quantity * 1 USD/kg + 2 USD", "22"), ("quantity * 50 USD/100 kg", "10")] {
        let run = assessed("", &[&format!("id = 'x'\nrate = '{rate}'")], &["quantity = 20\nunit = 'kg'"]);
        assert_eq!(duties(&run), [expected], "{rate}");
    }
}

/// UK Global Tariff, white chocolate (1704.90.30): 9.10% + 45.10 GBP/100 kg, at most 18.90% + 16.50 GBP/100 kg.
#[test]
fn the_lower_of_two_compound_duties() {
    let rate =
        "id = 'mfn-choc'\ntype = 'mfn'\nrate = 'min(9.10% + 45.10 GBP/100 kg, 18.90% + 16.50 GBP/100 kg)'";
    // 1000 kg. At 3000: 273 + 451 = 724, at most 567 + 165 = 732. At 2000: 182 + 451 = 633, at most
    // 378 + 165 = 543.
    let flows = ["value = 3000\nquantity = 1\nunit = 't'", "value = 2000\nquantity = 1_000\nunit = 'kg'"];
    assert_duties("currency = 'GBP'", &[rate], &flows, &["724", "543"]);
}

#[test]
fn the_higher_of_two_kinds() {
    let rate = "id = 'either'\nrate = 'max(7.9%, 2.4 USD/kg)'";
    // 7.9% of 1000 = 79; 30 kg × 2.4 = 72; 40 kg × 2.4 = 96.
    let flows = ["quantity = 30\nunit = 'kg'", "quantity = 40\nunit = 'kg'"];
    assert_duties("", &[rate], &flows, &["79", "96"]);
}

#[test]
fn functions_of_numbers() {
    let cases = [
        ("clamp(25%, 0%, 15%)", "150"),                      // 25% is above 15%
        ("clamp(5%, 10%, 15%)", "100"),                      // 5% is below 10%
        ("if(value >= 1_000 USD, 3%, 4%)", "30"),            // 1000 is not below 1000
        ("if(origin in EU or origin = 'JP', 3%, 4%)", "30"), // JP
        ("2 * 7.5% - 1% / 2", "145"),                        // 15% − 0.5%
        ("max(25% - 7.5%, 10%)", "175"),                     // 17.5%
        ("free", "0"),
    ];
    for (rate, expected) in cases {
        let run = assessed("", &[&format!("id = 'x'\nrate = \"{rate}\"")], &[""]);
        assert_eq!(duties(&run), [expected], "{rate}");
    }
}

// Rates that include other duties

/// 15% including the MFN duty, as on Japanese goods since 16 September 2025 (90 FR 44637): 2.5% is topped up by
/// 12.5%; 15% and 25% (trucks) stay as they are.
#[test]
fn all_in_rate_tops_up() {
    let all_in = "id = 'all-in'\nrate = '15%'\ninclusive_of = ['base']";
    for (mfn, top_up, total) in [("2.5%", "125", "150"), ("15%", "0", "150"), ("25%", "0", "250")] {
        let base = format!("id = 'mfn-base'\ntype = 'mfn'\nrate = '{mfn}'");
        let run = assessed("", &[&base, all_in], &[""]);
        assert_eq!(amount(&run, "all-in"), decimal(top_up), "MFN {mfn}");
        assert_eq!(duties(&run), [total], "MFN {mfn}");
    }
}

#[test]
fn all_in_rate_counts_in_proportion_to_its_part() {
    // On 40% of 1000: 15% of 400 = 60, of which the MFN duty is 40% of 100 = 40. In all 100 + 20.
    let all_in = "id = 'all-in'\nrate = '15%'\nshare = '40%'\ninclusive_of = ['mfn']";
    assert_duties("", &[MFN_10, all_in], &[""], &["120"]);
}

#[test]
fn all_in_rate_counts_what_it_names() {
    // The preference replaces the MFN duty: 40 + (150 − 40). Section 301 is not named: + 75.
    let preference = "id = 'fta'\ntype = 'preference'\nrate = '4%'";
    let s301 = "id = 's301'\nrate = '7.5%'";
    let base = "id = 'all-in'\nrate = '15%'\ninclusive_of = ['base']";
    assert_duties("", &[MFN_10, preference, s301, base], &[""], &["225"]);
    // Both named: 40 + 75 + (150 − 115).
    let both = "id = 'all-in'\nrate = '15%'\ninclusive_of = ['base', 's301']";
    assert_duties("", &[MFN_10, preference, s301, both], &[""], &["150"]);
    // All additional duties named by their type: the same.
    let family = "id = 'all-in'\ntype = 'safeguard'\nrate = '15%'\ninclusive_of = ['base', 'additional']";
    assert_duties("", &[MFN_10, preference, s301, family], &[""], &["150"]);
}

#[test]
fn mfn_rate_is_the_equivalent_of_the_stated_duty() {
    // 500 kg × 4.4¢ + 7.5% of 1000 = 97, so 9.7%; 15% − 9.7% = 5.3%.
    let mfn = "id = 'mfn-base'\ntype = 'mfn'\nrate = '4.4¢/kg + 7.5%'";
    let rest = "id = 'rest'\nrate = 'max(15% - mfn_rate, 0%)'";
    let flow = "quantity = 500\nunit = 'kg'";
    assert_duties("", &[mfn, rest], &[flow], &["150"]);
    // It is the rate before any preference: 53 alone.
    let fta = "id = 'fta'\ntype = 'preference'\nrate = 'free'";
    assert_duties("", &[mfn, rest, fta], &[flow], &["53"]);
    // At a value of zero a specific duty has no equivalent; an ad valorem one has: 15% of nothing.
    assert_duties("", &[mfn, rest], &["value = 0\nquantity = 500\nunit = 'kg'"], &["-"]);
    assert_duties("", &[MFN, rest], &["value = 0"], &["0"]);
}

// Shares of the value and displacement

/// Executive Order 14257 section 3(f): where at least 20% of the value is US content, the duty is on the rest.
#[test]
fn us_content_cliff() {
    let measure = "id = 'reciprocal'\nrate = '10%'\nshare = 'if(content.us >= 20%, 1 - content.us, 1)'";
    let flows = ["content = { us = '19%' }", "content = { us = 0.2 }", "content = { us = '21%' }"];
    // All of it; 10% of 800; 10% of 790.
    assert_duties("", &[measure], &flows, &["100", "80", "79"]);
}

#[test]
fn metal_content_and_the_rest() {
    let aluminium = "id = 's232-aluminium'\nrate = '50%'\nshare = 'content.aluminium'";
    let rest = "id = 'reciprocal'\nrate = '10%'\nyields_to = ['s232', 's232-aluminium']";
    let flow = "content = { steel = '40%', aluminium = '20%' }";
    // 50% of 400, 10% of 600.
    assert_duties("", &[S232, RECIPROCAL], &[flow], &["260"]);
    // 50% of 400, 50% of 200, 10% of 400.
    assert_duties("", &[S232, aluminium, rest], &[flow], &["340"]);
}

#[test]
fn covering_the_article_displaces_on_the_whole_value() {
    let flow = "content = { steel = '40%' }";
    let article = format!("{S232}\ncovers = 'article'");
    let run = assessed("", &[&article, RECIPROCAL], &[flow]);
    // 50% of 400 and nothing else.
    assert_eq!(duties(&run), ["200"]);
    assert_eq!(status(&run, "reciprocal"), Some(Status::Displaced));
    // What displaces the coverer is not covered by it: autos take 70%, so steel's 40% is gone but it still covers
    // the other 30%. 70% of 1000 at 25%, nothing else.
    let autos = "id = 'autos'\nrate = '25%'\nshare = '70%'";
    let article = format!("{article}\nyields_to = ['autos']");
    assert_duties("", &[autos, &article, RECIPROCAL], &[flow], &["245"]);
}

#[test]
fn a_displaced_measure_covers_only_what_is_left_to_it() {
    let a = "id = 'a'\nrate = '10%'\nyields_to = ['b']";
    let b = "id = 'b'\nrate = '20%'\nshare = '50%'\nyields_to = ['c']";
    let part = "id = 'c'\nrate = '30%'\nshare = '30%'";
    // c: 30% of 300 = 90. b: 20% of 500 − 300 = 40. a: 10% of 1000 − 200 = 80.
    assert_duties("", &[a, b, part], &[""], &["210"]);
    // a yields to both: 10% of 1000 − 200 − 300 = 50.
    let both = "id = 'a'\nrate = '10%'\nyields_to = ['b', 'c']";
    assert_duties("", &[both, b, part], &[""], &["180"]);
    // c covers everything: b has nothing left and covers nothing, so a is charged in full. 300 + 0 + 100.
    assert_duties("", &[a, b, "id = 'c'\nrate = '30%'"], &[""], &["400"]);
}

#[test]
fn a_measure_in_force_displaces_at_any_rate() {
    let free = "id = 's232'\nrate = 'free'";
    assert_duties("", &[free, RECIPROCAL], &[""], &["0"]);
    // Not on these goods, it does not match: 10% of 1000.
    let steel = "id = 's232'\nrate = '50%'\nproducts = '72'";
    assert_duties("", &[steel, RECIPROCAL], &[""], &["100"]);
}

#[test]
fn measures_are_named_by_id_programme_type_or_series() {
    let keys = "series.metals.take = 'highest'";
    let steel = "id = 'steel'\nprogramme = 's232'\nseries = 'metals'\ntype = 'safeguard'\nrate = '50%'";
    for name in ["steel", "s232", "metals", "safeguard"] {
        let gives_way = format!("id = 'reciprocal'\nrate = '10%'\nyields_to = '{name}'");
        let run = assessed(keys, &[steel, &gives_way], &[""]);
        assert_eq!(duties(&run), ["500"], "{name}");
    }
}

#[test]
fn what_ends_gives_back() {
    let until = "id = 's232'\nrate = '50%'\nuntil = 2025-06-05";
    // The fourth is the last day of 50%; on the fifth the 10% is back.
    let flows = ["date = 2025-06-04", "date = 2025-06-05"];
    assert_duties("", &[until, RECIPROCAL], &flows, &["500", "100"]);
    assert_duties("disable = ['s232']", &[until, RECIPROCAL], &flows, &["100", "100"]);
    // A programme may be disabled too.
    let s232 = format!("{until}\nprogramme = 'metals'");
    assert_duties("disable = ['metals']", &[&s232, RECIPROCAL], &flows, &["100", "100"]);
}

#[test]
fn what_is_fully_displaced_need_not_be_computable() {
    let specific = "id = 'specific'\nrate = '1 USD/kg'\nyields_to = ['s232']";
    let flow = "content = { steel = '100%' }";
    assert_duties("", &[S232, specific], &[flow], &["500"]);
    assert_duties("", &[S232, specific], &["content = { steel = '99%' }"], &["-"]);
}

/// UK Trade Tariff duty calculator, its own specification: value 1,260.89; third-country duty 2.70%, safeguard and
/// additional duty 25% each, anti-dumping duty 144.10 GBP/t on 2 t.
#[test]
fn trade_remedies_add_up() {
    let measures = [
        "id = 'third-country'\ntype = 'mfn'\nrate = '2.70%'",
        "id = 'steel-safeguard'\ntype = 'safeguard'\nrate = '25%'",
        "id = 'additional-duty'\nrate = '25%'",
        "id = 'dumping'\ntype = 'anti-dumping'\nrate = '144.10 GBP/t'",
    ];
    let keys = "currency = 'GBP'\nrounding.charge = { to = '0.01 GBP', mode = 'half-up' }";
    // 34.04403 → 34.04; 315.2225 → 315.22, twice; 288.20.
    let flow = "value = 1260.89\nquantity = 2\nunit = 't'";
    assert_duties(keys, &measures, &[flow], &["952.68"]);
}

// Claims

#[test]
fn utilisation_divides_the_trade() {
    let preference = "id = 'fta'\ntype = 'preference'\nrate = '4%'\nutilisation = '60%'";
    let additional = "id = 'extra'\nrate = '25%'\nyields_to = ['fta']";
    // 0.6 × 40 + 0.4 × 100.
    assert_duties("", &[MFN_10, preference], &[""], &["64"]);
    // And 25% of the 40% that claims nothing.
    let run = assessed("", &[MFN_10, preference, additional], &[""]);
    assert_eq!(duties(&run), ["164"]);
    assert_eq!(amount(&run, "mfn-ten"), decimal("40"));
    assert_eq!(amount(&run, "fta"), decimal("24"));
    // `claims.NAME` says the same as giving way.
    let condition = "id = 'extra'\nrate = '25%'\nwhen = 'not claims.fta'";
    assert_duties("", &[MFN_10, preference, condition], &[""], &["164"]);
}

#[test]
fn preferences_exclude_each_other() {
    let one = "id = 'one'\ntype = 'preference'\nrate = 'free'\nutilisation = '50%'";
    let two = "id = 'two'\ntype = 'preference'\nrate = '5%'\nutilisation = '30%'";
    // 0.5 × 0 + 0.3 × 50 + 0.2 × 100.
    assert_duties("", &[MFN_10, one, two], &[""], &["35"]);
}

#[test]
fn exemptions_are_independent_of_preferences() {
    let preference = "id = 'fta'\ntype = 'preference'\nrate = 'free'\nutilisation = '60%'";
    let exemption = "id = 'waiver'\ntype = 'exemption'\nutilisation = '50%'";
    let to_one = "id = 'extra'\nrate = '20%'\nyields_to = ['waiver']";
    // MFN 0.4 × 100; 20% of half.
    assert_duties("", &[MFN_10, preference, exemption, to_one], &[""], &["140"]);
    // Half of the 40% without a preference is not exempt either: MFN 40, 20% of 0.2 × 1000.
    let to_both = "id = 'extra'\nrate = '20%'\nyields_to = ['waiver', 'fta']";
    let run = assessed("", &[MFN_10, preference, exemption, to_both], &[""]);
    assert_eq!(duties(&run), ["80"]);
    assert_eq!(sheet(&run, "1").portions.len(), 4);
}

#[test]
fn the_claims_column_settles_it() {
    let preference =
        "id = 'free-trade'\ntype = 'preference'\nrate = 'free'\nclaim = 'fta'\nutilisation = '60%'";
    let exemption = "id = 'waiver'\ntype = 'exemption'\nutilisation = '10%'";
    let extra = "id = 'extra'\nrate = '20%'\nyields_to = ['waiver']";
    let flows = ["claims = 'fta'", "claims = 'waiver'", "claims = 'fta;waiver'", "claims = ''", ""];
    // 20% only; MFN only; neither; both; 0.4 × 100 + 0.9 × 200.
    let expected = ["200", "100", "0", "300", "220"];
    assert_duties("", &[MFN_10, preference, exemption, extra], &flows, &expected);
}

#[test]
fn a_preference_that_is_not_lower_is_claimed_all_the_same() {
    let preference = "id = 'fta'\ntype = 'preference'\nrate = '8%'";
    let extra = "id = 'extra'\nrate = '25%'\nyields_to = ['fta']";
    let run = assessed("", &[MFN, preference, extra], &[""]);
    // The 2.5% stays; the 25% gives way.
    assert_eq!(duties(&run), ["25"]);
    assert_eq!(status(&run, "fta"), Some(Status::Claimed));
    assert_eq!(status(&run, "extra"), Some(Status::Displaced));
}

#[test]
fn of_measures_of_one_claim_the_lowest_duty_is_taken() {
    let one = "id = 'one'\ntype = 'preference'\nclaim = 'fta'\nrate = '4%'";
    let two = "id = 'two'\ntype = 'preference'\nclaim = 'fta'\nrate = '0.3 USD/kg'";
    // 4% of 1000 = 40; 100 kg × 0.3 = 30; 200 kg × 0.3 = 60.
    let flows = ["quantity = 100\nunit = 'kg'", "quantity = 200\nunit = 'kg'"];
    assert_duties("", &[MFN_10, one, two], &flows, &["30", "40"]);
}

#[test]
fn a_free_preference_needs_no_quantity() {
    let mfn = "id = 'mfn-base'\ntype = 'mfn'\nrate = '1 USD/kg'";
    let free = "id = 'fta'\ntype = 'preference'\nrate = 'free'";
    assert_duties("", &[mfn, free], &["", "claims = ''"], &["0", "-"]);
}

#[test]
fn a_threshold_is_met_by_the_flow_not_by_the_portion() {
    let preference = "id = 'fta'\ntype = 'preference'\nrate = 'free'\nutilisation = '50%'";
    let above = "id = 'extra'\nrate = '10%'\nwhen = 'value > 800 USD'";
    // A portion of 1000 is 500, the flow is above 800: 100 and half of the MFN 100. 800 is not above 800: 40.
    assert_duties("", &[MFN_10, preference, above], &["", "value = 800"], &["150", "40"]);
}

// Series

#[test]
fn one_measure_of_a_series_is_taken() {
    let a = "id = 'a'\nseries = 's'\nrate = '10%'";
    let b = "id = 'b'\nseries = 's'\nrate = '1 USD/kg'";
    // 10% of 1000 = 100 beside 150 and 50.
    let flows = ["quantity = 150\nunit = 'kg'", "quantity = 50\nunit = 'kg'"];
    assert_duties("series.s.take = 'highest'", &[a, b], &flows, &["150", "100"]);
    assert_duties("series.s.take = 'lowest'", &[a, b], &flows, &["100", "50"]);
}

#[test]
fn a_tie_in_a_series_goes_to_the_first_id() {
    let beta = "id = 'beta'\nseries = 's'\nrate = '10%'";
    let alpha = "id = 'alpha'\nseries = 's'\nrate = '10%'";
    let rest = "id = 'rest'\nrate = '1%'\nyields_to = ['beta']";
    for take in ["highest", "lowest"] {
        let run = assessed(&format!("series.s.take = '{take}'"), &[beta, alpha, rest], &[""]);
        assert_eq!(status(&run, "alpha"), Some(Status::Charged));
        assert_eq!(status(&run, "beta"), Some(Status::NotTaken));
        // What is not taken displaces nothing: 100 + 10.
        assert_eq!(duties(&run), ["110"]);
    }
}

#[test]
fn members_of_a_series_are_compared_after_displacement() {
    let outside = "id = 'outside'\nrate = '0%'\nshare = 'content.steel'";
    let a = "id = 'a'\nseries = 's'\nrate = '20%'\nyields_to = ['outside']";
    let b = "id = 'b'\nseries = 's'\nrate = '10%'";
    let flows = ["content = { steel = '60%' }", "content = { steel = '40%' }"];
    // 20% of 400 = 80 beside 100; 20% of 600 = 120 beside 100.
    assert_duties("series.s.take = 'highest'", &[outside, a, b], &flows, &["100", "120"]);
    // What covers nothing is passed over, though its nothing would be the lowest.
    let gone = ["content = { steel = '100%' }"];
    assert_duties("series.s.take = 'lowest'", &[outside, a, b], &gone, &["100"]);
}

// Dates

#[test]
fn steps_hold_from_their_day() {
    // Section 232 on steel: 25% from 12 March 2025 (Proclamation 10896), 50% from 4 June 2025 (Proclamation 10947).
    let steel =
        "id = 's232'\nrate = [{ from = 2025-03-12, rate = '25%' }, { from = 2025-06-04, rate = '50%' }]";
    let flows = [
        "date = 2025-03-11",
        "date = 2025-03-12",
        "date = 2025-06-03",
        "date = 2025-06-04",
        "date = 2026-01-01",
    ];
    assert_duties("", &[steel], &flows, &["0", "250", "250", "500", "500"]);
    let run = assessed("", &[steel], &flows);
    assert!(sheet(&run, "1").untouched());
}

#[test]
fn precedence_changes_by_date() {
    let autos = "id = 's232'\nrate = [{ from = 2025-04-03, rate = '25%' }]";
    let reciprocal = "id = 'reciprocal'\nrate = [
        { from = 2025-04-05, rate = '10%' },
        { from = 2025-05-01, rate = '10%', yields_to = ['s232'] },
        { from = 2025-06-01, rate = '12%' }]";
    let flows = ["date = 2025-04-04", "date = 2025-04-05", "date = 2025-05-01", "date = 2025-06-01"];
    // 25%; 25% + 10%; 25%; the last step does not repeat what it yields to: 25% + 12%.
    assert_duties("", &[autos, reciprocal], &flows, &["250", "350", "250", "370"]);
    // A measure's own key holds in every step that does not set it.
    let own = format!("{reciprocal}\nyields_to = ['s232']");
    assert_duties("", &[autos, &own], &flows, &["250", "250", "250", "250"]);
}

#[test]
fn a_step_may_change_share_and_inclusion() {
    let autos = "id = 'autos'\nrate = [
        { from = 2025-01-01, rate = '25%' },
        { from = 2025-02-01, rate = '25%', share = '40%' },
        { from = 2025-03-01, rate = '15%', inclusive_of = ['base'] }]";
    let flows = ["date = 2025-01-01", "date = 2025-02-01", "date = 2025-03-01"];
    // 25 + 250; 25 + 100; 25 + 125.
    assert_duties("", &[MFN, autos], &flows, &["275", "125", "150"]);
}

/// EU–Japan EPA, Annex 2-A, passenger cars: 10% to nothing in eight equal stages from 1 February 2019.
#[test]
fn staging_rounds_as_the_agreement_prints() {
    let mfn = "id = 'mfn-cars'\ntype = 'mfn'\nrate = '10%'";
    let epa = "id = 'epa'\ntype = 'preference'\norigins = 'JP'\n\
        rate = { base = '10%', final = '0%', stages = 8, first = 2019-02-01, every = '02-01', \
        round = { places = 1, mode = 'half-up' } }";
    // 10 − n × 1.25: 8.75, 7.5, 6.25, 5, 3.75, 2.5, 1.25, 0, to one place. Before the first day 10%.
    let cases = [
        ("2019-01-31", "100"),
        ("2019-02-01", "88"),
        ("2020-01-31", "88"),
        ("2020-02-01", "75"),
        ("2021-02-01", "63"),
        ("2022-02-01", "50"),
        ("2023-02-01", "38"),
        ("2024-02-01", "25"),
        ("2025-02-01", "13"),
        ("2026-01-31", "13"),
        ("2026-02-01", "0"),
        ("2030-01-01", "0"),
    ];
    let flows: Vec<String> =
        cases.iter().map(|(date, _)| format!("importer = 'DE'\ndate = {date}")).collect();
    let flows: Vec<&str> = flows.iter().map(String::as_str).collect();
    let expected: Vec<&str> = cases.iter().map(|(_, duty)| *duty).collect();
    let keys = "currency = 'EUR'";
    let eu = |measure: &str| format!("importer = 'EU'\n{measure}");
    assert_duties(keys, &[&eu(mfn), &eu(epa)], &flows, &expected);
}

#[test]
fn staging_cuts_first_on_its_first_day_then_every_year() {
    let cut = |every| {
        format!(
            "id = 'cut'\nrate = {{ base = '12%', final = '3%', stages = 3, first = 2025-10-01, every = '{every}' }}"
        )
    };
    let flows = ["date = 2025-09-30", "date = 2025-10-01", "date = 2026-01-01", "date = 2027-01-01"];
    // Cuts of 3 points: 9% on 1 October, 6% and 3% on the next two first days of January.
    assert_duties("", &[&cut("01-01")], &flows, &["0", "90", "60", "30"]);
}

// Parameters

const OUTPUT: &str = "
[parameters]
output = { value = '3_800_000 vehicles', min = '0', max = '5_000_000' }
";

#[test]
fn a_curve_is_a_line_between_its_points() {
    let curve = "relief = { of = 'output', curve = [['3_300_000', '0%'], ['4_300_000', '15%']] }";
    let measure = "id = 'autos'\nrate = 'max(25% - relief, 10%)'";
    let text = scenario(&format!("{OUTPUT}{curve}"), &[measure], &[""]);
    // Half way 7.5%: 17.5%. A tenth of the way 1.5%: 23.5%. Flat beyond the ends: 25% and 10%.
    let cases = [("3_800_000", "175"), ("3_400_000", "235"), ("3_000_000", "250"), ("4_900_000", "100")];
    for (output, expected) in cases {
        let set = format!("output={output}");
        let run = run_files(&[("test.toml", &text)], "test.toml", &[&set]).unwrap();
        assert_eq!(duties(&run), [expected], "{output}");
    }
}

#[test]
fn a_staircase_stays_at_the_point_before() {
    let curve = "relief = { of = 'output', curve = [['3_300_000', '0%'], ['4_300_000', '15%']], interpolate = 'step' }";
    let text = scenario(&format!("{OUTPUT}{curve}"), &["id = 'autos'\nrate = '25% - relief'"], &[""]);
    for (output, expected) in [("3_800_000", "250"), ("4_299_999", "250"), ("4_300_000", "100")] {
        let set = format!("output={output}");
        let run = run_files(&[("test.toml", &text)], "test.toml", &[&set]).unwrap();
        assert_eq!(duties(&run), [expected], "{output}");
    }
}

#[test]
fn a_curve_over_the_flow_converts_units() {
    let keys = "[parameters]\nbig = { of = 'quantity', curve = [['0 t', '0%'], ['1_000 t', '10%']] }";
    // 500,000 kg = 500 t: 5%.
    assert_duties(keys, &["id = 'x'\nrate = 'big'"], &["quantity = 500_000\nunit = 'kg'"], &["50"]);
}

#[test]
fn a_parameter_is_chosen_by_the_flow() {
    let keys = "[parameters]\nmaker = { by = 'party', values = { toyota = '5%', honda = '7.5%' }, default = '10%' }\n\
         land = { by = 'origin', values = { JPN = '1%', KR = '2%' } }\n\
         port = { by = 'attr.port', values = { A = '3%' }, default = 'land' }";
    let measures = ["id = 'x'\nrate = 'maker'", "id = 'y'\nrate = 'land'", "id = 'z'\nrate = 'port'"];
    let flows = [
        "party = 'toyota'\nattr = { port = 'A' }",
        "party = 'honda'\norigin = 'KOR'",
        "party = 'mazda'",
        "",
        "origin = 'DE'",
    ];
    // 5 + 1 + 3; 7.5 + 2 + 2; 10 + 1 + 1, twice; no value for DE.
    assert_duties(keys, &measures, &flows, &["90", "115", "120", "120", "-"]);
}

#[test]
fn default_stands_in_for_what_the_flow_lacks() {
    let measure = "id = 'x'\nrate = '10%'\nshare = 'default(content.steel, 1)'";
    // All of it; 40% of it.
    assert_duties("", &[measure], &["", "content = { steel = '40%' }"], &["100", "40"]);
    // A specific duty where there is a quantity, else 5%.
    let rate = "id = 'x'\nrate = 'default(quantity * (1 USD/kg), 5% * value)'";
    assert_duties(
        "",
        &[rate],
        &["quantity = 20\nunit = 'kg'", "", "quantity = 2\nunit = 't'"],
        &["20", "50", "2000"],
    );
}

#[test]
fn a_parameter_has_no_value_before_its_first_step() {
    let keys = "[parameters]\nr = [{ from = 2025-03-12, value = '25%' }, { from = 2025-06-04, value = '50%' }]\n\
        s = { value = [{ from = 2025-03-12, value = '25%' }], default = '5%' }";
    let flows = ["date = 2025-03-11", "date = 2025-03-12", "date = 2025-06-04"];
    assert_duties(keys, &["id = 'x'\nrate = 'r'"], &flows, &["-", "250", "500"]);
    assert_duties(keys, &["id = 'x'\nrate = 's'"], &flows, &["50", "250", "250"]);
}

const UNITS: &str = "
[parameters]
auto = { value = '25%', min = '0', max = '50' }
dated = [{ from = 2025-01-01, value = '10%' }]
flat = '1 USD'
specific = '30 USD/t'
maker = { by = 'party', values = { toyota = '5%' }, default = '10%' }
slope = { of = 'auto', curve = [['0', '0%'], ['50', '20%']] }
slopes = { of = 'slope', curve = [['0', '0%'], ['20', '30%']] }
";

/// The duty on 2 t where a parameter is the rate and one is set.
fn duty_with(parameter: &str, set: &str) -> Vec<String> {
    let text = scenario(UNITS, &[&format!("id = 'x'\nrate = '{parameter}'")], &["quantity = 2\nunit = 't'"]);
    duties(&run_files(&[("test.toml", &text)], "test.toml", &[set]).unwrap())
}

#[test]
fn a_bare_number_takes_the_unit_of_the_value() {
    assert_eq!(duty_with("auto", "auto=15"), ["150"]); // 15%
    assert_eq!(duty_with("auto", "auto=15%"), ["150"]); // the same
    assert_eq!(duty_with("dated", "dated=15"), ["150"]); // 15% on all dates
    assert_eq!(duty_with("flat", "flat=7"), ["7"]); // 7 USD
    assert_eq!(duty_with("specific", "specific=40"), ["80"]); // 40 USD/t × 2 t
    assert_eq!(duty_with("specific", "specific=4¢/kg"), ["80"]); // the same
    let text = scenario(UNITS, &["id = 'x'\nrate = 'auto'"], &[""]);
    assert_eq!(errors(&text, &["auto=60"]), [Code::OutOfBounds]); // above 50%
}

#[test]
fn a_bare_number_takes_the_unit_of_values_and_points() {
    assert_eq!(duty_with("maker", "maker=15"), ["150"]);
    assert_eq!(duty_with("slope", "slope=15"), ["150"]);
    // Half way to 50%: half of 20%.
    assert_eq!(duty_with("slope", "auto=25%"), ["100"]);
}

/// The values of `slope` are percentages, so the points of `slopes` lie over percentages: half way to 20%, half of 30%.
#[test]
fn points_lie_over_points_in_their_unit() {
    assert_eq!(duty_with("slopes", "auto=25%"), ["150"]);
    assert_eq!(duty_with("slopes", "slope=10%"), ["150"]);
}

/// What was set without a unit has the one it took.
#[test]
fn points_lie_over_a_bare_number_in_its_unit() {
    assert_eq!(duty_with("slope", "auto=25"), ["100"]);
}

// Value, money and rounding

#[test]
fn the_customs_value_holds_freight_where_the_law_says_so() {
    let flow = "freight = 80\ninsurance = 20";
    let above = "id = 'extra'\nrate = '1%'\nwhen = 'value > 1_050 USD'";
    // 10% of 1000; landed 1000 + 100 + 100.
    let fob = assessed("", &[MFN_10, above], &[flow]);
    assert_eq!(duties(&fob), ["100"]);
    assert_eq!(fob.totals.landed_cost, decimal("1200"));
    // 10% of 1100 and, as the customs value is above 1050, 1%: 121; landed 1100 + 121.
    let cif = assessed("valuation = 'cif'", &[MFN_10, above], &[flow]);
    assert_eq!(duties(&cif), ["121"]);
    assert_eq!(cif.totals.computable.value, decimal("1100"));
    assert_eq!(cif.totals.landed_cost, decimal("1221"));
}

#[test]
fn the_customs_value_follows_the_importer() {
    let keys = "valuation = { JP = 'cif', US = 'fob' }";
    let japan = "id = 'mfn-jp'\ntype = 'mfn'\nimporter = 'JPN'\nrate = '10%'";
    let flows = ["origin = 'DE'\nfreight = 100", "origin = 'DE'\nimporter = 'JP'\nfreight = 100"];
    assert_duties(keys, &[MFN_10, japan], &flows, &["100", "110"]);
}

/// Japan, Act on General Rules for National Taxes: articles 118 and 119 drop what is below 1,000 yen of the base and
/// below 100 yen of the tax.
#[test]
fn a_law_rounds_value_and_charge() {
    let keys = "currency = 'JPY'\n[rounding]\nvalue = { to = '1000 JPY', mode = 'down' }\n\
        charge = { to = '100 JPY', mode = 'down' }";
    // 123,456 → 123,000; 3.9% of it is 4,797 → 4,700.
    let run = assessed(keys, &["id = 'x'\nrate = '3.9%'"], &["value = 123_456"]);
    assert_eq!(duties(&run), ["4700"]);
    assert_eq!(run.totals.computable.value, decimal("123000"));
}

#[test]
fn rounding_modes() {
    // 5% of 46.90 = 2.345; of 46.7 = 2.335; of 46.82 = 2.341.
    for (mode, expected) in [
        ("half-up", ["2.35", "2.34", "2.34"]),
        ("half-even", ["2.34", "2.34", "2.34"]),
        ("down", ["2.34", "2.33", "2.34"]),
        ("up", ["2.35", "2.34", "2.35"]),
    ] {
        let keys = format!("rounding.charge = {{ to = '0.01 USD', mode = '{mode}' }}");
        let flows = ["value = 46.90", "value = 46.7", "value = 46.82"];
        assert_duties(&keys, &["id = 'x'\nrate = '5%'"], &flows, &expected);
    }
}

#[test]
fn charges_are_rounded_once_after_the_portions() {
    // 0.5 × 0.05 + 0.5 × 0.05 = 0.05 → 0.1; the halves by themselves would be rounded to 0.
    let keys = "rounding.charge = { to = '0.1 USD', mode = 'half-up' }";
    let waiver = "id = 'waiver'\ntype = 'exemption'\nutilisation = '50%'";
    assert_duties(keys, &["id = 'x'\nrate = '5%'", waiver], &["value = 1"], &["0.1"]);
}

#[test]
fn foreign_money_is_exchanged() {
    let keys = "[exchange]\nEUR = '1.08'";
    // 2000 kg at 10 EUR/100 kg is 200 EUR, 216 USD.
    let rate = "id = 'x'\nrate = '10 EUR/100 kg'";
    assert_duties(keys, &[rate], &["quantity = 2\nunit = 't'"], &["216"]);
    // 1000 EUR are 1080 USD.
    let above = "id = 'x'\nrate = '10%'\nwhen = 'value > 1_000 EUR'";
    assert_duties(keys, &[above], &["value = 1_080", "value = 1_081"], &["0", "108.1"]);
    assert_eq!(errors(&scenario("", &[rate], &[""]), &[]), [Code::UnknownCurrency]);
}

#[test]
fn charges_are_quantised_half_away_from_zero() {
    // 50% of 1e-10 is 5e-11, which goes up; 49% of it goes down.
    let flow = ["value = 0.0000000001"];
    assert_duties("", &["id = 'x'\nrate = '50%'"], &flow, &["0.0000000001"]);
    assert_duties("", &["id = 'x'\nrate = '49%'"], &flow, &["0"]);
    // Each charge by itself, then an exact sum: twice 1e-10.
    let two = ["id = 'x'\nrate = '50%'", "id = 'y'\nrate = '50%'"];
    assert_duties("", &two, &flow, &["0.0000000002"]);
    // A third of 1000, then two thirds of it.
    assert_duties("", &["id = 'x'\nrate = '100% / 3'"], &[""], &["333.3333333333"]);
    assert_duties("", &["id = 'x'\nrate = '200% / 3'"], &[""], &["666.6666666667"]);
}

#[test]
fn a_quotient_carries_28_digits() {
    let rate = |value: &str, money: &str| {
        let measure = format!("id = 'x'\nrate = '{money} USD'");
        let run = assessed("", &[&measure], &[&format!("value = {value}")]);
        run.totals.effective_rate.unwrap().to_string()
    };
    assert_eq!(rate("3", "1"), "0.3333333333333333333333333333");
    assert_eq!(rate("3", "2"), "0.6666666666666666666666666667");
    // The effective rate of three goods of 10, 5 and 2 that pay 50%, 25% and nothing: 6.25 / 17.
    assert_eq!(rate("17", "6.25"), "0.3676470588235294117647058824");
}

#[test]
fn a_value_of_zero() {
    let specific = "id = 'specific'\nrate = '1 USD/kg'";
    let run = assessed("", &[MFN_10, specific], &["value = 0\nquantity = 5\nunit = 'kg'"]);
    // Nothing ad valorem, 5 kg × 1, and no rate to state.
    assert_eq!(duties(&run), ["5"]);
    assert_eq!(sheet(&run, "1").effective_rate(), None);
    assert_eq!(run.totals.effective_rate, None);
}

// What cannot be computed, and what is not stated

#[test]
fn what_cannot_be_computed_is_listed_and_left_out() {
    let specific = "id = 'specific'\nproducts = '8703'\nrate = '1 USD/kg'";
    let double = "id = 'double'\nproducts = '8704'\nrate = '1%'\nshare = 'content.steel * 2'";
    let flows = [
        "quantity = 100\nunit = 'kg'\ncontent = { steel = '10%' }",
        "content = { steel = '10%' }",
        "quantity = 100\nunit = 'kg'",
        "quantity = 100\nunit = 'each'\ncontent = { steel = '10%' }",
        "product = '8704'\ncontent = { steel = '60%' }",
        "product = '7208'\ncontent = { steel = '20%' }",
    ];
    let run = assessed("", &[specific, S232, double], &flows);
    // 100 kg × 1 + 50% of 100; no quantity; no content; a count; a share above 1; 50% of 200.
    assert_eq!(duties(&run), ["150", "-", "-", "-", "-", "100"]);
    assert_eq!(run.totals.duty, decimal("250"));
    assert_eq!((run.totals.computable.flows, run.totals.computable.value), (2, decimal("2000")));
    assert_eq!((run.totals.not_computable.flows, run.totals.not_computable.value), (4, decimal("4000")));
    assert_eq!(run.totals.effective_rate, Some(decimal("0.125")));
    assert!(sheet(&run, "2").not_computable.as_ref().is_some_and(|reason| reason.contains("quantity")));
    assert!(sheet(&run, "3").not_computable.as_ref().is_some_and(|reason| reason.contains("content.steel")));
}

#[test]
fn base_duty_not_stated() {
    let mfn = "id = 'mfn-cars'\ntype = 'mfn'\nproducts = '8703'\nrate = '2.5%'";
    let extra = "id = 'extra'\nproducts = ['72', '87']\nrate = '10%'";
    let preference = "id = 'fta'\ntype = 'preference'\nproducts = '72'\nrate = '3%'";
    let flows = ["", "product = '7208'\nvalue = 300", "product = '0101'\nvalue = 700"];
    let run = assessed("", &[mfn, extra, preference], &flows);
    // 25 + 100; 10% of 300, and a preference has no MFN duty to replace; nothing.
    assert_eq!(duties(&run), ["125", "30", "0"]);
    assert_eq!((run.totals.base_not_stated.flows, run.totals.base_not_stated.value), (2, decimal("1000")));
    assert_eq!((run.totals.untouched.flows, run.totals.untouched.value), (1, decimal("700")));
    // Untouched flows count: 155 / 2000.
    assert_eq!(run.totals.effective_rate, Some(decimal("0.0775")));
}

#[test]
fn averages() {
    let ten = "id = 'ten'\nproducts = '8703'\nrate = '10%'";
    let twenty = "id = 'twenty'\nproducts = '7208'\nrate = '20%'";
    let flows = ["value = 200", "value = 100", "product = '7208'\nvalue = 100"];
    let run = assessed("", &[ten, twenty], &flows);
    // (30 + 20) / 400; the first two flows are one line: (10% + 20%) / 2.
    assert_eq!(run.totals.effective_rate, Some(decimal("0.125")));
    assert_eq!(run.totals.simple_mean_rate, Some(decimal("0.15")));
    assert_eq!(run.totals.by_measure, [decimal("30"), decimal("20")]);
}

#[test]
fn rates_and_shares_out_of_bounds_are_errors() {
    let wrong = |keys: &str, measure: &str| errors(&scenario(keys, &[measure], &[""]), &[]);
    assert_eq!(wrong("", "id = 'x'\nrate = '0.25'"), [Code::RateWithoutUnit]);
    assert_eq!(wrong("", "id = 'x'\nrate = 25"), [Code::RateWithoutUnit]);
    assert_eq!(wrong("", "id = 'x'\nrate = '5% - 6%'"), [Code::NegativeRate]);
    assert_eq!(wrong("", "id = 'x'\nrate = '5%'\nshare = '110%'"), [Code::ShareOutOfRange]);
    assert_eq!(wrong("", "id = 'x'\nrate = '5% + 2 kg'"), [Code::Dimension]);
    assert_eq!(wrong("", "id = 'x'\nrate = '5% / 0'"), [Code::DivisionByZero]);
    assert_eq!(wrong("", "id = 'x'\nrate = '$1.61 each + 4.8% on the case'").len(), 1);
    assert_eq!(wrong("[parameters]\na = 'b'\nb = 'a'", "id = 'x'\nrate = '5%'"), [Code::CircularParameter]);
    let circle = ["id = 'x'\nrate = '5%'\nyields_to = 'y'", "id = 'y'\nrate = '5%'\nyields_to = 'x'"];
    assert_eq!(errors(&scenario("", &circle, &[""]), &[]), [Code::DisplacementCycle]);
}

// Goods and countries

#[test]
fn the_longest_mfn_code_wins() {
    let mfn = |id: &str, products: &str, rate: &str| {
        format!("id = '{id}'\ntype = 'mfn'\n{products}\nrate = '{rate}'")
    };
    let measures = [
        mfn("anything", "", "1%"),
        mfn("chapter", "products = '87'", "2%"),
        mfn("range", "products = '8701-8704'", "3%"),
        mfn("cars", "products = ['8703.21-8703.24', '8703.80']\nexcept_products = '8703.22'", "4%"),
    ];
    let measures: Vec<&str> = measures.iter().map(String::as_str).collect();
    let flows = [
        "product = '8703.23'", // six digits of a range
        "product = '8703.22'", // left out of it: four digits of the other range
        "product = '8703.80.0010'",
        "product = '8704.21'",
        "product = '8708.99'", // beyond the range: the chapter
        "product = '0101'",
    ];
    assert_duties("", &measures, &flows, &["40", "30", "40", "30", "20", "10"]);
}

#[test]
fn two_base_duties_of_one_length_are_an_error() {
    let one = "id = 'one'\ntype = 'mfn'\nproducts = '8703'\nrate = '1%'";
    let two = "id = 'two'\ntype = 'mfn'\nproducts = '8701-8704'\nrate = '2%'";
    assert_eq!(errors(&scenario("", &[one, two], &[""]), &[]), [Code::MfnTie]);
}

#[test]
fn a_short_code_is_partly_covered() {
    let cars = "id = 'cars'\nproducts = '8703.23'\nrate = '10%'";
    let flows = ["product = '8703'", "product = '8703.23'", "product = '8704'"];
    let run = assessed("", &[cars], &flows);
    assert_eq!(duties(&run), ["0", "100", "0"]);
    assert_eq!((run.totals.partly_covered.flows, run.totals.partly_covered.value), (1, decimal("1000")));
}

#[test]
fn a_product_keeps_its_zeros() {
    let beef = "id = 'beef'\nproducts = '0201.10'\nrate = '10%'";
    let flows = ["product = '0201100010'", "product = '0201.10.00.10'", "product = '2011'"];
    assert_duties("", &[beef], &flows, &["100", "100", "0"]);
}

#[test]
fn members_of_the_union() {
    let eu = "id = 'eu-only'\norigins = 'EU'\nrate = '15%'";
    let others = "id = 'others'\nexcept_origins = ['EU']\nrate = '10%'";
    let flows = ["origin = 'DE'", "origin = 'DEU'", "origin = 'EU'", "origin = 'GB'", "origin = 'NO'"];
    assert_duties("", &[eu, others], &flows, &["150", "150", "150", "100", "100"]);
}

#[test]
fn a_measure_is_on_every_origin_but_its_importer() {
    let own = "id = 'own'\nrate = '10%'";
    assert_duties("", &[own], &["origin = 'JP'", "origin = 'US'", "origin = 'USA'"], &["100", "0", "0"]);
}

#[test]
fn goods_of_the_union_enter_it_free_of_its_duties() {
    let union = "id = 'common'\nimporter = 'EU'\nrate = '10%'";
    let flows = [
        "origin = 'JP'\nimporter = 'DE'",
        "origin = 'FR'\nimporter = 'DE'",
        "origin = 'FR'\nimporter = 'EU'",
    ];
    assert_duties("", &[union], &flows, &["100", "0", "0"]);
}

#[test]
fn alpha_2_and_alpha_3_are_the_same_country() {
    let measure =
        "id = 'x'\nimporter = 'USA'\norigins = ['JPN', 'asia']\nrate = '10%'\nwhen = 'origin in asia'";
    let keys = "[countries]\nasia = ['JP', 'KOR']";
    let run =
        assessed(keys, &[measure], &["origin = 'JP'", "origin = 'JPN'", "origin = 'KR'", "origin = 'CN'"]);
    assert_eq!(duties(&run), ["100", "100", "100", "0"]);
    // Output repeats the code as the flow wrote it.
    let json = runs(&[run], false, Format::Json, Layout { width: 80, colour: false, pictures: false });
    assert!(json.contains("\"origin\": \"JP\"") && json.contains("\"origin\": \"JPN\""));
}

// Files over files

const BASE: &str = "
title = 'base'
importer = 'US'
date = 2025-06-05
[parameters]
auto = { value = '25%', max = '50%' }
[products]
cars = ['8703']
[[measure]]
id = 'autos'
products = 'cars'
rate = 'auto'
until = 2025-06-01
[[measure]]
id = 'reciprocal'
rate = '10%'
yields_to = ['autos']
[[variant]]
id = 'longer'
[[variant.measure]]
id = 'autos'
unset = ['until']
[[variant]]
id = 'lower'
parameters = { auto = '15%' }
date = 2025-05-01
[[variant]]
id = 'without'
disable = ['reciprocal']
[[flow]]
product = '8703.23'
origin = 'JP'
value = 1000
";

/// The duties of a scenario laid over [`BASE`].
fn over(text: &str, named: &str) -> Vec<String> {
    let run = run_files(&[("base.toml", BASE), ("over.toml", text)], named, &[]);
    duties(&run.unwrap())
}

#[test]
fn variants_are_laid_over() {
    // 25% ended on the first of June; without its end; 15% on the first of May; without the 10%.
    for (named, expected) in [
        ("base.toml", "100"),
        ("base.toml#longer", "250"),
        ("base.toml#lower", "150"),
        ("base.toml#without", "0"),
    ] {
        assert_eq!(over("", named), [expected], "{named}");
    }
}

#[test]
fn a_setting_counts_for_more_than_a_variant() {
    let run = run_files(&[("base.toml", BASE)], "base.toml#lower", &["auto=20"]).unwrap();
    assert_eq!(duties(&run), ["200"]);
}

#[test]
fn a_file_is_laid_over_those_it_extends() {
    // The rate of one measure is replaced, its goods and what yields to it stay.
    let rate = "extends = 'base.toml'\ndate = 2025-05-01\n[[measure]]\nid = 'autos'\nrate = '30%'";
    assert_eq!(over(rate, "over.toml"), ["300"]);
    // A parameter's form is replaced, its bounds stay.
    let set = |auto: &str| format!("extends = ['base.toml']\ndate = 2025-05-01\nparameters.auto = '{auto}'");
    assert_eq!(over(&set("40%"), "over.toml"), ["400"]);
    let beyond = run_files(&[("base.toml", BASE), ("over.toml", &set("60%"))], "over.toml", &[]);
    assert!(beyond.is_err_and(|wrong| wrong.diagnostics.iter().any(|d| d.code == Code::OutOfBounds)));
    // A group is replaced whole, flows too.
    let group = "extends = 'base.toml'\ndate = 2025-05-01\nproducts.cars = ['8704']\n\
        [[flow]]\nproduct = '8704'\norigin = 'JP'\nvalue = 100\n[[flow]]\nproduct = '8703'\norigin = 'JP'\nvalue = 200";
    assert_eq!(over(group, "over.toml"), ["25", "20"]);
    // What is disabled accumulates, until a variant enables it.
    let off =
        "extends = 'base.toml'\ndisable = ['reciprocal']\n[[variant]]\nid = 'on'\nenable = ['reciprocal']";
    assert_eq!(over(off, "over.toml"), ["0"]);
    assert_eq!(over(off, "over.toml#on"), ["100"]);
}

const FROM_FILE: &str = "
title = 't'
importer = 'US'
flows = 'f.csv'
[[measure]]
id = 'x'
rate = '1 USD/kg'
share = 'content.steel'
when = \"attr.mode = 'ocean'\"
";

const CSV: &str = "\u{feff}product;origin;date;value;quantity;unit;content.steel;mode
0201.10;JP;2025-01-01;8e2;3;t;40%;ocean
0201100010;JP;2025-01-01;100;3;t;0.5;air
";

#[test]
fn flows_from_a_file_are_those_of_the_scenario() {
    let run = run_files(&[("s/test.toml", FROM_FILE), ("s/f.csv", CSV)], "s/test.toml", &[]).unwrap();
    // 3000 kg × 1 × 40%; by air nothing.
    assert_eq!(duties(&run), ["1200", "0"]);
    assert_eq!(run.totals.computable.value, decimal("900"));
}

#[test]
fn an_origin_chooses_by_the_union_it_is_in() {
    let text = "title = 'T'\nimporter = 'US'\ndate = 2025-06-05\n\
        [parameters]\nr = { by = 'origin', values = { EU = '15%', FR = '5%' }, default = '1%' }\n\
        [[measure]]\nid = 'x'\nrate = 'r'\n\
        [[flow]]\nid = 'de'\nproduct = '8703'\norigin = 'DE'\nvalue = 100\n\
        [[flow]]\nid = 'fr'\nproduct = '8703'\norigin = 'FRA'\nvalue = 100\n\
        [[flow]]\nid = 'jp'\nproduct = '8703'\norigin = 'JP'\nvalue = 100\n";
    let run = run(text);
    let duties: Vec<String> = run.sheets.iter().map(|s| s.duty.normalize().to_string()).collect();
    assert_eq!(duties, ["15", "5", "1"]);
}

#[test]
fn a_long_chain_of_parameters_is_computed_once_a_link() {
    let links: Vec<String> = (1..60).map(|i| format!("p{i} = '(p{} + p{}) / 2'", i - 1, i - 1)).collect();
    let links = links.join("\n");
    let text = format!(
        "title = 'T'\nimporter = 'US'\ndate = 2025-06-05\n\
         [parameters]\np0 = {{ by = 'origin', values = {{ JP = '7%' }} }}\n{links}\n\
         c = {{ of = 'p59', curve = [['0', '0%'], ['100', '100%']] }}\n\
         [[measure]]\nid = 'x'\nrate = 'c'\n\
         [[flow]]\nproduct = '8703'\norigin = 'JP'\nvalue = 100\n"
    );
    // The mean of a number and itself is the number; the curve is the diagonal.
    assert_eq!(run(&text).totals.duty, decimal("7"));
}

#[test]
fn a_parameter_may_be_a_condition_or_a_text() {
    let text = "title = 't'\nimporter = 'US'\ndate = 2025-06-05\n\
        [parameters]\ncounted = { value = [{ from = 2025-01-01, value = false }, { from = 2025-06-01, value = true }] }\n\
        source = \"'a'\"\n\
        [[measure]]\nid = 'x'\nrate = '10%'\nwhen = \"counted and source = 'a'\"\n\
        [[measure]]\nid = 'y'\nrate = '1%'\nwhen = false\n\
        [[measure]]\nid = 'z'\nrate = 'if(not counted or false, 3%, 4%)'\n\
        [[flow]]\nid = 'f'\nproduct = '8703'\norigin = 'JP'\nvalue = 1000\n";
    let duty = |set: &[&str]| {
        let run = run_files(&[("s.toml", text)], "s.toml", set).unwrap();
        sheet(&run, "f").duty.normalize().to_string()
    };
    // 10% and 4% of 1,000; without the first; at 3% without the first
    assert_eq!(duty(&[]), "140");
    assert_eq!(duty(&["source='b'"]), "40");
    assert_eq!(duty(&["counted=false"]), "30");
}
