//! Clients that take connections and give nothing, or next to nothing.

use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bandari_tests::customers::{add_customers, customers};
use bandari_tests::load::{Load, Outcome};
use bandari_tests::shop::Shop;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpSocket;

use crate::row::{Skipped, Trial};

/// Connections that the server lets in at a time.
const PLACES: usize = 1_000;

/// How much memory a connection may take that sends slowly: what hyper reads into, what it has read, and the form.
const BYTES_PER_CONNECTION: u64 = 64 * 1024;

/// What a server may take besides, which does not grow.
const BYTES_BESIDES: u64 = 24 << 20;

/// Bytes that a slow client sends, each in a packet of its own.
const ROUNDS: usize = 150;

/// Between two of them.
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) fn slow_heads(trial: &mut Trial) -> Result<()> {
    flood(trial, b"GET /download/lighthouse_110 HTTP/1.1\r\nHost: x\r\nX-Slow: ", ROUNDS)
}

pub(crate) fn slow_bodies(trial: &mut Trial) -> Result<()> {
    let form = b"POST /check/lighthouse HTTP/1.1\r\nHost: x\r\n\
        Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 16000\r\n\r\n";
    flood(trial, form, ROUNDS)
}

pub(crate) fn silent(trial: &mut Trial) -> Result<()> {
    flood(trial, b"", 1)
}

/// In waves of as many as there are places, and some more.
fn flood(trial: &mut Trial, begin: &[u8], rounds: usize) -> Result<()> {
    let wave = (PLACES + PLACES / 5).min(trial.tries as usize);
    raise_open_files(wave as u64 + 500)?;
    let mut shop = Shop::closed(trial.programs.clone());
    shop.configure(&format!(
        "limits = {{ connections = {PLACES}, connections_per_address = 100, head_seconds = 60, body_seconds = 60 }}"
    ));
    let keys = customers(&shop, 4);
    shop.serve();
    trial.with_shop(&mut shop, |shop| {
        let mut load = Load::new();
        add_customers(&mut load, "customers", shop.port, &keys, 4);
        load.wait_for("customers", 100);
        let before = shop.memory_bytes();
        while trial.kept() < trial.tries {
            let clients = wave.min((trial.tries - trial.kept()) as usize);
            let mut streams = (0..clients)
                .map(|number| connect_from(number, shop.port))
                .collect::<Result<Vec<_>>>()
                .context("a connection of the flood")?;
            for stream in &mut streams {
                // Who is turned away may be so already.
                let _ = stream.write_all(begin);
            }
            for _ in 0..rounds {
                streams.iter_mut().for_each(|stream| drop(stream.write_all(b"a")));
                std::thread::sleep(PAUSE);
            }
            load.wait_for("customers", 50);
            let taken = shop.memory_bytes().saturating_sub(before);
            let bound = BYTES_BESIDES + BYTES_PER_CONNECTION * clients.min(PLACES) as u64;
            ensure!(taken < bound, "{clients} connections take {taken} bytes, which is more than {bound}");
            trial.keep_many(u32::try_from(clients)?);
        }
        let counts = load.end();
        let is_served = |outcome: &Outcome| *outcome == Outcome::Answered(302);
        // A customer's idle connection may be closed for a new one.
        let is_fair = |outcome: &Outcome| is_served(outcome) || *outcome == Outcome::ClosedWhileIdle;
        ensure!(counts["customers"].keys().all(is_fair), "{counts:?}");
        Ok(())
    })
}

/// Connects from one of many addresses of this machine.
pub(crate) fn connect_from(number: usize, port: u16) -> Result<TcpStream> {
    let from: IpAddr = format!("127.0.{}.{}", 1 + number / 50 % 250, 1 + number % 50).parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let stream = runtime.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await
    })?;
    let stream = stream.into_std()?;
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Lets this process have so many files open.
pub(crate) fn raise_open_files(wanted: u64) -> Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    let is_enough = maximum.is_none_or(|maximum| maximum >= wanted);
    is_enough.then_some(()).ok_or_else(|| Skipped(format!("{wanted} open files are needed")).into())
}
