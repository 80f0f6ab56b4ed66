//! Quotas and credits, with numbers worked by hand. Every expected figure has its working beside it and is never
//! recorded from the program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[allow(dead_code, reason = "these tests need files, and not all that is shared")]
mod common;

use common::{charge, decimal, run_files, sheet};
use tariffsim::assess::{Run, Statement, Status};

/// Runs a scenario on rows of a file. Every flow is steel from Japan worth 1,000, in tonnes, unless a column says
/// otherwise.
fn assessed(scenario: &str, rows: &str) -> Run {
    let head = "title = 'worked'\nstatus = 'stylised'\nimporter = 'US'\nflows = 'f.csv'\n";
    let mut lines = rows.lines().map(str::trim);
    let header = lines.next().unwrap();
    let defaults = [("product", "7208"), ("origin", "JP"), ("value", "1000"), ("unit", "t")];
    let given: Vec<&str> = header.split(',').collect();
    let added = defaults.iter().filter(|(name, _)| !given.contains(name));
    let (names, cells): (String, String) =
        added.map(|(name, cell)| (format!(",{name}"), format!(",{cell}"))).unzip();
    let rows = lines.map(|line| format!("{line}{cells}\n")).collect::<Vec<_>>().concat();
    let files = [("test.toml", format!("{head}{scenario}")), ("f.csv", format!("{header}{names}\n{rows}"))];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    run_files(&files, "test.toml", &[]).unwrap()
}

/// The duties of the flows, in their order; `-` where a flow is not computable.
fn duties(run: &Run) -> Vec<String> {
    let duty = |sheet: &tariffsim::assess::Worksheet| sheet.duty.normalize().to_string();
    run.sheets.iter().map(|s| if s.computable() { duty(s) } else { "-".to_owned() }).collect()
}

/// One line a statement: party, first day, first day after, opening, carried in, drawn, remaining, carried out, the day
/// it ran out, unit.
fn lines(statements: &[Statement]) -> Vec<String> {
    let day = |day: Option<tariffsim::date::Date>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
    let line = |s: &Statement| {
        let party = s.party.clone().unwrap_or_else(|| "all".to_owned());
        let amounts = [s.opening, s.carried_in, s.drawn, s.remaining, s.carried_out];
        let amounts: Vec<String> = amounts.iter().map(|a| a.normalize().to_string()).collect();
        format!(
            "{party} {} {} {} {} {}",
            day(s.from),
            day(s.until),
            amounts.join(" "),
            day(s.exhausted),
            s.unit
        )
    };
    statements.iter().map(line).collect()
}

#[track_caller]
fn assert_duties(scenario: &str, rows: &str, expected: &[&str]) {
    assert_eq!(duties(&assessed(scenario, rows)), expected);
}

const STEEL: &str = "[[measure]]\nid = 's232'\nproducts = '7208'\nrate = '50%'\n";

/// A duty of 50% on steel, none within a quota of these keys.
fn steel(keys: &str) -> String {
    format!("{STEEL}[[quota]]\nid = 'trq'\nmeasures = 's232'\nin_quota_rate = '0%'\n{keys}\n")
}

// What crosses the limit

/// UK cars: 10% within the quota and 27.5% beyond, of which 2.5% is the base duty.
///
/// 65,205 of 80,000 cars at 30,000 USD: 1,956,150,000 × 10% = 195,615,000. The other 14,795: 443,850,000 × 27.5% =
/// 122,058,750. Together 317,673,750.
#[test]
fn uk_cars_in_whatever_order_the_rows_stand() {
    let scenario = "
        [[measure]]
        id = 'mfn-cars'
        type = 'mfn'
        products = '8703'
        rate = '2.5%'
        [[measure]]
        id = 's232-autos'
        products = '8703'
        rate = '25%'
        [[quota]]
        id = 'uk-cars'
        measures = 's232-autos'
        origins = 'GB'
        in_quota_rate = '7.5%'
        volume = '65_205 vehicles'
        period = 'year'
        from = 2025-06-30";
    // The last of the year is over the quota, the one before it is divided.
    let rows = [
        "a,2025-06-30,8703.23,GB,600_000_000,20_000,cars",
        "b,2025-08-01,8703.23,GB,900_000_000,30_000,cars",
        "c,2025-11-15,8703.23,GB,780_000_000,26_000,cars",
        "d,2025-12-31,8703.23,GB,120_000_000,4_000,cars",
    ]
    .map(|row| row.replace('_', ""));
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        let rows = order.map(|at| rows[at].as_str()).join("\n");
        let run = assessed(scenario, &format!("id,date,product,origin,value,quantity,unit\n{rows}"));
        assert_eq!(run.totals.duty, decimal("317673750"));
        // 15,205 of the 26,000 are left for c: 456,150,000 × 10% + 323,850,000 × 27.5%.
        assert_eq!(sheet(&run, "a").duty, decimal("60000000"));
        assert_eq!(sheet(&run, "b").duty, decimal("90000000"));
        assert_eq!(sheet(&run, "c").duty, decimal("134673750"));
        assert_eq!(sheet(&run, "d").duty, decimal("33000000"));
        let statement = "all 2025-06-30 2026-01-01 65205 0 65205 0 0 2025-11-15 vehicles";
        assert_eq!(lines(&run.quotas), [statement]);
    }
    // Cars from elsewhere neither draw nor profit.
    let rows = "id,date,product,origin,value,quantity,unit\na,2025-07-01,8703.23,JP,1000,1,cars";
    let run = assessed(scenario, rows);
    assert_eq!(duties(&run), ["275"]);
    assert!(run.quotas.is_empty());
}

