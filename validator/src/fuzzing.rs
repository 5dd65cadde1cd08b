//! What fuzzers reach the readers of others' files by. Nothing here belongs to the library's interface.

use std::path::Path;

use bandari_catalog::names::GroupId;
use secrecy::SecretSlice;

use crate::import::{self, Format, Known, Terms};
use crate::imported_key::KeyHasher;
use crate::license_cli::{import_refusal, import_report};
use crate::offer::Offer;
use crate::parameters::{KEY_PARAMETERS, SentKey};

/// 2027-01-15: what is now.
const NOW: i64 = 1_800_000_000;

/// What a catalog offers.
///
/// # Errors
/// What the log says of it.
pub fn offer(json: &[u8]) -> Result<Offer, String> {
    let catalog = bandari_catalog::read(json).map_err(|error| error.to_string())?;
    Offer::of(catalog)
}

/// What became of a file from another system.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What the command prints: the problems, or the report as text and as JSON.
    pub told: String,
    /// What the history keeps.
    pub history: Vec<String>,
    /// How many users, licenses and keys the store gets; nothing where there are problems.
    pub written: Option<[usize; 3]>,
}

/// Imports a file, `csv`, `ars` or `jbackend`, into an empty store.
///
/// # Panics
/// When the format is none of the three.
#[must_use]
pub fn import(format: &str, content: &[u8]) -> Imported {
    let format = match format {
        "csv" => Format::Csv,
        "ars" => Format::Ars,
        "jbackend" => Format::Jbackend,
        other => panic!("found the format {other}, expected csv, ars or jbackend"),
    };
    with_terms(|terms| {
        let import::Read { rows, mut problems, skipped } = import::read(format, content, terms);
        match import::plan(&rows, skipped, Known::default(), format.name()) {
            Ok(plan) if problems.is_empty() => Imported {
                told: format!(
                    "{}\n{}",
                    import_report::text(&plan.counts, false),
                    import_report::json(&plan.counts, false)
                ),
                history: plan.history.iter().map(|entry| entry.detail.clone()).collect(),
                written: Some([plan.users.len(), plan.licenses.len(), plan.keys.len()]),
            },
            planned => {
                problems.extend(planned.err().unwrap_or_default());
                let told = import_refusal(Path::new("customers"), problems).to_string();
                Imported { told, history: Vec::new(), written: None }
            }
        }
    })
}

/// Whether a request that brings the key finds it, once it was imported.
///
/// # Errors
/// Why it is not imported.
pub fn is_found_by_request(key: &str) -> Result<bool, String> {
    with_terms(|terms| {
        let hash = terms.key_hash(key)?;
        let sent = SentKey::of(key, terms.key_parameters);
        let foreign = sent.and_then(|sent| terms.hasher.foreign_key(sent.text));
        Ok(foreign.is_some_and(|key| key.hashes.contains(&hash)))
    })
}

fn with_terms<T>(run: impl FnOnce(&Terms<'_>) -> T) -> T {
    let groups = ["dockyard", "lighthouse"].map(|id| GroupId::parse(id).expect("it is an identifier"));
    run(&Terms {
        groups: groups.iter().collect(),
        grants: Vec::new(),
        expires_at: None,
        hasher: KeyHasher::new(&SecretSlice::from(vec![7; 32])),
        key_parameters: &KEY_PARAMETERS.map(str::to_owned),
        now: NOW,
    })
}
