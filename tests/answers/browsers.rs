//! Plain HTTP, as browsers and tools use it: methods, bodies, unknown addresses, cross-origin requests, headers of pages.

use super::*;

fn ask(customers: &Customers, method: &str, target: &str, headers: &[&str], body: &[u8]) -> Answer {
    customers.ask(method, target, headers, body)
}

#[test]
fn a_method_that_an_address_does_not_know_is_told_which_ones_it_knows() {
    let customers = Customers::of("");
    for (target, allowed) in [
        ("/download/lighthouse_110", "GET, HEAD, POST"),
        ("/send-key/lighthouse", "GET, HEAD, POST, OPTIONS"),
        ("/check/lighthouse", "GET, HEAD, POST, OPTIONS"),
        ("/check/download/lighthouse_110", "GET, HEAD, POST, OPTIONS"),
        ("/post/release/validate/lighthouse", "GET, HEAD, POST, OPTIONS"),
        ("/collection.xml", "GET, HEAD"),
    ] {
        for method in ["PUT", "DELETE", "PATCH", "TRACE", "BREW"] {
            let answer = ask(&customers, method, target, &[], b"");
            assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{method} {target}");
        }
    }
    assert_eq!(ask(&customers, "POST", "/collection.xml", &[], b"").status, 405);
    // A browser goes to a download itself, so no page asks before.
    assert_eq!(ask(&customers, "OPTIONS", "/download/lighthouse_110", &[], b"").status, 405);
}

#[test]
fn head_is_get_without_its_body() {
    let customers = Customers::of("");
    for target in [
        "/check/lighthouse?dlid=x",
        "/check/nothing",
        "/check/download/lighthouse_110",
        "/check/download/lighthouse_110?dlid=x",
        "/check/download/nothing",
        "/send-key/lighthouse",
        "/send-key/nothing",
        "/post/release/validate/lighthouse?email=a%40b.example&key=x",
        "/download/nothing",
        "/",
        "/nothing",
    ] {
        for headers in [&BROWSER[..], &PROGRAM] {
            let (get, head) = (customers.get(target, headers), ask(&customers, "HEAD", target, headers, b""));
            assert_eq!(
                (head.status, head.headers_but_date()),
                (get.status, get.headers_but_date()),
                "{target}"
            );
            assert!(head.body.is_empty() && !get.body.is_empty(), "{target}");
        }
    }
}

#[test]
fn an_address_that_means_nothing_is_not_found() {
    let customers = Customers::of("");
    for target in [
        "/nothing",
        "/check",
        "/check/",
        "/check?id=",
        "/check?id=nothing",
        "/check/nothing",
        "/check/nothing?id=lighthouse",
        "/check/lighthouse/x",
        "/check/download",
        "/check/download/nothing",
        "/check/post/release/validate/lighthouse",
        "/send-key",
        "/send-key/?id=",
        "/send-key/nothing",
        "/send-key/lighthouse/x",
        "/download/",
        "/edge",
    ] {
        let answer = customers.get(target, &[]);
        assert_eq!(answer.status, 404, "{target}");
        assert!(answer.body.len() < 500, "{target}: short");
    }
    let unknown = json(&customers.get("/check/nothing", &[]));
    assert_eq!((&unknown["status"], &unknown["error_code"]), (&"ko".into(), &"REL_GNF".into()));
    for target in ["/check/nothing", "/download/nothing"] {
        let page = customers.get(target, &BROWSER);
        assert_eq!(
            (page.status, page.header("content-type")),
            (404, Some("text/html; charset=utf-8")),
            "{target}"
        );
    }
}

#[test]
fn a_body_that_is_no_form_is_refused() {
    let customers = Customers::of("");
    for target in [
        "/check/lighthouse",
        "/send-key/lighthouse",
        "/download/lighthouse_110",
        "/post/release/validate/lighthouse",
    ] {
        let json = ask(&customers, "POST", target, &["Content-Type: application/json"], b"{\"key\":1}");
        assert_eq!(json.status, 415, "{target}");
        assert_eq!(json.header("accept"), Some("application/x-www-form-urlencoded"));
        assert_eq!(ask(&customers, "POST", target, &[], &[b'a'; 20_000]).status, 413, "{target}");
    }
}

#[test]
fn the_public_site_and_nobody_else_may_ask_from_a_visitors_browser() {
    let customers = Customers::of("");
    let ours = format!("Origin: http://127.0.0.1:{}", customers.shop.port);
    let our_origin = ours.strip_prefix("Origin: ").unwrap();
    for target in [
        "/check/lighthouse?dlid=x",
        "/check?id=lighthouse",
        "/check/nothing",
        "/check/download/lighthouse_110?dlid=x",
        "/check/post/release/download/nothing",
        "/send-key/lighthouse",
        "/send-key/nothing",
        "/post/release/validate/lighthouse",
        "/post/x",
    ] {
        let answer = customers.get(target, &[&ours]);
        assert_eq!(answer.header("access-control-allow-origin"), Some(our_origin), "{target}");
        assert_eq!(answer.header("vary"), Some("Origin"), "{target}");
        for origin in
            ["Origin: https://evil.example", "Origin: null", &format!("{ours}0"), "Accept-Charset: x"]
        {
            let answer = customers.get(target, &[origin]);
            assert_eq!(answer.header("access-control-allow-origin"), None, "{target} {origin}");
            assert_eq!(answer.header("vary"), Some("Origin"), "{target} {origin}");
        }
    }
    for method in ["GET", "POST", "OPTIONS"] {
        let answer = ask(&customers, method, "/download/lighthouse_110", &[&ours], b"");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{method}");
    }
}

