//! Files as data: what a row means, which row is found, what is refused. Every amount is worked by hand beside it, on
//! a customs value of 1,000 unless the flow says otherwise.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[allow(dead_code, reason = "these tests need files, and not all that is shared")]
mod common;

use common::{charge, decimal, run_files, sheet};
use tariffsim::assess::Run;
use tariffsim::diagnostic::Code;

const HEAD: &str = "title = 'Files'\nimporter = 'US'\ndate = 2025-06-05\n";

/// A flow of 1,000 with its product as id.
fn flow(product: &str, more: &str) -> String {
    let origin = if more.contains("origin") { "" } else { "origin = 'JP'\n" };
    format!("[[flow]]\nid = '{product}'\nproduct = '{product}'\nvalue = 1000\n{origin}{more}\n")
}

fn run(files: &[(&str, &str)], scenario: &str) -> Run {
    let text = format!("{HEAD}{scenario}");
    let all: Vec<(&str, &str)> = files.iter().copied().chain([("s.toml", text.as_str())]).collect();
    run_files(&all, "s.toml", &[]).unwrap()
}

/// The codes of what is wrong.
fn codes(files: &[(&str, &str)], scenario: &str) -> Vec<Code> {
    let text = format!("{HEAD}{scenario}");
    let all: Vec<(&str, &str)> = files.iter().copied().chain([("s.toml", text.as_str())]).collect();
    let wrong = run_files(&all, "s.toml", &[]).unwrap_err();
    wrong.diagnostics.iter().map(|d| d.code).collect()
}

fn duty(run: &Run, flow: &str) -> String {
    sheet(run, flow).duty.normalize().to_string()
}

const RATES: &str = "hs,iso,rate,from,last\n\
    87,,10%,,\n\
    870323,,2.5%,,\n\
    870323,EU,2%,,\n\
    870323,DE,1%,,\n\
    870323,KR,4%,2020-01-01,\n\
    870323,KR,3%,2025-01-01,\n\
    870323,GB,5%,2025-01-01,2025-06-04\n\
    0201,,4.4¢/kg,,\n\
    9608,,0.8¢ each + 5.4%,,\n\
    9101,,$1.61 each + 4.8% on the case,,\n\
    9902,,See 9903.52.01,,\n\
    9801,,,,\n";

const MFN: &str = "[[measure]]\nid = 'mfn-all'\ntype = 'mfn'\norigins = ['JP', 'EU', 'KR', 'GB', 'CN']\n\
    rate = { file = 'r.csv', product = 'hs', origin = 'iso', rate = 'rate', from = 'from', through = 'last' }\n";

#[test]
fn the_longest_prefix_then_the_origin_then_the_latest_day() {
    let flows = [
        ("8704.21.01", ""),                              // chapter 87: 10%
        ("8703.23.01", ""),                              // six digits: 2.5%
        ("8703.23.02", "origin = 'FR'"),                 // the Union's row: 2%
        ("8703.23.03", "origin = 'DE'"),                 // Germany's own row: 1%
        ("8703.23.04", "origin = 'KR'"),                 // the later of two rows: 3%
        ("8703.23.05", "origin = 'GB'"),                 // its row held through 4 June: back to 2.5%
        ("0201.30.50", "quantity = 2\nunit = 't'"),      // 4.4 cents x 2,000 kg = 88
        ("9608.10.00", "quantity = 100\nunit = 'each'"), // 0.8 cents x 100 + 5.4% = 0.80 + 54
    ];
    let text: String = flows.iter().map(|(product, more)| flow(product, more)).collect();
    let run = run(&[("r.csv", RATES)], &format!("{MFN}{text}"));
    let duties: Vec<String> = flows.iter().map(|(product, _)| duty(&run, product)).collect();
    assert_eq!(duties, ["100", "25", "20", "10", "30", "25", "88", "54.8"]);
    assert_eq!(charge(&run, "8703.23.03", "mfn-all").unwrap().rate_text(run.scenario()), "1%");
}

