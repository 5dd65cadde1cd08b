//! A mail server that quotes what it was told, as some do.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A server for as long as the test runs.
pub(super) struct MailServer {
    pub(super) port: u16,
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    /// Takes the first mail; refuses the recipient of the second and the login of the third, and says whom and what.
    pub(super) fn open() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&mails);
        std::thread::spawn(move || {
            for (session, stream) in listener.incoming().enumerate() {
                serve(session, stream.unwrap(), &taken);
            }
        });
        Self { port, mails }
    }

    /// The mails that were taken.
    pub(super) fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }
}

fn serve(session: usize, mut stream: TcpStream, mails: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    stream.write_all(b"220 mail.shop.test\r\n").unwrap();
    while let Some(line) = lines.next() {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match (word.as_str(), session) {
            ("EHLO", _) => "250-mail.shop.test\r\n250 AUTH PLAIN".to_owned(),
            ("AUTH", 2) => format!("535 5.7.8 this login is wrong: {line}"),
            ("AUTH", _) => "235 welcome".to_owned(),
            ("RCPT", 1) => format!("550 5.1.1 nobody is known here as {line}"),
            ("DATA", _) => {
                stream.write_all(b"354 go on\r\n").unwrap();
                let mail: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                mails.lock().unwrap().push(mail.join("\n"));
                "250 taken".to_owned()
            }
            ("QUIT", _) => "221 bye".to_owned(),
            _ => "250 fine".to_owned(),
        };
        if stream.write_all(format!("{answer}\r\n").as_bytes()).is_err() || word == "QUIT" {
            return;
        }
    }
}
