//! Many clients at a time, for as long as a test wants, with every outcome counted.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use crate::http::JOOMLA;

/// How long to wait for a server that says nothing.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How long a test waits for a number of outcomes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// An answer with this status, whole.
    Answered(u16),
    /// A 503 that says when to come again.
    ComeAgain,
    /// Nobody listens.
    Refused,
    /// A connection that had been used before was closed before this request had a byte of an answer, which may happen at
    /// any time (RFC 9112, section 9.3.1): the request may be repeated on another connection.
    ClosedWhileIdle,
    /// A new connection was accepted and then closed without an answer, or nothing came for a long time.
    Unanswered(io::ErrorKind),
    /// The answer ended in the middle.
    Cut,
}

/// A client that keeps its connection and opens another one when the server has closed it.
pub struct Client {
    port: u16,
    headers: String,
    keeps: bool,
    /// Whether the connection had a request before this one.
    is_used: bool,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    /// A client that keeps its connection.
    #[must_use]
    pub fn new(port: u16) -> Self {
        Self { port, headers: String::new(), keeps: true, is_used: false, connection: None }
    }

    /// The same with a connection for each request, kept open by the server if it likes.
    #[must_use]
    pub fn with_new_connections(self) -> Self {
        Self { keeps: false, ..self }
    }

    /// The same as a proxy tells of it, from this address.
    #[must_use]
    pub fn from_address(self, address: &str) -> Self {
        Self { headers: format!("X-Forwarded-For: {address}\r\n"), ..self }
    }

    /// Sends a request and reads the answer.
    pub fn ask(&mut self, target: &str) -> Outcome {
        match self.send(target) {
            Ok(()) => self.receive(),
            Err(outcome) => outcome,
        }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// What became of it when it could not be sent.
    pub fn send(&mut self, target: &str) -> Result<(), Outcome> {
        if !self.keeps {
            self.connection = None;
        }
        self.is_used = self.connection.is_some();
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(self.port).map_err(|_| Outcome::Refused)?,
        };
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {JOOMLA}\r\nAccept: */*\r\n{}\r\n",
            self.headers
        );
        let sent = connection.get_mut().write_all(head.as_bytes());
        sent.map_err(|error| self.without_answer(error.kind()))?;
        self.connection = Some(connection);
        Ok(())
    }

    /// Reads the answer to what was sent.
    ///
    /// # Panics
    /// When nothing was sent.
    pub fn receive(&mut self) -> Outcome {
        let connection = self.connection.take().expect("a request that was sent");
        match read_answer(connection) {
            Ok((outcome, connection)) => {
                self.connection = connection;
                outcome
            }
            Err(Broken::BeforeAnswer(kind)) => self.without_answer(kind),
            Err(Broken::InAnswer) => Outcome::Cut,
        }
    }

    fn without_answer(&self, kind: io::ErrorKind) -> Outcome {
        // A time-out is no end of the connection.
        let is_closed = kind != io::ErrorKind::WouldBlock;
        if self.is_used && is_closed { Outcome::ClosedWhileIdle } else { Outcome::Unanswered(kind) }
    }
}

enum Broken {
    BeforeAnswer(io::ErrorKind),
    InAnswer,
}

fn connect(port: u16) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

/// The outcome, and the connection unless the server closes it.
fn read_answer(
    mut connection: BufReader<TcpStream>,
) -> Result<(Outcome, Option<BufReader<TcpStream>>), Broken> {
    if !has_begun(&mut connection).map_err(|error| Broken::BeforeAnswer(error.kind()))? {
        return Err(Broken::BeforeAnswer(io::ErrorKind::UnexpectedEof));
    }
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).map_err(|_| Broken::InAnswer)?;
        match line.strip_suffix("\r\n").ok_or(Broken::InAnswer)? {
            "" => break,
            line => lines.push(line.to_ascii_lowercase()),
        }
    }
    let header = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let status: u16 =
        lines[0].split(' ').nth(1).and_then(|text| text.parse().ok()).ok_or(Broken::InAnswer)?;
    let length: usize = header("content-length:").map_or(0, |text| text.parse().expect("a length"));
    connection.read_exact(&mut vec![0; length]).map_err(|_| Broken::InAnswer)?;
    let outcome = match status {
        503 if header("retry-after:").is_some() => Outcome::ComeAgain,
        status => Outcome::Answered(status),
    };
    Ok((outcome, (header("connection:") != Some("close")).then_some(connection)))
}

/// Waits for the first byte; tells whether there is one. That a signal came meanwhile says nothing about the connection.
fn has_begun(connection: &mut impl BufRead) -> io::Result<bool> {
    loop {
        match connection.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read.map(|bytes| !bytes.is_empty()),
        }
    }
}

/// How often each outcome was, by who had it.
pub type Counts = BTreeMap<&'static str, BTreeMap<Outcome, u64>>;

/// Clients that are at work.
#[derive(Default)]
pub struct Load {
    is_over: Arc<AtomicBool>,
    counts: Arc<Mutex<Counts>>,
    workers: Vec<JoinHandle<()>>,
}

impl Load {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets one more client work: `step` over and over, with a pause between.
    pub fn add(
        &mut self,
        name: &'static str,
        pause: Duration,
        mut step: impl FnMut() -> Outcome + Send + 'static,
    ) {
        let (is_over, counts) = (Arc::clone(&self.is_over), Arc::clone(&self.counts));
        self.workers.push(thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                let outcome = step();
                *locked(&counts).entry(name).or_default().entry(outcome).or_default() += 1;
                sleep(pause);
            }
        }));
    }

    /// Waits until everybody of that name together had this many more outcomes.
    ///
    /// # Panics
    /// When they do not have them.
    pub fn wait_for(&self, name: &str, more: u64) {
        let total = || locked(&self.counts).get(name).map_or(0, |outcomes| outcomes.values().sum());
        let (begun, wanted): (_, u64) = (Instant::now(), total() + more);
        while total() < wanted {
            assert!(begun.elapsed() < PATIENCE, "{name}: {} of {wanted}", total());
            sleep(Duration::from_millis(10));
        }
    }

    /// Ends all work and tells how it went.
    ///
    /// # Panics
    /// When a client panicked.
    #[must_use]
    pub fn end(mut self) -> Counts {
        self.is_over.store(true, Ordering::Relaxed);
        for worker in self.workers.drain(..) {
            worker.join().unwrap();
        }
        locked(&self.counts).clone()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

fn locked(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection on which signals come before anything else does.
    struct Interrupted {
        signals: u32,
        answer: &'static [u8],
    }

    impl Read for Interrupted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.signals.checked_sub(1) {
                Some(left) => {
                    self.signals = left;
                    Err(io::ErrorKind::Interrupted.into())
                }
                None => self.answer.read(buffer),
            }
        }
    }

    #[test]
    fn a_signal_is_no_answer_and_no_end_of_a_connection() {
        let interrupted = |answer| BufReader::new(Interrupted { signals: 2, answer });
        assert!(has_begun(&mut interrupted(b"HTTP/1.1 302 Found\r\n")).unwrap());
        assert!(!has_begun(&mut interrupted(b"")).unwrap());
    }
}