/// 312,500 t a quarter. 200,000 t and 112,499,999 kg leave one kilogram of the next three; each kilogram is worth 100
/// USD and pays half of that beyond the quota.
#[test]
fn steel_is_divided_to_the_kilogram() {
    let scenario = steel("volume = '312_500 t'\nperiod = 'quarter'\norigins = 'JP'");
    let run = assessed(
        &scenario,
        "id,date,value,quantity,unit
        july,2024-07-01,1000,10,kg
        june,2024-06-30,300,3,kg
        april,2024-04-01,1000,200000,t
        may,2024-05-31,1000,112499999,kg
        late,2024-06-30,700,7,kg",
    );
    // June: 2 of 3 kg over, 200 × 50%. Late: all of it, 700 × 50%. July is another quarter.
    assert_eq!(duties(&run), ["0", "100", "0", "0", "350"]);
    assert_eq!(
        lines(&run.quotas),
        [
            "all 2024-04-01 2024-07-01 312500 0 312500 0 0 2024-06-30 t",
            "all 2024-07-01 2024-10-01 312500 0 0.01 312499.99 0 - t",
        ]
    );
    let june = charge(&run, "june", "s232").unwrap();
    assert_eq!(june.note(run.scenario()), "in quota trq: 0.001 of 0.003 t; over quota trq: 0.002 of 0.003 t");
}

/// Of one day the rows come in the order of the file.
#[test]
fn first_come_on_one_day_goes_by_the_file() {
    let scenario = steel("volume = '100 t'\nperiod = 'year'");
    // 80 t and 20 of 120 t: 100 of 120 t over, 1000 × 5/6 × 50% = 416.66…
    let rows = "date,quantity\n2025-03-01,80\n2025-03-01,120";
    assert_duties(&scenario, rows, &["0", "416.6666666667"]);
    // 100 of 120 t, none of 80 t: 20/120 × 50%, all × 50%.
    let rows = "date,quantity\n2025-03-01,120\n2025-03-01,80";
    assert_duties(&scenario, rows, &["83.3333333333", "500"]);
}

/// 100 t for 80 + 120: half of each, so 25% of each value. The day before and the day after are days of their own.
#[test]
fn pro_rata_divides_a_day() {
    let scenario = steel("volume = '150 t'\nperiod = 'year'\nallocation = 'pro-rata'");
    let run =
        assessed(&scenario, "date,quantity\n2025-03-02,80\n2025-03-01,50\n2025-03-02,120\n2025-03-03,1");
    assert_eq!(duties(&run), ["250", "0", "250", "500"]);
    assert_eq!(lines(&run.quotas), ["all 2025-01-01 2026-01-01 150 0 150 0 0 2025-03-02 t"]);
}

#[test]
fn pro_rata_of_a_third_admits_no_more_than_there_is() {
    // 1 t for three that ask 1 t each: a third to 18 places, so two thirds are over: 333.3333333333 of duty.
    let scenario = steel("volume = '1 t'\nperiod = 'year'\nallocation = 'pro-rata'");
    let run = assessed(&scenario, "date,quantity\n2025-03-01,1\n2025-03-01,1\n2025-03-01,1\n2025-03-02,1");
    assert_eq!(duties(&run), ["333.3333333333", "333.3333333333", "333.3333333333", "500"]);
    assert_eq!(
        lines(&run.quotas),
        ["all 2025-01-01 2026-01-01 1 0 0.999999999999999999 0.000000000000000001 0 2025-03-01 t"]
    );
}

#[test]
fn the_last_tonne_that_fits_is_admitted() {
    let scenario = steel("volume = '100 t'\nperiod = 'year'");
    let run = assessed(&scenario, "date,quantity\n2025-03-01,40\n2025-03-02,60\n2025-03-03,0\n2025-03-04,1");
    // It runs out on the second day; nothing asked for is nothing over, whose value pays the full rate or none.
    assert_eq!(lines(&run.quotas), ["all 2025-01-01 2026-01-01 100 0 100 0 0 2025-03-02 t"]);
    assert_eq!(duties(&run)[..2], ["0", "0"]);
    assert_eq!(duties(&run)[3], "500");
}

// What is counted

#[test]
fn a_volume_in_money_counts_customs_value() {
    let scenario = steel("volume = '1_000_000 USD'\nperiod = 'year'");
    // 600,000, then 400,000 of 600,000: 200,000 × 50%. No quantity is asked for.
    let run = assessed(&scenario, "date,value\n2025-03-01,600000\n2025-03-02,600000");
    assert_eq!(duties(&run), ["0", "100000"]);
    assert_eq!(lines(&run.quotas), ["all 2025-01-01 2026-01-01 1000000 0 1000000 0 0 2025-03-02 USD"]);
    // With freight in it customs value is 700,000: 300,000 of the second, so 400,000 × 50%.
    let cif = format!("valuation = 'cif'\n{scenario}");
    let run = assessed(&cif, "date,value,freight\n2025-03-01,600000,100000\n2025-03-02,600000,100000");
    assert_eq!(duties(&run), ["0", "200000"]);
}

#[test]
fn a_volume_in_foreign_money() {
    // 500,000 EUR at 1.08 are 540,000 USD: 60,000 of 600,000 over.
    let quota = steel("volume = '500_000 EUR'\nperiod = 'year'");
    let scenario = format!("exchange.EUR = '1.08'\n{quota}");
    assert_duties(&scenario, "date,value\n2025-03-01,600000", &["30000"]);
}

#[test]
fn a_volume_may_be_an_expression_of_parameters() {
    // Half of 3.3 million is 1.65 million cars. 1.7 million at 20,000: 50,000 over, 10^9 × 25%.
    let scenario = "
        [parameters]
        us_output = '3_300_000 vehicles'
        [[measure]]
        id = 's232-autos'
        rate = '25%'
        [[quota]]
        id = 'output-quota'
        measures = 's232-autos'
        in_quota_rate = 'free'
        volume = '0.5 * us_output'
        period = 'year'";
    let rows = "date,product,value,quantity,unit\n2025-06-01,8703,34000000000,1700000,each";
    assert_duties(scenario, rows, &["250000000"]);
}

