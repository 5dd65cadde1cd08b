//! What a vendor hears of a database that cannot be asked as the configuration says.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use bandari_tests::database::{Engine, NAME, READER_PASSWORD};
use bandari_tests::skipping::skip;
use bandari_tests::smtp::wait_for;

use super::{Site, USER_GROUPS, failure, refusal};

on_each_database! {
    a_good_configuration_is_good_by_tcp_and_by_socket
    whatever_is_wrong_is_told_in_one_sentence
    a_database_that_is_away_is_told_and_keeps_no_server_from_starting
    a_slow_query_ends_with_the_time_limit_and_keeps_nobody_else_waiting
    a_query_that_would_write_is_stopped
    an_encrypted_connection_is_made_with_a_certificate_that_is_trusted_and_fits
    a_new_password_counts_when_the_server_reloads
    nothing_that_is_secret_stands_in_any_log
}

fn set(site: &Site, from: &str, to: &str) {
    site.shop.reconfigure(from, to);
}

fn a_good_configuration_is_good_by_tcp_and_by_socket(engine: Engine) {
    let Some(site) = Site::with(engine, USER_GROUPS) else { return };
    assert!(site.shop.validator_prints(&["check-config"], "").contains("is good: packages "));
    let _ = site.shop.validator_prints(&["init"], "");
    set(&site, "host = '127.0.0.1'", &format!("socket = '{}'", site.database.socket().display()));
    set(&site, "tls = 'none'\n", "");
    assert!(site.shop.validator_prints(&["check-config"], "").contains("is good: packages "));
}

/// What `check-config` says, and its exit code, with one thing changed.
fn told(site: &Site, code: i32, from: &str, to: &str) -> String {
    set(site, from, to);
    let told = failure(&site.shop, &["check-config"], "", code);
    set(site, to, from);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(!told.contains(READER_PASSWORD), "{told}");
    told
}

fn whatever_is_wrong_is_told_in_one_sentence(engine: Engine) {
    let tables = format!("{USER_GROUPS}[joomla.licenses]\npreset = 'subscriptions'\n");
    let Some(site) = Site::with(engine, &tables) else { return };
    let place = format!("cannot use the Joomla database `{NAME}` at `127.0.0.1:{}`: ", site.database.port);
    let denied = told(&site, 1, "user = 'bandari'", "user = 'somebody'");
    let expected = if engine == Engine::MariaDb {
        "connection: Access denied for user 'somebody'@"
    } else {
        "connection: password authentication failed for user \"somebody\""
    };
    assert!(denied.starts_with(&format!("{place}{expected}")), "{denied}");
    let plain = told(&site, 1, "tls = 'none'\n", "tls = 'required'\n");
    assert_eq!(plain, format!("{place}connection: TLS: server does not support TLS"));
    if engine == Engine::MariaDb {
        site.database.execute(
            "INSTALL SONAME 'auth_ed25519'; \
             CREATE USER curve@127.0.0.1 IDENTIFIED VIA ed25519 USING PASSWORD('secret')",
        );
        let unknown = told(&site, 1, "user = 'bandari'", "user = 'curve'");
        assert_eq!(
            unknown,
            format!(
                "{place}connection: found a password check of the account that is not known here, expected \
                 `mysql_native_password` or `caching_sha2_password`"
            )
        );
    }
    let elsewhere = told(&site, 1, &format!("name = '{NAME}'"), "name = 'elsewhere'");
    assert!(elsewhere.starts_with("cannot use the Joomla database `elsewhere`"), "{elsewhere}");

    let prefix = told(&site, 2, "prefix = 'jos_'", "prefix = 'xyz_'");
    assert!(
        prefix.contains(
            "`joomla.prefix`: found no table or column as a Joomla 4 to 6 has them under the prefix `xyz_`"
        ),
        "{prefix}"
    );
    let id = told(&site, 2, "lighthouse = [10]", "lighthouse = [10, 77]");
    assert!(
        id.contains("`joomla.user_groups`: found 77 for the group `lighthouse`, which no user group"),
        "{id}"
    );
    let group = told(&site, 2, "lighthouse = [10]", "lighthous = [10]");
    assert!(
        group.contains("`joomla.user_groups`: found the group `lighthous`, expected one of the catalog: `dockyard`, `lighthouse`"),
        "{group}"
    );
    let preset = "preset = 'subscriptions'\n";
    let with_query = |select: &str| {
        format!(
            "query = '''SELECT {select} FROM #__subscriptions WHERE user_id = :user AND package_group = :group'''\n"
        )
    };
    let absent = told(&site, 2, preset, &with_query("state, expires"));
    assert!(
        absent.contains(
            "`joomla.licenses`: found no column `canceled` in what the query gives, expected `state`, `expires`, `canceled`"
        ),
        "{absent}"
    );
    let column = told(&site, 2, preset, &with_query("state, ends AS expires, canceled"));
    assert!(
        column.contains("`joomla.licenses`: the database refuses the query: ") && column.contains("ends"),
        "{column}"
    );
    set(&site, preset, "");
    set(&site, "[joomla.licenses]\n", "");
    let nobody = told(&site, 2, "lighthouse = [10]\n", "\n");
    assert!(
        nobody.contains(
            "found neither user groups nor a query for licenses for the group `lighthouse` of the catalog"
        ),
        "{nobody}"
    );
}

