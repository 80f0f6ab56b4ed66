//! Numbers, days and floating point: values of one width, or close to it.

use super::hybrid::Hybrid;
use super::page::{Stored, What};
use super::schema::Form;
use bytes::Buf;

/// Reads a value of some type from the bytes of a page.
pub(super) trait Number: Copy + Default + Send {
    /// Reads `count` values that stand one after another in `bytes`, and says how many bytes they took.
    fn read(form: Form, bytes: &[u8], count: usize, out: &mut Vec<Self>) -> Result<usize, What>;
}

/// The values of a column as they are collected.
pub(super) struct Typed<T> {
    form: Form,
    dictionary: Option<Vec<T>>,
    codes: Vec<u32>,
}

impl<T: Number> Typed<T> {
    pub(super) fn new(form: Form) -> Typed<T> {
        Typed { form, dictionary: None, codes: Vec::new() }
    }

    pub(super) fn set_dictionary(&mut self, bytes: &[u8], count: usize) -> Result<(), What> {
        let mut dictionary = Vec::new();
        T::read(self.form, bytes, count, &mut dictionary)?;
        self.dictionary = Some(dictionary);
        Ok(())
    }

    /// Appends the next `count` values of a page.
    pub(super) fn take(&mut self, stored: &mut Stored, count: usize, out: &mut Vec<T>) -> Result<(), What> {
        match stored {
            Stored::Plain(bytes) => {
                let used = T::read(self.form, bytes, count, out)?;
                bytes.advance(used);
                Ok(())
            }
            Stored::Codes(codes) => self.look_up(codes, count, out),
        }
    }

    fn look_up(&mut self, stored: &mut Hybrid, count: usize, out: &mut Vec<T>) -> Result<(), What> {
        let dictionary = self.dictionary.as_deref().ok_or(What::NoDictionary)?;
        self.codes.clear();
        stored.fill(&mut self.codes, count)?;
        // One look at all of them, so that the look-ups need none each.
        let last = self.codes.iter().fold(0, |last, code| last.max(*code));
        if count > 0 && last as usize >= dictionary.len() {
            return Err(What::OutsideDictionary);
        }
        out.extend(self.codes.iter().map(|code| dictionary[*code as usize]));
        Ok(())
    }
}

/// Spreads the values behind `from` over the rows that have one.
pub(super) fn spread<T: Copy>(out: &mut Vec<T>, from: usize, present: &[bool], blank: T) {
    let mut next = out.len();
    out.resize(from + present.len(), blank);
    for (row, is_present) in present.iter().enumerate().rev() {
        if *is_present && next > from {
            next -= 1;
            out[from + row] = out[next];
        } else {
            out[from + row] = blank;
        }
    }
}

/// The bytes of `count` values of one width.
fn of_width(bytes: &[u8], width: usize, count: usize) -> Result<&[u8], What> {
    count.checked_mul(width).and_then(|length| bytes.get(..length)).ok_or(What::EndsEarly)
}

/// Appends numbers of a fixed number of bytes.
fn fixed<const WIDTH: usize, T>(
    bytes: &[u8],
    count: usize,
    out: &mut Vec<T>,
    number: impl Fn([u8; WIDTH]) -> T,
) -> Result<usize, What> {
    let bytes = of_width(bytes, WIDTH, count)?;
    out.extend(bytes.as_chunks::<WIDTH>().0.iter().map(|bytes| number(*bytes)));
    Ok(bytes.len())
}

/// Appends numbers that may not be taken; the first one that is not ends it.
fn fallible<const WIDTH: usize, T>(
    bytes: &[u8],
    count: usize,
    out: &mut Vec<T>,
    number: impl Fn([u8; WIDTH]) -> Result<T, &'static str>,
) -> Result<usize, What> {
    let bytes = of_width(bytes, WIDTH, count)?;
    out.reserve(count);
    for (at, bytes) in bytes.as_chunks::<WIDTH>().0.iter().enumerate() {
        out.push(number(*bytes).map_err(|what| What::Value { at, what })?);
    }
    Ok(bytes.len())
}

const TOO_LARGE: &str = "has more digits than can be kept exactly";
const TIME_OF_DAY: &str = "is a time of day, where a date is expected; write it as a DATE";
const NO_DATE: &str = "is no date of this calendar";

