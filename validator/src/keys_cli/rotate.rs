//! `keys rotate`: the next key that signs links. One change of the key file is all there is to do; when the new key's time has
//! come, every validator that has read the file takes it by itself, and forgets the old one in time.

use std::path::Path;

use bandari_signed_url::MAX_KEYS;
use ed25519_dalek::SigningKey;
use jiff::{Span, SpanRelativeTo, Timestamp};

use crate::cli::{print, print_json};
use crate::config::Config;
use crate::dates;
use crate::error::Error;
use crate::secrets;
use crate::signing_keys::{KeyName, KeyState, NamedKey, SigningKeys};

use super::RotateArgs;

/// Longest time that a key may wait, in seconds: a year. Until it signs, no other one can be made.
const MAX_WAIT_SECONDS: u64 = 366 * 86_400;

/// The keys after a rotation.
#[derive(Debug)]
struct Rotated {
    keys: SigningKeys,
    name: KeyName,
    /// Unix seconds.
    signs_from: u64,
    /// Names of keys that are needed no more.
    dropped: Vec<KeyName>,
}

pub(super) fn run(args: &RotateArgs, now: u64) -> Result<(), Error> {
    let wait_seconds =
        wait_seconds(&args.signs_in).map_err(|message| Error::Usage(format!("`--signs-in`: {message}")))?;
    let config = Config::load(&args.config.config)?;
    let rotated = rotate_file(&config.signing_key, config.link_lifetime_seconds, wait_seconds, now)?;
    if args.json {
        return print_json(&json(&rotated, &config));
    }
    let Rotated { keys, name, signs_from, dropped } = &rotated;
    for dropped in dropped {
        print(&format!("dropped the key `{dropped}`: its last link has expired"))?;
    }
    let public_keys: Vec<String> = keys.iter().map(NamedKey::public_key).collect();
    print(&format!(
        "made the key `{name}`, which signs from {} on\n\
         by then, every edge needs all public keys of the set `{}`: {}\n\
         and every validator this file: copy it to the others, then reload (SIGHUP) or restart all of them\n\
         `edge <target>` writes the files of your edge anew\n\
         `keys list` tells until when an edge needs an old key",
        dates::print_unsigned(*signs_from),
        config.key_set,
        public_keys.join(", ")
    ))
}

fn json(rotated: &Rotated, config: &Config) -> serde_json::Value {
    let Rotated { keys, name, signs_from, dropped } = rotated;
    serde_json::json!({
        "name": name.as_str(),
        "signs_from": dates::print_unsigned(*signs_from),
        "key_set": config.key_set.as_str(),
        "public_keys": keys.iter().map(NamedKey::public_key).collect::<Vec<_>>(),
        "dropped": dropped.iter().map(KeyName::as_str).collect::<Vec<_>>(),
    })
}

/// Seconds of a time such as `30m`, `24h` or `7d`.
fn wait_seconds(text: &str) -> Result<u64, String> {
    let span = text.parse::<Span>().ok();
    let duration = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let seconds = duration.and_then(|duration| u64::try_from(duration.as_secs()).ok());
    seconds.filter(|seconds| *seconds <= MAX_WAIT_SECONDS).ok_or_else(|| {
        format!("found `{}`, expected a time such as 30m, 24h or 7d, a year at most", text.escape_debug())
    })
}

fn rotate_file(
    path: &Path,
    link_lifetime_seconds: u64,
    wait_seconds: u64,
    now: u64,
) -> Result<Rotated, Error> {
    let _lock = secrets::lock_folder_of(path)?;
    let keys = secrets::read_signing_keys(path)?;
    let new = secrets::new_signing_key(path)?;
    let rotated = rotate(keys, new, link_lifetime_seconds, now, now + wait_seconds).map_err(Error::Usage)?;
    secrets::replace_signing_keys(path, &rotated.keys)?;
    Ok(rotated)
}

/// Adds a key that signs from `signs_from` on and drops those whose last link has expired.
///
/// # Errors
/// While another key waits, or while edges need three already.
fn rotate(
    keys: SigningKeys,
    new: SigningKey,
    link_lifetime_seconds: u64,
    now: u64,
    signs_from: u64,
) -> Result<Rotated, String> {
    let mut dropped = Vec::new();
    let mut oldest_end = None;
    for (key, state) in keys.states(link_lifetime_seconds, now) {
        match state {
            KeyState::Next { from } => {
                return Err(format!(
                    "found the key `{}`, which signs from {} on, expected none that waits: rotate again after that, or set \
                     `Signs-From` of that key in the file to a time that is sooner",
                    key.name,
                    dates::print_unsigned(from)
                ));
            }
            KeyState::Expired { .. } => dropped.push(key.name.clone()),
            KeyState::Accepted { until } => {
                oldest_end.get_or_insert(until);
            }
            KeyState::Signs => {}
        }
    }
    let mut keys = keys.into_keys();
    keys.retain(|key| !dropped.contains(&key.name));
    if keys.len() == MAX_KEYS {
        return Err(format!(
            "found {MAX_KEYS} keys that edges need, expected fewer: rotate again after {}, when the last link of the \
             oldest has expired",
            dates::print_unsigned(oldest_end.unwrap_or(now))
        ));
    }
    let name = new_name(&keys, now)?;
    // Never in the same second as the one before, nor before it, whatever the clock said then.
    let after = keys.iter().filter_map(|key| key.signs_from).max().map_or(0, |last| last + 1);
    let signs_from = signs_from.max(after);
    keys.push(NamedKey::new(Some(name.clone()), Some(signs_from), new));
    Ok(Rotated { keys: SigningKeys::new(keys)?, name, signs_from, dropped })
}

