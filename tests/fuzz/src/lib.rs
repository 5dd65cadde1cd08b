//! What fuzzers try on the validator and on the model of Joomla's updater, and what must hold whatever they send. Each module is one target: a function that takes
//! any bytes and panics when something does not hold.
//!
//! `targets/` makes programs for libFuzzer of them, which `run.sh` builds with coverage and runs. The inputs in `seeds/` are
//! where these begin; they are run in every test, too.

mod edit;
pub mod feed;
pub mod key;
pub mod request;
mod shop;
pub mod signed_url;

pub use shop::Shop;
