//! Fees, taxes, export duties, subsidies, non-tariff costs and landed cost, with numbers worked by hand. Every expected
//! figure has its working beside it and is never recorded from the program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{charge, decimal, run, sheet};
use rust_decimal::Decimal;
use tariffsim::assess::{Run, Status};
use tariffsim::scenario::Collector;

/// A scenario of keys, measures, and the keys of its flows; a flow has the product 8703.23, the origin JP and the
/// value 1000 unless it says otherwise.
fn assessed(keys: &str, measures: &[&str], flows: &[&str]) -> Run {
    let head = "title = 'worked'\nstatus = 'stylised'\nimporter = 'US'\ndate = 2025-06-05\n";
    let mut parts = vec![format!("{head}{keys}\n")];
    parts.extend(measures.iter().map(|measure| format!("[[measure]]\n{measure}\n")));
    for flow in flows {
        parts.push(format!("[[flow]]\n{flow}\n"));
        for (key, value) in [("product", "'8703.23'"), ("origin", "'JP'"), ("value", "1000")] {
            if !flow.lines().any(|line| line.trim().starts_with(&format!("{key} ="))) {
                parts.push(format!("{key} = {value}\n"));
            }
        }
    }
    run(&parts.concat())
}

#[track_caller]
fn amount(run: &Run, flow: &str, measure: &str) -> Decimal {
    charge(run, flow, measure).unwrap().amount
}

/// Duty and landed cost of a flow.
fn cost(run: &Run, flow: &str) -> (String, String) {
    let sheet = sheet(run, flow);
    assert!(sheet.computable(), "{:?}", sheet.not_computable);
    (sheet.duty.normalize().to_string(), sheet.landed_cost.normalize().to_string())
}

fn pair(duty: &str, landed: &str) -> (String, String) {
    (duty.to_owned(), landed.to_owned())
}

const DUTY: &str = "id = 'general'\nrate = '10%'";

// Fees

/// The merchandise processing fee of the United States: 0.3464% of the value, between a floor and a cap an entry that
/// change on 1 October.
#[test]
fn merchandise_processing_fee() {
    let steps = [
        ("2023-10-01", "31.67", "614.35"),
        ("2024-10-01", "32.71", "634.62"),
        ("2025-10-01", "33.58", "651.50"),
    ];
    let steps = steps.map(|(from, floor, cap)| {
        format!(
            "{{ from = {from}, rate = 'clamp(0.3464% * value, {floor} USD * entries, {cap} USD * entries)' }}"
        )
    });
    let fee = format!("id = 'mpf'\ntype = 'fee'\nrate = [{}]", steps.join(", "));
    // 0.3464% of 5,000 is 17.32, below every floor; of 1,000,000 is 3,464, above every cap; of 100,000 is 346.40.
    // 3 entries at 5,000: three floors. 3 at 1,000,000: three caps; 10: 3,464 itself.
    let cases = [
        ("5_000", 1, "2024-09-30", "31.67"),
        ("1_000_000", 1, "2024-09-30", "614.35"),
        ("5_000", 1, "2024-10-01", "32.71"),
        ("1_000_000", 1, "2024-10-01", "634.62"),
        ("100_000", 1, "2024-10-01", "346.4"),
        ("5_000", 1, "2025-09-30", "32.71"),
        ("5_000", 1, "2025-10-01", "33.58"),
        ("1_000_000", 1, "2025-10-01", "651.5"),
        ("5_000", 3, "2025-10-01", "100.74"),
        ("1_000_000", 3, "2025-10-01", "1954.5"),
        ("1_000_000", 10, "2025-10-01", "3464"),
    ];
    for (value, entries, date, expected) in cases {
        let run = assessed("", &[&fee], &[&format!("value = {value}\nentries = {entries}\ndate = {date}")]);
        assert_eq!(amount(&run, "1", "mpf"), decimal(expected), "{value} on {date}");
        // It is no duty.
        assert_eq!(run.totals.duty, Decimal::ZERO);
        assert_eq!(run.totals.landed.fees, decimal(expected));
    }
    // Before the first step there is none.
    let run = assessed("", &[&fee], &["date = 2023-09-30"]);
    assert!(charge(&run, "1", "mpf").is_none());
}

