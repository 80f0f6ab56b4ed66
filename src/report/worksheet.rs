//! The worksheet of one flow as lines: the same words for the terminal, for documents and for a page.

use super::number::{grouped, percent_in_words};
use crate::assess::{Charge, Explained, NearMiss, PortionSheet, QuotaPart, Reason, Status};
use crate::diagnostic::Sources;
use crate::money::{self, RoundingMode};
use crate::scenario::{Basis, Ledger, MeasureType, Scenario, Step};
use crate::trade::Flow;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// A line of a worksheet.
pub enum Line {
    /// The answer.
    Answer(String),
    /// Words.
    Words(String),
    /// Words of a step.
    Detail(String),
    /// What follows is another part.
    Gap,
    /// What a part is about.
    Part(String),
    /// A step begins.
    Step {
        /// Its number.
        number: usize,
        /// The measure or credit.
        name: String,
        /// Its type.
        kind: &'static str,
        /// What it is called.
        title: Option<String>,
    },
    /// Words and the amount or quantity they come to.
    Amount {
        /// The words.
        words: String,
        /// The amount for the eye.
        amount: String,
        /// The same for a program.
        exact: Option<Decimal>,
        /// Whether it is of a step.
        of_step: bool,
    },
    /// The sum follows.
    Rule,
    /// Measures that nearly fit, and why they do not.
    Misses(Vec<String>),
    /// What the numbers in brackets stand for.
    Citations(Vec<Cited>),
}

/// A source with its number.
pub struct Cited {
    /// The number.
    pub number: usize,
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub url: Option<String>,
}

/// The worksheet of a flow.
pub fn lines(explained: &Explained, sources: &Sources) -> Vec<Line> {
    let mut steps = Steps { explained, sources, scenario: explained.plan.scenario(), lines: Vec::new() };
    steps.answer();
    if let Some(reason) = &explained.explanation.sheet.not_computable {
        steps.words(format!("Not computable: {reason}."));
    }
    let portions = &explained.explanation.portions;
    for (at, portion) in portions.iter().enumerate() {
        if portions.len() > 1 {
            steps.portion_heading(at, portion);
        }
        // Credits pay duty before anything else is charged; of several portions they pay all at once.
        let kind = |charge: &Charge| steps.scenario.measures[charge.measure].kind;
        let (duties, levies): (Vec<&Charge>, Vec<&Charge>) =
            portion.charges.iter().partition(|charge| portions.len() > 1 || kind(charge).is_duty());
        let mut number = 1..;
        for charge in duties {
            steps.charge(number.next().unwrap_or_default(), charge);
        }
        if at + 1 == portions.len() {
            steps.credits(&mut number);
        }
        for charge in levies {
            steps.charge(number.next().unwrap_or_default(), charge);
        }
    }
    if explained.explanation.sheet.computable() {
        steps.total();
    }
    steps.near_misses();
    steps.citations();
    steps.lines
}

struct Steps<'a> {
    explained: &'a Explained,
    sources: &'a Sources,
    scenario: &'a Scenario,
    lines: Vec<Line>,
}

