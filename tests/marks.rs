//! What `--watch` marks: cells of tables that changed between two texts, and in words what they were.

use tariffsim::report::marked;

const BEFORE: &str = "\
Goods owe USD 700 in duty.

────────────────────────
 Goods    Duty     Rate
════════════════════════
 steel     500   50.00%
 cars      200    2.50%

 Total     700   12.00%
────────────────────────

────────────────────
 Landed cost    USD
════════════════════
 Duty           700
────────────────────
";

#[test]
fn nothing_is_marked_where_nothing_changed() {
    assert_eq!(marked(BEFORE, BEFORE, true), BEFORE);
}

#[test]
fn cells_that_changed_are_reversed_and_told() {
    let after = BEFORE
        .replace(" cars      200    2.50%", " cars      800   10.00%")
        .replace(" Total     700   12.00%", " Total   1,300   22.00%");
    let text = marked(BEFORE, &after, true);
    assert!(text.contains(" cars      \u{1b}[7m800\u{1b}[0m   \u{1b}[7m10.00%\u{1b}[0m\n"), "{text:?}");
    assert!(text.contains("\n steel     500   50.00%\n"), "{text:?}");
    let told = "\nWhat changed:\n  cars: Duty 200 → 800; Rate 2.50% → 10.00%\n  Total: Duty 700 → 1,300; Rate 12.00% → 22.00%\n";
    assert!(text.ends_with(told), "{text}");
}

#[test]
fn without_colour_words_say_it_all() {
    let after = BEFORE.replace(" Duty           700", " Duty         1,300");
    let text = marked(BEFORE, &after, false);
    assert!(text.starts_with(&after), "{text}");
    assert!(text.ends_with("\nWhat changed:\n  Duty: USD 700 → 1,300\n"), "{text}");
}

#[test]
fn rows_come_and_go() {
    let after = BEFORE.replace(" cars      200    2.50%", " trucks    200   25.00%");
    let text = marked(BEFORE, &after, true);
    assert!(text.contains(" \u{1b}[7mtrucks\u{1b}[0m    200"), "{text:?}");
    assert!(text.ends_with("\nWhat changed:\n  trucks: new\n  cars: gone\n"), "{text}");
}

#[test]
fn a_table_that_grows_wider_is_the_same_table() {
    let after = BEFORE
        .replace(" Goods    Duty     Rate", " Goods      Duty     Rate")
        .replace(" steel     500   50.00%", " steel       900   50.00%");
    let text = marked(BEFORE, &after, false);
    assert!(text.ends_with("\nWhat changed:\n  steel: Duty 500 → 900\n"), "{text}");
}

#[test]
fn rows_of_one_name_are_told_apart_by_their_order() {
    let before = "══\n a  1\n a  2\n──\n";
    let after = "══\n a  1\n a  3\n──\n";
    assert!(marked(before, after, false).ends_with("What changed:\n  a: 2 → 3\n"));
}

#[test]
fn of_many_changes_some_are_told() {
    let table = |of: &dyn Fn(usize) -> usize| {
        let rows: Vec<String> = (0..12).map(|row| format!(" row{row}  {}", of(row))).collect();
        format!("══\n{}\n──\n", rows.join("\n"))
    };
    let text = marked(&table(&|row| row), &table(&|row| row + 1), false);
    assert!(text.ends_with("  row9: 9 → 10\n  and 2 more rows\n"), "{text}");
}
