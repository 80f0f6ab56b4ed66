//! Whether a flow id is given twice, without keeping the ids: a number is kept of each, and only where two are the same
//! are the ids themselves looked at. Where there are too many numbers, the files are read again for the others.

use super::input::{Broken, Input, Pieces, open};
use crate::diagnostic::{Code, Diagnostics, Sources};
use crate::files::Files;
use crate::scenario::FlowSource;
use crate::trade::{self, BadRows, Defaults, Ids, Opened, Place, Rows, Tone};
use rustc_hash::{FxHashMap, FxHashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Numbers that are kept at once.
const MOST: usize = 1 << 23;

/// A number for each id, which two ids hardly share.
#[derive(Debug)]
pub struct Fingerprints {
    kept: Vec<u64>,
    /// Only one in so many is kept, those that leave this rest.
    parts: u64,
    rest: u64,
    most: usize,
}

impl Default for Fingerprints {
    fn default() -> Self {
        Fingerprints { kept: Vec::new(), parts: 1, rest: 0, most: MOST }
    }
}

/// The number of an id.
pub fn fingerprint(id: &[u8]) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(id.trim_ascii())
}

impl Fingerprints {
    /// Takes numbers in.
    pub fn extend(&mut self, numbers: &mut Vec<u64>) {
        let (parts, rest) = (self.parts, self.rest);
        self.kept.extend(numbers.drain(..).filter(|number| number % parts == rest));
        while self.rest == 0 && self.kept.len() > self.most {
            self.parts *= 2;
            let parts = self.parts;
            self.kept.retain(|number| number % parts == 0);
        }
    }

    /// Whether no id was given.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Those that are there more than once.
    fn repeated(&mut self) -> impl Iterator<Item = u64> {
        self.kept.sort_unstable();
        let twice = self.kept.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        twice.collect::<FxHashSet<u64>>().into_iter()
    }
}

/// Where flows come from, to be read again.
pub struct Again<'a> {
    pub origins: &'a [FlowSource],
    pub defaults: &'a Defaults,
    pub files: &'a dyn Files,
    /// What paths are relative to.
    pub sources: Sources,
}

