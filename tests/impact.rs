//! What `impact` says, against numbers worked by hand: the working stands in `docs/impact.md`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use rust_decimal::Decimal;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const TEXTBOOK: &str = "scenarios/textbook.toml";
const PREFERENCE: &str = "docs/examples/preference.toml";

fn tariffsim(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(args)
        .current_dir(folder)
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What is printed, where nothing is wrong.
fn printed(folder: &Path, args: &[&str]) -> String {
    let output = tariffsim(folder, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// An impact in a folder.
fn impact_in(folder: &Path, args: &[&str]) -> Value {
    let text = printed(folder, &[&["impact"], args, &["--format", "json"]].concat());
    serde_json::from_str::<Value>(&text).unwrap()["impact"].take()
}

/// An impact of a shipped file.
fn impact(args: &[&str]) -> Value {
    impact_in(root(), args)
}

/// A scenario of one's own, as `s.toml` in a folder.
fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("s.toml"), text).unwrap();
    folder
}

/// An impact of a text.
fn of(text: &str) -> Value {
    impact_in(folder(text).path(), &["s.toml"])
}

fn decimal(value: &Value) -> Decimal {
    Decimal::from_str_exact(value.as_str().unwrap_or_else(|| panic!("{value}"))).unwrap()
}

fn number(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

#[track_caller]
fn close(value: &Value, expected: &str) {
    let off = decimal(value).checked_sub(number(expected)).unwrap().abs();
    assert!(off < number("0.0000001"), "{value} instead of {expected}");
}

/// The row of a list whose key is a name.
fn row<'a>(list: &'a Value, key: &str, name: &str) -> &'a Value {
    let rows = list.as_array().unwrap();
    rows.iter().find(|row| row[key] == name).unwrap_or_else(|| panic!("no {name} in {list}"))
}

fn change<'a>(market: &'a Value, group: &str) -> &'a Value {
    &row(&market["accounts"], "group", group)["change"]
}

fn area<'a>(market: &'a Value, letter: &str) -> &'a Value {
    &row(&market["areas"], "area", letter)["amount"]
}

/// A market of goods from one origin worth 100 under a duty, with more of `[economics]`.
fn market(rate: &str, economics: &str) -> String {
    format!(
        "title = 't'\nimporter = 'US'\ndate = 2026-01-01\n\
         [parameters]\nrate = '{rate}'\n\
         [[measure]]\nid = 'duty'\ntype = 'mfn'\nrate = 'rate'\n\
         [economics]\n{economics}\n\
         [[flow]]\nproduct = '1001'\norigin = 'CA'\nvalue = 100\nquantity = 100\nunit = 't'\n"
    )
}

/// Qd = 100 - 2P, Qs = -20 + 3P, world price 10, duty 5.
#[test]
fn the_small_country_of_the_textbook() {
    let impact = impact(&[TEXTBOOK]);
    let market = &impact["markets"][0];
    close(&market["imported"]["before"], "70");
    close(&market["imported"]["after"], "45");
    close(&market["price_to_buyers"]["after"], "15");
    close(&market["bought"]["after"], "70");
    close(&market["made_at_home"]["after"], "25");
    close(&market["duty"]["after"], "225");
    close(&market["duty_standing_still"]["after"], "350");
    close(area(market, "b"), "37.5");
    close(area(market, "d"), "25");
    close(change(market, "buyers"), "-375");
    close(change(market, "producers"), "87.5");
    close(change(market, "treasury"), "225");
    close(change(market, "importing country"), "-62.5");
    close(change(market, "world"), "-62.5");
    // Buyers have (50 - 10) × 80 / 2 before, the choke price being 50.
    close(&row(&market["accounts"], "group", "buyers")["before"], "1600");
    close(&row(&market["accounts"], "group", "buyers")["after"], "1225");
    // Duty is highest halfway from 10 to the price of 24 at which imports end: 7 × 35.
    close(&market["best_rates"]["revenue"], "0.7");
    close(&market["best_rates"]["highest_duty"], "245");
    close(&market["best_rates"]["importing_country"], "0");
}

