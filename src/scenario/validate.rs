//! From the tree to a [`Scenario`]: everything that is wrong is said in one run.

use super::codes::Codes;
use super::constants;
use super::decode::{Reader, Report, Text, wrong_type};
use super::economics;
use super::formula::Formula;
use super::ledger::{Credit, Quota, credit, quota};
use super::measure::{Header, Index, Outer, measure};
use super::model::{
    Basis, Citation, CountryGroup, FlowSource, Measure, Named, ProductGroup, RoundingRules, Scenario, Series,
    Status, Take, Valuation, VariantName,
};
use super::parameter::{Form, Parameter, parameters};
use super::raw::{Node, Raw, Table};
use super::scope;
use super::table::{TableNames, Texts, check_descriptions};
use crate::country::Country;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, list, nearest};
use crate::expr::{Expr, Function, Group, Names, Node as ExprNode, Operator, Resolved, Value};
use crate::money::{self, Rounding, RoundingMode};
use crate::trade;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The names that expressions of a scenario may use.
pub struct Scope<'a> {
    /// Groups of products.
    pub products: &'a [ProductGroup],
    /// Groups of countries.
    pub countries: &'a [CountryGroup],
    /// Names of parameters, with what they turned out to be.
    pub parameters: &'a [(String, Option<Parameter>)],
    /// What one unit of a currency is worth in the scenario's.
    pub exchange: &'a BTreeMap<String, Decimal>,
}

impl Names for Scope<'_> {
    fn parameter(&self, name: &str) -> Option<Resolved> {
        let index = self.parameters.iter().position(|(n, _)| n == name)?;
        Some(match &self.parameters[index].1 {
            Some(parameter) => Resolved::Parameter(index, parameter.ty),
            None => Resolved::Broken,
        })
    }
    fn group(&self, name: &str, products: bool) -> Option<Group> {
        if products {
            return self.products.iter().position(|g| g.name == name).map(Group::Products);
        }
        let group = self.countries.iter().position(|g| g.name == name).map(Group::Countries);
        group.or_else(|| Country::from_code(name).map(Group::Country))
    }
    fn exchange(&self, currency: &str) -> Option<Decimal> {
        self.exchange.get(currency).copied()
    }
    fn known(&self, groups: Option<bool>) -> Vec<String> {
        match groups {
            None => self.parameters.iter().map(|(name, _)| name.clone()).collect(),
            Some(true) => self.products.iter().map(|g| g.name.clone()).collect(),
            Some(false) => self.countries.iter().map(|g| g.name.clone()).collect(),
        }
    }
}

/// What a scenario is read as, beside its tree.
pub struct Reading<'a> {
    /// The file, as the user named it.
    pub file: &'a str,
    /// Where it starts.
    pub span: Span,
    /// The variant laid over it.
    pub variant: Option<VariantName>,
}

/// The scenario a tree says, or everything that is wrong with it.
pub fn validate(
    table: &Table,
    reading: &Reading<'_>,
    sources: &Sources,
    texts: &Texts,
) -> (Option<Scenario>, Diagnostics) {
    let report = Report::with_texts(sources, texts);
    let scenario = read(table, reading, &report);
    let broken = report.has_errors();
    let mut diagnostics = report.into_diagnostics();
    let Some(scenario) = scenario.filter(|_| !broken) else { return (None, diagnostics) };
    constants::check(&scenario, &mut diagnostics);
    super::order::check(&scenario, &mut diagnostics);
    let good = !diagnostics.has_errors();
    (good.then_some(scenario), diagnostics)
}

