//! Log lines on their way out. Whoever logs only adds a line to those that wait; a thread writes them, many with one system
//! call when they come quickly. Nobody ever waits for a reader: when it takes nothing for long, lines are lost, and counted.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Most bytes that wait: 20 000 lines and more, a second of the heaviest load.
const MAX_WAITING_BYTES: usize = 4 << 20;

/// For how long lines are gathered before they are written: nobody who reads a log notices.
const GATHER: Duration = Duration::from_millis(10);

/// For how long the end of the program waits for a reader that takes nothing.
const END_TIMEOUT: Duration = Duration::from_secs(5);

/// Lines that wait, and what became of the others.
#[derive(Debug, Default)]
pub(super) struct Lines {
    state: Mutex<State>,
    /// There is something to write, or somebody waits until everything is written.
    wanted: Condvar,
    /// Everything is written.
    written: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whole lines.
    waiting: Vec<u8>,
    /// Some that waited are being written.
    is_writing: bool,
    /// Nothing is to be gathered any more.
    is_hurried: bool,
    lost: u64,
}

impl Lines {
    /// Starts a thread that writes lines to `writer`, for as long as the process lasts. `tell` learns how many more lines were
    /// lost, when lines can be written again.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub(super) fn written_to(
        writer: impl Write + Send + 'static,
        tell: impl Fn(u64) + Send + 'static,
    ) -> io::Result<Arc<Self>> {
        let lines = Arc::new(Self::default());
        let own = Arc::clone(&lines);
        std::thread::Builder::new().name("log".to_owned()).spawn(move || own.write_for_ever(writer, tell))?;
        Ok(lines)
    }

    /// Waits until all lines are written, for [`END_TIMEOUT`] at most. From now on lines are written as they come.
    pub(super) fn write_all(&self) {
        let mut state = self.state();
        state.is_hurried = true;
        self.wanted.notify_one();
        let is_busy = |state: &mut State| state.is_writing || !state.waiting.is_empty();
        // Lines that a reader did not take until now are lost.
        let _ = self.written.wait_timeout_while(state, END_TIMEOUT, is_busy);
    }

    /// How many lines were lost.
    pub(super) fn lost(&self) -> u64 {
        self.state().lost
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing can panic while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line, with its end, to those that wait.
    pub(super) fn add(&self, line: &[u8]) {
        let mut state = self.state();
        if state.waiting.len() + line.len() > MAX_WAITING_BYTES {
            state.lost += 1;
            return;
        }
        let is_first = state.waiting.is_empty();
        state.waiting.extend_from_slice(line);
        drop(state);
        // The thread is awake when there were others: waking it would be a system call.
        if is_first {
            self.wanted.notify_one();
        }
    }

    fn write_for_ever(&self, mut writer: impl Write, tell: impl Fn(u64)) {
        let (mut text, mut told) = (Vec::new(), 0);
        loop {
            self.take(&mut text);
            let written = writer.write_all(&text).and_then(|()| writer.flush());
            if written.is_err() {
                self.state().lost += text.iter().filter(|byte| **byte == b'\n').count() as u64;
                continue;
            }
            // Told only now, since a line about it would be lost, too, as long as none can be written.
            let lost = self.lost();
            if lost > told {
                tell(lost - told);
                told = lost;
            }
        }
    }

    /// Waits for lines, and takes them all.
    fn take(&self, text: &mut Vec<u8>) {
        text.clear();
        let unpoisoned = PoisonError::into_inner;
        let mut state = self.state();
        state.is_writing = false;
        if state.waiting.is_empty() {
            self.written.notify_all();
        }
        let mut state =
            self.wanted.wait_while(state, |state| state.waiting.is_empty()).unwrap_or_else(unpoisoned);
        if !state.is_hurried {
            (state, _) = self
                .wanted
                .wait_timeout_while(state, GATHER, |state| !state.is_hurried)
                .unwrap_or_else(|poisoned| poisoned.into_inner());
        }
        state.is_writing = true;
        mem::swap(&mut state.waiting, text);
    }
}

/// Each write is a whole line: so the log's formatter does it.
impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.add(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::mpsc::{self, Receiver, Sender};

    use super::*;

    /// A reader that takes a write when it is allowed to.
    struct Reader {
        allowed: Receiver<bool>,
        took: Sender<Vec<u8>>,
    }

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !self.allowed.recv().unwrap_or(true) {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let _ = self.took.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Lines, the switch of their reader, what it took, and how many lines it was told to have lost.
    fn lines() -> (Arc<Lines>, Sender<bool>, Receiver<Vec<u8>>, Arc<AtomicU64>) {
        let (allow, allowed) = mpsc::channel();
        let (took, taken) = mpsc::channel();
        let told = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&told);
        let tell = move |lost| {
            count.fetch_add(lost, Ordering::Relaxed);
        };
        (Lines::written_to(Reader { allowed, took }, tell).unwrap(), allow, taken, told)
    }

    #[test]
    fn every_line_is_written_in_its_order_before_the_end() {
        let (lines, allow, taken, _) = lines();
        drop(allow);
        for number in 0..1_000 {
            lines.add(format!("{number}\n").as_bytes());
        }
        lines.write_all();
        let text = taken.try_iter().flatten().collect::<Vec<u8>>();
        let expected = (0..1_000).map(|number| format!("{number}\n")).collect::<String>();
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn nobody_waits_for_a_reader_that_takes_nothing_and_lost_lines_are_counted() {
        let (lines, allow, taken, told) = lines();
        let line = [b'x'; 1 << 20];
        lines.add(b"first\n");
        // The reader has the first line and takes nothing more.
        while !lines.state().waiting.is_empty() {
            std::thread::yield_now();
        }
        for _ in 0..6 {
            lines.add(&line);
        }
        assert_eq!(lines.lost(), 2);
        drop(allow);
        lines.write_all();
        assert_eq!(taken.try_iter().map(|text| text.len()).sum::<usize>(), 6 + 4 * line.len());
        assert_eq!(told.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn lines_that_cannot_be_written_are_lost_and_told_of_later() {
        let (lines, allow, taken, told) = lines();
        allow.send(false).unwrap();
        lines.add(b"one\ntwo\n");
        while lines.lost() < 2 {
            std::thread::yield_now();
        }
        assert_eq!(told.load(Ordering::Relaxed), 0);
        allow.send(true).unwrap();
        lines.add(b"three\n");
        lines.write_all();
        assert_eq!(taken.try_iter().collect::<Vec<_>>(), [b"three\n"]);
        assert_eq!(told.load(Ordering::Relaxed), 2);
    }
}
