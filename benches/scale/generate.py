"""Flows and a scenario to measure with: real codes and partners, made-up values and days, always the same.

    python generate.py IMPORTS.parquet ROWS FOLDER

IMPORTS has a column `hs10`; its products are those of the flows. Needs DuckDB (`pip install duckdb`).
"""

import random
import sys
from pathlib import Path

import duckdb

SEED = 20241231
# The partners of a year's imports, those with most trade first.
ORIGINS = """CN MX CA DE JP VN KR TW IE IN IT CH TH GB FR MY SG BR NL ID BE ES IL AT AU TR SE PL CL DK HU KH PH CO ZA PE FI
CZ SA AR BD PT NO NZ RO PK DO CR SK EC GT HN LK IQ SI NI AE TT HK JO EG UY NG EE LT BG GR HR LU LV MT CY IS UA KZ GY SV
MA TN KE GH CI ET MG MU LS BO PY VE PA JM HT BS BB BZ SR FJ PG MM LA MN NP MV BN MO QA KW OM BH LB AZ GE AM UZ RS BA MK
AL MD ME XK LI MC SM AD DZ LY AO CD CG GA GQ CM SN ML BF NE TD SD SO DJ ER UG RW BI TZ MZ MW ZM ZW BW NA SZ""".split()


def measures(count: int, rng: random.Random) -> list[str]:
    """An MFN duty for each chapter, then duties on headings of some origins from some day on, as many as are asked for."""
    written = []
    for chapter in range(1, 98):
        rate = rng.choice(["0%", "0%", "2.5%", "3.4%", "6.5%", "4.75%", "12%"])
        written.append(f'[[measure]]\nid = "mfn-{chapter:02}"\ntype = "mfn"\nproducts = "{chapter:02}"\nrate = "{rate}"\n')
    while len(written) < count:
        number = len(written)
        chapter = rng.randrange(1, 98)
        origins = ", ".join(f'"{origin}"' for origin in sorted(rng.sample(ORIGINS, rng.randrange(1, 40))))
        day = f"2024-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        rate = rng.choice(["5%", "7.5%", "10%", "12.5%", "25%", "50%"])
        other = f'yields_to = "add-{number - 1}"\n' if number > 97 and rng.random() < 0.3 else ""
        written.append(
            f'[[measure]]\nid = "add-{number}"\nproducts = "{chapter:02}"\norigins = [{origins}]\n'
            f'from = {day}\nrate = "{rate}"\n{other}'
        )
    return written


def main() -> None:
    imports, rows, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(SEED)
    head = 'title = "Two hundred measures"\nimporter = "US"\ncurrency = "USD"\n\n'
    (folder / "measures.toml").write_text(head + "\n".join(measures(200, rng)))
    con = duckdb.connect()
    con.execute("set threads to 1")
    con.execute("set preserve_insertion_order = true")
    con.execute(f"create table codes as select distinct hs10 from '{imports}' where length(hs10) = 10 and left(hs10, 2) < '98' order by 1")
    con.execute("create table partners(place int, origin text)")
    con.executemany("insert into partners values (?, ?)", list(enumerate(ORIGINS)))
    # A multiplicative generator by row: the same rows on every machine and with any number of threads.
    # Hashes of the row number: the same rows on every machine and with any number of threads.
    codes = con.execute("select count(*) from codes").fetchone()[0]
    con.execute("create table numbered as select hs10, cast(row_number() over (order by hs10) - 1 as bigint) as place from codes")
    con.execute(
        f"""create table drawn as
        select i, cast(hash(i + {SEED}) % {codes} as bigint) as code,
               cast(least(hash(i * 7 + 1) % {len(ORIGINS)}, hash(i * 11 + 2) % {len(ORIGINS)}) as int) as partner,
               cast(hash(i * 13 + 3) % 366 as int) as day, hash(i * 31 + 4) % 100000000 as cents
        from range({rows}) t(i)"""
    )
    con.execute(
        """create view flows as
        select hs10 as product, origin, cast(date '2024-01-01' + day as date) as date,
               cast(cents / 100 as decimal(18, 2)) as value
        from drawn join numbered on numbered.place = drawn.code join partners on partners.place = drawn.partner"""
    )
    con.execute(f"copy flows to '{folder}/flows.parquet' (format parquet)")
    con.execute(f"copy flows to '{folder}/flows.csv' (header)")


if __name__ == "__main__":
    main()
