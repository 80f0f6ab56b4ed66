//! The rows of an exercise: what is given, a step a measure with its questions, and the sums at the end.

use super::formula::{added, factor, formula, percent_exactly};
use super::law::Reader;
use super::{About, Answer, Question, Row, Step};
use crate::assess::{
    Charge, CreditDrawn, Explained, NearMiss, PortionSheet, QuotaPart, Reason, Status, Term, Terms,
};
use crate::expr::{Fact, Node, Type};
use crate::money::{self, Rounding, RoundingMode, grouped};
use crate::report::number::percent_in_words;
use crate::report::worksheet::{Cited, cited, money_exactly, valued};
use crate::scenario::{Measure, MeasureType, Rate, Scenario, Step as LegalStep};
use crate::trade::Flow;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// The exercise of a flow.
pub fn rows(explained: &Explained) -> Vec<Row> {
    let terms = Terms::of(explained);
    let explanation = &explained.explanation;
    let on_sheet = explanation.sheet.charges.iter().map(|charge| charge.measure);
    let on_sheet = on_sheet.chain(explanation.near_misses.iter().map(|near| near.measure)).collect();
    let (scenario, flow) = (explained.plan.scenario(), &explained.flows.rows[0]);
    let mut sources: BTreeSet<usize> = cited(explained).into_iter().collect();
    if explanation.portions.len() < 2 {
        let near = explanation.near_misses.iter();
        sources.extend(near.flat_map(|near| {
            scenario.sources_behind(near.measure, nearest_step(&scenario.measures[near.measure], flow))
        }));
    }
    let mut sheet = Sheet {
        explained,
        scenario,
        terms: terms.as_ref(),
        known: on_sheet,
        cited: sources.into_iter().collect(),
        rows: Vec::new(),
        number: 0,
    };
    sheet.given();
    if let Some(reason) = &explanation.sheet.not_computable {
        sheet.rows.push(Row::Gap);
        sheet.words(About::Fate, "Can a duty be stated?", format!("no: {reason}"), false);
    } else {
        sheet.steps();
        sheet.sums();
    }
    sheet.citations();
    sheet.rows
}

/// A measure, a step of it, and the row of its rate file.
type Legal = (usize, usize, Option<usize>);

struct Sheet<'a> {
    explained: &'a Explained,
    scenario: &'a Scenario,
    terms: Option<&'a Terms<'a>>,
    /// The measures on it.
    known: BTreeSet<usize>,
    /// Sources of what is on the sheet.
    cited: Vec<usize>,
    rows: Vec<Row>,
    number: usize,
}

