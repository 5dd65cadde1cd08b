//! `bandari-validator init`: everything that a validator needs and that is not there yet. What is there is never replaced, so
//! it can be run again whenever a new group has come.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use bandari_signed_url::public_key_to_base64url;

use crate::config::{Config, starting_text};
use crate::error::Error;
use crate::offer::Offer;
use crate::secrets;
use crate::store::Store;

/// What was made.
#[derive(Debug)]
pub(crate) struct Made {
    /// Files that were not there before.
    pub(crate) files: Vec<PathBuf>,
    /// Groups that got a seed.
    pub(crate) groups: Vec<String>,
    /// The name of the key set at the edge.
    pub(crate) key_set: String,
    /// The public key for the edge, base64url.
    pub(crate) public_key: String,
}

/// Makes the configuration (with `catalog` in it), the signing key, seeds and the license store, as far as they are missing.
///
/// # Errors
/// [`Error::Configuration`] and [`Error::Io`] name the file.
pub(crate) async fn init(config_file: &Path, catalog: &str) -> Result<Made, Error> {
    let mut files = Vec::new();
    if !config_file.exists() {
        write_configuration(config_file, catalog)?;
        files.push(config_file.to_owned());
    }
    let config = Config::load(config_file)?;
    let offer = Offer::load(&config.catalog)?;
    if !config.signing_key.exists() {
        secrets::create_signing_key(&config.signing_key)?;
        files.push(config.signing_key.clone());
    }
    let public_key = secrets::read_signing_key(&config.signing_key)?.verifying_key();
    if !config.seeds.exists() {
        files.push(config.seeds.clone());
    }
    let groups = secrets::create_missing_seeds(&config.seeds, offer.groups())?;
    if !config.licenses.exists() {
        files.push(config.licenses.clone());
    }
    Store::create(&config.licenses).await?;
    Ok(Made {
        files,
        groups: groups.iter().map(ToString::to_string).collect(),
        key_set: config.key_set.to_string(),
        public_key: public_key_to_base64url(&public_key),
    })
}

fn write_configuration(path: &Path, catalog: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    File::create_new(path)
        .and_then(|mut file| file.write_all(starting_text(catalog).as_bytes()))
        .map_err(Error::io("create", path))
}
