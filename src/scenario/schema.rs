//! The language as a JSON Schema, for editors: every key with what it means, what may stand there, and what it is
//! without.
//!
//! Draft 7, which the language servers of TOML validate against. They show a description only where it stands itself,
//! not behind a reference, and point at a whole value where one of several schemas should fit: so tables are spelled
//! out, and what fits is told apart by type rather than by `anyOf` wherever that is possible.

use super::economics::{PRESETS, Rent, Shape};
use super::ledger::{Allocation, CARRY_ALL, Period};
use super::measure::{COVERS, OTHER_TYPES};
use super::model::{Basis, MeasureType, Status, Take};
use super::parameter::INTERPOLATE;
use super::staging::MOST_STAGES;
use super::table::Overlap;
use crate::money::RoundingMode;
use crate::trade::{COLUMNS, Column, PERIODS, SPREAD, THOUSANDS};
use serde_json::{Map, Value, json};

/// A key of a table and what may stand there.
type Key = (&'static str, Value);

/// Names of parameters and groups.
const NAME: &str = "^[A-Za-z_][A-Za-z0-9_]*$";
/// Ids: small letters, digits and dashes.
const ID: &str = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$";
/// One country, by its code.
const COUNTRY: &str = "^[A-Z]{2,3}$";
/// A currency, by its code.
const CURRENCY: &str = "^[A-Z]{3}$";
/// HS codes, ranges of them, and names of groups.
const GOODS: &str = "^([0-9][0-9. ]*(-[0-9. ]+)?|[A-Za-z_][A-Za-z0-9_]*)$";
/// A day of the year.
const DAY: &str = "^[0-9]{1,2}-[0-9]{1,2}$";
/// Anything.
const ANY: &str = "";

/// The schema of a scenario file.
pub fn schema() -> Value {
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A tariffsim scenario",
        "description": "Tariffs as measures over named parameters, and the trade flows they are tried on.",
    });
    add(&mut schema, keys(top()));
    // A scenario that is laid over others need not say again what they say.
    schema["anyOf"] = json!([{ "required": ["title"] }, { "required": ["extends"] }]);
    schema["definitions"] = json!({
        "measure": keys(measure()).requiring(&["id"]),
        "rate_step": keys(rate_step()).requiring(&["from", "rate"]),
        "quota": keys(quota()).requiring(&["id"]),
        "credit": keys(credit()).requiring(&["id"]),
        "parameter": parameter(),
        "flow": keys(flow()).requiring(&["product", "origin", "value"]),
        "chain": keys(chain()).requiring(&["id"]),
    });
    schema
}

fn top() -> Vec<Key> {
    vec![
        ("title", text("What the scenario is called. Required, unless it extends another.")),
        ("description", text("What it is about, for readers of the file.")),
        ("notice", text("What to look for in the result; printed below it.")),
        ("status", choice(Status::NAMES, "How real it is.")),
        ("verified", date("The day someone last read the sources.")),
        ("sources", table_of(ANY, sources(), "Citations by their id, for `source` keys to name.")),
        ("importer", country("The country that imports, for measures and flows that do not say.")),
        (
            "currency",
            matching(CURRENCY, "ISO 4217 code of every amount not written otherwise. Default: USD."),
        ),
        (
            "exchange",
            table_of(
                CURRENCY,
                json!({ "type": ["string", "number"] }),
                "What one unit of another currency is worth in the scenario's: EUR = \"1.08\".",
            ),
        ),
        ("valuation", valuation()),
        ("date", date("The entry date of flows that carry none.")),
        ("rounding", keys(rounding()).described("Rounding that a law prescribes. Default: none.")),
        ("parameters", parameters("Named values that rates, shares, conditions and volumes rest on.")),
        (
            "files",
            table_of(NAME, described_file(), "Files of rates, values, goods or flows, described once."),
        ),
        (
            "products",
            table_of(
                NAME,
                goods("HS codes, ranges and other groups; or a file that lists them."),
                "Named groups of goods.",
            ),
        ),
        (
            "countries",
            table_of(NAME, texts(NAME, "ISO 3166 codes and other groups."), "Named groups of countries."),
        ),
        (
            "codes",
            table_of(
                NAME,
                keys(codes()),
                "What others call countries, for columns that do not write ISO codes.",
            ),
        ),
        ("series", table_of(ANY, series(), "Measures of one series are alternatives.")),
        ("measure", list("measure", "What is charged, on which goods, when, on which share of the value.")),
        ("quota", list("quota", "Trade that is let in at a rate of its own, up to a volume.")),
        ("credit", list("credit", "Pools of money that pay duty as it falls due.")),
        ("flows", flows()),
        ("flow", list("flow", "A trade flow written in the scenario.")),
        (
            "economics",
            economics("How demand and supply answer to prices, for `impact`; `run` takes no notice of it."),
        ),
        ("chain", list("chain", "What goes into goods, for the protection of those who make them.")),
        ("disable", texts(ANY, "Ids and programmes of measures, ids of quotas and credits, to leave out.")),
        (
            "variant",
            json!({
                "description": "A named change to this file; FILE#ID runs it.",
                "type": "array",
                "items": keys(variant()).requiring(&["id"]),
            }),
        ),
        (
            "extends",
            texts(ANY, "Scenario files to lay this one over, relative to it; the first at the bottom."),
        ),
    ]
}

