//! What a result means, in sentences: the answer first, then what limits it.

use super::number::{count, money_in_words, percent, percent_in_words, share_in_words};
use crate::assess::{By, Part, Run};
use crate::country::Country;
use crate::scenario::{Citation, Scenario};
use std::collections::BTreeSet;

/// The answer.
pub fn answer(run: &Run) -> String {
    let totals = &run.totals;
    let scenario = run.scenario();
    let currency = &scenario.currency;
    if totals.computable.flows == 0 {
        let none = match totals.not_computable.flows {
            1 => "the one flow is not computable".to_owned(),
            flows => format!("none of {} is computable", count(flows, "flow", "flows")),
        };
        return format!("No duty can be stated: {none}; see why below.");
    }
    let goods = format!("G{}", goods(run).trim_start_matches('g'));
    match totals.effective_rate {
        _ if totals.duty.is_zero() => format!("{goods} owe no duty."),
        Some(rate) => format!(
            "{goods} owe {} in duty: {} of their value.",
            money_in_words(totals.duty, currency),
            percent_in_words(rate)
        ),
        None => format!("{goods} owe {} in duty.", money_in_words(totals.duty, currency)),
    }
}

/// "goods worth USD 80.1 billion from Japan entering the United States on 2025-06-05".
pub fn goods(run: &Run) -> String {
    format!(
        "goods worth {} {} entering {} {}",
        money_in_words(run.totals.computable.value, &run.scenario().currency),
        from(run),
        names(&run.seen.importers, "importers"),
        days(run)
    )
}

/// Where most of the duty falls, where that says something.
pub fn most(run: &Run) -> Option<String> {
    if !matches!(run.by, By::Group | By::Origin | By::Chapter | By::Heading | By::Measure | By::Programme) {
        return None;
    }
    let (largest, share) = run.largest()?;
    let name = match run.by {
        By::Chapter => format!("chapter {}", largest.key),
        By::Heading => format!("heading {}", largest.key),
        _ => largest.key.clone(),
    };
    let money = money_in_words(largest.duty, &run.scenario().currency);
    Some(match (&run.by, largest.effective_rate) {
        (By::Measure | By::Programme, _) => {
            let all = if run.totals.charges == run.totals.duty { "the duty" } else { "all charges" };
            format!("The largest part is {name}: {money}, {} of {all}.", share_in_words(share))
        }
        (_, Some(rate)) => format!(
            "The largest part falls on {name}: {money}, {} of the duty; they pay {}.",
            share_in_words(share),
            percent_in_words(rate)
        ),
        (_, None) => format!("The largest part falls on {name}: {money}."),
    })
}

/// What the goods cost in the end, where more than duty is charged.
pub fn landed(run: &Run) -> Option<String> {
    let (totals, currency) = (&run.totals, &run.scenario().currency);
    let levies = totals.landed.levies();
    if totals.computable.flows == 0 || levies.iter().all(|(_, amount)| amount.is_zero()) {
        return None;
    }
    let parts = levies.iter().zip(LEVIES).filter(|((_, amount), _)| !amount.is_zero());
    let parts: Vec<String> =
        parts.map(|((_, amount), name)| format!("{name} of {}", money_in_words(*amount, currency))).collect();
    let parts = match parts.as_slice() {
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
        [] => return None,
    };
    let cost = money_in_words(totals.landed_cost, currency);
    Some(format!("With {parts} they cost {cost} landed."))
}

/// Charges that are no duty, in the order of [`crate::assess::Landed::levies`].
const LEVIES: [&str; 5] = ["fees", "taxes", "export duties", "subsidies", "non-tariff costs"];

/// Where the goods are from.
pub fn from(run: &Run) -> String {
    format!("from {}", names(&run.seen.origins, "origins"))
}

/// One country by its name, several by their number.
fn names(countries: &BTreeSet<Country>, many: &str) -> String {
    match countries.first() {
        Some(only) if countries.len() == 1 => only.name(),
        _ => format!("{} {many}", countries.len()),
    }
}

fn days(run: &Run) -> String {
    match run.seen.days {
        Some((first, last)) if first == last => format!("on {first}"),
        Some((first, last)) => format!("from {first} to {last}"),
        None => String::new(),
    }
}