/// b is 3t² / 2 and d is t²: at 2 they are 6 and 4, at 4 they are 24 and 16.
#[test]
fn a_duty_twice_as_high_loses_four_times_as_much() {
    for (duty, at_a_cost, unbought) in [("20%", "6", "4"), ("40%", "24", "16")] {
        let impact = impact(&[TEXTBOOK, "--set", &format!("duty={duty}")]);
        close(area(&impact["markets"][0], "b"), at_a_cost);
        close(area(&impact["markets"][0], "d"), unbought);
    }
}

/// Imports end at 24: at 140% the price would be that, and nothing more comes in at any higher duty.
#[test]
fn a_duty_that_keeps_everything_out_brings_nothing() {
    for rate in ["140%", "300%"] {
        let text = fs::read_to_string(root().join(TEXTBOOK)).unwrap();
        let impact = of(&text
            .replace("\"50%\", title", &format!("\"{rate}\", title"))
            .replace("max = \"130%\", ", ""));
        let market = &impact["markets"][0];
        close(&market["price_to_buyers"]["after"], "24");
        close(&market["imported"]["after"], "0");
        close(&market["duty"]["after"], "0");
        // 100 - 48 = 52 = -20 + 72.
        close(&market["bought"]["after"], "52");
        close(&market["made_at_home"]["after"], "52");
    }
}

/// Export supply 14 Pw - 70 meets 120 - 7.5 Pw at Pw = 380/43: imports 2310/43.
#[test]
fn a_large_country_pushes_a_part_abroad() {
    let impact = impact(&["scenarios/textbook.toml#large-country"]);
    let market = &impact["markets"][0];
    close(&market["world_price"]["after"], "8.8372093023");
    close(&market["price_to_buyers"]["after"], "13.2558139535");
    close(&market["imported"]["after"], "53.7209302326");
    // 2310/43 × (10 - 380/43).
    close(area(market, "e"), "62.4661979448");
    close(change(market, "importing country"), "35.9653866955");
    // Import demand has the elasticity -5/7: of a small duty 2 / (2 + 5/7) shows.
    close(&market["pass_through"]["part"], "0.7368421053");
    close(&market["best_rates"]["importing_country"], "0.44186047");
}

/// The point of a sweep at which the importing country gains most.
fn best(sweep: &Value) -> &Value {
    let points = sweep["points"].as_array().unwrap();
    let gain = |point: &&Value| decimal(&point["model"]["importing_country"]);
    points.iter().max_by_key(gain).unwrap()
}

/// With one elasticity everywhere the best rate is 1/ε; on straight lines it is 1/ε at the point there, here 19/43.
#[test]
fn the_best_rate_of_a_large_country_is_the_best_in_a_sweep() {
    let sweep = |folder: &Path, args: &[&str]| {
        let text = printed(folder, &[&["sweep"], args, &["--format", "json"]].concat());
        serde_json::from_str::<Value>(&text).unwrap()["sweep"].take()
    };
    let even = market(
        "10%",
        "form = 'constant-elasticity'\ndemand_elasticity = '-0.7'\nexport_supply_elasticity = '2.5'",
    );
    let even = folder(&even);
    let swept = sweep(even.path(), &["s.toml", "--vary", "rate=30%..50%/1%"]);
    assert_eq!(best(&swept)["values"]["rate"], "40%");
    let straight =
        sweep(root(), &["scenarios/textbook.toml#large-country", "--vary", "duty=43.9%..44.5%/0.01%"]);
    assert_eq!(best(&straight)["values"]["duty"], "44.19%");
    // A small country gains nothing from any.
    let small = sweep(root(), &[TEXTBOOK, "--vary", "duty=0%..50%/10%"]);
    assert_eq!(best(&small)["values"]["duty"], "0%");
}

