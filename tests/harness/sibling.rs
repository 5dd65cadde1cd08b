//! Another validator of the same shop: the same catalog, secrets and licenses, at addresses of its own.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::ports::free_port;
use crate::shop::{PATIENCE, Shop};

/// A second server. It ends when it is dropped.
pub struct Sibling {
    /// Where customers ask.
    pub port: u16,
    log: PathBuf,
    server: Option<Child>,
}

impl Sibling {
    /// Starts one.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn of(shop: &Shop) -> Self {
        let (port, private_port) = (free_port(), free_port());
        let config = fs::read_to_string(shop.path("validator.toml")).unwrap();
        let config = config
            .replace(&format!("127.0.0.1:{}", shop.port), &format!("127.0.0.1:{port}"))
            .replace(&format!("127.0.0.1:{}", shop.private_port), &format!("127.0.0.1:{private_port}"));
        fs::write(shop.path("sibling.toml"), config).unwrap();
        let mut sibling = Self { port, log: shop.path("sibling.log"), server: None };
        sibling.serve(shop);
        sibling
    }

    /// Starts it again and waits until it listens.
    ///
    /// # Panics
    /// When it does not start.
    pub fn serve(&mut self, shop: &Shop) {
        let server = Command::new(&shop.programs.validator)
            .args(["serve", "--config"])
            .arg(shop.path("sibling.toml"))
            .stderr(File::create(&self.log).unwrap())
            .spawn()
            .unwrap();
        let server = self.server.insert(server);
        let begun = Instant::now();
        while !fs::read_to_string(&self.log).unwrap().contains("serving") {
            let ended = server.try_wait().unwrap();
            let log = || fs::read_to_string(&self.log).unwrap();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "no server: {}", log());
            sleep(Duration::from_millis(20));
        }
    }

    /// How many requests it has answered since it was started last.
    ///
    /// # Panics
    /// When it has never been started.
    #[must_use]
    pub fn answered(&self) -> usize {
        fs::read_to_string(&self.log).unwrap().matches("answered").count()
    }

    /// Ends it at once, in whatever it is doing.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        let mut server = self.server.take().expect("a server that runs");
        server.kill().unwrap();
        server.wait().unwrap();
    }
}

impl Drop for Sibling {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.kill();
        }
    }
}