/// The mean rate of the lines, where it is another than that of all trade.
pub fn simple_mean(run: &Run) -> Option<String> {
    let mean = percent(Some(run.totals.simple_mean_rate?));
    (mean != percent(run.totals.effective_rate))
        .then(|| format!("Simple mean of the lines' rates, not weighted by trade: {mean}."))
}

/// What limits the answer: a sentence each, most grave first.
pub fn caveats(run: &Run) -> Vec<String> {
    let totals = &run.totals;
    let currency = &run.scenario().currency;
    let part = |part: &Part| {
        format!("{} worth {}", count(part.flows, "flow", "flows"), money_in_words(part.value, currency))
    };
    let mut caveats = Vec::new();
    if totals.not_computable.flows > 0 {
        caveats.push(format!("Not computable, and in no total: {}.", part(&totals.not_computable)));
        let named = &run.seen.not_computable;
        caveats.extend(named.iter().map(|flow| format!("  {} ({}): {}", flow.id, flow.product, flow.reason)));
        if totals.not_computable.flows > named.len() {
            caveats.push(format!("  and {} more", totals.not_computable.flows - named.len()));
        }
    }
    if totals.base_not_stated.flows > 0 {
        caveats.push(format!(
            "Base duty not stated, and counted as nothing: {}.",
            part(&totals.base_not_stated)
        ));
    }
    if totals.untouched.flows > 0 {
        caveats
            .push(format!("No measure is in force for {}; they are in the totals.", part(&totals.untouched)));
    }
    if totals.partly_covered.flows > 0 {
        caveats.push(format!(
            "Product codes too short to tell whether some measure covers them: {}.",
            part(&totals.partly_covered)
        ));
    }
    if run.flows.skipped > 0 {
        caveats
            .push(format!("`skip` left out {} of the flow files.", count(run.flows.skipped, "row", "rows")));
    }
    if run.flows.rejected > 0 {
        let rows = count(run.flows.rejected, "row", "rows");
        caveats.push(format!("Wrong and set aside, in no total: {rows} of the flow files."));
    }
    if run.flows.dates_replaced > 0 {
        caveats.push(format!(
            "--date replaced the entry date of {}.",
            count(run.flows.dates_replaced, "flow", "flows")
        ));
    }
    caveats
}

/// How real the scenario is and when it was checked.
pub fn standing(run: &Run) -> Option<String> {
    let scenario = run.scenario();
    match (scenario.status, scenario.verified) {
        (Some(status), Some(day)) => Some(format!("Status: {}. Sources last read on {day}.", status.name())),
        (Some(status), None) => Some(format!("Status: {}.", status.name())),
        (None, Some(day)) => Some(format!("Sources last read on {day}.")),
        (None, None) => None,
    }
}

/// The sources behind the flows, the measures that stand on some worksheet, the parameters of their rates, and the
/// quotas and credits that are drawn on.
pub fn cited(run: &Run) -> Vec<&Citation> {
    let scenario = run.scenario();
    let mut cited: BTreeSet<usize> = scenario.flow_sources.iter().copied().collect();
    let steps = run.seen.steps.iter();
    cited.extend(steps.flat_map(|(measure, step)| scenario.sources_behind(*measure, *step)));
    let quotas = run.quotas.iter().filter_map(|s| Some(&scenario.quotas.get(s.ledger)?.ledger));
    let credits = run.credits.iter().filter_map(|s| Some(&scenario.credits.get(s.ledger)?.ledger));
    cited.extend(quotas.chain(credits).flat_map(|ledger| ledger.sources.iter().copied()));
    cited.into_iter().filter_map(|at| scenario.sources.get(at)).collect()
}

/// The same, each with its address.
pub fn sources(run: &Run) -> Vec<String> {
    let text = |source: &Citation| match &source.url {
        Some(url) => format!("{}, {url}", source.title),
        None => source.title.clone(),
    };
    cited(run).into_iter().map(text).collect()
}

/// The title of what was run.
pub fn title(run: &Run) -> String {
    title_of(run.scenario())
}

/// The scenario's title, and the variant's.
pub fn title_of(scenario: &Scenario) -> String {
    match &scenario.variant {
        Some(variant) => {
            let name = variant.title.as_ref().unwrap_or(&variant.id);
            format!("{} / {name} (#{})", scenario.title, variant.id)
        }
        None => scenario.title.clone(),
    }
}