/// The columns of a sweep's CSV say what is model, and on what it rests.
#[test]
fn a_sweep_tells_law_and_model_apart() {
    let csv = printed(root(), &["sweep", TEXTBOOK, "--vary", "duty=0%,50%", "--format", "csv"]);
    let header = csv.lines().next().unwrap();
    assert!(header.contains("landed_cost") && header.contains("model: importing country"), "{header}");
    assert!(header.ends_with("model: assuming"), "{header}");
    let last = csv.lines().last().unwrap();
    assert!(last.contains(",350,0.5,1050,0,-375,87.5,225,0,-62.5,0,-62.5,450,"), "{last}");
    let table = printed(root(), &["sweep", TEXTBOOK, "--vary", "duty=0%,50%"]);
    assert!(
        table.contains("Model: of these points the importing country gains most at duty = 0%"),
        "{table}"
    );
}

/// A duty of 40% on goods and 20% on what makes up half of them, and the other cases of the table.
#[test]
fn effective_protection() {
    let chain = |output: &str, input: &str, share: &str, offset: &str| {
        let text = format!(
            "title = 't'\nimporter = 'US'\ndate = 2026-01-01\n\
             [[measure]]\nid = 'a'\ntype = 'mfn'\nproducts = '8703'\nrate = '{output}'\n\
             [[measure]]\nid = 'b'\ntype = 'mfn'\nproducts = '7208'\nrate = '{input}'\n\
             [[chain]]\nid = 'c'\noutput = '8703'\ninputs = [{{ products = '7208', share = '{share}' }}]\n{offset}\n\
             [[flow]]\nproduct = '8703'\norigin = 'JP'\nvalue = 7\n\
             [[flow]]\nproduct = '7208'\norigin = 'JP'\nvalue = 3\n"
        );
        of(&text)["chains"][0].take()
    };
    let cases = [
        ("40%", "20%", "0.5", "0.6"),
        ("40%", "20%", "0.8", "1.2"),
        ("40%", "100%", "0.5", "-0.2"),
        ("40%", "40%", "0.3", "0.4"),
        ("0%", "30%", "0.25", "-0.1"),
    ];
    for (output, input, share, expected) in cases {
        let chain = chain(output, input, share, "");
        close(&chain["effective_protection"]["after"], expected);
        assert_eq!(chain["effective_protection"]["basis"], "model");
        assert_eq!(chain["output"]["rate"]["basis"], "law");
        assert!(chain["with_offset"].is_null());
    }
    // An offset of 5% takes half of the 10 points that inputs cost; one of 50% no more than all of them.
    close(&chain("40%", "20%", "0.5", "offset = '5%'")["with_offset"]["after"], "0.7");
    close(&chain("40%", "20%", "0.5", "offset = '50%'")["with_offset"]["after"], "0.8");
}

/// (27.5% - 10% × 50% - 40% × 25%) / 50%, and 3.75 points less on inputs.
#[test]
fn the_maker_of_cars_is_protected_by_less_than_the_duty_on_cars() {
    let cases = [("", "0.25", "0.325"), ("#steel-only", "-0.25", "-0.175"), ("#deal", "0.08", "0.155")];
    for (variant, without, with) in cases {
        let impact = impact(&[&format!("scenarios/cascade.toml{variant}")]);
        close(&impact["chains"][0]["effective_protection"]["after"], without);
        close(&impact["chains"][0]["with_offset"]["after"], with);
    }
}

/// A partner that sells 160 and an outsider that sells 250 pay 25%; then the partner pays nothing. σ = 2: the index falls to
/// 41/45, the partner's weight rises by 25/16.
#[test]
fn creation_and_diversion() {
    let elastic = impact(&[PREFERENCE, "--baseline", "#before"]);
    let market = &elastic["markets"][0];
    for (origin, after, creation, diversion) in [("CA", "250", "45", "45"), ("AU", "250", "45", "-45")] {
        let lane = row(&market["origins"], "origin", origin);
        close(&lane["after"], after);
        close(&lane["creation"], creation);
        close(&lane["diversion"], diversion);
    }
    // 1.25 × 41/45.
    close(&market["price_to_buyers"]["after"], "1.1388888889");
    close(change(market, "buyers"), "50");
    close(change(market, "treasury"), "-40");
    close(change(market, "importing country"), "10");
    // Demand that answers half as much: all sell 410/1.8.
    let inelastic = impact(&[&format!("{PREFERENCE}#inelastic"), "--baseline", "#before"]);
    let market = &inelastic["markets"][0];
    for (origin, diversion) in [("CA", "45"), ("AU", "-45")] {
        let lane = row(&market["origins"], "origin", origin);
        close(&lane["after"], "227.7777777778");
        close(&lane["creation"], "22.7777777778");
        close(&lane["diversion"], diversion);
    }
    // 512.5 × ln(45/41), in fifty digits elsewhere.
    close(change(market, "buyers"), "47.7088418213");
    close(change(market, "treasury"), "-45.5555555556");
}

