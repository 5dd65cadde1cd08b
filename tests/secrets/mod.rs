//! Nothing that must stay secret leaves the programs where it does not belong. Secrets are planted in a whole vendor's set-up;
//! then everything is done to it that customers, attackers and bad luck do, and all that the programs say is searched: their output,
//! the log at its most talkative in both formats, answers, metrics, and what the system shows of processes.

mod broken_files;
mod mail_server;
mod planted;
mod requests;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use bandari_tests::http;
use bandari_tests::shop::Shop;
use data_encoding::{BASE64, BASE64URL_NOPAD};

use crate::programs;
use mail_server::MailServer;
use planted::Planted;

const ADA: &str = "ada.lovelace@example.org";
const BOB: &str = "bob.kahn@example.org";
const CYD: &str = "cyd.charisse@example.org";
const STRANGER: &str = "eve.of.nowhere@example.org";

const PASSWORD: &str = "Turn-the-Tide";
/// Of that password, by PHP 8.2.
const PASSWORD_HASH: &str = "$2y$10$cO7fdk50/H2t0Cu4eSX7UeCSBPo4EoioZWrYMFySpt.fn0Y4GRRYq";
const WRONG_PASSWORD: &str = "Turn-the-Tables";

const DOWNLOAD_ID: &str = "4b1d7c0ffee0123456789abcdef01234";
const OPAQUE_KEY: &str = "Qx7-Harbor-Light-0815";
/// Tried by somebody who has none.
const GUESSED_KEY: &str = "guess-4711-of-nobody";

const MAIL_PASSWORD: &str = "smtp horse battery staple";

/// A vendor's set-up with secrets in it.
struct Run {
    shop: Shop,
    planted: Planted,
    mail_server: MailServer,
    /// The key that Ada's license has.
    key: String,
    /// How many requests there were.
    requests: AtomicU32,
}

impl Run {
    fn new(log_format: &str) -> Self {
        let shop = Shop::closed(programs());
        let mut planted = Planted::default();
        rotate_keys(&shop, &mut planted);
        for (what, secret) in [
            ("the address of Ada", ADA),
            ("the name of Ada", "ada.lovelace"),
            ("the address of Bob", BOB),
            ("the address of Cyd", CYD),
            ("the address of a stranger", STRANGER),
            ("the password", PASSWORD),
            ("the password's hash", PASSWORD_HASH),
            ("a wrong password", WRONG_PASSWORD),
            ("a Download ID", DOWNLOAD_ID),
            ("an imported key", OPAQUE_KEY),
            ("a guessed key", GUESSED_KEY),
            ("the password of the mail server", MAIL_PASSWORD),
        ] {
            planted.plant(what, secret);
        }
        let mail_server = MailServer::open();
        write_secret(&shop, "secrets/mail-password", MAIL_PASSWORD.as_bytes());
        shop.configure(&format!("log_format = '{log_format}'\ntrusted_proxies = ['127.0.0.1']\nedge_verify = {{ header = 'X-Original-URI' }}"));
        shop.configure_mail(&format!(
            "transport = 'smtp'\nhost = '127.0.0.1'\nport = {}\ntls = 'none'\nusername = 'keys@shop.test'\n\
             password_file = 'secrets/mail-password'",
            mail_server.port
        ));
        let mut run = Self { shop, planted, mail_server, key: String::new(), requests: AtomicU32::new(0) };
        run.grant_and_import();
        run
    }

