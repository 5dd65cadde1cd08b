//! A Joomla site's database on a server of the test's own: its data in a scratch folder, a port of 127.0.0.1 and a socket that
//! nobody else uses, and none of the system's services. It can be stopped, killed, frozen and started again, and it ends with
//! the test.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tempfile::TempDir;

use crate::ports::free_port;
use crate::processes::{family, signal};
use crate::skipping::skip;
use crate::{mariadb, postgresql};

/// How the names of all tables begin. `#__` in statements stands for it, as in Joomla.
pub const PREFIX: &str = "jos_";

/// The database of the site.
pub const NAME: &str = "joomla";

/// A user of the database who may read, and no more.
pub const READER: &str = "bandari";

/// That user's password.
pub const READER_PASSWORD: &str = "reads 'the' \"site\" only";

/// The site's user groups.
const GROUPS: &str = include_str!("joomla_tables/groups.sql");

/// How long a server may take to start, or to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// MariaDB, which stands for MySQL, too.
    MariaDb,
    /// PostgreSQL.
    PostgreSql,
}

/// What sets one server apart from another.
pub(crate) struct Traits {
    /// What a configuration calls it.
    pub(crate) configured_as: &'static str,
    /// Name of its package in Debian.
    pub(crate) package: &'static str,
    /// Whom it runs as when root starts it: it refuses to be root, or should not.
    pub(crate) account: &'static str,
    /// The signal that makes it end its clients' sessions, put its data in order and stop.
    pub(crate) stop_signal: &'static str,
    /// The database that is there before any other.
    pub(crate) first_database: &'static str,
    /// Makes the database of the site.
    pub(crate) database: &'static str,
    /// Makes the tables.
    pub(crate) tables: &'static str,
    /// Arguments for encrypted connections. `{file}` stands for certificate and key.
    pub(crate) encrypted: &'static [&'static str],
    /// Makes the user who may read. `{password}` stands for the password, quoted.
    pub(crate) reader: &'static str,
}

impl Engine {
    fn traits(self) -> &'static Traits {
        match self {
            Self::MariaDb => &mariadb::TRAITS,
            Self::PostgreSql => &postgresql::TRAITS,
        }
    }

    fn program(self) -> Option<PathBuf> {
        match self {
            Self::MariaDb => mariadb::program(),
            Self::PostgreSql => postgresql::program(),
        }
    }

    /// The program that makes an empty data folder, and its arguments.
    fn installer(self, program: &Path, data: &Path) -> (PathBuf, Vec<String>) {
        match self {
            Self::MariaDb => mariadb::installer(data),
            Self::PostgreSql => postgresql::installer(program, data),
        }
    }

    fn add_arguments(self, command: &mut Command, data: &Path, folder: &Path, port: u16) {
        match self {
            Self::MariaDb => mariadb::add_arguments(command, data, folder, port),
            Self::PostgreSql => postgresql::add_arguments(command, data, folder, port),
        }
    }

    fn socket(self, folder: &Path) -> PathBuf {
        match self {
            Self::MariaDb => mariadb::socket(folder),
            Self::PostgreSql => folder.to_owned(),
        }
    }
}

/// A server that is running, or may be started again.
pub struct DatabaseServer {
    engine: Engine,
    program: PathBuf,
    folder: TempDir,
    /// Where it listens on 127.0.0.1, and will again.
    pub port: u16,
    server: Option<Child>,
    /// Further arguments of the server.
    arguments: Vec<String>,
}

impl DatabaseServer {
    /// Starts a server of a site with Joomla's user groups, a shop's, and nobody in them. Nothing when it is not installed.
    ///
    /// # Panics
    /// When it is not installed and `CI` is set, or when it does not start.
    #[must_use]
    pub fn start(engine: Engine) -> Option<Self> {
        let Some(program) = engine.program() else {
            skip(engine.traits().package);
            return None;
        };
        let template = template(engine, &program);
        let mut server = Self::stopped(engine, program);
        server.copy(&template, &server.data());
        server.start_again();
        Some(server)
    }