fn read(table: &Table, reading: &Reading<'_>, report: &Report<'_>) -> Option<Scenario> {
    let reader = Reader::new(table, "the scenario", reading.span, report);
    let title = reader.required("title").map(|t| t.text.to_owned());
    let description = reader.string("description");
    let notice = reader.string("notice");
    let status = reader.choice("status", Status::NAMES);
    let verified = reader.date("verified");
    let verified_span = reader.node("verified").map_or(reading.span, |node| node.span);
    let citations = citations(&reader, report);
    let citation_ids: Vec<String> = citations.iter().map(|c| c.id.clone()).collect();
    let importer = importer(&reader, report);
    let (currency, exchange) = currencies(&reader, report);
    let valuation = valuation(&reader, report);
    let date = reader.date("date");
    let countries = scope::country_groups(reader.table("countries"), report);
    let files = reader.table("files").map(|(table, _)| table);
    let codes = super::codes::codes(reader.table("codes"), report);
    check_descriptions(files, &codes, &citation_ids, report);
    let nameless = Scope { products: &[], countries: &countries, parameters: &[], exchange: &exchange };
    let described = TableNames { names: &nameless, countries: &countries, codes: &codes, files };
    let products = scope::product_groups(reader.table("products"), &described, report);
    let series = series(&reader, report);
    let outer = Scope { products: &products, countries: &countries, parameters: &[], exchange: &exchange };
    let empty = Table::default();
    let parameter_table = reader.table("parameters").map_or(&empty, |(table, _)| table);
    let read = parameters(parameter_table, &outer, &described, &citation_ids, report);
    let named: Vec<(String, Option<Parameter>)> =
        parameter_table.entries.iter().map(|(key, _)| key.name.clone()).zip(read).collect();
    let scope = Scope { parameters: &named, ..outer };
    let rounding = rounding(&reader, &scope, report);
    let (headers, disabled) = headers(&reader, report);
    let index = Index::new(&headers.measures, disabled, report);
    headers.quotas.iter().chain(&headers.credits).for_each(|header| index.check_id(&header.id, report));
    let outer = Outer {
        scope: &scope,
        data: &TableNames { names: &scope, countries: &countries, codes: &codes, files },
        index: &index,
        series: &series,
        citations: &citation_ids,
        importer: importer.as_ref().map(|i| i.value),
    };
    let read = headers.measures.iter().enumerate();
    let measures: Vec<Option<Measure>> =
        read.map(|(place, header)| measure(header, place, &outer, report)).collect();
    let quotas: Vec<Option<Quota>> = headers.quotas.iter().map(|h| quota(h, &outer, report)).collect();
    let credits: Vec<Option<Credit>> = headers.credits.iter().map(|h| credit(h, &outer, report)).collect();
    let steps = measures.iter().flatten().flat_map(|m| &m.steps);
    let rates = steps.filter_map(|step| step.rate.as_ref()?.formula());
    for rate in rates.chain(quotas.iter().flatten().map(|quota| &quota.in_quota_rate)) {
        bare_parameters(&rate.expr, &named, report);
    }
    let variants = variants(&reader, report);
    let flows = flows(&reader, files, &citation_ids, &codes, report);
    let markets = economics::markets(reader.table("economics"), &scope, &citation_ids, report);
    let chains = economics::chains(&reader, &outer, report);
    reader.finish();
    let (flows, flow_sources) = flows?;
    Some(Scenario {
        file: reading.file.to_owned(),
        span: reading.span,
        variant: reading.variant.clone(),
        title: title?,
        description,
        notice,
        status,
        verified,
        verified_span,
        groups_named: report.groups_named(),
        sources: citations,
        importer,
        currency,
        exchange: exchange.clone(),
        valuation,
        date,
        rounding,
        parameters: named.into_iter().map(|(_, parameter)| parameter).collect::<Option<_>>()?,
        products,
        countries,
        series,
        measures: measures.into_iter().collect::<Option<_>>()?,
        quotas: quotas.into_iter().collect::<Option<_>>()?,
        credits: credits.into_iter().collect::<Option<_>>()?,
        markets: markets?,
        chains: chains?,
        variants,
        flows,
        flow_sources,
    })
}

fn citations(reader: &Reader<'_>, report: &Report<'_>) -> Vec<Citation> {
    let Some((table, _)) = reader.table("sources") else { return Vec::new() };
    let mut citations = Vec::with_capacity(table.entries.len());
    for (key, node) in &table.entries {
        let Raw::Table(inner) = &node.value else {
            report.push(wrong_type(node, &key.name, "a table with `title` and `url`"));
            continue;
        };
        let source = Reader::new(inner, format!("the source `{}`", key.name), key.span, report);
        let title = source.required("title").map(|t| t.text.to_owned());
        let url = source.string("url");
        source.finish();
        // A source without a title is a source all the same, so that nothing else is said of its name.
        citations.push(Citation { id: key.name.clone(), title: title.unwrap_or_default(), url });
    }
    citations
}