fn sources() -> Value {
    keys(vec![("title", text("What it is called. Required.")), ("url", text("Where it is."))])
        .requiring(&["title"])
}

fn valuation() -> Value {
    let by_importer = table_of(COUNTRY, json!({ "enum": names(Basis::NAMES) }), "");
    choice_or_table(
        Basis::NAMES,
        by_importer,
        "What customs value holds: the goods alone (fob), or freight and insurance too (cif); or by importer: \
         { JP = \"cif\" }. Default: fob.",
    )
}

fn rounding() -> Vec<Key> {
    let rule = |what: &str| {
        keys(vec![
            ("to", text("A multiple of this amount: \"0.01 USD\".")),
            (
                "mode",
                choice(
                    RoundingMode::NAMES,
                    "Where a half goes, or everything: half-up is away from zero, down towards it.",
                ),
            ),
        ])
        .requiring(&["to", "mode"])
        .described(what)
    };
    vec![
        ("value", rule("Of each flow's customs value, before anything is charged.")),
        ("charge", rule("Of each charge on a flow.")),
    ]
}

fn codes() -> Vec<Key> {
    vec![
        ("file", text("The path of a CSV file, relative to the scenario.")),
        ("code", text("The column of the codes.")),
        ("country", text("The column of the countries they stand for, as ISO 3166 codes.")),
        ("delimiter", delimiter()),
        (
            "list",
            table_of(
                ANY,
                country(""),
                "Codes and the countries they stand for: { \"699\" = \"IN\" }; counts for more than the file.",
            ),
        ),
    ]
}

fn series() -> Value {
    keys(vec![("take", choice(Take::NAMES, "Which measure counts, by its charge on the flow. Required."))])
        .requiring(&["take"])
}

fn variant() -> Vec<Key> {
    vec![
        ("id", text("Its name behind `#` on the command line. Required.")),
        ("title", text("What it is called.")),
        ("status", choice(Status::NAMES, "In place of the file's.")),
        ("notice", text("In place of the file's.")),
        ("date", date("In place of the file's: the entry date of flows that carry none.")),
        ("parameters", parameters("New values, for all dates, or whole new forms. The bounds still hold.")),
        ("files", table_of(NAME, described(false), "Descriptions to change, key by key; or to add.")),
        ("disable", texts(ANY, "Ids and programmes to leave out as well.")),
        ("enable", texts(ANY, "Ids and programmes to take out of `disable`.")),
        ("measure", list("measure", "Measures to change, key by key, by their id; or to add.")),
        ("quota", list("quota", "Quotas to change, key by key, by their id; or to add.")),
        ("credit", list("credit", "Credits to change, key by key, by their id; or to add.")),
        ("economics", economics("Keys and groups of [economics] to lay over those of the file.")),
        ("chain", list("chain", "Chains to change, key by key, by their id; or to add.")),
    ]
}

// ---------------------------------------------------------------- what a model is told

/// `[economics]`: keys of one market, and tables of others by their group.
fn economics(what: &str) -> Value {
    let mut economics = keys(market()).described(what);
    economics["additionalProperties"] = keys(market()).described(
        "A market of its own: the goods of this group. What it does not say of elasticities holds as above.",
    );
    economics
}

