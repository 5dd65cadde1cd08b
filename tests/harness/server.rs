//! A server of another project, started for one test.

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server. It ends when it is dropped.
pub struct Server {
    /// Where it listens.
    pub port: u16,
    server: Child,
    log: PathBuf,
}

impl Server {
    /// Starts a program (its whole path, or a name) with arguments and waits until something listens on the port. What it writes
    /// to its outputs goes to the file `log`. It ends with this process at the latest.
    ///
    /// # Panics
    /// With the log, when it does not start.
    pub fn start(port: u16, log: &Path, program: impl AsRef<Path>, arguments: &[&str]) -> Self {
        let output = File::create(log).unwrap();
        let server = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(program.as_ref())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let mut server = Self { port, server, log: log.to_owned() };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.server.try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "no server: {}", server.log());
            sleep(Duration::from_millis(20));
        }
        server
    }

    /// What it has written to its outputs.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.server.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Where a program is, if it is installed: in one of the folders of `PATH`, or where only root looks.
pub fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|program| program.is_file())
}

/// A generated text with one text in it replaced, which has to be there.
pub fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "found no `{from}` in:\n{text}");
    text.replace(from, to)
}
