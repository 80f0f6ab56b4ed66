//! Product codes of the Harmonized System and sets of them.

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
        if digits == 0 {
            return Err(ProductError::NotDigits);
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    digits: u8,
    first: u64,
    last: u64,
}

/// A set of prefixes and ranges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductSet {
    /// Sorted by length, then by the first code; entries of one length are disjoint.
    entries: Vec<Entry>,
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
        ProductSet { entries }
    }

    /// Both sets together.
    #[must_use]
    pub fn union(&self, other: &ProductSet) -> ProductSet {
        ProductSet::merged(self.entries.iter().chain(&other.entries).copied().collect())
    }

    /// The length of the longest entry a code falls under; `None` where it falls under none.
    pub fn longest_match(&self, product: Product) -> Option<usize> {
        let mut longer = self.entries.as_slice();
        while let Some(length) = longer.last().map(|e| e.digits) {
            let start = longer.partition_point(|e| e.digits < length);
            let (shorter, same) = longer.split_at(start);
            if length <= product.digits {
                let at = same.partition_point(|e| e.first <= product.padded);
                if at > 0 && product.padded <= same[at - 1].last {
                    return Some(usize::from(length));
                }
            }
            longer = shorter;
        }
        None
    }

    /// Whether a code falls under the set.
    pub fn contains(&self, product: Product) -> bool {
        self.longest_match(product).is_some()
    }

    /// Whether the code is too short to tell: an entry lies under it.
    pub fn splits(&self, product: Product) -> bool {
        self.entries
            .iter()
            .any(|e| e.digits > product.digits && e.first <= product.last() && product.padded <= e.last)
    }

    /// The length at which both sets have overlapping entries, if there is one.
    pub fn tie(&self, other: &ProductSet) -> Option<usize> {
        self.entries
            .iter()
            .find(|a| {
                other.entries.iter().any(|b| a.digits == b.digits && a.first <= b.last && b.first <= a.last)
            })
            .map(|e| usize::from(e.digits))
    }
}

/// Which goods a measure charges.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductScope {
    /// Goods; `None` is everything.
    pub include: Option<ProductSet>,
    /// Goods left out.
    pub except: ProductSet,
}

impl ProductScope {
    /// The length of the entry by which a code falls under the scope, 0 where the scope is everything;
    /// `None` where it does not.
    pub fn longest_match(&self, product: Product) -> Option<usize> {
        let length = match &self.include {
            Some(set) => set.longest_match(product)?,
            None => 0,
        };
        (!self.except.contains(product)).then_some(length)
    }

    /// Whether a code is too short to tell whether all of it falls under the scope.
    pub fn splits(&self, product: Product) -> bool {
        let falls_under = self.longest_match(product).is_some();
        let include = self.include.as_ref().is_some_and(|set| set.splits(product));
        (!falls_under && include && !self.except.contains(product))
            || (falls_under && self.except.splits(product))
    }

    /// Whether some code fits both scopes equally well, and at which length.
    pub fn tie(&self, other: &ProductScope) -> Option<usize> {
        match (&self.include, &other.include) {
            (None, None) => Some(0),
            (Some(a), Some(b)) => a.tie(b),
            _ => None,
        }
    }
}
