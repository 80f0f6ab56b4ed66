//! Encodings that newer writers choose where values do not repeat, turned into plain values: differences instead of
//! numbers, texts by what they share with the one before, numbers split into their bytes.
//!
//! The library has decoders of these, and they trust the counts that they read.

use super::page::What;
use bytes::Bytes;
use parquet::basic::{Encoding, Type as Physical};
use parquet::schema::types::ColumnDescPtr;

/// The most bytes of a page's texts; what they share may make them longer than the page.
const TEXTS: usize = 1 << 28;

/// The most numbers in a block of differences; writers choose 128 to 2048.
const BLOCK: u64 = 1 << 16;

/// The `count` values of a page, one after another.
pub(super) fn plain(
    encoding: Encoding,
    values: &[u8],
    count: usize,
    column: &ColumnDescPtr,
) -> Result<Bytes, What> {
    if count == 0 {
        return Ok(Bytes::new());
    }
    let width = width(column);
    let plain = match (encoding, column.physical_type()) {
        (Encoding::DELTA_BINARY_PACKED, Physical::INT32 | Physical::INT64) => {
            let (numbers, _) = numbers(values, count)?;
            numbers.iter().flat_map(|number| number.to_le_bytes().into_iter().take(width)).collect()
        }
        (Encoding::DELTA_LENGTH_BYTE_ARRAY, Physical::BYTE_ARRAY) => texts(values, count)?,
        (Encoding::DELTA_BYTE_ARRAY, Physical::BYTE_ARRAY) => shared_texts(values, count, None)?,
        (Encoding::DELTA_BYTE_ARRAY, Physical::FIXED_LEN_BYTE_ARRAY) => {
            shared_texts(values, count, Some(width))?
        }
        (Encoding::BYTE_STREAM_SPLIT, _) if width > 0 => joined(values, count, width)?,
        _ => return Err(What::Other(format!("its values are encoded as {encoding}, which is not read"))),
    };
    Ok(plain.into())
}

/// Bytes that a value takes; 0 where they differ.
fn width(column: &ColumnDescPtr) -> usize {
    match column.physical_type() {
        Physical::INT32 | Physical::FLOAT => 4,
        Physical::INT64 | Physical::DOUBLE => 8,
        Physical::FIXED_LEN_BYTE_ARRAY => usize::try_from(column.type_length()).unwrap_or(0),
        Physical::BOOLEAN | Physical::INT96 | Physical::BYTE_ARRAY => 0,
    }
}

/// Numbers of which all first bytes come first, then all second ones.
fn joined(bytes: &[u8], count: usize, width: usize) -> Result<Vec<u8>, What> {
    if count.checked_mul(width) != Some(bytes.len()) {
        return Err(What::EndsEarly);
    }
    let mut plain = Vec::with_capacity(bytes.len());
    for at in 0..count {
        plain.extend(bytes[at..].iter().step_by(count));
    }
    Ok(plain)
}

/// Numbers, and the bytes behind them. There are a first number and blocks of differences, each with the least of them
/// and, packed in as few bits as they take, how much more each is.
fn numbers(bytes: &[u8], count: usize) -> Result<(Vec<i64>, &[u8]), What> {
    let mut reader = Reader { bytes };
    let block = reader.unsigned()?;
    let parts = reader.unsigned()?;
    let stated = reader.unsigned()?;
    let mut number = reader.signed()?;
    let size =
        block.checked_div(parts).filter(|size| size * parts == block && size % 8 == 0 && block <= BLOCK);
    let (Some(size), true) = (size, stated == count as u64) else {
        return Err(What::Other("its differences are not as many as its values".into()));
    };
    let (size, parts) = (within_block(size), within_block(parts));
    let mut numbers = vec![number];
    let mut part = Vec::with_capacity(size);
    while numbers.len() < count {
        let least = reader.signed()?;
        let widths = reader.take(parts)?;
        for width in widths {
            let left = count - numbers.len();
            if left == 0 {
                break;
            }
            part.clear();
            reader.unpack(*width, size, &mut part)?;
            for more in part.iter().take(left) {
                number = number.wrapping_add(least).wrapping_add(*more);
                numbers.push(number);
            }
        }
    }
    Ok((numbers, reader.bytes))
}

