//! Files packed with gzip or zstd.

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tariffsim::files::ReadAt;

/// No file is unpacked into memory to more than this: a small file can claim to hold anything.
const MOST: u64 = 4 << 30;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    /// How a file is packed that begins with some bytes, as far as it is; an error where its name says what it is not.
    pub fn of(path: &Path, head: &[u8]) -> Result<Option<Packing>, String> {
        if head.starts_with(&[0x1f, 0x8b]) {
            return Ok(Some(Packing::Gzip));
        }
        if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            return Ok(Some(Packing::Zstd));
        }
        let is_named = |name: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(name));
        match [("gz", Packing::Gzip), ("zst", Packing::Zstd)].iter().find(|(name, _)| is_named(name)) {
            Some((name, packing)) => {
                Err(format!("it is named .{name} and is not packed with {}", packing.name()))
            }
            None => Ok(None),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
        }
    }

    /// What a source holds, unpacked.
    fn reader<'s>(self, source: impl Read + Send + 's) -> Box<dyn Read + Send + 's> {
        match self {
            Packing::Gzip => Box::new(MultiGzDecoder::new(BufReader::new(source))),
            Packing::Zstd => Box::new(Zstd::new(BufReader::new(source))),
        }
    }

    /// Why unpacking failed, in words.
    fn explained(self, error: &io::Error) -> io::Error {
        let name = self.name();
        io::Error::other(if is_cut_off(error) {
            format!("its {name} data end too early: the file is cut off")
        } else if error.raw_os_error().is_some() {
            error.to_string()
        } else {
            format!("its {name} data are damaged ({error})")
        })
    }
}

/// Whether bytes were missing at the end, somewhere among the reasons.
fn is_cut_off(error: &io::Error) -> bool {
    let mut reason: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(one) = reason {
        let own = one.downcast_ref::<io::Error>();
        if own.is_some_and(|own| own.kind() == ErrorKind::UnexpectedEof) {
            return true;
        }
        reason = match own.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => one.source(),
        };
    }
    false
}

/// What a file holds, unpacked if it is packed; or why it cannot be, as the end of a sentence.
pub fn unpacked(path: &str, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    match Packing::of(Path::new(path), &bytes)? {
        Some(packing) => unpack(packing, &bytes, MOST),
        None => Ok(bytes),
    }
}

fn unpack(packing: Packing, packed: &[u8], most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(packed.len().saturating_mul(5));
    match packing.reader(packed).take(most.saturating_add(1)).read_to_end(&mut bytes) {
        Ok(length) if u64::try_from(length).is_ok_and(|length| length <= most) => Ok(bytes),
        Ok(_) => Err(format!("unpacked, it is larger than {} GB; unpack it and take it apart", most >> 30)),
        Err(error) => Err(packing.explained(&error).to_string()),
    }
}

/// A packed file that is unpacked as it is read. It is read forward; who asks for what is behind makes it start again.
pub struct Unpacking {
    path: PathBuf,
    packing: Packing,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    reader: Option<Box<dyn Read + Send>>,
    /// How many bytes have come of it.
    position: u64,
}

impl Unpacking {
    /// Of a file.
    pub fn new(path: &str, packing: Packing) -> Unpacking {
        Unpacking { path: PathBuf::from(path), packing, state: Mutex::default() }
    }