fn market() -> Vec<Key> {
    let presets: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    vec![
        (
            "form",
            choice(
                Shape::NAMES,
                "Straight lines, or one elasticity at every price. Default: linear, and printed.",
            ),
        ),
        (
            "demand_elasticity",
            expression(
                "By how many per cent what is bought changes where the price rises by one: \"-1.5\". Required.",
            ),
        ),
        (
            "domestic_supply_elasticity",
            expression("The same of what is made at home: \"0.8\". Required where anything is made at home."),
        ),
        (
            "export_supply_elasticity",
            expression(
                "The same of what is sold from abroad; \"infinite\" for a world price that stands still. Default: that, and printed.",
            ),
        ),
        (
            "pass_through",
            expression(&format!(
                "Instead of it: the part of a small duty that shows in the price to buyers, \"95%\", or as found by a study: {}.",
                presets.join(", ")
            )),
        ),
        (
            "substitution_elasticity",
            expression(
                "How readily buyers go from one origin to another: \"3\". Required where the duty changes unlike by origin.",
            ),
        ),
        (
            "retail_pass_through",
            expression(
                "The part of what importers bear that shows in retail prices. Default: 100%, and printed.",
            ),
        ),
        ("quota_rent", choice(Rent::NAMES, "Who gets the rent of a quota. Default: importers, and printed.")),
        (
            "world_price",
            text("The price in the flows' values, before duty: \"10 USD/t\". Default: amounts are in money."),
        ),
        (
            "consumption",
            text(
                "What is bought before, a quantity or money at world prices. Default: imports and domestic output.",
            ),
        ),
        (
            "domestic_output",
            text(
                "What is made at home before, a quantity or money at world prices. Default: what is bought less imports.",
            ),
        ),
        ("source", texts(ANY, "An id of [sources], or a list of them.")),
    ]
}

fn chain() -> Vec<Key> {
    let goods = |what: &str| texts(GOODS, what);
    let input = keys(vec![
        ("products", goods("The goods that go in: HS codes, ranges, names of [products]. Required.")),
        (
            "share",
            expression("Their part of the value of the output, both at world prices: \"40%\". Required."),
        ),
    ])
    .requiring(&["products", "share"]);
    with_unset(vec![
        ("id", id()),
        ("title", text("What it is called.")),
        ("output", goods("The goods made: HS codes, ranges, names of [products]. Required.")),
        (
            "inputs",
            json!({ "description": "What goes into them. Required.", "type": "array", "items": input }),
        ),
        (
            "offset",
            expression(
                "What makers get off the duty on their inputs, as a part of the value of the output. Default: nothing.",
            ),
        ),
        ("source", texts(ANY, "An id of [sources], or a list of them.")),
    ])
}

// ---------------------------------------------------------------- measures

fn measure() -> Vec<Key> {
    let mut keys = vec![
        ("id", id()),
        (
            "type",
            choice(MeasureType::NAMES, "What kind of charge it is. Default: additional, a duty on top."),
        ),
        ("rate", rate()),
        (
            "programme",
            text("A name it shares with other measures, for `yields_to`, `disable` and --by programme."),
        ),
        ("series", text("The set of alternatives it belongs to, an id of [series].")),
        ("claim", text("The name under which a preference or exemption is claimed. Default: its id.")),
        ("utilisation", expression("The part of eligible trade that claims it, from 0 to 1. Default: 1.")),
    ];
    keys.extend(scope());
    keys.extend(precedence(""));
    with_unset(keys)
}

/// What measures, quotas and credits are called, and which trade they are for.
fn scope() -> Vec<Key> {
    vec![
        ("title", text("What it is called.")),
        ("note", text("A remark.")),
        ("source", texts(ANY, "An id of [sources], or a list of them.")),
        ("importer", country("The country that imports. Default: the scenario's.")),
        (
            "products",
            goods("Its goods: HS codes, ranges, names of [products]; or a file. Default: everything."),
        ),
        ("except_products", goods("Goods it is not for. Default: none.")),
        (
            "origins",
            origins(
                "Where goods are from: ISO 3166 codes, names of [countries]. Default: every origin but \
                 the importer.",
            ),
        ),
        ("except_origins", origins("Origins it is not for. Default: none.")),
        ("from", date("The first day it holds. Default: always.")),
        ("until", date("The first day it no longer holds. Default: always.")),
    ]
}

/// What a measure says for all its steps and a step may say for itself.
fn precedence(default: &str) -> Vec<Key> {
    let with = |text: &str, own: &str| {
        if default.is_empty() { format!("{text} Default: {own}.") } else { format!("{text} {default}") }
    };
    vec![
        (
            "share",
            expression(&with(
                "The part of the customs value it charges, from 0 to 1: \"content.steel\".",
                "1",
            )),
        ),
        (
            "covers",
            choice(
                COVERS,
                &with(
                    "What it takes from measures that yield to it: its share of the value, or the whole \
                     article.",
                    "share",
                ),
            ),
        ),
        ("when", condition(&with("A condition that must hold: \"value > 800 USD\".", "true"))),
        (
            "yields_to",
            texts(ANY, &with("Measures it gives way to, by id, programme, type or series.", "none")),
        ),
        (
            "inclusive_of",
            texts(
                ANY,
                &with(
                    "Whose duty counts towards its rate, which is then a level to top up to: ids, types, \
                     or `base`.",
                    "none",
                ),
            ),
        ),
    ]
}

