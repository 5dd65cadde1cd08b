//! Debian's nginx with its Lua module, started for one test.

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use bandari_tests::skipping::skip;
use bandari_tests::smtp::wait_for;
use rustix::process::{Pid, Signal, kill_process};

use bandari_tests::server::installed;

/// Where Debian has nginx's modules.
const MODULES: &str = "/usr/lib/nginx/modules";

/// The Lua module and what it needs, in this order.
const LUA: [&str; 2] = ["ndk_http_module.so", "ngx_http_lua_module.so"];

/// As many as need not be told from one.
const WORKERS: usize = 2;

/// How long nginx may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A master process and its workers. They end when it is dropped.
pub(crate) struct Nginx {
    /// Where it listens.
    pub(crate) port: u16,
    folder: PathBuf,
    master: Child,
}

impl Nginx {
    /// Starts it with what belongs between `http {` and `}`, and waits until something listens on the port. Its own log, and what
    /// it needs while it runs, goes into the folder. Nothing when it is not installed.
    ///
    /// # Panics
    /// With the log, when it does not start.
    pub(crate) fn start(folder: &Path, port: u16, http: &str) -> Option<Self> {
        let Some(program) = installed("nginx") else {
            skip("nginx");
            return None;
        };
        if LUA.iter().any(|module| !Path::new(MODULES).join(module).is_file()) {
            skip("libnginx-mod-http-lua");
            return None;
        }
        fs::write(folder.join("http.conf"), http).unwrap();
        fs::write(folder.join("nginx.conf"), configuration(folder)).unwrap();
        let output = File::create(folder.join("output.log")).unwrap();
        // Its workers would outlive a master that has no time to end them.
        let master = Command::new("setpriv")
            .args(["--pdeathsig", "TERM"])
            .arg(program)
            .arg("-c")
            .arg(folder.join("nginx.conf"))
            .arg("-e")
            .arg(folder.join("error.log"))
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let mut nginx = Self { port, folder: folder.to_owned(), master };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = nginx.master.try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "no nginx: {}", nginx.logs());
            sleep(Duration::from_millis(20));
        }
        Some(nginx)
    }

    /// All that it has logged and printed, anywhere in its folder.
    pub(crate) fn logs(&self) -> String {
        let files = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let logs = files.filter(|file| file.extension().is_some_and(|extension| extension == "log"));
        logs.map(|file| fs::read_to_string(file).unwrap()).collect()
    }

    /// Asks it to read its configuration anew, as `systemctl reload nginx` does.
    pub(crate) fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    /// The same, and waits until nobody is left who works by the old configuration.
    pub(crate) fn reload(&self) {
        const ENDED: &str = "exited with code 0";
        let ended = || self.logs().matches(ENDED).count();
        let before = ended();
        self.hang_up();
        wait_for(ENDED, || ended() >= before + WORKERS);
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.master.id()).ok().and_then(Pid::from_raw).expect("a process");
        kill_process(id, signal).unwrap();
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended by itself, which is the test's to find.
        if self.master.try_wait().unwrap().is_none() {
            self.signal(Signal::TERM);
        }
        let _ = self.master.wait();
    }
}

/// What is around `http.conf`; on Debian, `/etc/nginx/nginx.conf`.
fn configuration(folder: &Path) -> String {
    let folder = folder.display();
    let modules = LUA.map(|module| format!("load_module {MODULES}/{module};\n")).concat();
    let scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|user| format!("{user}_temp_path {folder}/scratch-{user};\n"))
        .concat();
    // Tests that root runs have folders that only root can read.
    format!(
        "{modules}daemon off; user root; worker_processes {WORKERS}; pid {folder}/pid; error_log {folder}/error.log notice;\n\
         events {{}}\nhttp {{\n{scratch}access_log off;\ninclude {folder}/http.conf;\n}}\n"
    )
}