#[test]
fn a_text_that_is_no_rate_is_refused_and_a_line_without_one_is_not_stated() {
    let text = ["9101.11.40", "9902.01.01", "9801.00.10"].map(|product| flow(product, "")).concat();
    let run = run(&[("r.csv", RATES)], &format!("{MFN}{text}"));
    for product in ["9101.11.40", "9902.01.01"] {
        let reason = sheet(&run, product).not_computable.as_ref().unwrap();
        assert!(reason.contains("is refused"), "{reason}");
    }
    // an empty cell is no row, and no shorter row fits
    assert!(!sheet(&run, "9801.00.10").base_stated);
    assert_eq!(run.totals.not_computable.flows, 2);
    assert_eq!(run.totals.base_not_stated.flows, 1);
}

#[test]
fn a_third_is_read_as_schedules_print_it() {
    // a third of 1,000 to ten places; and $2.50 for each of two thousand besides
    let rows = "hs,rate\n9608,33 1/3%\n9609,$2.50/thousand + 33 1/3%\n9610,33 1/0%\n9611,33 1/3\n";
    let rate = "[[measure]]\nid = 'x'\nrate = { file = 'r.csv', product = 'hs', rate = 'rate' }\n";
    let flows = ["9608", "9609", "9610", "9611"].map(|code| flow(code, "quantity = 2000\nunit = 'each'"));
    let run = run(&[("r.csv", rows)], &format!("{rate}{}", flows.concat()));
    assert_eq!(duty(&run, "9608"), "333.3333333333");
    assert_eq!(duty(&run, "9609"), "338.3333333333");
    assert_eq!(run.totals.not_computable.flows, 2);
}

#[test]
fn a_default_stands_in_where_no_row_fits() {
    let rate =
        "[[measure]]\nid = 'x'\nrate = { file = 'r.csv', product = 'hs', rate = 'rate', default = '7%' }\n";
    let text = format!("{rate}{}{}", flow("8703.23.01", ""), flow("0101.21.00", ""));
    let run = run(&[("r.csv", "hs,rate\n8703,2.5%\n")], &text);
    assert_eq!((duty(&run, "8703.23.01"), duty(&run, "0101.21.00")), ("25".to_owned(), "70".to_owned()));
}

#[test]
fn without_a_row_or_a_default_a_measure_does_not_fit_and_displaces_nothing() {
    let text = "[[measure]]\nid = 'first'\nrate = { file = 'r.csv', product = 'hs', rate = 'rate' }\n\
        [[measure]]\nid = 'second'\nrate = '3%'\nyields_to = 'first'\n";
    let text = format!("{text}{}{}", flow("8703.23.01", ""), flow("0101.21.00", ""));
    let run = run(&[("r.csv", "hs,rate\n8703,0%\n")], &text);
    // a rate of nil displaces, a missing row does not
    assert_eq!((duty(&run, "8703.23.01"), duty(&run, "0101.21.00")), ("0".to_owned(), "30".to_owned()));
}

#[test]
fn bare_numbers_are_what_as_says() {
    for (unit, expected) in [("percent", "25"), ("fraction", "2500"), ("USD/t", "5"), ("EUR/t", "5.5")] {
        let text = format!(
            "[exchange]\nEUR = '1.1'\n[[measure]]\nid = 'x'\n\
             rate = {{ file = 'r.csv', product = 'hs', rate = 'rate', as = '{unit}' }}\n{}",
            flow("8703.23.01", "quantity = 2\nunit = 't'")
        );
        // 2.5%; 2.5 times the value; 2.5 x 2 t; 2.5 x 1.1 x 2 t
        assert_eq!(duty(&run(&[("r.csv", "hs,rate\n8703,2.5\n")], &text), "8703.23.01"), expected, "{unit}");
    }
}

