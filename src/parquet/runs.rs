//! Writes numbers as runs: repeated ones once, others packed in a few bits each. [`hybrid`](super::hybrid) reads them.

/// Repetitions from which on a run of its own is shorter.
const REPEATED: usize = 16;

/// Bits that numbers up to `last` take; at least one.
pub(super) fn width(last: u32) -> u8 {
    // Of 32 bits at most 32 are taken.
    u8::try_from(u32::BITS - last.leading_zeros()).unwrap_or(32).max(1)
}

/// Appends one number, many times.
pub(super) fn repeated(number: u32, count: usize, width: u8, out: &mut Vec<u8>) {
    head((count as u64) << 1, out);
    let bytes = number.to_le_bytes();
    out.extend_from_slice(&bytes[..usize::from(width.div_ceil(8))]);
}

/// Appends numbers of at most `width` bits.
pub(super) fn write(numbers: &[u32], width: u8, out: &mut Vec<u8>) {
    let (mut from, mut at) = (0, 0);
    while at < numbers.len() {
        let number = numbers[at];
        let count = numbers[at..].iter().take_while(|next| **next == number).count();
        // Numbers are packed by eight; a run begins where a packed one may end.
        let to_edge = (at - from).next_multiple_of(8) - (at - from);
        if count < REPEATED + to_edge {
            at += count;
            continue;
        }
        packed(&numbers[from..at + to_edge], width, out);
        repeated(number, count - to_edge, width, out);
        at += count;
        from = at;
    }
    packed(&numbers[from..], width, out);
}

/// Appends numbers packed by eight, zeros behind the last.
fn packed(numbers: &[u32], width: u8, out: &mut Vec<u8>) {
    if numbers.is_empty() {
        return;
    }
    let groups = numbers.len().div_ceil(8);
    head((groups as u64) << 1 | 1, out);
    let end = out.len() + groups * usize::from(width);
    let (mut word, mut bits) = (0_u64, 0);
    for number in numbers {
        word |= u64::from(*number) << bits;
        bits += u32::from(width);
        while bits >= 8 {
            let [low, ..] = word.to_le_bytes();
            out.push(low);
            word >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        let [low, ..] = word.to_le_bytes();
        out.push(low);
    }
    out.resize(end, 0);
}

/// Appends the head of a run, seven bits a byte.
fn head(mut number: u64, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}