impl Number for i64 {
    fn read(form: Form, bytes: &[u8], count: usize, out: &mut Vec<i64>) -> Result<usize, What> {
        match form {
            Form::Int32 => fixed(bytes, count, out, |bytes| i64::from(i32::from_le_bytes(bytes))),
            Form::Unsigned32 => fixed(bytes, count, out, |bytes| i64::from(u32::from_le_bytes(bytes))),
            Form::Unsigned64 => fallible(bytes, count, out, |bytes| {
                i64::try_from(u64::from_le_bytes(bytes)).map_err(|_| TOO_LARGE)
            }),
            Form::ShortDecimal(8) => fixed(bytes, count, out, i64::from_be_bytes),
            Form::ShortDecimal(width) if width > 0 => {
                let bytes = of_width(bytes, width, count)?;
                out.extend(bytes.chunks_exact(width).map(short_big_endian));
                Ok(bytes.len())
            }
            _ => fixed(bytes, count, out, i64::from_le_bytes),
        }
    }
}

impl Number for i128 {
    fn read(form: Form, bytes: &[u8], count: usize, out: &mut Vec<i128>) -> Result<usize, What> {
        match form {
            Form::LongDecimal(16) => fixed(bytes, count, out, i128::from_be_bytes),
            Form::LongDecimal(width) if width > 0 => {
                let bytes = of_width(bytes, width, count)?;
                out.extend(bytes.chunks_exact(width).map(big_endian));
                Ok(bytes.len())
            }
            _ => loose(bytes, count, out),
        }
    }
}

/// Numbers each with its length before it.
fn loose(bytes: &[u8], count: usize, out: &mut Vec<i128>) -> Result<usize, What> {
    let mut rest = bytes;
    for at in 0..count {
        let (number, behind) = split_text(rest)?;
        // Bytes in front that only repeat the sign say nothing.
        let sign = number.first().map_or(0, |first| if first & 0x80 == 0 { 0 } else { 0xff });
        let (front, kept) = number.split_at(number.len().saturating_sub(16));
        let is_sign = |byte: &u8| *byte == sign;
        let continues = kept.first().is_some_and(|first| (first ^ sign) & 0x80 == 0);
        if number.is_empty() || !front.iter().all(is_sign) || !continues {
            return Err(What::Value { at, what: TOO_LARGE });
        }
        out.push(big_endian(kept));
        rest = behind;
    }
    Ok(bytes.len() - rest.len())
}

/// Splits off a text with its length in four bytes before it.
pub(super) fn split_text(bytes: &[u8]) -> Result<(&[u8], &[u8]), What> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(What::EndsEarly)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| What::EndsEarly)?;
    rest.split_at_checked(length).ok_or(What::EndsEarly)
}

/// A number of at most 16 bytes, with a sign, its first byte the highest.
fn big_endian(bytes: &[u8]) -> i128 {
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let start: i128 = if negative { -1 } else { 0 };
    bytes.iter().fold(start, |number, byte| (number << 8) | i128::from(*byte))
}

/// And of at most 8.
fn short_big_endian(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    bytes.iter().fold(start, |number, byte| (number << 8) | i64::from(*byte))
}

impl Number for i32 {
    fn read(form: Form, bytes: &[u8], count: usize, out: &mut Vec<i32>) -> Result<usize, What> {
        match form {
            Form::Instant(day) => fallible(bytes, count, out, |bytes| {
                let instant = i64::from_le_bytes(bytes);
                if instant.rem_euclid(day) != 0 {
                    return Err(TIME_OF_DAY);
                }
                i32::try_from(instant.div_euclid(day)).map_err(|_| NO_DATE)
            }),
            Form::LegacyInstant => fallible(bytes, count, out, |bytes: [u8; 12]| legacy_day(&bytes)),
            _ => fixed(bytes, count, out, i32::from_le_bytes),
        }
    }
}

/// The number that 1970-01-01 has among the days that astronomers count.
const FIRST_DAY: i64 = 2_440_588;

fn legacy_day(bytes: &[u8; 12]) -> Result<i32, &'static str> {
    let (nanoseconds, day) = bytes.split_at(8);
    if nanoseconds.iter().any(|byte| *byte != 0) {
        return Err(TIME_OF_DAY);
    }
    let day = day.iter().rev().fold(0, |day, byte| (day << 8) | i64::from(*byte));
    i32::try_from(day - FIRST_DAY).map_err(|_| NO_DATE)
}

impl Number for f32 {
    fn read(_: Form, bytes: &[u8], count: usize, out: &mut Vec<f32>) -> Result<usize, What> {
        fixed(bytes, count, out, f32::from_le_bytes)
    }
}

impl Number for f64 {
    fn read(_: Form, bytes: &[u8], count: usize, out: &mut Vec<f64>) -> Result<usize, What> {
        fixed(bytes, count, out, f64::from_le_bytes)
    }
}