/// The volume is the one on the first day of the period, whenever trade enters in it.
#[test]
fn the_volume_is_that_of_the_periods_first_day() {
    let quota = steel("volume = 'limit'\nperiod = 'quarter'");
    let steps = "limit = [{ from = 2024-01-01, value = '100 t' }, { from = 2025-02-01, value = '200 t' }]";
    let run =
        assessed(&format!("parameters.{steps}\n{quota}"), "date,quantity\n2025-03-01,150\n2025-04-01,150");
    // 50 of 150 t over in the first quarter: a third of 1000, half of that.
    assert_eq!(duties(&run), ["166.6666666667", "0"]);
    // A window that opens in between is where the first period starts: 200 t.
    let run = assessed(
        &format!("parameters.{steps}\n{}", steel("volume = 'limit'\nperiod = 'quarter'\nfrom = 2025-02-01")),
        "date,quantity\n2025-03-01,150",
    );
    assert_eq!(duties(&run), ["0"]);
    assert_eq!(lines(&run.quotas), ["all 2025-02-01 2025-04-01 200 0 150 50 0 - t"]);
}

#[test]
fn a_flow_that_does_not_say_how_much_is_not_computable() {
    let scenario = steel("volume = '100 t'\nperiod = 'year'");
    let run = assessed(
        &scenario,
        "id,date,quantity,unit
        none,2025-03-01,,
        other,2025-03-01,5,each
        good,2025-03-01,5,t",
    );
    assert_eq!(duties(&run), ["-", "-", "0"]);
    let reason = |id: &str| sheet(&run, id).not_computable.clone().unwrap();
    assert!(reason("none").starts_with("trq: ") && reason("none").contains("quantity"), "{}", reason("none"));
    assert!(reason("other").starts_with("trq: "), "{}", reason("other"));
    // They draw nothing.
    assert_eq!(lines(&run.quotas), ["all 2025-01-01 2026-01-01 100 0 5 95 0 - t"]);
    assert_eq!(run.totals.not_computable.flows, 2);
    assert_eq!(run.totals.not_computable.value, decimal("2000"));
}

#[test]
fn the_second_quantity_counts_where_the_first_does_not_fit() {
    let scenario = steel("volume = '100 t'\nperiod = 'year'");
    // 150 t in 3 coils: 50 over, a third of 1000, half of that.
    let rows = "date,quantity,unit,quantity_2,unit_2\n2025-03-01,3,each,150,t";
    assert_duties(&scenario, rows, &["166.6666666667"]);
}

// Pools

#[test]
fn a_pool_for_each_party() {
    let scenario = format!(
        "{}\n[parameters]\nbuilt = {{ by = 'party', values = {{ toyota = '100 t', honda = '10 t' }}, default = '0 t' }}",
        steel("volume = 'built'\nperiod = 'year'\nby = 'party'")
    );
    let run = assessed(
        &scenario,
        "date,party,quantity\n2025-03-01,toyota,80\n2025-03-02,honda,80\n2025-03-03,toyota,40\n2025-03-04,mazda,1",
    );
    // Toyota: 80, then 20 of 40. Honda: 10 of 80, so 7/8 over. Mazda has none.
    assert_eq!(duties(&run), ["0", "437.5", "250", "500"]);
    let statements = lines(&run.quotas);
    for line in [
        "honda 2025-01-01 2026-01-01 10 0 10 0 0 2025-03-02 t",
        "toyota 2025-01-01 2026-01-01 100 0 100 0 0 2025-03-03 t",
    ] {
        assert!(statements.iter().any(|s| s == line), "{line} is not in {statements:?}");
    }
    let mazda = statements.iter().find(|s| s.starts_with("mazda")).unwrap();
    assert!(mazda.starts_with("mazda 2025-01-01 2026-01-01 0 0 0 0 0 "), "{mazda}");
}

#[test]
fn a_pool_for_each_origin_and_each_text_of_a_column() {
    let scenario = steel("volume = '100 t'\nperiod = 'year'\nby = 'origin'");
    let rows =
        "date,origin,quantity\n2025-03-01,JP,80\n2025-03-01,KR,80\n2025-03-02,JPN,40\n2025-03-02,KR,20";
    // JP and JPN are one country: 80, then 20 of 40. Korea: 100 in all.
    let run = assessed(&scenario, rows);
    assert_eq!(duties(&run), ["0", "0", "250", "0"]);
    assert_eq!(run.quotas.len(), 2);
    let scenario = steel("volume = '100 t'\nperiod = 'year'\nby = 'attr.port'");
    let rows = "date,port,quantity\n2025-03-01,Kobe,80\n2025-03-01,Moji,80\n2025-03-02,Kobe,40";
    assert_duties(&scenario, rows, &["0", "0", "250"]);
}

#[test]
fn a_flow_without_a_party_is_not_computable() {
    let scenario = steel("volume = '100 t'\nperiod = 'year'\nby = 'party'");
    let run = assessed(&scenario, "date,party,quantity\n2025-03-01,,80\n2025-03-01,nippon,80");
    assert_eq!(duties(&run), ["-", "0"]);
    assert_eq!(run.quotas.len(), 1);
}

/// One volume for two measures and two origins.
#[test]
fn a_pool_is_shared_by_measures_and_origins() {
    let scenario = "
        [[measure]]
        id = 'plate'
        products = '7208'
        programme = 's232'
        rate = '50%'
        [[measure]]
        id = 'wire'
        products = '7217'
        programme = 's232'
        rate = '25%'
        [[quota]]
        id = 'both'
        measures = ['s232']
        origins = ['JP', 'KR']
        in_quota_rate = '10%'
        volume = '100 t'
        period = 'year'";
    let rows = "date,product,origin,quantity
        2025-03-01,7208,JP,60
        2025-03-02,7217,KR,60
        2025-03-03,7208,KR,10
        2025-03-03,7208,DE,10";
    // 10% of 1000. 40 of 60 at 10%, 20 at 25%: 66.66… + 83.33… = 150. Beyond: 50%. German plate has no quota.
    assert_duties(scenario, rows, &["100", "150", "500", "500"]);
}

