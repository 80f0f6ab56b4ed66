//! One flow, step by step, for a reader with a pencil.

use super::json::{self, ExplainedJson};
use super::number::{grouped, percent_in_words};
use super::{Format, Layout, csv};
use crate::assess::{Charge, Explained, PortionSheet, QuotaPart, Reason, Status};
use crate::diagnostic::Sources;
use crate::money;
use crate::scenario::{Basis, Ledger, MeasureType, Scenario, Step};
use anstyle::Style;
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A flow explained, as text.
pub fn explained(explained: &Explained, sources: &Sources, format: Format, layout: Layout) -> String {
    match format {
        Format::Table => page(explained, sources, layout, false),
        Format::Markdown => {
            page(explained, sources, Layout { width: usize::MAX / 2, colour: false, pictures: false }, true)
        }
        Format::Json => json::document(&ExplainedJson::new(explained, sources)),
        Format::Csv => csv::charges(explained),
    }
}

/// Steps are drawn no wider than this, so that the eye finds the number.
const WIDEST: usize = 80;

fn page(explained: &Explained, sources: &Sources, layout: Layout, markdown: bool) -> String {
    let steps = Steps {
        explained,
        sources,
        scenario: explained.plan.scenario(),
        width: layout.width.min(if markdown { layout.width } else { WIDEST }),
        markdown,
        colour: layout.colour,
    };
    let mut text = String::new();
    steps.answer(&mut text);
    if let Some(reason) = &explained.explanation.sheet.not_computable {
        steps.paragraph(&mut text, &format!("Not computable: {reason}."), "");
    }
    let portions = &explained.explanation.portions;
    for (at, portion) in portions.iter().enumerate() {
        if portions.len() > 1 {
            steps.portion_heading(&mut text, at, portion);
        }
        // Credits pay duty before anything else is charged; of several portions they pay all at once.
        let kind = |charge: &Charge| steps.scenario.measures[charge.measure].kind;
        let (duties, levies): (Vec<&Charge>, Vec<&Charge>) =
            portion.charges.iter().partition(|charge| portions.len() > 1 || kind(charge).is_duty());
        let mut number = 1..;
        for charge in duties {
            steps.charge(&mut text, number.next().unwrap_or_default(), charge);
        }
        if at + 1 == portions.len() {
            steps.credits(&mut text, &mut number);
        }
        for charge in levies {
            steps.charge(&mut text, number.next().unwrap_or_default(), charge);
        }
    }
    if explained.explanation.sheet.computable() {
        steps.total(&mut text);
    }
    steps.near_misses(&mut text);
    steps.citations(&mut text);
    text
}

struct Steps<'a> {
    explained: &'a Explained,
    sources: &'a Sources,
    scenario: &'a Scenario,
    width: usize,
    markdown: bool,
    colour: bool,
}

