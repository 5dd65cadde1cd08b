//! A certificate for 127.0.0.1 that vouches for itself, and its key.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::skipping::skip;

/// A certificate and its key in a scratch folder.
pub struct ServerCertificate {
    folder: TempDir,
}

impl ServerCertificate {
    /// Makes both with the command `openssl`; nothing when it is not there.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn make() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            skip("openssl");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new("openssl")
            .args(["req", "-x509", "-days", "2", "-subj", "/CN=Server"])
            .args(["-addext", "subjectAltName=IP:127.0.0.1", "-noenc"])
            .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-keyout", "server.key", "-out", "server.pem"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        Some(Self { folder })
    }

    /// The certificate, for servers and for clients that trust it.
    #[must_use]
    pub fn certificate_file(&self) -> PathBuf {
        self.folder.path().join("server.pem")
    }

    /// The key. Its mode lets its owner alone read it.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("server.key")
    }
}
