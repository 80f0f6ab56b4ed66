//! Cells as official files write them: what each key of a column does, and that nothing is guessed. Amounts are worked by
//! hand beside them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[allow(dead_code, reason = "these tests need flows, and not all that is shared")]
mod common;

use common::{decimal, run_files};
use tariffsim::assess::Run;
use tariffsim::diagnostic::Code;
use tariffsim::trade::Flow;

const HEAD: &str =
    "title = 'Official files'\nimporter = 'US'\ndate = 2025-06-05\n\n[flows]\nfile = 'f.csv'\n";

fn run(csv: &str, keys: &str, more: &[(&str, &str)]) -> Result<Run, Vec<Code>> {
    let text = format!("{HEAD}{keys}");
    let files: Vec<(&str, &str)> =
        [("f.csv", csv), ("s.toml", text.as_str())].into_iter().chain(more.iter().copied()).collect();
    run_files(&files, "s.toml", &[]).map_err(|wrong| wrong.diagnostics.iter().map(|d| d.code).collect())
}

/// The flows of a file; their columns as the keys say.
fn flows(csv: &str, keys: &str) -> Vec<Flow> {
    run(csv, keys, &[]).unwrap().flows.rows
}

fn wrong(csv: &str, keys: &str) -> Vec<Code> {
    run(csv, keys, &[]).unwrap_err()
}

#[test]
fn a_code_stands_before_its_words() {
    let csv = "what,who,value\n0101210010 - HORSES - PUREBRED,CA - Canada,1\n";
    let keys = "product = { column = 'what', before = ' - ' }\norigin = { column = 'who', before = ' - ' }\n";
    let flow = &flows(csv, keys)[0];
    assert_eq!((flow.product.to_string().as_str(), flow.origin.text.as_str()), ("0101210010", "CA"));
}

#[test]
fn a_text_stands_for_another() {
    // The whole cell, or what stands before the words; an empty one can stand for something too.
    let csv = "product,origin,value,quantity,unit\n870323,Japan - whole,1,5,u\n870323,40 - part,1,NA,\n870323,,1,7,u\n";
    let keys = "origin = { before = ' - ', means = { 'Japan - whole' = 'JP', '40' = 'AT', '' = 'CA' } }\n\
                quantity = { means = { NA = '' } }\nunit = { means = { u = 'each' } }\n";
    let flows = flows(csv, keys);
    let origins: Vec<&str> = flows.iter().map(|f| f.origin.text.as_str()).collect();
    assert_eq!(origins, ["JP", "AT", "CA"]);
    let amounts: Vec<_> = flows.iter().map(|f| f.quantities[0].map(|q| q.amount)).collect();
    assert_eq!(amounts, [Some(decimal("5")), None, Some(decimal("7"))]);
}

#[test]
fn numbers_have_thousands_and_a_scale() {
    let cases = [
        ("\"1,234,567\"", ",", "1000", "1234567000"),
        ("\"12,345.678\"", ",", "1", "12345.678"),
        ("999", ",", "0.001", "0.999"),
        ("1 234", " ", "1", "1234"),
        ("1'234", "'", "1", "1234"),
        ("39000.125", ",", "1000", "39000125"),
        ("0", ",", "1000", "0"),
    ];
    for (cell, mark, scale, value) in cases {
        let csv = format!("product,origin,v\n870323,JP,{cell}\n");
        let keys = format!("thousands = \"{mark}\"\nvalue = {{ column = 'v', scale = {scale} }}\n");
        assert_eq!(flows(&csv, &keys)[0].value, decimal(value), "{cell}");
    }
    for cell in
        ["\"1,23\"", "\"12,3456\"", "\",123\"", "\"1,,234\"", "\"1234,567\"", "\"1,234.\"", "\"1,234,\""]
    {
        let csv = format!("product,origin,value\n870323,JP,{cell}\n");
        assert_eq!(wrong(&csv, "thousands = ','\n"), [Code::BadCell], "{cell}");
    }
    // All numbers of the file have them, also where a column is not named.
    let csv = "product,origin,value,quantity,unit,freight\n870323,JP,\"1,000\",\"2,000\",kg,\"3,000\"\n";
    let flow = &flows(csv, "thousands = ','\n")[0];
    assert_eq!(
        (flow.value, flow.quantities[0].unwrap().amount, flow.freight),
        (decimal("1000"), decimal("2000"), decimal("3000"))
    );
}

#[test]
fn a_number_too_long_to_scale_exactly_is_refused() {
    let csv = "product,origin,v\n870323,JP,79228162514264337593543950335\n";
    assert_eq!(wrong(csv, "value = { column = 'v', scale = 1000 }\n"), [Code::BadCell]);
}

#[test]
fn a_unit_may_be_the_same_in_all_rows() {
    let csv = "product,origin,value,q\n870323,JP,1,15.6\n870323,JP,1,\n";
    let flows = flows(csv, "quantity = { column = 'q', as = 't', scale = 1000 }\n");
    let quantity = flows[0].quantities[0].unwrap();
    assert_eq!((quantity.amount, quantity.unit.name()), (decimal("15600"), "t"));
    assert_eq!(flows[1].quantities[0], None);
}

