//! Forms of the catalog's pages: they are sent to the validator as they are, or by a script of the page that reads JSON.

use super::*;

const FORM_TYPE: &str = "Content-Type: application/x-www-form-urlencoded";

#[test]
fn a_download_with_its_key_in_a_form_is_answered_as_one_with_the_key_in_the_address() {
    let customers = Customers::of("");
    for state in &STATES {
        let key = customers.key(state, Shape::Opaque);
        for target in ["/download/lighthouse_110", "/download/lighthouse_110/plg_system_lighthouse-1.1.0.zip"]
        {
            for headers in [&BROWSER[..], &PROGRAM, &[]] {
                let get = customers.get(&format!("{target}?dlid={key}"), headers);
                let headers = [headers, &[FORM_TYPE]].concat();
                let form = format!("dlid={key}&email={}", state.email().replace('@', "%40"));
                let post = customers.ask("POST", target, &headers, form.as_bytes());
                assert_eq!(post.status, if state.is_good() { 302 } else { 403 }, "{}", state.word);
                // Signatures of two minutes differ.
                let without_location = |answer: &Answer| {
                    let headers = answer.headers_but_date();
                    headers.into_iter().filter(|(name, _)| name != "location").collect::<Vec<_>>()
                };
                assert_eq!(without_location(&post), without_location(&get), "{target}");
                assert_eq!(post.header("location").is_some(), state.is_good());
                assert_eq!(post.text(), get.text(), "{target}");
            }
        }
    }
    let free = customers.post_as_person("/download/mod_openinghours-1.1.0", "dlid=");
    assert_eq!(free.status, 302);
    assert!(free.header("location").unwrap().contains("/files/mod_openinghours/"));
    let missing = customers.post_as_person("/download/lighthouse_110", "dlid=");
    assert_eq!(missing.status, 403);
    assert!(missing.text().contains("A download key is needed"), "{}", missing.text());
    assert_eq!(customers.post_as_person("/download/", "dlid=x").status, 404);
}

#[test]
fn what_is_downloaded_by_a_form_is_the_package() {
    let customers = Customers::of("");
    let key = customers.key(&STATES[0], Shape::Derived);
    let answer = customers.post_as_person("/download/lighthouse_110", &format!("dlid=+{key}+"));
    let package = customers.shop.get_address(answer.header("location").unwrap());
    let file = "output/protected/plg_system_lighthouse/plg_system_lighthouse-1.1.0.zip";
    assert_eq!((package.status, package.body), (200, std::fs::read(customers.shop.path(file)).unwrap()));
}

#[test]
fn what_a_person_chose_in_a_form_is_checked_and_goes_on_to_the_next_try() {
    let customers = Customers::of("");
    let hidden = "<input type=\"hidden\" name=\"id\" value=\"lighthouse\">";
    let form = customers.get("/check?id=lighthouse", &BROWSER);
    assert_eq!(form.status, 200);
    assert!(form.text().contains("Is your key good for System - Lighthouse"), "{}", form.text());
    assert!(form.text().contains(hidden), "{}", form.text());
    let key = customers.key(&STATES[0], Shape::Opaque);
    let page = customers.post_as_person("/check?", &format!("id=lighthouse&dlid={key}"));
    assert!(page.text().contains("This key is valid") && page.text().contains(hidden), "{}", page.text());
    // What the path names stands in the page's own address.
    let page = customers.post_as_person("/check/lighthouse?", &format!("id=dockyard&dlid={key}"));
    assert!(page.text().contains("This key is valid"), "{}", page.text());
    assert!(!page.text().contains("name=\"id\""), "{}", page.text());
}

#[test]
fn a_script_of_the_public_site_gets_json_that_it_may_read() {
    let customers = Customers::of("");
    let origin = format!("http://127.0.0.1:{}", customers.shop.port);
    // What Chromium sends for `fetch(url, {method: "POST", headers: {Accept: "application/json"}, body: new URLSearchParams(…)})`.
    let lines = [
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
        "Accept: application/json",
        "Accept-Language: en-US,en;q=0.9",
        "Content-Type: application/x-www-form-urlencoded;charset=UTF-8",
        &format!("Origin: {origin}"),
        &format!("Referer: {origin}/"),
        "Sec-Fetch-Dest: empty",
        "Sec-Fetch-Mode: cors",
        "Sec-Fetch-Site: cross-site",
    ];
    let key = customers.key(&STATES[2], Shape::Opaque);
    for (target, form, status, word) in [
        ("/check/lighthouse", format!("dlid={key}"), 200, "REL_KYE"),
        ("/check", format!("id=lighthouse&dlid={key}"), 200, "REL_KYE"),
        ("/check", "id=nothing".to_owned(), 404, "REL_GNF"),
        ("/send-key", "id=nothing&email=a%40b".to_owned(), 404, "REL_GNF"),
        ("/send-key/lighthouse", "email=a%40b".to_owned(), 404, "REQ_RUN"),
    ] {
        let answer = customers.ask("POST", target, &lines, form.as_bytes());
        assert_eq!(answer.status, status, "{target}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin.as_str()), "{target}");
        assert_eq!(answer.header("vary"), Some("Origin"), "{target}");
        assert_is_nobodys_business(&answer);
        let json = json(&answer);
        assert_eq!((&json["status"], &json["error_code"]), (&"ko".into(), &word.into()), "{target}");
        assert!(json["message"].as_str().is_some_and(|message| !message.is_empty()), "{json}");
    }
}
