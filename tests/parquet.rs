//! Parquet files: those that `DuckDB` and pyarrow write (`tests/data/parquet/make.py` says how), our own, and damaged ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use proptest::prelude::*;
use std::io::{self, Write};
use std::sync::Arc;
use tariffsim::files::{Files, ReadAt};
use tariffsim::parquet::{
    Column, GROUP, Kind, Layout, NULL, ParquetError, ParquetFile, ParquetWriter, Rows, Values, Words,
};

const DUCKDB: &[u8] = include_bytes!("data/parquet/duckdb.parquet");
const PYARROW: &[u8] = include_bytes!("data/parquet/pyarrow.parquet");
const ZSTD: &[u8] = include_bytes!("data/parquet/zstd.parquet");
const GZIP: &[u8] = include_bytes!("data/parquet/gzip.parquet");
const BROTLI: &[u8] = include_bytes!("data/parquet/brotli.parquet");

/// A value as a text, so that those of all kinds can be laid side by side.
type Cell = Option<String>;

fn open(bytes: &[u8]) -> Result<ParquetFile, ParquetError> {
    ParquetFile::open(Arc::new(bytes.to_vec()))
}

fn place(file: &ParquetFile, column: &str) -> usize {
    file.columns().iter().position(|c| c.name == column).unwrap()
}

fn cells(values: &Values) -> Vec<Cell> {
    let rows = 0..values.len();
    let cell = |row: usize| match values {
        Values::Words { words, codes } => words.get(codes[row]).unwrap().to_owned(),
        Values::Whole { numbers, scale, .. } => format!("{}e-{scale}", numbers[row]),
        Values::Wide { numbers, scale, .. } => format!("{}e-{scale}", numbers[row]),
        Values::Days { days, .. } => format!("day {}", days[row]),
        Values::Singles { numbers, .. } => numbers[row].to_string(),
        Values::Doubles { numbers, .. } => numbers[row].to_string(),
        Values::Flags { flags, .. } => flags[row].to_string(),
    };
    rows.map(|row| (!values.is_null(row)).then(|| cell(row))).collect()
}

/// A column of all groups, read in batches.
fn column(file: &ParquetFile, name: &str, rows: usize) -> Result<Vec<Cell>, ParquetError> {
    let mut read = Vec::new();
    for group in 0..file.groups() {
        let mut reader = file.read(group, &[place(file, name)])?;
        while let Some(values) = reader.next(rows)? {
            assert!(values[0].len() <= rows);
            read.extend(cells(&values[0]));
        }
    }
    Ok(read)
}

fn unless(missing: bool, cell: &dyn ToString) -> Cell {
    (!missing).then(|| cell.to_string())
}

/// What both files hold in row i, by the formulas of the script.
fn expected(name: &str, i: u32) -> Cell {
    let j = i64::from(i % 40);
    // 2025-01-01 is day 20089: 55 years of 365 days and 14 leap days.
    let day = 55 * 365 + 14 + i % 90;
    let always = |cell: &dyn ToString| unless(false, cell);
    match name {
        "product" => always(&["0101.21", "8703.23", "2204.10"][i as usize % 3]),
        "origin" => unless(i.is_multiple_of(7), &["JP", "DE", "MX", "KR"][i as usize % 4]),
        "importer" => always(&format!("importer {}", i / 2)),
        "note" => always(&format!("entered as {} of 200", i * i)),
        "serial" => always(&format!("{}e-0", i64::from(i).wrapping_mul(0x1E37_79B9_7F4A_7C15))),
        "entry_date" | "entered" => always(&format!("day {day}")),
        "value" => always(&format!("{}e-2", j * 99_700 + j)),
        "duty" => unless(i.is_multiple_of(5), &format!("{}e-10", -(j * 10_000_000_000) - 1)),
        "rate" => always(&format!("{}e-3", i % 50)),
        "quantity" => unless(i.is_multiple_of(11), &format!("{}e-0", i % 13)),
        "entry" => always(&format!("{}e-0", j * 1_000_003)),
        "weight" | "size" => {
            let quarters = ["", ".25", ".5", ".75"];
            always(&format!("{}{}", j / 4, quarters[usize::try_from(j % 4).unwrap()]))
        }
        "claimed" => unless(i.is_multiple_of(3), &i.is_multiple_of(2)),
        _ => None,
    }
}

