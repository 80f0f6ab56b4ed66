//! How measures stack, held against a published tariff tracker: a row of rates is written as a scenario, and
//! the total must be the published one exactly.
//!
//! The figures of [`PUBLISHED`] are those of the tests of tariff-rate-tracker, The Budget Lab at Yale, MIT
//! licence. Its placeholder codes `1`, `3` and `4` are written here as the steel tubes 7306.30.50.32.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{charge, decimal, run, sheet};
use rust_decimal::Decimal;

/// Rates are parts of the customs value. `s232` is on the whole value, already scaled to the part of it that the
/// measure covers; `rest` is the other part. `excl`: what gives way does; `add`: everything adds up.
const PUBLISHED: &str = "
id     hts10       from  base   s232  s301   recip  fent  s122  s201  s338  s301br  rest  method  total
BL001  7208100000  CN    0      0.5   0.25   0      0.2   0     0     0     0       0     excl    0.95
BL003  7208100000  CA    0      0.5   0      0.1    0.25  0     0     0     0       0     excl    0.5
BL005  8703230000  DE    0.025  0     0      0.2    0     0.1   0     0     0       0     excl    0.325
BL007  0201100010  CN    0.04   0     0      0.34   0.2   0.1   0     0     0       0     excl    0.68
BL009  0201100010  CA    0.04   0     0      0      0.25  0.1   0     0     0       0     excl    0.39
BL011  7208100000  DE    0      0.5   0      0.2    0     0.1   0     0     0       0     excl    0.5
BL013  7208100000  CN    0.05   0.5   0      0.34   0     0.1   0     0     0       0     excl    0.55
BL015  8703230000  CN    0.05   0     0.25   0.34   0     0.1   0.02  0     0       0     excl    0.76
BL017  7208100000  CN    0.05   0.5   0      0.34   0     0     0     0     0       0     excl    0.55
BL019  8703230000  CN    0.05   0     0.25   0.34   0     0     0.02  0     0       0     excl    0.66
BL021  7208100000  DE    0.05   0.5   0      0.15   0.1   0.1   0     0     0       0     add     0.9
BL023  7208100000  DE    0.05   0.5   0      0.15   0     0.1   0     0     0       0     excl    0.55
BL025  8703230000  DE    0.05   0     0.25   0.15   0     0.1   0     0     0       0     excl    0.3
BL027  9401790010  DE    0      0.5   0      0.2    0     0.1   0     0     0       0.7   excl    0.71
BL029  8481801000  JP    0.03   0.25  0      0      0     0.1   0     0     0       0     excl    0.28
BL031  8481801000  JP    0.03   0     0      0      0     0.1   0     0     0       0     excl    0.13
BL033  7306305032  CN    0      0.25  0.075  0.1    0.2   0.05  0     0     0       0.4   excl    0.585
BL035  7306305032  CA    0      0.25  0      0.1    0.2   0.05  0     0     0       0.4   excl    0.39
BL037  7306305032  CN    0      0.25  0.075  0.1    0.2   0.05  0     0     0       0.4   excl    0.585
BL040  7306305032  CA    0      0     0      0.1    0.2   0.05  0     0     0       0     excl    0.35
BL042  2208303000  CA    0.02   0     0      0      0     0.1   0     0.5   0       0     excl    0.62
BL044  6109100012  BR    0.02   0     0      0      0     0.1   0     0     0.25    0     excl    0.37
BL046  7208100000  CN    0      0.25  0      0      0     0     0     0     0       0     excl    0.25
BL195  8471804000  GB    0      0.25  0      0      0     0     0     0     0       0     excl    0.25
BL197  8471804000  MX    0      0.25  0      0      0     0     0     0     0       0     excl    0.25
";

/// Totals worked by hand; lines that start with `#` show the working of the next.
const OWN: &str = "
id     hts10       from  base   s232   s301   recip  fent  s122  s201  s338  s301br  rest   method  total
# nothing but the base duty
own01  8703230000  DE    0.025  0      0      0      0     0     0     0     0       0      excl    0.025
# 2.5% + 25%; reciprocal and s122 give way on the whole value
own02  8703230000  JP    0.025  0.25   0      0.24   0     0.1   0     0     0       0      excl    0.275
# 2.5% + 25% + 25% (301) + 20% (fentanyl, China); reciprocal gives way
own03  8703230000  CN    0.025  0.25   0.25   0.1    0.2   0     0     0     0       0      excl    0.725
# 50% + 40%; reciprocal gives way, 301 of Brazil does not
own04  7208100000  BR    0      0.5    0      0.1    0     0     0     0     0.4     0      excl    0.9
# 50% of 65% metal = 32.5%; (35% + 10%) of the other 35% = 15.75%
own05  7616995190  CA    0      0.325  0      0      0.35  0.1   0     0     0       0.35   excl    0.4825
# 37.5% + 25% + 10% (fentanyl, China); (10% + 15%) of the other quarter = 6.25%
own06  7616995190  CN    0      0.375  0.25   0.1    0.1   0.15  0     0     0       0.25   excl    0.7875
# the same, all of it added: 37.5 + 25 + 10 + 10 + 15
own07  7616995190  CN    0      0.375  0.25   0.1    0.1   0.15  0     0     0       0.25   add     0.975
# no 232, so nothing gives way: 2.5% + 25%
own08  8703230000  MX    0.025  0      0      0      0.25  0     0     0     0       0      excl    0.275
# 50% of a thousandth = 0.05%; 15% of the other 99.9% = 14.985%
own09  8471804000  KR    0      0.0005 0      0.15   0     0     0     0     0       0.999  excl    0.15035
# no 232: 50% + 30% + 10%
own10  8541430010  IN    0      0      0      0.5    0     0     0.3   0.1   0       0      excl    0.9
# 25% + 2% + 5%; reciprocal gives way, 201 and 338 do not
own11  7208100000  GB    0      0.25   0      0.1    0     0     0.02  0.05  0       0      excl    0.32
# 301 is on China only: 3% + 25% + 10% + 20%
own12  7306305032  CA    0.03   0.25   0.075  0.1    0.2   0     0     0     0       0.4    add     0.58
";

