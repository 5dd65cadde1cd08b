//! The program's own words to whoever runs it: log lines on standard error, for people or as JSON, and why it ended.
//!
//! Lines are written in the background (`lines`), so that no request waits for whoever reads them.

mod lines;
mod plain;

use std::env;
use std::fmt;
use std::io::{self, IsTerminal};
use std::panic;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use tracing::Metadata;
use tracing::subscriber::set_global_default;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry};

use crate::error::Error;
use lines::Lines;
use plain::{Now, Plain};

/// The key of `validator.toml` that names the format.
const KEY: &str = "log_format";

/// The environment's variable for how much is logged.
const LEVEL: &str = "BANDARI_LOG";

/// How targets of our own crates begin.
const OWN_TARGETS: &str = "bandari";

/// The lines of this process.
static LINES: OnceLock<Arc<Lines>> = OnceLock::new();

/// What log lines look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Plain,
    /// One object a line, for programs.
    Json,
}

impl LogFormat {
    /// What a configuration wants that is wrong otherwise: even what is wrong with it is told in this format.
    pub(crate) fn in_broken_configuration(text: &str) -> Self {
        let before_tables = text.lines().take_while(|line| !line.trim_start().starts_with('['));
        let value = before_tables.filter_map(|line| line.split_once('=')).find(|(key, _)| key.trim() == KEY);
        let is_json = |value: &str| value.trim_start_matches([' ', '\t', '"', '\'']).starts_with("json");
        value.filter(|(_, value)| is_json(value)).map_or(Self::Plain, |_| Self::Json)
    }
}

/// The log, from the start of the program to its end.
pub(crate) struct Log {
    format: LogFormat,
    lines: Arc<Lines>,
}

impl Log {
    /// Begins to log. `BANDARI_LOG` sets how much.
    ///
    /// # Errors
    /// [`Error::Io`] when the system has no thread to give.
    pub(crate) fn start(format: LogFormat) -> Result<Self, Error> {
        let lines = Lines::written_to(io::stderr(), |lost| {
            tracing::warn!(lost, "log lines were lost: standard error did not take them in time");
        })
        .map_err(Error::io("start", "a thread"))?;
        let lines = Arc::clone(LINES.get_or_init(|| lines));
        let wanted = env::var_os(LEVEL).map(|level| level.to_string_lossy().into_owned()).unwrap_or_default();
        let level = level(&wanted);
        let counts = level.unwrap_or(LevelFilter::INFO);
        let filter =
            filter_fn(move |line| is_told(line, counts)).with_max_level_hint(counts.max(LevelFilter::WARN));
        let subscriber = Registry::default().with(layer(format, Arc::clone(&lines))).with(filter);
        // It can fail only when there is a log already. What libraries write by the crate `log` is not taken up at all.
        let _ = set_global_default(subscriber);
        // The text of a panic may quote what it stumbled over; its place is enough to find it.
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(tracing::field::display);
            tracing::error!(place, "a bug in bandari-validator: please tell its makers this place");
        }));
        if level.is_none() {
            tracing::warn!(
                "`{LEVEL}`: found `{}`, expected off, error, warn, info, debug or trace: info counts",
                wanted.escape_debug()
            );
        }
        Ok(Self { format, lines })
    }

    /// Tells why the program ends.
    pub(crate) fn report(&self, error: &Error) {
        let error = WithCause(error);
        match self.format {
            // Behind the lines that wait, and without a panic when nobody reads.
            LogFormat::Plain => self.lines.add(format!("error: {error}\n").as_bytes()),
            LogFormat::Json => tracing::error!("{error}"),
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.lines.write_all();
    }
}

/// How much is told; nothing for a word that says nothing.
fn level(wanted: &str) -> Option<LevelFilter> {
    match wanted.to_ascii_lowercase().as_str() {
        "" => Some(LevelFilter::INFO),
        "off" | "error" | "warn" | "info" | "debug" | "trace" => wanted.parse().ok(),
        _ => None,
    }
}

/// Whether a line is told.
///
/// Libraries say what they work with: TLS its messages, HTTP clients addresses, databases statements. Whatever must be known of
/// their failures we log ourselves, once and without secrets; so `BANDARI_LOG=trace` is safe, too. What this module has to say, such
/// as why the program ends, is told however little is wanted.
fn is_told(line: &Metadata<'_>, level: LevelFilter) -> bool {
    line.target().starts_with(OWN_TARGETS) && (*line.level() <= level || line.target() == module_path!())
}

/// How many lines were lost since the start.
pub(crate) fn lost_lines() -> u64 {
    LINES.get().map_or(0, |lines| lines.lost())
}

fn layer(format: LogFormat, lines: Arc<Lines>) -> Box<dyn Layer<Registry> + Send + Sync> {
    let layer = tracing_subscriber::fmt::layer().with_target(false).with_writer(lines).with_timer(Now);
    let has_colors = io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none();
    match format {
        LogFormat::Plain if has_colors => layer.boxed(),
        LogFormat::Plain => layer.event_format(Plain).boxed(),
        LogFormat::Json => {
            layer.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
        }
    }
}

/// An error as a whole sentence.
pub(crate) struct WithCause<'e>(pub(crate) &'e Error);

impl fmt::Display for WithCause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        std::error::Error::source(self.0).map_or(Ok(()), |cause| write!(f, ": {cause}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_one_of_six_words() {
        for (wanted, expected) in [
            ("", Some(LevelFilter::INFO)),
            ("off", Some(LevelFilter::OFF)),
            ("WARN", Some(LevelFilter::WARN)),
            ("trace", Some(LevelFilter::TRACE)),
            ("verbose", None),
            ("sqlx=debug", None),
            ("3", None),
        ] {
            assert_eq!(level(wanted), expected, "{wanted}");
        }
    }

    #[test]
    fn a_broken_configuration_still_tells_the_format() {
        let of = LogFormat::in_broken_configuration;
        for json in
            ["log_format = \"json\"\nlisten = [\n", "x\n log_format='json'  # for the collector\n[mail"]
        {
            assert_eq!(of(json), LogFormat::Json, "{json}");
        }
        for plain in
            ["", "log_format = \"plain\"", "# log_format = \"json\"", "[mail]\nlog_format = \"json\""]
        {
            assert_eq!(of(plain), LogFormat::Plain, "{plain}");
        }
    }
}
