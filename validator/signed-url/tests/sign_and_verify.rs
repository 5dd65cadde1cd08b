//! Signer and verifier against each other, on URLs nobody thought of.

use bandari_signed_url::{Expires, KeySet, KeySetName, Origin, Refusal, Signer, UrlPath, Verifier};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use proptest::sample::Index;

const ORIGIN: &str = "https://dl.example.com";

/// One signed URL and the verifier of its key.
#[derive(Debug)]
struct Signed {
    verifier: Verifier,
    path: UrlPath,
    expires: Expires,
    target: String,
}

fn signed() -> impl Strategy<Value = Signed> {
    let path =
        "(/[A-Za-z0-9._~-]{1,20}){1,4}".prop_filter_map("no dot segments", |text| UrlPath::parse(&text).ok());
    let expires = (1_000_000_000..=9_999_999_999_u64).prop_map(|seconds| Expires::at(seconds).unwrap());
    let key_set = "[A-Za-z][A-Za-z0-9_-]{0,63}".prop_map(|text| KeySetName::parse(&text).unwrap());
    (path, expires, key_set, any::<[u8; 32]>()).prop_map(|(path, expires, key_set, seed)| {
        let origin = Origin::parse(ORIGIN).unwrap();
        let signer = Signer::new(origin.clone(), key_set.clone(), SigningKey::from_bytes(&seed));
        let verifier =
            Verifier::new(origin, vec![KeySet::new(key_set, vec![signer.verifying_key()]).unwrap()]);
        let url = signer.sign(&path, expires);
        let target = url.strip_prefix(ORIGIN).unwrap().to_owned();
        Signed { verifier, path, expires, target }
    })
}

proptest! {
    #[test]
    fn a_signed_url_is_good_until_the_second_it_expires(signed in signed(), moment in any::<Index>()) {
        let Signed { verifier, path, expires, target } = signed;
        let last_second = expires.unix_seconds() - 1;
        for now in [moment.index(last_second as usize) as u64, last_second] {
            let verified = verifier.verify("GET", &target, now).unwrap();
            prop_assert_eq!(verified.path(), &path);
            prop_assert_eq!(verified.expires(), expires);
        }
        prop_assert_eq!(verifier.verify("GET", &target, expires.unix_seconds()), Err(Refusal::Expired));
    }

    #[test]
    fn a_target_with_another_byte_in_one_place_is_refused(
        signed in signed(),
        place in any::<Index>(),
        byte in 0_u8..128,
    ) {
        let mut bytes = signed.target.clone().into_bytes();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(signed.verifier.verify("GET", &changed, 0).is_err(), "{changed:?}");
    }

    #[test]
    fn a_target_with_one_character_more_or_less_is_refused(
        signed in signed(),
        place in any::<Index>(),
        character in any::<char>(),
    ) {
        let mut longer = signed.target.clone();
        longer.insert(place.index(signed.target.len() + 1), character);
        prop_assert!(signed.verifier.verify("GET", &longer, 0).is_err(), "{longer:?}");
        let mut shorter = signed.target.clone();
        shorter.remove(place.index(signed.target.len()));
        prop_assert!(signed.verifier.verify("GET", &shorter, 0).is_err(), "{shorter:?}");
    }

    #[test]
    fn no_text_makes_the_verifier_panic(signed in signed(), method in any::<String>(), target in any::<String>()) {
        prop_assert!(signed.verifier.verify(&method, &target, 0).is_err());
        prop_assert!(signed.verifier.verify("GET", &target, 0).is_err());
    }
}
