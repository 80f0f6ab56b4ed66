//! A sweep as text: the answer in words, the line or the grid, why it bends, and what draws make of it.

use super::number::{Scale, bar, count, money_in_words, percent, percent_in_words};
use super::page::{self, Block};
use super::{Format, Layout, grid, impact_beside, points};
use crate::analysis::axis::Axis;
use crate::analysis::draws::PLACES;
use crate::analysis::solve::left_out;
use crate::analysis::sweep::{Kink, Percentiles, Point, Spread, Swept};
use crate::expr::Value;
use crate::money::{self, RoundingMode, plain};
use rust_decimal::Decimal;

/// Columns of the longest bar.
const LONGEST_BAR: usize = 24;
/// A bar with less room than this says nothing.
const SHORTEST_BAR: usize = 8;

/// A sweep as text.
pub fn swept(swept: &Swept, format: Format, layout: Layout) -> String {
    let page = Page { swept, layout };
    match format {
        Format::Table => {
            let mut text = page::terminal(&page.head(), layout);
            if let [rows, columns] = swept.axes.as_slice() {
                text.push_str(&grid::heat(swept, rows, columns, layout));
            }
            text.push_str(&page::terminal(&page.rest(), layout));
            text
        }
        Format::Markdown => {
            let page = Page { swept, layout: Layout { pictures: false, width: usize::MAX / 2, ..layout } };
            let mut blocks = page.head();
            if let [rows, columns] = swept.axes.as_slice() {
                blocks.push(grid::table(swept, rows, columns));
            }
            blocks.extend(page.rest());
            page::markdown(&blocks)
        }
        Format::Json => points::document(swept),
        Format::Csv => points::rows(swept),
    }
}

/// A value of a parameter in a sentence: as it is written, with commas between thousands.
pub fn in_words(axis: &Axis, value: &Value) -> String {
    let text = axis.spell(value);
    let Some(amount) = value.amount() else { return text };
    let grouped = money::grouped(amount, amount.normalize().scale());
    text.replacen(&plain(amount), &grouped, 1)
}

/// The lower end of a range in a sentence, where the upper end says the unit.
pub fn from_in_words(axis: &Axis, value: &Value) -> String {
    let words = in_words(axis, value);
    match (value, words.split_once(' ')) {
        (Value::Quantity(_), Some((number, _))) => number.to_owned(),
        _ => words,
    }
}

/// The unit of a parameter, or the currency; none of a number.
pub fn unit_of(axis: &Axis, currency: &str) -> Option<String> {
    match axis.values.first() {
        Some(Value::Quantity(quantity)) => Some(quantity.unit.to_string()),
        Some(Value::PerUnit(price)) => Some(format!("{currency}/{}", price.unit)),
        Some(Value::Money(_)) => Some(currency.to_owned()),
        _ => None,
    }
}

/// The places at which the line of duty bends or jumps, each with all that happens there.
pub fn kinks(swept: &Swept, axis: &Axis) -> Vec<String> {
    let page = Page { swept, layout: Layout { width: usize::MAX / 2, colour: false, pictures: false } };
    page.kinks(axis)
}

/// The heading of a parameter's column, and its values without what the heading says.
pub fn column(axis: &Axis, currency: &str) -> (String, Vec<String>) {
    let unit = unit_of(axis, currency);
    let shown = |value: &Value| {
        let words = in_words(axis, value);
        match &unit {
            Some(_) => words.split(' ').next().unwrap_or_default().to_owned(),
            None => words,
        }
    };
    let heading = unit.as_ref().map_or_else(|| axis.name.clone(), |unit| format!("{}, {unit}", axis.name));
    (heading, axis.values.iter().map(shown).collect())
}

struct Page<'a> {
    swept: &'a Swept,
    layout: Layout,
}

