//! Who the customers are, and what they hold: what a request has to know of them, wherever that is kept.
//!
//! Each place where licenses live implements [`Customers`]: the embedded store (`store`) and a Joomla site's own database
//! (`joomla`). [`Place`] is the one that the configuration names. The server asks through [`LookUps`], which remembers answers for
//! a while and bridges outages.

mod joomla;
mod look_ups;
mod place;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bandari_catalog::names::GroupId;

use crate::decision::Holder;
use crate::email::EmailAddress;
use crate::error::Error;
use crate::imported_key::ForeignKey;
use crate::password::PasswordHash;

pub use joomla::Fault;
pub(crate) use joomla::{JoomlaConfig, JoomlaTable};
pub(crate) use look_ups::{Away, Known, LookUpConfig, LookUpTable, LookUps};
pub(crate) use place::Place;

/// What a look-up leads to, when it is done.
pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Whose an imported key is.
#[derive(Clone, Debug)]
pub(crate) struct ImportedKey {
    /// Id of the user.
    pub(crate) user: u32,
    /// The group that it opens; nothing means whatever its holder has licenses for.
    pub(crate) group: Option<String>,
}

/// An account of whoever logs in with a password. It has no `Debug`.
pub(crate) struct Account {
    /// Id of the user.
    pub(crate) user: u32,
    pub(crate) password: PasswordHash,
}

/// A place where licenses live. Nothing here writes.
///
/// # Errors
/// Every method fails with the [`Error`] of its place when that cannot be asked. An error quotes no values.
pub(crate) trait Customers: fmt::Debug + Send + Sync {
    /// What is known of a user with respect to a group; nothing when there is no such user.
    fn holder<'a>(&'a self, user: u32, group: &'a GroupId) -> Answer<'a, Option<Holder>>;

    /// Whose a key is that another system gave out; nothing when nobody's, or when it is no longer good.
    fn imported_key<'a>(&'a self, key: &'a ForeignKey) -> Answer<'a, Option<ImportedKey>>;

    /// The account of that user name, compared as where customers log in; nothing when there is none that may log in, or none
    /// with a password in a form that is known.
    fn account<'a>(&'a self, username: &'a str) -> Answer<'a, Option<Account>>;

    /// The id of the user with this address; nothing for one who may not log in.
    fn user_of<'a>(&'a self, email: &'a EmailAddress) -> Answer<'a, Option<u32>>;

    /// Asks for nothing, to find out whether the place can be asked.
    fn probe(&self) -> Answer<'_, ()>;
}
