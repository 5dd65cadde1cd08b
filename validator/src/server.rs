//! Sockets: accepting, limits, time-outs, and an orderly end. Nothing here knows about licenses.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use crate::reply::{Reply, ReplyBody};
use crate::routes::{Route, respond};

/// Most connections at a time. An idle one costs about 12 KB.
const MAX_CONNECTIONS: usize = 10_000;

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
    Public(Arc<App>),
    /// The vendor's own monitoring.
    Private,
}

/// Serves until `shutdown` is done; then accepts nothing more and lets open answers end, within limits.
///
/// `listener` is where customers ask, `private` where the vendor's monitoring asks.
pub async fn serve(
    listener: TcpListener,
    private: TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let private_permits = Arc::new(Semaphore::new(MAX_PRIVATE_CONNECTIONS));
    tokio::pin!(shutdown);
    loop {
        let (accepted, side) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &permits) => (accepted, Side::Public(Arc::clone(&app))),
            accepted = accept(&private, &private_permits) => (accepted, Side::Private),
        };
        match accepted {
            Ok((stream, permit)) => open(stream, permit, side, &graceful),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    // From here on new connections are refused by the system, and a restarted server can take the address.
    drop((listener, private));
    let open_connections = graceful.count();
    tracing::info!(open_connections, "stopping");
    if tokio::time::timeout(STOP_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections were still open after {} s and are cut", STOP_TIMEOUT.as_secs());
    }
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, permit))
}

fn open(stream: TcpStream, permit: OwnedSemaphorePermit, side: Side, graceful: &GracefulShutdown) {
    let service = service_fn(move |request| answer(side.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // A client that goes away in the middle is nothing that the vendor could do about.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(permit);
    });
}

async fn answer(side: Side, request: Request<Incoming>) -> Result<Response<ReplyBody>, Infallible> {
    let Side::Public(app) = side else { return Ok(private_answer(request.uri().path()).response) };
    let begun = Instant::now();
    let (method, route) = (request.method().clone(), Route::of(request.method(), request.uri()).name());
    let reply = respond(&app, request, unix_seconds()).await;
    // Neither target nor headers: keys, addresses and signatures travel in them.
    let (status, outcome) = (reply.response.status().as_u16(), reply.outcome);
    let duration_us = begun.elapsed().as_micros();
    tracing::info!(%method, route, status, outcome, duration_us, "answered");
    Ok(reply.response)
}

fn private_answer(path: &str) -> Reply {
    match path {
        "/healthz" => Reply::text(StatusCode::OK, "healthy", "ok"),
        _ => Reply::not_found(),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the edge of the program, where time comes in")]
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