    fn stopped(engine: Engine, program: PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            run(Command::new("chown").arg(engine.traits().account).arg(folder.path()));
        }
        Self { engine, program, folder, port: free_port(), server: None, arguments: Vec::new() }
    }

    /// Starts it again, on the same port, and waits until it answers.
    ///
    /// # Panics
    /// When it runs, or does not start.
    pub fn start_again(&mut self) {
        assert!(self.server.is_none(), "it is running");
        let mut command = self.command(&self.program.clone());
        self.engine.add_arguments(&mut command, &self.data(), self.folder.path(), self.port);
        command.args(&self.arguments);
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let server = self.server.insert(command.spawn().unwrap());
        let pid = server.id();
        let begun = Instant::now();
        while !self.answers() {
            let ended = self.server.as_mut().unwrap().try_wait().unwrap();
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "process {pid}: {}", log());
            sleep(Duration::from_millis(20));
        }
    }

    /// Lets it end in good order, as the system's own service does.
    ///
    /// # Panics
    /// When it does not run, or does not end.
    pub fn stop(&mut self) {
        let mut server = self.server.take().expect("a server that runs");
        signal(self.engine.traits().stop_signal, &[server.id()]);
        let begun = Instant::now();
        while server.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < PATIENCE, "it does not stop");
            sleep(Duration::from_millis(20));
        }
    }

    /// Ends it at once, in whatever it is doing.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self) {
        let mut server = self.server.take().expect("a server that runs");
        signal("KILL", &family(server.id()));
        server.wait().unwrap();
    }

    /// Makes it hang: connections stay open, new ones are accepted by the system, and nothing answers.
    ///
    /// # Panics
    /// When it does not run.
    pub fn freeze(&self) {
        let pid = self.server.as_ref().expect("a server that runs").id();
        // Itself first: whoever hangs starts nobody new.
        signal("STOP", &[pid]);
        signal("STOP", &family(pid));
    }

    /// Lets it go on.
    ///
    /// # Panics
    /// When it does not run.
    pub fn thaw(&self) {
        signal("CONT", &family(self.server.as_ref().expect("a server that runs").id()));
    }

    /// Starts it again so that it takes encrypted connections, too, with this certificate and its key.
    ///
    /// # Panics
    /// When it does not run, or does not start.
    pub fn encrypt(&mut self, certificate: &Path) {
        self.stop();
        let file = self.folder.path().join("server.pem");
        fs::copy(certificate, &file).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        if is_root() {
            run(Command::new("chown").arg(self.engine.traits().account).arg(&file));
        }
        self.arguments = self
            .engine
            .traits()
            .encrypted
            .iter()
            .map(|argument| argument.replace("{file}", file.to_str().unwrap()))
            .collect();
        self.start_again();
    }

    /// Does this as the database's owner.
    ///
    /// # Panics
    /// When the server does not take it.
    pub fn execute(&self, sql: &str) {
        self.try_execute(NAME, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Does something while nobody else can read a table, as during a backup or a change of its columns.
    ///
    /// # Panics
    /// When the server does not take it.
    pub fn while_locked<T>(&self, table: &str, work: impl FnOnce() -> T) -> T {
        let table = format!("{PREFIX}{table}");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        match self.engine {
            Engine::MariaDb => {
                let lock = sqlx::raw_sql(AssertSqlSafe(format!("LOCK TABLES {table} WRITE")));
                let owner = mariadb::owner(&self.socket(), NAME);
                let mut connection = runtime.block_on(owner.connect()).unwrap();
                runtime.block_on(connection.execute(lock)).unwrap();
                let done = work();
                runtime.block_on(connection.close()).unwrap();
                done
            }
            Engine::PostgreSql => {
                let lock = sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; LOCK TABLE {table}")));
                let owner = postgresql::owner(&self.socket(), self.port, NAME);
                let mut connection = runtime.block_on(owner.connect()).unwrap();
                runtime.block_on(connection.execute(lock)).unwrap();
                let done = work();
                runtime.block_on(connection.close()).unwrap();
                done
            }
        }
    }

    /// Adds a user of the site.
    ///
    /// # Panics
    /// When the server does not take it.
    pub fn add_user(&self, id: u32, username: &str, email: &str, groups: &[u32]) {
        self.execute(&format!(
            "INSERT INTO #__users (id, name, username, email, {date}, params) \
             VALUES ({id}, '{username}', '{username}', '{email}', '2024-05-06 07:08:09', '{{}}')",
            date = if self.engine == Engine::MariaDb { "`registerDate`" } else { "\"registerDate\"" },
        ));
        for group in groups {
            self.execute(&format!("INSERT INTO #__user_usergroup_map VALUES ({id}, {group})"));
        }
    }

    /// The table `[joomla]` of a validator's configuration, without the tables below it. The password of [`READER`] is
    /// expected in that file.
    #[must_use]
    pub fn joomla_table(&self, password_file: &str) -> String {
        let (database, port) = (self.engine.traits().configured_as, self.port);
        format!(
            "[joomla]\ndatabase = '{database}'\nhost = '127.0.0.1'\nport = {port}\nname = '{NAME}'\n\
             user = '{READER}'\npassword_file = '{password_file}'\nprefix = '{PREFIX}'\ntls = 'none'\n"
        )
    }

    /// What `socket` of a validator's configuration is: a file on MariaDB, a folder on PostgreSQL.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.engine.socket(self.folder.path())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn answers(&self) -> bool {
        self.try_execute(self.engine.traits().first_database, "SELECT 1").is_ok()
    }

    fn try_execute(&self, database: &str, sql: &str) -> Result<(), sqlx::Error> {
        let sql = AssertSqlSafe(sql.replace("#__", PREFIX));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            match self.engine {
                Engine::MariaDb => {
                    let mut connection = mariadb::owner(&self.socket(), database).connect().await?;
                    connection.execute(sqlx::raw_sql(sql)).await?;
                    connection.close().await
                }
                Engine::PostgreSql => {
                    let owner = postgresql::owner(&self.socket(), self.port, database);
                    let mut connection = owner.connect().await?;
                    connection.execute(sqlx::raw_sql(sql)).await?;
                    connection.close().await
                }
            }
        })
    }

    /// A program that runs as the account of this server, and ends when the test is killed.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if is_root() {
            let account = self.engine.traits().account;
            command.args(["--reuid", account, "--regid", account, "--clear-groups"]);
        }
        command.arg(program).current_dir("/");
        command
    }

    /// Copies a folder with its owners.
    fn copy(&self, from: &Path, to: &Path) {
        run(Command::new("cp").arg("-a").arg(from).arg(to));
    }
}

