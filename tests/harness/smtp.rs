//! A real SMTP server (aiosmtpd, `smtp_server.py`) with certificates of its own, and a reader of mails as mail programs read
//! them (`read_mail.py`). Both need the Python environment that `tests/run.sh` makes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tempfile::TempDir;

use crate::skipping::skip;

/// The user that servers with a login know.
pub const USER: &str = "keys@shop.test";

/// That user's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// How long a mail may take: it may be tried a second time, after five seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// The Python environment, below the folder that cargo builds in; nothing when there is none.
///
/// # Panics
/// When it is missing and `CI` is set.
#[must_use]
pub fn python() -> Option<PathBuf> {
    let program = std::env::current_exe().unwrap();
    let python = program.ancestors().map(|above| above.join("tests-python/bin/python")).find(|p| p.is_file());
    if python.is_none() {
        skip("Python environment");
    }
    python
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("harness").join(name)
}

/// A mail as its recipient reads it.
#[derive(Debug, Deserialize)]
pub struct ReadMail {
    /// Decoded, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The plain text.
    pub text: String,
    /// What a strict reader finds wrong with it.
    pub defects: Vec<String>,
}

impl ReadMail {
    /// Reads a file.
    ///
    /// # Panics
    /// When it is no mail.
    #[must_use]
    pub fn of(python: &Path, file: &Path) -> Self {
        let output = Command::new(python).arg(script("read_mail.py")).arg(file).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The line that holds nothing but a license key.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn key(&self) -> &str {
        let is_key = |line: &&str| {
            line.len() >= 30 && line.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        self.text.lines().map(str::trim).find(is_key).expect("a line with a key")
    }
}

/// Who sent what to whom, and how the connection was.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Envelope {
    /// Sender.
    pub from: String,
    /// Recipients.
    pub to: Vec<String>,
    /// Whether the connection was encrypted.
    pub tls: bool,
    /// Who had logged in.
    pub login: Option<String>,
}

/// An authority made for a test, and a certificate of it for `127.0.0.1`.
pub struct Certificates {
    python: PathBuf,
    folder: TempDir,
}

impl Certificates {
    /// Makes both with the command `openssl`; nothing when this or Python is not there.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn make() -> Option<Self> {
        let python = python()?;
        if Command::new("openssl").arg("version").output().is_err() {
            skip("openssl");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let config = "[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n\
                      [leaf]\nbasicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1,DNS:localhost\n\
                      [req]\ndistinguished_name=name\n[name]\n";
        fs::write(folder.path().join("openssl.cnf"), config).unwrap();
        let new_key =
            ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-config", "openssl.cnf"];
        let openssl = |arguments: &str| {
            let mut command = Command::new("openssl");
            command.args(arguments.split(' ')).current_dir(folder.path());
            if arguments.starts_with("req") {
                command.args(new_key);
            }
            let output = command.output().unwrap();
            assert!(output.status.success(), "{output:?}");
        };
        openssl("req -x509 -days 2 -subj /CN=Authority -extensions ca -keyout ca.key -out ca.pem");
        openssl("req -new -subj /CN=Server -keyout server.key -out server.csr");
        openssl(
            "x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile openssl.cnf \
             -extensions leaf -out server.crt",
        );
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        fs::write(folder.path().join("server.pem"), read("server.crt") + &read("server.key")).unwrap();
        Some(Self { python, folder })
    }

    /// The server's certificate and private key.
    #[must_use]
    pub fn server_file(&self) -> PathBuf {
        self.folder.path().join("server.pem")
    }

    /// The Python that servers run with.
    #[must_use]
    pub fn python(&self) -> &Path {
        &self.python
    }

    /// The authority's certificate.
    #[must_use]
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }
}

/// A server. It ends when it is dropped; its folder stays as long as this value's.
pub struct SmtpServer {
    python: PathBuf,
    folder: TempDir,
    server: Option<Child>,
    /// Where it listens.
    pub port: u16,
}

impl SmtpServer {
    /// Starts a server with these further arguments of `smtp_server.py`.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(certificates: &Certificates, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Self { python: certificates.python.clone(), folder, server: None, port: 0 };
        server.start_again(certificates, arguments);
        server
    }

    /// Starts it once more, on the same port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&mut self, certificates: &Certificates, arguments: &[&str]) {
        let mut server = Command::new(&self.python)
            .arg(script("smtp_server.py"))
            .args(["--port", &self.port.to_string(), "--folder"])
            .arg(self.folder.path())
            .arg("--certificate")
            .arg(certificates.server_file())
            .args(arguments)
            .env("SMTP_PASSWORD", PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It tells of each client that does not trust it.
            .stderr(File::create(self.folder.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.server = Some(server);
        self.port = line.trim().parse().expect("the server's port");
    }

    /// Ends the server.
    ///
    /// # Panics
    /// When it cannot be ended.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// The commands that came, in their order.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        let commands = fs::read_to_string(self.folder.path().join("commands")).unwrap_or_default();
        commands.lines().map(str::to_owned).collect()
    }

    /// How many mails there are.
    #[must_use]
    pub fn mail_count(&self) -> usize {
        (1..).take_while(|number| self.file(*number, "eml").exists()).count()
    }

    /// Waits for the mail of that number, 1 is the first.
    ///
    /// # Panics
    /// When it does not come.
    #[must_use]
    pub fn mail(&self, number: usize) -> (Envelope, ReadMail) {
        let file = self.file(number, "eml");
        wait_for("a mail", || file.exists());
        let envelope = fs::read_to_string(self.file(number, "json")).unwrap();
        (serde_json::from_str(&envelope).unwrap(), ReadMail::of(&self.python, &file))
    }

    fn file(&self, number: usize, ending: &str) -> PathBuf {
        self.folder.path().join(format!("{number}.{ending}"))
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits until something is so.
///
/// # Panics
/// When it takes too long.
pub fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what} did not come");
        sleep(Duration::from_millis(20));
    }
}
