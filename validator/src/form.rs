//! The body of a form.

use bytes::{BufMut, Bytes, BytesMut};
use http_body_util::{BodyExt, Limited};
use hyper::StatusCode;
use hyper::body::Body;
use hyper::header::{self, HeaderMap};

use crate::limits::BodyLimits;
use crate::reply::Reply;

/// The one form that is read (URL Standard, section 5). PHP reads it, too, so jBackend's clients send it.
const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Reads the form of a `POST`. Without a limit of time, a client that never sends its end would keep
/// its connection for ever.
///
/// # Errors
/// The answer to a body that is no form, too large or too late.
pub(crate) async fn read<B>(headers: &HeaderMap, body: B, limits: BodyLimits) -> Result<Bytes, Reply>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if body.size_hint().lower() > limits.bytes as u64 {
        return Err(too_large(limits));
    }
    if !body.is_end_stream() && !is_form(headers) {
        let text = format!("This address reads bodies of the type {FORM_TYPE} only.");
        // What Accept means in an answer: RFC 9110, section 15.5.16.
        return Err(Reply::text(StatusCode::UNSUPPORTED_MEDIA_TYPE, "body", &text)
            .with(header::ACCEPT, FORM_TYPE)
            .with(header::CONNECTION, "close"));
    }
    match tokio::time::timeout(limits.time, collect(Limited::new(body, limits.bytes))).await {
        Ok(Ok(form)) => Ok(form),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_large(limits)),
        Ok(Err(_)) => Err(Reply::text(StatusCode::BAD_REQUEST, "body", "The form did not arrive whole.")
            .with(header::CONNECTION, "close")),
        // What may still come of the form is not to be taken for the next request.
        Err(_) => Err(Reply::text(StatusCode::REQUEST_TIMEOUT, "body", "The form did not arrive in time.")
            .with(header::CONNECTION, "close")),
    }
}

/// Copies what comes into a buffer of its own. A piece that is kept as it comes keeps all that was made ready to read it into,
/// and that is thousands of times as much where a client sends byte by byte.
async fn collect<B>(body: B) -> Result<Bytes, B::Error>
where
    B: Body,
{
    let mut body = std::pin::pin!(body);
    let mut form = BytesMut::new();
    while let Some(frame) = body.frame().await {
        // What follows a body in trailers belongs to no form.
        if let Ok(mut piece) = frame?.into_data() {
            form.put(&mut piece);
        }
    }
    Ok(form.freeze())
}

fn too_large(limits: BodyLimits) -> Reply {
    let text = format!("The form is too large: {} bytes are read at most.", limits.bytes);
    Reply::text(StatusCode::PAYLOAD_TOO_LARGE, "body", &text).with(header::CONNECTION, "close")
}

/// A body that does not say what it is, is taken for a form; one that was encoded for its way is none.
fn is_form(headers: &HeaderMap) -> bool {
    let value = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let essence = |value: &str| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    value(header::CONTENT_TYPE).is_none_or(|value| essence(value) == FORM_TYPE)
        && value(header::CONTENT_ENCODING).is_none_or(|value| essence(value) == "identity")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll};
    use std::time::Duration;

    use http_body_util::Full;
    use hyper::body::Frame;
    use hyper::header::HeaderValue;

    use super::*;

    const LIMITS: BodyLimits = BodyLimits { bytes: 16, time: Duration::from_secs(10) };

    /// The body of a client that promises a form and sends none.
    struct NeverSent;

    impl Body for NeverSent {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    /// Memory that is taken as long as a piece of it is kept.
    struct Taken {
        memory: Vec<u8>,
        alive: Arc<AtomicUsize>,
    }

    impl AsRef<[u8]> for Taken {
        fn as_ref(&self) -> &[u8] {
            &self.memory
        }
    }

    impl Drop for Taken {
        fn drop(&mut self) {
            self.alive.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// The body of a client that sends byte by byte, each of which was read into a buffer of its own.
    struct Dripping {
        left: usize,
        alive: Arc<AtomicUsize>,
        /// Most buffers at a time.
        most: Arc<AtomicUsize>,
    }

    impl Body for Dripping {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let Some(left) = self.left.checked_sub(1) else { return Poll::Ready(None) };
            self.left = left;
            let alive = 1 + self.alive.fetch_add(1, Ordering::Relaxed);
            self.most.fetch_max(alive, Ordering::Relaxed);
            let taken = Taken { memory: vec![b'a'; 8_192], alive: Arc::clone(&self.alive) };
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(taken).slice(..1)))))
        }
    }

    #[tokio::test]
    async fn a_form_that_comes_byte_by_byte_takes_no_more_memory_than_another_one() {
        let most = Arc::new(AtomicUsize::new(0));
        let body = Dripping { left: LIMITS.bytes, alive: Arc::default(), most: Arc::clone(&most) };
        let form = read(&HeaderMap::new(), body, LIMITS).await.unwrap();
        assert_eq!(form, "a".repeat(LIMITS.bytes));
        assert!(most.load(Ordering::Relaxed) <= 2, "{most:?} buffers are kept");
    }

    fn typed(content_type: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))])
    }

    async fn status_of(headers: &HeaderMap, body: &'static [u8]) -> Option<StatusCode> {
        let read = read(headers, Full::new(Bytes::from_static(body)), LIMITS).await;
        read.err().map(|reply| reply.response.status())
    }

    #[tokio::test(start_paused = true)]
    async fn a_form_that_does_not_arrive_is_not_waited_for() {
        let begun = tokio::time::Instant::now();
        let headers = HeaderMap::new();
        let read = read(&headers, NeverSent, LIMITS);
        let reply = tokio::time::timeout(LIMITS.time * 2, read).await.expect("a limit").unwrap_err();
        assert_eq!(begun.elapsed().as_secs(), LIMITS.time.as_secs());
        assert_eq!(reply.response.status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(reply.response.headers()[header::CONNECTION], "close");
    }

    #[tokio::test]
    async fn a_form_of_the_largest_size_is_read_and_one_byte_more_is_not() {
        assert_eq!(status_of(&HeaderMap::new(), b"0123456789abcdef").await, None);
        let larger = status_of(&HeaderMap::new(), b"0123456789abcdefg").await;
        assert_eq!(larger, Some(StatusCode::PAYLOAD_TOO_LARGE));
    }

    #[tokio::test]
    async fn only_forms_are_read() {
        for good in ["application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded; charset=UTF-8"]
        {
            assert_eq!(status_of(&typed(good), b"a=b").await, None, "{good}");
        }
        assert_eq!(status_of(&HeaderMap::new(), b"a=b").await, None);
        assert_eq!(status_of(&typed("application/json"), b"").await, None, "there is nothing to read");
        for bad in ["application/json", "multipart/form-data; boundary=x", ""] {
            assert_eq!(
                status_of(&typed(bad), b"{}").await,
                Some(StatusCode::UNSUPPORTED_MEDIA_TYPE),
                "{bad}"
            );
        }
        let mut packed = typed(FORM_TYPE);
        packed.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(status_of(&packed, b"x").await, Some(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
}
