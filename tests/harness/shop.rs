//! A vendor's whole set-up in a scratch folder: the example site, built, and a validator that serves it on 127.0.0.1.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bandari_signed_url::{KeySetName, Origin, Signer};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use crate::database::{DatabaseServer, READER_PASSWORD};
use crate::example_site;
use crate::http::{self, Answer};
use crate::ports::free_port;
use crate::processes::signal;

/// Name of the key set in [`Shop`]'s signed URLs.
pub const KEY_SET: &str = "shop";

/// How long a server may take to start or to stop.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How long a server may take to write a line.
const LOG_PAUSE: Duration = Duration::from_millis(200);

/// The programs under test.
#[derive(Clone, Debug)]
pub struct Programs {
    /// `bandari`.
    pub bandari: PathBuf,
    /// `bandari-validator`.
    pub validator: PathBuf,
}

/// A shop that is open. Its server ends and its folder goes when it is dropped.
pub struct Shop {
    pub(crate) programs: Programs,
    folder: TempDir,
    /// Where customers ask.
    pub port: u16,
    /// Where monitoring asks.
    pub private_port: u16,
    server: Option<Child>,
}

impl Shop {
    /// Builds the example site with all three digests, makes keys, and serves everything.
    ///
    /// # Panics
    /// When any of that fails.
    #[must_use]
    pub fn open(programs: Programs) -> Self {
        let mut shop = Self::closed(programs);
        shop.serve();
        shop
    }

    /// The same without a server.
    ///
    /// # Panics
    /// When the site cannot be built.
    #[must_use]
    pub fn closed(programs: Programs) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (port, private_port) = (free_port(), free_port());
        let shop = Self { programs, folder, port, private_port, server: None };
        let site = example_site_folder();
        example_site::copy_texts(&site.join("packages"), &shop.path("packages")).unwrap();
        example_site::pack(&site.join("sources"), &shop.path("packages")).unwrap();
        fs::copy(site.join("logo.svg"), shop.path("logo.svg")).unwrap();
        let config = fs::read_to_string(site.join("bandari.toml")).unwrap();
        let config = config
            .replace("127.0.0.1:8480", &format!("127.0.0.1:{port}"))
            .replace(r#"digests = ["sha256"]"#, r#"digests = ["sha256", "sha384", "sha512"]"#);
        fs::write(shop.path("bandari.toml"), config).unwrap();
        shop.build();
        let config = format!(
            "listen = '127.0.0.1:{port}'\nprivate_listen = '127.0.0.1:{private_port}'\n\
             catalog = 'output/public/catalog.json'\nkey_set = '{KEY_SET}'\n\
             serve_protected = 'output/protected'\nserve_public = 'output/public'\n\
             look_ups = {{ cache_seconds = 0 }}\n"
        );
        fs::write(shop.path("validator.toml"), config).unwrap();
        shop.validator_succeeds(&["init"], "");
        shop
    }

