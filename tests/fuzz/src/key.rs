//! License keys: only those of customers open, however they are written and whichever way they come.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, StatusCode, header};
use serde_json::Value;

use crate::edit::Edit;
use crate::shop::{DERIVED_KEY, DOWNLOAD_ID, NOW, OPAQUE_KEY, Shop};

/// All keys that open the newest package.
const KEYS_OF_ADA: [&str; 3] = [DERIVED_KEY, DOWNLOAD_ID, OPAQUE_KEY];

/// Below this, the first byte of an input is no part of a key, and chooses one of Ada's for an [`Edit`] to spoil.
const CHOICES: u8 = 8;

/// Asks what a text is worth as a key. It comes in the query, and in one of the other ways.
///
/// # Panics
/// When something does not hold.
pub fn run(shop: &Shop, input: &[u8]) {
    let text = match input.split_first() {
        Some((choice, rest)) if *choice < CHOICES => {
            let Some((edit, _)) = Edit::split_off(rest) else { return };
            edit.apply(KEYS_OF_ADA[usize::from(*choice) % KEYS_OF_ADA.len()])
        }
        _ => String::from_utf8_lossy(input).into_owned(),
    };
    let pair = form_urlencoded::Serializer::new(String::new()).append_pair("dlid", &text).finish();
    let by_query = check(shop, request(Method::GET, &format!("/check/lantern?{pair}")), "");
    let is_valid = by_query["valid"] == true;
    assert_eq!(is_valid, by_query["state"] == "valid", "{by_query}");
    assert!(!is_valid || holds_good_key(&text), "{text:?} is nobody's key");
    assert!(is_valid || !KEYS_OF_ADA.contains(&&*text), "{text:?} is Ada's key");

    // A header holds visible ASCII, and loses the blanks at its ends.
    let fits_header = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    match text.len() % 3 {
        0 => {
            let download = request(Method::GET, &format!("/download/lantern_200?{pair}"));
            let status = answer(shop, download, "").0;
            assert_eq!(status == StatusCode::FOUND, is_valid, "check and download disagree on {text:?}");
        }
        1 if fits_header => {
            let mut request = request(Method::GET, "/check/lantern");
            request
                .headers_mut()
                .insert("x-download-key", text.parse().expect("visible ASCII makes a header"));
            assert_eq!(by_query, check(shop, request, ""), "query and header disagree on {text:?}");
        }
        _ => {
            let by_form = check(shop, request(Method::POST, "/check/lantern"), &pair);
            assert_eq!(by_query, by_form, "query and form disagree on {text:?}");
        }
    }
}

/// Whether one of Ada's keys for `harbor` stands in a text by itself, and not within a longer word.
fn holds_good_key(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == ':';
    let stands = |text: &str, key: &str, may_go_on: bool| {
        text.match_indices(key).any(|(at, _)| {
            let behind = &text[at + key.len()..];
            !text[..at].ends_with(is_part) && (may_go_on || !behind.starts_with(is_part))
        })
    };
    // Case counts in keys of other systems only, and what follows a Download ID does not.
    let lower = text.to_ascii_lowercase();
    stands(text, OPAQUE_KEY, false) || stands(&lower, DERIVED_KEY, false) || stands(&lower, DOWNLOAD_ID, true)
}

fn request(method: Method, target: &str) -> Request<()> {
    Request::builder()
        .method(method)
        .uri(target)
        .header(header::ACCEPT, "application/json")
        .body(())
        .expect("encoded text makes a target")
}

/// What `/check/` says.
fn check(shop: &Shop, request: Request<()>, form: &str) -> Value {
    let (status, body) = answer(shop, request, form);
    assert_eq!(status, StatusCode::OK);
    serde_json::from_slice(&body).expect("JSON")
}

fn answer(shop: &Shop, request: Request<()>, form: &str) -> (StatusCode, Bytes) {
    let (head, ()) = request.into_parts();
    let body = Full::new(Bytes::copy_from_slice(form.as_bytes()));
    shop.runtime.block_on(async {
        let reply = bandari_validator::respond(&shop.app, &head, body, shop.next_peer(), NOW).await;
        let (parts, body) = reply.response.into_parts();
        (parts.status, body.collect().await.expect("a text is there").to_bytes())
    })
}
