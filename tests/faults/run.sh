#!/bin/sh
# What is lost when things break: tests/faults/run.sh [--quick] [PART OF A NAME…]. A row for each fault; README.md beside this
# file says what each does. Ends with 1 when something was lost.
set -eu
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
# The whole run takes long, so it takes what users run; the short one takes what the tests have built already, and for that asks
# for just what they ask for: one package by itself would have other features of its libraries, and all of them built anew.
case " $* " in
*" --quick "*)
    cargo build --quiet --locked --workspace --bins --tests
    folder=debug
    ;;
*)
    cargo build --quiet --release --locked --package bandari-tests --bins
    folder=release
    ;;
esac
exec "$target/$folder/faults" "$@"
