//! How much of the machine the server takes at most.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Most connections at a time. An idle one costs about 12 KB.
const MAX_CONNECTIONS: usize = 10_000;

/// For how long a client may take nothing of an answer that waits for it. A line that is merely slow takes a packet now and
/// then; who reads nothing at all would keep connection, file and buffers for ever.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Open files that are not customers': the monitoring's connections, the license store, listeners and standard streams.
const RESERVED_FILES: u64 = 100;

/// A customer's connection has its socket and, during a download from here, a file.
const FILES_PER_CONNECTION: u64 = 2;

/// Limits of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most connections of customers at a time; more of them wait.
    pub max_connections: usize,
    /// For how long a client may take nothing of an answer before its connection is closed.
    pub write_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_connections: MAX_CONNECTIONS, write_timeout: WRITE_TIMEOUT }
    }
}

impl Limits {
    /// As many connections as this process may have files open. Raises its own limit to what the system allows it first.
    #[must_use]
    pub fn of_this_process() -> Self {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
        let open_files = if raised.is_ok() { maximum } else { current };
        Self { max_connections: connections_within(open_files), ..Self::default() }
    }
}

/// How many connections fit into a limit of open files; nothing means that there is none.
fn connections_within(open_files: Option<u64>) -> usize {
    let Some(open_files) = open_files else { return MAX_CONNECTIONS };
    let connections = open_files.saturating_sub(RESERVED_FILES) / FILES_PER_CONNECTION;
    // One at least: a server that is far too small should still answer.
    usize::try_from(connections).unwrap_or(MAX_CONNECTIONS).clamp(1, MAX_CONNECTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_everything_else() {
        assert_eq!(connections_within(Some(1_100)), 500);
        assert_eq!(connections_within(Some(50)), 1);
        assert_eq!(connections_within(Some(u64::MAX)), MAX_CONNECTIONS);
        assert_eq!(connections_within(None), MAX_CONNECTIONS);
    }
}
