//! A static host with TLS (`https_server.py`), as a vendor's site may be published on.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::smtp::Certificates;

/// A server of a folder. It ends when it is dropped.
pub struct HttpsServer {
    notes: TempDir,
    server: Child,
    /// Where it listens.
    pub port: u16,
}

impl HttpsServer {
    /// Serves a folder, on any port when `port` is 0.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(certificates: &Certificates, folder: &Path, port: u16) -> Self {
        let notes = tempfile::tempdir().unwrap();
        let mut server = Command::new(certificates.python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/https_server.py"))
            .arg("--folder")
            .arg(folder)
            .arg("--certificate")
            .arg(certificates.server_file())
            .arg("--notes")
            .arg(notes.path().join("answers"))
            .args(["--port", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(notes.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { port: line.trim().parse().expect("the server's port"), notes, server }
    }

    /// An address on this server.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// What was answered, in its order: path, status and, where it was so, `gzip`.
    #[must_use]
    pub fn answers(&self) -> Vec<String> {
        let path: PathBuf = self.notes.path().join("answers");
        fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
    }
}

impl Drop for HttpsServer {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
