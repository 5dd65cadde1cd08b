//! What fuzzers try on all that reads strangers' bytes, and what must hold whatever they send. Each module is one target: a function
//! that takes any bytes and panics when something does not hold.
//!
//! `main.rs` makes a program for libFuzzer of them, which `run.sh` builds with coverage and runs. The inputs in `seeds/` are
//! where these begin; they are run in every test, too. The README beside this crate tells what must hold in which target.

mod edit;
mod text;

pub mod catalog;
pub mod changelog;
mod extension;
pub mod feed;
pub mod image;
pub mod import;
pub mod jbackend;
pub mod key;
pub mod manifest;
pub mod package;
pub mod product;
pub mod range;
pub mod request;
mod shop;
pub mod signed_url;

use std::path::PathBuf;
use std::sync::OnceLock;

pub use shop::Shop;

/// What tries one input of a target.
pub type Run = fn(&ShopPlace, &[u8]);

/// All targets by their names, which are those of the folders in `seeds/`.
pub const TARGETS: [(&str, Run); 13] = [
    ("catalog", |_, input| catalog::run(input)),
    ("changelog", |_, input| changelog::run(input)),
    ("feed", |_, input| feed::run(input)),
    ("image", |_, input| image::run(input)),
    ("import", |_, input| import::run(input)),
    ("jbackend", |_, input| jbackend::run(input)),
    ("key", |place, input| key::run(place.shop(), input)),
    ("manifest", |_, input| manifest::run(input)),
    ("package", |_, input| package::run(input)),
    ("product", |_, input| product::run(input)),
    ("range", |_, input| range::run(input)),
    ("request", |place, input| request::run(place.shop(), input)),
    ("signed-url", |_, input| signed_url::run(input)),
];

/// Where the shop is, which is made when the first target asks for it.
pub struct ShopPlace {
    folder: PathBuf,
    shop: OnceLock<Shop>,
}

impl ShopPlace {
    /// A folder that nobody else uses.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, shop: OnceLock::new() }
    }

    fn shop(&self) -> &Shop {
        self.shop.get_or_init(|| Shop::make(&self.folder))
    }
}