impl Drop for DatabaseServer {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.kill();
        }
    }
}

/// A data folder with the site's database in it. Making one takes seconds, so it is made once for each folder that cargo
/// builds in.
fn template(engine: Engine, program: &Path) -> PathBuf {
    let version = Command::new(program).arg("--version").output().unwrap().stdout;
    let traits = engine.traits();
    let mut digest = Sha256::new();
    for part in [&version[..], traits.tables.as_bytes(), traits.reader.as_bytes(), GROUPS.as_bytes()] {
        digest.update(part);
    }
    let digest = data_encoding::HEXLOWER.encode(&digest.finalize()[..8]);
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).expect("a folder that cargo builds in").join("tests-databases");
    fs::create_dir_all(&folder).unwrap();
    let template = folder.join(format!("{}-{digest}", traits.configured_as));
    let lock = File::create(template.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if !template.exists() {
        let unfinished = template.with_extension("unfinished");
        run(Command::new("rm").arg("-rf").arg(&unfinished));
        make_template(engine, program, &unfinished);
        fs::rename(&unfinished, &template).unwrap();
    }
    template
}

fn make_template(engine: Engine, program: &Path, template: &Path) {
    let mut server = DatabaseServer::stopped(engine, program.to_owned());
    let (installer, arguments) = engine.installer(program, &server.data());
    run(server.command(&installer).args(arguments));
    server.start_again();
    let traits = engine.traits();
    server.try_execute(traits.first_database, traits.database).unwrap();
    server.execute(traits.tables);
    server.execute(GROUPS);
    let password = format!("'{}'", READER_PASSWORD.replace('\'', "''"));
    server.execute(&traits.reader.replace("{password}", &password));
    server.stop();
    server.copy(&server.data(), template);
}

/// Whether root runs the test.
fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}