impl Again<'_> {
    /// The ids that are given twice, and who has each first.
    pub fn firsts(&self, sources: &Sources, said: &mut Diagnostics) -> Firsts {
        let mut numbers = Fingerprints::default();
        let mut one = Vec::with_capacity(1);
        self.each(said, &mut |_, _, rows| {
            one.extend(rows.id().map(|id| fingerprint(id.as_bytes())));
            numbers.extend(&mut one);
        });
        let mut inline = Ids::new();
        for origin in self.origins {
            if let FlowSource::Inline(tables) = origin {
                trade::inline(tables, self.defaults, &mut inline, sources, &mut Diagnostics::new());
            }
        }
        numbers.extend(&mut inline.keys().map(|id| fingerprint(id.as_bytes())).collect());
        let repeated = self.repeated(numbers, said);
        let mut firsts = Firsts::default();
        if repeated.is_empty() {
            return firsts;
        }
        for (at, origin) in self.origins.iter().enumerate() {
            match origin {
                FlowSource::Inline(tables) => {
                    drop(trade::inline(tables, self.defaults, &mut firsts.places, sources, said));
                }
                FlowSource::File(_) => self.one(at, said, &mut |_, _, rows| {
                    let Some(id) = rows.id().filter(|id| repeated.contains(&fingerprint(id.as_bytes())))
                    else {
                        return;
                    };
                    let id = id.into_owned();
                    if !firsts.places.contains_key(&id) {
                        // What else is wrong with the row is said when it is read for good.
                        drop(rows.read(&mut firsts.places));
                        if firsts.places.contains_key(&id) {
                            firsts.rows.insert(id, (at, rows.number()));
                        }
                    }
                }),
            }
        }
        firsts
    }

    /// The numbers that are there more than once.
    fn repeated(&self, mut numbers: Fingerprints, said: &mut Diagnostics) -> FxHashSet<u64> {
        let mut repeated: FxHashSet<u64> = numbers.repeated().collect();
        for rest in 1..numbers.parts {
            numbers.rest = rest;
            numbers.kept.clear();
            let mut one = Vec::with_capacity(1);
            self.each(said, &mut |_, _, rows| {
                one.extend(rows.id().map(|id| fingerprint(id.as_bytes())));
                numbers.extend(&mut one);
            });
            repeated.extend(numbers.repeated());
        }
        repeated
    }

    /// Says which ids are given twice.
    pub fn report(&self, numbers: Fingerprints, sources: &mut Sources, said: &mut Diagnostics) {
        let repeated = self.repeated(numbers, said);
        if repeated.is_empty() {
            return;
        }
        let mut ids = Ids::new();
        for origin in self.origins {
            if let FlowSource::Inline(tables) = origin {
                trade::inline(tables, self.defaults, &mut ids, sources, said);
            }
        }
        let mut bad = Vec::new();
        self.each(said, &mut |_, opened, rows| {
            if rows.id().is_some_and(|id| repeated.contains(&fingerprint(id.as_bytes())))
                && let Err(mut row) = rows.read(&mut ids)
            {
                // What else is wrong with the row was said when it was read for good.
                row.problems.retain(|problem| problem.code == Code::RepeatedId);
                match bad.last_mut() {
                    Some((path, rows)) if *path == opened.path => BadRows::add(rows, *row),
                    _ => {
                        let mut rows = BadRows::default();
                        rows.add(*row);
                        bad.push((opened.path.clone(), rows));
                    }
                }
            }
        });
        for (path, rows) in bad {
            rows.report(&path, Tone::Stop, sources, said);
        }
    }

    /// Shows every row of every file.
    fn each(&self, said: &mut Diagnostics, see: &mut See<'_>) {
        (0..self.origins.len()).for_each(|at| self.one(at, said, see));
    }

    /// Shows every row of a file.
    fn one(&self, at: usize, said: &mut Diagnostics, see: &mut See<'_>) {
        let FlowSource::File(file) = &self.origins[at] else { return };
        // What is to be said of the header is said elsewhere.
        let (mut sources, mut known) = (self.sources.clone(), Diagnostics::new());
        let input = open(file, self.defaults, &|_| false, self.files, &mut sources, &mut known);
        let Some(Input::File { opened, pieces }) = input else { return };
        if let Err(broken) = each_row(at, &opened, &pieces, see) {
            said.extend(broken.diagnostic(&opened));
        }
    }
}

/// Sees a row of a file, which has a number among those that are read.
type See<'s> = dyn FnMut(usize, &Opened<'_>, &Rows<'_, '_>) + 's;

/// Ids that are given twice.
#[derive(Default)]
pub struct Firsts {
    /// Where each stands first.
    places: Ids,
    /// The file and the row of those that stand first in a file.
    rows: FxHashMap<String, (usize, usize)>,
}

impl Firsts {
    /// Whether none is given twice.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The id of a row and where it stands first, where that is elsewhere.
    pub fn place(&self, input: usize, rows: &Rows<'_, '_>) -> Option<(String, Place)> {
        if self.is_empty() {
            return None;
        }
        let id = rows.id()?;
        let place = self.places.get(id.as_ref())?;
        if self.rows.get(id.as_ref()) == Some(&(input, rows.number())) {
            return None;
        }
        Some((id.into_owned(), place.clone()))
    }
}

fn each_row(at: usize, opened: &Opened<'_>, pieces: &Pieces, see: &mut See<'_>) -> Result<(), Broken> {
    pieces.each(&mut |part| {
        let mut rows = opened.rows(part.chunk());
        while rows.advance(&mut BadRows::default()) {
            see(at, opened, &rows);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::Fingerprints;

    #[test]
    fn of_many_numbers_a_part_is_kept_at_a_time() {
        let mut numbers = Fingerprints { most: 100, ..Fingerprints::default() };
        numbers.extend(&mut (0..1000).chain([512, 7]).collect());
        assert_eq!(numbers.parts, 16);
        assert_eq!(numbers.repeated().collect::<Vec<_>>(), [512]);
        numbers.rest = 7;
        numbers.kept.clear();
        numbers.extend(&mut (0..1000).chain([512, 7]).collect());
        assert_eq!(numbers.repeated().collect::<Vec<_>>(), [7]);
    }
}
