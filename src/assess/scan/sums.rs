//! Sums over flows that are held as numbers: by cell, by line of product and route, and by what is asked for. All are
//! whole numbers, so that they are the same in whatever order flows come.

use crate::assess::seen::Seen;
use crate::assess::totals::{GroupKey, Grouping, MeanRate, Tally, from_whole};
use crate::money::{ArithmeticError, CHARGE_PLACES};
use crate::trade::VALUE_PLACES;
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use super::cells::Way;

/// A flow on its way into the sums.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its product.
    pub product: u32,
    /// Its route.
    pub route: u32,
    /// Its cell.
    pub cell: u32,
    /// What it is grouped by.
    pub group: u32,
    /// Its value, in 1e-4.
    pub value: i64,
    /// Its duty, in 1e-10.
    pub duty: i128,
    /// The rate of its cell, in 1e-10.
    pub rate: i64,
}

/// Flows of one cell.
#[derive(Debug, Clone, Copy, Default)]
struct CellSum {
    flows: usize,
    value: i128,
}

/// Flows of one group.
#[derive(Debug, Clone, Copy, Default)]
struct GroupSum {
    flows: usize,
    value: i128,
    duty: i128,
}

/// Flows of one product on one route.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Their value, in 1e-4; or where they stand among the mixed.
    value: i64,
    /// The rate of all of them, in 1e-10.
    rate: i64,
}

/// Flows of one product on one route that differ in rate, or whose value is large.
#[derive(Debug, Clone, Copy)]
struct Mixed {
    value: i128,
    duty: i128,
}

/// One in [`VALUE_PLACES`].
const UNIT: i128 = 10_i128.pow(VALUE_PLACES);
/// No flow was met yet.
const UNUSED: Line = Line { value: 0, rate: i64::MIN };
/// The line stands among the mixed.
const MIXED: i64 = i64::MIN + 1;
/// Lines that stand together in memory.
const PAGE: usize = 32;

type Page = Box<[Line; PAGE]>;

/// Takes the value and the duty of a line, by its route and product, where it knows more flows of it.
pub type Elsewhere<'e> = dyn FnMut(u32, u32, Decimal, Decimal) -> Result<bool, ArithmeticError> + 'e;

/// The sums of flows.
#[derive(Debug, Default)]
pub struct Sums {
    /// Whether lines are added up too.
    by_line: bool,
    /// Whether there are flows on a route.
    routes: Vec<bool>,
    cells: Vec<CellSum>,
    groups: Vec<GroupSum>,
    /// By route, then by product.
    lines: Vec<Vec<Option<Page>>>,
    mixed: Vec<Mixed>,
}

impl Sums {
    /// Nothing yet; lines are added up where they are wanted.
    pub fn new(by_line: bool) -> Self {
        Sums { by_line, ..Sums::default() }
    }

    /// Adds flows. An error says that a sum has more digits than can be kept.
    pub fn add(&mut self, entries: &[Entry]) -> Result<(), ArithmeticError> {
        for entry in entries {
            let value = i128::from(entry.value);
            let add = |to: &mut i128, more: i128| {
                *to = to.checked_add(more).ok_or(ArithmeticError::Overflow)?;
                Ok::<(), ArithmeticError>(())
            };
            let cell = at(&mut self.cells, entry.cell);
            cell.flows += 1;
            add(&mut cell.value, value)?;
            let group = at(&mut self.groups, entry.group);
            group.flows += 1;
            add(&mut group.value, value)?;
            add(&mut group.duty, entry.duty)?;
            *at(&mut self.routes, entry.route) = true;
            if self.by_line {
                self.make_room(entry);
            }
        }
        if !self.by_line {
            return Ok(());
        }
        // Lines lie all over memory: a loop that does nothing else waits for many of them at once.
        for entry in entries {
            self.add_to_line(entry)?;
        }
        Ok(())
    }

    /// Makes sure that there is a page for the line of a flow.
    fn make_room(&mut self, entry: &Entry) {
        let (route, page) = (entry.route as usize, entry.product as usize / PAGE);
        if route >= self.lines.len() {
            self.lines.resize_with(route + 1, Vec::new);
        }
        let pages = &mut self.lines[route];
        if page >= pages.len() {
            pages.resize_with(page + 1, || None);
        }
        pages[page].get_or_insert_with(|| Box::new([UNUSED; PAGE]));
    }

    fn add_to_line(&mut self, entry: &Entry) -> Result<(), ArithmeticError> {
        let (route, product) = (entry.route as usize, entry.product as usize);
        let Some(page) = &mut self.lines[route][product / PAGE] else { return Ok(()) };
        let line = &mut page[product % PAGE];
        if line.rate == entry.rate
            && let Some(value) = line.value.checked_add(entry.value)
        {
            line.value = value;
        } else if line.rate == UNUSED.rate {
            *line = Line { value: entry.value, rate: entry.rate };
        } else {
            mix(&mut self.mixed, line, entry)?;
        }
        Ok(())
    }

