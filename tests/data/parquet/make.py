"""Makes the Parquet files beside it, which tests/parquet.rs reads.

Needs duckdb and pyarrow. Row i (from 0) of every file holds what the tests compute for row i.
"""

import datetime
import decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

# Two groups of rows, dictionaries, snappy: what DuckDB writes unless told otherwise.
duckdb.execute("""
    copy (
        select
            ['0101.21', '8703.23', '2204.10'][i % 3 + 1] as product,
            case when i % 7 = 0 then null else ['JP', 'DE', 'MX', 'KR'][i % 4 + 1] end as origin,
            date '2025-01-01' + (i % 90)::int as entry_date,
            cast(concat(i % 40 * 997, '.', lpad((i % 40)::varchar, 2, '0')) as decimal(18, 2)) as value,
            case when i % 5 = 0 then null
                 else cast(concat('-', i % 40, '.0000000001') as decimal(38, 10)) end as duty,
            case when i % 11 = 0 then null else (i % 13)::int end as quantity,
            (i % 40 * 1000003)::ubigint as entry,
            (i % 40)::double / 4 as weight,
            case when i % 3 = 0 then null else i % 2 = 0 end as claimed,
            (date '2025-01-01' + (i % 90)::int)::timestamp as entered
        from range(3000) t(i)
    ) to 'duckdb.parquet' (format parquet, row_group_size 2048)
""")

# Second version of the format: levels outside the compressed part, differences instead of values, a dictionary that is
# given up half-way, and types that are not read.
rows = range(200)
day = datetime.date(2025, 1, 1)
decimal.getcontext().prec = 60
table = pa.table({
    "product": pa.array([["0101.21", "8703.23", "2204.10"][i % 3] for i in rows]),
    "origin": pa.array([None if i % 7 == 0 else ["JP", "DE", "MX", "KR"][i % 4] for i in rows]),
    "importer": pa.array([f"importer {i // 2}" for i in rows]),
    "note": pa.array([f"entered as {i * i} of 200" for i in rows]),
    "serial": pa.array([(i * 0x1E3779B97F4A7C15 + 2**63) % 2**64 - 2**63 for i in rows], pa.int64()),
    "entry_date": pa.array([day + datetime.timedelta(days=i % 90) for i in rows]),
    "value": pa.array([decimal.Decimal(i % 40 * 997) + decimal.Decimal(i % 40) / 100 for i in rows],
                      pa.decimal128(18, 2)),
    "duty": pa.array([None if i % 5 == 0 else -(i % 40) - decimal.Decimal("0.0000000001") for i in rows],
                     pa.decimal128(38, 10)),
    "rate": pa.array([decimal.Decimal(i % 50) / 1000 for i in rows], pa.decimal128(20, 3)),
    "quantity": pa.array([None if i % 11 == 0 else i % 13 for i in rows], pa.uint32()),
    "entry": pa.array([i % 40 * 1000003 for i in rows], pa.int64()),
    "weight": pa.array([i % 40 / 4 for i in rows], pa.float64()),
    "size": pa.array([i % 40 / 4 for i in rows], pa.float32()),
    "claimed": pa.array([None if i % 3 == 0 else i % 2 == 0 for i in rows]),
    "entered": pa.array([datetime.datetime(2025, 1, 1) + datetime.timedelta(days=i % 90) for i in rows],
                        pa.timestamp("ms")),
    "seen": pa.array([datetime.datetime(2025, 1, 1, i % 24) for i in rows], pa.timestamp("us")),
    "clock": pa.array([datetime.time(i % 24) for i in rows], pa.time64("us")),
    "parts": pa.array([[i] for i in rows]),
})
dictionaries = ["product", "importer", "rate"]
pq.write_table(
    table, "pyarrow.parquet", row_group_size=120, data_page_version="2.0", use_dictionary=dictionaries,
    dictionary_pagesize_limit=256, data_page_size=256, write_batch_size=32, store_schema=False,
    write_statistics=False, column_encoding={
        "note": "DELTA_BYTE_ARRAY", "serial": "DELTA_BINARY_PACKED",
        "origin": "DELTA_LENGTH_BYTE_ARRAY", "entry_date": "DELTA_BINARY_PACKED", "entry": "DELTA_BINARY_PACKED",
        "quantity": "DELTA_BINARY_PACKED", "weight": "BYTE_STREAM_SPLIT", "claimed": "RLE", "duty": "BYTE_STREAM_SPLIT",
    },
)

# Compressed otherwise; the last in a way that is not read.
for codec in ["zstd", "gzip", "brotli"]:
    pq.write_table(table.select(["product"]), f"{codec}.parquet", compression=codec, store_schema=False)