#[test]
fn rows_that_overlap_do_what_is_said() {
    for (rule, expected) in [("highest", "50"), ("lowest", "20"), ("sum", "70")] {
        let text = format!(
            "[[measure]]\nid = 'x'\nrate = {{ file = 'r.csv', product = 'hs', rate = 'rate', overlap = '{rule}' }}\n{}",
            flow("8703.23.01", "")
        );
        assert_eq!(
            duty(&run(&[("r.csv", "hs,rate\n8703,5%\n8703,2%\n")], &text), "8703.23.01"),
            expected,
            "{rule}"
        );
    }
}

#[test]
fn a_file_described_once_is_used_under_conditions_of_both() {
    let file = "list;hs;rate\nsteel;7208;25%\nsteel;7604;99%\nalu;7604;10%\n";
    let text = "[files.metals]\nfile = 'm.csv'\nproduct = 'hs'\nrate = 'rate'\n\
        [[measure]]\nid = 's'\nrate = { file = 'metals', where = { list = 'steel', hs = '7208' } }\n\
        [[measure]]\nid = 'a'\nrate = { file = 'metals', where = { list = ['alu', 'copper'] } }\n";
    let text = format!("{text}{}{}", flow("7208.39.00", ""), flow("7604.10.10", ""));
    let run = run(&[("m.csv", file)], &text);
    assert_eq!((duty(&run, "7208.39.00"), duty(&run, "7604.10.10")), ("250".to_owned(), "100".to_owned()));
}

#[test]
fn goods_join_and_leave_a_group_by_date() {
    let file = "hs,from,until\n7208,2025-03-12,\n7318,2025-03-12,2025-06-05\n8418,2025-06-23,\n";
    let text = "[products]\nlisted = { file = 'g.csv', product = 'hs', from = 'from', until = 'until' }\n\
        [[measure]]\nid = 'x'\nproducts = 'listed'\nrate = '50%'\n";
    let flows = [
        ("7208.39.00", "", "500"),
        // `until` is the first day out
        ("7318.15.80", "", "0"),
        ("8418.10.00", "", "0"),
        ("8418.30.00", "date = 2025-06-23", "500"),
    ];
    let text: String = text.to_owned() + &flows.iter().map(|(p, more, _)| flow(p, more)).collect::<String>();
    let run = run(&[("g.csv", file)], &text);
    for (product, _, expected) in flows {
        assert_eq!(duty(&run, product), expected, "{product}");
    }
}

#[test]
fn a_parameter_looked_up_divides_and_defaults() {
    let file = "hs8,iso3,share\n73181500,JPN,0.4\n73181500,,0.25\n";
    let text = "[parameters]\nsteel = { file = 'p.csv', product = 'hs8', origin = 'iso3', value = 'share', default = '1' }\n\
        [[measure]]\nid = 'x'\nrate = '50%'\nshare = 'steel'\n";
    let text = format!("{text}{}{}", flow("7318.15.00", ""), flow("7208.39.00", "origin = 'CN'"));
    let run = run(&[("p.csv", file)], &text);
    // 50% of 40% of 1,000; 50% of all
    assert_eq!((duty(&run, "7318.15.00"), duty(&run, "7208.39.00")), ("200".to_owned(), "500".to_owned()));
}

#[test]
fn real_files_have_marks_quotes_line_ends_and_lost_zeros() {
    let file = "\u{feff}\"HTS Number\";\"Rate, general\"\r\n\"2013050\";\"4.4¢/kg\"\r\n\r\n87032301;\"2.5%\"\r\nNA;x\r\n";
    let text = "[[measure]]\nid = 'x'\nrate = { file = 'r.csv', product = 'HTS Number', rate = 'Rate, general', pad = 8, skip = 'NA' }\n";
    let text =
        format!("{text}{}{}", flow("8703.23.01", ""), flow("0201.30.50", "quantity = 10\nunit = 'kg'"));
    let run = run(&[("r.csv", file)], &text);
    // 2.5% of 1,000; 4.4 cents x 10 kg
    assert_eq!((duty(&run, "8703.23.01"), duty(&run, "0201.30.50")), ("25".to_owned(), "0.44".to_owned()));
}