/// A row by column.
struct Row<'a>(Vec<(&'a str, &'a str)>);

impl Row<'_> {
    fn text(&self, column: &str) -> &str {
        self.0.iter().find(|(name, _)| *name == column).unwrap().1
    }

    fn number(&self, column: &str) -> Decimal {
        decimal(self.text(column))
    }
}

fn rows(table: &str) -> Vec<Row<'_>> {
    let mut lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let header: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    lines.map(|line| Row(header.iter().copied().zip(line.split_whitespace()).collect())).collect()
}

/// A measure for every rate of a row. A rate of nothing is no measure: one in force would displace others.
fn measures(row: &Row<'_>) -> String {
    let metal = Decimal::ONE - row.number("rest");
    let gives_way = if row.text("method") == "excl" { "yields_to = ['s232']" } else { "" };
    let scopes = [
        ("base", "mfn-base", "type = 'mfn'"),
        ("s232", "s232", &format!("share = '{metal}'")),
        ("s301", "s301", "origins = ['CN']"),
        ("recip", "reciprocal", gives_way),
        ("fent", "fentanyl-china", "origins = ['CN']"),
        ("fent", "fentanyl", &format!("except_origins = ['CN']\n{gives_way}")),
        ("s122", "s122", gives_way),
        ("s201", "s201", "type = 'safeguard'"),
        ("s338", "s338", ""),
        ("s301br", "s301-brazil", ""),
    ];
    let mut measures = Vec::new();
    for (column, id, keys) in scopes {
        let percent = row.number(column) * Decimal::ONE_HUNDRED;
        if percent.is_zero() {
            continue;
        }
        // The published rate is on the whole value, a measure's is on its share.
        let rate = if id == "s232" { format!("{percent}% / {metal}") } else { format!("{percent}%") };
        measures.push(format!("[[measure]]\nid = '{id}'\nrate = '{rate}'\n{keys}\n"));
    }
    // On other goods, so that a row without rates is a scenario too and `s232` names something in every one.
    let id = if row.number("s232").is_zero() { "s232" } else { "other-goods" };
    measures.push(format!("[[measure]]\nid = '{id}'\nproducts = '01'\nrate = '50%'\n"));
    measures.concat()
}

fn scenario(row: &Row<'_>) -> String {
    format!(
        "title = 'stacking'\nimporter = 'US'\ndate = 2026-03-01\n{}\n\
         [[flow]]\nid = 'f'\nproduct = '{}'\norigin = '{}'\nvalue = 1_000_000\n",
        measures(row),
        row.text("hts10"),
        row.text("from")
    )
}

fn assert_totals(table: &str, count: usize) {
    let rows = rows(table);
    assert_eq!(rows.len(), count);
    for row in rows {
        let run = run(&scenario(&row));
        assert_eq!(sheet(&run, "f").effective_rate(), Some(row.number("total")), "{}", row.text("id"));
    }
}

#[test]
fn published_totals() {
    assert_totals(PUBLISHED, 25);
}

#[test]
fn own_totals() {
    assert_totals(OWN, 12);
}

/// What the measures of BL027 come to one by one: 50% in all on the metal, and 20% and 10% of the other 70%.
#[test]
fn what_gives_way_is_charged_on_the_rest() {
    let rows = rows(PUBLISHED);
    let row = rows.iter().find(|row| row.text("id") == "BL027").unwrap();
    let run = run(&scenario(row));
    let amount = |measure| charge(&run, "f", measure).map(|c| (c.share, c.amount));
    assert_eq!(amount("s232"), Some((decimal("0.3"), decimal("500000"))));
    assert_eq!(amount("reciprocal"), Some((decimal("0.7"), decimal("140000"))));
    assert_eq!(amount("s122"), Some((decimal("0.7"), decimal("70000"))));
}
