//! What it all comes to.

use super::formula::added;
use super::rows::Sheet;
use super::{About, Row};
use crate::assess::Charge;
use crate::money;
use crate::report::number::percent_in_words;
use crate::report::worksheet::money_exactly;

impl Sheet<'_> {
    /// What it all comes to.
    pub(super) fn sums(&mut self) {
        let sheet = &self.explained.explanation.sheet;
        self.rows.push(Row::Rule);
        if self.is_several() {
            for charge in &sheet.charges {
                let parts = self.parts(charge.measure);
                let id = format!("{}{}", self.scenario.measures[charge.measure].id, self.rounded());
                self.number(About::Sum, &id, Some(parts), money_exactly(charge.amount));
            }
        }
        let is_duty = |charge: &&Charge| self.scenario.measures[charge.measure].kind.is_duty();
        let duties = sheet.charges.iter().filter(is_duty).map(|charge| charge.amount);
        let paid = sheet.credits.iter().map(|drawn| money::negative(drawn.amount));
        let working = added(duties.chain(paid).filter(|amount| !amount.is_zero()), money_exactly);
        self.number(About::Duty, "Duty in all", Some(working), money_exactly(sheet.duty));
        if let Some(rate) = sheet.effective_rate() {
            let working = format!("{} / {}", money_exactly(sheet.duty), money_exactly(sheet.customs_value));
            let label = "Effective rate, 2 decimals";
            self.number(About::Rate, label, Some(working), percent_in_words(rate));
        }
        let levies = self.known.iter().any(|at| !self.scenario.measures[*at].kind.is_duty());
        if levies || !sheet.left_out.is_zero() {
            self.landed();
        }
        self.remarks();
    }

    fn landed(&mut self) {
        let sheet = &self.explained.explanation.sheet;
        let is_levy = |charge: &&Charge| !self.scenario.measures[charge.measure].kind.is_duty();
        let levies = sheet.charges.iter().filter(is_levy).map(|charge| charge.amount);
        let parts = [sheet.customs_value, sheet.left_out, sheet.duty].into_iter().chain(levies);
        let working = added(parts.filter(|amount| !amount.is_zero()), money_exactly);
        self.number(About::Landed, "Landed cost", Some(working), money_exactly(sheet.landed_cost));
    }
}