impl Sheet<'_> {
    fn words(&mut self, about: About, label: &str, answer: String, of_step: bool) {
        let answer = Answer::Words(answer);
        self.rows.push(Row::Question(Question { about, label: label.to_owned(), answer, of_step }));
    }

    fn number(&mut self, about: About, label: &str, working: Option<String>, result: String) {
        let of_step = matches!(
            about,
            About::Base | About::Taxed | About::Charge | About::Specific | About::Owed | About::Paid
        );
        let answer = Answer::Number { working, result };
        self.rows.push(Row::Question(Question { about, label: label.to_owned(), answer, of_step }));
    }

    /// What is known of the flow before anything is charged.
    fn given(&mut self) {
        let (flow, sheet) = (&self.explained.flows.rows[0], &self.explained.explanation.sheet);
        let title = format!("Worksheet of {}: what becomes of each measure, and what is owed?", flow.id);
        self.rows.push(Row::Title(title));
        let description = flow.description.as_ref().map(|d| format!(": {d}")).unwrap_or_default();
        let (origin, importer) = (flow.origin.value.name(), flow.importer.value.name());
        let goods =
            format!("{} from {origin} entering {importer} on {}{description}.", flow.product, flow.date);
        self.rows.push(Row::Words(goods));
        let variant = self.scenario.variant.as_ref().map(|v| format!("#{}", v.id)).unwrap_or_default();
        self.rows.push(Row::Words(format!("{}{variant}: {}", self.scenario.file, self.scenario.title)));
        self.rows.push(Row::Gap);
        let mut given = |words: &str, amount: String| {
            self.rows.push(Row::Given { words: words.to_owned(), amount });
        };
        let currency = &self.scenario.currency;
        given(valued(self.scenario, flow), format!("{currency} {}", money_exactly(sheet.customs_value)));
        for quantity in flow.quantities.iter().flatten() {
            given("Quantity", format!("{} {}", shown(quantity.amount), quantity.unit));
        }
        for (words, amount) in self.facts() {
            self.rows.push(Row::Given { words, amount });
        }
        let admitted = self.admitted();
        for (words, amount) in admitted {
            self.rows.push(Row::Given { words, amount });
        }
        if let Some(rule) = self.scenario.rounding.charge {
            let taxes = self.known.iter().any(|at| self.scenario.measures[*at].kind == MeasureType::Tax);
            let taxes = if taxes { "; a tax is on what they are before" } else { "" };
            let words = format!("Every charge is rounded {}{taxes}.", rounded(rule, currency));
            self.rows.push(Row::Words(words));
        }
    }

    /// Facts of the flow that the law asks for.
    fn facts(&self) -> Vec<(String, String)> {
        let (flow, columns) = (&self.explained.flows.rows[0], &self.explained.flows.columns);
        let mut asked: BTreeSet<String> = BTreeSet::new();
        let mut facts = Vec::new();
        for formula in self.scenario.formulas() {
            formula.expr.walk(&mut |part| {
                if let Node::Fact(fact) = &part.node {
                    asked.insert(match fact {
                        Fact::Party => "party".to_owned(),
                        Fact::Content(name) => format!("content.{name}"),
                        Fact::Attribute(name, _) => name.clone(),
                        _ => return,
                    });
                }
            });
        }
        let by_party = self.scenario.ledgers().any(|ledger| ledger.by == Some(Fact::Party));
        if let Some(party) = flow.party.as_ref().filter(|_| by_party || asked.contains("party")) {
            facts.push(("Party".to_owned(), party.clone()));
        }
        for (name, share) in columns.content.iter().zip(&flow.content) {
            let name = format!("content.{name}");
            if let Some(share) = share.filter(|_| asked.contains(&name)) {
                facts.push((name, percent_exactly(share)));
            }
        }
        for (name, text) in columns.attributes.iter().zip(&flow.attributes) {
            if let Some(text) = text.as_ref().filter(|_| asked.contains(name)) {
                facts.push((name.clone(), text.clone()));
            }
        }
        if let Some(claims) = &flow.claims {
            let claims = if claims.is_empty() { "nothing".to_owned() } else { claims.join(", ") };
            facts.push(("Claimed".to_owned(), claims));
        }
        let money = [("Freight", flow.freight), ("Insurance", flow.insurance)];
        for (name, amount) in money.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            facts.push((name.to_owned(), money_exactly(amount)));
        }
        if flow.entries != Decimal::ONE {
            facts.push(("Entries".to_owned(), shown(flow.entries)));
        }
        facts
    }

    /// What quotas admit of the flow: so their books say, which rest on other flows as well.
    fn admitted(&self) -> Vec<(String, String)> {
        let parts = self.explained.explanation.sheet.portions.iter().flat_map(|portion| &portion.quotas);
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut lines = Vec::new();
        for part in parts {
            let Some(quota) = self.scenario.quotas.get(part.quota).filter(|_| seen.insert(part.quota)) else {
                continue;
            };
            let all = self.explained.explanation.sheet.portions.iter().flat_map(|portion| &portion.quotas);
            let mut admitted = all.filter(|other| other.quota == part.quota && other.admitted);
            let amount = admitted.next().map_or(Decimal::ZERO, |part| part.amount);
            let words = format!("Admitted to quota {}, of {}", quota.ledger.id, shown(part.of));
            lines.push((words, format!("{} {}", shown(amount), part.unit)));
        }
        lines
    }

    /// A step a measure and credit, by portion where there are several.
    fn steps(&mut self) {
        let portions = &self.explained.explanation.portions;
        let several = portions.len() > 1;
        for (at, portion) in portions.iter().enumerate() {
            if several {
                self.portion(at, portion);
            }
            self.number = 0;
            let kind = |at: usize| self.scenario.measures[at].kind;
            let near: &[NearMiss] = if several { &[] } else { &self.explained.explanation.near_misses };
            let charges = portion.charges.iter().map(|charge| (charge.measure, Ok(charge)));
            let mut all: Vec<(usize, Result<&Charge, &NearMiss>)> =
                charges.chain(near.iter().map(|near| (near.measure, Err(near)))).collect();
            all.sort_by_key(|(measure, _)| *measure);
            // Credits pay duty before anything else is charged; of several portions they pay all at once.
            let (duties, levies): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|(measure, _)| several || kind(*measure).is_duty());
            for (_, one) in duties {
                self.step(one, portion);
            }
            if at + 1 == portions.len() {
                self.credits(several);
            }
            for (_, one) in levies {
                self.step(one, portion);
            }
        }
    }

    fn portion(&mut self, at: usize, sheet: &PortionSheet) {
        let quota = |part: &QuotaPart| {
            let id = self.scenario.quotas.get(part.quota).map_or("", |quota| quota.ledger.id.as_str());
            let place = if part.admitted { "in" } else { "over" };
            format!("{place} quota {id}")
        };
        let mut words: Vec<String> = sheet.portion.quotas.iter().map(quota).collect();
        match sheet.portion.claims.as_slice() {
            [] if words.is_empty() => words.push("which claims nothing".to_owned()),
            [] => {}
            claims => words.push(format!("which claims {}", claims.join(", "))),
        }
        let number = at + 1;
        let words = words.join(", ");
        if let Some(ratio) = ratio(sheet) {
            self.rows.push(Row::Part(format!("Portion {number}, {words}. As if it were all:")));
            let percent = percent_in_words(sheet.portion.weight);
            self.number(About::Portion, "Its part of the trade, 2 decimals", Some(ratio), percent);
        } else {
            let weight = percent_exactly(sheet.portion.weight);
            let heading = format!("Portion {number}: {weight} of the trade, {words}. As if it were all:");
            self.rows.push(Row::Part(heading));
        }
    }

    fn step(&mut self, one: Result<&Charge, &NearMiss>, portion: &PortionSheet) {
        match one {
            Ok(charge) => {
                let legal = (charge.measure, charge.step, charge.row);
                self.heading(legal, true);
                self.words(About::Fate, "What becomes of it?", fate(charge, self.scenario), true);
                if self.is_divided(legal) {
                    self.base(charge, portion);
                }
                let working = self.working(charge, portion);
                self.charge(legal, working, charge.amount);
            }
            Err(near) => {
                let flow = &self.explained.flows.rows[0];
                let measure = &self.scenario.measures[near.measure];
                let step = nearest_step(measure, flow);
                let legal = (near.measure, step, measure.steps.get(step).and_then(|step| row(step, flow)));
                self.heading(legal, false);
                let why: Vec<String> = near.misses.iter().map(|miss| miss.text(flow)).collect();
                let words = format!("does not apply: {}", why.join(" and "));
                self.words(About::Fate, "What becomes of it?", words, true);
                if self.is_divided(legal) {
                    self.number(About::Base, "Base", Some("nothing".to_owned()), "0".to_owned());
                }
                self.charge(legal, "nothing".to_owned(), Decimal::ZERO);
            }
        }
    }

    fn heading(&mut self, (measure, step, row): Legal, is_met: bool) {
        self.number += 1;
        let flow = &self.explained.flows.rows[0];
        let reader = Reader { scenario: self.scenario, flow, terms: self.terms, on_sheet: &self.known };
        let law = reader.measure(measure, step, row);
        let numbers = self.numbers(&self.scenario.sources_behind(measure, step));
        let of = &self.scenario.measures[measure];
        let title = of.steps.get(step).and_then(|step| step.title.as_ref()).or(of.title.as_ref()).cloned();
        self.rows.push(Row::Step(Step {
            number: self.number,
            name: of.id.clone(),
            kind: of.kind.name(),
            title,
            law: format!("{law} {numbers}").trim().to_owned(),
            counts: is_met && of.kind.is_duty(),
        }));
    }

    /// Whether the law leaves open what part of the value a measure charges: the base is asked for, whatever it is.
    fn is_divided(&self, legal: Legal) -> bool {
        let kind = self.scenario.measures[legal.0].kind;
        let charges = &self.explained.explanation.sheet.charges;
        let by_mfn = kind == MeasureType::Preference
            && charges.iter().any(|other| {
                let is_mfn = self.scenario.measures[other.measure].kind == MeasureType::Mfn;
                is_mfn && self.divides(other.measure, other.step)
            });
        let divided = kind == MeasureType::Tax || by_mfn || self.divides(legal.0, legal.1);
        divided && !self.is_specific(legal)
    }

    /// Whether the law knows a rate of a measure that is more than a part of the value.
    fn is_specific(&self, (measure, step, row): Legal) -> bool {
        let rate = self.scenario.measures[measure].steps.get(step).and_then(|step| step.rate.as_ref());
        let own = rate.and_then(|rate| match (rate, row) {
            (Rate::File(table), Some(row)) => table.row_type(row),
            _ => rate.formula().map(|formula| formula.expr.ty),
        });
        let quotas = self.scenario.quotas.iter().filter(|quota| quota.ledger.measures.contains(&measure));
        own.into_iter().chain(quotas.map(|quota| quota.in_quota_rate.expr.ty)).any(|ty| ty != Type::Number)
    }

    fn divides(&self, measure: usize, step: usize) -> bool {
        let step = self.scenario.measures[measure].steps.get(step);
        step.is_some_and(|step| {
            step.share.is_some() || step.yields_to.iter().any(|at| self.known.contains(at))
        })
    }

    fn base(&mut self, charge: &Charge, portion: &PortionSheet) {
        let sheet = &self.explained.explanation.sheet;
        let part = percent_exactly(charge.share);
        let (about, working) = if self.scenario.measures[charge.measure].kind == MeasureType::Tax {
            (About::Taxed, self.taxed(charge, portion))
        } else {
            (About::Base, format!("{part} x {}", money_exactly(sheet.customs_value)))
        };
        self.number(about, "Base", Some(working), money_exactly(charge.base));
    }

    /// What a tax is charged on, added up.
    fn taxed(&self, charge: &Charge, portion: &PortionSheet) -> String {
        let sheet = &self.explained.explanation.sheet;
        let is_taxed = |kind: MeasureType| kind.is_duty() || kind == MeasureType::Fee;
        let charged = portion.charges.iter().filter(|one| is_taxed(self.scenario.measures[one.measure].kind));
        let charged = charged.map(|one| one.amount);
        let mut parts: Vec<Decimal> =
            [sheet.customs_value, sheet.left_out].into_iter().chain(charged).collect();
        if !self.is_several() {
            parts.extend(sheet.credits.iter().map(|drawn| money::negative(drawn.amount)));
        }
        // Of several portions each has its part of what credits pay; and a tax is on charges before they are rounded.
        let rest = money::sub(self.whole(charge), money::sum(parts.iter().copied()).unwrap_or_default());
        parts.push(money::quantise(rest.unwrap_or_default()));
        parts.retain(|amount| !amount.is_zero());
        let text = added(parts, money_exactly);
        if charge.share == Decimal::ONE {
            text
        } else {
            format!("{} x ({text})", percent_exactly(charge.share))
        }
    }

    fn charge(&mut self, (measure, step, row): Legal, working: String, amount: Decimal) {
        let name = match self.scenario.measures[measure].kind {
            MeasureType::Fee => "Fee",
            MeasureType::Tax => "Tax",
            MeasureType::ExportDuty => "Export duty",
            MeasureType::Subsidy => "Subsidy",
            MeasureType::NonTariff => "Cost",
            _ => "Duty",
        };
        let rounded = if self.is_several() { "" } else { self.rounded() };
        let about = if self.is_specific((measure, step, row)) { About::Specific } else { About::Charge };
        self.number(about, &format!("{name}{rounded}"), Some(working), money_exactly(amount));
    }

    fn is_several(&self) -> bool {
        self.explained.explanation.portions.len() > 1
    }

    /// What is said of charges that a law rounds; those of portions are rounded when they are added up.
    fn rounded(&self) -> &'static str {
        if self.scenario.rounding.charge.is_some() { ", rounded" } else { "" }
    }

    /// The numbers that a charge comes of.
    fn working(&self, charge: &Charge, portion: &PortionSheet) -> String {
        if !matches!(charge.status, Status::Charged | Status::Zero) {
            return "nothing".to_owned();
        }
        let term = self.terms.and_then(|terms| terms.charged(charge, &portion.portion.claims));
        let topped = charge.notes.iter().find_map(|note| match &note.reason {
            Reason::TopsUp { from, to, by } => Some((*from, *to, *by)),
            Reason::Reached { already, rate } => Some((*already, *rate, Decimal::ZERO)),
            _ => None,
        });
        let base = money_exactly(charge.base);
        match (term, topped) {
            (_, Some(_)) if charge.amount.is_zero() => "nothing".to_owned(),
            (_, Some((from, to, by))) if is_exact(by, charge) && !charge.is_specific(self.scenario) => {
                format!("({} - {}) x {base}", percent_exactly(to), percent_exactly(from))
            }
            (Some(term), Some((from, ..))) => {
                let whole = self.whole(charge);
                let counted = money::mul(from, whole).map(money::quantise).unwrap_or_default();
                let left = format!("{} - {}", formula(&term, &money_exactly(whole)), money_exactly(counted));
                in_part(charge, left)
            }
            // Money by unit is not charged on a part of the value: the part is taken of the whole charge.
            (Some(term), None) if charge.is_specific(self.scenario) => {
                in_part(charge, self.signed(&term, charge, &money_exactly(self.whole(charge))))
            }
            (Some(term), None) => self.signed(&term, charge, &base),
            (None, _) => {
                let rate = charge.rate.map(percent_exactly);
                format!("{} x {base}", rate.unwrap_or_else(|| charge.rate_text(self.scenario).to_owned()))
            }
        }
    }

    /// What a charge would be on if it were on all of it.
    fn whole(&self, charge: &Charge) -> Decimal {
        match self.scenario.measures[charge.measure].kind {
            MeasureType::Tax => money::div(charge.base, charge.share).unwrap_or(charge.base),
            _ => self.explained.explanation.sheet.customs_value,
        }
    }

    /// A subsidy is below zero, with or without a minus in its rate.
    fn signed(&self, term: &Term, charge: &Charge, on: &str) -> String {
        let is_below = matches!(term, Term::Negate(_)) || formula(term, on).starts_with('-');
        if self.scenario.measures[charge.measure].kind == MeasureType::Subsidy && !is_below {
            format!("-{}", factor(term, on))
        } else {
            formula(term, on)
        }
    }

    /// What credits pay.
    fn credits(&mut self, of_all: bool) {
        let credits = &self.explained.explanation.sheet.credits;
        if of_all && !credits.is_empty() {
            self.rows.push(Row::Part("Credits, on all portions together:".to_owned()));
        }
        for drawn in credits {
            self.credit(drawn);
        }
    }

    fn credit(&mut self, drawn: &CreditDrawn) {
        let ledger = &self.scenario.credits[drawn.credit].ledger;
        let numbers = self.numbers(&ledger.sources.iter().copied().collect());
        let against: Vec<&str> =
            ledger.measures.iter().map(|at| self.scenario.measures[*at].id.as_str()).collect();
        let whose = drawn.party.as_ref().map(|party| format!(" for {party}")).unwrap_or_default();
        let left = money_exactly(drawn.left);
        let law = format!("pays {}; left in the pool{whose}: {left} {numbers}", against.join(", "));
        self.number += 1;
        self.rows.push(Row::Step(Step {
            number: self.number,
            name: ledger.id.clone(),
            kind: "credit",
            title: ledger.title.clone(),
            law: law.trim().to_owned(),
            counts: true,
        }));
        let liability = money_exactly(drawn.liability);
        let owed = self.owed(drawn, &ledger.measures);
        self.number(About::Owed, "Duty it can pay", owed, liability.clone());
        let working = format!("-min({left}, {liability})");
        let paid = money_exactly(money::negative(drawn.amount));
        self.number(About::Paid, "It pays the smaller", Some(working), paid);
    }

    /// The duties that a credit may pay, added up, less what credits before it have paid.
    fn owed(&self, drawn: &CreditDrawn, against: &[usize]) -> Option<String> {
        let sheet = &self.explained.explanation.sheet;
        let owed = sheet.charges.iter().filter(|charge| against.contains(&charge.measure));
        let owed: Vec<Decimal> =
            owed.map(|charge| charge.amount).filter(|amount| !amount.is_zero()).collect();
        let before = sheet.credits.iter().take_while(|other| *other != drawn);
        let paid = before.map(|other| money::negative(other.amount)).filter(|amount| !amount.is_zero());
        let less: Vec<Decimal> = owed.iter().copied().chain(paid).collect();
        let adds_up = |parts: &[Decimal]| money::sum(parts.iter().copied()) == Ok(drawn.liability);
        [owed, less].into_iter().find(|parts| adds_up(parts)).map(|parts| added(parts, money_exactly))
    }

    /// What it all comes to.
    fn sums(&mut self) {
        let sheet = &self.explained.explanation.sheet;
        self.rows.push(Row::Rule);
        if self.is_several() {
            for charge in &sheet.charges {
                let parts = self.parts(charge.measure);
                let id = format!("{}{}", self.scenario.measures[charge.measure].id, self.rounded());
                self.number(About::Sum, &id, Some(parts), money_exactly(charge.amount));
            }
        }
        let is_duty = |charge: &&Charge| self.scenario.measures[charge.measure].kind.is_duty();
        let duties = sheet.charges.iter().filter(is_duty).map(|charge| charge.amount);
        let paid = sheet.credits.iter().map(|drawn| money::negative(drawn.amount));
        let working = added(duties.chain(paid).filter(|amount| !amount.is_zero()), money_exactly);
        self.number(About::Duty, "Duty in all", Some(working), money_exactly(sheet.duty));
        if let Some(rate) = sheet.effective_rate() {
            let working = format!("{} / {}", money_exactly(sheet.duty), money_exactly(sheet.customs_value));
            let label = "Effective rate, 2 decimals";
            self.number(About::Rate, label, Some(working), percent_in_words(rate));
        }
        let levies = self.known.iter().any(|at| !self.scenario.measures[*at].kind.is_duty());
        if levies || !sheet.left_out.is_zero() {
            self.landed();
        }
        self.remarks();
    }

    /// What a measure charges in each portion, with the portion's weight.
    fn parts(&self, measure: usize) -> String {
        let portions = self.explained.explanation.portions.iter();
        let part = |sheet: &PortionSheet| {
            let charge = sheet.charges.iter().find(|c| c.measure == measure && !c.amount.is_zero())?;
            let weight = ratio(sheet).unwrap_or_else(|| percent_exactly(sheet.portion.weight));
            Some(format!("{weight} x {}", money_exactly(charge.amount)))
        };
        let parts: Vec<String> = portions.filter_map(part).collect();
        if parts.is_empty() { "nothing".to_owned() } else { parts.join(" + ") }
    }

    fn landed(&mut self) {
        let sheet = &self.explained.explanation.sheet;
        let is_levy = |charge: &&Charge| !self.scenario.measures[charge.measure].kind.is_duty();
        let levies = sheet.charges.iter().filter(is_levy).map(|charge| charge.amount);
        let parts = [sheet.customs_value, sheet.left_out, sheet.duty].into_iter().chain(levies);
        let working = added(parts.filter(|amount| !amount.is_zero()), money_exactly);
        self.number(About::Landed, "Landed cost", Some(working), money_exactly(sheet.landed_cost));
    }

    /// What has to be known of the law beside the steps.
    fn remarks(&mut self) {
        let sheet = &self.explained.explanation.sheet;
        let mut say = |words: &str| self.rows.push(Row::Words(words.to_owned()));
        if sheet.partly_covered {
            say("The code is too short to tell whether some measure covers all of these goods.");
        }
        if !sheet.base_stated {
            say("No measure states the base (MFN) duty of these goods: it is counted as nothing.");
        }
    }

    /// Sources by the numbers they have at the end of the sheet.
    fn numbers(&self, sources: &BTreeSet<usize>) -> String {
        let places = sources.iter().filter_map(|source| self.cited.iter().position(|cited| cited == source));
        let numbers: Vec<String> = places.map(|at| format!("[{}]", at + 1)).collect();
        numbers.concat()
    }

    fn citations(&mut self) {
        let sources = self.cited.iter().enumerate().filter_map(|(at, source)| {
            let source = self.scenario.sources.get(*source)?;
            Some(Cited { number: at + 1, title: source.title.clone(), url: None })
        });
        let sources: Vec<Cited> = sources.collect();
        if !sources.is_empty() {
            self.rows.push(Row::Citations(sources));
        }
    }
}

