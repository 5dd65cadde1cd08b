//! The module that `bandari-validator edge workers` writes, as it is, in workerd (on which Cloudflare Workers run) and in Deno:
//! in front of a server that has the files, and in front of a bucket of R2.

use std::fs;
use std::path::{Path, PathBuf};

use bandari_tests::npm;
use bandari_tests::ports::free_port;
use bandari_tests::skipping::skip;

use super::fixture::Fixture;
use bandari_tests::server::{Server, replaced};

mod behind_nginx;
mod bucket;
mod file_server;
mod origin;
mod stand_ins;
mod vectors;

/// What runs the module. Both programs come from npm: `tests/run.sh` installs what `tests/package.json` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runtime {
    Workerd,
    Deno,
}

/// A program, and the folder of npm packages in which it is.
struct Installed {
    program: PathBuf,
    packages: PathBuf,
}

impl Runtime {
    /// Nothing when it is not there. The program itself and not what npm puts into `.bin`, which is a script for Node.
    fn installed(self) -> Option<Installed> {
        let program = match (self, cfg!(target_arch = "aarch64")) {
            (Self::Workerd, false) => "@cloudflare/workerd-linux-64/bin/workerd",
            (Self::Workerd, true) => "@cloudflare/workerd-linux-arm64/bin/workerd",
            (Self::Deno, _) => "@deno/linux-x64-glibc/deno",
        };
        let installed = npm::packages_with(program)
            .map(|packages| Installed { program: packages.join(program), packages });
        if installed.is_none() {
            skip(&format!("{self:?}"));
        }
        installed
    }
}

impl Installed {
    /// Where miniflare has the workers that it is made of.
    fn miniflare(&self) -> PathBuf {
        self.packages.join("miniflare/dist/src/workers")
    }

    /// Starts workerd with a configuration of this folder, in which a socket is named `edge`. `variables` are `NAME=value`.
    fn start_workerd(&self, folder: &Path, config: &str, variables: &[&str], arguments: &[&str]) -> Server {
        configure(folder, config);
        let (port, config) = (free_port(), folder.join(config));
        let socket = format!("edge=127.0.0.1:{port}");
        let own = [
            self.program.to_str().unwrap(),
            "serve",
            config.to_str().unwrap(),
            "--experimental",
            "--socket-addr",
        ];
        let arguments = [variables, &own, &[socket.as_str()], arguments].concat();
        Server::start(port, &folder.join("workerd.log"), "env", &arguments)
    }

    /// Starts Deno with the command of the generated README.md. `variables` are `NAME=value`.
    fn start_deno(&self, folder: &Path, variables: &[&str]) -> Server {
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        let command = readme.lines().find_map(|line| line.split_once(" deno serve ")).unwrap().1;
        let port = free_port();
        let command = replaced(command, "--port 8000", &format!("--port {port}"));
        let cache = format!("DENO_DIR={}", folder.join("deno").display());
        let own = ["--chdir", folder.to_str().unwrap(), &cache];
        let program = [self.program.to_str().unwrap(), "serve"];
        let arguments: Vec<&str> = command.split(' ').collect();
        Server::start(
            port,
            &folder.join("deno.log"),
            "env",
            &[&own, variables, &program, &arguments].concat(),
        )
    }
}

/// Puts one of our files beside the generated module, with the date of the generated `wrangler.toml` in it.
fn configure(folder: &Path, name: &str) {
    let wrangler: toml::Table =
        toml::from_str(&fs::read_to_string(folder.join("wrangler.toml")).unwrap()).unwrap();
    assert_eq!(wrangler["main"].as_str(), Some("bandari-edge.js"));
    let date = wrangler["compatibility_date"].as_str().unwrap();
    fs::write(folder.join(name), replaced(&own(name), "COMPATIBILITY_DATE", date)).unwrap();
}

/// One of our files.
fn own(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("edges/workers").join(name)).unwrap()
}