/// A flow on which two measures of a quota stand draws once, and both charge the in-quota rate.
#[test]
fn a_flow_draws_once_whatever_the_number_of_measures() {
    let scenario = "
        [[measure]]
        id = 'a'
        rate = '20%'
        [[measure]]
        id = 'b'
        rate = '30%'
        [[quota]]
        id = 'both'
        measures = ['a', 'b']
        in_quota_rate = '1%'
        volume = '100 t'
        period = 'year'";
    let run = assessed(scenario, "date,quantity\n2025-03-01,60\n2025-03-02,80");
    // 1% twice on 1000. Then half in: 20 × 1/2 + 500 × 1/2.
    assert_eq!(duties(&run), ["20", "260"]);
    assert_eq!(lines(&run.quotas), ["all 2025-01-01 2026-01-01 100 0 100 0 0 2025-03-02 t"]);
}

#[test]
fn goods_importer_and_exceptions_of_a_quota() {
    let quota = steel(
        "volume = '100 t'\nperiod = 'year'\nproducts = '7208.51'\nexcept_origins = 'KR'\nexcept_products = '7208.51.30'",
    );
    let rows = "date,product,origin,quantity
        2025-03-01,7208.51.45,JP,10
        2025-03-01,7208.51.30,JP,10
        2025-03-01,7208.90,JP,10
        2025-03-01,7208.51.45,KR,10";
    let run = assessed(&quota, rows);
    assert_eq!(duties(&run), ["0", "500", "500", "500"]);
    assert_eq!(lines(&run.quotas), ["all 2025-01-01 2026-01-01 100 0 10 90 0 - t"]);
}

#[test]
fn a_condition_says_who_draws() {
    let scenario = steel("volume = '100 t'\nperiod = 'year'\nwhen = \"attr.use = 'cans'\"");
    let rows = "date,use,quantity\n2025-03-01,cans,90\n2025-03-02,cars,90\n2025-03-03,cans,20";
    // 10 of the last 20.
    assert_duties(&scenario, rows, &["0", "500", "250"]);
}

#[test]
fn a_quota_that_must_be_claimed() {
    let scenario = format!(
        "{}\n[[measure]]\nid = 'licence'\ntype = 'exemption'\nutilisation = '40%'\n",
        steel("volume = '100 t'\nperiod = 'year'\nclaim = 'licence'")
    );
    // With the column: the first draws 90, the second nothing.
    let rows = "date,claims,quantity\n2025-03-01,licence,90\n2025-03-02,,90\n2025-03-03,licence,20";
    assert_duties(&scenario, rows, &["0", "500", "250"]);
    // Without it 40% of 200 t, 80 t, draw and go in; 60% pay. Of the next 40% of 100 t, 20 of 40 t go in.
    let run = assessed(&scenario, "date,quantity\n2025-03-01,200\n2025-03-02,100");
    assert_eq!(duties(&run), ["300", "400"]);
    assert_eq!(lines(&run.quotas), ["all 2025-01-01 2026-01-01 100 0 100 0 0 2025-03-02 t"]);
}

// Periods

#[test]
fn a_quota_holds_in_its_window_only() {
    let scenario = steel("volume = '100 t'\nperiod = 'year'\nfrom = 2025-03-01\nuntil = 2025-09-01");
    let run = assessed(
        &scenario,
        "date,quantity\n2025-02-28,10\n2025-03-01,10\n2025-08-31,10\n2025-09-01,10\n2026-03-01,10",
    );
    assert_eq!(duties(&run), ["500", "0", "0", "500", "500"]);
    assert_eq!(lines(&run.quotas), ["all 2025-03-01 2025-09-01 100 0 20 80 0 - t"]);
}

/// On the last day of a period and on the first of the next, 60 t each of 100 t: two periods admit both, one admits 40
/// of the second, so that a third of it pays half: 166.66….
#[test]
fn periods_begin_when_they_say() {
    let cases = [
        ("'year'", "2024-12-31", "2025-01-01", "2025-12-31"),
        ("'quarter'", "2025-03-31", "2025-04-01", "2025-06-30"),
        ("'month'", "2024-02-29", "2024-03-01", "2024-03-31"),
        ("{ starts = '04-01' }", "2025-03-31", "2025-04-01", "2026-03-31"),
        ("{ starts = ['01-01', '07-01'] }", "2025-06-30", "2025-07-01", "2025-12-31"),
        ("{ starts = ['07-01', '01-01'] }", "2025-12-31", "2026-01-01", "2026-06-30"),
        ("{ starts = ['02-29'] }", "2025-02-27", "2025-02-28", "2026-02-27"),
        ("{ starts = ['02-29'] }", "2024-02-28", "2024-02-29", "2025-02-27"),
    ];
    for (period, last, first, end) in cases {
        let scenario = steel(&format!("volume = '100 t'\nperiod = {period}"));
        let run = assessed(&scenario, &format!("date,quantity\n{last},60\n{first},60\n{end},60"));
        assert_eq!(duties(&run), ["0", "0", "166.6666666667"], "{period}");
        assert_eq!(run.quotas.len(), 2, "{period}");
    }
}

#[test]
fn one_period_for_as_long_as_it_lasts() {
    let scenario = steel("volume = '100 t'\nperiod = 'whole'");
    let run = assessed(&scenario, "date,quantity\n2019-03-01,60\n2025-03-02,80");
    // Half of 80.
    assert_eq!(duties(&run), ["0", "250"]);
    assert_eq!(lines(&run.quotas), ["all - - 100 0 100 0 0 2025-03-02 t"]);
}