impl Steps<'_> {
    fn words(&mut self, words: String) {
        self.lines.push(Line::Words(words));
    }

    fn sum(&mut self, words: &str, amount: Decimal) {
        self.amount(words, amount, false);
    }

    fn amount(&mut self, words: &str, amount: Decimal, of_step: bool) {
        let (words, shown) = (words.to_owned(), money_exactly(amount));
        self.lines.push(Line::Amount { words, amount: shown, exact: Some(amount), of_step });
    }

    fn answer(&mut self) {
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
        self.lines.push(Line::Answer(answer));
        let goods = format!(
            "{} from {} entering {} on {}{}.",
            flow.product,
            flow.origin.value.name(),
            flow.importer.value.name(),
            flow.date,
            flow.description.as_ref().map(|d| format!(": {d}")).unwrap_or_default()
        );
        self.words(goods);
        let variant = self.scenario.variant.as_ref().map(|v| format!("#{}", v.id)).unwrap_or_default();
        self.words(format!("{}{variant}: {}", self.scenario.file, self.scenario.title));
        self.lines.push(Line::Gap);
        self.sum(valued(self.scenario, flow), sheet.customs_value);
        for quantity in flow.quantities.iter().flatten() {
            let amount = format!(
                "{} {}",
                grouped(quantity.amount, quantity.amount.normalize().scale()),
                quantity.unit
            );
            let words = "Quantity".to_owned();
            self.lines.push(Line::Amount { words, amount, exact: None, of_step: false });
        }
    }

    fn portion_heading(&mut self, at: usize, sheet: &PortionSheet) {
        let share = percent_in_words(sheet.portion.weight);
        let quota = |part: &QuotaPart| {
            let id = self.scenario.quotas.get(part.quota).map_or("", |quota| quota.ledger.id.as_str());
            let shown = |amount: Decimal| {
                let amount = RoundingMode::HalfUp.places(amount, 6).normalize();
                grouped(amount, amount.scale())
            };
            let (amount, of) = (shown(part.amount), shown(part.of));
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
        self.lines.push(Line::Part(line));
    }

    fn charge(&mut self, number: usize, charge: &Charge) {
        let measure = &self.scenario.measures[charge.measure];
        let step = &measure.steps[charge.step];
        let title = step.title.as_ref().or(measure.title.as_ref());
        self.lines.push(Line::Step {
            number,
            name: measure.id.clone(),
            kind: measure.kind.name(),
            title: title.cloned(),
        });
        for (words, amount) in self.working(charge, step) {
            match amount {
                Some(amount) => self.amount(&words, amount, true),
                None => self.lines.push(Line::Detail(words)),
            }
        }
        let place = self.place(charge, step);
        self.lines.push(Line::Detail(place));
    }

    /// What credits pay, numbered on from the duties.
    fn credits(&mut self, number: &mut dyn Iterator<Item = usize>) {
        let credits = &self.explained.explanation.sheet.credits;
        if self.explained.explanation.portions.len() > 1 && !credits.is_empty() {
            self.lines.push(Line::Part("Credits, on all portions together:".to_owned()));
        }
        for drawn in credits {
            let ledger = &self.scenario.credits[drawn.credit].ledger;
            self.lines.push(Line::Step {
                number: number.next().unwrap_or_default(),
                name: ledger.id.clone(),
                kind: "credit",
                title: ledger.title.clone(),
            });
            let whose = drawn.party.as_ref().map(|party| format!(" for {party}")).unwrap_or_default();
            self.amount(&format!("left in the pool{whose}"), drawn.left, true);
            self.amount("duty it can pay", drawn.liability, true);
            self.amount("it pays the smaller of the two", money::negative(drawn.amount), true);
            let place = self.sources.position(ledger.opening.span);
            let place = place.map(|(file, line, _)| format!("{file}:{line}")).unwrap_or_default();
            let cited = self.cited();
            let numbers = ledger.sources.iter().filter_map(|source| cited.iter().position(|c| c == source));
            let numbers: Vec<String> = numbers.map(|number| format!("[{}]", number + 1)).collect();
            let place = format!("{} {place}", numbers.concat()).trim().to_owned();
            self.lines.push(Line::Detail(place));
        }
    }

    /// The steps of a charge: words, and at the last the amount.
    fn working(&self, charge: &Charge, step: &Step) -> Vec<(String, Option<Decimal>)> {
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
            lines.push((self.taxed(charge), Some(charge.base)));
        } else if charge.share != Decimal::ONE {
            let share = step.share.as_ref().map(|share| format!(" ({})", share.text)).unwrap_or_default();
            let words = format!("{} of the value{share}", percent_in_words(charge.share));
            lines.push((words, Some(charge.base)));
        }
        let rounded = if self.scenario.rounding.charge.is_some() { ", rounded" } else { "" };
        lines.push((format!("{}{rounded}", self.product(charge)), Some(charge.amount)));
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

    fn cited(&self) -> Vec<usize> {
        cited(self.explained)
    }

    fn total(&mut self) {
        let sheet = &self.explained.explanation.sheet;
        self.lines.push(Line::Rule);
        if self.explained.explanation.portions.len() > 1 {
            for charge in sheet.charges.iter().filter(|charge| !charge.amount.is_zero()) {
                let id = &self.scenario.measures[charge.measure].id;
                let parts: Vec<String> = self.parts(charge.measure).collect();
                self.sum(&format!("{id}: {}", parts.join(" + ")), charge.amount);
            }
        }
        let rate = sheet
            .effective_rate()
            .map(|r| format!(", {} of the value", percent_in_words(r)))
            .unwrap_or_default();
        if self.explained.explanation.portions.len() > 1 {
            for drawn in &sheet.credits {
                let id = &self.scenario.credits[drawn.credit].ledger.id;
                self.sum(&format!("{id} (credit)"), money::negative(drawn.amount));
            }
        }
        self.sum(&format!("Duty{rate}"), sheet.duty);
        if self.explained.alone && ledgers(self.explained).next().is_some() {
            let words = "No other flow is in the books: quotas and credits are taken as full.";
            self.words(words.to_owned());
        }
        if sheet.landed_cost != money::add(sheet.customs_value, sheet.duty).unwrap_or_default() {
            self.landed();
        }
        if sheet.partly_covered {
            self.words(
                "The code is too short to tell whether some measure covers all of these goods.".to_owned(),
            );
        }
        if !sheet.base_stated {
            self.words(
                "No measure states the base (MFN) duty of these goods: it is counted as nothing.".to_owned(),
            );
        }
    }

    /// What landed cost is made of beside customs value and duty.
    fn landed(&mut self) {
        let sheet = &self.explained.explanation.sheet;
        if !sheet.left_out.is_zero() {
            self.sum("Freight and insurance", sheet.left_out);
        }
        for charge in &sheet.charges {
            let measure = &self.scenario.measures[charge.measure];
            if !measure.kind.is_duty() && !charge.amount.is_zero() {
                self.sum(&format!("{} ({})", measure.id, measure.kind.name()), charge.amount);
            }
        }
        self.sum("Landed cost, with the customs value", sheet.landed_cost);
    }

    /// What a measure charges in each portion, with the portion's weight.
    fn parts(&self, measure: usize) -> impl Iterator<Item = String> {
        self.explained.explanation.portions.iter().filter_map(move |sheet| {
            let charge = sheet.charges.iter().find(|c| c.measure == measure && !c.amount.is_zero())?;
            Some(format!("{} of {}", percent_in_words(sheet.portion.weight), money_exactly(charge.amount)))
        })
    }

    fn near_misses(&mut self) {
        let flow = &self.explained.flows.rows[0];
        let miss = |miss: &NearMiss| {
            let id = &self.scenario.measures[miss.measure].id;
            let why: Vec<String> = miss.misses.iter().map(|m| m.text(flow)).collect();
            format!("{id} {}", why.join(" and "))
        };
        let misses: Vec<String> = self.explained.explanation.near_misses.iter().map(miss).collect();
        if !misses.is_empty() {
            self.lines.push(Line::Misses(misses));
        }
    }

    fn citations(&mut self) {
        let cited = self.cited().into_iter().enumerate().filter_map(|(at, source)| {
            let source = self.scenario.sources.get(source)?;
            Some(Cited { number: at + 1, title: source.title.clone(), url: source.url.clone() })
        });
        let cited: Vec<Cited> = cited.collect();
        if !cited.is_empty() {
            self.lines.push(Line::Citations(cited));
        }
    }
}