fn holds(file: &ParquetFile, name: &str) {
    let rows = u32::try_from(file.rows()).unwrap();
    let all: Vec<Cell> = (0..rows).map(|i| expected(name, i)).collect();
    for batch in [1 << 20, 700, 64, 7] {
        assert!(column(file, name, batch).unwrap() == all, "{name} in batches of {batch}");
    }
}

#[test]
fn a_file_of_duckdb_holds_what_was_put_in() {
    let file = open(DUCKDB).unwrap();
    assert_eq!((file.rows(), file.groups(), file.rows_in(0), file.rows_in(1)), (3000, 2, 2048, 952));
    let kinds: Vec<_> = file.columns().iter().map(|c| (c.name.as_str(), c.kind.clone())).collect();
    assert_eq!(
        kinds,
        [
            ("product", Kind::Text),
            ("origin", Kind::Text),
            ("entry_date", Kind::Date),
            ("value", Kind::Whole { scale: 2 }),
            ("duty", Kind::Wide { scale: 10 }),
            ("quantity", Kind::Whole { scale: 0 }),
            ("entry", Kind::Whole { scale: 0 }),
            ("weight", Kind::Double),
            ("claimed", Kind::Flag),
            ("entered", Kind::Date),
        ]
    );
    for column in file.columns() {
        holds(&file, &column.name);
    }
}

#[test]
fn a_file_of_pyarrow_holds_what_was_put_in() {
    let file = open(PYARROW).unwrap();
    assert_eq!((file.rows(), file.groups()), (200, 2));
    for name in [
        "product",
        "origin",
        "importer",
        "entry_date",
        "entered",
        "value",
        "duty",
        "rate",
        "quantity",
        "entry",
        "weight",
        "size",
        "claimed",
    ] {
        holds(&file, name);
    }
}

#[test]
fn columns_are_read_in_the_order_asked_for() {
    let file = open(DUCKDB).unwrap();
    let mut reader = file.read(1, &[place(&file, "value"), place(&file, "product")]).unwrap();
    let values = reader.next(2).unwrap().unwrap();
    // Row 2048 of the file: 2048 is 8 more than a multiple of 40, and 2 more than one of 3.
    assert_eq!(values[0], Values::Whole { numbers: vec![797_608, 897_309], scale: 2, nulls: None });
    assert_eq!(cells(&values[1]), ["2204.10", "0101.21"].map(|cell| Some(cell.to_owned())));
}

#[test]
fn the_words_of_a_dictionary_are_the_same_from_batch_to_batch() {
    let file = open(DUCKDB).unwrap();
    let mut reader = file.read(0, &[0]).unwrap();
    let mut last: Option<Arc<Words>> = None;
    while let Some(values) = reader.next(100).unwrap() {
        let Values::Words { words, .. } = &values[0] else { panic!("{values:?}") };
        assert_eq!(words.len(), 3);
        assert!(last.as_ref().is_none_or(|last| Arc::ptr_eq(last, words)));
        last = Some(Arc::clone(words));
    }
}

#[test]
fn words_handed_out_stay_as_they_were_while_plain_texts_add_some() {
    let file = open(PYARROW).unwrap();
    let mut reader = file.read(0, &[place(&file, "importer")]).unwrap();
    let mut held = Vec::new();
    while let Some(mut values) = reader.next(10).unwrap() {
        let before = cells(&values[0]);
        held.push((before, values.remove(0)));
    }
    for (before, values) in held {
        assert_eq!(cells(&values), before);
    }
}