fn rate_step() -> Vec<Key> {
    let mut keys = vec![
        ("from", date("The first day on which it holds. Required.")),
        (
            "rate",
            either(
                &["string", "object"],
                "What it charges from that day on, an expression such as \"25%\"; or a file. Required.",
                file_with_default(),
            ),
        ),
        ("title", text("What it is called.")),
        ("source", texts(ANY, "An id of [sources], or a list of them.")),
    ];
    keys.extend(precedence("Default: what the measure says."));
    keys
}

/// A text, steps, staging or a file; the last two are tables, told apart by `file`.
fn rate() -> Value {
    let (file, staging) = (file_with_default(), staging());
    let none_of = |keys: &[Key]| -> Map<String, Value> {
        keys.iter().map(|(name, _)| ((*name).to_owned(), Value::Bool(false))).collect()
    };
    let (of_file, of_staging) = (none_of(&file), none_of(&staging));
    let mut rate = either(
        &["string", "array", "object"],
        "What it charges: an expression (\"25%\", \"30 USD/t + 5%\", \"free\"), a list of dated steps, \
         staging in equal cuts, or a file with a row for each tariff line. Required, but for an \
         exemption.",
        file.into_iter().chain(staging).collect(),
    );
    rate["items"] = json!({ "$ref": "#/definitions/rate_step" });
    rate["if"] = json!({ "type": "object" });
    rate["then"] = json!({
        "if": { "required": ["file"] },
        "then": { "properties": of_staging },
        "else": { "required": ["base", "final", "stages", "first"], "properties": of_file },
    });
    rate
}

fn staging() -> Vec<Key> {
    let round = keys(vec![
        ("places", whole(0, Some(10), "Decimal places of the number as written.")),
        ("mode", choice(RoundingMode::NAMES, "Where a half goes, or everything.")),
    ])
    .requiring(&["places", "mode"]);
    vec![
        ("base", text("Staging: the rate before the first cut, \"10%\".")),
        ("final", text("Staging: the rate after the last cut, \"0%\".")),
        ("stages", whole(1, Some(MOST_STAGES), "Staging: how many equal cuts, at most 200.")),
        ("first", date("Staging: the day of the first cut; not in force before.")),
        (
            "every",
            matching(
                DAY,
                "Staging: the day of the year, month and day, on which the others fall: \"04-01\".",
            ),
        ),
        (
            "round",
            round.described("Staging: how the agreement rounds each rate it prints. Default: not at all."),
        ),
    ]
}

// ---------------------------------------------------------------- quotas and credits

fn quota() -> Vec<Key> {
    let mut keys = vec![
        ("id", id()),
        ("measures", listed("Measures whose rate changes, by id, programme, type or series. Required.")),
        ("in_quota_rate", text("What they charge on what is admitted: \"free\". Required.")),
        ("volume", text("What is admitted in a period, a quantity or money: \"312_500 t\". Required.")),
        (
            "allocation",
            choice(
                Allocation::NAMES,
                "Who is admitted on a day when there is not enough for all. Default: first-come, in the \
                 order of the file.",
            ),
        ),
    ];
    keys.extend(ledger());
    with_unset(keys)
}

fn credit() -> Vec<Key> {
    let mut keys = vec![
        ("id", id()),
        ("against", listed("The duties it pays, by id, programme, type or series. Required.")),
        ("amount", text("What the pool holds in a period, money: \"3.75% * assembled\". Required.")),
    ];
    keys.extend(ledger());
    with_unset(keys)
}