/// From 2 July to 31 December are 30 + 31 + 30 + 31 + 30 + 31 = 183 days of 365.
#[test]
fn a_first_period_cut_short() {
    let keys = "volume = '365_000 t'\nperiod = 'year'\nfrom = 2025-07-02";
    let rows = "date,quantity\n2025-12-31,183000\n2026-01-01,1";
    let whole = assessed(&steel(keys), rows);
    assert_eq!(
        lines(&whole.quotas),
        [
            "all 2025-07-02 2026-01-01 365000 0 183000 182000 0 - t",
            "all 2026-01-01 2027-01-01 365000 0 1 364999 0 - t"
        ]
    );
    let part = assessed(&steel(&format!("{keys}\npro_rate_first = true")), rows);
    assert_eq!(
        lines(&part.quotas),
        [
            "all 2025-07-02 2026-01-01 183000 0 183000 0 0 2025-12-31 t",
            "all 2026-01-01 2027-01-01 365000 0 1 364999 0 - t"
        ]
    );
    // A first period that is not cut short is whole.
    let keys = "volume = '365 t'\nperiod = 'year'\nfrom = 2025-01-01\npro_rate_first = true";
    let run = assessed(&steel(keys), "date,quantity\n2025-12-31,1");
    assert_eq!(lines(&run.quotas), ["all 2025-01-01 2026-01-01 365 0 1 364 0 - t"]);
}

// Carrying

/// At most 4% of 312,500 t, 12,500 t, go into the quarter after next.
#[test]
fn what_is_left_is_carried_two_quarters_on() {
    let scenario = steel(
        "volume = '312_500 t'\nperiod = 'quarter'\nfrom = 2022-04-01\ncarry = { up_to = '4%', periods_later = 2 }",
    );
    let run = assessed(
        &scenario,
        "date,quantity\n2022-05-01,250000\n2022-08-01,310000\n2022-11-01,330000\n2023-02-01,320000\n2023-05-01,1",
    );
    // Of the second quarter 62,500 t are left, 12,500 t carried; of the third 2,500 t, all of them. The fourth has
    // 325,000 t, so 5,000 of 330,000 t are over: 1000 × 1/66 × 50%. The first of 2023 has 315,000 t: 5,000 of 320,000
    // over, 1000 / 64 × 50%.
    assert_eq!(duties(&run), ["0", "0", "7.5757575758", "7.8125", "0"]);
    assert_eq!(
        lines(&run.quotas),
        [
            "all 2022-04-01 2022-07-01 312500 0 250000 62500 12500 - t",
            "all 2022-07-01 2022-10-01 312500 0 310000 2500 2500 - t",
            "all 2022-10-01 2023-01-01 312500 12500 325000 0 0 2022-11-01 t",
            "all 2023-01-01 2023-04-01 312500 2500 315000 0 0 2023-02-01 t",
            "all 2023-04-01 2023-07-01 312500 0 1 312499 12500 - t",
        ]
    );
}

#[test]
fn everything_is_carried_through_years_without_trade() {
    let scenario = steel("volume = '100 t'\nperiod = 'year'\ncarry = 'all'");
    let run = assessed(&scenario, "date,quantity\n2023-05-01,70\n2025-05-01,400");
    // 30 of 2023, 100 of 2024, 100 of 2025: 230 of 400 t, so 170 over: 1000 × 0.425 × 50%.
    assert_eq!(duties(&run), ["0", "212.5"]);
    assert_eq!(
        lines(&run.quotas),
        [
            "all 2023-01-01 2024-01-01 100 0 70 30 30 - t",
            "all 2024-01-01 2025-01-01 100 30 0 130 130 - t",
            "all 2025-01-01 2026-01-01 100 130 230 0 0 2025-05-01 t",
        ]
    );
}

/// Without `from` nothing comes from before the period of the first flow; with it, it does.
#[test]
fn carrying_starts_with_from_or_with_the_first_flow() {
    let keys = "volume = '100 t'\nperiod = 'year'\ncarry = 'all'";
    let rows = "date,quantity\n2025-05-01,400";
    // 300 of 400 over, 200 of 400 over.
    assert_duties(&steel(keys), rows, &["375"]);
    assert_duties(&steel(&format!("{keys}\nfrom = 2024-01-01")), rows, &["250"]);
    // The cap is of what a period opens with: 10 t, not 10% of 110 t.
    let keys = "volume = '100 t'\nperiod = 'year'\nfrom = 2023-01-01\ncarry = { up_to = '10%' }";
    let run = assessed(&steel(keys), rows);
    assert_eq!(lines(&run.quotas).last().unwrap(), "all 2025-01-01 2026-01-01 100 10 110 0 0 2025-05-01 t");
}

#[test]
fn a_cap_in_the_unit_of_the_volume_and_a_year_of_two_rates() {
    let keys = "volume = '100 t'\nperiod = 'year'\ncarry = { up_to = '15_000 kg' }";
    let run = assessed(&steel(keys), "date,quantity\n2024-05-01,70\n2025-05-01,200");
    // 15 t of 30: 115 of 200 t, 85 over: 1000 × 0.425 × 50%.
    assert_eq!(duties(&run), ["0", "212.5"]);
    assert_eq!(
        lines(&run.quotas),
        [
            "all 2024-01-01 2025-01-01 100 0 70 30 15 - t",
            "all 2025-01-01 2026-01-01 100 15 115 0 0 2025-05-01 t",
        ]
    );
}

// What is charged within

#[test]
fn two_quotas_in_alphabetical_order() {
    let scenario = format!(
        "{STEEL}
        [[quota]]
        id = 'z-last'
        measures = 's232'
        in_quota_rate = '20%'
        volume = '100 t'
        period = 'year'
        [[quota]]
        id = 'a-first'
        measures = 's232'
        in_quota_rate = '0%'
        volume = '50 t'
        period = 'year'"
    );
    let run = assessed(&scenario, "date,quantity\n2025-03-01,40\n2025-03-02,100\n2025-03-03,100");
    // 40 of a-first. 10 of a-first, 90 of z-last: 900 × 20%. 10 of z-last, 90 beyond: 100 × 20% + 900 × 50%.
    assert_eq!(duties(&run), ["0", "180", "470"]);
    assert_eq!(
        lines(&run.quotas),
        [
            "all 2025-01-01 2026-01-01 100 0 100 0 0 2025-03-03 t",
            "all 2025-01-01 2026-01-01 50 0 50 0 0 2025-03-02 t",
        ]
    );
}

