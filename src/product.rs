//! Product codes of the Harmonized System and sets of them.

use crate::date::{Date, Window};
use std::collections::BTreeMap;
use std::fmt;

/// Digits a code may have at most; national codes reach ten, some customs systems fourteen.
pub const MOST_DIGITS: usize = 14;

/// A product code of 2 to 14 digits; leading zeros count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Product {
    /// The digits, filled up with zeros to fourteen.
    padded: u64,
    digits: u8,
}

/// Why a text is no product code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProductError {
    /// It is empty or has other characters than digits, dots and spaces.
    NotDigits,
    /// It has an odd number of digits, as when a spreadsheet dropped the leading zero.
    OddDigits,
    /// It has more than fourteen digits.
    TooLong,
}

impl ProductError {
    /// What is wrong, as the end of a sentence.
    pub fn reason(self) -> &'static str {
        match self {
            ProductError::NotDigits => "is not a product code: only digits, dots and spaces may stand in one",
            ProductError::OddDigits => "has an odd number of digits",
            ProductError::TooLong => "has more than 14 digits",
        }
    }
}

impl Product {
    /// The code a text spells; dots and spaces are ignored.
    pub fn parse(text: &str) -> Result<Product, ProductError> {
        Product::parse_padded(text, 0)
    }

    /// The same, of a text to which zeros are added in front until it has so many digits.
    pub fn parse_padded(text: &str, pad: usize) -> Result<Product, ProductError> {
        let mut value: u64 = 0;
        let mut digits: usize = 0;
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' if digits < MOST_DIGITS => {
                    value = value * 10 + u64::from(byte - b'0');
                    digits += 1;
                }
                b'0'..=b'9' => return Err(ProductError::TooLong),
                b'.' | b' ' => {}
                _ => return Err(ProductError::NotDigits),
            }
        }
        digits = digits.max(pad);
        if digits == 0 {
            return Err(ProductError::NotDigits);
        }
        if digits > MOST_DIGITS {
            return Err(ProductError::TooLong);
        }
        if digits % 2 == 1 {
            return Err(ProductError::OddDigits);
        }
        Ok(Product { padded: value * fill(digits), digits: u8::try_from(digits).unwrap_or(0) })
    }

    /// How many digits it has.
    pub fn digits(self) -> usize {
        usize::from(self.digits)
    }

    /// Its first `digits` digits; itself where it has no more.
    #[must_use]
    pub fn prefix(self, digits: usize) -> Product {
        if digits >= self.digits() {
            return self;
        }
        let fill = fill(digits);
        Product { padded: self.padded / fill * fill, digits: u8::try_from(digits).unwrap_or(0) }
    }

    /// The code as two numbers that, with its length, no other code has.
    pub(crate) fn as_numbers(self) -> [u32; 2] {
        let low = |n: u64| u32::try_from(n & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        [low(self.padded >> 32), low(self.padded)]
    }

    /// The last code under this one, filled up with nines.
    fn last(self) -> u64 {
        self.padded + fill(self.digits()) - 1
    }
}

/// Ten to the power of the digits missing to fourteen.
fn fill(digits: usize) -> u64 {
    10_u64.pow(u32::try_from(MOST_DIGITS.saturating_sub(digits)).unwrap_or(0))
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.digits();
        write!(f, "{:0width$}", self.padded / fill(width))
    }
}

/// One prefix or range; a code falls under it if it lies between the two ends when cut to `digits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Entry {
    digits: u8,
    first: u64,
    last: u64,
}

/// A set of prefixes and ranges.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ProductSet {
    /// Sorted by length, then by the first code; entries of one length are disjoint.
    entries: Vec<Entry>,
    /// The lengths that occur, longest first, and where the entries of each stand.
    lengths: Vec<(u8, u32, u32)>,
}

impl FromIterator<(Product, Product)> for ProductSet {
    /// Everything under the prefixes from the first to the second of each pair, which have the same length.
    fn from_iter<T: IntoIterator<Item = (Product, Product)>>(ranges: T) -> Self {
        let entry = |(first, last): (Product, Product)| Entry {
            digits: first.digits,
            first: first.padded,
            last: last.last(),
        };
        ProductSet::merged(ranges.into_iter().map(entry).collect())
    }
}