    /// A path in the shop's folder.
    #[must_use]
    pub fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Runs `bandari build`.
    ///
    /// # Panics
    /// When it fails.
    pub fn build(&self) {
        let output = Command::new(&self.programs.bandari)
            .args(["build", "--config"])
            .arg(self.path("bandari.toml"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// Runs `bandari-validator` with the shop's configuration and something on its standard input.
    ///
    /// # Panics
    /// When it cannot be run.
    #[must_use]
    pub fn validator(&self, arguments: &[&str], input: &str) -> Output {
        self.validator_trusting(None, arguments, input)
    }

    /// The same on a machine that trusts one authority only, whose certificate is in that file.
    ///
    /// # Panics
    /// When it cannot be run.
    #[must_use]
    pub fn validator_trusting(&self, authority: Option<&Path>, arguments: &[&str], input: &str) -> Output {
        let mut program = Command::new(&self.programs.validator);
        program.envs(authority.map(|file| ("SSL_CERT_FILE", file)));
        self.run(program, arguments, input)
    }

    /// The same with a variable more in its environment.
    ///
    /// # Panics
    /// When it cannot be run.
    #[must_use]
    pub fn validator_with(&self, variable: &str, value: &str, arguments: &[&str]) -> Output {
        let mut program = Command::new(&self.programs.validator);
        program.env(variable, value);
        self.run(program, arguments, "")
    }

    fn run(&self, mut program: Command, arguments: &[&str], input: &str) -> Output {
        let mut child = program
            .args(arguments)
            .arg("--config")
            .arg(self.path("validator.toml"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs `bandari-validator` and gives what it printed.
    ///
    /// # Panics
    /// When it fails.
    #[must_use]
    pub fn validator_prints(&self, arguments: &[&str], input: &str) -> String {
        let output = self.validator(arguments, input);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    fn validator_succeeds(&self, arguments: &[&str], input: &str) {
        let _ = self.validator_prints(arguments, input);
    }

    /// Adds lines before all others of the configuration.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn configure(&self, lines: &str) {
        let path = self.path("validator.toml");
        let config = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{lines}\n{config}")).unwrap();
    }

    /// Adds a table `[mail]` with these further lines to the configuration.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn configure_mail(&self, lines: &str) {
        let mut file = File::options().append(true).open(self.path("validator.toml")).unwrap();
        write!(file, "\n[mail]\nfrom = 'Läden & Co <keys@shop.test>'\n{lines}\n").unwrap();
    }

    /// Configures a Joomla site's own database as the place of licenses, with further lines below `[joomla]`.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn configure_joomla(&self, server: &DatabaseServer, lines: &str) {
        let password_file = self.path("secrets/joomla-password");
        let mut file = File::options().create(true).append(true).mode(0o600).open(password_file).unwrap();
        writeln!(file, "{READER_PASSWORD}").unwrap();
        let mut file = File::options().append(true).open(self.path("validator.toml")).unwrap();
        write!(file, "\n{}{lines}\n", server.joomla_table("secrets/joomla-password")).unwrap();
    }

    /// Grants a license and gives its key.
    ///
    /// # Panics
    /// When it fails.
    #[must_use]
    pub fn key_for(&self, email: &str, group: &str, expires: Option<&str>) -> String {
        let mut arguments = vec!["license", "grant", group, "--json"];
        arguments.extend(expires.iter().flat_map(|expires| ["--expires", expires]));
        let row: serde_json::Value = serde_json::from_str(&self.validator_prints(&arguments, email)).unwrap();
        let user = row["user"].to_string();
        self.validator_prints(&["license", "key", group, "--user", &user], "")
    }

    /// Imports customers from what another system exported.
    ///
    /// # Panics
    /// When it fails.
    pub fn import(&self, from: &str, content: &str) {
        self.validator_succeeds(&["license", "import", "--from", from, "-"], content);
    }

    /// The key of a customer who has a license already.
    ///
    /// # Panics
    /// When there is no such customer.
    #[must_use]
    pub fn key_of(&self, email: &str, group: &str) -> String {
        self.validator_prints(&["license", "key", group, "--user", &self.user_of(email)], "")
    }

    /// The id of a customer who has a license.
    ///
    /// # Panics
    /// When there is no such customer.
    #[must_use]
    pub fn user_of(&self, email: &str) -> String {
        let list = self.validator_prints(&["license", "list", "--json"], "");
        let rows: Vec<serde_json::Value> = serde_json::from_str(&list).unwrap();
        rows.iter().find(|row| row["email"] == email).expect("a customer")["user"].to_string()
    }

    /// Does to the license store what no command does.
    ///
    /// # Panics
    /// When SQLite cannot.
    pub fn spoil_store(&self, statement: &'static str) {
        let options =
            sqlx::sqlite::SqliteConnectOptions::new().filename(self.path("secrets/licenses.sqlite"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut connection = options.connect().await.unwrap();
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    }

    /// Starts the server and waits until it listens.
    ///
    /// # Panics
    /// When it does not start.
    pub fn serve(&mut self) {
        let program = Command::new(&self.programs.validator);
        self.serve_by(program);
    }

    /// Starts the server with a soft and a hard limit of open files.
    ///
    /// # Panics
    /// When it does not start.
    pub fn serve_with_open_files(&mut self, soft: u32, hard: u32) {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("ulimit -S -n {soft} && ulimit -H -n {hard} && exec \"$0\" \"$@\""));
        shell.arg(&self.programs.validator);
        self.serve_by(shell);
    }

    /// Starts the server so that it logs everything that it can log.
    ///
    /// # Panics
    /// When it does not start.
    pub fn serve_logging_everything(&mut self) {
        let mut program = Command::new(&self.programs.validator);
        program.env("BANDARI_LOG", "trace");
        self.serve_by(program);
    }

    /// Starts the server with a variable more in its environment.
    ///
    /// # Panics
    /// When it does not start.
    pub fn serve_with(&mut self, variable: &str, value: &Path) {
        let mut program = Command::new(&self.programs.validator);
        program.env(variable, value);
        self.serve_by(program);
    }

    /// Starts the server with its standard error in a file of any kind, and does not wait until it listens,
    /// which its log cannot tell.
    ///
    /// # Panics
    /// When it cannot be run.
    pub fn serve_logging_to(&mut self, file: &Path) {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg("echo serving >&2 && exec \"$0\" \"$@\" 2>>\"$LOG\"").env("LOG", file);
        shell.arg(&self.programs.validator);
        self.serve_by(shell);
    }

    fn serve_by(&mut self, mut program: Command) {
        let server = program
            .args(["serve", "--config"])
            .arg(self.path("validator.toml"))
            .stdout(File::create(self.path("stdout")).unwrap())
            .stderr(File::create(self.path("log")).unwrap())
            .spawn()
            .unwrap();
        let server = self.server.insert(server);
        let begun = Instant::now();
        while !fs::read_to_string(self.folder.path().join("log")).unwrap().contains("serving") {
            let ended = server.try_wait().unwrap();
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "no server: {}", log());
            sleep(Duration::from_millis(20));
        }
    }

    /// How much memory the server has in use, in bytes.
    ///
    /// # Panics
    /// When there is no server.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        let status = format!("/proc/{}/status", self.server.as_ref().unwrap().id());
        let status = fs::read_to_string(status).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the resident set");
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Sends SIGTERM.
    ///
    /// # Panics
    /// When there is no server.
    pub fn ask_to_stop(&self) {
        self.signal("TERM");
    }

    /// Sends SIGHUP.
    ///
    /// # Panics
    /// When there is no server.
    pub fn hang_up(&self) {
        self.signal("HUP");
    }

    fn signal(&self, name: &str) {
        signal(name, &[self.server.as_ref().unwrap().id()]);
    }

    /// Changes the validator's configuration: puts one text in the place of another.
    ///
    /// # Panics
    /// When the other is not in it.
    pub fn reconfigure(&self, from: &str, to: &str) {
        let config = fs::read_to_string(self.path("validator.toml")).unwrap();
        assert!(config.contains(from), "{config}");
        fs::write(self.path("validator.toml"), config.replace(from, to)).unwrap();
    }

    /// Makes the server hang: connections and requests arrive, and wait.
    ///
    /// # Panics
    /// When there is no server.
    pub fn freeze(&self) {
        signal("STOP", &[self.server.as_ref().unwrap().id()]);
    }

    /// Lets it go on.
    ///
    /// # Panics
    /// When there is no server.
    pub fn thaw(&self) {
        signal("CONT", &[self.server.as_ref().unwrap().id()]);
    }

    /// Ends the server at once, in whatever it is doing.
    ///
    /// # Panics
    /// When there is no server.
    pub fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// Waits for the server's end and gives its exit code.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    pub fn exit_code(&mut self) -> Option<i32> {
        let mut server = self.server.take().unwrap();
        let begun = Instant::now();
        loop {
            if let Some(status) = server.try_wait().unwrap() {
                return status.code();
            }
            if begun.elapsed() > PATIENCE {
                server.kill().unwrap();
                panic!("the server did not stop");
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// The id of the server's process.
    ///
    /// # Panics
    /// When there is no server.
    #[must_use]
    pub fn server_id(&self) -> u32 {
        self.server.as_ref().unwrap().id()
    }

    /// Everything that the server has logged and printed. A running server writes its log in the background, so it gets a moment
    /// to do that.
    ///
    /// # Panics
    /// When it has not been started.
    #[must_use]
    pub fn log(&self) -> String {
        if self.server.is_some() {
            sleep(LOG_PAUSE);
        }
        ["stdout", "log"].map(|name| fs::read_to_string(self.path(name)).unwrap()).concat()
    }

    /// Asks for a target as a Joomla does.
    #[must_use]
    pub fn get(&self, target: &str) -> Answer {
        http::get(self.port, target, &[])
    }

    /// Asks for an address of this shop.
    ///
    /// # Panics
    /// When the address is of another host.
    #[must_use]
    pub fn get_address(&self, address: &str) -> Answer {
        self.get(self.target_of(address))
    }

    /// What follows the host in an address of this shop.
    ///
    /// # Panics
    /// When the address is of another host.
    #[must_use]
    pub fn target_of<'a>(&self, address: &'a str) -> &'a str {
        let base = format!("http://127.0.0.1:{}", self.port);
        address.strip_prefix(&base).unwrap_or_else(|| panic!("`{address}` is not on {base}"))
    }

    /// A signer with the shop's own key, for URLs that the validator would never make.
    ///
    /// # Panics
    /// When there is no key.
    #[must_use]
    pub fn signer(&self, key_set: &str) -> Signer {
        let pem = fs::read_to_string(self.path("secrets/signing-key.pem")).unwrap();
        let origin = Origin::parse(&format!("http://127.0.0.1:{}", self.port)).unwrap();
        Signer::new(origin, KeySetName::parse(key_set).unwrap(), SigningKey::from_pkcs8_pem(&pem).unwrap())
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

fn example_site_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../site")
}
