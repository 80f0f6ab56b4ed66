//! The value that meets a target, as text.

use super::number::{money_in_words, percent_in_words};
use super::page::{self, Block};
use super::points::causes;
use super::sweep::{from_in_words, in_words};
use super::{Format, Layout, json};
use crate::analysis::solve::{Blank, Goal, Numbers, Over, Solution, Solved, left_out, show};
use crate::assess::Part;
use crate::expr::Value;
use crate::money::{RoundingMode, plain};
use csv::Writer;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// A target that was looked for, as text.
pub fn solved(solved: &Solved, format: Format, layout: Layout) -> String {
    match format {
        Format::Table => page::terminal(&blocks(solved), layout),
        Format::Markdown => page::markdown(&blocks(solved)),
        Format::Json => document(solved),
        Format::Csv => rows(solved),
    }
}

fn goal_in_words(solved: &Solved) -> String {
    let target = number(solved, solved.target.amount);
    let of = solved.scope.as_ref().map(|scope| format!(" of {scope}")).unwrap_or_default();
    match solved.target.goal {
        Goal::EffectiveRate => format!("the effective rate{of} is {target}"),
        Goal::Duty => format!("duty{of} is {target}"),
        Goal::LandedCost => format!("the landed cost{of} is {target}"),
    }
}

fn number(solved: &Solved, number: Decimal) -> String {
    show(solved.target.goal, number, &solved.currency)
}

fn value(solved: &Solved, number: Decimal, places: Option<u32>) -> String {
    let shown = places.map_or(number, |places| number.round_dp(places)).normalize();
    in_words(&solved.axis, &solved.axis.value(shown))
}

/// A value in a sentence, and whether it was rounded for it.
fn short(solved: &Solved, number: Decimal) -> (String, bool) {
    const PLACES: u32 = 8;
    (value(solved, number, Some(PLACES)), number.normalize().scale() > PLACES)
}

fn answer(solved: &Solved) -> String {
    let (name, goal) = (&solved.axis.name, goal_in_words(solved));
    let jump = || match solved.jumps.first() {
        Some(over) => format!(
            "No {name} meets the target: at {} the number jumps over it, from {} to {}.",
            in_words(&solved.axis, &over.at),
            number(solved, over.before),
            number(solved, over.after)
        ),
        None => String::new(),
    };
    match solved.solutions.as_slice() {
        [] => jump(),
        [only] if only.from == only.to => {
            let (text, rounded) = short(solved, only.from);
            let about = if rounded { "about " } else { "" };
            format!("With {name} at {about}{text} {goal}.")
        }
        [only] => {
            format!("With any {name} from {} {goal}.", stretch(solved, only))
        }
        many => {
            let texts: Vec<String> = many.iter().map(|solution| stretch(solved, solution)).collect();
            let (last, first) =
                texts.split_last().map_or(("", &[][..]), |(last, first)| (last.as_str(), first));
            format!("With {name} at {} or {last} {goal}.", first.join(", "))
        }
    }
}

fn stretch(solved: &Solved, solution: &Solution) -> String {
    let (from, rounded) = short(solved, solution.from);
    if solution.from == solution.to {
        let about = if rounded { "about " } else { "" };
        return format!("{about}{from}");
    }
    let end = |number: Decimal, side: &str| match short(solved, number) {
        (text, true) => format!("just {side} {text}"),
        (text, false) => text,
    };
    format!("{} to {}", end(solution.from, "above"), end(solution.to, "below"))
}

fn blocks(solved: &Solved) -> Vec<Block> {
    let variant = solved.variant.as_ref().map(|id| format!("#{id}")).unwrap_or_default();
    let mut blocks = vec![Block::Bold(answer(solved))];
    blocks.push(Block::Faint(format!("{} ({}{variant})", solved.title, solved.file)));
    if !solved.solutions.is_empty() {
        blocks.push(Block::Heading("Run it with".to_owned()));
        let line = |solution: &Solution| {
            let until = if solution.until == solution.text {
                String::new()
            } else {
                format!(" up to {}", solution.until)
            };
            format!("--set \"{}={}\"{until}: {}", solved.axis.name, solution.text, outcome(solved, solution))
        };
        blocks.push(Block::List(solved.solutions.iter().map(line).collect()));
    }
    if solved.jumps.len() > usize::from(solved.solutions.is_empty()) {
        blocks.push(Block::Heading("Where the number jumps over the target".to_owned()));
    }
    if !solved.jumps.is_empty() {
        blocks.push(Block::List(solved.jumps.iter().map(|over| jump(solved, over)).collect()));
    }
    let [lowest, highest] = &solved.reached;
    let [first, .., last] = solved.axis.values.as_slice() else { return blocks };
    let (low, high) = (from_in_words(&solved.axis, first), in_words(&solved.axis, last));
    let reached = if lowest.number == highest.number {
        format!("From {low} to {high} it is {} throughout.", number(solved, lowest.number))
    } else {
        format!(
            "From {low} to {high} it goes from {} to {}.",
            number(solved, lowest.number),
            number(solved, highest.number)
        )
    };
    blocks.push(Block::Words(reached));
    blocks.extend(solved.blank.as_ref().map(|blank| Block::Words(without_number(solved, blank))));
    blocks
}

/// That there is no number at some values, and why.
fn without_number(solved: &Solved, blank: &Blank) -> String {
    let flows = left_out(blank.flows, &solved.currency);
    format!("At {}, for one, there is no number: not computable are {flows}; `run` says why.", blank.text)
}

