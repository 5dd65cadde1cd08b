//! A file, or a part of one, as the body of an answer: read in large pieces. What the system has in memory is read at once, which
//! is quicker than to ask another thread to do it; for the rest the blocking pool waits.

use std::fs::File;
use std::future::Future;
use std::io::{self, IoSliceMut};
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use rustix::io::{ReadWriteFlags, preadv2};
use tokio::task::JoinHandle;

/// Read at once. It fits into a processor's own memory, so that what was written there is still at hand when it is sent.
const PIECE_BYTES: usize = 256 * 1024;

/// Most buffers that wait for their next use.
const MAX_SPARE_BUFFERS: usize = 4;

/// Buffers that wait for their next use: to get one of these from the system takes as long as to read a piece.
static SPARE_BUFFERS: Mutex<Vec<Box<[u8]>>> = Mutex::new(Vec::new());

/// A piece of a file. Its buffer is used again.
struct Piece {
    buffer: Box<[u8]>,
    length: usize,
}

impl Piece {
    /// Room for so many bytes, [`PIECE_BYTES`] at most.
    fn with_length(length: usize) -> Self {
        let spare = SPARE_BUFFERS.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self { buffer: spare.unwrap_or_else(|| vec![0; PIECE_BYTES].into_boxed_slice()), length }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[..self.length]
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.length]
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let mut spare = SPARE_BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < MAX_SPARE_BUFFERS {
            spare.push(std::mem::take(&mut self.buffer));
        }
    }
}

/// The bytes of a file from one offset to another.
#[derive(Debug)]
pub struct FileBody {
    file: Arc<File>,
    next_offset: u64,
    end: u64,
    /// What the blocking pool is reading.
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl FileBody {
    /// The bytes from `start` up to, but not including, `end`.
    pub(crate) fn new(file: File, start: u64, end: u64) -> Self {
        Self { file: Arc::new(file), next_offset: start, end, reading: None }
    }

    /// How many bytes have yet to come.
    fn remaining(&self) -> u64 {
        self.end - self.next_offset
    }

    /// How many bytes the next piece has.
    fn next_length(&self) -> usize {
        usize::try_from(self.remaining()).map_or(PIECE_BYTES, |remaining| remaining.min(PIECE_BYTES))
    }

    /// What the system has in memory of the next piece.
    fn read_at_once(&self) -> Option<Bytes> {
        let mut piece = Piece::with_length(self.next_length());
        let into = &mut [IoSliceMut::new(piece.bytes_mut())];
        let read = preadv2(&*self.file, into, self.next_offset, ReadWriteFlags::NOWAIT);
        // Nothing is a file that became shorter, which is told by whoever reads it again; so is a file system that cannot do this.
        piece.length = read.ok().filter(|length| *length > 0)?;
        Some(Bytes::from_owner(piece))
    }

    /// Has the blocking pool read the next piece.
    fn read_aside(&self) -> JoinHandle<io::Result<Bytes>> {
        let (file, offset, length) = (Arc::clone(&self.file), self.next_offset, self.next_length());
        tokio::task::spawn_blocking(move || {
            let mut piece = Piece::with_length(length);
            // A file that became shorter ends in an error, so that the client sees a broken transfer, not a short file.
            file.read_exact_at(piece.bytes_mut(), offset)?;
            Ok(Bytes::from_owner(piece))
        })
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.remaining() == 0 {
            return Poll::Ready(None);
        }
        let at_once = if self.reading.is_none() { self.read_at_once() } else { None };
        let piece = match at_once {
            Some(piece) => Ok(piece),
            None => {
                let mut reading = self.reading.take().unwrap_or_else(|| self.read_aside());
                let Poll::Ready(read) = Pin::new(&mut reading).poll(context) else {
                    self.reading = Some(reading);
                    return Poll::Pending;
                };
                read.map_err(io::Error::other).flatten()
            }
        };
        match piece {
            Ok(piece) => {
                self.next_offset += piece.len() as u64;
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Err(error) => {
                self.next_offset = self.end;
                Poll::Ready(Some(Err(error)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.remaining() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining())
    }
}
