//! PostgreSQL as a test's own server (see `database`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sqlx::postgres::PgConnectOptions;

use crate::database::Traits;

pub(crate) const TRAITS: Traits = Traits {
    configured_as: "postgresql",
    package: "postgresql",
    account: "postgres",
    // The fast shutdown. On SIGTERM it would wait for its clients to leave.
    stop_signal: "INT",
    first_database: "postgres",
    database: "CREATE DATABASE joomla",
    tables: include_str!("joomla_tables/postgresql.sql"),
    encrypted: &["-c", "ssl=on", "-c", "ssl_cert_file={file}", "-c", "ssl_key_file={file}"],
    reader: "CREATE ROLE bandari LOGIN PASSWORD {password}; \
             GRANT SELECT ON ALL TABLES IN SCHEMA public TO bandari; \
             ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO bandari",
};

/// Where the server is installed, the newest of several; nothing when it is not.
pub(crate) fn program() -> Option<PathBuf> {
    let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    // Debian has a folder for each major version.
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions: Vec<PathBuf> = versions.filter_map(|entry| Some(entry.ok()?.path())).collect();
    versions.sort_by_key(version);
    let mut folders: Vec<PathBuf> = versions.iter().rev().map(|folder| folder.join("bin")).collect();
    folders.extend(["/usr/bin", "/usr/local/bin"].map(PathBuf::from));
    folders.iter().map(|folder| folder.join("postgres")).find(|program| program.is_file())
}

/// What makes an empty data folder.
pub(crate) fn installer(program: &Path, data: &Path) -> (PathBuf, Vec<String>) {
    let arguments = [
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        // Of 1 MB: they are copied for each test.
        "--wal-segsize=1",
    ];
    let mut arguments: Vec<String> = arguments.map(str::to_owned).to_vec();
    arguments.push(format!("--pgdata={}", data.display()));
    (program.with_file_name("initdb"), arguments)
}

/// How the server is started.
pub(crate) fn add_arguments(command: &mut Command, data: &Path, folder: &Path, port: u16) {
    command.arg("-D").arg(data).args(["-p", &port.to_string()]);
    let socket = format!("unix_socket_directories={}", folder.display());
    // A crash of the machine is nothing that a test would survive.
    for setting in ["listen_addresses=127.0.0.1", &socket, "fsync=off", "shared_buffers=8MB"] {
        command.args(["-c", setting]);
    }
}

/// How the owner of all data connects.
pub(crate) fn owner(socket: &Path, port: u16, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().socket(socket).port(port).username("postgres").database(database)
}
