//! The command `bandari-validator`; everything behind it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    bandari_validator::cli::main()
}
