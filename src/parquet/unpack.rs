//! Unpacks what pages are compressed with. The size that a page should have is known before, and no more is made of it.

use super::page::What;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use parquet::basic::Compression;
use ruzstd::decoding::FrameDecoder;
use std::io::Read;

/// How pages are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Plain,
    Snappy,
    Gzip,
    Zstd,
}

impl Codec {
    /// `None` for those that are not read.
    pub(super) fn of(compression: Compression) -> Option<Codec> {
        match compression {
            Compression::UNCOMPRESSED => Some(Codec::Plain),
            Compression::SNAPPY => Some(Codec::Snappy),
            Compression::GZIP(_) => Some(Codec::Gzip),
            Compression::ZSTD(_) => Some(Codec::Zstd),
            _ => None,
        }
    }

    /// The `size` bytes that were packed.
    pub(super) fn unpack(self, packed: Bytes, size: usize) -> Result<Bytes, What> {
        // A page without values may be packed as nothing at all.
        if self == Codec::Plain || (size == 0 && packed.is_empty()) {
            return Ok(packed);
        }
        let unpacked = match self {
            Codec::Plain | Codec::Snappy => snappy(&packed, size),
            Codec::Gzip => gzip(&packed, size),
            Codec::Zstd => zstd(&packed, size),
        };
        match unpacked {
            Some(unpacked) if unpacked.len() == size => Ok(unpacked.into()),
            _ => Err(What::Other("a page cannot be unpacked".into())),
        }
    }
}

fn snappy(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    if snap::raw::decompress_len(packed).ok()? != size {
        return None;
    }
    snap::raw::Decoder::new().decompress_vec(packed).ok()
}

fn gzip(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    let most = u64::try_from(size).ok()?.checked_add(1)?;
    MultiGzDecoder::new(packed).take(most).read_to_end(&mut unpacked).ok()?;
    Some(unpacked)
}

fn zstd(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut unpacked = Vec::with_capacity(size);
    FrameDecoder::new().decode_all_to_vec(packed, &mut unpacked).ok()?;
    Some(unpacked)
}
