//! Whole-path tests, one module for each concern.

use bandari_tests::shop::Programs;

mod answers;
mod bad_packages;
mod builds;
mod checks;
mod client_plugin;
mod databases;
mod diff;
mod edges;
mod example_extensions;
mod explain;
mod fuzz_seeds;
mod golden_trees;
mod hosting;
mod init;
mod jbackend_api;
mod joomla;
mod key_mails;
mod keys;
mod licenses;
mod limits;
mod load;
mod logins;
mod monitoring;
mod pages;
mod reloads;
mod secrets;
mod security_page;
mod updater;
mod validator_cli;
mod whole_path;

/// The programs under test, built anew for this very binary.
fn programs() -> Programs {
    Programs {
        bandari: env!("CARGO_BIN_EXE_bandari-under-test").into(),
        validator: env!("CARGO_BIN_EXE_bandari-validator-under-test").into(),
    }
}