impl Page<'_> {
    fn head(&self) -> Vec<Block> {
        let swept = self.swept;
        let variant = swept.variant.as_ref().map(|id| format!("#{id}")).unwrap_or_default();
        let mut blocks = vec![Block::Bold(self.answer())];
        if let [axis] = swept.axes.as_slice()
            && let Some(rates) = self.rates(axis)
        {
            blocks.push(Block::Words(rates));
        }
        blocks.push(Block::Faint(format!("{} ({}{variant})", swept.title, swept.file)));
        if let [axis] = swept.axes.as_slice() {
            let (line, fills) = self.line(axis);
            let scale = self.scale();
            let fills = match fills {
                (0, 0) => "",
                (_, 0) => "; of a quota or credit the part that is drawn",
                _ => "; of quotas and credits the part that is drawn, of some: CSV and JSON have all",
            };
            let unit = format!("{}{}", swept.currency, scale.words());
            blocks.push(Block::Faint(format!("Amounts in {unit}{fills}.")));
            blocks.push(line);
        }
        blocks
    }

    fn rest(&self) -> Vec<Block> {
        let swept = self.swept;
        let mut blocks = Vec::new();
        if let [axis] = swept.axes.as_slice()
            && !swept.kinks.is_empty()
        {
            blocks.push(Block::Heading(format!("Where duty {}", self.bends())));
            blocks.push(Block::List(self.kinks(axis)));
        }
        blocks.extend(self.percentiles());
        blocks.extend(impact_beside::swept(swept));
        let without = swept.points.iter().map(|point| point.not_computable);
        if let Some(most) = without.max_by_key(|part| (part.flows, part.value)).filter(|most| most.flows > 0)
        {
            let flows = left_out(most, &swept.currency);
            blocks.push(Block::Words(format!(
                "Not computable, and in no total: up to {flows}; `run` says why."
            )));
        }
        blocks
    }

    fn money(&self, amount: Decimal) -> String {
        money_in_words(amount, &self.swept.currency)
    }

    /// Two amounts, in as many digits as tell them apart.
    fn pair(&self, a: Decimal, b: Decimal) -> (String, String) {
        let words = (self.money(a), self.money(b));
        if words.0 != words.1 || a == b {
            return words;
        }
        let exact = |amount: Decimal| {
            let amount = RoundingMode::HalfUp.places(amount, 2).normalize();
            format!("{} {}", self.swept.currency, money::grouped(amount, amount.scale()))
        };
        (exact(a), exact(b))
    }

    /// The answer in a sentence.
    fn answer(&self) -> String {
        let swept = self.swept;
        match swept.axes.as_slice() {
            [axis] => self.line_in_words(axis),
            [rows, columns] => self.grid_in_words(rows, columns),
            _ => self.draws_in_words(),
        }
    }

    fn line_in_words(&self, axis: &Axis) -> String {
        let swept = self.swept;
        let (name, points) = (&axis.name, &swept.points);
        let known: Vec<(&Point, &Value)> =
            points.iter().zip(&axis.values).filter(|(point, _)| point.is_stated()).collect();
        let ends = known.first().zip(known.last());
        let Some(((first, low), (last, high))) = ends else {
            let ends = axis.values.first().zip(axis.values.last());
            let range = ends.map_or_else(String::new, |(low, high)| {
                format!("from {} to {} ", from_in_words(axis, low), in_words(axis, high))
            });
            return format!("No duty can be stated: {range}no flow is computable at any {name} looked at.");
        };
        let (low, high) = (from_in_words(axis, low), in_words(axis, high));
        let points: Vec<&Point> = known.iter().map(|(point, _)| *point).collect();
        if points.len() == 1 {
            let low = high;
            let rate = first.effective_rate.map(|rate| format!(", {} of the value", percent_in_words(rate)));
            return format!(
                "With {name} at {low}, duty is {}{}.",
                self.money(first.duty),
                rate.unwrap_or_default()
            );
        }
        if points.iter().all(|point| point.duty == first.duty) && swept.kinks.is_empty() {
            let duty = self.money(first.duty);
            let others = self.others(first, last);
            return format!(
                "From {low} to {high} {name} makes no difference to duty: it is {duty} throughout{others}."
            );
        }
        let rises = points.windows(2).all(|pair| pair[0].duty <= pair[1].duty);
        let falls = points.windows(2).all(|pair| pair[0].duty >= pair[1].duty);
        let (from, to) = self.pair(first.duty, last.duty);
        let to = to.strip_prefix(&format!("{} ", swept.currency)).unwrap_or(&to).to_owned();
        let change = match (rises, falls) {
            (true, true) => format!("leaves duty at {from}"),
            (true, _) => format!("raises duty from {from} to {to}"),
            (_, true) => format!("lowers duty from {from} to {to}"),
            _ => format!("takes duty from {from} to {to}"),
        };
        let between = if rises || falls { String::new() } else { self.extremes(axis) };
        let how = match (swept.slope.filter(|slope| !slope.is_zero()), swept.kinks.as_slice()) {
            (Some(slope), _) => format!(", a straight line: {}", self.steepness(axis, slope)),
            (None, []) if swept.curved => ", along a curve".to_owned(),
            (None, []) => String::new(),
            (None, [only]) => format!("; it {} {}", self.bends(), place(axis, only)),
            (None, [first, ..]) => {
                let more = swept.kinks.len() + swept.more_kinks;
                format!("; it {} at {more} places, first {}", self.bends(), place(axis, first))
            }
        };
        format!("From {low} to {high} {name} {change}{between}{how}.")
    }

    /// What changes where duty does not.
    fn others(&self, first: &Point, last: &Point) -> String {
        if first.landed_cost != last.landed_cost {
            let (from, to) = self.pair(first.landed_cost, last.landed_cost);
            return format!("; landed cost goes from {from} to {to}");
        }
        let (before, after) = (first.not_computable.flows, last.not_computable.flows);
        if before == after {
            return String::new();
        }
        format!("; {} not computable at first, {} at last", count(before, "flow is", "flows are"), after)
    }

    /// What duty does at the kinks.
    fn bends(&self) -> &'static str {
        let any = |is: &dyn Fn(&Kink) -> bool| self.swept.kinks.iter().any(is);
        let bends = any(&|kink| !kink.is_gap() && !kink.jumps);
        let jumps = any(&|kink| !kink.is_gap() && kink.jumps);
        match (bends, jumps, any(&Kink::is_gap)) {
            (true, true, true) => "bends, jumps or rests on other flows",
            (true, true, false) => "bends or jumps",
            (true, false, true) => "bends or rests on other flows",
            (false, true, true) => "jumps or rests on other flows",
            (false, false, true) => "rests on other flows",
            (false, true, false) => "jumps",
            (_, false, false) => "bends",
        }
    }

    /// The lowest and the highest duty between the ends.
    fn extremes(&self, axis: &Axis) -> String {
        let points = || self.swept.points.iter().zip(&axis.values).filter(|(point, _)| point.is_stated());
        let (Some(least), Some(most)) =
            (points().min_by_key(|(point, _)| point.duty), points().max_by_key(|(point, _)| point.duty))
        else {
            return String::new();
        };
        let at = |(point, value): (&Point, &Value)| {
            format!("{} at {}", self.money(point.duty), in_words(axis, value))
        };
        format!(", between {} and {}", at(least), at(most))
    }

    /// What one point, or one step, is worth.
    fn steepness(&self, axis: &Axis, slope: Decimal) -> String {
        if axis.is_percentage {
            let point = slope.checked_div(Decimal::ONE_HUNDRED).unwrap_or(slope);
            return format!("{} a point", self.money(point));
        }
        let step = match axis.numbers().as_slice() {
            [first, second, ..] => second.checked_sub(*first).unwrap_or(Decimal::ONE),
            _ => Decimal::ONE,
        };
        let worth = slope.checked_mul(step).unwrap_or(slope);
        format!("{} for each {}", self.money(worth), in_words(axis, &axis.value(step)))
    }

    fn kinks(&self, axis: &Axis) -> Vec<String> {
        let named = self.swept.kinks.iter().map(|kink| self.kink(axis, kink));
        let more = Some(self.swept.more_kinks).filter(|more| *more > 0);
        named.chain(more.map(|more| format!("and {more} more"))).collect()
    }

    /// A kink with all that happens there.
    fn kink(&self, axis: &Axis, kink: &Kink) -> String {
        let at = in_words(axis, &rounded(&kink.at));
        let what = match (kink.duty, kink.duty_after) {
            (Some(before), Some(after)) if kink.jumps && before != after => {
                let (before, after) = self.pair(before, after);
                format!("duty jumps from {before} to {after}")
            }
            (Some(duty), Some(_)) => format!("duty is {}", self.money(duty)),
            (Some(duty), None) => format!("duty is {}, and beyond none can be stated", self.money(duty)),
            (None, Some(duty)) => format!("duty is {}, and before none can be stated", self.money(duty)),
            (None, None) => "no duty can be stated".to_owned(),
        };
        let causes: Vec<&str> = kink.causes.iter().map(|cause| cause.text.as_str()).collect();
        if causes.is_empty() {
            format!("{at}: {what}")
        } else {
            format!("{at}: {what}; {}", causes.join("; "))
        }
    }

    fn rates(&self, axis: &Axis) -> Option<String> {
        let (first, last) = (self.swept.points.first()?, self.swept.points.last()?);
        let (from, to) = (first.effective_rate?, last.effective_rate?);
        let (from, to) = (percent_in_words(from), percent_in_words(to));
        let differ = from != to && axis.values.len() > 1;
        differ.then(|| format!("The effective rate goes from {from} to {to}."))
    }

    fn grid_in_words(&self, rows: &Axis, columns: &Axis) -> String {
        let places =
            rows.values.iter().flat_map(|row| columns.values.iter().map(move |column| (row, column)));
        let all: Vec<_> =
            self.swept.points.iter().zip(places).filter(|(point, _)| point.is_stated()).collect();
        let least = all.iter().min_by_key(|(point, _)| point.duty);
        let most = all.iter().max_by_key(|(point, _)| point.duty);
        let (Some((least, low)), Some((most, high))) = (least, most) else {
            return "No duty can be stated: no flow is computable at any point.".to_owned();
        };
        let at = |(row, column): &(&Value, &Value)| {
            format!(
                "{} = {}, {} = {}",
                rows.name,
                in_words(rows, row),
                columns.name,
                in_words(columns, column)
            )
        };
        let duty = |point: &Point| match point.effective_rate {
            Some(rate) => format!("{} ({})", self.money(point.duty), percent_in_words(rate)),
            None => self.money(point.duty),
        };
        if least.duty == most.duty {
            return format!(
                "{} and {} make no difference to duty: it is {} throughout.",
                rows.name,
                columns.name,
                duty(least)
            );
        }
        format!("Duty is least at {}: {}; it is most at {}: {}.", at(low), duty(least), at(high), duty(most))
    }

    fn draws_in_words(&self) -> String {
        let swept = self.swept;
        let (Some(point), Some(spread)) = (swept.points.first(), swept.spreads.first()) else {
            return String::new();
        };
        let money = |number: Option<Decimal>| number.map_or_else(|| "–".to_owned(), |n| self.money(n));
        let as_written = match point.stated(point.duty) {
            Some(duty) => format!("duty is {}", self.money(duty)),
            None => "no duty can be stated".to_owned(),
        };
        let [low, middle, high] = spread.duty.map(money);
        format!(
            "As written, {}; over {} of {}, its median is {middle}, and nine in ten lie between {low} and {high}.",
            as_written,
            count(swept.draws, "draw", "draws"),
            names(&swept.drawn)
        )
    }

    fn scale(&self) -> Scale {
        Scale::of(self.swept.points.iter().flat_map(|point| [point.duty, point.landed_cost]))
    }

    /// The table of a line, and how many pools it shows and leaves out.
    fn line(&self, axis: &Axis) -> (Block, (usize, usize)) {
        let swept = self.swept;
        let scale = self.scale();
        let (heading, values) = column(axis, &swept.currency);
        let mut headings = vec![heading, "Duty".to_owned(), "Rate".to_owned(), "Landed cost".to_owned()];
        let stated = |point: &Point, number: Decimal| {
            point.stated(number).map_or_else(|| "–".to_owned(), |number| scale.show(number))
        };
        let mut rows: Vec<Vec<String>> = values
            .into_iter()
            .zip(&swept.points)
            .map(|(value, point)| {
                vec![
                    value,
                    stated(point, point.duty),
                    percent(point.effective_rate),
                    stated(point, point.landed_cost),
                ]
            })
            .collect();
        let pools = points::fills(&swept.points);
        let (all, mut shown) = (pools.len(), 0);
        for (name, fills) in pools {
            let cells = || fills.iter().map(|fill| percent_of(*fill));
            let widened: Vec<Vec<String>> = rows
                .iter()
                .zip(cells())
                .map(|(row, cell)| row.iter().cloned().chain([cell]).collect())
                .collect();
            let named: Vec<String> = headings.iter().cloned().chain([name]).collect();
            if page::width(&named, &widened) > self.layout.width {
                break;
            }
            (headings, rows) = (named, widened);
            shown += 1;
        }
        let free = self.layout.width.saturating_sub(page::width(&headings, &rows) + 3);
        let right = usize::from(self.layout.pictures && free >= SHORTEST_BAR);
        if right > 0 {
            let longest = swept.points.iter().map(|point| point.duty).max().unwrap_or_default();
            headings.push(String::new());
            for (row, point) in rows.iter_mut().zip(&swept.points) {
                row.push(bar(point.duty, longest, free.min(LONGEST_BAR)));
            }
        }
        (Block::Table { headings, rows, left: 0, right }, (shown, all - shown))
    }

    /// What draws make of each point.
    fn percentiles(&self) -> Vec<Block> {
        let swept = self.swept;
        if swept.spreads.is_empty() {
            return Vec::new();
        }
        let amounts = swept.spreads.iter().flat_map(|s| s.duty.into_iter().chain(s.landed_cost)).flatten();
        let scale = Scale::of(amounts);
        let unit = format!("{}{}", swept.currency, scale.words());
        let money = |numbers: Percentiles| {
            numbers.map(|n| n.map_or_else(|| "–".to_owned(), |n| scale.show(n))).to_vec()
        };
        let hundredths = ["5th", "50th", "95th"].map(str::to_owned);
        let over = format!(
            "percentiles over {} of {}, seed {}",
            count(swept.draws, "draw", "draws"),
            names(&swept.drawn),
            swept.seed
        );
        let mut blocks = Vec::new();
        if let ([], [spread]) = (swept.axes.as_slice(), swept.spreads.as_slice()) {
            let row = |name: String, cells: Vec<String>| std::iter::once(name).chain(cells).collect();
            let rows = vec![
                row(format!("Duty, {unit}"), money(spread.duty)),
                row("Effective rate".to_owned(), spread.effective_rate.map(percent).to_vec()),
                row(format!("Landed cost, {unit}"), money(spread.landed_cost)),
            ];
            let headings = std::iter::once(String::new()).chain(hundredths).collect();
            blocks.push(Block::Heading(format!("Duty, rate and landed cost: {over}")));
            blocks.push(Block::Table { headings, rows, left: 1, right: 0 });
        } else {
            let (names, places) = self.places();
            let rows = |cells: &dyn Fn(&Spread) -> Vec<String>| {
                let row = |(place, spread): (&Vec<String>, &Spread)| {
                    place.iter().cloned().chain(cells(spread)).collect::<Vec<String>>()
                };
                places.iter().zip(&swept.spreads).map(row).collect::<Vec<_>>()
            };
            let parts = [
                (format!("Duty in {unit}"), rows(&|spread| money(spread.duty))),
                ("Effective rate".to_owned(), rows(&|spread| spread.effective_rate.map(percent).to_vec())),
                (format!("Landed cost in {unit}"), rows(&|spread| money(spread.landed_cost))),
            ];
            for (title, rows) in parts {
                let headings = names.iter().cloned().chain(hundredths.clone()).collect();
                blocks.push(Block::Heading(format!("{title}: {over}")));
                blocks.push(Block::Table { headings, rows, left: 0, right: 0 });
            }
        }
        blocks.push(Block::Faint(format!(
            "A percentile is the smallest of the draws that so many in a hundred of them do not exceed. Every point has \
             the same draws, each rounded to {PLACES} decimals."
        )));
        blocks
    }

    /// The headings of all parameters, and the values of each point.
    fn places(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let columns: Vec<(String, Vec<String>)> =
            self.swept.axes.iter().map(|axis| column(axis, &self.swept.currency)).collect();
        let mut places = vec![Vec::new()];
        for (_, values) in &columns {
            let longer = |place: &Vec<String>| {
                let place = place.clone();
                values.iter().map(move |value| place.iter().cloned().chain([value.clone()]).collect())
            };
            places = places.iter().flat_map(longer).collect();
        }
        (columns.into_iter().map(|(heading, _)| heading).collect(), places)
    }
}

/// Names in a sentence.
pub(super) fn names(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.join(""),
    }
}

/// Where a kink is, and why.
fn place(axis: &Axis, kink: &Kink) -> String {
    let at = in_words(axis, &rounded(&kink.at));
    match kink.causes.first() {
        Some(cause) => format!("at {at}, where {}", cause.text),
        None => format!("at {at}"),
    }
}

/// A place for the eye: six decimals at most.
pub fn rounded(value: &Value) -> Value {
    let round = |amount: Decimal| value.with_amount(amount.round_dp(6).normalize());
    value.amount().and_then(round).unwrap_or_else(|| value.clone())
}

fn percent_of(fill: Option<Decimal>) -> String {
    match fill {
        Some(fill) => percent(Some(fill)),
        None => "–".to_owned(),
    }
}
