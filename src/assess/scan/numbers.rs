//! Lists of numbers, each with a number of its own.

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// Lists, numbered from 1 in the order they were met. They stand one behind the other, so that a new one costs little.
#[derive(Default)]
pub struct Numbers {
    all: Vec<u32>,
    /// Where each ends.
    ends: Vec<usize>,
    places: HashTable<u32>,
}

impl Numbers {
    /// The number of a list, the same for the same; the list is empty afterwards.
    pub fn of(&mut self, list: &mut Vec<u32>) -> u32 {
        let hash = FxBuildHasher.hash_one(list.as_slice());
        let found = self.places.find(hash, |number| self.list(*number) == list.as_slice());
        let number = found.copied().unwrap_or_else(|| self.add(hash, list));
        list.clear();
        number
    }

    fn add(&mut self, hash: u64, list: &[u32]) -> u32 {
        self.all.extend_from_slice(list);
        self.ends.push(self.all.len());
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        let Numbers { all, ends, places } = self;
        places.insert_unique(hash, number, |number| FxBuildHasher.hash_one(list_of(all, ends, *number)));
        number
    }

    fn list(&self, number: u32) -> &[u32] {
        list_of(&self.all, &self.ends, number)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }
}

/// The list with a number, of lists that stand one behind the other.
fn list_of<'a>(all: &'a [u32], ends: &[usize], number: u32) -> &'a [u32] {
    let at = number as usize - 1;
    let start = at.checked_sub(1).map_or(0, |before| ends[before]);
    &all[start..ends[at]]
}
