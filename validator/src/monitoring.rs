//! The private listener: whether this validator runs, whether it is ready, and what it counts. Nothing here tells a secret, yet
//! how a shop does is nobody else's business, so customers' addresses have none of it.

use bytes::Bytes;
use hyper::header;
use hyper::{Method, StatusCode};

use crate::live::Live;
use crate::metrics;
use crate::readiness::Found;
use crate::reply::Reply;

/// Answers `path` at `now` (Unix seconds).
pub(crate) async fn answer(live: &Live, method: &Method, path: &str, now: u64) -> Reply {
    let app = live.app();
    let is_address = matches!(path, "/healthz" | "/readyz" | "/metrics");
    if is_address && method != Method::GET && method != Method::HEAD {
        return Reply::method_not_allowed("GET, HEAD");
    }
    match path {
        "/healthz" => Reply::text(StatusCode::OK, "healthy", "ok"),
        "/readyz" => {
            let Found { missing, remarks } = app.lasting.readiness.find(live, now).await;
            let (status, outcome) = match missing {
                None => (StatusCode::OK, "ready"),
                Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "not-ready"),
            };
            let first = missing.unwrap_or_else(|| "ready".to_owned());
            let lines: Vec<String> = std::iter::once(first).chain(remarks).collect();
            Reply::text(status, outcome, &lines.join("\n"))
        }
        "/metrics" => Reply::new(StatusCode::OK, "metrics", Bytes::from(app.lasting.metrics.text(&app, now)))
            .with(header::CONTENT_TYPE, metrics::CONTENT_TYPE)
            .with(header::CACHE_CONTROL, "no-store"),
        _ => Reply::not_found(),
    }
}
