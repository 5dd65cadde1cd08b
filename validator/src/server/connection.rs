//! One connection, from its handshake to its end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, HeaderMap};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::server::TlsStream;

use super::line::{Arriving, Leaving, Line};
use super::places::Place;
use super::progress::Phase;
use super::{Side, answer, refuse_request};
use crate::limits::Limits;
use crate::tls::ServerTls;

/// For how long a connection without a request is waited for when the server stops: its request may be on the way.
const LAST_REQUEST: Duration = Duration::from_secs(1);

/// For how long what a client still sends is read after the last answer. A socket that is closed with something unread in it
/// resets the connection, and the client may lose the answer (RFC 9112, section 9.6).
const LINGER: Duration = Duration::from_secs(5);

/// After how long a client that sends no more has surely read the last answer.
const LINGER_SILENCE: Duration = Duration::from_secs(1);

/// Bytes that are read at a time to be thrown away.
const LINGER_BYTES: usize = 16 * 1024;

/// Answer to a request that does not arrive in time.
const LATE_REQUEST: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Answer to a client that does not speak TLS where it should.
const NO_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\
    content-type: text/plain; charset=utf-8\r\ncontent-length: 37\r\n\r\nThis address speaks https, not http.\n";

/// A client that has a place.
pub(super) struct Guest {
    side: Side,
    peer: IpAddr,
    place: Place,
    limits: Limits,
}

/// How a connection came to its end.
enum End {
    /// By HTTP's own rules, or because something was wrong with it.
    Http(hyper::Result<()>),
    /// The client took too long for this.
    Late(Phase),
    /// The client was at this, and others need its place more.
    MadeRoom(Phase),
}

impl Guest {
    pub(super) fn new(side: Side, peer: IpAddr, place: Place, limits: Limits) -> Self {
        Self { side, peer, place, limits }
    }

    /// Serves the connection to its end.
    pub(super) async fn serve(self, stream: TcpStream, stop: watch::Receiver<()>) {
        let _open = self.side.live().app().lasting.metrics.connection(self.side.name());
        match self.side.tls() {
            None => self.speak(stream, stop).await,
            // Apart, so that connections without TLS need no memory for it.
            Some(tls) => {
                Box::pin(async move {
                    if let Some(stream) = self.shake_hands(stream, &tls, stop.clone()).await {
                        self.speak(stream, stop).await;
                    }
                })
                .await;
            }
        }
    }

    /// Makes TLS of a connection, within the time for a head; nothing when that fails.
    async fn shake_hands(
        &self,
        stream: TcpStream,
        tls: &ServerTls,
        mut stop: watch::Receiver<()>,
    ) -> Option<TlsStream<TcpStream>> {
        let progress = &self.place.progress;
        let deadline = progress.deadline(&self.limits).unwrap_or_else(Instant::now);
        let last_request = async {
            let _ = stop.changed().await;
            sleep(LAST_REQUEST).await;
        };
        tokio::select! {
            biased;
            made = handshake(stream, tls) => match made {
                Ok(made) => made,
                Err(error) => {
                    tracing::debug!(%error, "a handshake failed");
                    None
                }
            },
            () = progress.leave.notified() => None,
            () = last_request => None,
            () = sleep_until(deadline) => {
                tracing::debug!("a handshake took too long");
                None
            }
        }
    }