/// The citations of the measures on the worksheet, in the order of the scenario.
pub(super) fn cited(explained: &Explained) -> Vec<usize> {
    let scenario = explained.plan.scenario();
    let charges = &explained.explanation.sheet.charges;
    let cited: BTreeSet<usize> = charges
        .iter()
        .flat_map(|charge| scenario.sources_behind(charge.measure, charge.step))
        .chain(ledgers(explained).flat_map(|ledger| ledger.sources.iter().copied()))
        .collect();
    cited.into_iter().collect()
}

/// The quotas and credits that the flow draws on.
fn ledgers(explained: &Explained) -> impl Iterator<Item = &Ledger> {
    let (scenario, sheet) = (explained.plan.scenario(), &explained.explanation.sheet);
    let quotas = sheet.portions.iter().flat_map(|portion| &portion.quotas);
    let quotas = quotas.filter_map(|part| Some(&scenario.quotas.get(part.quota)?.ledger));
    let credits = sheet.credits.iter().map(|drawn| &scenario.credits[drawn.credit].ledger);
    quotas.chain(credits)
}

/// The customs value by name, with what it holds.
pub(super) fn valued(scenario: &Scenario, flow: &Flow) -> &'static str {
    match scenario.valuation.of(flow.importer.value) {
        Basis::Fob => "Customs value (without international freight and insurance)",
        Basis::Cif => "Customs value (with international freight and insurance)",
    }
}

/// A rate as a percentage with at most four places: the equivalent of a lump sum may be small.
fn percent_closely(rate: Decimal) -> String {
    let percent = rate.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(rate);
    let places = money::RoundingMode::HalfUp.places(percent, 4).normalize();
    format!("{}%", grouped(places, places.scale()))
}

/// Money to the last digit that counts, at least to cents where it is not whole.
pub(super) fn money_exactly(amount: Decimal) -> String {
    let places = money::quantise(amount).normalize().scale();
    grouped(amount, if places == 0 { 0 } else { places.max(2) })
}
