#!/usr/bin/env bash
# The figures of docs/validation.md: what others computed, held against the program, and what one run costs.
#
#   TARIFFSIM_PEER_DATA=FOLDER benches/validate.sh
#
# FOLDER holds the peer's tables and results in cases/gta, the schedule in data/hts and the imports of 2024 in data/census; by
# default ../shared.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${TARIFFSIM_PEER_DATA:-}" ]; then
  TARIFFSIM_PEER_DATA=$(cd ../shared && pwd)
fi
export TARIFFSIM_PEER_DATA

step() { printf '\n== %s\n' "$*"; }

# Runs the program five times with these arguments: processor time and memory.
measured() {
  python3 - target/release/tariffsim "$@" <<'EOF'
import os, statistics, subprocess, sys

times, memory = [], []
for _ in range(5):
    child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit("the run failed")
    times.append(used.ru_utime + used.ru_stime)
    memory.append(used.ru_maxrss / 1024)
print(f"median {statistics.median(times):.2f} s, best {min(times):.2f} s, at most {max(memory):.0f} MB")
EOF
}

step 'a published model, flow by flow'
cargo test --quiet --test peers -- --nocapture --test-threads 1 2>&1 | grep -oE '(20[0-9-]+: [0-9]|test result|skipped|thread|error).*'

step 'what customs calculated, by cause, of Japan by cause, by origin and by chapter; USD million'
cargo test --quiet --test customs -- --nocapture 2>&1 | grep -E '^(\||$)|test result|skipped|panicked|left|right|error'

step 'one run of the model, five times: processor time and memory'
cargo build --release --quiet
measured run tests/peers/gta/scenario.toml --by origin --format csv --quiet

step 'the schedule imported, and one run over the imports of 2024, five times each'
mkdir -p target/validation
rates=target/validation/us_rates_2025.csv
measured import schedule "$TARIFFSIM_PEER_DATA/data/hts/hts_2025_basic_edition.csv" --out "$rates" --quiet
measured run tests/peers/customs/scenario.toml --by origin --format csv --quiet
target/release/tariffsim run tests/peers/customs/scenario.toml --by measure --quiet | sed -n 1,2p
