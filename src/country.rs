//! Countries as ISO 3166 names them, the European Union, and sets of them.

use celes::Country as Iso;
use std::collections::BTreeSet;
use std::fmt;

/// A country, held by its alpha-2 code. `EU` is the European Union, `XK` Kosovo (a user-assigned
/// code that customs authorities use).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// The members of the European Union since 2020-02-01.
const EU_MEMBERS: [&[u8; 2]; 27] = [
    b"AT", b"BE", b"BG", b"CY", b"CZ", b"DE", b"DK", b"EE", b"ES", b"FI", b"FR", b"GR", b"HR", b"HU", b"IE",
    b"IT", b"LT", b"LU", b"LV", b"MT", b"NL", b"PL", b"PT", b"RO", b"SE", b"SI", b"SK",
];

impl Country {
    /// The European Union.
    pub const EU: Country = Country(*b"EU");

    /// The country of an alpha-2 or alpha-3 code in capitals.
    pub fn from_code(code: &str) -> Option<Country> {
        if !code.bytes().all(|b| b.is_ascii_uppercase()) {
            return None;
        }
        let alpha2 = match code {
            "EU" | "XK" => code,
            "XKX" => "XK",
            _ if code.len() == 2 => Iso::from_alpha2(code).ok()?.alpha2,
            _ if code.len() == 3 => Iso::from_alpha3(code).ok()?.alpha2,
            _ => return None,
        };
        alpha2.as_bytes().try_into().ok().map(Country)
    }

    /// The country of a number of the United Nations, as trade statistics write it, with or without zeros in front: that of
    /// ISO 3166, or the number UN Comtrade gives a customs territory that is more or less than the country of the same
    /// name (<https://unstats.un.org/wiki/display/comtrade>).
    pub fn from_m49(number: &str) -> Option<Country> {
        let plain = number.bytes().all(|b| b.is_ascii_digit()) && number.len() <= 3;
        let code = match number.parse::<usize>().ok().filter(|_| plain)? {
            251 => "FR",
            381 => "IT",
            579 => "NO",
            699 => "IN",
            757 => "CH",
            842 => "US",
            number => Iso::from_value(number).ok()?.alpha2,
        };
        Country::from_code(code)
    }

    /// The code nearest to what was written: another case, an English name, or a code that is usual but not of ISO 3166.
    pub fn suggest(written: &str) -> Option<Country> {
        let joined: String = written.chars().filter(|c| c.is_alphanumeric()).collect();
        let code = match joined.to_uppercase().as_str() {
            "UK" => "GB".to_owned(),
            "EL" => "GR".to_owned(),
            "UAE" => "AE".to_owned(),
            code => code.to_owned(),
        };
        Country::from_code(&code).or_else(|| {
            let iso = Iso::from_alias(&joined).or_else(|_| Iso::from_name(&joined)).ok()?;
            Country::from_code(iso.alpha2)
        })
    }

    /// Every country.
    pub fn all() -> impl Iterator<Item = Country> {
        Iso::get_countries().into_iter().filter_map(|country| Country::from_code(country.alpha2))
    }

    /// The alpha-2 code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }

    /// A short English name, for sentences.
    pub fn name(&self) -> String {
        match self.code() {
            "EU" => "the EU".to_owned(),
            "US" => "the United States".to_owned(),
            "GB" => "the United Kingdom".to_owned(),
            "KR" => "Korea".to_owned(),
            "TW" => "Taiwan".to_owned(),
            "XK" => "Kosovo".to_owned(),
            code => Iso::from_alpha2(code).map_or_else(|_| code.to_owned(), |c| c.long_name.to_owned()),
        }
    }

    /// Whether it is a country, or the Union that the country is a member of.
    pub fn covers(self, country: Country) -> bool {
        self == country || (self == Country::EU && country.in_eu())
    }

