//! Sockets: accepting, limits, time-outs, and an orderly end. Nothing here knows about licenses.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_io_timeout::TimeoutStream;

use crate::key_mails;
use crate::limits::Limits;
use crate::live::Live;
use crate::reply::{Reply, ReplyBody};
use crate::routes::{Route, respond};

/// Most connections of the vendor's own monitoring. They are counted apart, so that a flood of customers hides no health.
const MAX_PRIVATE_CONNECTIONS: usize = 64;

/// For how long a client may take to send the head of a request, and may be idle between two.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Largest head of a request. A target with a key has a few hundred bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// For how long open answers may go on after the signal to stop. A package takes a while on a slow line.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// How long to wait after a failed accept: without it, a process out of file descriptors would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a listener is for.
#[derive(Clone)]
enum Side {
    /// Customers' requests.
    Public(Arc<Live>),
    /// The vendor's own monitoring.
    Private(Arc<Live>),
}

/// Serves until `shutdown` is done; then accepts nothing more and lets open answers end, within limits.
///
/// `listener` is where customers ask, `private` where the vendor's monitoring asks.
pub async fn serve(
    listener: TcpListener,
    private: TcpListener,
    live: Arc<Live>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let (stop, stopped) = watch::channel(false);
    let key_mails = tokio::spawn(key_mails::run(Arc::clone(&live), unix_seconds, stopped));
    let private_limits = Limits { max_connections: MAX_PRIVATE_CONNECTIONS, ..limits };
    // Two loops: nothing that customers do, or that happens to their connections, may delay an answer to the monitoring.
    tokio::select! {
        () = shutdown => {}
        never = accept_all(&listener, Side::Public(Arc::clone(&live)), limits, &graceful) => match never {},
        never = accept_all(&private, Side::Private(live), private_limits, &graceful) => match never {},
    }
    // From here on new connections are refused by the system, and a restarted server can take the address.
    drop((listener, private));
    let open_connections = graceful.count();
    tracing::info!(open_connections, "stopping");
    stop.send_replace(true);
    let (connections, mails) = tokio::join!(
        tokio::time::timeout(STOP_TIMEOUT, graceful.shutdown()),
        tokio::time::timeout(STOP_TIMEOUT, key_mails)
    );
    if connections.is_err() {
        tracing::warn!("some connections were still open after {} s and are cut", STOP_TIMEOUT.as_secs());
    }
    if mails.is_err() {
        tracing::warn!(
            "a key mail was under way after {} s and is tried again later",
            STOP_TIMEOUT.as_secs()
        );
    }
}

/// Accepts one connection after the other, for as long as it is asked to.
async fn accept_all(
    listener: &TcpListener,
    side: Side,
    limits: Limits,
    graceful: &GracefulShutdown,
) -> Infallible {
    let permits = Arc::new(Semaphore::new(limits.max_connections));
    loop {
        match accept(listener, &permits).await {
            Ok((stream, peer, permit)) => open(stream, peer, permit, side.clone(), limits, graceful),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer.ip(), permit))
}

fn open(
    stream: TcpStream,
    peer: IpAddr,
    permit: OwnedSemaphorePermit,
    side: Side,
    limits: Limits,
    graceful: &GracefulShutdown,
) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.write_timeout));
    let service = service_fn(move |request| answer(side.clone(), request, peer));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // A client that goes away in the middle is nothing that the vendor could do about.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(permit);
    });
}

async fn answer(
    side: Side,
    request: Request<Incoming>,
    peer: IpAddr,
) -> Result<Response<ReplyBody>, Infallible> {
    let live = match side {
        Side::Public(live) => live,
        Side::Private(live) => return Ok(private_answer(&live, request.uri().path()).await.response),
    };
    let begun = Instant::now();
    let (method, route) = (request.method().clone(), Route::of(request.method(), request.uri()).name());
    let reply = respond(&live.app(), request, peer, unix_seconds()).await;
    // Neither target nor headers: keys, addresses and signatures travel in them.
    let (status, outcome) = (reply.response.status().as_u16(), reply.outcome);
    let duration_us = begun.elapsed().as_micros();
    tracing::info!(%method, route, status, outcome, duration_us, "answered");
    Ok(reply.response)
}