#[test]
fn a_quota_of_the_base_duty() {
    let scenario = "
        [[measure]]
        id = 'mfn-rice'
        type = 'mfn'
        rate = '341 USD/t'
        [[measure]]
        id = 'levy'
        rate = '5%'
        [[quota]]
        id = 'rice-access'
        measures = 'mfn-rice'
        in_quota_rate = 'free'
        volume = '682_000 t'
        period = { starts = '04-01' }";
    let run = assessed(
        scenario,
        "id,date,quantity,value\na,2025-04-01,681900,400000000\nb,2025-05-01,300,180000\nc,2026-04-01,1,600",
    );
    // 5% alone; 200 of 300 t at 341 USD and 5% of 180,000; a new year.
    assert_eq!(duties(&run), ["20000000", "77200", "30"]);
    // It is the rate before any quota that `mfn_rate` tells.
    let scenario = scenario.replace("'5%'", "'mfn_rate'");
    let run = assessed(&scenario, "id,date,quantity,value\na,2025-04-01,1,341");
    assert_eq!(duties(&run), ["341"]);
}

#[test]
fn a_quota_of_a_preference_draws_for_what_claims_it() {
    let scenario = "
        [[measure]]
        id = 'mfn-steel'
        type = 'mfn'
        rate = '20%'
        [[measure]]
        id = 'deal'
        type = 'preference'
        rate = '10%'
        utilisation = '60%'
        [[quota]]
        id = 'deal-quota'
        measures = 'deal'
        in_quota_rate = 'free'
        volume = '1_000 t'
        period = 'year'";
    let run = assessed(scenario, "id,date,quantity\na,2025-03-01,1500\nb,2025-03-02,500\nc,2025-03-03,100");
    // a: 900 t claim, all free; 40% at 20%. b: 300 t claim, 100 free and 200 (0.4) at 10%; 40% at 20%.
    // c: 60% at 10%, 40% at 20%.
    assert_eq!(duties(&run), ["80", "120", "140"]);
    assert_eq!(lines(&run.quotas), ["all 2025-01-01 2026-01-01 1000 0 1000 0 0 2025-03-02 t"]);
    // With the column only those draw that claim.
    let run = assessed(
        scenario,
        "id,date,claims,quantity\na,2025-03-01,deal,900\nb,2025-03-01,,900\nc,2025-03-03,deal,200",
    );
    assert_eq!(duties(&run), ["0", "200", "50"]);
}

/// Nothing up to a volume, a safeguard duty beyond.
#[test]
fn a_safeguard_is_triggered_by_a_volume() {
    let scenario = "
        [[measure]]
        id = 'mfn-beef'
        type = 'mfn'
        rate = '25.8%'
        [[measure]]
        id = 'beef-safeguard'
        type = 'safeguard'
        rate = '38.5% - 25.8%'
        [[quota]]
        id = 'beef-trigger'
        measures = 'beef-safeguard'
        in_quota_rate = '0%'
        volume = '242_000 t'
        period = { starts = '04-01' }";
    let run = assessed(
        scenario,
        "id,date,quantity\na,2025-04-05,241000\nb,2026-02-05,4000\nc,2026-03-05,10\nd,2026-04-01,10",
    );
    // 25.8%; 3,000 of 4,000 t over: 258 + 750 × 12.7%; 38.5%; a new year.
    assert_eq!(duties(&run), ["258", "353.25", "385", "258"]);
}

/// 10% all in within the quota, 27.5% all in beyond it: 7.5% and 25% on top of 2.5%.
#[test]
fn the_in_quota_rate_may_be_inclusive() {
    let scenario = "
        [[measure]]
        id = 'mfn-cars'
        type = 'mfn'
        rate = '2.5%'
        [[measure]]
        id = 'all-in'
        rate = '27.5%'
        inclusive_of = 'base'
        [[quota]]
        id = 'uk'
        measures = 'all-in'
        in_quota_rate = '10%'
        volume = '100 t'
        period = 'year'";
    let run = assessed(scenario, "id,date,quantity\na,2025-04-05,60\nb,2025-04-06,80");
    // Half in: 100 × 1/2 + 275 × 1/2.
    assert_eq!(duties(&run), ["100", "187.5"]);
    assert_eq!(charge(&run, "a", "all-in").unwrap().amount, decimal("75"));
    // (75 + 250) / 2.
    assert_eq!(charge(&run, "b", "all-in").unwrap().amount, decimal("162.5"));
}

/// In the admitted part the measure displaces as before, even at nothing.
#[test]
fn what_is_admitted_displaces_all_the_same() {
    let scenario = steel("volume = '100 t'\nperiod = 'year'")
        + "[[measure]]\nid = 'general'\nrate = '10%'\nyields_to = 's232'\n";
    let run = assessed(&scenario, "date,quantity\n2025-03-01,60\n2025-03-02,80");
    assert_eq!(duties(&run), ["0", "250"]);
    assert_eq!(charge(&run, "1", "general").unwrap().status, Status::Displaced);
    // With a share of 40% the other 60% pay the general duty, in the quota and beyond: 60; 0.4 × 50% × 1/2 + 60.
    let scenario = scenario.replace("rate = '50%'\n", "rate = '50%'\nshare = '40%'\n");
    let run = assessed(&scenario, "date,quantity\n2025-03-01,60\n2025-03-02,80");
    assert_eq!(duties(&run), ["60", "160"]);
}

/// An in-quota rate by weight is charged on the admitted weight, and a lump sum by the flow's part that is admitted.
#[test]
fn specific_rates_within_and_beyond() {
    let scenario = "
        [[measure]]
        id = 'sugar'
        type = 'mfn'
        rate = '33.87¢/kg'
        [[quota]]
        id = 'sugar-trq'
        measures = 'sugar'
        in_quota_rate = '1.4606¢/kg'
        volume = '1_000 t'
        period = { starts = '10-01' }";
    // 600 t × 14.606 = 8,763.6. 400 t × 14.606 + 200 t × 338.7 = 5,842.4 + 67,740.
    assert_duties(scenario, "date,quantity\n2025-10-01,600\n2025-10-02,600", &["8763.6", "73582.4"]);
}

