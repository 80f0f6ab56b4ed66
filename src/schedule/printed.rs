//! A cell of rates: what schedules print, in the words of the scenario language.

use crate::scenario::is_rate;
use crate::units::Unit;

/// Why a cell is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It states none, and there is no line it could take one from.
    NotStated,
    /// The line it stands below has another number.
    OtherNumber,
    /// The line has no number that reads.
    NoNumber,
    /// Two lines of one number, or two rates of one programme, differ.
    Twice,
    /// It points at the rate of other goods or at another provision.
    OtherGoods,
    /// It holds under a condition.
    Condition,
    /// It is charged on a part of the article.
    Part,
    /// It is charged on what the article contains.
    Content,
    /// It is charged on a weight or measure of its own.
    Measure,
    /// It has a limit, or rests on a property that is measured.
    Property,
    /// It is counted in a unit that is not known.
    Unit,
    /// Programmes and rates cannot be told apart.
    Programmes,
    /// Anything else.
    Unread,
}

impl Refusal {
    /// Why, as a clause.
    pub fn reason(self) -> &'static str {
        match self {
            Refusal::NotStated => "no rate is stated",
            Refusal::OtherNumber => "the line it stands below has another number",
            Refusal::NoNumber => "the line has no number that reads",
            Refusal::Twice => "two rates are stated",
            Refusal::OtherGoods => "it points at another provision",
            Refusal::Condition => "it holds under a condition",
            Refusal::Part => "it is charged on a part of the article",
            Refusal::Content => "it is charged on what the article contains",
            Refusal::Measure => "it is charged on a weight or measure of its own",
            Refusal::Property => "it has a limit or rests on a measured property",
            Refusal::Unit => "its unit is not known",
            Refusal::Programmes => "programmes and rates cannot be told apart",
            Refusal::Unread => "it does not read as a rate",
        }
    }
}

/// What a cell of rates says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A rate, in the words of the scenario language.
    Rate(String),
    /// A text that is no rate, and why.
    Refused(String, Refusal),
}

impl Cell {
    /// What a cell says, as printed and without markup.
    pub fn read(printed: &str) -> Cell {
        if printed.is_empty() {
            return Cell::Empty;
        }
        let text = canonical(printed);
        if is_rate(&text).is_ok() { Cell::Rate(text) } else { Cell::refused(text) }
    }

    fn refused(text: String) -> Cell {
        let why = why(&text);
        Cell::Refused(text, why)
    }

    /// What stands in a file of rates: the language reads a rate, and refuses anything else.
    pub fn text(&self) -> &str {
        match self {
            Cell::Empty => "",
            Cell::Rate(text) | Cell::Refused(text, _) => text,
        }
    }
}

/// A text in the words of the language, where what is meant is plain; otherwise as it is.
fn canonical(printed: &str) -> String {
    let joined = without_hyphens(printed);
    let text = without_mark(joined.trim().trim_end_matches('.'));
    if text.eq_ignore_ascii_case("no additional duty") {
        return "Free".to_owned();
    }
    text.split('+').map(|part| term(part.trim())).collect::<Vec<_>>().join(" + ")
}

/// A word that was broken at the end of a line: `thou- sand`.
fn without_hyphens(text: &str) -> String {
    let mut parts = text.split("- ");
    let mut joined = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let broken = joined.ends_with(|c: char| c.is_ascii_lowercase())
            && part.starts_with(|c: char| c.is_ascii_lowercase());
        joined.push_str(if broken { "" } else { "- " });
        joined.push_str(part);
    }
    joined
}

/// A rate without the mark of a footnote behind it: `6.8% 1/`.
fn without_mark(text: &str) -> &str {
    let marked = text.rsplit_once(' ').filter(|(_, mark)| {
        mark.strip_suffix('/').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    });
    marked.map_or(text, |(rate, _)| rate.trim_end())
}

/// A summand: money by unit in the language's name of the unit.
fn term(printed: &str) -> String {
    if let Some(number) = printed.strip_suffix(" percent") {
        return format!("{number}%");
    }
    let Some((money, unit)) = printed.split_once('/') else { return printed.to_owned() };
    let is_money =
        money.starts_with('$') || money.trim_end().ends_with('¢') || money.trim_end().ends_with("cents");
    let name = match unit.trim() {
        "1,000" | "1000" => Some("thousand"),
        unit => Unit::from_printed(unit).map(Unit::name),
    };
    match name.filter(|_| is_money) {
        Some(name) => format!("{}/{name}", money.trim_end()),
        None => printed.to_owned(),
    }
}

