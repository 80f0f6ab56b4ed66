"""How fast many flows are assessed, beside the same in DuckDB's SQL.

    python compare.py PROGRAM FOLDER

FOLDER is what generate.py made. Prints processor time and memory of each, the ratio, and whether every sum agrees to the last
digit. Needs DuckDB (`pip install duckdb`). In SQL a rate is looked up in the panel that `PROGRAM rates` writes, which is the
least that can be done there: flows joined to rates by product, origin and day, duty added up by origin.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

SQL = """
import duckdb, json, sys
con = duckdb.connect()
con.execute("set threads to 1")
con.execute("set enable_progress_bar to false")
rows = con.execute('''
    select f.origin, count(*), sum(f.value), sum(f.value * p.duty)
    from 'flows.parquet' f join 'panel.parquet' p
      on f.product = p.product and f.origin = p.origin
     and f.date >= coalesce(p."from", date '0001-01-01') and f.date < coalesce(p.until, date '9999-12-31')
    group by f.origin''').fetchall()
print(json.dumps([[str(cell) for cell in row] for row in rows]))
"""


def measured(command: list[str], folder: Path) -> tuple[str, float, float, float]:
    """What a command prints, its processor time and wall-clock time in seconds, and its memory in MB."""
    began = time.time()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[0]} failed")
    return printed, used.ru_utime + used.ru_stime, time.time() - began, used.ru_maxrss / 1024


def plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def main() -> None:
    program, folder = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
    run = [program, "run", "measures.toml", "--by", "origin", "--format", "csv", "--quiet"]
    ours, seconds = {}, {}
    for kind in ["parquet", "csv"]:
        for threads in ["1", "2"]:
            printed, cpu, wall, memory = measured(run + ["--flows", f"flows.{kind}", "--threads", threads], folder)
            rows = list(csv.DictReader(printed.splitlines()))
            flows = sum(int(row["flows"]) for row in rows)
            ours[kind, threads], seconds[kind, threads] = printed, cpu
            print(f"{kind}, {threads} threads: {flows / cpu / 1e6:.1f} million rows a second of processor time, "
                  f"{wall:.2f} s, {memory:.0f} MB")
    assert len(set(ours.values())) == 1, "the files or the threads differ"
    out = ["--out", "panel.parquet", "--quiet"]
    origins = sorted({row["key"] for row in csv.DictReader(ours["csv", "1"].splitlines())})
    _, cpu, wall, memory = measured(
        [program, "rates", "measures.toml", "--products", "flows.parquet:product", "--origins", ",".join(origins)] + out, folder)
    print(f"the panel for SQL: {cpu:.1f} s of processor time, {wall:.1f} s, {memory:.0f} MB")
    printed, cpu, wall, memory = measured([sys.executable, "-c", SQL], folder)
    print(f"DuckDB, 1 thread: {cpu:.2f} s of processor time, {wall:.2f} s, {memory:.0f} MB; "
          f"{cpu / seconds['parquet', '1']:.1f} times as long as ours")
    theirs = {row[0]: row[1:] for row in json.loads(printed)}
    for row in csv.DictReader(ours["parquet", "1"].splitlines()):
        flows, value, duty = theirs[row["key"]]
        assert (row["flows"], row["value"], row["duty"]) == (flows, plain(value), plain(duty)), (row, theirs[row["key"]])
    print(f"all sums of {len(theirs)} origins agree to the last digit")


if __name__ == "__main__":
    main()