    fn read(&self, state: &mut State, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if state.reader.is_none() || offset < state.position {
            state.reader = Some(self.packing.reader(File::open(&self.path)?));
            state.position = 0;
        }
        let State { reader: Some(reader), position } = state else { return Ok(0) };
        let before = io::copy(&mut reader.by_ref().take(offset - *position), &mut io::sink())?;
        *position = position.saturating_add(before);
        if *position < offset {
            return Ok(0);
        }
        let read = reader.read(buffer)?;
        *position = position.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

impl ReadAt for Unpacking {
    fn size(&self) -> u64 {
        u64::MAX
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.read(&mut state, offset, buffer).map_err(|error| {
            state.reader = None;
            match error.kind() {
                ErrorKind::Interrupted => error,
                _ => self.packing.explained(&error),
            }
        })
    }
}

/// Frames of zstd, one behind the other.
struct Zstd<R> {
    source: R,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

impl<R: BufRead> Zstd<R> {
    fn new(source: R) -> Self {
        Zstd { source, decoder: FrameDecoder::new(), is_in_frame: false }
    }

    /// Goes on to the next frame that holds something; `false` behind the last.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    if io::copy(&mut self.source.by_ref().take(length), &mut io::sink())? < length {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    /// Holds what came of a frame against the sum that it states.
    fn check(&self) -> io::Result<()> {
        let stated = self.decoder.get_checksum_from_data();
        if stated.is_some() && stated != self.decoder.get_calculated_checksum() {
            return Err(io::Error::other("its checksum is another"));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_in_frame {
                self.is_in_frame = self.next_frame()?;
                if !self.is_in_frame {
                    return Ok(0);
                }
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, one).map_err(io::Error::other)?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            self.check()?;
            self.is_in_frame = false;
        }
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::{Packing, unpack};

    /// `printf 'product,origin,value\n' | gzip -n9`, as bytes.
    const GZIP: [u8; 41] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2b, 0x28, 0xca, 0x4f, 0x29, 0x4d, 0x2e,
        0xd1, 0xc9, 0x2f, 0xca, 0x4c, 0xcf, 0xcc, 0xd3, 0x29, 0x4b, 0xcc, 0x29, 0x4d, 0xe5, 0x02, 0x00, 0x19,
        0x99, 0xc7, 0x25, 0x15, 0x00, 0x00, 0x00,
    ];

    /// `printf 'product,origin,value\n' | zstd`, as bytes.
    const ZSTD: &[u8] = &[
        0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0xa9, 0x00, 0x00, 0x70, 0x72, 0x6f, 0x64, 0x75, 0x63, 0x74, 0x2c,
        0x6f, 0x72, 0x69, 0x67, 0x69, 0x6e, 0x2c, 0x76, 0x61, 0x6c, 0x75, 0x65, 0x0a, 0xdf, 0xec, 0xf8, 0x66,
    ];

    #[test]
    fn no_more_is_unpacked_than_may_be() {
        for (packing, packed) in [(Packing::Gzip, &GZIP[..]), (Packing::Zstd, ZSTD)] {
            assert_eq!(unpack(packing, packed, 21).as_deref(), Ok(&b"product,origin,value\n"[..]));
            assert!(unpack(packing, packed, 20).is_err());
        }
    }

    #[test]
    fn files_may_be_packed_in_pieces() {
        let skipped = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        for (packing, packed) in
            [(Packing::Gzip, [&GZIP[..], &GZIP].concat()), (Packing::Zstd, [ZSTD, &skipped, ZSTD].concat())]
        {
            assert_eq!(unpack(packing, &packed, 100).map(|bytes| bytes.len()), Ok(42));
        }
    }

    #[test]
    fn what_is_cut_off_or_damaged_is_said() {
        for (packing, packed) in [(Packing::Gzip, &GZIP[..]), (Packing::Zstd, ZSTD)] {
            for length in 12..packed.len() {
                let said = unpack(packing, &packed[..length], 100).expect_err("it is cut off");
                assert!(said.ends_with("data end too early: the file is cut off"), "{length}: {said}");
            }
            let mut damaged = packed.to_vec();
            damaged[20] ^= 1;
            let said = unpack(packing, &damaged, 100).expect_err("it is damaged");
            assert!(said.contains("data are damaged"), "{said}");
        }
        let said = unpack(Packing::Zstd, &[ZSTD, b"more"].concat(), 100).expect_err("it is damaged");
        assert!(said.contains("data are damaged"), "{said}");
    }
}
