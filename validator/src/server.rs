//! Sockets: accepting, limits, time-outs, and an orderly end. Nothing here knows about licenses.

mod connection;
mod door;
mod line;
mod places;
mod progress;

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hyper::Response;
use hyper::http::request::Parts;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::key_mails;
use crate::limits::Limits;
use crate::live::Live;
use crate::monitoring;
use crate::reply::ReplyBody;
use crate::request_log::{self, Answered};
use crate::routes::{Route, respond};
use crate::tls::ServerTls;
use door::Door;
use line::Arriving;

/// Most connections of the vendor's own monitoring. They are counted apart, so that a flood of customers hides no health.
const MAX_PRIVATE_CONNECTIONS: usize = 64;

/// For how long open answers may go on after the signal to stop. A package takes a while on a slow line.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections that may wait for a place in the system's queue. Those above it are not heard, and their clients try again after a
/// second, then after three, and so on. Linux makes of it what `net.core.somaxconn` allows, which is as much by default.
const QUEUE: u32 = 4_096;

/// What a listener is for.
#[derive(Clone)]
enum Side {
    /// Customers' requests.
    Public(Arc<Live>),
    /// The vendor's own monitoring.
    Private(Arc<Live>),
}

impl Side {
    fn live(&self) -> &Live {
        match self {
            Self::Public(live) | Self::Private(live) => live,
        }
    }

    /// The word for it in metrics.
    fn name(&self) -> &'static str {
        match self {
            Self::Public(_) => "public",
            Self::Private(_) => "private",
        }
    }

    /// What its clients may take.
    fn limits(&self) -> Limits {
        match self {
            Self::Public(live) => live.app().config.limits,
            Self::Private(live) => Limits {
                connections: MAX_PRIVATE_CONNECTIONS,
                connections_per_address: MAX_PRIVATE_CONNECTIONS,
                ..live.app().config.limits
            },
        }
    }

    /// Present when its clients speak TLS.
    fn tls(&self) -> Option<ServerTls> {
        match self {
            Self::Public(live) => live.app().tls.clone(),
            Self::Private(_) => None,
        }
    }

    /// Whether at an address, which is canonical, is a proxy with many clients behind it.
    fn is_proxy(&self, address: IpAddr) -> bool {
        match self {
            Self::Public(live) => live.app().config.trusted_proxies.contains(address),
            Self::Private(_) => false,
        }
    }
}