#[test]
fn a_threshold_is_met_by_the_flow_and_not_by_its_admitted_part() {
    // 10% above 800 USD. A flow of 1,000 of which 500 are admitted is above 800: 500 × 10%.
    let scenario = "
        [[measure]]
        id = 'parcel'
        rate = \"if(value > 800 USD, 10%, 0%)\"
        [[quota]]
        id = 'trq'
        measures = 'parcel'
        in_quota_rate = 'free'
        volume = '500 USD'
        period = 'year'";
    assert_duties(scenario, "date\n2025-03-01", &["50"]);
}

#[test]
fn a_measure_not_in_force_draws_on_no_quota() {
    let scenario = "
        [[measure]]
        id = 's232'
        rate = [{ from = 2025-03-12, rate = '25%' }]
        [[quota]]
        id = 'trq'
        measures = 's232'
        in_quota_rate = 'free'
        volume = '100 t'
        period = 'year'";
    let run = assessed(scenario, "date,quantity\n2025-03-11,90\n2025-03-12,90");
    assert_eq!(duties(&run), ["0", "0"]);
    assert_eq!(lines(&run.quotas), ["all 2025-01-01 2026-01-01 100 0 90 10 0 - t"]);
}

/// Without the quota everything pays; without the measure nothing draws.
#[test]
fn quotas_are_disabled_by_id() {
    let quota = steel("volume = '100 t'\nperiod = 'year'");
    let rows = "date,quantity\n2025-03-01,60";
    let run = assessed(&format!("disable = 'trq'\n{quota}"), rows);
    assert_eq!(duties(&run), ["500"]);
    assert!(run.quotas.is_empty());
    let run = assessed(&format!("disable = 's232'\n{quota}"), rows);
    assert_eq!(duties(&run), ["0"]);
    assert!(run.quotas.is_empty());
}

#[test]
fn a_variant_changes_a_quota_key_by_key() {
    let base = format!(
        "title = 'base'\nimporter = 'US'\n{}
        [[variant]]
        id = 'small'
        [[variant.quota]]
        id = 'trq'
        volume = '10 t'
        [[variant]]
        id = 'gone'
        disable = 'trq'
        [[variant]]
        id = 'open'
        [[variant.quota]]
        id = 'trq'
        unset = ['until']
        [[flow]]
        product = '7208'
        origin = 'JP'
        value = 1000
        quantity = 20
        unit = 't'
        date = 2025-03-01
        [[flow]]
        product = '7208'
        origin = 'JP'
        value = 1000
        quantity = 20
        unit = 't'
        date = 2026-03-01
        ",
        steel("volume = '100 t'\nperiod = 'year'\nuntil = 2026-01-01")
    );
    let over = "extends = 'base.toml'\n[[quota]]\nid = 'trq'\nin_quota_rate = '5%'\nuntil = 2027-01-01";
    let files = [("base.toml", base.as_str()), ("over.toml", over)];
    let named = |name: &str| duties(&run_files(&files, name, &[]).unwrap());
    assert_eq!(named("base.toml"), ["0", "500"]);
    // 10 of 20 t.
    assert_eq!(named("base.toml#small"), ["250", "500"]);
    assert_eq!(named("base.toml#gone"), ["500", "500"]);
    assert_eq!(named("base.toml#open"), ["0", "0"]);
    assert_eq!(named("over.toml"), ["50", "50"]);
}

// Credits

/// Cars assembled at home earn 3.75% of their value against the duty of 25% on parts: 100,000 × 40,000 USD = 4 bn, a
/// pool of 150.0 m.
const PARTS: &str = "
    [parameters]
    us_assembled_value = { value = '100_000 * 40_000 USD' }
    [[measure]]
    id = 's232-parts'
    products = '8708'
    rate = '25%'
    [[credit]]
    id = 'auto-parts-offset'
    against = 's232-parts'
    amount = '3.75% * us_assembled_value'
    period = 'year'
    carry = 'all'";

#[test]
fn a_credit_pays_duty_until_its_pool_is_empty() {
    // 900 m × 25% = 225 m, less 150 m.
    let rows = "date,product,value\n2025-05-03,8708.99,500000000\n2025-06-03,8708.99,400000000\n2025-07-03,8708.99,0";
    let run = assessed(PARTS, rows);
    // 125 m are paid wholly, 25 of the next 100 m.
    assert_eq!(duties(&run), ["0", "75000000", "0"]);
    assert_eq!(run.totals.duty, decimal("75000000"));
    assert_eq!(lines(&run.credits), ["all 2025-01-01 2026-01-01 150000000 0 150000000 0 0 2025-06-03 USD"]);
    // The measure charges as before; the credit stands beside it.
    assert_eq!(charge(&run, "2", "s232-parts").unwrap().amount, decimal("100000000"));
    assert_eq!(sheet(&run, "2").credits[0].amount, decimal("25000000"));
    assert_eq!(run.totals.by_credit, [decimal("150000000")]);
}

#[test]
fn what_a_credit_leaves_is_carried() {
    // 500 m × 25% = 125 m: none owed, 25.0 m carried. Next year 175 m against 200 m.
    let rows = "date,product,value\n2025-05-03,8708.99,500000000\n2026-05-03,8708.99,800000000";
    let run = assessed(PARTS, rows);
    assert_eq!(duties(&run), ["0", "25000000"]);
    assert_eq!(
        lines(&run.credits),
        [
            "all 2025-01-01 2026-01-01 150000000 0 125000000 25000000 25000000 - USD",
            "all 2026-01-01 2027-01-01 150000000 25000000 175000000 0 0 2026-05-03 USD",
        ]
    );
}

#[test]
fn a_credit_for_each_party() {
    let scenario = "
        [parameters]
        built = { by = 'party', values = { toyota = '1_000', honda = '100' }, default = '0' }
        [[measure]]
        id = 'parts'
        rate = '25%'
        [[credit]]
        id = 'offset'
        against = 'parts'
        amount = 'built * 0.1 USD'
        period = 'year'
        by = 'party'";
    let run = assessed(
        scenario,
        "date,party\n2025-01-01,toyota\n2025-01-02,honda\n2025-01-03,mazda\n2025-01-04,honda",
    );
    // 250 each; toyota has 100, honda 10 once, mazda none.
    assert_eq!(duties(&run), ["150", "240", "250", "250"]);
}

