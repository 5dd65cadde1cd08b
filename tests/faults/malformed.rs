//! Very many requests, most of them malformed.

use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::scope;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bandari_tests::customers::{customers, target};
use bandari_tests::shop::Shop;

use crate::chance::Chance;
use crate::connections::connect_from;
use crate::row::Trial;

/// Clients at a time.
const CLIENTS: u32 = 4;

/// Requests between two looks at the server.
const STRETCH: u32 = 5_000;

/// How much more memory may be in use at the end than after the first stretch: what is remembered of senders is bounded.
const GROWTH_BYTES: u64 = 16 << 20;

/// How long to wait for an answer to what may have none.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn run(trial: &mut Trial) -> Result<()> {
    let (seeds, seed) = (seeds()?, trial.chance.bits());
    let mut shop = Shop::closed(trial.programs.clone());
    let key = customers(&shop, 1).remove(0);
    shop.serve();
    trial.with_shop(&mut shop, |shop| {
        let (mut first, sent) = (None, AtomicU32::new(0));
        while trial.kept() < trial.tries {
            let stretch = STRETCH.min(trial.tries - trial.kept());
            let begin = trial.kept();
            let ask = |client: u32| -> Result<()> {
                let name = format!("client {client} from request {begin} on");
                let mut chance = Chance::of(seed, &name);
                for _ in 0..stretch.div_ceil(CLIENTS) {
                    let number = sent.fetch_add(1, Ordering::Relaxed);
                    let request = malformed(&seeds, &mut chance);
                    provoke(shop.port, number as usize, &request)
                        .with_context(|| format!("to {:?}", String::from_utf8_lossy(&request)))?;
                }
                Ok(())
            };
            scope(|scope| {
                let ask = &ask;
                let clients: Vec<_> = (0..CLIENTS).map(|client| scope.spawn(move || ask(client))).collect();
                clients.into_iter().try_for_each(|client| client.join().expect("no client panics"))
            })?;
            let status = shop.get(&target(&key)).status;
            ensure!(status == 302, "a good request is answered with {status}");
            let (now, first) = (shop.memory_bytes(), *first.get_or_insert(shop.memory_bytes()));
            ensure!(
                now < first + GROWTH_BYTES,
                "{first} bytes at first, {now} after {} requests",
                begin + stretch
            );
            trial.keep_many(stretch);
        }
        Ok(())
    })
}

/// What the fuzzer of requests begins with.
fn seeds() -> Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/request");
    let mut files: Vec<_> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    files.iter().map(|file| Ok(fs::read(file)?)).collect()
}

/// A request with one to eight changes, or bytes that never were one.
fn malformed(seeds: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    if chance.percent(5) {
        let length = 1 + chance.below(2_000);
        return chance.bytes(length);
    }
    let mut bytes = chance.one_of(seeds).clone();
    for _ in 0..1 + chance.below(8) {
        let at = chance.below(bytes.len().max(1));
        match chance.below(6) {
            0 if !bytes.is_empty() => bytes[at] = chance.bits().to_le_bytes()[0],
            1 => bytes.insert(at, chance.bits().to_le_bytes()[0]),
            2 => bytes.truncate(at),
            3 if !bytes.is_empty() => drop(bytes.remove(at)),
            4 => {
                let other = chance.one_of(seeds);
                bytes.extend_from_slice(&other[chance.below(other.len())..]);
            }
            _ => bytes.splice(at..at, b"\r\n".iter().copied()).for_each(drop),
        }
    }
    bytes
}

/// Sends these bytes, as far as they are wanted, and reads what comes until the server closes.
fn provoke(port: u16, number: usize, bytes: &[u8]) -> Result<()> {
    let mut stream = connect_from(number, port).context("the server takes no connection")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // Whoever is refused early cannot send the rest.
    let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    // A reset comes where more was sent than was read.
    if let Err(error) = stream.read_to_end(&mut answer) {
        ensure!(
            error.kind() != std::io::ErrorKind::WouldBlock,
            "the connection is left open without an answer"
        );
    }
    let is_ours = answer.starts_with(b"HTTP/1.1 5") || answer.starts_with(b"HTTP/1.0 5");
    ensure!(!is_ours, "it answers {:?}", String::from_utf8_lossy(&answer[..answer.len().min(40)]));
    ensure!(answer.is_empty() || answer.starts_with(b"HTTP/1."), "it answers with what is no HTTP");
    Ok(())
}