/// The fee is met by the flow, not by the parts into which a quota divides it.
#[test]
fn a_floor_is_met_by_the_flow() {
    let fee = "id = 'mpf'\ntype = 'fee'\nrate = 'clamp(0.3464% * value, 32.71 USD * entries, 634.62 USD * entries)'";
    let quota = "id = 'duty'\nrate = '10%'\n[[quota]]\nid = 'trq'\nmeasures = 'duty'\nin_quota_rate = 'free'\nvolume = '400 USD'\nperiod = 'year'";
    let run = assessed("", &[fee, quota], &["value = 5_000"]);
    // One floor; 4,600 × 10%; 5,000 + 460 + 32.71.
    assert_eq!(amount(&run, "1", "mpf"), decimal("32.71"));
    assert_eq!(cost(&run, "1"), pair("460", "5492.71"));
}

#[test]
fn a_fee_is_charged_on_the_customs_value() {
    let fee = "id = 'harbor'\ntype = 'fee'\nrate = '0.125%'";
    let freight = "value = 10_000\nfreight = 500\ninsurance = 100";
    // 12.50 on 10,000; 13.25 on 10,600.
    assert_eq!(amount(&assessed("", &[fee], &[freight]), "1", "harbor"), decimal("12.5"));
    assert_eq!(amount(&assessed("valuation = 'cif'", &[fee], &[freight]), "1", "harbor"), decimal("13.25"));
}

#[test]
fn a_fee_counts_its_share() {
    // A lump sum of 80 on a quarter of the value.
    let run = assessed("", &["id = 'stamp'\ntype = 'fee'\nrate = '80 USD'\nshare = '25%'"], &[""]);
    assert_eq!(amount(&run, "1", "stamp"), decimal("20"));
}

/// The agreement waives the fee: what claims it pays none.
#[test]
fn a_fee_is_waived_by_a_claimed_preference() {
    let mfn = "id = 'mfn-cars'\ntype = 'mfn'\nrate = '2.5%'";
    let preference = "id = 'usmca'\ntype = 'preference'\nrate = 'free'\nutilisation = '60%'";
    let fee = "id = 'mpf'\ntype = 'fee'\nrate = '30 USD'\nyields_to = 'usmca'";
    let run = assessed("", &[mfn, preference, fee], &["", "claims = 'usmca'", "claims = ''"]);
    // 40% of 30 and of 25; nothing; all.
    assert_eq!(amount(&run, "1", "mpf"), decimal("12"));
    assert_eq!(cost(&run, "1"), pair("10", "1022"));
    assert_eq!(charge(&run, "2", "mpf").unwrap().status, Status::Displaced);
    assert_eq!(cost(&run, "2"), pair("0", "1000"));
    assert_eq!(cost(&run, "3"), pair("25", "1055"));
}

// Taxes

