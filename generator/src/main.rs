//! The command `bandari`; everything behind it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    bandari_generator::cli::main()
}
