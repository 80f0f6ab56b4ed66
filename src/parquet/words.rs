//! Texts by their places in a list of words.

use super::page::{Stored, What};
use super::typed::split_text;
use super::values::NULL;
use bytes::Buf;
use hashbrown::HashTable;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Words, each with a place from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    text: String,
    /// Where each word ends in `text`; the next one begins there.
    ends: Vec<usize>,
}

impl Words {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The word at a place; `None` where there is none, as at [`NULL`].
    pub fn get(&self, place: u32) -> Option<&str> {
        let place = usize::try_from(place).ok()?;
        let end = *self.ends.get(place)?;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.text.get(start..*end).unwrap_or_default())
    }

    fn push(&mut self, word: &str) {
        self.text.push_str(word);
        self.ends.push(self.text.len());
    }
}

impl<'a> FromIterator<&'a str> for Words {
    fn from_iter<I: IntoIterator<Item = &'a str>>(words: I) -> Words {
        let mut list = Words::default();
        words.into_iter().for_each(|word| list.push(word));
        list
    }
}

/// Words that can be found.
#[derive(Default)]
pub(super) struct WordsByPlace {
    words: Arc<Words>,
    /// Words by what they are; those that no one has looked for may not be in it yet.
    places: HashTable<u32>,
}

impl WordsByPlace {
    /// Words, none of which is looked for yet.
    fn of(words: Arc<Words>) -> WordsByPlace {
        WordsByPlace { words, places: HashTable::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn get(&self, place: u32) -> Option<&str> {
        self.words.get(place)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter()
    }

    /// The place of a word, which is added where it is new; `None` where there are too many to be numbered.
    pub(super) fn place(&mut self, word: &str) -> Option<u32> {
        let WordsByPlace { words, places } = self;
        if places.is_empty() {
            for (place, word) in (0..).zip(words.iter()) {
                places.insert_unique(hash(word), place, |place| hash(at(words, *place)));
            }
        }
        let hashed = hash(word);
        if let Some(place) = places.find(hashed, |place| at(words, *place) == word) {
            return Some(*place);
        }
        let place = u32::try_from(words.len()).ok().filter(|place| *place != NULL)?;
        // Copies the list where someone still holds it: what was handed out does not change.
        let words = Arc::make_mut(words);
        words.push(word);
        places.insert_unique(hashed, place, |place| hash(at(words, *place)));
        Some(place)
    }
}

fn at(words: &Words, place: u32) -> &str {
    words.get(place).unwrap_or_default()
}

fn hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

/// Words that texts outside a dictionary may add, before they are given up and collected anew.
const ADDED: usize = 1 << 15;

/// The words of a column as they are collected: those of the dictionary, then those of texts that stand for themselves.
#[derive(Default)]
pub(super) struct Collected {
    dictionary: Option<Arc<Words>>,
    all: WordsByPlace,
}

impl Collected {
    pub(super) fn set_dictionary(&mut self, bytes: &[u8], count: usize) -> Result<(), What> {
        let mut words = Words::default();
        let mut rest = bytes;
        for at in 0..count {
            let (word, behind) = split_text(rest)?;
            words.push(text(word, at)?);
            rest = behind;
        }
        let words = Arc::new(words);
        self.dictionary = Some(Arc::clone(&words));
        self.all = WordsByPlace::of(words);
        Ok(())
    }

    /// The words so far.
    pub(super) fn words(&self) -> Arc<Words> {
        Arc::clone(&self.all.words)
    }

    /// Before a batch: gives up words that were added, where they are many.
    pub(super) fn limit(&mut self) {
        let kept = self.dictionary.as_ref().map_or(0, |dictionary| dictionary.len());
        if self.all.len() - kept > ADDED {
            self.all = WordsByPlace::of(self.dictionary.clone().unwrap_or_default());
        }
    }

    /// Appends the codes of the next `count` texts of a page.
    pub(super) fn take(&mut self, stored: &mut Stored, count: usize, out: &mut Vec<u32>) -> Result<(), What> {
        match stored {
            Stored::Codes(codes) => {
                let from = out.len();
                codes.fill(out, count)?;
                let dictionary = self.dictionary.as_ref().ok_or(What::NoDictionary)?;
                let last = out[from..].iter().fold(0, |last, code| last.max(*code));
                if count > 0 && last as usize >= dictionary.len() {
                    return Err(What::OutsideDictionary);
                }
                Ok(())
            }
            Stored::Plain(bytes) => {
                let used = self.plain(bytes, count, out)?;
                bytes.advance(used);
                Ok(())
            }
        }
    }

    fn plain(&mut self, bytes: &[u8], count: usize, out: &mut Vec<u32>) -> Result<usize, What> {
        let mut rest = bytes;
        let mut before: (&[u8], u32) = (&[], NULL);
        for at in 0..count {
            let (word, behind) = split_text(rest)?;
            if before.1 == NULL || before.0 != word {
                let place = self.all.place(text(word, at)?);
                before = (word, place.ok_or_else(|| What::Other("too many different texts".into()))?);
            }
            out.push(before.1);
            rest = behind;
        }
        Ok(bytes.len() - rest.len())
    }
}

fn text(word: &[u8], at: usize) -> Result<&str, What> {
    std::str::from_utf8(word).map_err(|_| What::Value { at, what: "is not UTF-8 text" })
}
