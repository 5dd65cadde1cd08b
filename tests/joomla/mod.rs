//! A Joomla site's own database as the place of licenses, on real MariaDB and PostgreSQL: each rule as a customer meets it.

use bandari_tests::database::{DatabaseServer, Engine};
use bandari_tests::http;
use bandari_tests::shop::Shop;
use serde_json::Value;

use crate::programs;

/// Makes a test for each database of a function that takes one; where the database is not installed, it is skipped.
macro_rules! on_each_database {
    ($($rule:ident)*) => { $(
        mod $rule {
            #[test]
            fn on_mariadb() {
                super::$rule(bandari_tests::database::Engine::MariaDb);
            }

            #[test]
            fn on_postgresql() {
                super::$rule(bandari_tests::database::Engine::PostgreSql);
            }
        }
    )* };
}

mod accounts;
mod command_line;
mod configuration;
mod download_ids;
mod licenses;
mod memberships;

/// Customers (10) and all below them may have Lighthouse, Yearly customers (11) and agencies (12) below them Dockyard, too.
const USER_GROUPS: &str = "[joomla.user_groups]\nlighthouse = [10]\ndockyard = [11]\n";

/// What the passwords of all accounts here are, and what PHP 8.2 made of it.
const PASSWORD: &str = "Turn-the-Tide";
const BCRYPT: &str = "$2y$10$cO7fdk50/H2t0Cu4eSX7UeCSBPo4EoioZWrYMFySpt.fn0Y4GRRYq";

/// A site and the shop that asks it.
struct Site {
    database: DatabaseServer,
    shop: Shop,
}

impl Site {
    /// With these tables below `[joomla]`, and nobody in it. Nothing where the database is not installed.
    fn with(engine: Engine, tables: &str) -> Option<Self> {
        let database = DatabaseServer::start(engine)?;
        let shop = Shop::closed(programs());
        shop.configure_joomla(&database, tables);
        Some(Self { database, shop })
    }

    /// The same, with a mail folder, open, and with these customers: Ada (42) in Customers, Bob (43) in Agencies, Cyd (44)
    /// in Registered, the parent of them all.
    fn open(engine: Engine, tables: &str) -> Option<Self> {
        let mut site = Self::with(engine, tables)?;
        site.shop.configure_mail("transport = 'folder'\nfolder = 'mails'");
        for (id, name, group) in [(42, "ada", 10), (43, "bob", 12), (44, "cyd", 2)] {
            site.database.add_user(id, name, &format!("{name}@shop.test"), &[group]);
        }
        site.database.execute(&format!("UPDATE #__users SET password = '{BCRYPT}'"));
        site.shop.serve();
        Some(site)
    }

    /// The key of somebody who has a license now.
    fn key(&self, group: &str, user: u32) -> String {
        self.shop.validator_prints(&["license", "key", group, "--user", &user.to_string()], "")
    }

    /// The number with which a key is answered where Lighthouse is to be downloaded.
    fn status(&self, key: &str) -> u16 {
        self.shop.get(&format!("/download/lighthouse_110?dlid={key}")).status
    }

    /// What a key is worth for a group.
    fn state(&self, group: &str, key: &str) -> String {
        let answer = http::get(
            self.shop.port,
            &format!("/check/{group}?dlid={key}&format=json"),
            &["Accept: application/json"],
        );
        let told: Value =
            serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{}", answer.text()));
        told["state"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned()
    }

    /// What `keybyauth` answers.
    fn log_in(&self, username: &str, password: &str) -> Value {
        let target = format!("/post/release/keybyauth/lighthouse?username={username}&password={password}");
        serde_json::from_slice(&self.shop.get(&target).body).unwrap()
    }
}

/// What a command that must fail with exit code 2 says.
fn refusal(shop: &Shop, arguments: &[&str], input: &str) -> String {
    failure(shop, arguments, input, 2)
}

fn failure(shop: &Shop, arguments: &[&str], input: &str, code: i32) -> String {
    let output = shop.validator(arguments, input);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(code), 0), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    text.trim_end().strip_prefix("error: ").unwrap_or_else(|| panic!("{text}")).to_owned()
}