impl ProductSet {
    fn merged(mut entries: Vec<Entry>) -> ProductSet {
        entries.sort_unstable();
        entries.dedup_by(|next, kept| {
            let joins = next.digits == kept.digits && next.first <= kept.last;
            if joins {
                kept.last = kept.last.max(next.last);
            }
            joins
        });
        let mut lengths = Vec::new();
        let mut start = 0;
        for alike in entries.chunk_by(|a, b| a.digits == b.digits) {
            let end = start + alike.len();
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            lengths.push((alike[0].digits, place(start), place(end)));
            start = end;
        }
        lengths.reverse();
        ProductSet { entries, lengths }
    }

    /// The lengths of entries that occur, longest first, with the entries of each.
    fn by_length(&self) -> impl Iterator<Item = (u8, &[Entry])> {
        self.lengths
            .iter()
            .map(|(length, start, end)| (*length, &self.entries[*start as usize..*end as usize]))
    }

    /// Both sets together.
    #[must_use]
    pub fn union(&self, other: &ProductSet) -> ProductSet {
        ProductSet::merged(self.entries.iter().chain(&other.entries).copied().collect())
    }

    /// The length of the longest entry a code falls under, with everything under it; `None` where there is none. A
    /// heading falls under a range of longer codes that holds all of it.
    pub fn longest_match(&self, product: Product) -> Option<usize> {
        self.by_length().find_map(|(length, same)| {
            let at = same.partition_point(|e| e.first <= product.padded);
            (at > 0 && product.last() <= same[at - 1].last).then_some(usize::from(length))
        })
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether a code falls under the set.
    pub fn contains(&self, product: Product) -> bool {
        self.longest_match(product).is_some()
    }

    /// Whether the code is too short to tell: an entry lies under it.
    pub fn splits(&self, product: Product) -> bool {
        self.by_length().take_while(|(length, _)| *length > product.digits).any(|(_, same)| {
            // Entries of one length are disjoint: the first that does not end before the code is the one to look at.
            let at = same.partition_point(|e| e.last < product.padded);
            same.get(at).is_some_and(|e| e.first <= product.last())
        })
    }

    /// How the set sees a code: codes that it sees alike, it treats alike.
    pub(crate) fn view(&self, product: Product) -> u32 {
        let length = self.longest_match(product).map_or(0, |digits| digits + 1);
        u32::try_from(length * 2).unwrap_or(u32::MAX) + u32::from(self.splits(product))
    }

    /// The lengths at which both sets have overlapping entries, with the codes in both.
    fn shared<'a>(&'a self, other: &'a ProductSet) -> impl Iterator<Item = Entry> + 'a {
        self.entries.iter().flat_map(|a| {
            other
                .entries
                .iter()
                .filter(|b| a.digits == b.digits && a.first <= b.last && b.first <= a.last)
                .map(|b| Entry { digits: a.digits, first: a.first.max(b.first), last: a.last.min(b.last) })
        })
    }

    /// Whether some entry holds all codes of another.
    fn holds(&self, entry: &Entry) -> bool {
        self.entries
            .iter()
            .any(|e| e.digits <= entry.digits && e.first <= entry.first && entry.last <= e.last)
    }
}

/// Two codes, and everything between them.
type Range = (Product, Product);

/// A set of goods, some of which belong to it only for a time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DatedSet {
    always: ProductSet,
    dated: Vec<(Window, ProductSet)>,
}

impl From<ProductSet> for DatedSet {
    fn from(always: ProductSet) -> Self {
        DatedSet { always, dated: Vec::new() }
    }
}

impl FromIterator<(Product, Window)> for DatedSet {
    fn from_iter<T: IntoIterator<Item = (Product, Window)>>(members: T) -> Self {
        let mut by_window: BTreeMap<(Option<Date>, Option<Date>), Vec<Range>> = BTreeMap::new();
        for (product, window) in members {
            by_window.entry((window.from, window.until)).or_default().push((product, product));
        }
        let always = by_window.remove(&(None, None)).unwrap_or_default().into_iter().collect();
        let dated = by_window
            .into_iter()
            .map(|((from, until), ranges)| (Window { from, until }, ranges.into_iter().collect()))
            .collect();
        DatedSet { always, dated }
    }
}

