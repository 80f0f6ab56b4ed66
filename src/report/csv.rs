//! Tidy rows for programs: one a flow, or one a group where a grouping was asked for; no totals.

use super::ledger;
use crate::analysis::Comparison;
use crate::assess::{By, Explained, Group, Run};
use crate::money::{negative, plain};
use csv::Writer;
use rust_decimal::Decimal;

/// Runs one under the other, below one header.
pub fn runs(runs: &[Run], grouped: bool) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let mut write = |cells: Vec<String>| writer.write_record(cells).unwrap_or_default();
    let quotas = runs.iter().any(|run| run.by == By::Quota);
    let drawn = [&["scenario", "variant"][..], &ledger::COLUMNS].concat();
    let stated = |run: &Run| matches!(run.by, By::Quota | By::Credit);
    let header: &[&str] = if runs.iter().any(stated) {
        &drawn
    } else if grouped {
        &[
            "scenario",
            "variant",
            "key",
            "flows",
            "value",
            "duty",
            "effective_rate",
            "not_computable_flows",
            "not_computable_value",
        ]
    } else {
        &super::rows::FLOW
    };
    write(header.iter().map(|name| (*name).to_owned()).collect());
    for run in runs {
        let rows = if stated(run) {
            statement_rows(run, quotas)
        } else if grouped {
            group_rows(run)
        } else {
            flow_rows(run)
        };
        rows.into_iter().for_each(&mut write);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn names(run: &Run) -> Vec<String> {
    let scenario = run.scenario();
    vec![scenario.file.clone(), scenario.variant.as_ref().map(|v| v.id.clone()).unwrap_or_default()]
}

fn rate(rate: Option<Decimal>) -> String {
    rate.map(plain).unwrap_or_default()
}

fn statement_rows(run: &Run, quotas: bool) -> Vec<Vec<String>> {
    let row = |(of, statement): (&crate::scenario::Ledger, &crate::assess::Statement)| {
        let cells = ledger::cells(of, statement).into_iter().map(Option::unwrap_or_default);
        names(run).into_iter().chain(cells).collect()
    };
    ledger::statements(run, quotas).map(row).collect()
}

fn group_rows(run: &Run) -> Vec<Vec<String>> {
    let row = |group: &crate::assess::Group| {
        let mut cells = names(run);
        cells.extend([
            group.key.clone(),
            group.computable.flows.to_string(),
            plain(group.computable.value),
            plain(group.duty),
            rate(group.effective_rate),
            group.not_computable.flows.to_string(),
            plain(group.not_computable.value),
        ]);
        cells
    };
    run.groups.iter().map(row).collect()
}

fn flow_rows(run: &Run) -> Vec<Vec<String>> {
    let cells = |(flow, sheet)| names(run).into_iter().chain(super::rows::flow_cells(flow, sheet)).collect();
    run.flows.rows.iter().zip(&run.sheets).map(cells).collect()
}

/// A row a group of flows and scenario, held against the baseline.
pub fn compared(comparison: &Comparison, names: &[String]) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    let mut write = |cells: Vec<String>| writer.write_record(cells).unwrap_or_default();
    let header = [
        "scenario",
        "variant",
        "baseline",
        "key",
        "value",
        "duty",
        "effective_rate",
        "baseline_duty",
        "baseline_rate",
        "duty_change",
        "points",
    ];
    write(header.iter().map(|name| (*name).to_owned()).collect());
    for (run, difference) in comparison.others() {
        for change in &difference.groups {
            let group = |group: &Option<Group>| group.clone();
            let (before, after) = (group(&change.before), group(&change.after));
            let amount = |amount: Option<Decimal>| amount.map(plain).unwrap_or_default();
            let mut cells = self::names(run);
            cells.extend([
                names[comparison.baseline].clone(),
                change.key.clone(),
                amount(after.as_ref().map(|group| group.computable.value)),
                amount(after.as_ref().map(|group| group.duty)),
                amount(after.as_ref().and_then(|group| group.effective_rate)),
                amount(before.as_ref().map(|group| group.duty)),
                amount(before.as_ref().and_then(|group| group.effective_rate)),
                plain(change.duty),
                amount(change.points),
            ]);
            write(cells);
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// The charges of an explained flow, a row each and portion.
pub fn charges(explained: &Explained) -> String {
    let scenario = explained.plan.scenario();
    let mut writer = Writer::from_writer(Vec::new());
    let mut write = |cells: Vec<String>| writer.write_record(cells).unwrap_or_default();
    let header = [
        "portion",
        "weight",
        "claims",
        "measure",
        "type",
        "status",
        "share",
        "base",
        "rate_text",
        "rate",
        "amount",
        "note",
    ];
    write(header.iter().map(|name| (*name).to_owned()).collect());
    for (at, sheet) in explained.explanation.portions.iter().enumerate() {
        for charge in &sheet.charges {
            let measure = &scenario.measures[charge.measure];
            write(vec![
                (at + 1).to_string(),
                plain(sheet.portion.weight),
                sheet.portion.claims.join(";"),
                measure.id.clone(),
                measure.kind.name().to_owned(),
                charge.status.name().to_owned(),
                plain(charge.share),
                plain(charge.base),
                charge.rate_text(scenario).to_owned(),
                rate(charge.rate),
                plain(charge.amount),
                charge.note(scenario),
            ]);
        }
    }
    for drawn in &explained.explanation.sheet.credits {
        let ledger = &scenario.credits[drawn.credit].ledger;
        write(vec![
            String::new(),
            String::new(),
            String::new(),
            ledger.id.clone(),
            "credit".to_owned(),
            "charged".to_owned(),
            "0".to_owned(),
            plain(drawn.liability),
            ledger.opening.text.clone(),
            String::new(),
            plain(negative(drawn.amount)),
            drawn.note(),
        ]);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
