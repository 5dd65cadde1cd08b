#!/bin/sh
# Fuzzes each target for some seconds: tests/fuzz/run.sh [SECONDS], 20 of them without an argument. Ends with 1 when an input is
# found for which something does not hold, and tells how to run it again.
# Where there is no C++ compiler it says so, and ends with 1 when CI=true.
set -eu

seconds=${1:-20}
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-$PWD/target}
command -v c++ >/dev/null || {
    echo "no C++ compiler, which libFuzzer needs: skipped fuzzing of request, key, signed-url and feed" >&2
    [ "${CI:-}" != true ]
    exit
}

# Signatures are dear without optimization, and most of what a fuzzer would wait for.
RUSTC_WORKSPACE_WRAPPER=$PWD/tests/fuzz/instrumented.sh cargo build --locked --package bandari-fuzz --bins \
    --features libfuzzer --config 'profile.dev.package.curve25519-dalek.opt-level=3'

# The log's end is shown, and what happened is to be in it.
export RUST_BACKTRACE=0
for name in request key signed-url feed; do
    program=$target/debug/fuzz-$name
    found=$target/fuzz/$name
    mkdir -p "$found/corpus" "$found/findings"
    seeds=tests/fuzz/seeds/$(echo "$name" | tr - _)
    dictionary=tests/fuzz/dictionary.txt
    more_seeds=
    if [ "$name" = feed ]; then
        dictionary=tests/fuzz/feed-dictionary.txt
        more_seeds=tests/fixtures/feeds
    fi
    echo "fuzzing $name for $seconds s"
    # What was learned in one run is where the next one begins. Heads longer than that are for hyper to refuse.
    if ! "$program" -max_total_time="$seconds" -max_len=2048 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -dict="$dictionary" -artifact_prefix="$found/findings/" \
        "$found/corpus" "$seeds" $more_seeds >"$found/log" 2>&1; then
        tail -n 40 "$found/log" >&2
        echo "found in $name; run it again:" >&2
        for finding in "$found"/findings/*; do
            echo "    $program $finding" >&2
        done
        echo "mended, it belongs to $seeds/, where every test runs it" >&2
        exit 1
    fi
    grep -E '^(Done|stat::number_of_executed_units|stat::peak_rss_mb)' "$found/log"
done