/// A number of at most [`BLOCK`].
fn within_block(number: u64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// Texts that follow all their lengths.
fn texts(bytes: &[u8], count: usize) -> Result<Vec<u8>, What> {
    let (lengths, mut rest) = numbers(bytes, count)?;
    let mut plain = Vec::new();
    for length in lengths {
        let text = split(&mut rest, length)?;
        push(text, None, &mut plain)?;
    }
    Ok(plain)
}

/// Texts that begin as the one before them does, for so many bytes as are stated first; then the rest of each.
fn shared_texts(bytes: &[u8], count: usize, width: Option<usize>) -> Result<Vec<u8>, What> {
    let (shared, rest) = numbers(bytes, count)?;
    let (lengths, mut rest) = numbers(rest, count)?;
    let mut plain = Vec::new();
    let mut before: Vec<u8> = Vec::new();
    for (shared, length) in shared.into_iter().zip(lengths) {
        let shared =
            usize::try_from(shared).ok().filter(|shared| *shared <= before.len()).ok_or(What::EndsEarly)?;
        let own = split(&mut rest, length)?;
        before.truncate(shared);
        before.extend_from_slice(own);
        push(&before, width, &mut plain)?;
    }
    Ok(plain)
}

fn split<'a>(rest: &mut &'a [u8], length: i64) -> Result<&'a [u8], What> {
    let length = usize::try_from(length).map_err(|_| What::EndsEarly)?;
    let (text, behind) = rest.split_at_checked(length).ok_or(What::EndsEarly)?;
    *rest = behind;
    Ok(text)
}

/// Appends a text as a plain value: with its length before it, or of one width.
fn push(text: &[u8], width: Option<usize>, plain: &mut Vec<u8>) -> Result<(), What> {
    let length = text.len();
    match width {
        Some(width) if width == length => {}
        Some(_) => return Err(What::EndsEarly),
        None => {
            let length = u32::try_from(length).map_err(|_| What::EndsEarly)?;
            plain.extend_from_slice(&length.to_le_bytes());
        }
    }
    if plain.len() + length > TEXTS {
        return Err(What::Other("the texts of a page take more than 256 MiB".into()));
    }
    plain.extend_from_slice(text);
    Ok(())
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], What> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(What::EndsEarly)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// A number, seven bits a byte.
    fn unsigned(&mut self) -> Result<u64, What> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(What::EndsEarly)
    }

    /// A number with its sign in the last bit.
    fn signed(&mut self) -> Result<i64, What> {
        let number = self.unsigned()?;
        let half = (number >> 1).cast_signed();
        Ok(if number & 1 == 0 { half } else { !half })
    }

    /// `count` numbers of `width` bits each, a multiple of 8 of them.
    fn unpack(&mut self, width: u8, count: usize, out: &mut Vec<i64>) -> Result<(), What> {
        let width = usize::from(width);
        if width == 0 {
            out.resize(count, 0);
            return Ok(());
        }
        if width > 64 {
            return Err(What::Other(format!("differences of {width} bits")));
        }
        let packed = self.take(count / 8 * width)?;
        for group in packed.chunks_exact(width) {
            // Eight numbers take as many bytes as one takes bits.
            let mut padded = [0; 80];
            padded[..width].copy_from_slice(group);
            for at in 0..8 {
                let bit = at * width;
                let mut word = [0; 16];
                word.copy_from_slice(&padded[bit / 8..bit / 8 + 16]);
                let shifted = u128::from_le_bytes(word) >> (bit % 8);
                let [low @ .., _, _, _, _, _, _, _, _] =
                    (shifted & (u128::MAX >> (128 - width))).to_le_bytes();
                out.push(i64::from_le_bytes(low));
            }
        }
        Ok(())
    }
}