#[test]
fn goods_that_cannot_stand_in_for_one_another_are_not_diverted() {
    let text = fs::read_to_string(root().join(PREFERENCE)).unwrap();
    let text = text.replace("substitution_elasticity  = \"2\"", "substitution_elasticity = \"0\"");
    let impact = impact_in(folder(&text).path(), &["s.toml", "--baseline", "#before"]);
    let market = &impact["markets"][0];
    for origin in ["CA", "AU"] {
        close(&row(&market["origins"], "origin", origin)["diversion"], "0");
    }
    // The index is then the mean of prices: (160 + 312.5) / 512.5, and imports grow by its square.
    close(&market["price_to_buyers"]["after"], "1.1524390244");
    close(&row(&market["origins"], "origin", "CA")["after"], "188.236611517");
}

/// Export supply that hardly rises with the sum is that of a small country, of one good and of several.
#[test]
fn supply_without_end_is_that_of_a_small_country() {
    let texts = [
        market(
            "30%",
            "form = 'constant-elasticity'\ndemand_elasticity = '-1.3'\nexport_supply_elasticity = 'E'",
        ),
        market("30%", "demand_elasticity = '-1.3'\nexport_supply_elasticity = 'E'"),
        fs::read_to_string(root().join(PREFERENCE)).unwrap().replace("\"infinite\"", "'E'"),
    ];
    for text in texts {
        let (large, small) =
            (of(&text.replace("'E'", "'10_000_000'")), of(&text.replace("'E'", "'infinite'")));
        for group in ["buyers", "treasury", "importing country", "foreign sellers"] {
            let (large, small) = (change(&large["markets"][0], group), change(&small["markets"][0], group));
            let apart = decimal(large).checked_sub(decimal(small)).unwrap().abs();
            assert!(apart < number("0.001"), "{group}: {large} and {small}");
        }
    }
}

/// 120 - 5P imports: at 10 they are 70, at 15 they are 45. A quota of 80 t leaves room, one of 60 binds at 12, beyond one of
/// 40 trade goes on.
#[test]
fn three_regimes_of_a_quota() {
    let cases = [
        ("80 t", "within", "10", "70", "0", "0"),
        ("60 t", "volume", "12", "60", "120", "0"),
        ("40 t", "beyond", "15", "45", "200", "25"),
    ];
    for (room, binds, price, imports, rent, duty) in cases {
        let impact = impact(&["scenarios/textbook.toml#quota", "--set", &format!("room={room}")]);
        let market = &impact["markets"][0];
        assert_eq!(market["quota"]["binds"][1], binds, "{room}");
        close(&market["price_to_buyers"]["after"], price);
        close(&market["imported"]["after"], imports);
        close(&market["quota_rent"]["after"], rent);
        close(change(market, "quota holders"), rent);
        close(change(market, "treasury"), duty);
    }
}

#[test]
fn the_rent_goes_to_whom_the_scenario_says() {
    let text = fs::read_to_string(root().join(TEXTBOOK)).unwrap();
    let cases = [("importers", "quota holders"), ("exporters", "foreign sellers"), ("treasury", "treasury")];
    for (who, group) in cases {
        let text = text.replace("quota_rent = \"importers\"", &format!("quota_rent = \"{who}\""));
        let impact = impact_in(folder(&text).path(), &["s.toml#quota"]);
        let market = &impact["markets"][0];
        close(change(market, group), "120");
        let home = if who == "exporters" { "-130" } else { "-10" };
        close(change(market, "importing country"), home);
        close(change(market, "world"), "-10");
    }
}