fn outcome(solved: &Solved, solution: &Solution) -> String {
    let numbers = &solution.numbers;
    let rate = numbers.effective_rate.map(|rate| format!(", {} of the value", percent_in_words(rate)));
    let exact = if solution.off.is_zero() {
        String::new()
    } else {
        format!("; off the target by {} {}", solved.currency, plain(solution.off.abs()))
    };
    let landed = match solved.target.goal {
        Goal::LandedCost => format!("landed cost {}, ", number(solved, numbers.landed_cost)),
        Goal::EffectiveRate | Goal::Duty => String::new(),
    };
    let without = match numbers.not_computable {
        Part { flows: 0, .. } => String::new(),
        part => format!("; not computable, and in no total: {}", left_out(part, &solved.currency)),
    };
    let duty = money_in_words(numbers.duty, &solved.currency);
    format!("{landed}duty {duty}{}{exact}{without}", rate.unwrap_or_default())
}

fn jump(solved: &Solved, over: &Over) -> String {
    let causes: Vec<&str> = over.causes.iter().map(|cause| cause.text.as_str()).collect();
    let why = if causes.is_empty() { String::new() } else { format!("; {}", causes.join("; ")) };
    format!(
        "between {} and {}: from {} to {}{why}",
        outward(solved, &over.from, false),
        outward(solved, &over.to, true),
        number(solved, over.before),
        number(solved, over.after)
    )
}

/// An end of a bracket for the eye: at most twelve digits that count, rounded away from what is within.
fn outward(solved: &Solved, end: &Value, up: bool) -> String {
    const DIGITS: u32 = 12;
    let short = |number: Decimal| {
        let whole = number.trunc().abs();
        let mut before = 0;
        let mut power = Decimal::ONE;
        while power <= whole && before < DIGITS {
            power = power.saturating_mul(Decimal::TEN);
            before += 1;
        }
        let away = up == number.is_sign_positive();
        let mode = if away { RoundingMode::Up } else { RoundingMode::Down };
        mode.places(number, DIGITS - before).normalize()
    };
    let shown = end.amount().and_then(|number| end.with_amount(short(number)));
    in_words(&solved.axis, shown.as_ref().unwrap_or(end))
}

fn optional(number: Option<Decimal>) -> Json {
    number.map_or(Json::Null, |number| Json::String(plain(number)))
}

fn part(part: Part) -> Json {
    json!({ "flows": part.flows, "value": plain(part.value) })
}

fn numbers(numbers: &Numbers) -> [(&'static str, Json); 4] {
    [
        ("value", Json::String(plain(numbers.value))),
        ("duty", Json::String(plain(numbers.duty))),
        ("effective_rate", optional(numbers.effective_rate)),
        ("landed_cost", Json::String(plain(numbers.landed_cost))),
    ]
}

fn document(solved: &Solved) -> String {
    let solution = |solution: &Solution| {
        let mut object = serde_json::Map::new();
        object.insert("from".to_owned(), json!(solution.text));
        object.insert("to".to_owned(), json!(solution.until));
        object.insert("exact".to_owned(), json!(solution.off.is_zero()));
        object.extend(numbers(&solution.numbers).map(|(key, value)| (key.to_owned(), value)));
        object.insert("not_computable".to_owned(), part(solution.numbers.not_computable));
        Json::Object(object)
    };
    let blank = |blank: &Blank| json!({ "at": blank.text, "not_computable": part(blank.flows) });
    let jump = |over: &Over| {
        json!({
            "from": solved.axis.spell(&over.from),
            "to": solved.axis.spell(&over.to),
            "at": solved.axis.spell(&over.at),
            "before": plain(over.before),
            "after": plain(over.after),
            "causes": causes(&over.causes),
        })
    };
    let ends: Vec<String> = solved.axis.values.iter().map(|value| solved.axis.spell(value)).collect();
    let reached =
        |at: usize| json!({ "at": solved.reached[at].text, "number": plain(solved.reached[at].number) });
    json::document(&json!({
        "schema": json::SCHEMA,
        "solve": {
            "file": solved.file,
            "variant": solved.variant,
            "title": solved.title,
            "currency": solved.currency,
            "vary": { "name": solved.axis.name, "title": solved.axis.title, "low": ends.first(), "high": ends.last() },
            "target": { "name": solved.target.goal.name(), "amount": plain(solved.target.amount), "of": solved.scope },
            "solutions": solved.solutions.iter().map(solution).collect::<Vec<_>>(),
            "jumps": solved.jumps.iter().map(jump).collect::<Vec<_>>(),
            "reached": { "lowest": reached(0), "highest": reached(1) },
            "without_number": solved.blank.as_ref().map(blank),
        }
    }))
}

/// One row a solution.
fn rows(solved: &Solved) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let mut write = |cells: Vec<String>| writer.write_record(cells).unwrap_or_default();
    let header = ["scenario", "variant", "parameter", "from", "to"].into_iter();
    let header = header.chain(["value", "duty", "effective_rate", "landed_cost"]);
    let header = header.chain(["not_computable_flows", "not_computable_value"]);
    write(header.map(str::to_owned).collect());
    for solution in &solved.solutions {
        let mut cells = vec![solved.file.clone(), solved.variant.clone().unwrap_or_default()];
        cells.extend([solved.axis.name.clone(), solution.text.clone(), solution.until.clone()]);
        let texts = numbers(&solution.numbers).map(|(_, value)| value.as_str().unwrap_or("").to_owned());
        cells.extend(texts);
        let without = solution.numbers.not_computable;
        cells.extend([without.flows.to_string(), plain(without.value)]);
        write(cells);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
