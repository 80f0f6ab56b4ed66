//! What customs calculated on the imports of 2024, held against the schedule: the duty of every flow under
//! `tests/peers/customs/scenario.toml`, and each difference put down to a cause by a stated rule.
//!
//! The schedule, the flows and the lists are not part of this project. They are read from the folder that
//! `TARIFFSIM_PEER_DATA` names; without it this test says so and ends. The sums asserted were worked out beforehand by
//! another program, in exact fractions, that shares nothing with this one but the file of rates.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed, or says why it ends; its tables are for docs/validation.md"
)]

mod account;
mod runs;
mod table;

use account::{Account, Cause, Held, Sum};
use rust_decimal::Decimal;

/// By cause: flows, and in whole dollars the MFN duty, what customs calculated, how far the law allows to go from MFN, and
/// what is beyond that. Flows without quantities and with rates in words are together, in the last row.
const EXPECTED: [(Cause, usize, [i64; 4]); 22] = [
    (Cause::Same, 140_638, [22_208_226_044, 22_203_485_569, 0, 0]),
    (Cause::Usmca, 10_021, [22_897_190_319, 1_394_147_526, -22_897_190_319, 0]),
    (Cause::Korea, 3_676, [2_215_899_385, 189_264_390, -2_215_897_943, 0]),
    (Cause::CaftaDr, 4_019, [2_099_396_674, 139_436_505, -2_099_396_674, 0]),
    (Cause::OtherAgreement, 7_599, [1_558_977_846, 167_009_414, -1_545_826_132, -1]),
    (Cause::OneSided, 1_539, [425_426_047, 15_634_356, -425_426_047, 0]),
    (Cause::InWords, 1, [3_350_949, 3_306_682, -3_350_949, 0]),
    (Cause::Aircraft, 1_864, [814_364_798, 655_613_730, -814_364_798, 0]),
    (Cause::Medicines, 646, [576_350_850, 284_443_025, -576_350_850, 0]),
    (Cause::Dyes, 204, [123_600_887, 73_901_764, -123_600_887, 0]),
    (Cause::Gsp, 4_111, [1_287_249_127, 328_070_978, -1_287_249_127, 0]),
    (Cause::S301, 11_073, [7_140_395_135, 39_600_768_804, 37_391_440_625, 3_071_894]),
    (Cause::S301Raised, 103, [696_796_346, 2_892_050_711, 7_708_846_023, 206_927]),
    (Cause::S232, 2_180, [130_106_646, 1_369_990_255, 3_314_581_296, 2_629]),
    (Cause::S232And301, 537, [37_352_341, 525_699_056, 916_423_590, 104]),
    (Cause::Solar, 14, [0, 234_699_238, 1_568_305_698, 0]),
    (Cause::ColumnTwo, 292, [79_501_874, 8_520_479, 0, -70_981_395]),
    (Cause::Below, 1_928, [3_036_890_025, 2_963_583_972, 0, -73_306_053]),
    (Cause::Above, 960, [14_149_209, 16_861_501, 0, 2_712_292]),
    (Cause::Special, 1_732, [0, 7_639_177, 0, 0]),
    (Cause::NoLine, 39, [0, 7_538_390, 0, 0]),
    (Cause::ByMeasure, 13_972, [0, 2_549_964_418, 0, 0]),
];

/// Of Japan: MFN duty to a tenth of a cent, customs' duty, and what is beyond the law in whole dollars.
const JAPAN: (&str, i64, i64) = ("2360455013.402", 2_282_216_944, -2_001_667);

fn dollars(sum: &Sum) -> [i64; 4] {
    [sum.mfn, sum.customs, sum.limit, sum.beyond].map(|amount| amount.round().try_into().unwrap())
}

fn sums_are_those_worked_out(causes: &Account<Cause>, origins: &Account<&str>) {
    for (cause, flows, amounts) in EXPECTED {
        let mut sum = causes.sum(cause);
        if cause == Cause::ByMeasure {
            sum += causes.sum(Cause::Refused);
        }
        assert_eq!((sum.flows, dollars(&sum)), (flows, amounts), "{}", cause.label());
    }
    let all = causes.total();
    assert_eq!(
        (all.flows, all.value, all.customs),
        (207_148, 3_208_820_074_369_i64.into(), 75_631_629_940_i64.into())
    );
    assert_eq!(all.mfn.round_dp(3).to_string(), "65345224502.073");
    assert_eq!(origins.total(), all, "origins are not the whole");
    let japan = origins.sum("JP");
    let (mfn, customs, beyond) = JAPAN;
    assert_eq!((japan.mfn.round_dp(3).to_string().as_str(), japan.customs), (mfn, customs.into()));
    assert_eq!(dollars(&japan)[3], beyond);
    let percent = (japan.customs * Decimal::ONE_HUNDRED / japan.value).round_dp(4);
    assert_eq!(percent.to_string(), "1.5080");
}

#[test]
fn differences_from_what_customs_calculated_have_causes() {
    let Some(held) = runs::held() else { return };
    let of = |key: fn(&Held) -> &str| Account::of(&held, key);
    let causes = Account::of(&held, |held| held.cause);
    sums_are_those_worked_out(&causes, &of(|held| &held.origin));
    let tables = [
        table::causes(&causes),
        table::causes(&Account::of(held.iter().filter(|held| held.origin == "JP"), |held| held.cause)),
        table::rates(&held),
        table::parts("origin", &held, |held| &held.origin, |sum| sum.value),
        table::parts("chapter", &held, |held| &held.chapter, |sum| sum.customs),
        table::not_held(&held),
    ];
    println!("{}", tables.join("\n"));
}
