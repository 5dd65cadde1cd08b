//! Bandari's validator: checks the license key that a customer's Joomla sends and answers with a redirect to a signed URL.
//!
//! # The life of a request
//!
//! 1. `server` accepts a connection, speaks `tls` when that is configured, reads a request within the `limits`, and hands it
//!    over with the time.
//! 2. `routes` tells by the address what is wanted: a download (`download`), what a key is worth (`check`), a key by mail
//!    (`send_key`), a call of jBackend's API (`jbackend`), a licensed file with a signed URL (`edge`), a proxy's question whether
//!    such an URL is good (`edge_verify`), or the public site (`public`). What was sent, and by whom, becomes a `question`.
//! 3. For something licensed, `parameters` finds key and mail address in the request, and `judging` asks `license_key` whether
//!    the key is one of our own. That is arithmetic; a forged one never gets further. Anything else may be another system's
//!    key that was imported (`imported_key`).
//! 4. For a known key `customers` tell what is known of its holder: the embedded `store` or another place, remembered for a while.
//! 5. `decision` gives the verdict. It is pure: the same facts and the same second give the same answer.
//! 6. Yes becomes a 302 to a link that `links` signs. No becomes a status (`refusal`), an error code (`failure`) and words
//!    (`texts`), and `answer` puts these into a text for a Joomla, JSON for a program or one of the `pages` for a person.
//!
//! Which key signs, and which ones an edge accepts, follows from the time (`signing_keys`); `signing` puts that together.
//!
//! A mail with a key is the one thing that is done without a request at hand: `keybyemail` and `/send-key/` leave a wish in the
//! store (`key_by_email`), and `key_mails`, which `server` starts, has it sent by `mail`.
//!
//! What changes while all this goes on, `reloads` notices: a new catalog, or everything at a SIGHUP. `live` swaps the parts whole.
//!
//! Package bytes never pass through here unless the built-in edge is switched on. What the site offers (`offer`) comes from
//! the `catalog`; what must stay secret comes from `secrets`. What other systems know of customers comes in by `import`. Only the
//! command line (`cli`, `license_cli`, `keys_cli`, `edge_cli`) and `server` touch the clock and sockets.

mod answer;
mod app;
mod catalog;
mod check;
pub mod cli;
mod client;
mod config;
mod cors;
mod customers;
mod dates;
mod decision;
mod download;
mod edge;
mod edge_cli;
mod edge_verify;
mod email;
mod error;
mod failure;
mod file_body;
mod files;
mod form;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod health;
mod import;
mod imported_key;
mod init;
mod jbackend;
mod judging;
mod key_by_auth;
mod key_by_email;
mod key_mails;
mod keys_cli;
mod license_cli;
mod license_key;
mod limits;
mod links;
mod live;
mod log;
mod mail;
mod metrics;
mod monitoring;
mod offer;
mod pacer;
mod pages;
mod parameters;
mod password;
mod public;
mod question;
mod quota;
mod readiness;
mod refusal;
mod reloads;
mod reply;
mod request_log;
mod routes;
mod secrets;
mod send_key;
mod sender;
mod server;
mod service_manager;
mod signing;
mod signing_keys;
mod site_versions;
mod state_word;
mod store;
mod templates;
mod texts;
mod timeline;
mod tls;

pub use app::App;
pub use catalog::{CatalogAddress, CatalogPlace, FetchFailure};
pub use config::Config;
pub use customers::Fault;
pub use error::Error;
pub use file_body::FileBody;
pub use live::{CatalogState, Live};
pub use offer::Offer;
pub use refusal::RefusalStatus;
pub use reply::{Reply, ReplyBody};
pub use routes::respond;
pub use server::serve;
