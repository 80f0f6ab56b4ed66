//! A look at the lengths in a file's head and pages before the library allocates what they say.
//!
//! The library takes the number of children of a schema's node and the size of a page as they are written; a damaged
//! file would have it allocate gigabytes. Both are read here first, in Thrift's compact protocol.

/// As deep as a schema may be, and as values may be nested in a footer.
const DEPTH: usize = 32;

/// The field of the footer that holds the schema, and that of its nodes with the number of children.
const SCHEMA: i16 = 2;
const CHILDREN: i16 = 5;

/// The types of the protocol that are told apart here.
const STOP: u8 = 0;
const INT_32: u8 = 5;
const LIST: u8 = 9;
const STRUCTURE: u8 = 12;

/// Whether a footer's lengths are within it, and its schema is a tree of the nodes that it has.
pub(super) fn footer_is_sound(footer: &[u8]) -> bool {
    let mut compact = Compact { bytes: footer };
    compact.footer().is_some()
}

/// The size of a page unpacked, from the first bytes of its head; `None` where they are no head.
pub(super) fn unpacked_size(head: &[u8]) -> Option<u64> {
    let mut compact = Compact { bytes: head };
    let mut last = 0;
    let mut numbers = [0; 2];
    // The kind of page comes first, then its size unpacked.
    for (at, number) in (1..).zip(&mut numbers) {
        if compact.field(&mut last)? != Field::Of(at, INT_32) {
            return None;
        }
        *number = compact.signed()?;
    }
    u64::try_from(numbers[1]).ok()
}

/// What comes next in a structure.
#[derive(PartialEq, Eq)]
enum Field {
    /// A field, by its number and type.
    Of(i16, u8),
    Stop,
}

struct Compact<'a> {
    bytes: &'a [u8],
}

impl Compact<'_> {
    fn footer(&mut self) -> Option<()> {
        let mut last = 0;
        while let Field::Of(id, kind) = self.field(&mut last)? {
            match (id, kind) {
                (SCHEMA, LIST) => self.schema()?,
                _ => self.skip(kind, DEPTH)?,
            }
        }
        Some(())
    }

    /// A list of nodes, each before its children.
    fn schema(&mut self) -> Option<()> {
        let (kind, nodes) = self.list()?;
        if kind != STRUCTURE && nodes > 0 {
            return None;
        }
        // Children still to come, of every node that has some.
        let mut open: Vec<u64> = Vec::new();
        for at in 0..nodes {
            while open.last() == Some(&0) {
                open.pop();
            }
            match open.last_mut() {
                Some(children) => *children -= 1,
                None if at == 0 => {}
                None => return None,
            }
            let children = u64::try_from(self.children()?).ok()?;
            if children > nodes - at || open.len() == DEPTH {
                return None;
            }
            open.push(children);
        }
        open.iter().all(|children| *children == 0).then_some(())
    }

    /// How many children a node has.
    fn children(&mut self) -> Option<i64> {
        let (mut last, mut children) = (0, 0);
        while let Field::Of(id, kind) = self.field(&mut last)? {
            match (id, kind) {
                (CHILDREN, INT_32) => children = self.signed()?,
                _ => self.skip(kind, DEPTH)?,
            }
        }
        Some(children)
    }

    /// The next field's number and type; nothing at the end of a structure.
    fn field(&mut self, last: &mut i16) -> Option<Field> {
        let head = self.byte()?;
        let kind = head & 0x0f;
        if kind == STOP {
            return Some(Field::Stop);
        }
        *last = match head >> 4 {
            0 => i16::try_from(self.signed()?).ok()?,
            step => last.checked_add(i16::from(step))?,
        };
        Some(Field::Of(*last, kind))
    }

    fn list(&mut self) -> Option<(u8, u64)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.unsigned()?,
            count => u64::from(count),
        };
        // Every element takes a byte or more.
        (count <= self.bytes.len() as u64).then_some((head & 0x0f, count))
    }

    /// Passes over a value in a structure.
    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            // A flag is its own type.
            1 | 2 => Some(()),
            _ => self.skip_element(kind, depth),
        }
    }

    /// Passes over a value in a list.
    fn skip_element(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            1..=3 => self.take(1),
            4..=6 => self.unsigned().map(|_| ()),
            7 => self.take(8),
            8 => {
                let length = self.unsigned()?;
                self.take(usize::try_from(length).ok()?)
            }
            LIST | 10 => {
                let (kind, count) = self.list()?;
                (0..count).try_for_each(|_| self.skip_element(kind, depth))
            }
            11 => self.skip_map(depth),
            STRUCTURE => {
                let mut last = 0;
                while let Field::Of(_, kind) = self.field(&mut last)? {
                    self.skip(kind, depth)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    fn skip_map(&mut self, depth: usize) -> Option<()> {
        let count = self.unsigned()?;
        if count == 0 {
            return Some(());
        }
        let kinds = self.byte()?;
        (0..count).try_for_each(|_| {
            self.skip_element(kinds >> 4, depth)?;
            self.skip_element(kinds & 0x0f, depth)
        })
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<()> {
        self.bytes = self.bytes.get(count..)?;
        Some(())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Numbers with a sign have it in their last bit.
    fn signed(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        let half = i64::try_from(number >> 1).ok()?;
        Some(if number & 1 == 0 { half } else { !half })
    }
}
