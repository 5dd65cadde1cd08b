//! Customers of a [`Shop`] who ask for a licensed package, over and over.

use std::ops::Range;
use std::time::Duration;

use crate::database::DatabaseServer;
use crate::load::{Client, Counts, Load, Outcome};
use crate::shop::Shop;

/// Between two requests of a client. Many tests run at the same time, and none of them is about speed.
pub const PAUSE: Duration = Duration::from_millis(20);

/// A user group of [`DatabaseServer`]'s site, and one far below it.
const CUSTOMERS: u32 = 10;
const AGENCIES: u32 = 12;

/// What a customer's Joomla asks for.
#[must_use]
pub fn target(key: &str) -> String {
    format!("/download/lighthouse_110?dlid={key}")
}

/// Adds clients who ask with these keys in turn, some of them on connections that they keep.
pub fn add_customers(load: &mut Load, name: &'static str, port: u16, keys: &[String], clients: usize) {
    for number in 0..clients {
        let client = Client::new(port).from_address(&format!("203.0.113.{number}"));
        let mut client = if number % 2 == 0 { client } else { client.with_new_connections() };
        let targets: Vec<String> = keys.iter().map(|key| target(key)).collect();
        let mut targets = targets.into_iter().cycle().skip(number);
        load.add(name, PAUSE, move || client.ask(&targets.next().expect("a cycle has no end")));
    }
}

/// Customers with licenses of the embedded store, by their keys.
///
/// # Panics
/// When a license cannot be granted.
#[must_use]
pub fn customers(shop: &Shop, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| shop.key_for(&format!("customer{number}@shop.test"), "lighthouse", None))
        .collect()
}

/// Makes a Joomla site's database the place of licenses: its customers may have everything.
///
/// # Panics
/// When the configuration cannot be written.
pub fn keep_licenses_in(shop: &Shop, database: &DatabaseServer) {
    let groups = format!("[joomla.user_groups]\nlighthouse = [{CUSTOMERS}]\ndockyard = [{CUSTOMERS}]\n");
    shop.configure_joomla(database, &groups);
}

/// Customers of that site, by their keys.
///
/// # Panics
/// When the database does not take them.
#[must_use]
pub fn members(shop: &Shop, database: &DatabaseServer, ids: Range<u32>) -> Vec<String> {
    let add = |id: u32| {
        database.add_user(id, &format!("member{id}"), &format!("member{id}@shop.test"), &[AGENCIES]);
        shop.validator_prints(&["license", "key", "lighthouse", "--user", &id.to_string()], "")
    };
    ids.map(add).collect()
}

/// Fails unless everybody of that name had this outcome, and nothing else, at least this often.
///
/// # Panics
/// With all outcomes.
pub fn assert_only(counts: &Counts, name: &str, expected: &Outcome, least: u64) {
    let found = &counts[name];
    assert!(
        found.len() == 1 && found.get(expected).is_some_and(|count| *count >= least),
        "{name}: {found:?}"
    );
}
