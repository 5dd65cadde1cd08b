//! The tests' own database servers do what the tests of outages need of them.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::Duration;

use bandari_tests::database::{DatabaseServer, Engine};

#[test]
fn mariadb_comes_back_however_it_went() {
    comes_back_however_it_went(Engine::MariaDb);
}

#[test]
fn postgresql_comes_back_however_it_went() {
    comes_back_however_it_went(Engine::PostgreSql);
}

fn comes_back_however_it_went(engine: Engine) {
    let Some(mut server) = DatabaseServer::start(engine) else { return };
    server.add_user(42, "ada", "ada@shop.test", &[2, 12]);
    let insert =
        "INSERT INTO #__subscriptions (user_id, package_group, state) VALUES (42, 'dockyard', 'active')";
    server.execute(insert);
    server.stop();
    assert!(TcpStream::connect(("127.0.0.1", server.port)).is_err());
    server.start_again();
    server.execute(insert);
    server.kill();
    assert!(TcpStream::connect(("127.0.0.1", server.port)).is_err());
    server.start_again();
    server.execute("DELETE FROM #__subscriptions");
    server.freeze();
    assert!(says_nothing(server.port), "a server that hangs");
    server.thaw();
    server.execute("DELETE FROM #__users");
    server.freeze();
    // Dropped while it hangs: it has to end all the same.
}

/// Whether connections are accepted, and then nothing happens. MariaDB would greet; PostgreSQL is asked for encryption first
/// and would say yes or no.
fn says_nothing(port: u16) -> bool {
    use std::io::{Read, Write};
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
    let said = stream.read(&mut [0]);
    said.is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
}
