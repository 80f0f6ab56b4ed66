//! What trade a measure, quota or credit is for: whose imports of which goods from where, and when.

use super::decode::{Reader, Report};
use super::measure::{Outer, window};
use super::scope;
use crate::country::{Country, OriginScope};
use crate::date::{Date, Window};
use crate::diagnostic::Span;
use crate::product::{Product, ProductScope};

/// Whose imports of which goods from where, and when.
#[derive(Debug, Clone)]
pub struct Reach {
    /// The importer; `None` is every one.
    pub importer: Option<Country>,
    /// Goods.
    pub products: ProductScope,
    /// Origins.
    pub origins: OriginScope,
    /// Days.
    pub window: Window,
    /// Where the first and the last of them are written.
    pub ends: (Span, Span),
}

impl Reach {
    /// Reads the keys that say it.
    pub(super) fn read(reader: &Reader<'_>, outer: &Outer<'_>, report: &Report<'_>) -> Reach {
        let importer = match reader.text("importer") {
            Some(text) => scope::country(&text, &[], report),
            None => outer.importer,
        };
        let goods = |key| scope::products(reader, key, outer.scope.products, outer.data, report);
        let countries = |key| scope::countries(reader, key, outer.scope.countries, report);
        Reach {
            importer,
            products: ProductScope {
                include: goods("products"),
                except: goods("except_products").unwrap_or_default(),
            },
            origins: OriginScope {
                include: countries("origins"),
                except: countries("except_origins").unwrap_or_default(),
            },
            window: window(reader, report),
            ends: (reader.place("from"), reader.place("until")),
        }
    }

    /// Who it is for on goods that an importer imports: a member of the Union falls under the Union; `None` where it is
    /// for somebody else.
    pub fn importer_of(&self, importer: Country) -> Option<Country> {
        match self.importer {
            Some(own) => own.covers(importer).then_some(own),
            None => Some(importer),
        }
    }

    /// Whether goods of an origin that an importer imports on a day are among it.
    pub fn covers(&self, product: Product, origin: Country, importer: Country, day: Date) -> bool {
        self.window.contains(day)
            && self.importer_of(importer).is_some_and(|own| self.origins.contains(origin, own))
            && self.products.longest_match(product, day).is_some()
    }

    /// The days on which it changes.
    pub fn change_dates(&self) -> impl Iterator<Item = Date> {
        self.window.from.into_iter().chain(self.window.until).chain(self.products.change_dates())
    }
}