#[test]
fn flows_are_filtered_skipped_and_counted() {
    let rows =
        "code|from|usd|kind\n8703230000|JP|100|a\n104000000|JP|10|b\n8703230000|XX|5|a\n8703230000|JP|1|c\n";
    let text = "flows = { file = 'f.csv', product = 'code', origin = 'from', value = 'usd', pad = 10, \
        where = { kind = ['a', 'b'] }, skip = ['XX'], delimiter = '|' }\n[[measure]]\nid = 'x'\nrate = '10%'\n";
    let run = run(&[("f.csv", rows)], text);
    assert_eq!(run.totals.duty, decimal("11"));
    assert_eq!(run.flows.skipped, 1);
    assert_eq!(run.flows.rows[1].product.to_string(), "0104000000");
}

#[test]
fn a_code_too_short_for_the_rows_is_counted() {
    let text = format!("{MFN}{}", flow("8703", ""));
    let run = run(&[("r.csv", RATES)], &text);
    assert_eq!(run.totals.partly_covered.flows, 1);
}

#[test]
fn rows_that_fit_equally_well_are_not_chosen_between() {
    let groups = "[countries]\nwest = ['JP', 'KR']\neast = ['KR', 'CN']\n";
    let rate =
        "[[measure]]\nid = 'x'\nrate = { file = 'r.csv', product = 'hs', origin = 'o', rate = 'rate' }\n";
    let text = format!(
        "{groups}{rate}{}{}",
        flow("8703.23.01", "origin = 'KR'"),
        flow("8703.23.02", "origin = 'CN'")
    );
    let run = run(&[("r.csv", "hs,o,rate\n8703,west,10%\n8703,east,7%\n")], &text);
    let reason = sheet(&run, "8703.23.01").not_computable.as_ref().unwrap();
    assert!(reason.ends_with("two rows of the file fit the goods and the origin equally well"), "{reason}");
    assert_eq!(duty(&run, "8703.23.02"), "70");
}

#[test]
fn arithmetic_and_flat_money_are_no_rate_of_a_schedule() {
    for cell in ["1/3%", "2 * 3%", "5% - 1%", "$5", "auto_rate", "min(1%, 2%)"] {
        let rate = "[[measure]]\nid = 'x'\nrate = { file = 'r.csv', product = 'hs', rate = 'rate' }\n";
        let run = run(
            &[("r.csv", &format!("hs,rate\n8703,\"{cell}\"\n"))],
            &format!("{rate}{}", flow("8703.23.01", "")),
        );
        assert!(!sheet(&run, "8703.23.01").computable(), "{cell}");
    }
}

#[test]
fn a_heading_falls_under_a_range_of_longer_codes_that_holds_it() {
    let text = "[[measure]]\nid = 'x'\nproducts = '7206.10-7216.50'\nrate = '50%'\n";
    let text = format!("{text}{}{}", flow("7208", ""), flow("7216", ""));
    let run = run(&[], &text);
    // all of 7208 lies in the range, only a part of 7216 does
    assert_eq!((duty(&run, "7208"), duty(&run, "7216")), ("500".to_owned(), "0".to_owned()));
    assert!(!sheet(&run, "7208").partly_covered);
    assert!(sheet(&run, "7216").partly_covered);
}

#[test]
fn a_row_that_cannot_be_read_is_not_replaced_by_the_default() {
    let text = "[[measure]]\nid = 'm'\ntype = 'mfn'\n\
        rate = { file = 'r.csv', product = 'hs', rate = 'rate', default = '2%' }\n\
        [[measure]]\nid = 'p'\ntype = 'preference'\nrate = 'free'\n\
        [[measure]]\nid = 'x'\nrate = 'max(15% - mfn_rate, 0%)'\n";
    let text = format!("{text}{}", flow("8703.23.01", ""));
    let run = run(&[("r.csv", "hs,rate\n8703,see note 5\n")], &text);
    assert!(!sheet(&run, "8703.23.01").computable());
}

