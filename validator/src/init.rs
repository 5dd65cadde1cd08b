//! `bandari-validator init`: everything that a validator needs and that is not there yet. What is there is never replaced, so
//! it can be run again whenever a new group has come.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::catalog::CatalogPlace;
use crate::config::{Config, starting_text};
use crate::error::Error;
use crate::secrets;
use crate::signing_keys::NamedKey;
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
    /// The public keys for the edge, base64url, in the order of their turns.
    pub(crate) public_keys: Vec<String>,
}

/// The catalog of a new configuration, as `bandari build` writes it with its default settings.
const DEFAULT_CATALOG: &str = "output/public/catalog.json";

/// Makes the configuration (with `catalog` in it), the signing key, seeds and the license store, as far as they are missing.
/// `catalog` is an address, or a path that counts from the configuration's folder.
///
/// # Errors
/// [`Error::Configuration`] and [`Error::Io`] name the file; [`Error::Usage`] when there is a configuration with another
/// catalog.
pub(crate) async fn init(config_file: &Path, catalog: Option<&str>) -> Result<Made, Error> {
    let mut files = Vec::new();
    let folder = config_file.parent().unwrap_or(Path::new(""));
    let place_of = |catalog: &str| {
        CatalogPlace::parse(catalog, folder).map_err(|error| Error::Usage(format!("`--catalog`: {error}")))
    };
    if !config_file.exists() {
        let catalog = catalog.unwrap_or(DEFAULT_CATALOG);
        // First, since a configuration that names a wrong catalog would only have to be changed by hand.
        place_of(catalog)?.read().await?;
        write_configuration(config_file, catalog)?;
        files.push(config_file.to_owned());
    }
    let config = Config::load(config_file)?;
    if let Some(given) = catalog.map(place_of).transpose()?
        && !given.is_same(&config.catalog)
    {
        return Err(Error::Usage(format!(
            "`--catalog`: found `{given}`, expected `{}`, which `{}` names: change it there",
            config.catalog,
            config_file.display()
        )));
    }
    let offer = config.catalog.read().await?.offer;
    if secrets::create_missing_signing_key(&config.signing_key)? {
        files.push(config.signing_key.clone());
    }
    let signing_keys = secrets::read_signing_keys(&config.signing_key)?;
    let is_store_new = !config.licenses.exists();
    let store = Store::create(&config.licenses, config.users()).await?;
    if !config.seeds.exists() {
        refuse_to_forget_seeds(&config, &store).await?;
        files.push(config.seeds.clone());
    }
    let groups = secrets::create_missing_seeds(&config.seeds, offer.groups())?;
    if is_store_new {
        files.push(config.licenses.clone());
    }
    Ok(Made {
        files,
        groups: groups.iter().map(ToString::to_string).collect(),
        key_set: config.key_set.to_string(),
        public_keys: signing_keys.iter().map(NamedKey::public_key).collect(),
    })
}

/// Seeds that are gone while there are licenses were lost, or are not where they should be: with new ones in their place every
/// customer's key would be a forged one.
async fn refuse_to_forget_seeds(config: &Config, store: &Store) -> Result<(), Error> {
    if store.licenses().await?.is_empty() {
        return Ok(());
    }
    Err(Error::Configuration {
        file: config.seeds.clone(),
        message: format!(
            "is missing, but `{}` has licenses whose keys come from it: put it back from a backup; if there is none, put an empty \
             file with mode 600 there, and all customers need new keys",
            config.licenses.display()
        ),
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