/// Consumption tax of Japan: 10% of value, freight, insurance and duty.
#[test]
fn consumption_tax_of_japan() {
    let head = "valuation = { JP = 'cif' }";
    let duty = "id = 'wto'\nimporter = 'JP'\ntype = 'mfn'\nrate = '4%'";
    let tax = "id = 'consumption-tax'\nimporter = 'JP'\ntype = 'tax'\nrate = '10%'";
    let flow = "origin = 'US'\nimporter = 'JP'\nvalue = 1_000_000\nfreight = 50_000\ninsurance = 5_000";
    let run = assessed(head, &[duty, tax], &[flow]);
    // 1,055,000 × 4% = 42,200; 1,097,200 × 10% = 109,720.
    assert_eq!(amount(&run, "1", "consumption-tax"), decimal("109720"));
    assert_eq!(cost(&run, "1"), pair("42200", "1206920"));
    assert_eq!(run.totals.landed.freight_and_insurance, Decimal::ZERO);
    // Under fob the duty is on 1,000,000, the tax still on freight and insurance: (1,000,000 + 55,000 + 40,000) × 10%.
    let run = assessed("", &[duty, tax], &[flow]);
    assert_eq!(amount(&run, "1", "consumption-tax"), decimal("109500"));
    assert_eq!(cost(&run, "1"), pair("40000", "1204500"));
    assert_eq!(run.totals.landed.freight_and_insurance, decimal("55000"));
    // The base is what it is charged on.
    assert_eq!(charge(&run, "1", "consumption-tax").unwrap().base, decimal("1095000"));
}

#[test]
fn a_tax_is_charged_on_fees_but_not_on_taxes() {
    let fee = "id = 'mpf'\ntype = 'fee'\nrate = '30 USD'";
    let vat = "id = 'vat'\ntype = 'tax'\nrate = '20%'";
    let excise = "id = 'excise'\ntype = 'tax'\nrate = '5%'";
    // In whatever order they stand: 1000 + 100 + 30 = 1130; 226 and 56.5.
    for measures in [[DUTY, fee, vat, excise], [excise, vat, fee, DUTY]] {
        let run = assessed("", &measures, &[""]);
        assert_eq!(amount(&run, "1", "vat"), decimal("226"));
        assert_eq!(amount(&run, "1", "excise"), decimal("56.5"));
        assert_eq!(cost(&run, "1"), pair("100", "1412.5"));
    }
    // Export duty, subsidy and non-tariff cost are in no tax base: the tax is 20% of 1000.
    let others = ["export-duty", "subsidy", "non-tariff"]
        .map(|kind| format!("id = 'x-{kind}'\ntype = '{kind}'\nrate = '7%'"));
    let mut measures: Vec<&str> = others.iter().map(String::as_str).collect();
    measures.push(vat);
    assert_eq!(amount(&assessed("", &measures, &[""]), "1", "vat"), decimal("200"));
}

/// What a credit pays is not taxed.
#[test]
fn a_tax_is_charged_on_duty_less_credits() {
    let credit = "id = 'parts'\nrate = '25%'\n[[credit]]\nid = 'offset'\nagainst = 'parts'\namount = '150 USD'\nperiod = 'year'";
    let vat = "id = 'vat'\ntype = 'tax'\nrate = '20%'";
    let run = assessed("", &[credit, vat], &["", ""]);
    // 250 − 150 = 100: 1100 × 20%. The second has no credit: 1250 × 20%.
    assert_eq!(amount(&run, "1", "vat"), decimal("220"));
    assert_eq!(cost(&run, "1"), pair("100", "1320"));
    assert_eq!(amount(&run, "2", "vat"), decimal("250"));
    assert_eq!(cost(&run, "2"), pair("250", "1500"));
}

#[test]
fn a_tax_is_charged_on_each_part_of_the_trade() {
    let mfn = "id = 'mfn-cars'\ntype = 'mfn'\nrate = '10%'";
    let preference = "id = 'deal'\ntype = 'preference'\nrate = 'free'\nutilisation = '75%'";
    let vat = "id = 'vat'\ntype = 'tax'\nrate = '20%'";
    // Duty on a quarter: 25. Tax: 0.75 × 200 + 0.25 × 220 = 205.
    let run = assessed("", &[mfn, preference, vat], &[""]);
    assert_eq!(amount(&run, "1", "vat"), decimal("205"));
    assert_eq!(cost(&run, "1"), pair("25", "1230"));
}