impl Steps<'_> {
    fn paragraph(&self, text: &mut String, paragraph: &str, indent: &str) {
        self.hanging(text, paragraph, indent, indent);
    }

    /// A paragraph whose first line is indented otherwise than the rest.
    fn hanging(&self, text: &mut String, paragraph: &str, first: &str, rest: &str) {
        let options = textwrap::Options::new(self.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .break_words(false);
        for line in textwrap::wrap(paragraph, options) {
            text.push_str(&line);
            text.push('\n');
        }
    }

    fn bold(&self, line: &str) -> String {
        let style = Style::new().bold();
        if self.markdown {
            format!("**{line}**")
        } else if self.colour {
            format!("{style}{line}{style:#}")
        } else {
            line.to_owned()
        }
    }

    /// A line whose amount stands at its right end.
    fn sum(&self, text: &mut String, words: &str, amount: &str) {
        let (words_width, amount_width) = (words.chars().count(), amount.chars().count());
        if self.markdown || words_width + amount_width + 2 > self.width {
            let _ = writeln!(text, "{words} = {}", amount.trim());
        } else {
            let gap = self.width - words_width - amount_width;
            let _ = writeln!(text, "{words}{}{amount}", " ".repeat(gap));
        }
    }

    fn answer(&self, text: &mut String) {
        let (flow, sheet) = (&self.explained.flows.rows[0], &self.explained.explanation.sheet);
        let currency = &self.scenario.currency;
        let value = money_exactly(sheet.customs_value);
        let answer = match (sheet.computable(), sheet.effective_rate()) {
            (false, _) => format!("{}: no duty can be stated.", flow.id),
            (true, Some(rate)) => format!(
                "{}: {currency} {} of duty on {currency} {value}, {} of the value.",
                flow.id,
                money_exactly(sheet.duty),
                percent_in_words(rate)
            ),
            (true, None) => format!("{}: {currency} {} of duty.", flow.id, money_exactly(sheet.duty)),
        };
        let mut first = String::new();
        self.paragraph(&mut first, &answer, "");
        let bold: Vec<String> = first.lines().map(|line| self.bold(line)).collect();
        let _ = writeln!(text, "{}", bold.join("\n"));
        let goods = format!(
            "{} from {} entering {} on {}{}.",
            flow.product,
            flow.origin.value.name(),
            flow.importer.value.name(),
            flow.date,
            flow.description.as_ref().map(|d| format!(": {d}")).unwrap_or_default()
        );
        self.paragraph(text, &goods, "");
        let variant = self.scenario.variant.as_ref().map(|v| format!("#{}", v.id)).unwrap_or_default();
        self.paragraph(text, &format!("{}{variant}: {}", self.scenario.file, self.scenario.title), "");
        text.push('\n');
        let basis = match self.scenario.valuation.of(flow.importer.value) {
            Basis::Fob => "Customs value (without international freight and insurance)",
            Basis::Cif => "Customs value (with international freight and insurance)",
        };
        self.sum(text, basis, &value);
        for quantity in flow.quantities.iter().flatten() {
            let amount = format!(
                "{} {}",
                grouped(quantity.amount, quantity.amount.normalize().scale()),
                quantity.unit
            );
            self.sum(text, "Quantity", &amount);
        }
    }

    fn portion_heading(&self, text: &mut String, at: usize, sheet: &PortionSheet) {
        let share = percent_in_words(sheet.portion.weight);
        let quota = |part: &QuotaPart| {
            let id = self.scenario.quotas.get(part.quota).map_or("", |quota| quota.ledger.id.as_str());
            let digits = |amount: Decimal| amount.normalize().scale().min(6);
            let (amount, of) = (grouped(part.amount, digits(part.amount)), grouped(part.of, digits(part.of)));
            let place = if part.admitted { "in" } else { "over" };
            format!(", {place} quota {id} ({amount} of {of} {})", part.unit)
        };
        let quotas: Vec<String> = sheet.portion.quotas.iter().map(quota).collect();
        let claims = match sheet.portion.claims.as_slice() {
            [] if quotas.is_empty() => ", which claims nothing".to_owned(),
            [] => String::new(),
            claims => format!(", which claims {}", claims.join(", ")),
        };
        let line = format!(
            "Portion {}: {share} of the trade{}{claims}. As if it were all:",
            at + 1,
            quotas.concat()
        );
        text.push('\n');
        self.paragraph(text, &self.bold(&line), "");
    }

    fn charge(&self, text: &mut String, number: usize, charge: &Charge) {
        let measure = &self.scenario.measures[charge.measure];
        let step = &measure.steps[charge.step];
        let title = step.title.as_ref().or(measure.title.as_ref());
        let name = self.bold(&measure.id);
        let kind = measure.kind.name();
        let title = title.map(|t| format!(": {t}")).unwrap_or_default();
        text.push('\n');
        self.hanging(text, &format!("{number}. {name} ({kind}){title}"), "", "   ");
        for (words, amount) in self.working(charge, step) {
            match amount {
                Some(amount) => self.sum(text, &format!("   {words}"), &amount),
                None => self.paragraph(text, &words, "   "),
            }
        }
        self.paragraph(text, &self.place(charge, step), "   ");
    }

    /// What credits pay, numbered on from the duties.
    fn credits(&self, text: &mut String, number: &mut dyn Iterator<Item = usize>) {
        let credits = &self.explained.explanation.sheet.credits;
        if self.explained.explanation.portions.len() > 1 && !credits.is_empty() {
            text.push('\n');
            self.paragraph(text, &self.bold("Credits, on all portions together:"), "");
        }
        for drawn in credits {
            let ledger = &self.scenario.credits[drawn.credit].ledger;
            let title = ledger.title.as_ref().map(|title| format!(": {title}")).unwrap_or_default();
            let name = self.bold(&ledger.id);
            text.push('\n');
            self.hanging(
                text,
                &format!("{}. {name} (credit){title}", number.next().unwrap_or_default()),
                "",
                "   ",
            );
            let whose = drawn.party.as_ref().map(|party| format!(" for {party}")).unwrap_or_default();
            let left = money_exactly(drawn.left);
            self.sum(text, &format!("   left in the pool{whose}"), &left);
            self.sum(text, "   duty it can pay", &money_exactly(drawn.liability));
            let pays = money_exactly(money::negative(drawn.amount));
            self.sum(text, "   it pays the smaller of the two", &pays);
            let place = self.sources.position(ledger.opening.span);
            let place = place.map(|(file, line, _)| format!("{file}:{line}")).unwrap_or_default();
            let cited = self.cited();
            let numbers = ledger.sources.iter().filter_map(|source| cited.iter().position(|c| c == source));
            let numbers: Vec<String> = numbers.map(|number| format!("[{}]", number + 1)).collect();
            self.paragraph(text, format!("{} {place}", numbers.concat()).trim(), "   ");
        }
    }

    /// The steps of a charge: words, and at the last the amount.
    fn working(&self, charge: &Charge, step: &Step) -> Vec<(String, Option<String>)> {
        let mut lines = Vec::new();
        let at = self.explained.explanation.sheet.charges.iter().position(|c| c.measure == charge.measure);
        for (index, value) in
            at.and_then(|at| self.explained.explanation.behind.get(at)).into_iter().flatten()
        {
            let parameter = &self.scenario.parameters[*index];
            let title = parameter.title.as_ref().map(|t| format!(" ({t})")).unwrap_or_default();
            lines.push((format!("{} = {value}{title}", parameter.name), None));
        }
        let note = charge.reasons(self.scenario);
        if charge.status != Status::Charged {
            let words = match (charge.rate_text(self.scenario), note.as_str()) {
                ("", "") => charge.status.words().to_owned(),
                ("", note) => note.to_owned(),
                (rate, "") => format!("{rate}: {}", charge.status.words()),
                (rate, note) => format!("{rate}: {note}"),
            };
            lines.push((words, None));
            return lines;
        }
        if !note.is_empty() {
            lines.push((note, None));
        }
        let kind = self.scenario.measures[charge.measure].kind;
        if kind == MeasureType::Tax {
            lines.push((self.taxed(charge), Some(money_exactly(charge.base))));
        } else if charge.share != Decimal::ONE {
            let share = step.share.as_ref().map(|share| format!(" ({})", share.text)).unwrap_or_default();
            let words = format!("{} of the value{share}", percent_in_words(charge.share));
            lines.push((words, Some(money_exactly(charge.base))));
        }
        let rounded = if self.scenario.rounding.charge.is_some() { ", rounded" } else { "" };
        lines.push((format!("{}{rounded}", self.product(charge)), Some(money_exactly(charge.amount))));
        if let Some(rate) = charge.equivalent(self.scenario) {
            let base = money_exactly(charge.base);
            lines.push((format!("an ad valorem equivalent of {} of {base}", percent_closely(rate)), None));
        }
        lines
    }

    /// The last step: a rate times what it is charged on.
    fn product(&self, charge: &Charge) -> String {
        let written = charge.rate_text(self.scenario);
        let base = money_exactly(charge.base);
        let topped = charge.notes.iter().find_map(|note| match &note.reason {
            Reason::TopsUp { from, to, by } => Some((*from, *to, *by)),
            _ => None,
        });
        if charge.is_specific(self.scenario) {
            return written.to_owned();
        }
        match (topped, charge.rate.map(percent_closely)) {
            (Some((from, to, by)), _) => {
                format!(
                    "{} - {} = {} of {base}",
                    percent_in_words(to),
                    percent_in_words(from),
                    percent_in_words(by)
                )
            }
            (None, Some(rate)) if rate == written => format!("{rate} of {base}"),
            (None, Some(rate)) => format!("{written} = {rate} of {base}"),
            (None, None) => format!("{written} of {base}"),
        }
    }

    /// What a tax is charged on.
    fn taxed(&self, charge: &Charge) -> String {
        let share = if charge.share == Decimal::ONE {
            String::new()
        } else {
            format!("{} of ", percent_in_words(charge.share))
        };
        let sheet = &self.explained.explanation.sheet;
        let left_out = if sheet.left_out.is_zero() { "" } else { ", freight and insurance" };
        let credits = if sheet.credits.is_empty() { "" } else { " less credits" };
        format!("{share}customs value{left_out}, fees, and duties{credits}")
    }

    /// Where the charge is written, since when, and its sources by number.
    fn place(&self, charge: &Charge, step: &Step) -> String {
        let place = self
            .sources
            .position(step.place(charge.row))
            .map(|(file, line, _)| format!("{file}:{line}"))
            .unwrap_or_default();
        let since = step.from.map(|from| format!(", since {from}")).unwrap_or_default();
        let cited = self.cited();
        let numbers: Vec<String> = self
            .scenario
            .sources_behind(charge.measure, charge.step)
            .iter()
            .filter_map(|source| Some(format!("[{}]", cited.iter().position(|c| c == source)? + 1)))
            .collect();
        format!("{} {place}{since}", numbers.join("")).trim().to_owned()
    }

    /// The citations of the measures on the worksheet, in the order of the scenario.
    fn cited(&self) -> Vec<usize> {
        let charges = &self.explained.explanation.sheet.charges;
        let cited: BTreeSet<usize> = charges
            .iter()
            .flat_map(|charge| self.scenario.sources_behind(charge.measure, charge.step))
            .chain(self.ledgers().flat_map(|ledger| ledger.sources.iter().copied()))
            .collect();
        cited.into_iter().collect()
    }

    /// The quotas and credits that the flow draws on.
    fn ledgers(&self) -> impl Iterator<Item = &Ledger> {
        let sheet = &self.explained.explanation.sheet;
        let quotas = sheet.portions.iter().flat_map(|portion| &portion.quotas);
        let quotas = quotas.filter_map(|part| Some(&self.scenario.quotas.get(part.quota)?.ledger));
        let credits = sheet.credits.iter().map(|drawn| &self.scenario.credits[drawn.credit].ledger);
        quotas.chain(credits)
    }

    fn total(&self, text: &mut String) {
        let sheet = &self.explained.explanation.sheet;
        text.push('\n');
        if !self.markdown {
            let _ = writeln!(text, "{}", "─".repeat(self.width));
        }
        if self.explained.explanation.portions.len() > 1 {
            for charge in sheet.charges.iter().filter(|charge| !charge.amount.is_zero()) {
                let id = &self.scenario.measures[charge.measure].id;
                let parts: Vec<String> = self.parts(charge.measure).collect();
                self.sum(text, &format!("{id}: {}", parts.join(" + ")), &money_exactly(charge.amount));
            }
        }
        let rate = sheet
            .effective_rate()
            .map(|r| format!(", {} of the value", percent_in_words(r)))
            .unwrap_or_default();
        if self.explained.explanation.portions.len() > 1 {
            for drawn in &sheet.credits {
                let id = &self.scenario.credits[drawn.credit].ledger.id;
                self.sum(text, &format!("{id} (credit)"), &money_exactly(money::negative(drawn.amount)));
            }
        }
        self.sum(text, &format!("Duty{rate}"), &money_exactly(sheet.duty));
        if self.explained.alone && self.ledgers().next().is_some() {
            let words = "No other flow is in the books: quotas and credits are taken as full.";
            self.paragraph(text, words, "");
        }
        if sheet.landed_cost != money::add(sheet.customs_value, sheet.duty).unwrap_or_default() {
            self.landed(text);
        }
        if sheet.partly_covered {
            self.paragraph(
                text,
                "The code is too short to tell whether some measure covers all of these goods.",
                "",
            );
        }
        if !sheet.base_stated {
            self.paragraph(
                text,
                "No measure states the base (MFN) duty of these goods: it is counted as nothing.",
                "",
            );
        }
    }

    /// What landed cost is made of beside customs value and duty.
    fn landed(&self, text: &mut String) {
        let sheet = &self.explained.explanation.sheet;
        if !sheet.left_out.is_zero() {
            self.sum(text, "Freight and insurance", &money_exactly(sheet.left_out));
        }
        for charge in &sheet.charges {
            let measure = &self.scenario.measures[charge.measure];
            if !measure.kind.is_duty() && !charge.amount.is_zero() {
                self.sum(
                    text,
                    &format!("{} ({})", measure.id, measure.kind.name()),
                    &money_exactly(charge.amount),
                );
            }
        }
        self.sum(text, "Landed cost, with the customs value", &money_exactly(sheet.landed_cost));
    }

    /// What a measure charges in each portion, with the portion's weight.
    fn parts(&self, measure: usize) -> impl Iterator<Item = String> {
        self.explained.explanation.portions.iter().filter_map(move |sheet| {
            let charge = sheet.charges.iter().find(|c| c.measure == measure && !c.amount.is_zero())?;
            Some(format!("{} of {}", percent_in_words(sheet.portion.weight), money_exactly(charge.amount)))
        })
    }

    fn near_misses(&self, text: &mut String) {
        let flow = &self.explained.flows.rows[0];
        let misses = &self.explained.explanation.near_misses;
        if misses.is_empty() {
            return;
        }
        let _ = write!(
            text,
            "\nRight goods, but not in force for this flow:\n{}",
            if self.markdown { "\n" } else { "" }
        );
        for miss in misses {
            let id = &self.scenario.measures[miss.measure].id;
            let why: Vec<String> = miss.misses.iter().map(|m| m.text(flow)).collect();
            self.hanging(text, &format!("- {id} {}", why.join(" and ")), "", "  ");
        }
    }

    fn citations(&self, text: &mut String) {
        let cited = self.cited();
        if cited.is_empty() {
            return;
        }
        text.push('\n');
        for (number, source) in cited.into_iter().enumerate() {
            let Some(source) = self.scenario.sources.get(source) else { continue };
            let url = source.url.as_ref().map(|url| format!(", {url}")).unwrap_or_default();
            self.hanging(text, &format!("[{}] {}{url}", number + 1, source.title), "", "    ");
        }
    }
}

/// A rate as a percentage with at most four places: the equivalent of a lump sum may be small.
fn percent_closely(rate: Decimal) -> String {
    let percent = rate.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(rate);
    let places = money::RoundingMode::HalfUp.places(percent, 4).normalize();
    format!("{}%", grouped(places, places.scale()))
}

/// Money to the last digit that counts, at least to cents where it is not whole.
fn money_exactly(amount: Decimal) -> String {
    let places = money::quantise(amount).normalize().scale();
    grouped(amount, if places == 0 { 0 } else { places.max(2) })
}
