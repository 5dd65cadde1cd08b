//! `keys show`: public keys in the forms that edges and programs take.

use std::process::Command;

use bandari_tests::skipping::skip;

use super::*;

/// A shop with the key that signs and the next one, and the two public keys in this order.
fn shop() -> (Shop, [String; 2]) {
    let shop = Shop::closed(programs());
    let _ = shop.validator_prints(&["keys", "rotate"], "");
    let list = json(&shop, &["keys", "list"]);
    let key = |place: usize| list["signing_keys"][place]["public_key"].as_str().unwrap().to_owned();
    (shop, [key(0), key(1)])
}

fn shown(shop: &Shop, format: &str) -> String {
    shop.validator_prints(&["keys", "show", "--format", format], "")
}

/// The names of both keys.
fn names(shop: &Shop) -> [String; 2] {
    let list = json(shop, &["keys", "list"]);
    [0, 1].map(|place| list["signing_keys"][place]["name"].as_str().unwrap().to_owned())
}

#[test]
fn raw_keys_stand_on_a_line_each() {
    let (shop, keys) = shop();
    assert_eq!(shown(&shop, "raw"), keys.join("\n"));
}

#[test]
fn a_json_web_key_set_holds_all_keys() {
    let (shop, keys) = shop();
    let names = names(&shop);
    let jwk = |place: usize| serde_json::json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": names[place], "x": keys[place]});
    let set: Value = serde_json::from_str(&shown(&shop, "jwk")).unwrap();
    assert_eq!(set, serde_json::json!({"keys": [jwk(0), jwk(1)]}));
}

#[test]
fn a_key_set_for_media_cdn_is_called_as_links_call_it() {
    let (shop, keys) = shop();
    let names = names(&shop);
    let expected = format!(
        "name: \"{KEY_SET}\"\npublicKeys:\n- id: \"key-{}\"\n  value: \"{}\"\n- id: \"key-{}\"\n  value: \"{}\"",
        names[0], keys[0], names[1], keys[1]
    );
    assert_eq!(shown(&shop, "media-cdn"), expected);
}

#[test]
fn openssl_verifies_a_link_with_a_key_in_pem() {
    if Command::new("openssl").arg("version").output().is_err() {
        return skip("openssl");
    }
    let (shop, _) = shop();
    let pem = shown(&shop, "pem");
    assert_eq!(pem.matches("-----BEGIN PUBLIC KEY-----").count(), 2);
    let blocks: Vec<&str> = pem.split_inclusive("-----END PUBLIC KEY-----").map(str::trim).collect();
    for (place, is_good) in [(0, true), (1, false)] {
        let target = target_by_key(&shop, 0);
        let (text, signature) = target.split_once("&Signature=").unwrap();
        let signature = data_encoding::BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        fs::write(shop.path("key.pem"), blocks[place]).unwrap();
        fs::write(shop.path("signature"), signature).unwrap();
        fs::write(shop.path("text"), format!("http://127.0.0.1:{}{text}", shop.port)).unwrap();
        let verified = Command::new("openssl")
            .args(["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "key.pem", "-sigfile", "signature"])
            .args(["-in", "text"])
            .current_dir(shop.path(""))
            .output()
            .unwrap();
        assert_eq!(verified.status.success(), is_good, "{verified:?}");
    }
}

#[test]
fn the_key_that_signs_comes_first_and_expired_ones_are_left_out() {
    let (shop, keys) = shop();
    set_turns(&shop, &[-60]);
    assert_eq!(shown(&shop, "raw"), format!("{}\n{}", keys[1], keys[0]));
    set_turns(&shop, &[-3_600]);
    assert_eq!(shown(&shop, "raw"), keys[1]);
}

#[test]
fn a_format_that_is_none_is_refused_with_those_that_are() {
    let (shop, _) = shop();
    let output = shop.validator(&["keys", "show", "--format", "der"], "");
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(message.contains("[possible values: pem, jwk, media-cdn, raw]"), "{message}");
}

#[test]
fn no_form_holds_a_secret() {
    let (shop, _) = shop();
    let file = fs::read_to_string(shop.path(KEY_FILE)).unwrap();
    let private: Vec<&str> = file.lines().filter(|line| line.starts_with("MC4CAQAw")).collect();
    assert_eq!(private.len(), 2, "the two keys as PKCS#8");
    for format in ["pem", "jwk", "media-cdn", "raw"] {
        let shown = shown(&shop, format);
        // Behind the first characters, which say what follows, all is secret.
        assert!(private.iter().all(|line| !shown.contains(&line[24..])), "{format}");
    }
}