fn message(error: Result<impl Sized, ParquetError>) -> String {
    error.err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn what_cannot_be_read_is_said() {
    assert_eq!(message(open(b"")), "it is not a Parquet file");
    assert_eq!(message(open(b"product,origin\n")), "it is not a Parquet file");
    assert_eq!(message(open(b"PAR1")), "it is cut short: the end of the Parquet file is missing");
    assert_eq!(message(open(&DUCKDB[..9000])), "it is cut short: the end of the Parquet file is missing");
    assert_eq!(message(open(b"PARE1234PARE")), "it is encrypted");
    let file = open(PYARROW).unwrap();
    let read = |name: &str| message(column(&file, name, 100));
    assert_eq!(
        read("parts"),
        "column `parts` is a list, a map or a structure; write its parts as columns of their own"
    );
    assert_eq!(
        read("clock"),
        "column `clock` is of the type TIME, which is neither text, number, date nor flag"
    );
    assert_eq!(
        read("seen"),
        "row 2 of column `seen` is a time of day, where a date is expected; write it as a DATE"
    );
    assert_eq!(
        message(column(&open(BROTLI).unwrap(), "product", 100)),
        "column `product` is compressed with brotli; snappy, zstd, gzip or nothing is read"
    );
    assert_eq!(message(file.read(2, &[0]).map(|_| ())), "it has no group 2");
    assert_eq!(message(file.read(0, &[99]).map(|_| ())), "it has no column 99");
}

#[test]
fn what_is_compressed_otherwise_is_read_too() {
    for bytes in [ZSTD, GZIP] {
        holds(&open(bytes).unwrap(), "product");
    }
}

/// A file that the system cannot read behind a place.
struct Failing(Vec<u8>, u64);

impl ReadAt for Failing {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        // A few bytes at a time: what is read short is read on.
        let some = buffer.len().min(5);
        if offset < self.1 {
            self.0.read_at(offset, &mut buffer[..some])
        } else {
            Err(io::Error::other("the cable is out"))
        }
    }
}

#[test]
fn what_the_system_says_is_passed_on() {
    let whole = DUCKDB.to_vec();
    let length = whole.size();
    let read = |until| column(&ParquetFile::open(Arc::new(Failing(whole.clone(), until)))?, "product", 100);
    assert_eq!(message(read(10)), "it cannot be read: the cable is out");
    assert_eq!(read(length).unwrap().len(), 3000);
}

struct InMemory;

impl Files for InMemory {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(DUCKDB.to_vec())
    }
}

#[test]
fn files_that_are_read_whole_can_be_read_in_pieces() {
    let file = ParquetFile::open(InMemory.open("trade.parquet").unwrap()).unwrap();
    assert_eq!(file.rows(), 3000);
}

/// Reads all that a file says it has, and holds it against the rows that it says it has.
fn read_all(bytes: Vec<u8>) -> Result<(), ParquetError> {
    let file = ParquetFile::open(Arc::new(bytes))?;
    for group in 0..file.groups() {
        for column in 0..file.columns().len() {
            let read = || {
                let mut reader = file.read(group, &[column])?;
                let mut rows = 0;
                while let Some(values) = reader.next(1000)? {
                    rows += values[0].len() as u64;
                }
                assert_eq!(rows, file.rows_in(group));
                Ok(())
            };
            match read() {
                Err(ParquetError::Type { .. } | ParquetError::Nested { .. } | ParquetError::Value { .. }) => {
                }
                other => other?,
            }
        }
    }
    Ok(())
}

