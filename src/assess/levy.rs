//! Step 6, in one portion: fees, taxes, and what nobody at the border of the importer collects.

use super::charge::{Charging, Line};
use super::stop::Stop;
use super::worksheet::Status;
use crate::money;
use crate::scenario::MeasureType;
use rust_decimal::Decimal;

impl Charging<'_, '_> {
    /// Charges everything that is no duty. A tax is charged on `untaxed` as well: freight and insurance that the customs
    /// value leaves out, less what credits pay of the duty.
    pub fn levies(&mut self, untaxed: Decimal) -> Result<(), Stop> {
        for (at, member) in self.portion.cell.members.iter().enumerate() {
            if !self.in_force[at] || member.kind.is_duty() {
                continue;
            }
            let on = match member.kind {
                MeasureType::Tax => money::add(money::add(self.portion.value, untaxed)?, self.taxed()?)?,
                _ => self.portion.value,
            };
            self.lines[at] = Some(self.levy(at, on)?);
        }
        self.note_quotas();
        Ok(())
    }

    /// Duties and fees, which a tax is charged on.
    fn taxed(&self) -> Result<Decimal, Stop> {
        let members = self.portion.cell.members.iter().zip(&self.lines);
        let taxed = members.filter(|(member, _)| member.kind.is_duty() || member.kind == MeasureType::Fee);
        Ok(money::sum(taxed.filter_map(|(_, line)| line.as_ref()).map(|line| line.amount))?)
    }

    fn levy(&self, at: usize, on: Decimal) -> Result<Line, Stop> {
        let (share, cover, reasons) = self.effective_share(at, &[])?;
        if share.is_zero() {
            let status = if reasons.is_empty() { Status::Zero } else { Status::Displaced };
            return Ok(Line { cover, rate: self.shown_rate(at), reasons, ..Line::nothing(status) });
        }
        let duty = self.rate(at)?;
        let full = duty.on(on)?;
        let rate = if duty.is_ad_valorem() { Some(duty.ad_valorem) } else { money::div(full, on).ok() };
        let (mut amount, mut rate) = (money::mul(share, full)?, rate);
        if self.member(at).kind == MeasureType::Subsidy {
            // It may be written with or without its minus.
            amount = money::negative(amount.abs());
            rate = rate.map(|rate| money::negative(rate.abs()));
        }
        let status = if amount.is_zero() { Status::Zero } else { Status::Charged };
        Ok(Line { share, cover, rate, amount, on, reasons, ..Line::nothing(status) })
    }
}