/// What quotas and credits have in common.
fn ledger() -> Vec<Key> {
    let starts = keys(vec![(
        "starts",
        texts(DAY, "The days of the year on which a period begins, month and day: \"04-01\"."),
    )])
    .requiring(&["starts"]);
    let carried = keys(vec![
        (
            "up_to",
            expression(
                "The most that is carried: a part of the opening amount (\"4%\"), an amount, or \"all\". \
                 Default: all.",
            ),
        ),
        ("periods_later", whole(1, None, "Which period gets it. Default: 1, the next.")),
    ]);
    let mut keys = vec![
        (
            "period",
            choice_or_table(
                Period::NAMES,
                starts,
                "How long the amount lasts: a year, quarter or month of the calendar, the whole time, or from one day \
                 of the year to the next: { starts = \"04-01\" }. Required.",
            ),
        ),
        (
            "pro_rate_first",
            json!({
                "description": "Whether a first period cut short by `from` opens with its part of the \
                 days only. Default: false.",
                "type": "boolean",
            }),
        ),
        (
            "carry",
            choice_or_table(
                &[(CARRY_ALL, ())],
                carried,
                "What later periods get of what is left: \"all\", or a table. Default: nothing.",
            ),
        ),
        (
            "by",
            text("A pool for each \"party\", \"origin\", or text of a column. Default: one pool for all."),
        ),
        ("claim", text("What trade must claim to draw on it. Default: nothing.")),
        ("when", condition("A condition that must hold. Default: true.")),
    ];
    keys.extend(scope());
    keys
}

// ---------------------------------------------------------------- parameters

fn parameters(what: &str) -> Value {
    table_of(NAME, json!({ "$ref": "#/definitions/parameter" }), what)
}

fn parameter() -> Value {
    let step = keys(vec![
        ("from", date("The first day on which it holds.")),
        ("value", value("The value from that day on.")),
    ])
    .requiring(&["from", "value"]);
    let mut own = vec![
        (
            "value",
            json!({
                "description": "The value: an expression or a list of dated steps. With `file`, the \
                 column that holds it.",
                "type": ["string", "number", "boolean", "array"],
                "items": step.clone(),
            }),
        ),
        ("title", text("What it is.")),
        ("source", texts(ANY, "An id of [sources], or a list of them.")),
        ("min", expression("The lowest value allowed. A bare number takes the unit of the value.")),
        ("max", expression("The highest value allowed. A bare number takes the unit of the value.")),
        ("step", expression("The width of a step where it is varied.")),
        (
            "default",
            value(
                "The value where the form gives none: before the first step, for a party not listed, \
                 where no row fits.",
            ),
        ),
        ("of", expression("Curve: the value that its points lie over, such as another parameter.")),
        (
            "curve",
            json!({
                "description": "Curve: its points, [[\"3_300_000\", \"0%\"], [\"4_300_000\", \"15%\"]]; \
                 flat beyond the ends.",
                "type": "array",
                "items": { "type": "array", "items": { "type": ["string", "number"] }, "minItems": 2, "maxItems": 2 },
                "minItems": 1,
            }),
        ),
        (
            "interpolate",
            choice(
                INTERPOLATE,
                "Curve: on the line between two points, or each point's value until the next. Default: linear.",
            ),
        ),
        ("by", text("Choice: by the flow's \"party\", \"origin\", or a column of your own.")),
        ("values", table_of(ANY, value(""), "Choice: the value for each.")),
        ("uncertain", uncertain()),
    ];
    own.extend(file().into_iter().filter(|(name, _)| *name != "value"));
    let mut parameter = either(
        &["string", "number", "boolean", "array", "object"],
        "A value (\"25%\", \"a + b\", true), a list of dated steps, or a table: a value with its bounds, a \
         curve over another value, a choice by the flow, or a file.",
        own,
    );
    parameter["items"] = step;
    parameter["dependencies"] = json!({
        "of": ["curve"], "curve": ["of"], "interpolate": ["of"], "by": ["values"], "values": ["by"],
    });
    parameter
}

fn uncertain() -> Value {
    keys(vec![
        ("low", expression("The lowest value.")),
        ("mode", expression("The likeliest value, between the lowest and the highest. Default: all are alike.")),
        ("high", expression("The highest value.")),
        ("mean", expression("Of a bell curve: its middle.")),
        ("sd", expression("Of a bell curve: its standard deviation.")),
    ])
    .described(
        "What the value may turn out to be, for `sweep --draws`: low and high, with a mode or without, or mean and sd. \
         `run` takes no notice of it.",
    )
}

// ---------------------------------------------------------------- files and flows