#[test]
fn a_month_or_year_is_its_first_day() {
    let cases = [
        ("month", "202403", "2024-03-01"),
        ("month", "2024-12", "2024-12-01"),
        ("year", "2023", "2023-01-01"),
    ];
    for (kind, cell, day) in cases {
        let csv = format!("product,origin,value,t\n870323,JP,1,{cell}\n");
        let keys = format!("date = {{ column = 't', as = '{kind}' }}\n");
        assert_eq!(flows(&csv, &keys)[0].date.to_string(), day);
    }
    for (kind, cell) in [
        ("month", "202413"),
        ("month", "202400"),
        ("month", "2024-1-2"),
        ("month", "2024"),
        ("month", "20-2403"),
        ("year", "202403"),
        ("year", "20-24"),
        ("year", "24"),
        ("month", "2024é3"),
        ("year", "-2024"),
    ] {
        let csv = format!("product,origin,value,t\n870323,JP,1,{cell}\n");
        let keys = format!("date = {{ column = 't', as = '{kind}' }}\n");
        assert_eq!(wrong(&csv, &keys), [Code::BadCell], "{cell}");
    }
}

#[test]
fn countries_are_numbers_or_codes_of_a_list() {
    let csv = "product,origin,value,importer\n870323,036,1,842\n";
    let flow = &flows(csv, "origin = { codes = 'm49' }\nimporter = { codes = 'm49' }\n")[0];
    assert_eq!((flow.origin.text.as_str(), flow.importer.text.as_str()), ("AU", "US"));
    let list = ("lists/c.csv", "\u{feff}number;iso\n5880;JPN\n4280;DE\n4280;DE\n9999;\n");
    let csv = "product,origin,value\n870323,5880,1\n870323,4280,1\n";
    let keys = "origin = { codes = 'census' }\n[codes.census]\nfile = 'lists/c.csv'\ncode = 'number'\ncountry = 'iso'\n";
    let flows = run(csv, keys, &[list]).unwrap().flows.rows;
    let origins: Vec<&str> = flows.iter().map(|f| f.origin.text.as_str()).collect();
    assert_eq!(origins, ["JP", "DE"]);
    // A code whose country is left empty is not known.
    let csv = "product,origin,value\n870323,9999,1\n";
    assert_eq!(run(csv, keys, &[list]).unwrap_err(), [Code::UnknownCountry]);
    assert_eq!(run(csv, keys, &[]).unwrap_err(), [Code::FileMissing]);
}

#[test]
fn a_file_described_once_says_how_its_cells_are_written() {
    let csv = "item,from,v\n870323 - cars,392,\"1,500\"\n";
    let text = |origin: &str| {
        format!(
            "title = 'Official files'\nimporter = 'US'\ndate = 2025-06-05\nflows = 'trade'\n[files.trade]\nfile = 'f.csv'\n\
             thousands = ','\nproduct = {{ column = 'item', before = ' - ' }}\norigin = {origin}\nvalue = {{ column = 'v', scale = 1000 }}\n"
        )
    };
    let run = |origin: &str| run_files(&[("f.csv", csv), ("s.toml", &text(origin))], "s.toml", &[]);
    let flows = run("{ column = 'from', codes = 'm49' }").unwrap().flows.rows;
    assert_eq!((flows[0].origin.text.as_str(), flows[0].value), ("JP", decimal("1500000")));
    let wrong: Vec<Code> =
        run("{ column = 'from', code = 'm49' }").unwrap_err().diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(wrong, [Code::UnknownKey]);
}

#[test]
fn a_row_says_all_that_is_wrong_with_it() {
    let csv = "product,origin,value,date\n870,490,x,202413\n";
    let keys = "origin = { codes = 'm49' }\ndate = { as = 'month' }\n";
    let mut found = wrong(csv, keys);
    found.sort();
    assert_eq!(found, [Code::UnknownCountry, Code::LostZero, Code::BadCell, Code::BadCell]);
}

#[test]
fn every_row_that_does_not_read_is_said() {
    let csv = "product,origin,value\n870323,1,1\n870323,490,1\n870323,392,\"1,2\"\n";
    let keys = "thousands = ','\norigin = { codes = 'm49' }\n";
    assert_eq!(wrong(csv, keys), [Code::UnknownCountry, Code::UnknownCountry, Code::BadCell]);
}

#[test]
fn keys_have_their_columns() {
    let csv = "product,origin,value\n870323,JP,1\n";
    for keys in [
        "product = { scale = 2 }",
        "origin = { as = 't' }",
        "value = { codes = 'm49' }",
        "value = { as = 'kg' }",
        "unit = { scale = 2 }",
    ] {
        assert_eq!(wrong(csv, keys), [Code::UnknownKey], "{keys}");
    }
    for keys in
        ["value = { scale = 0 }", "value = { scale = -1 }", "value = 3", "value = { means = { a = true } }"]
    {
        assert_eq!(wrong(csv, keys), [Code::WrongType], "{keys}");
    }
    assert_eq!(wrong(csv, "product = { before = '' }"), [Code::MissingKey]);
}
