#!/bin/sh
# Fuzzes targets for some seconds each: tests/fuzz/run.sh [SECONDS] [TARGET…], 20 s and all of them without arguments. Ends with
# 1 when an input is found for which something does not hold, and tells how to run it again; with 2 when there is no such target.
# With CI=true it tries the same inputs each time, 2,000 of each target within the seconds: a change is judged by what it
# changes, not by chance. Where there is no C++ compiler it says so, and ends with 1 then.
set -eu

seconds=${1:-20}
[ $# = 0 ] || shift
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-$PWD/target}
# A folder of seeds is a target; a test holds them to the list in `src/lib.rs`.
known=$(ls tests/fuzz/seeds)
case $seconds in
    '' | *[!0-9]*)
        echo "found \`$seconds\`, expected a number of seconds: tests/fuzz/run.sh [SECONDS] [TARGET…]" >&2
        exit 2
        ;;
esac
for name in "$@"; do
    if ! echo "$known" | grep -qxF -e "$name"; then
        echo "found the target \`$name\`, expected some of: $(echo "$known" | paste -sd " " -)" >&2
        exit 2
    fi
done
# shellcheck disable=SC2086 # one word for each target
[ $# -gt 0 ] || set -- $known
command -v c++ >/dev/null || {
    echo "no C++ compiler, which libFuzzer needs: skipped fuzzing" >&2
    [ "${CI:-}" != true ]
    exit
}

# Signatures are dear without optimization, and most of what a fuzzer would wait for.
RUSTC_WORKSPACE_WRAPPER=$PWD/tests/fuzz/instrumented.sh cargo build --locked --package bandari-fuzz --bins \
    --features libfuzzer --config 'profile.dev.package.curve25519-dalek.opt-level=3'

same=
[ "${CI:-}" != true ] || same='-seed=1 -runs=2000'
# The log's end is shown, and what happened is to be in it.
export RUST_BACKTRACE=0
for name in "$@"; do
    found=$target/fuzz/$name
    # Where the same is tried each time, nothing is kept from one run to the next.
    [ -z "$same" ] || rm -rf "$found/corpus"
    mkdir -p "$found/corpus" "$found/findings"
    seeds=tests/fuzz/seeds/$name
    more_seeds=
    case $name in
        feed) dictionary=xml more_seeds=tests/fixtures/feeds ;;
        image | manifest | package) dictionary=xml ;;
        request | key | signed-url) dictionary=requests ;;
        *) dictionary=files ;;
    esac
    echo "fuzzing $name for $seconds s"
    # What was learned in one run is where the next one begins. Heads longer than that are for hyper to refuse.
    # shellcheck disable=SC2086 # one word for each option
    if ! FUZZ_TARGET=$name "$target/debug/fuzz" -max_total_time="$seconds" $same -max_len=2048 -timeout=10 \
        -rss_limit_mb=1024 -print_final_stats=1 -dict="tests/fuzz/dictionaries/$dictionary.txt" \
        -artifact_prefix="$found/findings/" "$found/corpus" "$seeds" $more_seeds >"$found/log" 2>&1; then
        tail -n 40 "$found/log" >&2
        echo "found in $name; run it again:" >&2
        for finding in "$found"/findings/*; do
            echo "    FUZZ_TARGET=$name $target/debug/fuzz $finding" >&2
        done
        echo "mended, it belongs to $seeds/, where every test runs it" >&2
        exit 1
    fi
    grep -E '^(Done|stat::number_of_executed_units|stat::peak_rss_mb)' "$found/log"
done