#[test]
fn a_file_cut_short_anywhere_is_an_error() {
    for whole in [DUCKDB, PYARROW] {
        read_all(whole.to_vec()).unwrap();
        for part in 0..200 {
            assert!(read_all(whole[..whole.len() * part / 200].to_vec()).is_err(), "{part}/200");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Values may come out wrong, since a page has no checksum; nothing else goes wrong.
    #[test]
    fn damage_anywhere_is_an_error_or_another_value(
        at in any::<prop::sample::Index>(),
        in_footer in any::<bool>(),
        byte in any::<u8>(),
        is_pyarrow in any::<bool>(),
    ) {
        let mut bytes = if is_pyarrow { PYARROW } else { DUCKDB }.to_vec();
        let end = bytes.len();
        let footer = u32::from_le_bytes(*bytes[..end - 4].last_chunk().unwrap()) as usize;
        let from = if in_footer { end - 8 - footer } else { 0 };
        bytes[from + at.index(end - from)] = byte;
        // What it says was said without a panic; that is all that is asked.
        let _said = read_all(bytes).map_err(|error| error.to_string());
    }
}

fn named(columns: &[(&str, Kind)]) -> Vec<Column> {
    columns.iter().map(|(name, kind)| Column { name: (*name).to_owned(), kind: kind.clone() }).collect()
}

fn all_kinds() -> Layout {
    Layout::new(&named(&[
        ("product", Kind::Text),
        ("note", Kind::Text),
        ("value", Kind::Whole { scale: 2 }),
        ("entry", Kind::Whole { scale: 0 }),
        ("duty", Kind::Wide { scale: 10 }),
        ("entry_date", Kind::Date),
        ("claimed", Kind::Flag),
    ]))
    .unwrap()
}

/// Rows from `from` on, of every kind, with and without values.
fn batch(from: u32, to: u32) -> Vec<Values> {
    let rows = || from..to;
    let every = |n: u32| Some(rows().map(|i| i.is_multiple_of(n)).collect::<Vec<_>>());
    let products: Words = ["8703.23", "0101.21", "2204.10"].into_iter().collect();
    let notes: Vec<String> = rows().map(|i| format!("note {i}")).collect();
    let notes: Words = notes.iter().map(String::as_str).collect();
    vec![
        Values::Words {
            words: Arc::new(products),
            // Runs of 1000, so that some are written as runs.
            codes: rows().map(|i| if i.is_multiple_of(7) { NULL } else { i / 1000 % 3 }).collect(),
        },
        Values::Words { words: Arc::new(notes), codes: (0..to - from).collect() },
        Values::Whole {
            numbers: rows().map(|i| if i.is_multiple_of(5) { 0 } else { i64::from(i) * -37 }).collect(),
            scale: 2,
            nulls: every(5),
        },
        Values::Whole {
            numbers: rows().map(|i| i64::MIN + i64::from(i % 10)).collect(),
            scale: 0,
            nulls: None,
        },
        Values::Wide {
            numbers: rows().map(|i| i128::from(-i64::from(i)) << 100).collect(),
            scale: 10,
            nulls: None,
        },
        Values::Days {
            days: rows()
                .map(|i| if i.is_multiple_of(3) { 0 } else { 20_000 + i32::try_from(i % 365).unwrap() })
                .collect(),
            nulls: every(3),
        },
        Values::Flags {
            flags: rows().map(|i| !i.is_multiple_of(11) && i.is_multiple_of(2)).collect(),
            nulls: every(11),
        },
    ]
}

fn written(batches: &[Vec<Values>]) -> Vec<u8> {
    let mut writer = ParquetWriter::new(Vec::new(), &all_kinds()).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn what_is_written_is_read_again() {
    let rows = u32::try_from(GROUP).unwrap() + 5000;
    let file = open(&written(&[batch(0, rows)])).unwrap();
    assert_eq!(file.columns(), all_kinds().columns());
    assert_eq!((file.groups(), file.rows_in(0), file.rows_in(1)), (2, 122_880, 5000));
    for (column_at, put_in) in batch(0, rows).iter().enumerate() {
        let name = &file.columns()[column_at].name;
        assert!(column(&file, name, 50_000).unwrap() == cells(put_in), "{name}");
    }
}

#[test]
fn the_same_rows_are_the_same_bytes_in_whatever_batches() {
    let rows = u32::try_from(GROUP).unwrap() + 5000;
    let whole = written(&[batch(0, rows)]);
    assert!(whole == written(&[batch(0, 3), batch(3, 100_001), batch(100_001, rows)]));
}

#[test]
fn groups_packed_apart_are_the_same_file() {
    let edge = u32::try_from(GROUP).unwrap();
    let layout = all_kinds();
    let mut writer = ParquetWriter::new(Vec::new(), &layout).unwrap();
    for part in [batch(0, edge), batch(edge, edge + 5000)] {
        let mut rows = Rows::new(&layout);
        assert_eq!(rows.add(&part, 0).unwrap(), part[0].len());
        writer.append(rows.pack().unwrap()).unwrap();
    }
    assert!(writer.finish().unwrap() == written(&[batch(0, edge + 5000)]));
}

#[test]
fn a_file_without_rows_is_a_file() {
    let file = open(&written(&[])).unwrap();
    assert_eq!((file.rows(), file.groups(), file.columns().len()), (0, 0, 7));
    let nothing = Values::Days { days: vec![0; 20], nulls: Some(vec![true; 20]) };
    let layout = Layout::new(&named(&[("entry_date", Kind::Date)])).unwrap();
    let mut writer = ParquetWriter::new(Vec::new(), &layout).unwrap();
    writer.write(std::slice::from_ref(&nothing)).unwrap();
    let file = open(&writer.finish().unwrap()).unwrap();
    assert_eq!(column(&file, "entry_date", 100).unwrap(), vec![None; 20]);
}

#[test]
fn what_cannot_be_written_is_said() {
    let layout = |columns: &[(&str, Kind)]| message(Layout::new(&named(columns)));
    assert_eq!(layout(&[]), "a file without columns cannot be written");
    assert_eq!(layout(&[("duty", Kind::Text), ("duty", Kind::Date)]), "two columns are named `duty`");
    assert_eq!(layout(&[("duty", Kind::Double)]), "column `duty` is of a kind that is not written");
    assert_eq!(
        layout(&[("duty", Kind::Whole { scale: 19 })]),
        "column `duty` has 19 decimal places; 18 are the most"
    );
    let write = |kind: Kind, values: Values| {
        let layout = Layout::new(&named(&[("duty", kind)])).unwrap();
        message(ParquetWriter::new(Vec::new(), &layout).unwrap().write(&[values]))
    };
    let whole = |number, scale| Values::Whole { numbers: vec![number], scale, nulls: None };
    assert_eq!(write(Kind::Whole { scale: 2 }, whole(10_i64.pow(18) - 1, 2)), "");
    assert_eq!(
        write(Kind::Whole { scale: 2 }, whole(10_i64.pow(18), 2)),
        "column `duty` has a number of more than 18 digits"
    );
    let wide = Values::Wide { numbers: vec![-10_i128.pow(38)], scale: 2, nulls: None };
    assert_eq!(write(Kind::Wide { scale: 2 }, wide), "column `duty` has a number of more than 38 digits");
    assert_eq!(write(Kind::Whole { scale: 3 }, whole(1, 2)), "column `duty` is given values of another kind");
    assert_eq!(write(Kind::Text, whole(1, 0)), "column `duty` is given values of another kind");
    let codes = Values::Words { words: Arc::default(), codes: vec![0] };
    assert_eq!(write(Kind::Text, codes), "column `duty` has a code without a word");
    let mut writer = ParquetWriter::new(Vec::new(), &all_kinds()).unwrap();
    assert_eq!(message(writer.write(&batch(0, 10)[..3])), "a batch has not a value for every row and column");
}

/// A disk with room for so many bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 =
            self.0.checked_sub(bytes.len()).ok_or_else(|| io::Error::other("no space left on device"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_said() {
    for room in [0, 10, 10_000] {
        let write = || -> Result<(), ParquetError> {
            let mut writer = ParquetWriter::new(Full(room), &all_kinds())?;
            writer.write(&batch(0, 5000))?;
            writer.finish().map(|_| ())
        };
        assert_eq!(message(write()), "it cannot be written: no space left on device");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Runs of any length, over a dictionary of any size, in batches of any size.
    #[test]
    fn texts_are_read_as_they_were_written(
        runs in prop::collection::vec((0..3000_u32, 1..60_usize), 1..80),
        rows in 1..200_usize,
    ) {
        let words: Vec<String> = (0..3000).map(|i| format!("{i:b}")).collect();
        let words: Arc<Words> = Arc::new(words.iter().map(String::as_str).collect());
        let codes = runs.iter().flat_map(|(code, count)| {
            std::iter::repeat_n(if code % 10 == 0 { NULL } else { *code }, *count)
        });
        let put_in = Values::Words { words, codes: codes.collect() };
        let layout = Layout::new(&named(&[("product", Kind::Text)])).unwrap();
        let mut writer = ParquetWriter::new(Vec::new(), &layout).unwrap();
        writer.write(std::slice::from_ref(&put_in)).unwrap();
        let file = open(&writer.finish().unwrap()).unwrap();
        let put_in: Vec<Cell> = match &put_in {
            Values::Words { words, codes } => codes.iter().map(|c| words.get(*c).map(str::to_owned)).collect(),
            _ => Vec::new(),
        };
        prop_assert_eq!(column(&file, "product", rows).unwrap(), put_in);
    }
}
