//! What lies between hyper and a socket, and between hyper and the bodies of a request and its answer: all tell how far the
//! connection is.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::progress::{Phase, Progress};
use crate::reply::ReplyBody;

/// A client's line.
pub(super) struct Line<S> {
    stream: S,
    progress: Arc<Progress>,
}

impl<S> Line<S> {
    pub(super) fn new(stream: S, progress: Arc<Progress>) -> Self {
        Self { stream, progress }
    }

    /// Notes whether what is to leave has to wait for the client.
    fn note<T>(&self, leaving: &Poll<T>) {
        let was_stalled = self.progress.set_stalled(leaving.is_pending());
        // What leaves without waiting has left when the answer has, which is noted there.
        if was_stalled && leaving.is_ready() {
            self.progress.has_written();
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.progress.has_read();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        // TLS takes bytes before the socket does.
        self.note(&flushed);
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The body of a request on its way.
pub(super) struct Arriving {
    body: Incoming,
    progress: Arc<Progress>,
}

impl Arriving {
    pub(super) fn new(body: Incoming, progress: Arc<Progress>) -> Self {
        Self { body, progress }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.progress.has_body();
    }
}

impl Body for Arriving {
    type Data = <Incoming as Body>::Data;
    type Error = <Incoming as Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_pending() {
            self.progress.awaits_body();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer on its way. With its end the connection becomes idle.
pub(super) struct Leaving {
    body: ReplyBody,
    progress: Arc<Progress>,
}

impl Leaving {
    pub(super) fn new(body: ReplyBody, progress: Arc<Progress>) -> Self {
        Self { body, progress }
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.progress.begin(Phase::Idle);
    }
}

impl Body for Leaving {
    type Data = <ReplyBody as Body>::Data;
    type Error = <ReplyBody as Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::Instant;

    use super::*;
    use crate::limits::{LimitTable, Limits};

    #[tokio::test(start_paused = true)]
    async fn the_tail_of_an_answer_that_the_client_has_yet_to_take_is_not_idle() {
        let limits = Limits::of(&LimitTable::default()).unwrap();
        let (here, mut there) = tokio::io::duplex(10);
        let progress = Arc::new(Progress::new());
        let mut line = Line::new(here, Arc::clone(&progress));
        progress.begin(Phase::Idle);
        let tail = tokio::spawn(async move {
            line.write_all(&[1; 25]).await.unwrap();
            line.flush().await.unwrap();
            line
        });
        tokio::time::sleep(limits.idle * 2).await;
        assert_eq!((progress.deadline(&limits), progress.spare_since(Instant::now())), (None, None));
        there.read_exact(&mut [0; 25]).await.unwrap();
        let _line = tail.await.unwrap();
        assert_eq!(progress.deadline(&limits), Some(Instant::now() + limits.idle));
        assert_eq!(progress.spare_since(Instant::now()), Some(Instant::now()));
    }
}
