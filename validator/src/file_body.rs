//! A file, or a part of one, as the body of an answer: read in large pieces on the blocking pool, one piece ahead of the
//! client.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, SizeHint};
use tokio::task::JoinHandle;

/// Read at once. From 256 KB on, the hop to the blocking pool costs less than the copying.
const PIECE_BYTES: u64 = 256 * 1024;

/// The bytes of a file from one offset to another.
#[derive(Debug)]
pub struct FileBody {
    file: Arc<File>,
    next_offset: u64,
    end: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    /// Not yet handed to the client, what is being read included.
    remaining: u64,
}

impl FileBody {
    /// The bytes from `start` up to, but not including, `end`.
    pub(crate) fn new(file: File, start: u64, end: u64) -> Self {
        Self { file: Arc::new(file), next_offset: start, end, reading: None, remaining: end - start }
    }

    /// Begins to read the next piece, when there is one.
    fn read_ahead(&mut self) {
        let offset = self.next_offset;
        let length = PIECE_BYTES.min(self.end - offset);
        if length == 0 {
            return;
        }
        self.next_offset += length;
        let file = Arc::clone(&self.file);
        self.reading = Some(tokio::task::spawn_blocking(move || {
            let length = usize::try_from(length).map_err(io::Error::other)?;
            let mut piece = BytesMut::zeroed(length);
            // A file that became shorter ends in an error, so that the client sees a broken transfer, not a short file.
            file.read_exact_at(&mut piece, offset)?;
            Ok(piece.freeze())
        }));
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.reading.is_none() {
            self.read_ahead();
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let piece = ready!(Pin::new(reading).poll(context)).map_err(io::Error::other).flatten();
        self.reading = None;
        match piece {
            Ok(piece) => {
                self.remaining -= piece.len() as u64;
                self.read_ahead();
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Err(error) => {
                self.next_offset = self.end;
                Poll::Ready(Some(Err(error)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