/// What describes a file of rows, wherever it is used.
fn file() -> Vec<Key> {
    vec![
        ("file", text("The path of a CSV file, relative to the scenario; or a name of [files].")),
        ("product", text("The column of the goods for which a row holds. Default: every one.")),
        (
            "origin",
            either(
                &["string", "object"],
                "The column of the country for which a row holds. Default: every one.",
                vec![("column", text("The column. Required.")), ("after", after()), ("codes", names_codes())],
            )
            .requiring(&["column"]),
        ),
        ("value", text("The column of the value.")),
        ("rate", text("The column of the value, where it is a rate.")),
        ("from", text("The column of the first day on which a row holds. Default: always.")),
        ("until", text("The column of the first day on which a row no longer holds. Default: always.")),
        ("through", text("The column of the last day on which a row holds. Default: always.")),
        ("where", filter()),
        (
            "prefer",
            filter_of(
                "Of the rows for the same goods and origin those are kept that have the first of these texts that any of them \
                 has: { status = [\"final\", \"preliminary\"] }. Default: all rows.",
            ),
        ),
        (
            "as",
            text(
                "What a bare number is: \"percent\", \"fraction\", a unit such as \"t\", money by unit \
                 such as \"USD/t\".",
            ),
        ),
        ("delimiter", delimiter()),
        ("pad", pad()),
        (
            "skip",
            texts(
                ANY,
                "Rows with one of these texts as product or origin are left out: [\"TOTAL\"]. Default: none.",
            ),
        ),
        (
            "overlap",
            choice(
                Overlap::NAMES,
                "What rows do that hold for the same goods and origin from the same day and differ. \
                 Default: error.",
            ),
        ),
    ]
}

fn file_with_default() -> Vec<Key> {
    let mut keys = file();
    keys.push(("default", expression("What holds where no row fits. Default: nothing.")));
    keys
}

/// What `[files]` may say, of a file of rows or one of flows.
fn described_file() -> Value {
    described(true)
}

/// The same, or what may be laid over it.
fn described(is_whole: bool) -> Value {
    let of_flows = flow_file();
    let mut described = file_with_default();
    described.retain(|(key, _)| !of_flows.iter().any(|(other, _)| other == key));
    described.extend(of_flows);
    let origin = written_column(Column::Origin, vec![("after", after())]);
    described.iter_mut().filter(|(key, _)| *key == "origin").for_each(|(_, value)| *value = origin.clone());
    if is_whole { keys(described).requiring(&["file"]) } else { keys(described) }
}

/// What says how the countries of a column are written.
fn names_codes() -> Value {
    text(
        "What the column calls countries: a name of [codes], or \"m49\" for the numbers of the United Nations. \
         Default: ISO 3166 codes.",
    )
}

fn after() -> Value {
    text("What stands before each code; rows that do not start with it are passed over.")
}

fn filter() -> Value {
    filter_of(
        "Rows are kept that have one of the texts in each column named: { kind = \"steel\" }. Default: all rows.",
    )
}

fn filter_of(what: &str) -> Value {
    json!({
        "description": what,
        "type": "object",
        "additionalProperties": { "type": ["string", "number", "array"], "items": { "type": ["string", "number"] } },
    })
}

fn delimiter() -> Value {
    let separators = crate::sheet::SEPARATORS.map(|byte| char::from(byte).to_string());
    json!({ "description": "What separates cells. Default: what the first line has most of.", "enum": separators })
}

fn pad() -> Value {
    let widths: Vec<usize> = (2..=crate::product::MOST_DIGITS).step_by(2).collect();
    let what = "Digits that product codes are filled up to, with zeros on the left. Default: as written.";
    json!({ "description": what, "enum": widths })
}

/// What describes a file of flows.
fn flow_file() -> Vec<Key> {
    let mut keys: Vec<Key> =
        COLUMNS.into_iter().map(|(name, column)| (name, written_column(column, Vec::new()))).collect();
    keys.extend([
        ("file", text("The path of a CSV file, relative to the scenario; or a name of [files]. Required.")),
        ("source", texts(ANY, "An id of [sources], or a list of them.")),
        ("where", filter()),
        ("delimiter", delimiter()),
        ("pad", pad()),
        (
            "skip",
            texts(
                ANY,
                "Rows with one of these texts as product or origin are left out, and counted: [\"TOTAL\"].",
            ),
        ),
        ("spread", choice(SPREAD, "Divides each row evenly over the months of its year.")),
        ("thousands", choice(THOUSANDS, "What stands between thousands in numbers. Default: nothing.")),
    ]);
    keys
}

fn flows() -> Value {
    let one = either(
        &["string", "object"],
        "A path, or a table that says what the file calls its columns.",
        flow_file(),
    )
    .requiring(&["file"]);
    let mut flows = either(
        &["string", "array", "object"],
        "Trade flows from files: a path relative to the scenario, a table that says what the file calls \
         its columns, or a list of either.",
        flow_file(),
    )
    .requiring(&["file"]);
    flows["items"] = one;
    flows
}