fn a_database_that_is_away_is_told_and_keeps_no_server_from_starting(engine: Engine) {
    let Some(mut site) = Site::with(engine, USER_GROUPS) else { return };
    site.database.add_user(42, "ada", "ada@shop.test", &[10]);
    let key = site.key("lighthouse", 42);
    site.database.stop();
    let told = failure(&site.shop, &["check-config"], "", 1);
    assert!(told.ends_with(": connection: Connection refused (os error 111)"), "{told}");
    site.shop.serve();
    assert_eq!(site.status(&key), 503);
    site.database.start_again();
    let begun = Instant::now();
    while site.status(&key) != 302 {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", site.shop.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    let _ = refusal(&site.shop, &["license", "key", "nope", "--user", "42"], "");
}

fn a_slow_query_ends_with_the_time_limit_and_keeps_nobody_else_waiting(engine: Engine) {
    let nap = if engine == Engine::MariaDb { "SLEEP(40)" } else { "CAST(pg_sleep(40) AS text)" };
    let query = format!(
        "SELECT 'active' AS state, NULL AS expires, CASE u.id WHEN 42 THEN {nap} END AS canceled FROM #__users u \
         WHERE u.id = :user AND :group <> u.name"
    );
    let tables = format!("{USER_GROUPS}[joomla.licenses]\nquery = \"{query}\"\n");
    let Some(mut site) = Site::with(engine, USER_GROUPS) else { return };
    site.database.add_user(42, "ada", "ada@shop.test", &[10]);
    site.database.add_user(43, "bob", "bob@shop.test", &[10]);
    let (key, other) = (site.key("lighthouse", 42), site.key("lighthouse", 43));
    set(&site, USER_GROUPS, &tables);
    site.shop.serve();
    let begun = Instant::now();
    assert_eq!(site.status(&key), 503);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!(site.status(&other), 302);
    // On the command line nothing but the database's own limit ends it.
    let told = failure(&site.shop, &["license", "key", "lighthouse", "--user", "42"], "", 1);
    assert!(told.ends_with(": licenses: the query took longer than it may"), "{told}");
}

fn a_query_that_would_write_is_stopped(engine: Engine) {
    let query = "SELECT #__write() AS state, NULL AS expires, NULL AS canceled FROM #__users u WHERE u.id = :user AND :group <> u.name";
    let tables = format!("{USER_GROUPS}[joomla.licenses]\nquery = '{query}'\n");
    let Some(site) = Site::with(engine, &tables) else { return };
    site.database.add_user(42, "ada", "ada@shop.test", &[10]);
    site.database.execute("CREATE TABLE #__written (at integer)");
    // As its maker, who may write, it does.
    site.database.execute(match engine {
        Engine::MariaDb => {
            "CREATE FUNCTION #__write() RETURNS varchar(9) \
             BEGIN INSERT INTO #__written VALUES (1); RETURN 'active'; END"
        }
        Engine::PostgreSql => {
            "CREATE FUNCTION #__write() RETURNS text LANGUAGE sql SECURITY DEFINER AS \
             'INSERT INTO #__written VALUES (1); SELECT ''active''::text'"
        }
    });
    if engine == Engine::MariaDb {
        site.database.execute("GRANT EXECUTE ON joomla.* TO bandari@127.0.0.1");
    }
    let told = failure(&site.shop, &["license", "key", "lighthouse", "--user", "42"], "", 1);
    assert!(told.contains(": licenses: ") && told.to_lowercase().contains("read"), "{told}");
    // Which fails where there is a row.
    site.database.execute("ALTER TABLE #__written ADD CONSTRAINT nothing CHECK (at IS NULL)");
}

fn an_encrypted_connection_is_made_with_a_certificate_that_is_trusted_and_fits(engine: Engine) {
    let Some(mut site) = Site::with(engine, USER_GROUPS) else { return };
    let Some((certificate, server_file)) = certificate(&site) else { return };
    site.database.encrypt(&server_file);
    set(&site, "tls = 'none'\n", "");
    let told = failure(&site.shop, &["check-config"], "", 1);
    assert!(told.ends_with(": connection: invalid peer certificate: UnknownIssuer"), "{told}");
    let trust = format!("ca_file = '{}'\n[joomla.user_groups]", certificate.display());
    set(&site, "[joomla.user_groups]", &trust);
    assert!(site.shop.validator_prints(&["check-config"], "").contains("is good: packages "));
    // The certificate names `127.0.0.1` alone.
    set(&site, "host = '127.0.0.1'", "host = 'localhost'");
    let told = failure(&site.shop, &["check-config"], "", 1);
    assert!(
        told.contains(": connection: invalid peer certificate: ") && told.contains("not valid for name"),
        "{told}"
    );
}

/// A certificate for `127.0.0.1` that vouches for itself, and a file with its key, too. Nothing without `openssl`.
fn certificate(site: &Site) -> Option<(PathBuf, PathBuf)> {
    if Command::new("openssl").arg("version").output().is_err() {
        skip("openssl");
        return None;
    }
    let [certificate, key, both] = ["db.pem", "db.key", "db-server.pem"].map(|name| site.shop.path(name));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-days", "2", "-subj", "/CN=Database", "-noenc"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    fs::write(&both, read(&certificate) + &read(&key)).unwrap();
    Some((certificate, both))
}

fn a_new_password_counts_when_the_server_reloads(engine: Engine) {
    let Some(mut site) = Site::with(engine, USER_GROUPS) else { return };
    site.database.add_user(42, "ada", "ada@shop.test", &[10]);
    let key = site.key("lighthouse", 42);
    let file = site.shop.path("secrets/joomla-password");
    fs::write(&file, "not-the-password\n").unwrap();
    site.shop.serve();
    assert_eq!(site.status(&key), 503);
    fs::write(&file, format!("{READER_PASSWORD}\n")).unwrap();
    site.shop.hang_up();
    wait_for("the new password", || site.status(&key) == 302);
}

fn nothing_that_is_secret_stands_in_any_log(engine: Engine) {
    let tables = format!("{USER_GROUPS}[joomla.download_ids]\npreset = 'ars'\n");
    let Some(mut site) = Site::with(engine, &tables) else { return };
    site.database.add_user(42, "ada-of-the-logs", "ada-of-the-mails@shop.test", &[10]);
    let key = site.key("lighthouse", 42);
    site.shop.serve_logging_everything();
    assert_eq!(site.status(&key), 302);
    let download_id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    assert_eq!(site.status(download_id), 403);
    let _ = site.log_in("ada-of-the-logs", "Turn-the-Tide");
    site.database.stop();
    assert_eq!(site.status(download_id), 503);
    let log = site.shop.log();
    assert!(log.contains("found no connection in time"), "{log}");
    for secret in [&key, download_id, "of-the-logs", "of-the-mails", "Turn-the-Tide", READER_PASSWORD] {
        assert!(!log.contains(secret), "`{secret}` is in the log:\n{log}");
    }
}
