//! Files packed with gzip.

use flate2::read::MultiGzDecoder;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// No file is unpacked to more than this: a small file can claim to hold anything.
const MOST: u64 = 4 << 30;

/// What a file holds, unpacked if it is packed; or why it cannot be, as the end of a sentence.
pub fn unpacked(path: &str, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return unpack(&bytes, MOST);
    }
    if Path::new(path).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz")) {
        return Err("it is named .gz and is not packed with gzip".to_owned());
    }
    Ok(bytes)
}

fn unpack(packed: &[u8], most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(packed.len().saturating_mul(5));
    let read = MultiGzDecoder::new(packed).take(most.saturating_add(1)).read_to_end(&mut bytes);
    match read {
        Ok(length) if u64::try_from(length).is_ok_and(|length| length <= most) => Ok(bytes),
        Ok(_) => Err(format!("unpacked, it is larger than {} GB; unpack it and take it apart", most >> 30)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err("its gzip data end too early: the file is cut off".to_owned())
        }
        Err(error) => Err(format!("its gzip data are damaged ({error})")),
    }
}

#[cfg(test)]
mod tests {
    use super::unpack;

    /// `printf 'product,origin,value\n' | gzip -n9`, as bytes.
    const PACKED: [u8; 41] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2b, 0x28, 0xca, 0x4f, 0x29, 0x4d, 0x2e,
        0xd1, 0xc9, 0x2f, 0xca, 0x4c, 0xcf, 0xcc, 0xd3, 0x29, 0x4b, 0xcc, 0x29, 0x4d, 0xe5, 0x02, 0x00, 0x19,
        0x99, 0xc7, 0x25, 0x15, 0x00, 0x00, 0x00,
    ];

    #[test]
    fn no_more_is_unpacked_than_may_be() {
        assert_eq!(unpack(&PACKED, 21).map(|bytes| bytes.len()), Ok(21));
        assert!(unpack(&PACKED, 20).is_err());
    }
}