#[test]
fn a_row_alone_needs_no_joining() {
    let text =
        "[[measure]]\nid = 'x'\nrate = { file = 'r.csv', product = 'hs', rate = 'rate', overlap = 'sum' }\n";
    let text = format!("{text}{}", flow("9608.10.00", "quantity = 100\nunit = 'each'"));
    let run = run(&[("r.csv", "hs,rate\n9608,0.8¢ each + 5.4%\n")], &text);
    // 0.8 cents x 100 + 5.4% of 1,000
    assert_eq!(duty(&run, "9608.10.00"), "54.8");
}

#[test]
fn the_row_that_is_taken_is_the_one_pointed_at() {
    let text = "[[measure]]\nid = 'x'\nrate = { file = 'r.csv', product = 'hs', rate = 'rate', overlap = 'highest' }\n";
    let text = format!("{text}{}", flow("8703.23.01", ""));
    let run = run(&[("r.csv", "hs,rate\n8703,5%\n8703,25%\n")], &text);
    assert_eq!(charge(&run, "8703.23.01", "x").unwrap().rate_text(run.scenario()), "25%");
}

#[test]
fn only_what_describes_a_file_names_one() {
    let text = "[parameters]\nfile = '10%'\nflows = { file = 'p.csv', value = 'v' }\n\
        [[measure]]\nid = 'x'\nrate = 'file + flows'\n";
    let text = format!("{text}{}", flow("8703.23.01", ""));
    // 10% and 2% of 1,000
    assert_eq!(duty(&run(&[("p.csv", "v\n2%\n")], &text), "8703.23.01"), "120");
}

#[test]
fn a_measure_on_other_goods_does_not_make_a_code_too_short() {
    let text =
        "[[measure]]\nid = 'x'\nproducts = '72'\nrate = { file = 'r.csv', product = 'hs', rate = 'rate' }\n";
    let text = format!("{text}{}", flow("8703", ""));
    assert_eq!(run(&[("r.csv", "hs,rate\n870323,5%\n")], &text).totals.partly_covered.flows, 0);
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let rate = |more: &str| {
        format!(
            "[[measure]]\nid = 'x'\nrate = {{ file = 'r.csv', product = 'hs', rate = 'rate'{more} }}\n{}",
            flow("8703.23.01", "")
        )
    };
    let of = |file: &str, more: &str| codes(&[("r.csv", file)], &rate(more));
    assert_eq!(of("hs,rate\n8703,2.5\n", ""), [Code::RateWithoutUnit]);
    assert_eq!(of("hs,rate\n8703,-2%\n", ""), [Code::NegativeRate]);
    assert_eq!(of("hs,rate\n8703,1%\n8703,2%\n", ""), [Code::RowsConflict]);
    assert_eq!(of("hs,rate\n873,1%\n", ""), [Code::LostZero]);
    assert_eq!(of("hs,rates\n8703,1%\n", ""), [Code::MissingColumn]);
    assert_eq!(of("hs,rate,hs\n8703,1%,1\n", ""), [Code::AmbiguousColumn]);
    assert_eq!(of("hs,rate\n8703,1%,3\n", ""), [Code::RowShape]);
    assert_eq!(of("hs,rate\n8703,\"1%\n", ""), [Code::BadCell]);
    assert_eq!(of("", ""), [Code::EmptyFile]);
    assert_eq!(of("hs,rate\n8703,1\n", ", as = 'euros'"), [Code::UnknownChoice]);
    assert_eq!(of("hs,rate\n8703,1\n", ", as = 'EUR/t'"), [Code::UnknownCurrency]);
    assert_eq!(of("hs,rate\n8703,1\n", ", as = 'USD'"), [Code::UnknownChoice]);
    assert_eq!(of("hs,rate\n8703,1\n", ", as = 't'"), [Code::UnknownChoice]);
    assert_eq!(of("hs,rate,d\n8703,1%,June\n", ", from = 'd'"), [Code::BadCell]);
    assert_eq!(of("hs,rate,o\n8703,1%,Japan\n", ", origin = 'o'"), [Code::UnknownCountry]);
    assert_eq!(of("hs,rate\n8703,1%\n", ", were = {}"), [Code::UnknownKey]);
    assert_eq!(codes(&[], &rate("")), [Code::FileMissing]);
}