impl DatedSet {
    /// Both sets together.
    #[must_use]
    pub fn union(&self, other: &DatedSet) -> DatedSet {
        let dated = self.dated.iter().chain(&other.dated).cloned().collect();
        DatedSet { always: self.always.union(&other.always), dated }
    }

    /// The sets that hold on a day.
    fn on(&self, day: Date) -> impl Iterator<Item = &ProductSet> {
        let dated = self.dated.iter().filter(move |(window, _)| window.contains(day)).map(|(_, set)| set);
        std::iter::once(&self.always).chain(dated)
    }

    /// The length of the longest entry a code falls under on a day; `None` where it falls under none.
    pub fn longest_match(&self, product: Product, day: Date) -> Option<usize> {
        self.on(day).filter_map(|set| set.longest_match(product)).max()
    }

    /// Whether a code falls under the set on a day.
    pub fn contains(&self, product: Product, day: Date) -> bool {
        self.longest_match(product, day).is_some()
    }

    /// Whether the code is too short to tell on a day: an entry lies under it.
    pub fn splits(&self, product: Product, day: Date) -> bool {
        self.on(day).any(|set| set.splits(product))
    }

    /// The sets it is made of, whatever the day.
    pub(crate) fn ever(&self) -> impl Iterator<Item = &ProductSet> {
        std::iter::once(&self.always)
            .chain(self.dated.iter().map(|(_, set)| set))
            .filter(|set| !set.is_empty())
    }

    /// The days on which some goods join or leave.
    pub fn change_dates(&self) -> impl Iterator<Item = Date> {
        self.dated.iter().flat_map(|(window, _)| window.from.into_iter().chain(window.until))
    }

    /// Whether nothing is ever in it.
    pub fn is_empty(&self) -> bool {
        self.always.entries.is_empty() && self.dated.is_empty()
    }
}

/// How a code fits a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// The length of the entry by which it falls under the scope, 0 where that is everything; `None` where it does not.
    pub matched: Option<usize>,
    /// Whether it is too short to tell whether all of it does.
    pub is_split: bool,
}

/// Which goods a measure charges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductScope {
    /// Goods; `None` is everything.
    pub include: Option<DatedSet>,
    /// Goods left out.
    pub except: DatedSet,
}

impl ProductScope {
    /// The length of the entry by which a code falls under the scope on a day, 0 where the scope is everything;
    /// `None` where it does not.
    pub fn longest_match(&self, product: Product, day: Date) -> Option<usize> {
        self.fit(product, day).matched
    }

    /// How a code fits the scope on a day.
    pub fn fit(&self, product: Product, day: Date) -> Fit {
        if self.except.contains(product, day) {
            return Fit { matched: None, is_split: false };
        }
        let (matched, includes) = match &self.include {
            Some(set) => (set.longest_match(product, day), Some(set)),
            None => (Some(0), None),
        };
        let is_split = match matched {
            Some(_) => self.except.splits(product, day),
            None => includes.is_some_and(|set| set.splits(product, day)),
        };
        Fit { matched, is_split }
    }

    /// Whether some code fits both scopes equally well whatever the day, and at which length. Goods that belong to a
    /// group only for a time are left to the day itself.
    pub fn tie(&self, other: &ProductScope) -> Option<usize> {
        let excepted = |entry: &Entry| self.except.always.holds(entry) || other.except.always.holds(entry);
        match (&self.include, &other.include) {
            (None, None) => Some(0),
            (Some(a), Some(b)) => {
                let entry = a.always.shared(&b.always).find(|entry| !excepted(entry));
                entry.map(|entry| usize::from(entry.digits))
            }
            _ => None,
        }
    }

    /// Whether a code falls under the scope on some day.
    pub fn ever_matches(&self, product: Product) -> bool {
        self.include.as_ref().is_none_or(|set| {
            set.always.contains(product) || set.dated.iter().any(|(_, dated)| dated.contains(product))
        })
    }

    /// The days on which the scope changes.
    pub fn change_dates(&self) -> impl Iterator<Item = Date> {
        self.include.iter().flat_map(DatedSet::change_dates).chain(self.except.change_dates())
    }
}