/// Import demand with elasticity -1.5 and a pass-through of 60%: 1.5 × 0.6 / 0.4.
#[test]
fn pass_through_and_export_supply_say_the_same() {
    let by_part = of(&market("20%", "demand_elasticity = '-1.5'\npass_through = '60%'"));
    close(&by_part["markets"][0]["export_supply_elasticity"]["number"], "2.25");
    let by_elasticity = of(&market("20%", "demand_elasticity = '-1.5'\nexport_supply_elasticity = '2.25'"));
    close(&by_elasticity["markets"][0]["pass_through"]["part"], "0.6");
    for group in ["buyers", "treasury", "foreign sellers"] {
        let of = |impact: &Value| decimal(change(&impact["markets"][0], group));
        assert_eq!(of(&by_part), of(&by_elasticity));
    }
    // 95% by name: 1.5 × 0.95 / 0.05.
    let named = of(&market("20%", "demand_elasticity = '-1.5'\npass_through = 'us-2018-19'"));
    close(&named["markets"][0]["export_supply_elasticity"]["number"], "28.5");
    let texts = named["markets"][0]["assumptions"].to_string();
    assert!(texts.contains("Cavallo"), "{texts}");
}

/// On straight lines the world price falls by 0.4 of the wedge whatever its size: 40 of 100 fall on sellers abroad; of the
/// other 60 half shows in retail prices.
#[test]
fn a_hundred_of_duty_is_borne_by_three() {
    let text = market("20%", "demand_elasticity = '-1.5'\npass_through = '60%'\nretail_pass_through = '50%'");
    let impact = of(&text);
    let borne = &impact["markets"][0]["incidence"];
    assert_eq!([&borne["exporter"], &borne["importer"], &borne["consumer"]], ["40", "30", "30"]);
    for found in impact["found_elsewhere"].as_array().unwrap() {
        let parts = ["exporter", "importer", "consumer"].map(|part| decimal(&found[part]));
        assert_eq!(parts.into_iter().sum::<Decimal>(), Decimal::ONE_HUNDRED, "{found}");
        assert_eq!(found["basis"], "assumed");
    }
}

/// Two markets of 100: at 100% with elasticity -0.5 half is left, at 10% with -1 nine tenths. By trade as it was the mean is
/// 55%, after substitution (50 + 9) / 140.
#[test]
fn three_averages() {
    let text = "title = 't'\nimporter = 'US'\ndate = 2026-01-01\n\
        [products]\nhigh = '1001'\nlow = '1002'\n\
        [[measure]]\nid = 'a'\ntype = 'mfn'\nproducts = 'high'\nrate = '100%'\n\
        [[measure]]\nid = 'b'\ntype = 'mfn'\nproducts = 'low'\nrate = '10%'\n\
        [economics.high]\ndemand_elasticity = '-0.5'\n[economics.low]\ndemand_elasticity = '-1'\n\
        [[flow]]\nproduct = '1001'\norigin = 'CA'\nvalue = 100\n\
        [[flow]]\nproduct = '1002'\norigin = 'CA'\nvalue = 80\n\
        [[flow]]\nproduct = '1002'\norigin = 'AU'\nvalue = 20\n";
    let impact = of(text);
    // (100% + 10% + 10%) / 3 lines.
    close(&impact["averages"]["simple"]["rate"], "0.4");
    close(&impact["averages"]["fixed_weights"]["rate"], "0.55");
    close(&impact["averages"]["after_substitution"]["rate"], "0.4214285714");
    assert_eq!(impact["averages"]["fixed_weights"]["basis"], "law");
    assert_eq!(impact["averages"]["after_substitution"]["basis"], "model");
}

/// From 20% to 50% and back: what the way there takes, the way back gives, where each starts from its own trade.
#[test]
fn a_baseline_is_the_trade_before() {
    let text = market("50%", "demand_elasticity = '-1.2'\nexport_supply_elasticity = 'infinite'")
        + "[[variant]]\nid = 'before'\nparameters = { rate = '20%' }\n";
    let impact = impact_in(folder(&text).path(), &["s.toml", "--baseline", "#before"]);
    let market = &impact["markets"][0];
    // 100 at 1.2: the line loses 100 for each 1.0 of price; at 1.5 there are 70.
    close(&market["imported"]["after"], "70");
    close(change(market, "buyers"), "-25.5");
    close(change(market, "treasury"), "15");
    close(area(market, "d"), "4.5");
    close(area(market, "f"), "6");
    assert_eq!(impact["baseline"], "#before");
}

