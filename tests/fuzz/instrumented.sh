#!/bin/sh
# Compiles one crate of the workspace so that libFuzzer sees which branches an input takes and what it is compared with.
# Cargo calls it as RUSTC_WORKSPACE_WRAPPER: the crates of others stay as they are and are shared with all other builds.
# The options are those that cargo-fuzz gives a compiler without sanitizers.
case " $* " in
    # A build script is a program of its own, and is not linked with libFuzzer.
    *" --crate-name build_script_"*) exec "$@" ;;
esac
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing
