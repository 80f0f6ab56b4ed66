//! Cuts an expression into tokens.

use super::ExprError;
use crate::date::{Date, parse_date};
use crate::diagnostic::Code;
use crate::money::{NumberError, parse_number};
use rust_decimal::Decimal;
use std::ops::Range;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A number.
    Number(Decimal),
    /// `%`
    Percent,
    /// `$` or `¢`
    Dollar,
    /// `¢`
    Cent,
    /// A name, with `.` in it where it has parts.
    Name(String),
    /// `'text'`
    Text(String),
    /// A date.
    Date(Date),
    /// An operator, bracket or comma.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

/// A token and its bytes.
pub type Lexeme = (Token, Range<usize>);

const SYMBOLS: [&str; 13] = ["<=", ">=", "!=", "+", "-", "*", "/", "(", ")", ",", "<", ">", "="];

/// The tokens of a text, the last of them [`Token::End`].
pub fn lex(text: &str) -> Result<Vec<Lexeme>, ExprError> {
    let mut lexemes = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (token, length) = token(&text[at..], c).map_err(|mut e| {
            e.range = at + e.range.start..at + e.range.end;
            e
        })?;
        lexemes.push((token, at..at + length));
        at += length;
    }
    lexemes.push((Token::End, text.len()..text.len()));
    Ok(lexemes)
}

fn token(rest: &str, first: char) -> Result<(Token, usize), ExprError> {
    if first.is_ascii_digit() {
        return number_or_date(rest);
    }
    if is_name_start(first) {
        return Ok(name(rest));
    }
    if let Some(symbol) = SYMBOLS.iter().find(|s| rest.starts_with(**s)) {
        return Ok((Token::Symbol(symbol), symbol.len()));
    }
    match first {
        '%' => Ok((Token::Percent, 1)),
        '$' => Ok((Token::Dollar, 1)),
        '¢' => Ok((Token::Cent, first.len_utf8())),
        '\'' => match rest[1..].find('\'') {
            Some(end) => Ok((Token::Text(rest[1..=end].to_owned()), end + 2)),
            None => Err(error(rest.len(), "this text has no closing quote", None)),
        },
        '"' => Err(error(1, "texts in expressions stand in single quotes", Some("write 'ocean'"))),
        '&' | '|' | '!' => {
            Err(error(1, format!("`{first}` is not an operator"), Some("write `and`, `or` or `not`")))
        }
        '.' => Err(error(1, "`.` cannot stand here", Some("a number starts with a digit: 0.5"))),
        '^' => Err(error(1, "`^` is not an operator", Some("write the product out"))),
        _ => Err(error(first.len_utf8(), format!("`{first}` cannot stand in an expression"), None)),
    }
}

fn error(length: usize, message: impl Into<String>, help: Option<&str>) -> ExprError {
    ExprError {
        code: Code::ExpressionSyntax,
        message: message.into(),
        range: 0..length,
        help: help.map(str::to_owned),
    }
}

fn number_or_date(rest: &str) -> Result<(Token, usize), ExprError> {
    if let Some(written) = rest.get(..10).filter(|text| is_date_like(text)) {
        let date = parse_date(written).ok_or_else(|| {
            error(10, format!("`{written}` is not a date"), Some("write year, month and day: 2025-06-04"))
        })?;
        return Ok((Token::Date(date), 10));
    }
    let bytes = rest.as_bytes();
    let is_digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while bytes.get(end).is_some_and(|b| b.is_ascii_digit() || *b == b'_')
        || (bytes.get(end) == Some(&b'.') && is_digit(end + 1))
    {
        end += 1;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        if is_digit(end + 1 + sign) {
            end += 1 + sign;
            while is_digit(end) {
                end += 1;
            }
        }
    }
    match parse_number(&rest[..end]) {
        Ok(number) => Ok((Token::Number(number), end)),
        Err(NumberError::Malformed) => Err(error(
            end,
            format!("`{}` is not a number", &rest[..end]),
            Some("write it like 1_250_000 or 0.15"),
        )),
        Err(NumberError::TooLong) => Err(ExprError {
            code: Code::Overflow,
            message: format!("`{}` has more digits than can be kept exactly", &rest[..end]),
            range: 0..end,
            help: Some("at most 28 digits".to_owned()),
        }),
    }
}

/// Four digits, two and two with dashes between: a date, or meant as one.
fn is_date_like(text: &str) -> bool {
    text.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '²' | '³')
}

/// A name, and after `content.`, `claims.` or `attr.` the name of a part. Claims are named in kebab-case.
fn name(rest: &str) -> (Token, usize) {
    let run = |text: &str, dash: bool| {
        text.find(|c: char| !(is_name_part(c) || (dash && c == '-'))).unwrap_or(text.len())
    };
    let mut end = run(rest, false);
    if rest[end..].starts_with('.') {
        let part = &rest[end + 1..];
        let length = run(part, &rest[..end] == "claims");
        if length > 0 {
            end += 1 + length;
        }
    }
    (Token::Name(rest[..end].to_owned()), end)
}