/// The same goods, entered on the baseline's own day: 20% on the first, 50% from June on.
#[test]
fn a_baseline_has_a_day_of_its_own() {
    let text = market("50%", "demand_elasticity = '-1.2'").replace(
        "rate = 'rate'",
        "rate = [{ from = 2026-01-01, rate = '20%' }, { from = 2026-06-01, rate = 'rate' }]",
    ) + "[[variant]]\nid = 'later'\ndate = 2026-06-01\n";
    let impact = impact_in(folder(&text).path(), &["s.toml#later", "--baseline", "s.toml"]);
    close(&impact["markets"][0]["duty_standing_still"]["before"], "20");
    close(&impact["markets"][0]["imported"]["after"], "70");
}

/// The numbers at the end of a table's row, before the basis.
fn numbers(line: &str) -> Option<Vec<Decimal>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (_, rest) = words.split_last().filter(|(last, _)| **last == "model")?;
    let cells = rest.get(rest.len().checked_sub(3)?..)?;
    cells.iter().map(|cell| Decimal::from_str_exact(&cell.replace([',', '+'], "")).ok()).collect()
}

#[test]
fn what_groups_have_adds_up_as_it_is_shown() {
    let forms = ["", "#large-country", "#quota"];
    for (form, duty) in
        forms.iter().flat_map(|form| ["7%", "13%", "33.3%", "61.7%", "109%"].map(|duty| (form, duty)))
    {
        let scenario = format!("{TEXTBOOK}{form}");
        let text = printed(root(), &["impact", &scenario, "--set", &format!("duty={duty}")]);
        let rows: Vec<&str> =
            text.lines().skip_while(|line| !line.contains("Who has how much")).skip(2).collect();
        let rows: Vec<(&str, Vec<Decimal>)> =
            rows.into_iter().map_while(|line| Some((line.trim_start(), numbers(line)?))).collect();
        assert!(rows.len() >= 5, "{text}");
        let sum = |rows: &[(&str, Vec<Decimal>)], at: usize| {
            rows.iter().filter(|(line, _)| !line.starts_with('=')).map(|(_, row)| row[at]).sum::<Decimal>()
        };
        for (at, (line, row)) in rows.iter().enumerate() {
            assert_eq!(row[1].checked_sub(row[0]).unwrap(), row[2], "{line}");
            if line.starts_with('=') {
                for (column, shown) in row.iter().enumerate().take(3) {
                    assert_eq!(*shown, sum(&rows[..at], column), "{duty}{form}\n{text}");
                }
            }
        }
    }
}

/// Every row of every table says what it rests on, and every row of CSV that is model on which assumptions.
#[test]
fn every_line_says_whether_it_is_law_or_model() {
    for scenario in [TEXTBOOK, "scenarios/textbook.toml#quota", PREFERENCE, "scenarios/cascade.toml"] {
        let table = printed(root(), &["impact", scenario]);
        let rule = |line: &str| line.starts_with('─') || line.starts_with('═');
        let mut inside = false;
        let mut rows = 0;
        for pair in table.lines().collect::<Vec<_>>().windows(2) {
            inside = if rule(pair[0]) { pair[0].starts_with('═') } else { inside };
            if inside && !rule(pair[0]) {
                rows += 1;
                let ends =
                    ["law", "model", "assumed"].iter().any(|basis| pair[0].trim_end().ends_with(basis));
                assert!(ends, "{scenario}: {}", pair[0]);
            }
        }
        assert!(rows > 4, "{scenario}");
        assert!(table.starts_with("Model: "), "{table}");
        let markdown = printed(root(), &["impact", scenario, "--format", "markdown"]);
        let cells = markdown
            .lines()
            .filter(|line| line.starts_with("| ") && !line.contains("| Basis |") && !line.contains("---"));
        for line in cells {
            let ends =
                ["law", "model", "assumed"].iter().any(|basis| line.ends_with(&format!("| {basis} |")));
            assert!(ends, "{scenario}: {line}");
        }
        let csv = printed(root(), &["impact", scenario, "--format", "csv"]);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        for record in reader.records() {
            let record = record.unwrap();
            let (basis, assumption) = (&record[10], &record[11]);
            assert!(["law", "model", "assumed"].contains(&basis), "{record:?}");
            assert_eq!(basis == "law", assumption.is_empty(), "{record:?}");
        }
    }
}