const SURCHARGES: &str = "name,rate\nsurcharge_156,20%\nsurcharge_276,5%\nsurcharge_699,25%\nmaximum,40%\n";

#[test]
fn countries_may_be_called_by_other_codes() {
    let text = "[codes.numbers]\nfile = 'p.csv'\ncode = 'number'\ncountry = 'iso'\nlist = { '699' = 'IN', '276' = 'FR' }\n\
        [parameters]\n\
        surcharge = { file = 's.csv', origin = { column = 'name', after = 'surcharge_', codes = 'numbers' }, \
        value = 'rate', default = '1%' }\n\
        [[measure]]\nid = 'x'\nrate = 'surcharge'\n[flows]\nfile = 'f.csv'\norigin = { column = 'from', codes = 'numbers' }\n";
    let files = [
        ("p.csv", "number;iso\n156;CHN\n276;DEU\n392;JPN\n;USA\n840;\n"),
        ("s.csv", SURCHARGES),
        (
            "f.csv",
            "id,product,from,value\na,8703,156,1000\nb,8703,276,1000\nc,8703,699,1000\nd,8703,392,1000\n",
        ),
    ];
    let run = run(&files, text);
    // 20%; the list makes France of 276: 5%; 25%; Japan has no row: 1%
    assert_eq!(["a", "b", "c", "d"].map(|id| duty(&run, id)), ["200", "50", "250", "10"]);
    assert_eq!(
        run.flows.rows.iter().map(|flow| flow.origin.text.as_str()).collect::<Vec<_>>(),
        ["CN", "FR", "IN", "JP"]
    );
}

#[test]
fn the_numbers_of_the_united_nations_are_always_there() {
    let text = "[parameters.surcharge]\nfile = 's.csv'\norigin = { column = 'name', after = 'surcharge_', codes = 'm49' }\n\
        value = 'rate'\ndefault = '1%'\n\
        [[measure]]\nid = 'x'\nrate = 'surcharge'\n[flows]\nfile = 'f.csv'\norigin = { column = 'from', codes = 'm49' }\n";
    let rows = "id,product,from,value\na,8703,156,1000\nb,8703,276,1000\nc,8703,356,1000\nd,8703,036,1000\n";
    let run = run(&[("s.csv", SURCHARGES), ("f.csv", rows)], text);
    // 20%; 5%; India is 356 here and 699 in the surcharges: 25%; Australia has no row: 1%
    assert_eq!(["a", "b", "c", "d"].map(|id| duty(&run, id)), ["200", "50", "250", "10"]);
    let found = |rest: &str| codes(&[("s.csv", "name,rate\n490,1%\n")], rest);
    let rate = "[[measure]]\nid = 'x'\nrate = { file = 's.csv', origin = { column = 'name', codes = 'm49' }, rate = 'rate' }\n";
    let flow = flow("8703", "");
    assert_eq!(found(&format!("{rate}{flow}")), [Code::UnknownCountry]);
    assert_eq!(
        found(&format!("[codes.m49]\nlist = {{ '490' = 'TW' }}\n{rate}{flow}")),
        [Code::BadName, Code::UnknownCountry]
    );
}

