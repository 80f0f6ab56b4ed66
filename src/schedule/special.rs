//! The special column: rates, each with the programmes it is for in brackets.

use super::printed::{Cell, Refusal};
use std::collections::BTreeMap;

/// What the special column says by programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Special {
    /// A rate for each programme.
    Programmes(BTreeMap<String, Cell>),
    /// A text in which rates and programmes cannot be told apart.
    Unread(String),
}

impl Special {
    /// What a cell says, as printed and without markup.
    pub fn read(printed: &str) -> Special {
        programmes(printed).map_or_else(|| Special::Unread(printed.to_owned()), Special::Programmes)
    }

    /// What it says for a programme; a text that does not read may be for any.
    pub fn cell(&self, programme: &str) -> Cell {
        match self {
            Special::Programmes(cells) => cells.get(programme).cloned().unwrap_or(Cell::Empty),
            Special::Unread(text) => Cell::Refused(text.clone(), Refusal::Programmes),
        }
    }

    /// The programmes it names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        match self {
            Special::Programmes(cells) => Some(cells.keys().map(String::as_str)),
            Special::Unread(_) => None,
        }
        .into_iter()
        .flatten()
    }

    /// The cells that are no rates.
    pub fn refused(&self) -> impl Iterator<Item = (&str, Refusal)> {
        let (cells, unread) = match self {
            Special::Programmes(cells) => (Some(cells), None),
            Special::Unread(text) => (None, Some((text.as_str(), Refusal::Programmes))),
        };
        let refused = cells.into_iter().flat_map(BTreeMap::values).filter_map(|cell| match cell {
            Cell::Refused(text, why) => Some((text.as_str(), *why)),
            _ => None,
        });
        refused.chain(unread)
    }
}

/// `None` where a rate has no programmes behind it or programmes have no rate before them.
fn programmes(printed: &str) -> Option<BTreeMap<String, Cell>> {
    let mut cells: BTreeMap<String, Cell> = BTreeMap::new();
    let mut rest = printed.trim();
    while !rest.is_empty() {
        let (rate, codes, behind) = next_group(rest)?;
        let cell = Cell::read(rate);
        if cell == Cell::Empty {
            return None;
        }
        for code in codes {
            match cells.get(code) {
                Some(known) if *known != cell => {
                    let both = format!("{}; {}", known.text(), cell.text());
                    cells.insert(code.to_owned(), Cell::Refused(both, Refusal::Twice));
                }
                _ => {
                    cells.insert(code.to_owned(), cell.clone());
                }
            }
        }
        rest = behind.trim_start();
    }
    Some(cells)
}

/// The text before the first brackets that hold programmes, these, and the text behind.
fn next_group(text: &str) -> Option<(&str, Vec<&str>, &str)> {
    let mut from = 0;
    loop {
        let end = from + text.get(from..)?.find(')')?;
        let start = text[..end].rfind('(')?;
        if let Some(codes) = codes(&text[start + 1..end]) {
            return Some((text[..start].trim(), codes, &text[end + 1..]));
        }
        from = end + 1;
    }
}

/// The programmes in brackets; a comma may be missing between two or stand as a full stop before one.
fn codes(inside: &str) -> Option<Vec<&str>> {
    let words = inside.split([',', ' ']).map(|word| word.trim_matches('.')).filter(|word| !word.is_empty());
    let codes: Option<Vec<&str>> = words.map(|word| is_code(word).then_some(word)).collect();
    codes.filter(|codes| !codes.is_empty())
}

/// A programme: one capital letter or two, and a plus sign or an asterisk.
fn is_code(word: &str) -> bool {
    let letters = word.strip_suffix(['+', '*']).unwrap_or(word);
    (1..=2).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::Special;

    fn read(printed: &str) -> Vec<String> {
        match Special::read(printed) {
            Special::Programmes(cells) => {
                cells.iter().map(|(code, cell)| format!("{code} {}", cell.text())).collect()
            }
            Special::Unread(text) => vec![format!("unread {text}")],
        }
    }

    #[test]
    fn each_programme_has_its_rate() {
        assert_eq!(read("Free (A+,AU, BH)"), ["A+ Free", "AU Free", "BH Free"]);
        assert_eq!(
            read("Free(A*,S)2.5% (KR) 1.1¢/kg + 3%(JP)"),
            ["A* Free", "JP 1.1¢/kg + 3%", "KR 2.5%", "S Free"]
        );
        assert_eq!(read("Free (D,E IL,.OM)"), ["D Free", "E Free", "IL Free", "OM Free"]);
        assert_eq!(read("See 9908.04.01 (IL)"), ["IL See 9908.04.01"]);
        assert_eq!(read("See U.S. note 3(e) (CO,PE)"), ["CO See U.S. note 3(e)", "PE See U.S. note 3(e)"]);
        assert_eq!(read("Free (S) See 9919.04.50 (PA (PA)"), ["PA See 9919.04.50 (PA", "S Free"]);
        assert_eq!(read("Free (A) 2% (A)"), ["A Free; 2%"]);
        assert_eq!(read("Free (A) Free (A)"), ["A Free"]);
        assert!(read("").is_empty());
    }

    #[test]
    fn what_cannot_be_told_apart_is_not() {
        for text in ["Free", "(A,B)", "Free (A) 2%", "Free (a,b)", "Free ()", "Free (A", "Free A)"] {
            assert_eq!(read(text), [format!("unread {text}")]);
        }
    }
}