#[test]
fn a_specific_tax_and_a_tax_that_gives_way() {
    let excise = "id = 'excise'\ntype = 'tax'\nrate = '2 USD/l'";
    let run = assessed("", &[excise], &["quantity = 30\nunit = 'l'"]);
    assert_eq!(amount(&run, "1", "excise"), decimal("60"));
    // VAT gives way to the excise: it charges nothing. A tax may yield to a duty too.
    let vat = "id = 'vat'\ntype = 'tax'\nrate = '20%'\nyields_to = ['excise']";
    let run = assessed("", &[excise, vat], &["quantity = 30\nunit = 'l'"]);
    assert_eq!(amount(&run, "1", "vat"), Decimal::ZERO);
    let part = "id = 'general'\nrate = '10%'\nshare = '40%'";
    let vat = "id = 'vat'\ntype = 'tax'\nrate = '20%'\nyields_to = 'general'";
    // 60% of 20% of (1000 + 40).
    assert_eq!(amount(&assessed("", &[part, vat], &[""]), "1", "vat"), decimal("124.8"));
}

// What others collect, pay, or nobody does

#[test]
fn export_duty_subsidy_and_non_tariff_cost_are_no_duty() {
    let export = "id = 'export-tax'\ntype = 'export-duty'\nrate = '20%'";
    let subsidy = "id = 'grant'\ntype = 'subsidy'\nrate = '5%'";
    let delay = "id = 'delay'\ntype = 'non-tariff'\nrate = '3%'";
    let fee = "id = 'mpf'\ntype = 'fee'\nrate = '0.5%'";
    let tax = "id = 'vat'\ntype = 'tax'\nrate = '10%'";
    let run = assessed("", &[DUTY, export, subsidy, delay, fee, tax], &["freight = 70\ninsurance = 30"]);
    // Tax: (1000 + 100 + 100 + 5) × 10% = 120.5.
    // Landed: 1000 + 100 + 100 duty + 200 export − 50 subsidy + 30 delay + 5 fee + 120.5 tax = 1505.5.
    assert_eq!(cost(&run, "1"), pair("100", "1505.5"));
    let landed = &run.totals.landed;
    let parts = [
        landed.freight_and_insurance,
        landed.duty,
        landed.fees,
        landed.taxes,
        landed.export_duties,
        landed.subsidies,
        landed.non_tariff,
    ];
    assert_eq!(parts, ["100", "100", "5", "120.5", "200", "-50", "30"].map(decimal));
    assert_eq!(run.totals.value_and(parts), run.totals.landed_cost);
    // The effective rate is of duty alone.
    assert_eq!(run.totals.effective_rate, Some(decimal("0.1")));
    // The importer's treasury takes duty, fee and tax and pays the subsidy, as far as collectors are told apart.
    assert_eq!(landed.collected(Collector::Exporter).unwrap(), decimal("200"));
    assert_eq!(landed.collected(Collector::Nobody).unwrap(), decimal("30"));
    assert_eq!(landed.collected(Collector::Importer).unwrap(), decimal("175.5"));
}

trait ValueAnd {
    fn value_and(&self, parts: [Decimal; 7]) -> Decimal;
}

impl ValueAnd for tariffsim::assess::Totals {
    /// The customs value and some parts together.
    fn value_and(&self, parts: [Decimal; 7]) -> Decimal {
        parts.iter().fold(self.computable.value, |sum, part| sum.checked_add(*part).unwrap())
    }
}

#[test]
fn a_subsidy_is_below_zero_however_it_is_written() {
    for rate in ["5%", "-5%", "50 USD", "-50 USD", "-5 USD/kg", "5 USD/kg"] {
        let subsidy = format!("id = 'grant'\ntype = 'subsidy'\nrate = '{rate}'");
        let run = assessed("", &[&subsidy, DUTY], &["quantity = 10\nunit = 'kg'"]);
        assert_eq!(amount(&run, "1", "grant"), decimal("-50"), "{rate}");
        assert_eq!(cost(&run, "1"), pair("100", "1050"), "{rate}");
    }
}