/// What a flow file says of a column: its name, or a table that also says how its cells are written.
fn written_column(column: Column, more: Vec<Key>) -> Value {
    let meant = json!({ "type": ["string", "number"] });
    let mut keys = vec![
        ("column", text("The file's name of the column. Default: the name of the key.")),
        ("before", text("What counts in a cell is what stands before this text: \" - \".")),
        (
            "means",
            table_of(
                ANY,
                meant,
                "Texts of cells and what is read in their place: { u = \"each\", NA = \"\" }.",
            ),
        ),
    ];
    keys.extend(match column {
        Column::Origin | Column::Importer => vec![("codes", names_codes())],
        Column::Date => vec![(
            "as",
            choice(PERIODS, "What a cell names, if it is not a day; its first day is the entry date."),
        )],
        Column::Quantity | Column::Quantity2 => {
            vec![("as", text("The unit, where it is the same in every row.")), ("scale", scale())]
        }
        Column::Value | Column::Freight | Column::Insurance | Column::Entries => vec![("scale", scale())],
        _ => Vec::new(),
    });
    keys.extend(more);
    let what = format!("The file's name of the column `{}`: {}", column.name(), meaning(column));
    either(&["string", "object"], &what, keys)
}

fn scale() -> Value {
    json!({
        "description": "What each number is multiplied by: 1000 for amounts in thousands. Default: 1.",
        "type": ["number", "string"],
    })
}

/// What stands in a column of flows.
fn meaning(column: Column) -> &'static str {
    match column {
        Column::Id => "the flow's name. Default: the number of its row.",
        Column::Product => "HS code of 2 to 14 digits; dots and spaces are ignored.",
        Column::Origin => "country of origin, an ISO 3166 code.",
        Column::Importer => "the country that imports. Default: the scenario's.",
        Column::Date => "entry date. Default: the scenario's.",
        Column::Value => "value without international freight and insurance, in the scenario's currency.",
        Column::Quantity => "how much, in `unit`.",
        Column::Unit => "the unit of `quantity`: kg, t, each, l.",
        Column::Quantity2 => "how much in another kind of unit, used where `quantity` does not fit.",
        Column::Unit2 => "the unit of `quantity_2`.",
        Column::Freight => "international freight. Default: 0.",
        Column::Insurance => "international insurance. Default: 0.",
        Column::Entries => "number of customs entries. Default: 1.",
        Column::Party => "maker or trader.",
        Column::Claims => {
            "preferences and exemptions claimed, separated by `;`. Default: divided by utilisation."
        }
        Column::Description => "what it is, in words.",
    }
}

fn flow() -> Vec<Key> {
    let cell = |column: Column| {
        let mut cell = json!({ "description": capital(meaning(column)) });
        cell["type"] = match column {
            Column::Product | Column::Origin | Column::Importer | Column::Unit | Column::Unit2 => {
                json!("string")
            }
            Column::Claims => json!(["string", "array"]),
            _ => json!(["string", "number"]),
        };
        cell
    };
    let mut keys: Vec<Key> = COLUMNS.into_iter().map(|(name, column)| (name, cell(column))).collect();
    let share = json!({ "type": ["string", "number"] });
    let scalar = json!({ "type": ["string", "number", "boolean"] });
    keys.extend([
        (
            "content",
            table_of(
                ANY,
                share,
                "Shares of the value, from 0 to 1: { steel = \"40%\" }; `content.steel` in expressions.",
            ),
        ),
        (
            "attr",
            table_of(ANY, scalar, "Columns of your own: { mode = \"ocean\" }; `attr.mode` in expressions."),
        ),
        ("source", texts(ANY, "An id of [sources], or a list of them.")),
    ]);
    keys
}

// ---------------------------------------------------------------- what may stand at a key

fn text(what: &str) -> Value {
    json!({ "description": what, "type": "string" })
}

fn matching(pattern: &str, what: &str) -> Value {
    json!({ "description": what, "type": "string", "pattern": pattern })
}

fn country(what: &str) -> Value {
    matching(COUNTRY, what)
}

fn id() -> Value {
    let mut id = matching(
        ID,
        "Its name: small letters, digits and dashes; not that of a type, series or programme. Required.",
    );
    let taken = names(MeasureType::NAMES).into_iter().chain(OTHER_TYPES.map(str::to_owned));
    id["not"] = json!({ "enum": taken.collect::<Vec<_>>() });
    id
}

