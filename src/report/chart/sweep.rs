//! What one parameter or two do to duty, as a line or a map.

use super::canvas::{Frame, Words};
use super::heat::Heat;
use super::line::{Kink, Line, Shape, Vertex};
use super::{computed_from, unit};
use crate::analysis::axis::Axis;
use crate::analysis::sweep::{self, Point, Swept};
use crate::diagnostic::{Code, Diagnostic};
use crate::money::{grouped, plain};
use crate::report::number::{Scale, count, percent};
use crate::report::sweep::{column, in_words, kinks, rounded, unit_of};
use rust_decimal::Decimal;

/// Rows and columns that a map has at most.
const MOST: usize = 120;
/// Points that are told one by one to those who do not see them.
const TOLD: usize = 200;
/// Kinks that are explained below the line.
const EXPLAINED: usize = 5;

/// Whether values of parameters can be drawn; the reason, where they cannot.
pub fn drawable(axes: &[Axis]) -> Result<(), Diagnostic> {
    let refused = |axis: &Axis, message: &str, help: &str| {
        Err(Diagnostic::at(Code::NoChart, axis.span, message).help(help))
    };
    match axes {
        [] => Err(Diagnostic::new(Code::NoChart, "nothing is varied, so there is no line to draw")
            .help("name a parameter with --vary")),
        [only] if only.values.len() < 2 => {
            let help = format!("write {}=LOW..HIGH/STEP, or several values with commas", only.name);
            refused(only, "one value makes no line to draw", &help)
        }
        [_] => Ok(()),
        several => several.iter().find(|axis| axis.values.len() > MOST).map_or(Ok(()), |long| {
            let values = grouped(Decimal::from(long.values.len()), 0);
            let message = format!("{values} values, where a map has room for {MOST}");
            refused(long, &message, "take a wider step or a shorter range")
        }),
    }
}

/// A sweep as a picture; the reason, where there is none.
pub fn swept(swept: &Swept, frame: Frame<'_>) -> Result<String, Diagnostic> {
    drawable(&swept.axes)?;
    if !swept.points.iter().any(Point::is_stated) {
        return Err(Diagnostic::new(
            Code::NoChart,
            "no flow is computable at any point, so nothing can be drawn",
        )
        .help("`tariffsim run` says why flows are not computable"));
    }
    Ok(match swept.axes.as_slice() {
        [rows, columns] => map(swept, rows, columns).svg(frame),
        axes => axes.first().map(|axis| line(swept, axis).svg(frame)).unwrap_or_default(),
    })
}

fn line(swept: &Swept, axis: &Axis) -> Line {
    let spread = swept.spreads.iter().flat_map(|spread| spread.duty).flatten();
    let duties = swept.points.iter().map(|point| point.duty).chain(spread);
    let kinked = swept.kinks.iter().flat_map(|kink| [kink.duty, kink.duty_after]).flatten();
    let (unit, word) = unit(duties.chain(kinked));
    let scaled = |amount: Option<Decimal>| amount.and_then(|amount| amount.checked_div(unit));
    let across = |at: Decimal| {
        if axis.is_percentage { at.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(at) } else { at }
    };
    let places = axis.numbers();
    let band = places.iter().zip(&swept.spreads).map(|(at, spread)| (across(*at), spread.duty.map(scaled)));
    let mut notes = kinks(swept, axis);
    if notes.len() > EXPLAINED {
        let more = notes.len() - EXPLAINED;
        notes.truncate(EXPLAINED);
        notes.push(format!("and {more} more, which the table and JSON have"));
    }
    if swept.curved {
        notes.push("Where it is a curve, the picture draws it straight from point to point.".to_owned());
    }
    let kink = |kink: &sweep::Kink| Kink {
        at: across(kink.at.amount().unwrap_or_default()),
        text: in_words(axis, &rounded(&kink.at)),
        shape: shape(kink),
        heights: [scaled(kink.duty), scaled(kink.duty_after).filter(|_| kink.duty != kink.duty_after)]
            .into_iter()
            .flatten()
            .collect(),
    };
    Line {
        words: words(swept, &format!("Duty by {}", axis.name), told(swept, &[axis])),
        across: named(axis, &swept.currency),
        up: format!("Duty, {}{word}", swept.currency),
        in_percent: axis.is_percentage,
        vertices: vertices(swept, &places, &|at| across(at), &scaled),
        kinks: swept.kinks.iter().map(kink).collect(),
        band: band.collect(),
        notes,
    }
}

/// What the line goes through: the points, and the kinks between them.
fn vertices(
    swept: &Swept,
    places: &[Decimal],
    across: &dyn Fn(Decimal) -> Decimal,
    scaled: &dyn Fn(Option<Decimal>) -> Option<Decimal>,
) -> Vec<Vertex> {
    let kinks = swept.kinks.iter().filter_map(|kink| Some((kink.at.amount()?, kink)));
    let kinks: Vec<(Decimal, &sweep::Kink)> = kinks.collect();
    let points = places.iter().zip(&swept.points).map(|(at, point)| {
        // What happens at a point is known on both sides of it.
        let kink = kinks.iter().find(|(place, _)| place == at);
        let own = point.stated(point.duty);
        let (before, after) = kink.map_or((own, own), |(_, kink)| (kink.duty, kink.duty_after));
        (*at, before, after, true)
    });
    let between = kinks.iter().filter(|(at, _)| !places.contains(at));
    let between = between.map(|(at, kink)| (*at, kink.duty, kink.duty_after, false));
    let mut all: Vec<_> = points.chain(between).collect();
    all.sort_by_key(|(at, ..)| *at);
    let vertex = |(at, before, after, is_point)| Vertex {
        at: across(at),
        before: scaled(before),
        after: scaled(after),
        is_point,
    };
    all.into_iter().map(vertex).collect()
}

