#!/bin/sh
# Whether the time of a refusal tells a known key from a forged one, or a user who is there from one who is not. Takes the
# number of rounds as an argument.
set -eu
cd "$(dirname "$0")/../.."
cargo build --quiet --release --locked --package bandari-tests --bins
exec "${CARGO_TARGET_DIR:-target}/release/refusal-timing" "$@"
