//! Bandari's validator: checks the license key that a customer's Joomla sends and answers with a redirect to a signed URL.
//!
//! # The life of a request
//!
//! 1. `server` accepts a connection, reads a request within its limits, and hands it over with the time.
//! 2. `routes` tells by the address what is wanted: a download, a call of jBackend's API (`jbackend`), a licensed file with a
//!    signed URL (`edge`), or the public site (`public`).
//! 3. For something licensed, `parameters` finds key and mail address in the request, and `app` asks `license_key` whether
//!    the key is genuine. That is arithmetic; a forged key never gets further.
//! 4. For a genuine key the `store` tells what is known of its holder.
//! 5. `decision` says yes or why not. It is pure: the same facts and the same second give the same answer.
//! 6. Yes becomes a 302 to a link that `links` signs, no becomes a status and a sentence of `messages`.
//!
//! Package bytes never pass through here unless the built-in edge is switched on. What the site offers comes from the catalog
//! (`offer`); what must stay secret comes from `secrets`. Only the command line (`cli`, `license_cli`) and `server` touch
//! the clock and sockets.

mod app;
pub mod cli;
mod config;
mod decision;
mod edge;
mod email;
mod error;
mod file_body;
mod files;
mod imported_key;
mod init;
mod jbackend;
mod license_cli;
mod license_key;
mod limits;
mod links;
mod messages;
mod offer;
#[allow(dead_code, reason = "the addresses that answer with these pages are changed next")]
mod pages;
mod parameters;
#[cfg_attr(not(test), expect(dead_code, reason = "wired in with the key mails and logins"))]
mod password;
mod public;
#[expect(dead_code, reason = "wired in with the key mails and logins")]
mod quota;
mod reply;
mod routes;
mod secrets;
#[cfg_attr(not(test), expect(dead_code, reason = "wired in with the key mails and logins"))]
mod sender;
mod server;
mod store;
mod templates;
#[allow(dead_code, reason = "the addresses that answer in these words are changed next")]
mod texts;

pub use app::App;
pub use config::Config;
pub use error::Error;
pub use file_body::FileBody;
pub use limits::Limits;
pub use offer::Offer;
pub use reply::{Reply, ReplyBody};
pub use routes::respond;
pub use server::serve;