    /// Adds what the cells of a file come to, and starts anew for the cells of the next.
    pub fn settle_cells(
        &mut self,
        ways: Vec<Way>,
        tally: &mut Tally<'_>,
        mut by_measure: Option<&mut Grouping<'_>>,
        seen: &mut Seen,
    ) -> Result<(), ArithmeticError> {
        for (sum, way) in std::mem::take(&mut self.cells).into_iter().zip(ways) {
            let Way::Linear(linear) = way else { continue };
            if sum.flows == 0 {
                continue;
            }
            let sheet = linear.unit.times(from_whole(sum.value, VALUE_PLACES)?)?;
            tally.add(sum.flows, &sheet)?;
            seen.steps.extend(sheet.charges.iter().map(|charge| (charge.measure, charge.step)));
            if let Some(grouping) = &mut by_measure {
                grouping.add(|| (0, String::new()), sum.flows, &sheet)?;
            }
        }
        Ok(())
    }

    /// Adds the groups, by what their numbers stand for.
    pub fn settle_groups(
        &self,
        key: impl Fn(u32) -> Option<GroupKey>,
        grouping: &mut Grouping<'_>,
    ) -> Result<(), ArithmeticError> {
        for (at, sum) in self.groups.iter().enumerate().filter(|(_, sum)| sum.flows > 0) {
            let key = u32::try_from(at).ok().and_then(&key);
            let Some(key) = key else { continue };
            let (value, duty) = (from_whole(sum.value, VALUE_PLACES)?, from_whole(sum.duty, CHARGE_PLACES)?);
            grouping.add_to(key, sum.flows, value, Some(duty))?;
        }
        Ok(())
    }

    /// Adds the rates of lines to a mean; those for which `elsewhere` knows more flows go to it with their value and duty
    /// instead.
    pub fn settle_lines(
        &self,
        mean: &mut MeanRate,
        mut elsewhere: Option<&mut Elsewhere<'_>>,
    ) -> Result<(), ArithmeticError> {
        let mut of_rate: FxHashMap<i64, i128> = FxHashMap::default();
        for (route, product, line) in self.lines() {
            let Mixed { value, duty } = self.sum(line);
            if value == 0 {
                continue;
            }
            if let Some(elsewhere) = &mut elsewhere
                && elsewhere(
                    route,
                    product,
                    from_whole(value, VALUE_PLACES)?,
                    from_whole(duty, CHARGE_PLACES)?,
                )?
            {
                continue;
            }
            if line.rate == MIXED {
                mean.add_line(value, duty)?;
            } else {
                let lines = of_rate.entry(line.rate).or_default();
                *lines = lines.saturating_add(1);
            }
        }
        #[expect(clippy::iter_over_hash_type, reason = "exact sums do not depend on the order")]
        for (rate, lines) in of_rate {
            mean.add_many(lines, Decimal::new(rate, CHARGE_PLACES))?;
        }
        Ok(())
    }

    /// The routes on which there are flows.
    pub fn routes(&self) -> impl Iterator<Item = u32> {
        let used = self.routes.iter().enumerate().filter(|(_, used)| **used);
        used.filter_map(|(route, _)| u32::try_from(route).ok())
    }

    /// What the flows of a line come to.
    fn sum(&self, line: Line) -> Mixed {
        match usize::try_from(line.value) {
            Ok(at) if line.rate == MIXED => self.mixed[at],
            _ => Mixed::of(line),
        }
    }

    fn lines(&self) -> impl Iterator<Item = (u32, u32, Line)> {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.lines.iter().enumerate().flat_map(move |(route, pages)| {
            let pages = pages.iter().enumerate().filter_map(|(at, page)| Some((at, page.as_ref()?)));
            pages.flat_map(move |(page, lines)| {
                let used = lines.iter().enumerate().filter(|(_, line)| line.rate != UNUSED.rate);
                used.map(move |(at, line)| (number(route), number(page * PAGE + at), *line))
            })
        })
    }
}

/// A place in a list that grows as it is used.
fn at<T: Clone + Default>(list: &mut Vec<T>, at: u32) -> &mut T {
    let at = at as usize;
    if at >= list.len() {
        list.resize(at + 1, T::default());
    }
    &mut list[at]
}

/// The duty on a value of 1e-4 at a rate of 1e-10, in 1e-10; all that comes so far has no more places.
fn duty(value: i64, rate: i64) -> i128 {
    i128::from(value).wrapping_mul(rate.into()) / UNIT
}

impl Mixed {
    /// A line all of whose flows have one rate.
    fn of(line: Line) -> Mixed {
        Mixed { value: line.value.into(), duty: duty(line.value, line.rate) }
    }
}

/// Adds a flow to a line of which others differ from it in rate.
fn mix(mixed: &mut Vec<Mixed>, line: &mut Line, entry: &Entry) -> Result<(), ArithmeticError> {
    if line.rate != MIXED {
        mixed.push(Mixed::of(*line));
        let place = i64::try_from(mixed.len() - 1).map_err(|_| ArithmeticError::Overflow)?;
        *line = Line { value: place, rate: MIXED };
    }
    let at = usize::try_from(line.value).map_err(|_| ArithmeticError::Overflow)?;
    let sum = &mut mixed[at];
    sum.value = sum.value.checked_add(entry.value.into()).ok_or(ArithmeticError::Overflow)?;
    sum.duty = sum.duty.checked_add(entry.duty).ok_or(ArithmeticError::Overflow)?;
    Ok(())
}