    /// Runs a command whose output may hold these secrets and no other.
    fn command(&self, arguments: &[&str], input: &str, but: &[&str]) -> String {
        let output = self.shop.validator(arguments, input);
        self.planted.assert_none_but(but, &format!("the output of {arguments:?}"), &output.stdout);
        self.planted.assert_none_in(&format!("the errors of {arguments:?}"), &output.stderr);
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    fn grant_and_import(&mut self) {
        let table = format!(
            "email,group,key,username,password_hash\n{ADA},lighthouse,{OPAQUE_KEY},ada,{PASSWORD_HASH}\n\
             {BOB},lighthouse,{DOWNLOAD_ID},,\n{CYD},lighthouse,,,\n"
        );
        let import = ["license", "import", "--from", "csv", "-"];
        self.command(&[&import[..], &["--dry-run"]].concat(), &table, &[]);
        self.command(&import, &table, &[]);
        for broken in [
            table.replace("lighthouse", "no-group"),
            table.replace(OPAQUE_KEY, &format!("{OPAQUE_KEY}&x")),
            table.replace(PASSWORD_HASH, &format!("{PASSWORD_HASH}x")),
            table.replace(ADA, &format!("{ADA}@{ADA}")),
            table.replace(",,\n", ",\n"),
        ] {
            self.command(&import, &broken, &[]);
        }
        self.command(&["license", "import", "--from", "ars", "-"], &format!("INSERT INTO {table}"), &[]);
        self.command(
            &["license", "import", "--from", "jbackend", "-"],
            &format!("lighthouse;{OPAQUE_KEY};{ADA}"),
            &[],
        );
        self.command(&["license", "grant", "dockyard"], ADA, &[]);
        self.command(&["license", "grant", "dockyard"], &format!("{ADA} {OPAQUE_KEY}"), &[]);
        self.command(&["license", "key", "dockyard", "--user", &self.shop.user_of(BOB)], "", &[]);
        let user = self.shop.user_of(ADA);
        self.key = self.command(&["license", "key", "lighthouse", "--user", &user], "", &[]);
        self.planted.plant("the key of Ada", &self.key);
        let customers = ["the address of Ada", "the name of Ada", "the address of Bob", "the address of Cyd"];
        for list in [&["license", "list"][..], &["license", "list", "--users", "--json"]] {
            self.command(list, "", &customers);
        }
        self.command(&["license", "show", "1"], "", &customers);
        self.command(&["license", "log"], "", &customers);
        self.command(&["init"], "", &[]);
        self.command(&["check-config"], "", &[]);
    }

    /// What anybody on the machine, and root, sees of the server's process.
    fn look_at_process(&self) {
        for file in ["cmdline", "environ", "status", "comm"] {
            let path = format!("/proc/{}/{file}", self.shop.server_id());
            self.planted.assert_none_in(&path, &fs::read(&path).unwrap());
        }
    }

    fn look_at_monitoring(&self) {
        for path in ["/healthz", "/readyz", "/metrics", "/nothing"] {
            let target = format!("{path}?dlid={}", self.key);
            let answer = http::get(self.shop.private_port, &target, &[]);
            self.planted.assert_none_in(path, format!("{:?} {}", answer.headers, answer.text()).as_bytes());
        }
    }

    /// Has keys sent until the mail server has taken one, refused a recipient, and refused the login.
    fn mail_keys(&self) {
        for (sent, email) in [ADA, BOB, CYD].into_iter().enumerate() {
            let form = format!("email={}", email.replace('@', "%40"));
            match email {
                BOB => requests::ask(self, "POST", "/send-key/lighthouse", &[], &form, &[]),
                _ => {
                    let target = format!("/post/release/keybyemail/lighthouse?{form}");
                    requests::ask(self, "GET", &target, &[], "", &[]);
                }
            }
            let begun = Instant::now();
            while self.key_mails_attempted() <= sent {
                assert!(begun.elapsed() < Duration::from_secs(20), "{}", self.shop.log());
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        let mails = self.mail_server.mails();
        assert!(mails.len() == 1 && mails[0].contains(&self.key), "a key was mailed: {mails:?}");
    }

    fn key_mails_attempted(&self) -> usize {
        let metrics = http::get(self.shop.private_port, "/metrics", &[]);
        let counts = metrics.text().lines().filter(|line| line.starts_with("bandari_key_mails_total"));
        counts.map(|line| line.rsplit_once(' ').unwrap().1.parse::<usize>().unwrap()).sum()
    }

    /// The store is spoiled, and mended again.
    fn outage(&self) {
        self.shop.spoil_store("ALTER TABLE users RENAME TO gone");
        requests::all(self);
        requests::log_in(self);
        self.look_at_monitoring();
        self.command(&["license", "list"], "", &[]);
        self.command(&["license", "grant", "dockyard"], ADA, &[]);
        self.shop.spoil_store("ALTER TABLE gone RENAME TO users");
    }

    /// Everything is read anew, once with a spoiled file.
    fn reload(&self) {
        let seeds = fs::read_to_string(self.shop.path("secrets/seeds.toml")).unwrap();
        write_secret(&self.shop, "secrets/seeds.toml", seeds.replacen("= \"", "= ", 1).as_bytes());
        self.shop.hang_up();
        self.wait_for_reload("refused");
        write_secret(&self.shop, "secrets/seeds.toml", seeds.as_bytes());
        self.shop.hang_up();
        self.wait_for_reload("good");
    }

    fn wait_for_reload(&self, outcome: &str) {
        let line = format!(r#"bandari_reloads_total{{what="everything",outcome="{outcome}"}} 1"#);
        let begun = Instant::now();
        while !http::get(self.shop.private_port, "/metrics", &[]).text().contains(&line) {
            assert!(begun.elapsed() < Duration::from_secs(20), "{}", self.shop.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// All secret files are planted as they were and as they are after a rotation.
fn rotate_keys(shop: &Shop, planted: &mut Planted) {
    plant_secret_files(shop, planted, 3);
    let mut said = Vec::new();
    for arguments in [
        &["keys", "rotate"][..],
        &["keys", "rotate", "--group", "lighthouse", "--old-until", "2099-01-01"],
        &["keys", "list"],
        &["keys", "list", "--json"],
    ] {
        let output = shop.validator(arguments, "");
        assert!(output.status.success(), "{output:?}");
        said.extend([output.stdout, output.stderr].concat());
    }
    plant_secret_files(shop, planted, 4);
    planted.assert_none_in("the output of `keys`", &said);
}

/// Seeds and signing keys, as text and as bytes.
fn plant_secret_files(shop: &Shop, planted: &mut Planted, seed_count: usize) {
    let seeds = fs::read_to_string(shop.path("secrets/seeds.toml")).unwrap();
    let mut count = 0;
    // 32 bytes each.
    for seed in seeds.split('"').filter(|part| part.len() == 43) {
        planted.plant("a seed as text", seed);
        planted.plant("a seed", BASE64URL_NOPAD.decode(seed.as_bytes()).unwrap());
        count += 1;
    }
    assert_eq!(count, seed_count, "of two groups and of imported keys");
    let files = fs::read_dir(shop.path("secrets")).unwrap().map(|entry| entry.unwrap().path());
    let pems: Vec<_> = files.filter(|file| file.extension().is_some_and(|name| name == "pem")).collect();
    assert!(!pems.is_empty());
    for pem in pems {
        let pem = fs::read_to_string(pem).unwrap();
        // A line in base64 for each key, below the line that says what it is.
        for body in pem.lines().filter(|line| line.len() == 64) {
            planted.plant("a signing key as text", body);
            // Behind 16 bytes that say what it is, the key itself (RFC 8410, section 7).
            let der = BASE64.decode(body.as_bytes()).unwrap();
            planted.plant("a signing key", &der[16..48]);
        }
    }
}

fn write_secret(shop: &Shop, path: &str, content: &[u8]) {
    let path = shop.path(path);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn nothing_leaks_in_a_whole_run(log_format: &str) {
    let mut run = Run::new(log_format);
    run.shop.serve_logging_everything();
    requests::plant_signature(&mut run);
    run.look_at_process();
    requests::all(&run);
    requests::log_in(&run);
    requests::malformed(&run);
    run.mail_keys();
    run.outage();
    run.reload();
    requests::all(&run);
    run.look_at_monitoring();
    run.look_at_process();
    run.shop.ask_to_stop();
    assert_eq!(run.shop.exit_code(), Some(0));

    let log = run.shop.log();
    for told in ["answered", "cannot be asked", "REL_INT", "invalid", "sent", "given-up", "stopping"] {
        assert!(log.contains(told), "{told} is not in the log: {log}");
    }
    assert!(!log.contains("Signature="), "{log}");
    run.planted.assert_none_in("the log", log.as_bytes());
}

#[test]
fn a_plain_log_of_a_whole_run_and_all_else_that_is_said_tell_no_secret() {
    nothing_leaks_in_a_whole_run("plain");
}

#[test]
fn a_json_log_of_a_whole_run_and_all_else_that_is_said_tell_no_secret() {
    nothing_leaks_in_a_whole_run("json");
}