    /// Whether it is a member of the European Union.
    pub fn in_eu(&self) -> bool {
        EU_MEMBERS.contains(&&self.0)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A set of countries; a set that holds `EU` holds its members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CountrySet(BTreeSet<Country>);

impl CountrySet {
    /// Whether a country is in the set, by its own code or as a member of the Union.
    pub fn contains(&self, country: Country) -> bool {
        self.0.contains(&country) || (country.in_eu() && self.0.contains(&Country::EU))
    }

    /// Whether the set is this country alone.
    pub fn is_only(&self, country: Country) -> bool {
        self.0.len() == 1 && self.0.contains(&country)
    }

    /// Whether the set names a country itself, not only the Union it is in.
    pub fn names(&self, country: Country) -> bool {
        self.0.contains(&country)
    }

    /// Adds a country.
    pub fn insert(&mut self, country: Country) {
        self.0.insert(country);
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: &CountrySet) {
        self.0.extend(&other.0);
    }

    /// The codes, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = Country> {
        self.0.iter().copied()
    }

    /// Whether the two sets share a country.
    pub fn overlaps(&self, other: &CountrySet) -> bool {
        self.iter().any(|c| other.contains(c)) || other.iter().any(|c| self.contains(c))
    }
}

impl FromIterator<Country> for CountrySet {
    fn from_iter<T: IntoIterator<Item = Country>>(countries: T) -> Self {
        CountrySet(countries.into_iter().collect())
    }
}

/// Where a measure applies: which origins, for which importer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OriginScope {
    /// Origins; `None` is every origin but the importer.
    pub include: Option<CountrySet>,
    /// Origins left out.
    pub except: CountrySet,
}

impl OriginScope {
    /// Whether goods of an origin fall under the scope of a measure that `importer` charges.
    pub fn contains(&self, origin: Country, importer: Country) -> bool {
        let included = match &self.include {
            Some(set) => set.contains(origin),
            None => !importer.covers(origin),
        };
        included && !self.except.contains(origin)
    }

    /// Whether some origin may fall under both scopes.
    pub fn overlaps(&self, other: &OriginScope) -> bool {
        match (&self.include, &other.include) {
            (Some(a), Some(b)) => {
                let shared = |x: &CountrySet, y: &CountrySet| {
                    x.iter().any(|c| y.contains(c) && !self.except.contains(c) && !other.except.contains(c))
                };
                shared(a, b) || shared(b, a)
            }
            (Some(set), None) => set.iter().any(|c| !other.except.contains(c)),
            (None, Some(set)) => set.iter().any(|c| !self.except.contains(c)),
            (None, None) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Country;

    /// Numbers of ISO 3166-1, and the six of UN Comtrade that are not among them.
    #[test]
    fn numbers_of_the_united_nations_are_countries() {
        let cases = [
            ("36", "AU"),
            ("036", "AU"),
            ("124", "CA"),
            ("156", "CN"),
            ("158", "TW"),
            ("276", "DE"),
            ("344", "HK"),
            ("392", "JP"),
            ("410", "KR"),
            ("484", "MX"),
            ("499", "ME"),
            ("531", "CW"),
            ("688", "RS"),
            ("704", "VN"),
            ("728", "SS"),
            ("729", "SD"),
            ("826", "GB"),
            ("840", "US"),
            ("250", "FR"),
            ("380", "IT"),
            ("578", "NO"),
            ("356", "IN"),
            ("756", "CH"),
            ("251", "FR"),
            ("381", "IT"),
            ("579", "NO"),
            ("699", "IN"),
            ("757", "CH"),
            ("842", "US"),
        ];
        for (number, code) in cases {
            assert_eq!(
                Country::from_m49(number).map(|c| c.code().to_owned()).as_deref(),
                Some(code),
                "{number}"
            );
        }
        for number in ["0", "490", "58", "97", "899", "0036", "+36", "", "JP", "36.0"] {
            assert_eq!(Country::from_m49(number), None, "{number}");
        }
    }
}