fn importer(reader: &Reader<'_>, report: &Report<'_>) -> Option<Named<Country>> {
    let text = reader.text("importer")?;
    let value = scope::country(&text, &[], report)?;
    Some(Named { text: text.text.to_owned(), value })
}

/// The scenario's currency and what others are worth in it. Without one, amounts are US dollars.
fn currencies(reader: &Reader<'_>, report: &Report<'_>) -> (String, BTreeMap<String, Decimal>) {
    let known = |code: &str| iso_currency::Currency::from_code(code).is_some();
    let unknown = |code: &str, span: Span| {
        Diagnostic::at(Code::UnknownCurrency, span, format!("`{code}` is not a currency"))
            .help("write an ISO 4217 code such as USD, EUR or JPY")
    };
    let currency = match reader.text("currency") {
        Some(text) if known(text.text) => text.text.to_owned(),
        Some(text) => {
            report.push(unknown(text.text, text.span));
            "USD".to_owned()
        }
        None => "USD".to_owned(),
    };
    let mut exchange = BTreeMap::from([(currency.clone(), Decimal::ONE)]);
    if let Some((table, _)) = reader.table("exchange") {
        for (key, node) in &table.entries {
            if !known(&key.name) {
                report.push(unknown(&key.name, key.span));
                continue;
            }
            let worth = number(node, &key.name, report);
            if worth.is_none() {
                // So that nothing is said of the amounts in it.
                exchange.insert(key.name.clone(), Decimal::ONE);
            }
            if let Some(worth) = worth {
                if worth <= Decimal::ZERO {
                    let message = format!("one {} must be worth more than nothing", key.name);
                    report.push(Diagnostic::at(Code::BadNumber, node.span, message));
                } else if key.name == currency && worth != Decimal::ONE {
                    let message = format!("`{currency}` is the scenario's own currency and is worth 1");
                    report.push(Diagnostic::at(Code::BadNumber, node.span, message));
                } else {
                    exchange.insert(key.name.clone(), worth);
                }
            }
        }
    }
    (currency, exchange)
}

/// A number, written bare or as a text.
fn number(node: &Node, key: &str, report: &Report<'_>) -> Option<Decimal> {
    let (Raw::Text(text, _) | Raw::Number(text)) = &node.value else {
        report.push(wrong_type(node, key, "a number"));
        return None;
    };
    let number = money::parse_number(text);
    if let Err(error) = number {
        let what = match error {
            money::NumberError::Malformed => "is not a number",
            money::NumberError::TooLong => "has more digits than can be kept exactly",
        };
        report.push(
            Diagnostic::at(Code::BadNumber, node.span, format!("`{text}` {what}"))
                .help("write it like 1_250_000 or 0.15"),
        );
    }
    number.ok()
}

fn valuation(reader: &Reader<'_>, report: &Report<'_>) -> Valuation {
    let basis = |node: &Node, key: &str| {
        let text = super::decode::text(node, key, report)?;
        super::decode::choice(text, key, Basis::NAMES, report)
    };
    let mut valuation = Valuation::default();
    let Some(node) = reader.node("valuation") else { return valuation };
    let Raw::Table(table) = &node.value else {
        valuation.default = basis(node, "valuation").unwrap_or_default();
        return valuation;
    };
    for (key, node) in &table.entries {
        let name = Text { text: &key.name, span: key.span, content: Some(key.span.start) };
        if let (Some(country), Some(basis)) = (scope::country(&name, &[], report), basis(node, &key.name)) {
            valuation.by_importer.push((country, basis));
        }
    }
    valuation
}

