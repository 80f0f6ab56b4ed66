//! The index of diagnostics: one line a code.

use serde::{Serialize, Serializer};
use std::fmt;

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look; the result stands.
    Warning,
    /// Nothing is computed until it is mended.
    Error,
}

macro_rules! codes {
    ($($variant:ident $number:literal $severity:ident $title:literal;)*) => {
        /// What can be wrong with a scenario, its flows or a name on the command line.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code, in numerical order.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable identifier, `TS` and four digits.
            pub const fn id(self) -> &'static str {
                match self { $(Code::$variant => $number,)* }
            }

            /// The page of `docs/diagnostics/` about it.
            pub const fn page(self) -> &'static str {
                match self {
                    $(Code::$variant => include_str!(concat!("../../docs/diagnostics/", $number, ".md")),)*
                }
            }

            /// The mistake in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)* }
            }

            /// Whether it stops the run.
            pub const fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    // 01: files
    FileMissing "TS0101" Error "a file cannot be read";
    NotUtf8 "TS0102" Error "a file is not UTF-8 text";
    EmptyFile "TS0103" Error "a file is empty";
    TomlSyntax "TS0104" Error "the TOML does not parse";
    ExtendsCycle "TS0105" Error "scenarios extend one another in a circle";
    // 02: keys
    UnknownKey "TS0201" Error "a key is not known";
    WrongType "TS0202" Error "a value has the wrong type";
    MissingKey "TS0203" Error "a required key is missing";
    NotSupported "TS0204" Error "a key of the language is not supported yet";
    RepeatedId "TS0205" Error "an id is used twice";
    BadName "TS0206" Error "a name is not allowed";
    UnknownChoice "TS0207" Error "a value is not one of the choices";
    KeyNotAllowed "TS0208" Error "a key has no place here";
    // 03: expressions
    ExpressionSyntax "TS0301" Error "an expression does not parse";
    UnknownName "TS0302" Error "a name in an expression is not known";
    Dimension "TS0303" Error "quantities of different dimensions are mixed";
    RateWithoutUnit "TS0304" Error "a rate has no unit";
    TooDeep "TS0305" Error "nesting is too deep";
    UnknownCurrency "TS0306" Error "a currency is not known or has no exchange rate";
    CircularParameter "TS0307" Error "parameters rest on one another in a circle";
    DivisionByZero "TS0308" Error "a division by zero";
    Overflow "TS0309" Error "a number is too large or too long";
    NegativeRate "TS0310" Error "a rate is below zero";
    ShareOutOfRange "TS0311" Error "a share or utilisation is outside 0 to 1";
    OutOfBounds "TS0312" Error "a parameter is outside its bounds";
    BadNumber "TS0313" Error "a number does not parse";
    NeedsFlow "TS0314" Error "a value that must hold for every flow rests on one flow";
    BadUncertain "TS0315" Error "an uncertainty makes no sense";
    // 04: references
    UnknownGroup "TS0401" Error "a group is not known";
    UnknownCountry "TS0402" Error "a country is not known";
    MalformedProduct "TS0403" Error "a product code is malformed";
    LostZero "TS0404" Error "a product code has lost its leading zero";
    UnknownMeasure "TS0405" Error "a measure is not known";
    UnknownSource "TS0406" Error "a source is not known";
    UnknownVariant "TS0407" Error "a variant is not known";
    UnknownSeries "TS0408" Error "a series is not known";
    CircularGroup "TS0409" Error "groups contain one another in a circle";
    UnknownParameter "TS0410" Error "a parameter is not known";
    // 05: measures
    Steps "TS0501" Error "steps are unsorted or repeated";
    Window "TS0502" Error "a window ends before it starts";
    DisplacementCycle "TS0503" Error "measures give way to one another in a circle";
    MfnTie "TS0504" Error "two base duties fit a product equally well";
    NoDate "TS0505" Error "a flow has no entry date";
    CannotCount "TS0506" Error "a charge cannot count towards a rate";
    CannotDisplace "TS0507" Error "a charge cannot give way to one that comes after it";
    CannotDraw "TS0508" Error "a quota or credit cannot be for this measure";
    NegativeOpening "TS0509" Error "a quota or credit opens below zero";
    PeriodsOverlap "TS0510" Error "two periods begin on the same day";
    // 06: trade flows
    MissingColumn "TS0601" Error "a column is missing";
    AmbiguousColumn "TS0602" Error "a column is given twice";
    BadCell "TS0603" Error "a cell does not parse";
    RowShape "TS0604" Error "a row has more or fewer cells than the header";
    UnknownUnit "TS0605" Error "a unit is not known";
    NegativeAmount "TS0606" Error "an amount is below zero";
    NoFlows "TS0607" Error "there are no trade flows";
    RowsConflict "TS0610" Error "two rows of a file say different things of the same goods";
    NearMissColumn "TS0608" Warning "a column looks like a misspelt one";
    NearMissClaim "TS0609" Warning "a claim is not known";
    RowSetAside "TS0611" Warning "a row is set aside";
    // 07: what the command line names
    UnknownColumn "TS0701" Error "a grouping is not known";
    TotalOverflow "TS0702" Error "a total is too large to be exact";
    UnknownFlow "TS0703" Error "a flow is not known";
    CannotVary "TS0704" Error "a parameter cannot be varied";
    BadRange "TS0705" Error "a range holds no points";
    TooManyPoints "TS0706" Error "a sweep has too many points";
    BadTarget "TS0707" Error "a target does not read";
    OutOfReach "TS0708" Error "a target is out of reach";
    NothingUncertain "TS0709" Error "there is nothing to draw";
    UnknownGroupKey "TS0710" Error "a group of flows is not known";
    UnknownBaseline "TS0711" Error "a baseline is not among the scenarios";
    CurrenciesDiffer "TS0712" Error "scenarios to be compared count in different currencies";
    NoChart "TS0713" Error "there is no chart of this";
    // 08: what `check` warns of
    NoSource "TS0801" Warning "a rate has no source";
    MatchesNoFlow "TS0802" Warning "a measure, quota or credit fits no flow";
    BaseNotStated "TS0803" Warning "no measure states the base duty of some flows";
    GroupUnused "TS0804" Warning "a group is never used";
    IdleStep "TS0805" Warning "a step changes nothing";
    ParameterUnused "TS0806" Warning "a parameter is never used";
    VerifiedLongAgo "TS0807" Warning "the sources were last read over a year ago";
    QuotasOverlap "TS0808" Warning "two quotas admit the same goods at once";
    // 09: what a model needs
    BadElasticity "TS0901" Error "an elasticity has the wrong sign";
    SupplyTwice "TS0902" Error "export supply and pass-through are both given";
    MissingElasticity "TS0903" Error "an elasticity is missing";
    BadMarket "TS0904" Error "what a market is measured from does not fit together";
    BadChain "TS0905" Error "the inputs of a chain are worth as much as its output";
    NoSolution "TS0906" Error "a model finds no solution";
    NothingToModel "TS0907" Error "there is nothing to model";
    NoChainRate "TS0908" Error "nothing says what the goods of a chain pay";
    CannotBeDrawn "TS0909" Error "a market cannot be drawn";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