fn shape(kink: &sweep::Kink) -> Shape {
    match (kink.is_gap(), kink.jumps) {
        (true, _) => Shape::Gap,
        (_, true) => Shape::Jump,
        _ => Shape::Bend,
    }
}

/// The effective rate, or where there is none the duty, of each pair of values.
fn map(swept: &Swept, rows: &Axis, columns: &Axis) -> Heat {
    let has_rates = swept.points.iter().any(|point| point.effective_rate.is_some());
    let scale = Scale::of(swept.points.iter().map(|point| point.duty));
    let shown = |point: &Point| {
        if has_rates {
            point.effective_rate.map(|rate| (rate, percent(Some(rate))))
        } else {
            point.stated(point.duty).map(|duty| (duty, scale.show(duty)))
        }
    };
    let (name, what) = if has_rates {
        ("Effective rate", "Effective rate, % of the customs value".to_owned())
    } else {
        ("Duty", format!("Duty, {}{}", swept.currency, scale.words()))
    };
    let title = format!("{name} by {} and {}", rows.name, columns.name);
    let values = |axis: &Axis| column(axis, &swept.currency).1;
    Heat {
        words: words(swept, &title, told(swept, &[rows, columns])),
        what,
        down: (named(rows, &swept.currency), values(rows)),
        across: (named(columns, &swept.currency), values(columns)),
        boxes: swept.points.iter().map(shown).collect(),
    }
}

/// A parameter by its title, name and unit.
fn named(axis: &Axis, currency: &str) -> String {
    let name = match &axis.title {
        Some(title) => format!("{title} ({})", axis.name),
        None => axis.name.clone(),
    };
    let unit = unit_of(axis, currency).or_else(|| axis.is_percentage.then(|| "%".to_owned()));
    unit.map_or_else(|| name.clone(), |unit| format!("{name}, {unit}"))
}

fn words(swept: &Swept, what: &str, description: String) -> Words {
    let variant = swept.variant.as_ref().map(|id| format!("#{id}")).unwrap_or_default();
    let computed = computed_from(&format!("{}{variant}", swept.file));
    let source = if swept.spreads.is_empty() || swept.axes.len() != 1 {
        computed
    } else {
        let draws = count(swept.draws, "draw", "draws");
        format!("{draws} of {}, seed {}. {computed}", swept.drawn.join(", "), swept.seed)
    };
    Words { title: format!("{what}: {}", swept.title), description, source }
}

/// The points in exact numbers, or where they are many those at the ends, and every kink.
fn told(swept: &Swept, axes: &[&Axis]) -> String {
    let all = swept.points.len();
    let mut told: Vec<String> = Vec::new();
    for (at, point) in swept.points.iter().enumerate() {
        if all <= TOLD || at == 0 || at + 1 == all {
            told.push(point_told(swept, axes, at, point));
        }
    }
    if all > TOLD {
        let between = grouped(Decimal::from(all - 2), 0);
        told.push(format!("{between} points between them are not told here; the table and JSON have them."));
    }
    for kink in &swept.kinks {
        let what = match shape(kink) {
            Shape::Bend => "It bends",
            Shape::Jump => "It jumps",
            Shape::Gap => "Other flows are computable",
        };
        let duty = |duty: Option<Decimal>| duty.map_or_else(|| "not stated".to_owned(), plain);
        let (before, after) = (duty(kink.duty), duty(kink.duty_after));
        let duty = if before == after { before } else { format!("{before}, then {after}") };
        told.push(format!("{what} at {}: duty {duty}.", kink.text));
    }
    told.join(" ")
}

fn point_told(swept: &Swept, axes: &[&Axis], at: usize, point: &Point) -> String {
    let columns = axes.get(1).map_or(1, |axis| axis.values.len().max(1));
    let places = if axes.len() == 2 { vec![at / columns, at % columns] } else { vec![at] };
    let values = axes.iter().zip(places);
    let values: Vec<String> = values
        .filter_map(|(axis, place)| Some(format!("{} {}", axis.name, axis.spell(axis.values.get(place)?))))
        .collect();
    let Some(duty) = point.stated(point.duty) else { return format!("{}: not stated.", values.join(", ")) };
    let rate = point.effective_rate.and_then(|rate| rate.checked_mul(Decimal::ONE_HUNDRED));
    let rate = rate.map(|rate| format!(", {}%", plain(rate))).unwrap_or_default();
    let drawn = swept.spreads.get(at).filter(|_| axes.len() == 1).and_then(|spread| {
        let [low, middle, high] = spread.duty;
        Some(format!("; draws {}, {}, {}", plain(low?), plain(middle?), plain(high?)))
    });
    format!(
        "{}: duty {} {}{rate}{}.",
        values.join(", "),
        swept.currency,
        plain(duty),
        drawn.unwrap_or_default()
    )
}
