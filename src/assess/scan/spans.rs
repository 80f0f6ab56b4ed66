//! Flows that wait for those of earlier days: what may draw on quotas or credits is assessed in the order of the days. Only
//! so many are kept, those of the earliest days. The others are counted by day, and the files are read again for the next span
//! of days, as often as it takes. Flows of one day are admitted together, so a day is always kept whole.

use crate::date::Date;
use crate::trade::Flow;
use std::collections::BTreeMap;

/// Flows that are kept at once unless a single day has more.
pub const MOST: usize = 200_000;

/// Where a flow stands: the number of its input, of its row there, and of the flow among those of the row.
pub type Place = (usize, usize, usize);

/// Flows of one day, with their places.
type Day = Vec<(Place, Box<Flow>)>;

/// Flows that wait.
#[derive(Debug)]
pub struct Waiting {
    most: usize,
    kept: BTreeMap<Date, Day>,
    /// How many are kept.
    count: usize,
    /// How many there are of each day that is later than all that are kept.
    left: BTreeMap<Date, usize>,
    /// The days for which the files are read again, with how many flows they had the first time; none the first time.
    wanted: BTreeMap<Date, usize>,
}

impl Waiting {
    /// None yet; so many are to be kept at once.
    pub fn new(most: usize) -> Waiting {
        Waiting { most, kept: BTreeMap::new(), count: 0, left: BTreeMap::new(), wanted: BTreeMap::new() }
    }

    /// Whether the files are read again for a day.
    pub fn wants(&self, day: Date) -> bool {
        self.wanted.contains_key(&day)
    }

    /// Counts a flow that is met the first time, where its day is not kept; whether it is not.
    pub fn leaves(&mut self, day: Date) -> bool {
        let is_later = self.left.first_key_value().is_some_and(|(first, _)| *first <= day);
        if is_later {
            *self.left.entry(day).or_default() += 1;
        }
        is_later
    }

    /// Takes in a flow that is met the first time.
    pub fn meet(&mut self, place: Place, flow: Flow) {
        if self.leaves(flow.date) {
            return;
        }
        self.keep(place, flow);
        while self.count > self.most
            && self.kept.len() > 1
            && let Some((last, flows)) = self.kept.pop_last()
        {
            self.count -= flows.len();
            self.left.insert(last, flows.len());
        }
    }

    /// Takes in a flow of a day that is wanted.
    pub fn keep(&mut self, place: Place, flow: Flow) {
        self.count += 1;
        self.kept.entry(flow.date).or_default().push((place, Box::new(flow)));
    }

    /// Turns to the next days; `false` where none is left.
    pub fn turn(&mut self) -> bool {
        self.wanted.clear();
        let mut count = 0_usize;
        while let Some(next) = self.left.first_entry() {
            count = count.saturating_add(*next.get());
            if count > self.most && !self.wanted.is_empty() {
                break;
            }
            let (day, flows) = next.remove_entry();
            self.wanted.insert(day, flows);
        }
        !self.wanted.is_empty()
    }

    /// Whether every day that is wanted has as many flows as the first time.
    pub fn is_whole(&self) -> bool {
        self.wanted.iter().all(|(day, flows)| self.kept.get(day).map_or(0, Vec::len) == *flows)
    }

    /// The flows that are kept, day by day, each day in the order of the inputs and their rows.
    pub fn take(&mut self) -> impl Iterator<Item = Day> + use<> {
        self.count = 0;
        std::mem::take(&mut self.kept).into_values().map(|mut day| {
            day.sort_unstable_by_key(|(place, _)| *place);
            day
        })
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::{Day, Waiting};
    use crate::country::Country;
    use crate::date::Date;
    use crate::product::Product;
    use crate::trade::Flow;

    fn on(day: i8) -> Flow {
        let (product, country) = (Product::parse("8703"), Country::from_code("JP").expect("a country"));
        Flow::unit(product.expect("a product"), country, country, Date::constant(2025, 6, day))
    }

    fn kept(waiting: &mut Waiting) -> Vec<(i8, Vec<usize>)> {
        let rows = |day: &Day| day.iter().map(|(place, _)| place.1).collect();
        waiting.take().map(|day| (day[0].1.date.day(), rows(&day))).collect()
    }

    #[test]
    fn the_earliest_days_that_fit_come_first_and_each_is_whole() {
        let days = [9, 3, 7, 3, 3, 5, 9, 7, 7, 7, 4];
        let mut waiting = Waiting::new(4);
        for (row, day) in days.into_iter().enumerate().rev() {
            waiting.meet((0, row, 0), on(day));
        }
        assert_eq!(kept(&mut waiting), [(3, vec![1, 3, 4]), (4, vec![10])]);
        // The seventh has four flows itself, and the fifth before it one.
        for expected in [vec![(5, vec![5])], vec![(7, vec![2, 7, 8, 9])], vec![(9, vec![0, 6])]] {
            assert!(waiting.turn());
            for (row, day) in days.into_iter().enumerate() {
                if waiting.wants(on(day).date) {
                    waiting.keep((0, row, 0), on(day));
                }
            }
            assert!(waiting.is_whole());
            assert_eq!(kept(&mut waiting), expected);
        }
        assert!(!waiting.turn());
    }

    #[test]
    fn a_day_larger_than_what_is_kept_is_kept_and_one_that_lost_a_flow_is_known() {
        let mut waiting = Waiting::new(1);
        for (row, day) in [2, 2, 2, 1, 1].into_iter().enumerate() {
            waiting.meet((0, row, 0), on(day));
        }
        assert_eq!(kept(&mut waiting), [(1, vec![3, 4])]);
        assert!(waiting.turn());
        waiting.keep((0, 0, 0), on(2));
        waiting.keep((0, 2, 0), on(2));
        assert!(!waiting.is_whole());
        waiting.keep((0, 1, 0), on(2));
        assert!(waiting.is_whole());
        assert_eq!(kept(&mut waiting), [(2, vec![0, 1, 2])]);
    }
}