/// Words by which a text shows why it is no rate; the first that it has counts.
const SIGNS: [(&[&str], Refusal); 7] = [
    (
        &[
            "rate applicable",
            "rate of duty applicable",
            "duty provided",
            "duty rate provided",
            "No change",
            "See ",
        ],
        Refusal::OtherGoods,
    ),
    (&["under bond", "for such temporary"], Refusal::Condition),
    (&["for each degree", "shall not exceed", "not less than"], Refusal::Property),
    (&["content", "total sugars", "clean kg"], Refusal::Content),
    (
        &["on drained", "of container", "and container", "immediate containers", "recording surface"],
        Refusal::Measure,
    ),
    (
        &[" on the ", " on case", "upon the", "of the cost", "of the fair", "for each other piece"],
        Refusal::Part,
    ),
    (&["/"], Refusal::Unit),
];

fn why(text: &str) -> Refusal {
    // "contents and container" is a weight, not a content.
    let text = text.replace("contents", "what is in it");
    let shows = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
    SIGNS.iter().find(|(signs, _)| shows(signs)).map_or(Refusal::Unread, |(_, why)| *why)
}

#[cfg(test)]
mod tests {
    use super::{Cell, Refusal};

    #[test]
    fn what_is_plain_is_a_rate() {
        let cases = [
            ("Free", "Free"),
            ("6.8%", "6.8%"),
            ("1.1¢/kg", "1.1¢/kg"),
            ("1.1 cents/kg", "1.1 cents/kg"),
            ("37.2¢/kg +6.2%", "37.2¢/kg + 6.2%"),
            ("22¢ /kg+ 1%", "22¢/kg + 1%"),
            ("$1.50 each + 3%", "$1.50 each + 3%"),
            ("$1.32/pf. liter", "$1.32/pf_liter"),
            ("4.5¢/ liter", "4.5¢/liter"),
            ("3.3¢/lin. m", "3.3¢/lin_m"),
            ("90¢/pr. + 37.5%", "90¢/pr + 37.5%"),
            ("30¢/doz.", "30¢/doz"),
            ("$1.13/m3", "$1.13/m3"),
            ("19.2¢/1000", "19.2¢/thousand"),
            ("$1.15/1,000 + 40%", "$1.15/thousand + 40%"),
            ("$2.50/thou- sand + 40%", "$2.50/thousand + 40%"),
            ("33 1/3%", "33 1/3%"),
            ("$2.50/thou- sand + 33 1/3%", "$2.50/thousand + 33 1/3%"),
            ("6.8% 1/", "6.8%"),
            ("12.5 percent", "12.5%"),
            ("18.5¢/liter + $1.32/pf. liter", "18.5¢/liter + $1.32/pf_liter"),
            ("No additional duty", "Free"),
        ];
        for (printed, rate) in cases {
            assert_eq!(Cell::read(printed), Cell::Rate(rate.to_owned()), "{printed}");
        }
        assert_eq!(Cell::read(""), Cell::Empty);
    }

    #[test]
    fn the_rest_is_refused_with_a_reason() {
        use Refusal::{Condition, Content, Measure, OtherGoods, Part, Property, Unit, Unread};
        let cases = [
            ("The rate applicable to each garment in the ensemble", OtherGoods),
            ("The rate of duty appli- cable to that article", OtherGoods),
            ("The duty provided in the applicable subheading + 25%", OtherGoods),
            ("No change", OtherGoods),
            ("See 9908.04.01", OtherGoods),
            ("Free, under bond", Condition),
            ("1.5¢/kg less 0.02¢/kg for each degree under 100 degrees but not less than 0.9¢/kg", Property),
            ("1.1¢/kg on lead content", Content),
            ("2.5% on the value of the lead content", Content),
            ("16.9¢/kg of total sugars + 5.1%", Content),
            ("18.7¢/clean kg", Content),
            ("10.1¢/kg on drained weight", Measure),
            ("0.2¢/kg, including weight of container", Measure),
            ("17.6¢/kg on contents and container", Measure),
            ("$1.61 each + 4.2% on the case", Part),
            ("15¢ each + 2.3% + 0.8¢/jewel", Unit),
            ("0.3¢/line/ gross + 4.5%", Unit),
            ("10¢/1,000 pins + 3.5%", Unit),
            ("37% /", Unit),
            ("dutiable", Unread),
            ("25", Unread),
            ("33 1/0%", Unit),
            ("$800", Unread),
        ];
        for (printed, why) in cases {
            match Cell::read(printed) {
                Cell::Refused(_, found) => assert_eq!(found, why, "{printed}"),
                cell => panic!("{printed}: {cell:?}"),
            }
        }
    }
}
