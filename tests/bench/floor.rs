//! The least that a cold build could take: walks a folder, reads each file and feeds the digests, with as many threads as there
//! are cores, the largest files first and in pieces as large as the build's. No zip is looked into and nothing is made of what
//! was read. With `--copy`, the bytes are copied afterwards, each file aside and renamed, as a build has to.
//! `sh tests/bench/run.sh` builds and runs it.

use std::cmp::Reverse;
use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use sha2::{Digest, Sha256, Sha384, Sha512};
use walkdir::WalkDir;

/// As much as the build reads at once.
const BUFFER_BYTES: usize = 256 * 1024;

const USAGE: &str = "usage: bench-floor sha256|all [--copy DIR] DIR";

/// Which digests are fed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Digests {
    Sha256,
    All,
}

/// A file below the folder.
struct Found {
    path: PathBuf,
    size_bytes: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (digests, copy_to, folder) = match arguments[..] {
        ["sha256", folder] => (Digests::Sha256, None, folder),
        ["all", folder] => (Digests::All, None, folder),
        ["sha256", "--copy", target, folder] => (Digests::Sha256, Some(target), folder),
        ["all", "--copy", target, folder] => (Digests::All, Some(target), folder),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(digests, copy_to.map(Path::new), Path::new(folder)) {
        Ok((files, folded)) => {
            // Printed so that no compiler leaves the digests out.
            println!("{files} files, digests folded into {folded:02x}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: `{folder}`: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(digests: Digests, copy_to: Option<&Path>, folder: &Path) -> io::Result<(usize, u8)> {
    let files = walk(folder)?;
    let folded = on_all_cores(&files, || vec![0; BUFFER_BYTES], |buffer, file| feed(digests, buffer, file))?;
    if let Some(target) = copy_to {
        let copied = |(): &mut (), file: &Found| copy(folder, target, file).map(|()| 0);
        on_all_cores(&files, || (), copied)?;
    }
    Ok((files.len(), folded))
}

/// Largest first: one that is begun last would keep a core busy while the others wait.
fn walk(folder: &Path) -> io::Result<Vec<Found>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let size_bytes = entry.metadata()?.len();
            files.push(Found { path: entry.into_path(), size_bytes });
        }
    }
    files.sort_by_key(|file| Reverse(file.size_bytes));
    Ok(files)
}

/// Works on each file, and folds what comes of them.
fn on_all_cores<S>(
    files: &[Found],
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &Found) -> io::Result<u8> + Sync,
) -> io::Result<u8> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut state = begin();
        let mut folded = 0;
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            folded ^= work(&mut state, file)?;
        }
        Ok(folded)
    };
    let threads = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let own = run();
        let end = |other: thread::ScopedJoinHandle<'_, _>| {
            other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        others.into_iter().map(end).fold(own, |folded, other| Ok(folded? ^ other?))
    })
}

fn feed(digests: Digests, buffer: &mut [u8], file: &Found) -> io::Result<u8> {
    let mut from = File::open(&file.path)?;
    let (mut sha256, mut sha384, mut sha512) = (Sha256::new(), Sha384::new(), Sha512::new());
    loop {
        let bytes = from.read(buffer)?;
        if bytes == 0 {
            break;
        }
        sha256.update(&buffer[..bytes]);
        if digests == Digests::All {
            sha384.update(&buffer[..bytes]);
            sha512.update(&buffer[..bytes]);
        }
    }
    Ok(sha256.finalize()[0] ^ sha384.finalize()[0] ^ sha512.finalize()[0])
}

fn copy(folder: &Path, target: &Path, file: &Found) -> io::Result<()> {
    let below = file.path.strip_prefix(folder).map_err(io::Error::other)?;
    let to = target.join(below);
    let aside = to.with_extension("aside");
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut from = File::open(&file.path)?;
    let mut copied = File::create(&aside)?;
    io::copy(&mut from, &mut copied)?;
    copied.set_modified(from.metadata()?.modified()?)?;
    fs::rename(&aside, &to)
}
