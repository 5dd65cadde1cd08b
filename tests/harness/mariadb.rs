//! MariaDB as a test's own server (see `database`).

use std::path::{Path, PathBuf};
use std::process::Command;

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

use crate::database::Traits;

pub(crate) const TRAITS: Traits = Traits {
    configured_as: "mysql",
    package: "mariadb-server",
    account: "mysql",
    stop_signal: "TERM",
    first_database: "mysql",
    database: "CREATE DATABASE joomla CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
    tables: include_str!("joomla_tables/mysql.sql"),
    encrypted: &["--ssl-cert={file}", "--ssl-key={file}"],
    // One by the socket, one by TCP.
    reader: "CREATE USER bandari@localhost IDENTIFIED BY {password}; \
             CREATE USER bandari@127.0.0.1 IDENTIFIED BY {password}; \
             GRANT SELECT ON joomla.* TO bandari@localhost; GRANT SELECT ON joomla.* TO bandari@127.0.0.1",
};

/// Smallest there is: it is copied for each test.
const LOG_FILE_SIZE: &str = "--innodb-log-file-size=4M";

/// Where the server is installed; nothing when it is not.
pub(crate) fn program() -> Option<PathBuf> {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/libexec", "/usr/local/libexec", "/usr/local/bin"];
    folders.iter().map(|folder| Path::new(folder).join("mariadbd")).find(|program| program.is_file())
}

/// What makes an empty data folder.
pub(crate) fn installer(data: &Path) -> (PathBuf, Vec<String>) {
    let arguments =
        ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", LOG_FILE_SIZE];
    let mut arguments: Vec<String> = arguments.map(str::to_owned).to_vec();
    arguments.push(format!("--datadir={}", data.display()));
    (PathBuf::from("mariadb-install-db"), arguments)
}

/// How the server is started.
pub(crate) fn add_arguments(command: &mut Command, data: &Path, folder: &Path, port: u16) {
    command.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve", LOG_FILE_SIZE]);
    // A crash of the machine is nothing that a test would survive. That of the server is, and may lose nothing.
    command.args(["--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=2"]);
    command.arg(format!("--port={port}"));
    for (option, path) in
        [("--datadir=", data), ("--socket=", &socket(folder)), ("--pid-file=", &folder.join("pid"))]
    {
        command.arg(format!("{option}{}", path.display()));
    }
}

pub(crate) fn socket(folder: &Path) -> PathBuf {
    folder.join("mysqld.sock")
}

/// How the owner of all data connects.
pub(crate) fn owner(socket: &Path, database: &str) -> MySqlConnectOptions {
    MySqlConnectOptions::new()
        .socket(socket)
        .username("root")
        .database(database)
        .ssl_mode(MySqlSslMode::Disabled)
}
