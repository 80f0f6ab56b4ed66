//! Runs of repeated numbers and of numbers packed in a few bits: how Parquet writes levels and places in a dictionary.

use bytes::Bytes;

/// Reads such runs.
#[derive(Clone)]
pub(super) struct Hybrid {
    bytes: Bytes,
    at: usize,
    /// Bits a number, at most 32.
    width: u8,
    /// What is left of a repeated number.
    repeated: usize,
    number: u32,
    /// Groups of eight left of a packed run.
    groups: usize,
    /// A group begun, and how many of it are left.
    group: [u32; 8],
    held: usize,
}

/// The runs end before as many numbers as there should be.
#[derive(Debug)]
pub(super) struct EndsEarly;

impl Hybrid {
    /// Runs of numbers of `width` bits; `None` where that is over 32.
    pub(super) fn new(bytes: Bytes, width: u8) -> Option<Hybrid> {
        let fresh = Hybrid { bytes, at: 0, width, repeated: 0, number: 0, groups: 0, group: [0; 8], held: 0 };
        (width <= 32).then_some(fresh)
    }

    /// Bits packed without runs.
    pub(super) fn bits(bytes: Bytes) -> Hybrid {
        let groups = bytes.len();
        Hybrid { bytes, at: 0, width: 1, repeated: 0, number: 0, groups, group: [0; 8], held: 0 }
    }

    /// Takes `count` numbers where all of them are `number` and of one run; else takes none.
    pub(super) fn skip_repeated(&mut self, number: u32, count: usize) -> bool {
        if self.held == 0 && self.groups == 0 && self.repeated == 0 && self.run().is_err() {
            return false;
        }
        let all = self.held == 0 && self.number == number && self.repeated >= count;
        if all {
            self.repeated -= count;
        }
        all
    }

    /// Appends the next `count` numbers.
    pub(super) fn fill(&mut self, out: &mut Vec<u32>, mut count: usize) -> Result<(), EndsEarly> {
        while count > 0 {
            if self.held > 0 {
                let taken = self.held.min(count);
                let from = self.group.len() - self.held;
                out.extend_from_slice(&self.group[from..from + taken]);
                self.held -= taken;
                count -= taken;
            } else if self.repeated > 0 {
                let taken = self.repeated.min(count);
                out.resize(out.len() + taken, self.number);
                self.repeated -= taken;
                count -= taken;
            } else if self.groups > 0 {
                count -= self.unpack(out, count)?;
            } else {
                self.run()?;
            }
        }
        Ok(())
    }

    /// Appends whole groups, as many as fit; or opens one that does not.
    fn unpack(&mut self, out: &mut Vec<u32>, count: usize) -> Result<usize, EndsEarly> {
        let width = usize::from(self.width);
        let left = self.bytes.len() - self.at;
        if width == 0 {
            self.group = [0; 8];
        } else if left == 0 {
            return Err(EndsEarly);
        }
        let whole = left.checked_div(width).map_or(0, |groups| groups.min(self.groups).min(count / 8));
        if whole > 0 {
            let end = self.at + whole * width;
            unpack_groups(self.width, &self.bytes[self.at..end], out);
            self.at = end;
            self.groups -= whole;
            return Ok(whole * 8);
        }
        if width > 0 {
            // The last group of a run may be cut off behind its last number.
            let taken = left.min(width);
            let mut padded = [0; 32];
            padded[..taken].copy_from_slice(&self.bytes[self.at..self.at + taken]);
            let mut group = Vec::with_capacity(8);
            unpack_groups(self.width, &padded[..width], &mut group);
            self.group.copy_from_slice(&group);
            self.at += taken;
        }
        self.groups -= 1;
        self.held = 8;
        Ok(0)
    }

    /// Reads the head of the next run.
    fn run(&mut self) -> Result<(), EndsEarly> {
        let mut head: u64 = 0;
        for shift in (0..35).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or(EndsEarly)?;
            self.at += 1;
            head |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return self.begin(head);
            }
        }
        Err(EndsEarly)
    }

    fn begin(&mut self, head: u64) -> Result<(), EndsEarly> {
        let count = usize::try_from(head >> 1).map_err(|_| EndsEarly)?;
        if head & 1 == 1 {
            self.groups = count;
            return Ok(());
        }
        let width = usize::from(self.width.div_ceil(8));
        let mut number = [0; 4];
        number[..width].copy_from_slice(self.bytes.get(self.at..self.at + width).ok_or(EndsEarly)?);
        self.at += width;
        self.number = u32::from_le_bytes(number);
        self.repeated = count;
        Ok(())
    }
}

/// Appends groups of eight numbers of `width` bits.
fn unpack_groups(width: u8, bytes: &[u8], out: &mut Vec<u32>) {
    macro_rules! widths {
        ($($w:literal)*) => { match width { $($w => unpack::<$w>(bytes, out),)* _ => {} } };
    }
    widths!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
}

fn unpack<const WIDTH: usize>(bytes: &[u8], out: &mut Vec<u32>) {
    out.reserve(bytes.len() / WIDTH * 8);
    for packed in bytes.as_chunks::<WIDTH>().0 {
        let mut padded = [0; 40];
        padded[..WIDTH].copy_from_slice(packed);
        let group: [u32; 8] = std::array::from_fn(|i| {
            let bit = i * WIDTH;
            let mut word = [0; 8];
            word.copy_from_slice(&padded[bit / 8..bit / 8 + 8]);
            let shifted = u64::from_le_bytes(word) >> (bit % 8);
            let [a, b, c, d, ..] = (shifted & (u64::MAX >> (64 - WIDTH))).to_le_bytes();
            u32::from_le_bytes([a, b, c, d])
        });
        out.extend_from_slice(&group);
    }
}
