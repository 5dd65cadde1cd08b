//! Shops under load: floods, outages, restarts, several validators. What customers notice of them is nothing.

use std::ops::Range;
use std::time::Duration;

use bandari_tests::database::DatabaseServer;
use bandari_tests::load::{Client, Counts, Load, Outcome};
use bandari_tests::shop::Shop;

mod floods;
mod outages;
mod several_validators;
mod stopping;

/// Between two requests of a client. Many tests run at the same time, and none of them is about speed.
const PAUSE: Duration = Duration::from_millis(20);

/// What a customer's Joomla asks for.
fn target(key: &str) -> String {
    format!("/download/lighthouse_110?dlid={key}")
}

/// Adds clients who ask with these keys in turn, some of them on connections that they keep.
fn add_customers(load: &mut Load, name: &'static str, port: u16, keys: &[String], clients: usize) {
    for number in 0..clients {
        let client = Client::new(port).from_address(&format!("203.0.113.{number}"));
        let mut client = if number % 2 == 0 { client } else { client.with_new_connections() };
        let targets: Vec<String> = keys.iter().map(|key| target(key)).collect();
        let mut targets = targets.into_iter().cycle().skip(number);
        load.add(name, PAUSE, move || client.ask(&targets.next().expect("a cycle has no end")));
    }
}

/// Customers with licenses of the embedded store, by their keys.
fn customers(shop: &Shop, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| shop.key_for(&format!("customer{number}@shop.test"), "lighthouse", None))
        .collect()
}

/// A user group of [`DatabaseServer`]'s site, and one far below it.
const CUSTOMERS: u32 = 10;
const AGENCIES: u32 = 12;

/// Makes a Joomla site's database the place of licenses: its customers may have everything.
fn keep_licenses_in(shop: &Shop, database: &DatabaseServer) {
    let groups = format!("[joomla.user_groups]\nlighthouse = [{CUSTOMERS}]\ndockyard = [{CUSTOMERS}]\n");
    shop.configure_joomla(database, &groups);
}

/// Customers of that site, by their keys.
fn members(shop: &Shop, database: &DatabaseServer, ids: Range<u32>) -> Vec<String> {
    let add = |id: u32| {
        database.add_user(id, &format!("member{id}"), &format!("member{id}@shop.test"), &[AGENCIES]);
        shop.validator_prints(&["license", "key", "lighthouse", "--user", &id.to_string()], "")
    };
    ids.map(add).collect()
}

/// Fails unless everybody of that name had this outcome, and nothing else, at least this often.
fn assert_only(counts: &Counts, name: &str, expected: &Outcome, least: u64) {
    let found = &counts[name];
    assert!(
        found.len() == 1 && found.get(expected).is_some_and(|count| *count >= least),
        "{name}: {found:?}"
    );
}