fn rounding(reader: &Reader<'_>, names: &dyn Names, report: &Report<'_>) -> RoundingRules {
    let Some((table, span)) = reader.table("rounding") else { return RoundingRules::default() };
    let rules = Reader::new(table, "`rounding`", span, report);
    let rule = |key: &'static str| {
        let (table, span) = rules.table(key)?;
        let rule = Reader::new(table, format!("the rounding of `{key}`"), span, report);
        let mode = rule.choice("mode", RoundingMode::NAMES);
        let to = rule.required("to").and_then(|_| rule.node("to"));
        if !rule.has("mode") {
            rule.missing("mode");
        }
        rule.finish();
        let wanted = crate::expr::Wanted::Type(crate::expr::Type::Money);
        let formula = super::formula::formula(to?, "to", wanted, names, report)?;
        match formula.expr.as_literal().and_then(Value::amount) {
            Some(to) if to > Decimal::ZERO => Some(Rounding { to, mode: mode? }),
            _ => {
                report.push(
                    formula
                        .diagnostic(Code::BadNumber, "rounding is to a fixed amount above zero")
                        .help("write \"0.01 USD\""),
                );
                None
            }
        }
    };
    let rounding = RoundingRules { value: rule("value"), charge: rule("charge") };
    rules.finish();
    rounding
}

fn series(reader: &Reader<'_>, report: &Report<'_>) -> Vec<Series> {
    let Some((table, _)) = reader.table("series") else { return Vec::new() };
    let mut series = Vec::with_capacity(table.entries.len());
    for (key, node) in &table.entries {
        let Raw::Table(inner) = &node.value else {
            report.push(wrong_type(node, &key.name, "a table with `take`"));
            continue;
        };
        let one = Reader::new(inner, format!("the series `{}`", key.name), key.span, report);
        let take = one.choice("take", Take::NAMES);
        if !one.has("take") {
            one.missing("take");
        }
        one.finish();
        series.extend(take.map(|take| Series { name: key.name.clone(), take }));
    }
    series
}

/// What has an id and is not disabled.
struct Headers<'a> {
    measures: Vec<Header<'a>>,
    quotas: Vec<Header<'a>>,
    credits: Vec<Header<'a>>,
}

/// What has an id and is not disabled, and the ids and programmes that are.
fn headers<'a>(reader: &Reader<'a>, report: &'a Report<'a>) -> (Headers<'a>, Vec<String>) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    let mut listed = |list: &'static str| {
        let mut headers: Vec<Header<'a>> = Vec::new();
        for (table, span) in reader.tables(list) {
            let id = Reader::new(table, format!("the {list}"), span, report);
            let Some(id) = id.required("id") else { continue };
            if let Some(first) = seen.get(id.text) {
                report.push(
                    Diagnostic::new(Code::RepeatedId, format!("the id `{}` is used twice", id.text))
                        .label(id.span, "again here")
                        .label(*first, "first here"),
                );
            } else {
                seen.insert(id.text, id.span);
                headers.push(Header { table, span, id });
            }
        }
        headers
    };
    let (mut all, mut quotas, mut credits) = (listed("measure"), listed("quota"), listed("credit"));
    let disabled = reader.texts("disable").unwrap_or_default();
    let mut names: BTreeSet<&str> = all.iter().chain(&quotas).chain(&credits).map(|h| h.id.text).collect();
    names.extend(all.iter().filter_map(|h| h.table.text("programme")));
    for text in &disabled {
        if !names.contains(text.text) {
            report.push(unknown_measure(text, &names));
        }
    }
    let is_disabled = |header: &Header<'_>| {
        disabled.iter().any(|d| d.text == header.id.text || header.table.text("programme") == Some(d.text))
    };
    let mut off: BTreeSet<String> = disabled.iter().map(|d| d.text.to_owned()).collect();
    for header in all.iter().filter(|h| is_disabled(h)) {
        off.insert(header.id.text.to_owned());
        off.extend(["series", "type"].iter().filter_map(|key| header.table.text(key)).map(str::to_owned));
    }
    for headers in [&mut all, &mut quotas, &mut credits] {
        headers.retain(|header| !is_disabled(header));
    }
    (Headers { measures: all, quotas, credits }, off.into_iter().collect())
}

fn unknown_measure(text: &Text<'_>, names: &BTreeSet<&str>) -> Diagnostic {
    let message = format!("there is no measure, quota or credit `{}`", text.text);
    let known: Vec<&str> = names.iter().copied().collect();
    let diagnostic = Diagnostic::at(Code::UnknownMeasure, text.span, message);
    match nearest(text.text, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("ids and programmes are {}", list(&known))),
    }
}