/// The step of a measure in force on the day of a flow, or that would be; the first before all of them.
fn nearest_step(measure: &Measure, flow: &Flow) -> usize {
    measure.steps.iter().rposition(|step| step.from.is_none_or(|day| day <= flow.date)).unwrap_or_default()
}

/// The row of a rate file for a flow.
fn row(step: &LegalStep, flow: &Flow) -> Option<usize> {
    let Some(Rate::File(table)) = &step.rate else { return None };
    table.find(Some(flow.product), Some(flow.origin.value), flow.date).map(|found| found.place)
}

/// What became of a measure, in words.
fn fate(charge: &Charge, scenario: &Scenario) -> String {
    match (charge.status, charge.reasons(scenario)) {
        (status, reasons) if reasons.is_empty() => status.words().to_owned(),
        (status @ Status::Zero, reasons) => format!("{}: {reasons}", status.words()),
        (_, reasons) => reasons,
    }
}

/// A portion's weight as the amounts that a quota admits; `None` where more than that divides the trade.
fn ratio(sheet: &PortionSheet) -> Option<String> {
    let [part] = sheet.portion.quotas.as_slice() else { return None };
    let weight = money::div(part.amount, part.of).ok()?;
    let is_exact = part.amount == exactly_shown(part.amount) && part.of == exactly_shown(part.of);
    (weight == sheet.portion.weight && is_exact)
        .then(|| format!("{} / {}", shown(part.amount), shown(part.of)))
}

/// A charge on all of the value, where only a part of it is charged.
fn in_part(charge: &Charge, text: String) -> String {
    if charge.share == Decimal::ONE { text } else { format!("{} x ({text})", percent_exactly(charge.share)) }
}

/// Whether a rate that is left for a charge is short enough to be worked with.
fn is_exact(by: Decimal, charge: &Charge) -> bool {
    money::mul(by, charge.base).map(money::quantise) == Ok(charge.amount)
}

fn exactly_shown(amount: Decimal) -> Decimal {
    RoundingMode::HalfUp.places(amount, 6)
}

/// A quantity or a count, to a millionth.
fn shown(amount: Decimal) -> String {
    let amount = exactly_shown(amount).normalize();
    grouped(amount, amount.scale())
}

fn rounded(rule: Rounding, currency: &str) -> String {
    let to = format!("{currency} {}", money_exactly(rule.to));
    match rule.mode {
        RoundingMode::HalfUp => format!("to {to}, a half up"),
        RoundingMode::HalfEven => format!("to {to}, a half to the even neighbour"),
        RoundingMode::Down => format!("down to {to}"),
        RoundingMode::Up => format!("up to {to}"),
    }
}