/// The day, with a number when there is a key of that name.
fn new_name(keys: &[NamedKey], now: u64) -> Result<KeyName, String> {
    let time = i64::try_from(now).ok().and_then(|now| Timestamp::from_second(now).ok());
    let time = time.ok_or_else(|| format!("found the time {now}, expected the clock to be right"))?;
    let day = time.strftime("%Y-%m-%d").to_string();
    let is_free = |name: &String| keys.iter().all(|key| key.name.as_str() != name);
    let numbered = (2..=MAX_KEYS + 1).map(|number| format!("{day}-{number}"));
    // Of so many names one is free, since there are fewer keys.
    let name = std::iter::once(day.clone()).chain(numbered).find(is_free);
    KeyName::parse(&name.unwrap_or(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: u64 = 300;

    /// 2027-01-15T08:00:00Z.
    const NOW: u64 = 1_800_000_000;

    /// Keys whose turns began these seconds ago; the first has signed since ever.
    fn keys(ago: &[u64]) -> SigningKeys {
        let first = NamedKey::new(None, None, SigningKey::from_bytes(&[100; 32]));
        let later = (1_u8..).zip(ago).map(|(seed, ago)| {
            let name = KeyName::parse(&format!("k{seed}")).unwrap();
            NamedKey::new(Some(name), Some(NOW - ago), SigningKey::from_bytes(&[seed; 32]))
        });
        SigningKeys::new(std::iter::once(first).chain(later).collect()).unwrap()
    }

    fn rotated(keys: SigningKeys, signs_in: u64) -> Result<Rotated, String> {
        rotate(keys, SigningKey::from_bytes(&[200; 32]), LIFETIME, NOW, NOW + signs_in)
    }

    fn names(keys: &SigningKeys) -> Vec<String> {
        keys.iter().map(|key| key.name.to_string()).collect()
    }

    #[test]
    fn the_new_key_is_called_by_its_day_and_comes_last() {
        let rotated = rotated(keys(&[10]), 86_400).unwrap();
        let first = names(&keys(&[]))[0].clone();
        assert_eq!(names(&rotated.keys), [first.as_str(), "k1", "2027-01-15"]);
        assert_eq!((rotated.name.as_str(), rotated.signs_from), ("2027-01-15", NOW + 86_400));
    }

    #[test]
    fn keys_of_one_day_and_of_one_second_differ() {
        let once = rotated(keys(&[]), 0).unwrap();
        let twice = rotate(once.keys, SigningKey::from_bytes(&[201; 32]), LIFETIME, NOW, NOW).unwrap();
        assert_eq!((twice.name.as_str(), twice.signs_from), ("2027-01-15-2", NOW + 1));
    }

    #[test]
    fn a_key_goes_when_its_last_link_has_expired() {
        // A link made in the last second before the change is good for 300 s, up to a minute more, and another for clocks.
        assert_eq!(names(&rotated(keys(&[419]), 0).unwrap().keys).len(), 3);
        let rotated = rotated(keys(&[420]), 0).unwrap();
        assert_eq!((names(&rotated.keys).len(), rotated.dropped.len()), (2, 1));
    }

    #[test]
    fn nothing_is_made_while_another_key_waits_or_three_are_needed() {
        let waiting = rotated(keys(&[]), 60).unwrap().keys;
        assert_eq!(
            rotated(waiting, 0).unwrap_err(),
            "found the key `2027-01-15`, which signs from 2027-01-15T08:01:00Z on, expected none that waits: rotate again \
             after that, or set `Signs-From` of that key in the file to a time that is sooner"
        );
        assert_eq!(
            rotated(keys(&[60, 30]), 0).unwrap_err(),
            "found 3 keys that edges need, expected fewer: rotate again after 2027-01-15T08:06:00Z, when the last link of \
             the oldest has expired"
        );
    }

    #[test]
    fn rotations_at_the_same_time_all_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        secrets::create_missing_signing_key(&path).unwrap();
        let names: Vec<String> = std::thread::scope(|scope| {
            let rotate = || rotate_file(&path, LIFETIME, 0, NOW).unwrap().name.to_string();
            let threads = [scope.spawn(rotate), scope.spawn(rotate)];
            threads.map(|thread| thread.join().unwrap()).into()
        });
        let keys = self::names(&secrets::read_signing_keys(&path).unwrap());
        assert!(keys.len() == 3 && names.iter().all(|name| keys.contains(name)), "{keys:?} {names:?}");
    }

    #[test]
    fn a_wait_is_a_plain_time() {
        for (text, expected) in
            [("0s", 0), ("30m", 1_800), ("24h", 86_400), ("7d", 604_800), ("366d", 31_622_400)]
        {
            assert_eq!(wait_seconds(text), Ok(expected), "{text}");
        }
        for text in ["", "24", "-1h", "367d", "1mo", "soon"] {
            let expected = format!("found `{text}`, expected a time such as 30m, 24h or 7d, a year at most");
            assert_eq!(wait_seconds(text), Err(expected));
        }
    }
}