fn variants(reader: &Reader<'_>, report: &Report<'_>) -> Vec<VariantName> {
    let mut names: Vec<VariantName> = Vec::new();
    for (table, span) in reader.tables("variant") {
        let variant = Reader::new(table, "the variant", span, report);
        let id = variant.required("id");
        let title = variant.string("title");
        variant.table("parameters");
        for list in ["measure", "quota", "credit", "chain"] {
            variant.tables(list);
        }
        variant.table("files");
        variant.table("economics");
        for key in ["date", "status", "notice", "disable", "enable"] {
            variant.node(key);
        }
        variant.finish();
        let Some(id) = id else { continue };
        if names.iter().any(|n| n.id == id.text) {
            report.push(Diagnostic::at(
                Code::RepeatedId,
                id.span,
                format!("the variant `{}` is given twice", id.text),
            ));
        }
        names.push(VariantName { id: id.text.to_owned(), title });
    }
    names
}

/// Where trade flows come from, and the citations they point at.
fn flows(
    reader: &Reader<'_>,
    files: Option<&Table>,
    citations: &[String],
    codes: &[Arc<Codes>],
    report: &Report<'_>,
) -> Option<(Vec<FlowSource>, Vec<usize>)> {
    let mut sources = Vec::new();
    let mut cited = BTreeSet::new();
    let inline = reader.tables("flow");
    if let Some(node) = reader.node("flows") {
        let items = match &node.value {
            Raw::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        for item in items {
            let (file, places) = trade::flow_file(item, files, citations, codes, report)?;
            cited.extend(places);
            sources.push(FlowSource::File(file));
        }
    }
    for (table, span) in &inline {
        cited.extend(super::sources_of(&Reader::new(table, "the flow", *span, report), citations, report));
    }
    if !inline.is_empty() {
        sources.push(FlowSource::Inline(inline.into_iter().map(|(t, s)| (t.clone(), s)).collect()));
    }
    Some((sources, cited.into_iter().collect()))
}

/// A parameter that is a bare number above one may mean a percentage or a multiple, just as a bare rate may: where it
/// stands as a rate it is refused.
fn bare_parameters(expr: &Expr, parameters: &[(String, Option<Parameter>)], report: &Report<'_>) {
    match &expr.node {
        ExprNode::Parameter(index) => {
            let parameter = parameters.get(*index).and_then(|(_, p)| p.as_ref());
            if let Some(Form::File(table)) = parameter.map(|p| &p.form) {
                let above = |(value, text, span): (&Value, &str, Span)| {
                    let bare = matches!(value, Value::Number(n) if *n > Decimal::ONE)
                        && money::parse_number(text).is_ok();
                    bare.then(|| (text.to_owned(), span))
                };
                if let (false, Some((text, span))) = (table.says_unit(), table.values().find_map(above)) {
                    let message = format!("the rate `{text}` has no unit");
                    report.push(
                        Diagnostic::at(Code::RateWithoutUnit, span, message)
                            .help("say what bare numbers of the file are: as = \"percent\""),
                    );
                }
            }
            for formula in parameter.map(Parameter::formulas).unwrap_or_default() {
                bare_parameters(&formula.expr, parameters, report);
                if bare_above_one(formula) {
                    let message = format!("the rate `{}` has no unit", formula.text);
                    let help = format!(
                        "write \"{}%\" (a part of the customs value) or an amount by unit",
                        formula.text
                    );
                    report.push(formula.diagnostic(Code::RateWithoutUnit, message).help(help));
                }
            }
        }
        ExprNode::Negate(inner) => bare_parameters(inner, parameters, report),
        ExprNode::Binary(Operator::Add | Operator::Subtract, left, right) => {
            bare_parameters(left, parameters, report);
            bare_parameters(right, parameters, report);
        }
        ExprNode::Call(function, arguments) => {
            let conditions = usize::from(*function == Function::If);
            arguments.iter().skip(conditions).for_each(|a| bare_parameters(a, parameters, report));
        }
        _ => {}
    }
}

/// Whether a formula is a number alone, above one even after it took on a unit.
fn bare_above_one(formula: &Formula) -> bool {
    let above = matches!(formula.expr.as_literal(), Some(Value::Number(n)) if *n > Decimal::ONE);
    above && money::parse_number(&formula.text).is_ok()
}