#[test]
fn run_takes_no_notice_of_a_model() {
    let text = market("20%", "demand_elasticity = '-1.5'");
    let (with, without) =
        (folder(&text), folder(&text.replace("[economics]\ndemand_elasticity = '-1.5'\n", "")));
    let run = |folder: &TempDir| printed(folder.path(), &["run", "s.toml", "--format", "json"]);
    assert_eq!(run(&with), run(&without));
}

#[test]
fn defaults_are_printed() {
    let impact = of(&market("20%", "demand_elasticity = '-1.5'"));
    let assumptions = impact["markets"][0]["assumptions"].as_array().unwrap();
    let by_default: Vec<&str> =
        assumptions.iter().filter(|a| a["by_default"] == true).map(|a| a["key"].as_str().unwrap()).collect();
    assert_eq!(by_default, ["form", "domestic_output", "export_supply_elasticity", "flows"]);
    let text = printed(folder(&market("20%", "demand_elasticity = '-1.5'")).path(), &["impact", "s.toml"]);
    assert!(text.contains("Assumed by default: demand and supply are straight lines"), "{text}");
}

#[test]
fn draws_are_the_same_for_a_seed_and_any_number_of_threads() {
    let drawn = |args: &[&str]| {
        printed(root(), &[&["impact", TEXTBOOK, "--format", "json", "--draws", "60"], args].concat())
    };
    let one = drawn(&["--threads", "1"]);
    assert_eq!(one, drawn(&["--threads", "3"]));
    assert_ne!(one, drawn(&["--seed", "7"]));
    let document: Value = serde_json::from_str(&one).unwrap();
    let bands = &document["impact"]["percentiles"];
    assert_eq!(bands["draws"], 60);
    let home = row(&bands["bands"], "of", "importing country");
    let percentiles = ["p5", "p50", "p95"].map(|name| decimal(&home[name]));
    assert!(percentiles[0] < percentiles[1] && percentiles[1] < percentiles[2], "{home}");
    // At most 3t²/2 at elasticity 4 and half of 0.4 × 80 / 10 × 25: 50 + 40, times 1.
    assert!(percentiles[0] > number("-90") && percentiles[2] < number("-25"), "{home}");
    assert_eq!(decimal(&home["as_written"]), number("-62.5"));
}

/// What a chart says in words, for who does not see it, and the letters in it.
#[test]
fn diagrams_have_the_scenarios_own_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = |scenario: &str| {
        let file = folder.path().join("market.svg");
        let args = ["impact", scenario, "-q", "--chart", file.to_str().unwrap()];
        printed(root(), &args);
        fs::read_to_string(file).unwrap()
    };
    let holds = |svg: &str, texts: &[&str]| {
        for text in texts {
            assert!(svg.contains(text), "no {text}");
        }
    };
    let small = drawn(TEXTBOOK);
    let amounts = ["USD 87.50", "higher cost, USD 37.50", "USD 225.00", "bought, USD 25.00"];
    holds(
        &small,
        &[&amounts[..], &["a small country", "buyers pay 15", "world before 10", "c 225.00"]].concat(),
    );
    let large = drawn("scenarios/textbook.toml#large-country");
    holds(
        &large,
        &["a large country", "world after 8.84", "e: from foreign sellers: their price falls, USD 62.46"],
    );
    let quota = drawn("scenarios/textbook.toml#quota");
    holds(&quota, &["a quota", "r: rent of the quota, USD 120.00", "quota 60,", "supply with duty"]);
    assert!([&small, &large, &quota].iter().all(|svg| svg.contains("Model of ")));
}

