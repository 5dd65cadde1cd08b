#!/bin/sh
# Installs what the tests need, where that is possible, and runs them all.
set -eu

cd "$(dirname "$0")/.."

missing=
command -v cc >/dev/null || missing="$missing gcc libc6-dev"
command -v php >/dev/null || missing="$missing php-cli"
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing:$missing"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        # shellcheck disable=SC2086 # one word for each package
        apt-get install -qq -y --no-install-recommends $missing >/dev/null
    else
        echo "not installed, and only root can:$missing; tests that need them say so" >&2
    fi
fi

cargo test --workspace --locked --doc
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --locked --no-fail-fast
else
    cargo test --workspace --locked --no-fail-fast --lib --bins --tests
fi
