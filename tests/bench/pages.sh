#!/bin/sh
# What pages cost: builds a site of 500 products with 20 releases each in one language and in two, and tells the CPU time of each
# build. Everything else of a build is done once, so what the second language takes is what the pages of one language take, with
# what it takes to write them. Then the sizes of the largest pages. Takes the number of rounds (3) as an argument; the best round
# counts.
set -eu
cd "$(dirname "$0")/../.."
cargo build --quiet --release --locked --package bandari-generator --bins
exec python3 tests/bench/pages.py "${CARGO_TARGET_DIR:-target}/release/bandari" "$@"