#[test]
fn comparisons_and_pages_hold_the_model_apart() {
    let compared = printed(root(), &["compare", PREFERENCE, "--baseline", "#before", "--format", "json"]);
    let compared: Value = serde_json::from_str(&compared).unwrap();
    let difference = &compared["differences"][0];
    assert_eq!(difference["duty"], "-40");
    close(change(&difference["impact"]["markets"][0], "importing country"), "10");
    let text = printed(root(), &["compare", PREFERENCE, "--baseline", "#before"]);
    assert!(text.contains("Model: the United States gains USD 10 against"), "{text}");
    let page = printed(root(), &["report", TEXTBOOK]);
    for part in [
        "<h2 id=\"model\">What trade makes of it: a model</h2>",
        "But for what is marked as a model",
        "-62.50",
    ] {
        assert!(page.contains(part), "no {part}");
    }
    // A chain alone has its ladder in place of a market.
    let page = printed(root(), &["report", "scenarios/lessons/09_protection.toml"]);
    for part in ["id=\"model\"", "+13.75 = 27.5% of 50", "a duty raises prices at home in full"] {
        assert!(page.contains(part), "no {part}");
    }
    assert!(!page.contains("Who has how much"));
    // A scenario that says nothing of trade has no such part.
    let page = printed(root(), &["report", "docs/examples/quota.toml"]);
    assert!(!page.contains("id=\"model\""));
}

/// Law stands where a model has no answer.
#[test]
fn a_comparison_goes_on_without_a_model() {
    let text = fs::read_to_string(root().join(PREFERENCE)).unwrap();
    let text = text.replace("substitution_elasticity  = \"2\"\n", "");
    let folder = folder(&text);
    let said = printed(folder.path(), &["compare", "s.toml", "--baseline", "#before"]);
    assert!(
        said.contains("Model: no answer, since the duty on `all goods` changes differently by origin"),
        "{said}"
    );
    assert!(said.contains("(TS0903)"), "{said}");
}

/// A file laid over another changes what it says of elasticities, key by key, and chains by id.
#[test]
fn economics_are_laid_over_one_another() {
    let folder = folder(&market("20%", "demand_elasticity = '-1'\nform = 'constant-elasticity'"));
    let over = "extends = 's.toml'\n[economics]\ndemand_elasticity = '-2'\n";
    fs::write(folder.path().join("over.toml"), over).unwrap();
    let impact = impact_in(folder.path(), &["over.toml"]);
    // 100 / 1.2².
    close(&impact["markets"][0]["imported"]["after"], "69.4444444444");
}

/// One part is shown with the answer and what it rests on, and nothing else; programs get all of it.
#[test]
fn parts_stand_alone() {
    let headings = [
        ("trade", "Prices and trade"),
        ("accounts", "Who has how much"),
        ("areas", "Area"),
        ("incidence", "Of 100 of duty"),
        ("averages", "Average rate after"),
    ];
    for (part, _) in headings {
        let text = printed(root(), &["impact", TEXTBOOK, "--only", part]);
        assert!(text.starts_with("Model: the United States loses USD 62.50"), "{text}");
        assert!(text.contains("demand elasticity -0.25"), "{text}");
        for (other, its) in headings {
            assert_eq!(text.contains(&format!("\n {its}")), other == part, "{part}: {text}");
        }
    }
    let text = printed(root(), &["impact", TEXTBOOK, "--only", "protection"]);
    assert!(text.contains("There is nothing of it here: that needs [[chain]]."), "{text}");
    for format in ["json", "csv"] {
        let output = tariffsim(root(), &["impact", TEXTBOOK, "--only", "trade", "--format", format]);
        assert_eq!(output.status.code(), Some(2));
    }
}

/// What two markets assume alike is said once.
#[test]
fn assumptions_of_several_markets_are_said_once() {
    let text = printed(root(), &["impact", "scenarios/lessons/11_averages.toml", "--only", "averages"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("shoes: demand elasticity -0.5. toys: demand elasticity -1. all of them: "),
        "{text}"
    );
    assert_eq!(text.matches("straight lines").count(), 1, "{text}");
}