#[test]
fn codes_that_stand_for_nothing_are_said() {
    let flow = flow("8703", "");
    let surcharge = "[parameters]\nx = { file = 's.csv', origin = { column = 'name', after = 'surcharge_', codes = 'n' }, value = 'rate' }\n";
    let measure = "[[measure]]\nid = 'x'\nrate = 'default(x, 0%)'\n";
    let found = |codes: &str| {
        let files = [("s.csv", SURCHARGES), ("p.csv", "n,c\n1,JP\n1,KR\n2,ZZ\n")];
        self::codes(&files, &format!("{codes}{surcharge}{measure}{flow}"))
    };
    // no such list
    assert_eq!(found(""), [Code::UnknownGroup]);
    // 276 and 699 are not in it
    assert_eq!(found("[codes.n]\nlist = { '156' = 'CN' }\n"), [Code::UnknownCountry, Code::UnknownCountry]);
    // a code for two countries, a country that is none; then nothing of the three rows is known
    let wrong = found("[codes.n]\nfile = 'p.csv'\ncode = 'n'\ncountry = 'c'\n");
    assert_eq!(wrong.iter().filter(|code| **code == Code::RowsConflict).count(), 1);
    assert_eq!(wrong.iter().filter(|code| **code == Code::UnknownCountry).count(), 4);
    // a list that says nothing
    assert!(found("[codes.n]\n").contains(&Code::MissingKey));
}

const EDITIONS: &str = "hs,status,rate,from\n7208,preliminary,10%,2025-01-01\n7208,preliminary,12%,2025-06-01\n\
    7208,final,11%,2025-01-01\n7601,preliminary,5%,2025-01-01\n7403,withdrawn,50%,2025-01-01\n";

#[test]
fn of_several_editions_the_preferred_one_counts() {
    let text = "title = 'Files'\nimporter = 'US'\ndate = 2025-06-05\n\
        [files.e]\nfile = 'e.csv'\nproduct = 'hs'\nfrom = 'from'\nprefer = { status = ['final', 'preliminary'] }\n\
        [[measure]]\nid = 'x'\nrate = { file = 'e', rate = 'rate' }\n\
        [[variant]]\nid = 'first'\nfiles = { e = { prefer = { status = 'preliminary' } } }\n\
        [[variant]]\nid = 'none'\nfiles = { e = { prefer = { status = 'secret' } } }\n";
    let text =
        format!("{text}{}", ["7208.10", "7601.10", "7403.11"].map(|product| flow(product, "")).concat());
    let duties = |named: &str| {
        let run = run_files(&[("s.toml", text.as_str()), ("e.csv", EDITIONS)], named, &[]).unwrap();
        ["7208.10", "7601.10", "7403.11"].map(|product| duty(&run, product))
    };
    // the final 11% although a later preliminary one exists; the only one there is; neither of the two
    assert_eq!(duties("s.toml"), ["110", "50", "0"]);
    assert_eq!(duties("s.toml#first"), ["120", "50", "0"]);
    assert_eq!(duties("s.toml#none"), ["0", "0", "0"]);
}

#[test]
fn a_file_without_goods_and_origins_rests_on_the_day_alone() {
    let rates = "kind,rate,from\nsteel,20%,2025-01-01\nsteel,50%,2025-06-04\ncopper,50%,2025-08-01\n";
    let text = "[parameters]\nsteel = { file = 'r.csv', value = 'rate', from = 'from', where = { kind = 'steel' } }\n\
        copper = { file = 'r.csv', value = 'rate', from = 'from', where = { kind = 'copper' }, default = '0%' }\n\
        [[measure]]\nid = 'x'\nrate = 'steel + copper'\n\
        [[quota]]\nid = 'q'\nmeasures = 'x'\nin_quota_rate = '1%'\nperiod = 'year'\nvolume = '400 USD * steel'\n";
    let run = run(&[("r.csv", rates)], &format!("{text}{}", flow("7208", "")));
    // a volume may rest on it: 20% of 400 on 1 January, so 80 pay 1% and 920 pay 50%
    assert_eq!(duty(&run, "7208"), "460.8");
}