/// Credits come in alphabetical order, whatever their order in the file, and pay no more than is owed.
#[test]
fn credits_in_alphabetical_order() {
    let scenario = "
        [[measure]]
        id = 'parts'
        rate = '25%'
        [[credit]]
        id = 'second'
        against = 'parts'
        amount = '200 USD'
        period = 'whole'
        [[credit]]
        id = 'first'
        against = 'parts'
        amount = '300 USD'
        period = 'whole'";
    let run = assessed(scenario, "date\n2025-01-01\n2025-01-02\n2025-01-03");
    // 250 of first; 50 of first and 200 of second; nothing is left.
    assert_eq!(duties(&run), ["0", "0", "250"]);
    let paid: Vec<(usize, String)> =
        sheet(&run, "2").credits.iter().map(|c| (c.credit, c.amount.normalize().to_string())).collect();
    assert_eq!(paid, [(1, "50".to_owned()), (0, "200".to_owned())]);
    assert_eq!(run.totals.by_credit, [decimal("200"), decimal("300")]);
    assert_eq!(lines(&run.credits)[0], "all - - 200 0 200 0 0 2025-01-02 USD");
    assert_eq!(lines(&run.credits)[1], "all - - 300 0 300 0 0 2025-01-02 USD");
}

/// A credit pays what its measures charge, and nothing of the others.
#[test]
fn a_credit_is_capped_at_what_it_is_for() {
    let scenario = "
        [[measure]]
        id = 'mfn-parts'
        type = 'mfn'
        rate = '2.5%'
        [[measure]]
        id = 'parts'
        rate = '10%'
        [[measure]]
        id = 'extra'
        type = 'anti-dumping'
        rate = '5%'
        [[credit]]
        id = 'offset'
        against = ['parts', 'anti-dumping']
        amount = '1_000_000 USD'
        period = 'year'";
    let run = assessed(scenario, "date\n2025-01-01");
    // 25 remain; 100 + 50 are paid.
    assert_eq!(duties(&run), ["25"]);
    assert_eq!(sheet(&run, "1").credits[0].liability, decimal("150"));
    assert_eq!(lines(&run.credits), ["all 2025-01-01 2026-01-01 1000000 0 150 999850 0 - USD"]);
}

#[test]
fn a_credit_by_condition_and_claim() {
    let scenario = "
        [[measure]]
        id = 'parts'
        rate = '25%'
        [[measure]]
        id = 'certified'
        type = 'exemption'
        utilisation = '40%'
        [[credit]]
        id = 'offset'
        against = 'parts'
        amount = '1_000 USD'
        period = 'year'
        claim = 'certified'
        when = 'value < 5_000 USD'";
    // 40% of 250 is claimed; 10,000 is too large.
    let run = assessed(scenario, "date,value\n2025-01-01,1000\n2025-01-01,10000");
    assert_eq!(duties(&run), ["150", "2500"]);
    // With the column all or nothing.
    let run = assessed(scenario, "date,claims\n2025-01-01,certified\n2025-01-01,");
    assert_eq!(duties(&run), ["0", "250"]);
}

/// Charges are rounded first; a credit pays what is then owed.
#[test]
fn a_credit_pays_rounded_charges() {
    let scenario = "
        currency = 'JPY'
        rounding.charge = { to = '100 JPY', mode = 'down' }
        [[measure]]
        id = 'parts'
        rate = '4.3%'
        [[credit]]
        id = 'offset'
        against = 'parts'
        amount = '450 JPY'
        period = 'year'";
    // 4.3% of 9,999 is 429.957, 400 owed and paid. Then 50 are left: 400 − 50.
    let run = assessed(scenario, "date,value\n2025-01-01,9999\n2025-01-02,9999");
    assert_eq!(duties(&run), ["0", "350"]);
    assert_eq!(lines(&run.credits), ["all 2025-01-01 2026-01-01 450 0 450 0 0 2025-01-02 JPY"]);
}

/// A credit pays what is charged within the quota and beyond it.
#[test]
fn a_credit_on_a_quota() {
    let scenario = steel("volume = '100 t'\nperiod = 'year'")
        .replace("in_quota_rate = '0%'", "in_quota_rate = '10%'")
        + "[[credit]]\nid = 'offset'\nagainst = 's232'\namount = '350 USD'\nperiod = 'year'\n";
    // 100, all paid. Half in: 50 + 250 = 300, of which 250 are paid.
    let run = assessed(&scenario, "date,quantity\n2025-03-01,60\n2025-03-02,80");
    assert_eq!(duties(&run), ["0", "50"]);
}

/// Goods without a weight are not admitted to a quota that is used up.
#[test]
fn nothing_asked_of_a_full_quota_is_not_admitted() {
    let scenario = steel("volume = '20 t'\nperiod = 'year'");
    assert_duties(&scenario, "date,quantity\n2025-03-01,20\n2025-03-02,0", &["0", "500"]);
    let scenario = steel("volume = '0 t'\nperiod = 'year'");
    assert_duties(&scenario, "date,quantity\n2025-03-01,0", &["500"]);
}

/// What a credit for all of the trade pays, it pays of each part alike: of 500 the first pays 250, which leaves 125 in
/// the half that is certified, and 125 in the other.
#[test]
fn a_credit_for_a_part_pays_what_is_left_in_that_part() {
    let scenario = "
        [[measure]]
        id = 'parts'
        rate = '50%'
        [[measure]]
        id = 'certified'
        type = 'exemption'
        utilisation = '50%'
        [[credit]]
        id = 'for-all'
        against = 'parts'
        amount = '250 USD'
        period = 'year'
        [[credit]]
        id = 'for-some'
        against = 'parts'
        amount = '1_000 USD'
        period = 'year'
        claim = 'certified'";
    assert_duties(scenario, "date\n2025-01-01", &["125"]);
}
