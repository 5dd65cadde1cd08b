//! What holds for every link: an edge honors what our signer signs until the second it expires, and nothing that differs in one
//! character.

use std::fs;

use bandari_tests::http::Answer;
use bandari_tests::shop::KEY_SET;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::client::exchange;
use super::fixture::{BASE, FILE, FOLDER, Fixture, OTHER_FILE, unix_seconds};
use super::judge::{refused, whole_file};

/// Which files an edge can serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Files {
    /// Whatever is in its folder.
    Any,
    /// What the catalog lists.
    OfTheCatalog,
}

/// How many links are tried.
const LINKS: u32 = 32;

/// Longest life of a link that all edges take, in seconds: those that ask the validator take what it would sign itself.
const MAX_LIFETIME: i64 = 400;

/// A link that is used around its end is good for this many seconds. A longer one is tried where the machine is too busy to
/// answer within that time.
const SHORT_LIFETIMES: [i64; 4] = [2, 5, 15, 60];

/// Characters of a path's segments.
const PATH_CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-";

/// # Panics
/// When a link is not honored, or something else is.
pub(super) fn judge(fixture: &Fixture, port: u16, files: Files) {
    let config = Config { cases: LINKS, failure_persistence: None, ..Config::default() };
    let links = (path(files), 60..=MAX_LIFETIME, any::<prop::sample::Index>(), character());
    TestRunner::new(config)
        .run(&links, |(path, lifetime, place, character)| {
            if files == Files::Any {
                put(fixture, &path);
            }
            let target = fixture.sign(&path, lifetime);
            honored(fixture, &path, ask(port, &target)?.as_ref())?;
            // Outside of its folder the edge may serve something else.
            let place = FOLDER.len() + place.index(target.len() - FOLDER.len());
            let changed = format!("{}{character}{}", &target[..place], &target[place + 1..]);
            match ask(port, &changed)? {
                Some(answer) if changed != target => refused(&answer).map_err(TestCaseError::fail),
                _ => Ok(()),
            }
        })
        .unwrap_or_else(|error| panic!("{error}"));
    let was_honored =
        SHORT_LIFETIMES.into_iter().any(|lifetime| until_the_second_it_expires(fixture, port, lifetime));
    assert!(was_honored, "no link was honored");
}

/// A path below `/protected`, no two of which are in each other's way.
fn path(files: Files) -> BoxedStrategy<String> {
    match files {
        Files::OfTheCatalog => prop::sample::select(vec![FILE.to_owned(), OTHER_FILE.to_owned()]).boxed(),
        Files::Any => prop::collection::vec(prop::collection::vec(character(), 1..40), 1..5)
            .prop_map(|segments| {
                let segments: Vec<String> =
                    segments.into_iter().map(|segment| segment.into_iter().collect()).collect();
                // Files end in something that no folder ends in.
                format!("{FOLDER}{}.zip", segments.join("_f/"))
            })
            .prop_filter("no dot segments", |path| {
                !path.split('/').any(|segment| [".", ".."].contains(&segment))
            })
            .boxed(),
    }
}

fn character() -> impl Strategy<Value = char> {
    prop::sample::select(PATH_CHARACTERS).prop_map(char::from)
}

/// Puts a file where the edge finds it.
fn put(fixture: &Fixture, path: &str) {
    let file = fixture.root().join(path.trim_start_matches('/'));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, path.repeat(3)).unwrap();
}

fn ask(port: u16, target: &str) -> Result<Option<Answer>, TestCaseError> {
    Ok(exchange(port, "GET", target, &[]))
}

fn honored(fixture: &Fixture, path: &str, answer: Option<&Answer>) -> Result<(), TestCaseError> {
    let answer = answer.ok_or_else(|| TestCaseError::fail("closed without an answer"))?;
    whole_file(fixture, path, answer).map_err(TestCaseError::fail)
}

/// Asks again and again around the end of a link. What the clock says before and after each answer tells what it has to be.
/// Whether there was an answer before that end.
fn until_the_second_it_expires(fixture: &Fixture, port: u16, lifetime: i64) -> bool {
    let expires = unix_seconds() + lifetime;
    let target = fixture.sign_text(0, BASE, &format!("{FILE}?Expires={expires}&KeyName={KEY_SET}"));
    let (mut honored, mut refused_after) = (0, 0);
    while refused_after < 3 {
        let before = unix_seconds();
        let answer = exchange(port, "GET", &target, &[]).expect("an answer");
        let after = unix_seconds();
        if after < expires {
            assert_eq!(whole_file(fixture, FILE, &answer), Ok(()), "{} s before its end", expires - after);
            honored += 1;
        } else if before >= expires {
            assert_eq!(refused(&answer), Ok(()), "{} s after its end", before - expires);
            refused_after += 1;
        }
    }
    honored > 0
}