/// Expressions that may be bare numbers: all but rates.
fn expression(what: &str) -> Value {
    json!({ "description": what, "type": ["string", "number"] })
}

/// An expression that may be a condition too.
fn value(what: &str) -> Value {
    json!({ "description": what, "type": ["string", "number", "boolean"] })
}

fn condition(what: &str) -> Value {
    json!({ "description": what, "type": ["string", "boolean"] })
}

fn date(what: &str) -> Value {
    let mut date = text(&format!("{what} Written without quotes: 2025-06-04."));
    date["format"] = json!("date");
    date
}

/// A whole number.
fn whole(least: u32, most: Option<u32>, what: &str) -> Value {
    let mut number = json!({ "description": what, "type": "integer", "minimum": least });
    if let Some(most) = most {
        number["maximum"] = json!(most);
    }
    number
}

fn names<T>(choices: &[(&str, T)]) -> Vec<String> {
    choices.iter().map(|(name, _)| (*name).to_owned()).collect()
}

fn choice<T>(choices: &[(&str, T)], what: &str) -> Value {
    json!({ "description": what, "enum": names(choices) })
}

/// A choice, or a table whose own rules stand beside it, so that what is wrong in it is said where it stands.
fn choice_or_table<T>(choices: &[(&str, T)], table: Value, what: &str) -> Value {
    let mut both = table;
    if let Value::Object(both) = &mut both {
        both.remove("type");
    }
    both["anyOf"] = json!([{ "enum": names(choices) }, { "type": "object" }]);
    both.described(what)
}

/// One text or a list of them.
fn texts(pattern: &str, what: &str) -> Value {
    let mut texts =
        json!({ "description": what, "type": ["string", "array"], "items": { "type": "string" } });
    if pattern != ANY {
        texts["pattern"] = json!(pattern);
        texts["items"]["pattern"] = json!(pattern);
    }
    texts
}

/// One text or a list of them that is not empty.
fn listed(what: &str) -> Value {
    let mut texts = texts(ANY, what);
    texts["minItems"] = json!(1);
    texts
}

fn origins(what: &str) -> Value {
    texts(NAME, what)
}

fn goods(what: &str) -> Value {
    let mut goods = either(&["string", "array", "object"], what, file()).requiring(&["file"]);
    goods["pattern"] = json!(GOODS);
    goods["items"] = json!({ "type": "string", "pattern": GOODS });
    goods
}

/// The key that takes others away, of a table that may be laid over another.
fn with_unset(mut keys: Vec<Key>) -> Vec<Key> {
    let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
    let mut unset = texts(ANY, "Keys to take away from the one of this id that this is laid over.");
    unset["items"] = json!({ "enum": names });
    unset["if"] = json!({ "type": "string" });
    unset["then"] = json!({ "enum": names });
    keys.push(("unset", unset));
    keys
}

/// `[[name]]`.
fn list(definition: &str, what: &str) -> Value {
    json!({ "description": what, "type": "array", "items": { "$ref": format!("#/definitions/{definition}") } })
}

/// A table whose keys are names of the user's.
fn table_of(pattern: &str, of: Value, what: &str) -> Value {
    let mut table = json!({ "description": what, "type": "object" });
    if pattern != ANY {
        table["propertyNames"] = json!({ "pattern": pattern });
    }
    table["additionalProperties"] = of;
    table
}

/// A table that has these keys and no others.
fn keys(keys: Vec<Key>) -> Value {
    let properties: Map<String, Value> =
        keys.into_iter().map(|(name, what)| (name.to_owned(), what)).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// Values of several types, tables among them; each type has its own rules, so that what is wrong is said where it
/// stands.
fn either(types: &[&str], what: &str, of_table: Vec<Key>) -> Value {
    let mut either = json!({ "description": what });
    add(&mut either, keys(of_table));
    either["type"] = json!(types);
    either
}

fn add(to: &mut Value, more: Value) {
    if let (Value::Object(to), Value::Object(more)) = (to, more) {
        to.extend(more);
    }
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// What is said of a table once its keys are.
trait Table {
    /// With keys that must be there.
    fn requiring(self, names: &[&str]) -> Value;
    /// With what it means, first.
    fn described(self, what: &str) -> Value;
}

impl Table for Value {
    fn requiring(mut self, names: &[&str]) -> Value {
        self["required"] = json!(names);
        self
    }
    fn described(self, what: &str) -> Value {
        let mut described = json!({ "description": what });
        add(&mut described, self);
        described["description"] = json!(what);
        described
    }
}