#[test]
fn a_subsidy_by_party() {
    let keys =
        "[parameters]\ngrant = { by = 'party', values = { tesla = '7.5%', ford = '5%' }, default = '0%' }";
    let subsidy = "id = 'credit-for-makers'\ntype = 'subsidy'\nrate = 'grant'";
    let flows = ["party = 'tesla'", "party = 'ford'", "party = 'audi'"];
    let run = assessed(keys, &[subsidy], &flows);
    let landed: Vec<String> = run.sheets.iter().map(|s| s.landed_cost.normalize().to_string()).collect();
    assert_eq!(landed, ["925", "950", "1000"]);
}

/// A duty may be made of many flows; sums are of all of them.
#[test]
fn landed_costs_add_up_over_flows() {
    let fee = "id = 'mpf'\ntype = 'fee'\nrate = '30 USD'";
    let run = assessed("", &[DUTY, fee], &["value = 1_000\nfreight = 10", "value = 2_000", "value = 0"]);
    // 1000 + 10 + 100 + 30; 2000 + 200 + 30; a fee on nothing is due all the same.
    assert_eq!(cost(&run, "1"), pair("100", "1140"));
    assert_eq!(cost(&run, "2"), pair("200", "2230"));
    assert_eq!(cost(&run, "3"), pair("0", "30"));
    assert_eq!(run.totals.landed_cost, decimal("3400"));
    assert_eq!(run.totals.landed.fees, decimal("90"));
    assert_eq!(run.totals.duty, decimal("300"));
}

#[test]
fn a_flow_whose_fee_is_not_computable_is_in_no_total() {
    let fee = "id = 'inspection'\ntype = 'fee'\nrate = '5 USD/t'";
    let run = assessed("", &[DUTY, fee], &["", "quantity = 2\nunit = 't'"]);
    assert!(!run.sheets[0].computable());
    assert_eq!(cost(&run, "2"), pair("100", "1110"));
    assert_eq!(run.totals.landed_cost, decimal("1110"));
    assert_eq!(run.totals.duty, decimal("100"));
}

#[test]
fn rounding_is_of_fees_and_taxes_too() {
    let keys = "currency = 'JPY'\n[rounding]\nvalue = { to = '1000 JPY', mode = 'down' }\ncharge = { to = '100 JPY', mode = 'down' }";
    let one = "id = 'one'\nrate = '4.3%'";
    let two = "id = 'two'\nrate = '4.3%'";
    let tax = "id = 'vat'\ntype = 'tax'\nrate = '100%'";
    // 123,456 → 123,000. Each duty is 5,289 → 5,200. The tax sees them before they are rounded: 123,000 + 2 × 5,289 =
    // 133,578 → 133,500.
    let run = assessed(keys, &[one, two, tax], &["value = 123_456"]);
    assert_eq!(amount(&run, "1", "one"), decimal("5200"));
    assert_eq!(amount(&run, "1", "vat"), decimal("133500"));
    assert_eq!(cost(&run, "1"), pair("10400", "266900"));
}

/// Charges of every type are on the worksheet, and with the credits they make the landed cost.
#[test]
fn charges_and_credits_make_the_landed_cost() {
    let all = "id = 'parts'\nrate = '25%'\n[[credit]]\nid = 'offset'\nagainst = 'parts'\namount = '150 USD'\nperiod = 'year'";
    let fee = "id = 'mpf'\ntype = 'fee'\nrate = '1%'";
    let run = assessed("", &[all, fee], &["freight = 20"]);
    let sheet = sheet(&run, "1");
    let charges: Decimal = sheet.charges.iter().map(|c| c.amount).sum();
    let credits: Decimal = sheet.credits.iter().map(|c| c.amount).sum();
    // 250 + 10 − 150 + 1000 + 20.
    assert_eq!(charges, decimal("260"));
    assert_eq!(credits, decimal("150"));
    assert_eq!(sheet.landed_cost, decimal("1130"));
}
