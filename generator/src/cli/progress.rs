//! How a build's user sees on a terminal how it gets on.

use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{Observer, Work};

/// What takes less than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Without colors, so `NO_COLOR` changes nothing.
const FORM: &str = "{msg} [{wide_bar}] {bytes} of {total_bytes}, {eta} left";

/// Standard error: a line for each notice, and on a terminal a bar for what takes long.
pub(super) struct Terminal {
    is_quiet: bool,
    has_bar: bool,
    part: Mutex<Option<Part>>,
}

/// What is being done.
struct Part {
    bar: ProgressBar,
    doing: &'static str,
    files: u64,
    done: u64,
}

impl Terminal {
    /// For results that people read; `is_quiet` shows nothing at all.
    pub(super) fn new(is_quiet: bool, is_json: bool) -> Self {
        let has_bar = !is_quiet && !is_json && io::stderr().is_terminal();
        Self { is_quiet, has_bar, part: Mutex::new(None) }
    }
}

impl Observer for Terminal {
    fn notice(&self, text: &str) {
        if !self.is_quiet {
            eprintln!("notice: {text}");
        }
    }

    fn begin(&self, work: Work, files: u64, bytes: u64) {
        if self.has_bar {
            let part = Part::begin(work, files, bytes);
            *self.part.lock().unwrap_or_else(PoisonError::into_inner) = Some(part);
        }
    }

    fn advance(&self, files: u64, bytes: u64) {
        if self.has_bar
            && let Some(part) = &mut *self.part.lock().unwrap_or_else(PoisonError::into_inner)
        {
            part.advance(files, bytes);
        }
    }

    fn end(&self) {
        if let Some(part) = self.part.lock().unwrap_or_else(PoisonError::into_inner).take() {
            part.bar.finish_and_clear();
        }
    }
}

impl Part {
    fn begin(work: Work, files: u64, bytes: u64) -> Self {
        let doing = match work {
            Work::Reading => "reading",
            Work::Copying => "copying",
        };
        let style = ProgressStyle::with_template(FORM).expect("the form is a constant and a template");
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::hidden());
        Self { bar: bar.with_style(style), doing, files, done: 0 }
    }

    fn advance(&mut self, files: u64, bytes: u64) {
        self.done += files;
        self.bar.inc(bytes);
        if self.bar.elapsed() < PATIENCE {
            return;
        }
        let (done, all) = (HumanCount(self.done), HumanCount(self.files));
        self.bar.set_message(format!("{} {done} of {all} packages", self.doing));
        if self.bar.is_hidden() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_bytes_are_counted() {
        let mut part = Part::begin(Work::Copying, 1_200, 5_000);
        part.bar = part.bar.with_elapsed(PATIENCE);
        part.advance(0, 1_000);
        part.advance(1_000, 500);
        assert_eq!((part.bar.position(), part.bar.length()), (1_500, Some(5_000)));
        assert_eq!(part.bar.message(), "copying 1,000 of 1,200 packages");
    }

    #[test]
    fn what_is_done_within_a_second_shows_nothing() {
        let mut part = Part::begin(Work::Reading, 2, 10);
        part.advance(1, 5);
        assert!(part.bar.is_hidden() && part.bar.message().is_empty());
    }

    #[test]
    fn there_is_no_bar_beside_json_and_in_quiet() {
        assert!(!Terminal::new(true, false).has_bar && !Terminal::new(false, true).has_bar);
    }
}