    /// Speaks HTTP to its end.
    async fn speak<S>(&self, stream: S, mut stop: watch::Receiver<()>)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.write));
        let line = Line::new(Box::pin(stream), Arc::clone(&self.place.progress));
        // On the heap, a request takes memory while it is answered only, and not for as long as its connection idles.
        let service = service_fn(|request| Box::pin(self.answer(request)));
        // hyper's own limit of time cannot tell a head that is slow from a connection that is idle.
        let mut connection = http1::Builder::new()
            .header_read_timeout(None)
            // Whether a client is still there while its request is answered, the writing shows; to look for it costs each request
            // a buffer. And who has sent all of its requests may close its side and still read.
            .half_close(true)
            .max_header_size(self.limits.head_bytes)
            .max_buf_size(self.limits.head_bytes)
            .serve_connection(TokioIo::new(line), service);
        let end = self.oversee(&mut connection, &mut stop).await;
        let http1::Parts { io, read_buf, .. } = connection.into_parts();
        self.end(end, io.into_inner(), &read_buf).await;
        // Until here, the server waits for this connection when it stops.
        drop(stop);
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Leaving>, Infallible> {
        let progress = &self.place.progress;
        let begun = progress.begin(Phase::Busy);
        let has_body = !request.body().is_end_stream();
        let (head, body) = request.into_parts();
        let body = Arriving::new(body, Arc::clone(progress));
        let response = answer(&self.side, &head, body, self.peer, begun).await;
        progress.set_unread(has_body || closes(response.headers()));
        Ok(response.map(|body| Leaving::new(body, Arc::clone(progress))))
    }

    /// Drives a connection until it ends or has to.
    async fn oversee<C: Conversation>(&self, connection: &mut C, stop: &mut watch::Receiver<()>) -> End {
        let progress = &self.place.progress;
        let mut timer = pin!(sleep_until(Instant::now() + self.limits.head));
        let mut stopping = Stopping::No;
        loop {
            tokio::select! {
                biased;
                end = poll_fn(|cx| self.advance(connection, &mut stopping, timer.as_mut(), cx)) => return end,
                // What has begun since it was asked to is let be; it is asked once more when it has to.
                () = progress.leave.notified() => if progress.spare_since(Instant::now()).is_some() {
                    return End::MadeRoom(progress.now().0);
                },
                _ = stop.changed(), if matches!(stopping, Stopping::No) => {
                    stopping = Stopping::Until(Instant::now() + LAST_REQUEST);
                }
            }
        }
    }

    /// Takes the connection a step further, and looks at the clock then: what has come in is always read first.
    fn advance<C: Conversation>(
        &self,
        connection: &mut C,
        stopping: &mut Stopping,
        mut timer: Pin<&mut Sleep>,
        cx: &mut Context<'_>,
    ) -> Poll<End> {
        let progress = &self.place.progress;
        loop {
            if let Poll::Ready(result) = connection.poll(cx) {
                return Poll::Ready(End::Http(result));
            }
            if stopping.is_due(progress.now().0) {
                *stopping = Stopping::Told;
                connection.stop();
                continue;
            }
            let late = progress.deadline(&self.limits);
            let Some(next) = late.into_iter().chain(stopping.deadline()).min() else { return Poll::Pending };
            if timer.deadline() > next || timer.is_elapsed() {
                timer.as_mut().reset(next);
            }
            ready!(timer.as_mut().poll(cx));
            // Mostly the deadline has moved on when the timer fires, which costs less than to set it for each request.
            if late.is_some_and(|late| late <= Instant::now()) {
                return Poll::Ready(End::Late(progress.now().0));
            }
        }
    }

    /// Says what is left to say, and closes.
    async fn end<S>(&self, end: End, mut line: Line<S>, unfinished: &Bytes)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        // Whoever waits for the place has waited long enough.
        let has_time = matches!(end, End::Late(_));
        let lingers = match end {
            End::Http(Ok(())) => self.place.progress.is_unread(),
            End::Http(Err(error)) if error.is_parse_too_large() => {
                refuse_request(self.side.live(), 431, "head");
                true
            }
            End::Http(Err(error)) if error.is_parse() => {
                refuse_request(self.side.live(), 400, "malformed");
                true
            }
            // A client that goes away in the middle is nothing that the vendor could do about.
            End::Http(Err(error)) => {
                tracing::debug!(%error, "a connection ended early");
                self.side.live().app().lasting.metrics.connection_broke("closed");
                return;
            }
            End::Late(phase) | End::MadeRoom(phase) if phase != Phase::Form && unfinished.is_empty() => false,
            End::Late(_) | End::MadeRoom(_) => {
                refuse_request(self.side.live(), 408, "late");
                let _ = timeout(LINGER_SILENCE, line.write_all(LATE_REQUEST)).await;
                has_time
            }
        };
        self.place.progress.begin(Phase::Idle);
        tokio::select! {
            _ = timeout(LINGER, close(line, lingers)) => {}
            () = self.place.progress.leave.notified() => {}
        }
    }
}

/// Whether the server stops.
enum Stopping {
    No,
    /// A first request is waited for until then.
    Until(Instant),
    /// The connection knows that it has to end.
    Told,
}

impl Stopping {
    /// Whether the connection is to be told now, because it answers its last request or idles, or because none has come.
    fn is_due(&self, phase: Phase) -> bool {
        matches!(self, Self::Until(last) if phase != Phase::Head || *last <= Instant::now())
    }

    fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Until(last) => Some(*last),
            Self::No | Self::Told => None,
        }
    }
}

/// A connection of hyper's, whatever its types are.
trait Conversation {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<hyper::Result<()>>;

    /// Lets what is being answered be the last.
    fn stop(&mut self);
}

impl<I, S> Conversation for http1::Connection<I, S>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    S: hyper::service::HttpService<Incoming, ResBody = Leaving, Error = Infallible, Future: Unpin> + Unpin,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        // How the line is closed is up to `Guest::end`.
        self.poll_without_shutdown(cx)
    }

    fn stop(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

/// Nothing when the client does not speak TLS, which it is told.
async fn handshake(mut stream: TcpStream, tls: &ServerTls) -> io::Result<Option<TlsStream<TcpStream>>> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Ok(None);
    }
    // Methods begin with a letter (RFC 9110, section 9.1), handshakes with 22 (RFC 8446, section 5.1). Without this, an error
    // of TLS would be all that such a client sees.
    if first[0].is_ascii_alphabetic() {
        stream.write_all(NO_TLS).await?;
        close(stream, true).await?;
        return Ok(None);
    }
    tls.acceptor().accept(stream).await.map(Some)
}

/// Closes a connection; with `lingers`, only when the client has closed it, too, or is silent.
async fn close<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, lingers: bool) -> io::Result<()> {
    stream.shutdown().await?;
    if !lingers {
        return Ok(());
    }
    let mut thrown_away = vec![0; LINGER_BYTES];
    while let Ok(read) = timeout(LINGER_SILENCE, stream.read(&mut thrown_away)).await {
        if read? == 0 {
            break;
        }
    }
    Ok(())
}

/// Whether an answer ends its connection.
fn closes(headers: &HeaderMap) -> bool {
    headers.get(CONNECTION).is_some_and(|value| value == "close")
}
