//! Processes of the tests' own: who belongs to whom, and signals.

use std::fs;
use std::process::{Command, Stdio};

/// A process and those that it started.
///
/// # Panics
/// When the system does not tell.
#[must_use]
pub fn family(parent: u32) -> Vec<u32> {
    let is_child = |pid: &u32| {
        // `pid (name) state parent …`; what has ended meanwhile is nobody's child.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let behind_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        behind_name.split(' ').nth(1).and_then(|found| found.parse().ok()) == Some(parent)
    };
    let processes =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    std::iter::once(parent).chain(processes.filter(is_child)).collect()
}

/// Sends a signal. That one of them has ended already is no error.
///
/// # Panics
/// When there is no program for that.
pub fn signal(name: &str, pids: &[u32]) {
    let _ = Command::new("kill")
        .arg(format!("-{name}"))
        .args(pids.iter().map(ToString::to_string))
        .stderr(Stdio::null())
        .status()
        .unwrap();
}