/// Listens at an address, as `TcpListener::bind` does, with room for those who have to wait.
///
/// # Errors
/// The system's reason.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Else a restarted server would have to wait until the system has forgotten its connections.
    socket.set_reuseaddr(true)?;
    // An answer is written whole and has nothing to wait for. Linux hands this down to each connection.
    socket.set_nodelay(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

/// Serves until `shutdown` is done; then accepts nothing more and lets open answers end, within limits.
///
/// `listener` is where customers ask, `private` where the vendor's monitoring asks. `most_connections` is how many this process
/// has files for, whatever is configured.
pub async fn serve(
    listener: TcpListener,
    private: TcpListener,
    live: Arc<Live>,
    most_connections: usize,
    shutdown: impl Future<Output = ()>,
) {
    let (stop, stopped) = watch::channel(false);
    // Each connection has a receiver, and drops it when it has ended.
    let (connections, _) = watch::channel(());
    let key_mails = tokio::spawn(key_mails::run(Arc::clone(&live), unix_seconds, stopped));
    let public = Door::new(listener, Side::Public(Arc::clone(&live)), most_connections);
    let private = Door::new(private, Side::Private(live), MAX_PRIVATE_CONNECTIONS);
    // Two loops: nothing that customers do, or that happens to their connections, may delay an answer to the monitoring.
    tokio::select! {
        () = shutdown => {}
        never = public.let_in(&connections) => match never {},
        never = private.let_in(&connections) => match never {},
    }
    public.let_last_in(&connections);
    private.let_last_in(&connections);
    // From here on new connections are refused by the system, and a restarted server can take the address.
    let open_connections = connections.receiver_count();
    tracing::info!(open_connections, "stopping");
    stop.send_replace(true);
    connections.send_replace(());
    let (connections, mails) = tokio::join!(
        tokio::time::timeout(STOP_TIMEOUT, connections.closed()),
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

/// The head is lent, here and below: a future that takes it is larger by it, and each request would move it there.
async fn answer(
    side: &Side,
    head: &Parts,
    body: Arriving,
    peer: IpAddr,
    begun: Instant,
) -> Response<ReplyBody> {
    let now = unix_seconds();
    let live = match side {
        Side::Public(live) => live,
        Side::Private(live) => {
            return monitoring::answer(live, &head.method, head.uri.path(), now).await.response;
        }
    };
    let app = live.app();
    let route = Route::of(&head.method, &head.uri);
    let reply = respond(&app, head, body, peer, now).await;
    let (status, outcome) = (reply.response.status(), reply.outcome);
    let answered = Answered { route, status, outcome, duration: begun.elapsed() };
    app.lasting.metrics.answered(answered);
    request_log::log(&head.method, &reply.trace, answered);
    reply.response
}

/// Tells of what came and was no request, or not a whole one. Whatever is wrong with it is of the client's making, so nothing is quoted.
fn refuse_request(live: &Live, status: u16, outcome: &'static str) {
    live.app().lasting.metrics.connection_broke(outcome);
    tracing::info!(status, outcome, "answered");
}

#[expect(clippy::disallowed_methods, reason = "this is the edge of the program, where time comes in")]
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::app::App;
    use crate::config::Config;
    use crate::init::init;

    /// Larger than what fits into the sockets' buffers.
    const LARGE_BYTES: u64 = 30_000_000;

    const CATALOG: &str = r#"{"format": "bandari-catalog", "version": 1, "products": [],
        "site": {"title": "t", "vendor": "v", "public_url": "http://127.0.0.1"}}"#;

    /// A server of a folder with a large file in it. Gives the addresses for customers and for monitoring.
    async fn serve_large_file(folder: &Path, limit: impl FnOnce(&mut Limits)) -> (SocketAddr, SocketAddr) {
        std::fs::create_dir(folder.join("site")).unwrap();
        std::fs::File::create(folder.join("site/large.bin")).unwrap().set_len(LARGE_BYTES).unwrap();
        std::fs::write(folder.join("catalog.json"), CATALOG).unwrap();
        let config = "listen = '127.0.0.1:1'\nprivate_listen = '127.0.0.1:2'\ncatalog = 'catalog.json'\n\
                      key_set = 'k'\nserve_public = 'site'\n";
        let file = folder.join("validator.toml");
        std::fs::write(&file, config).unwrap();
        init(&file, None).await.unwrap();
        let mut app = App::load(&Config::load(&file).unwrap()).await.unwrap();
        limit(&mut app.config.limits);
        let (listener, private) = (bind().await, bind().await);
        let addresses = (listener.local_addr().unwrap(), private.local_addr().unwrap());
        tokio::spawn(serve(listener, private, Arc::new(Live::new(app)), 1_000, std::future::pending()));
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
        let write = Duration::from_millis(200);
        let (address, _) = serve_large_file(folder.path(), |limits| limits.write = write).await;
        let mut stream = ask(address, "/large.bin").await;
        tokio::time::sleep(write * 4).await;
        assert!(read_rest(&mut stream).await < LARGE_BYTES);
    }

    #[tokio::test]
    async fn a_client_that_reads_slowly_gets_everything() {
        let folder = tempfile::tempdir().unwrap();
        let write = Duration::from_secs(1);
        let set = |limits: &mut Limits| {
            limits.write = write;
            // What is on its way is not idle, however much shorter that limit is.
            limits.idle = write / 2;
        };
        let (address, _) = serve_large_file(folder.path(), set).await;
        let mut stream = ask(address, "/large.bin").await;
        let mut piece = vec![0; 2_000_000];
        let mut read = 0;
        for _ in 0..6 {
            tokio::time::sleep(write / 4).await;
            read += stream.read_exact(&mut piece).await.unwrap() as u64;
        }
        assert!(read + read_rest(&mut stream).await > LARGE_BYTES);
    }

    #[tokio::test]
    async fn monitoring_is_answered_while_customers_have_to_wait() {
        let folder = tempfile::tempdir().unwrap();
        let (address, private) = serve_large_file(folder.path(), |limits| limits.connections = 1).await;
        let _taken = ask(address, "/large.bin").await;
        let mut waiting = ask(address, "/nothing").await;
        let wait = tokio::time::timeout(Duration::from_millis(200), read_rest(&mut waiting));
        assert!(wait.await.is_err(), "there is one place only");
        assert!(read_rest(&mut ask(private, "/healthz").await).await > 0);
    }
}