async fn private_answer(live: &Live, path: &str) -> Reply {
    match path {
        "/healthz" => Reply::text(StatusCode::OK, "healthy", "ok"),
        "/readyz" if live.app().customers.is_there().await => Reply::text(StatusCode::OK, "ready", "ready"),
        "/readyz" => {
            let text = "not ready: the license store does not answer";
            Reply::text(StatusCode::SERVICE_UNAVAILABLE, "not-ready", text)
        }
        _ => Reply::not_found(),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the edge of the program, where time comes in")]
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::path::Path;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::app::App;
    use crate::config::Config;
    use crate::init::init;

    /// Larger than what fits into the sockets' buffers.
    const LARGE_BYTES: u64 = 30_000_000;

    const CATALOG: &str = r#"{"format": "bandari-catalog", "version": 1, "products": [],
        "site": {"title": "t", "vendor": "v", "public_url": "http://127.0.0.1"}}"#;

    /// A server of a folder with a large file in it. Gives the addresses for customers and for monitoring.
    async fn serve_large_file(folder: &Path, limits: Limits) -> (SocketAddr, SocketAddr) {
        std::fs::create_dir(folder.join("site")).unwrap();
        std::fs::File::create(folder.join("site/large.bin")).unwrap().set_len(LARGE_BYTES).unwrap();
        std::fs::write(folder.join("catalog.json"), CATALOG).unwrap();
        let config = "listen = '127.0.0.1:1'\nprivate_listen = '127.0.0.1:2'\ncatalog = 'catalog.json'\n\
                      key_set = 'k'\nserve_public = 'site'\n";
        let file = folder.join("validator.toml");
        std::fs::write(&file, config).unwrap();
        init(&file, None).await.unwrap();
        let app = App::load(&Config::load(&file).unwrap()).await.unwrap();
        let (listener, private) = (bind().await, bind().await);
        let addresses = (listener.local_addr().unwrap(), private.local_addr().unwrap());
        tokio::spawn(serve(listener, private, Arc::new(Live::new(app)), limits, std::future::pending()));
        addresses
    }

    async fn bind() -> TcpListener {
        TcpListener::bind(("127.0.0.1", 0)).await.unwrap()
    }

    async fn ask(address: SocketAddr, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// How much of an answer comes before its connection ends, in whatever way.
    async fn read_rest(stream: &mut TcpStream) -> u64 {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        bytes.len() as u64
    }

    #[tokio::test]
    async fn a_client_that_reads_nothing_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits { write_timeout: Duration::from_millis(200), ..Limits::default() };
        let (address, _) = serve_large_file(folder.path(), limits).await;
        let mut stream = ask(address, "/large.bin").await;
        tokio::time::sleep(limits.write_timeout * 4).await;
        assert!(read_rest(&mut stream).await < LARGE_BYTES);
    }

    #[tokio::test]
    async fn a_client_that_reads_slowly_gets_everything() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits { write_timeout: Duration::from_secs(1), ..Limits::default() };
        let (address, _) = serve_large_file(folder.path(), limits).await;
        let mut stream = ask(address, "/large.bin").await;
        let mut piece = vec![0; 2_000_000];
        let mut read = 0;
        for _ in 0..6 {
            tokio::time::sleep(limits.write_timeout / 4).await;
            read += stream.read_exact(&mut piece).await.unwrap() as u64;
        }
        assert!(read + read_rest(&mut stream).await > LARGE_BYTES);
    }

    #[tokio::test]
    async fn monitoring_is_answered_while_customers_have_to_wait() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits { max_connections: 1, ..Limits::default() };
        let (address, private) = serve_large_file(folder.path(), limits).await;
        let _taken = ask(address, "/large.bin").await;
        let mut waiting = ask(address, "/nothing").await;
        let wait = tokio::time::timeout(Duration::from_millis(200), read_rest(&mut waiting));
        assert!(wait.await.is_err(), "there is one place only");
        assert!(read_rest(&mut ask(private, "/healthz").await).await > 0);
    }
}