#[test]
fn a_browser_that_asks_first_is_told_what_it_may_send() {
    let customers = Customers::of("");
    let ours = format!("Origin: http://127.0.0.1:{}", customers.shop.port);
    let lines = [ours.as_str(), "Access-Control-Request-Method: POST"];
    let answer = ask(&customers, "OPTIONS", "/check/lighthouse", &lines, b"");
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET, HEAD, POST, OPTIONS"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("authorization, x-download-key"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let foreign = ask(&customers, "OPTIONS", "/check/lighthouse", &["Origin: https://evil.example"], b"");
    assert_eq!(foreign.status, 204);
    assert_eq!(foreign.header("access-control-allow-methods"), None);
    assert_eq!(foreign.header("access-control-allow-origin"), None);
    let send_key = ask(&customers, "OPTIONS", "/send-key/lighthouse", &lines, b"");
    assert_eq!(send_key.headers_but_date(), answer.headers_but_date());
    let whole_call = ask(&customers, "OPTIONS", "/", &lines, b"");
    assert_eq!(whole_call.header("access-control-allow-methods"), Some("GET, HEAD, POST, OPTIONS"));
}

#[test]
fn a_refused_method_or_body_can_be_read_by_the_public_site_as_well() {
    let customers = Customers::of("");
    let ours = format!("Origin: http://127.0.0.1:{}", customers.shop.port);
    let put = ask(&customers, "PUT", "/check/lighthouse", &[&ours], b"");
    let json =
        ask(&customers, "POST", "/check/lighthouse", &[&ours, "Content-Type: application/json"], b"{}");
    for (answer, status) in [(put, 405), (json, 415)] {
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), ours.strip_prefix("Origin: "));
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
}

#[test]
fn pages_can_neither_be_framed_nor_kept_nor_loaded_with_anything() {
    let customers = Customers::of("");
    for target in [
        "/download/lighthouse_110",
        "/check/lighthouse",
        "/check/lighthouse?dlid=x",
        "/send-key/lighthouse",
        "/download/nothing",
    ] {
        let page = customers.get(target, &BROWSER);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-robots-tag", "noindex"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(page.header(name), Some(value), "{target}: {name}");
        }
        assert!(!page.text().contains("<script"), "{target}");
    }
}

#[test]
fn pages_of_the_public_site_cannot_be_framed_or_sniffed_either() {
    let customers = Customers::of("");
    let page = customers.get("/", &BROWSER);
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("strict-origin-when-cross-origin"));
    assert_eq!(
        page.header("content-security-policy"),
        Some("base-uri 'none'; object-src 'none'; frame-ancestors 'none'")
    );
}

#[test]
fn a_person_who_finds_nothing_sees_the_sites_own_page_and_nobody_else_does() {
    let customers = Customers::of("");
    let file = |name: &str| customers.shop.path("output/public").join(name);
    std::fs::write(file("404.html"), "<p>Lost at sea</p>").unwrap();
    std::fs::create_dir_all(file("de")).unwrap();
    std::fs::write(file("de/404.html"), "<p>Verschollen</p>").unwrap();
    std::fs::write(file("_headers"), "/*\n  X-A: b\n").unwrap();
    for (target, text) in [
        ("/nothing", "<p>Lost at sea</p>"),
        ("/files/nothing.zip", "<p>Lost at sea</p>"),
        ("/_headers", "<p>Lost at sea</p>"),
        ("/de/nothing/", "<p>Verschollen</p>"),
    ] {
        let page = customers.get(target, &BROWSER);
        assert_eq!((page.status, page.text()), (404, text), "{target}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = Some("base-uri 'none'; object-src 'none'; frame-ancestors 'none'");
        assert_eq!(page.header("content-security-policy"), policy);
        // Nothing of a file is known to anybody here.
        let again = [BROWSER[0], BROWSER[1], "If-None-Match: *", "Range: bytes=0-3"];
        assert_eq!(customers.get(target, &again).status, 404, "{target}");
        let head = ask(&customers, "HEAD", target, &BROWSER, b"");
        assert_eq!((head.headers_but_date(), head.body.len()), (page.headers_but_date(), 0));
        for (headers, content_type) in
            [(&PROGRAM[..], "application/json; charset=utf-8"), (&[], "text/plain; charset=utf-8")]
        {
            let answer = customers.get(target, headers);
            assert_eq!((answer.status, answer.header("content-type")), (404, Some(content_type)), "{target}");
        }
    }
}

#[test]
fn no_answer_sets_a_cookie() {
    let customers = Customers::of("");
    for target in [
        "/",
        "/check/lighthouse",
        "/send-key/lighthouse",
        "/download/lighthouse_110",
        "/download/mod_openinghours-1.1.0",
        "/post/release/validate/lighthouse",
        "/nothing",
        "/protected/x",
    ] {
        for headers in [&BROWSER[..], &PROGRAM, &[]] {
            assert_eq!(customers.get(target, headers).header("set-cookie"), None, "{target}");
        }
    }
}
