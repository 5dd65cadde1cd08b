//! The catalog: where it lies, whether it has changed since it was last seen, and how it is read. What is in it, `offer` tells.

mod address;

use std::fmt::{self, Display, Formatter};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::offer::Offer;

pub use address::CatalogAddress;
pub use address::FetchFailure;
use address::{Fetched, Validators};

/// Largest catalog that is read: about a hundred thousand packages.
const MAX_CATALOG_BYTES: u64 = 64 << 20;

/// Where the catalog lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogPlace {
    /// A file that `bandari build` wrote.
    File(PathBuf),
    /// The address where it was published.
    Address(CatalogAddress),
}

/// A catalog that was read and is good.
#[derive(Clone, Debug)]
pub(crate) struct Catalog {
    pub(crate) offer: Arc<Offer>,
    pub(crate) seen: Seen,
}

/// By what a later look tells whether there is something new.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    mark: Mark,
    digest: [u8; 32],
}

/// What changes with the content and costs less to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mark {
    File(FileMark),
    Address(Validators),
}

/// A build puts its catalog in place by rename, so that the inode is another one. A copy may write into the file that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileMark {
    device: u64,
    inode: u64,
    size_bytes: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
}

/// The bytes of a catalog, of which nobody knows yet whether they are good.
#[derive(Debug)]
pub(crate) struct Found {
    json: Vec<u8>,
    pub(crate) seen: Seen,
}

impl CatalogPlace {
    /// A path, which counts from `folder`, or an address.
    ///
    /// # Errors
    /// Tells what was found and what was expected.
    pub(crate) fn parse(text: &str, folder: &Path) -> Result<Self, String> {
        match text.contains("://") {
            true => CatalogAddress::parse(text).map(Self::Address),
            false => Ok(Self::File(folder.join(text))),
        }
    }

    /// Whether two places are one; paths may be written in several ways.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        match (self, other) {
            (Self::File(one), Self::File(other)) => canonical(one) == canonical(other),
            _ => self == other,
        }
    }

    /// Reads a catalog that must be there and good.
    ///
    /// # Errors
    /// Those of [`CatalogPlace::find`] and [`CatalogPlace::open`].
    pub(crate) async fn read(&self) -> Result<Catalog, Error> {
        self.open(self.find().await?).await
    }

    /// Reads the bytes, whatever was seen before.
    ///
    /// # Errors
    /// [`Error::Configuration`] for a file, [`Error::CatalogAway`] for an address.
    pub(crate) async fn find(&self) -> Result<Found, Error> {
        let place = self.clone();
        let found = blocking(self, move || match place {
            Self::File(path) => read_file(&path),
            Self::Address(address) => address.fetch().map(Found::from),
        });
        found.await
    }

    /// Reads the bytes if they are others than those seen before. `seen` is brought up to date where merely its mark is old.
    ///
    /// # Errors
    /// As [`CatalogPlace::find`].
    pub(crate) async fn look(&self, seen: &mut Seen) -> Result<Option<Found>, Error> {
        let (place, mark) = (self.clone(), seen.mark.clone());
        let looked = blocking(self, move || match (place, mark) {
            (Self::File(path), mark) => match file_mark(&path).map_err(unreadable(&path))? {
                now if Mark::File(now) == mark => Ok(None),
                _ => read_file(&path).map(Some),
            },
            (Self::Address(address), Mark::Address(validators)) => {
                Ok(address.fetch_if_changed(&validators)?.map(Found::from))
            }
            (Self::Address(address), Mark::File(_)) => address.fetch().map(|fetched| Some(fetched.into())),
        });
        match looked.await? {
            Some(found) if found.seen.digest == seen.digest => {
                *seen = found.seen;
                Ok(None)
            }
            found => Ok(found),
        }
    }

    /// Tells what bytes offer.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the place and what is wrong with its catalog.
    pub(crate) async fn open(&self, found: Found) -> Result<Catalog, Error> {
        let place = self.clone();
        let opened = blocking(self, move || {
            let wrong = |message: String| Error::Configuration { file: place.as_file(), message };
            let catalog = bandari_catalog::read(&found.json).map_err(|error| wrong(error.to_string()))?;
            let offer = Arc::new(Offer::of(catalog).map_err(wrong)?);
            Ok(Catalog { offer, seen: found.seen })
        });
        opened.await
    }

    /// For messages, which name files.
    fn as_file(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            Self::Address(address) => address.to_string().into(),
        }
    }
}

impl Display for CatalogPlace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_file().display())
    }
}

impl Found {
    fn of(json: Vec<u8>, mark: Mark) -> Self {
        let digest = Sha256::digest(&json).into();
        Self { json, seen: Seen { mark, digest } }
    }
}

impl From<Fetched> for Found {
    fn from(fetched: Fetched) -> Self {
        Self::of(fetched.json, Mark::Address(fetched.validators))
    }
}

/// Does what may take a while where nothing else waits for it.
async fn blocking<T: Send + 'static>(
    place: &CatalogPlace,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::io("read", place.as_file())(error.into()))?
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> Error {
    let file = path.to_owned();
    move |error| Error::Configuration {
        file: file.clone(),
        message: format!("cannot be read: {error}. `bandari build` writes the catalog"),
    }
}

fn file_mark(path: &Path) -> io::Result<FileMark> {
    path.metadata().map(|metadata| FileMark::of(&metadata))
}

impl FileMark {
    fn of(metadata: &std::fs::Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size_bytes: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

fn read_file(path: &Path) -> Result<Found, Error> {
    let read = || {
        let mut file = File::open(path)?;
        // Before the bytes: what is written while they are read has another mark at the next look.
        let mark = FileMark::of(&file.metadata()?);
        Ok((within_limit(&mut file)?, mark))
    };
    let (json, mark) = read().map_err(unreadable(path))?;
    Ok(Found::of(json, Mark::File(mark)))
}

/// All that a source holds, unless it is more than [`MAX_CATALOG_BYTES`].
fn within_limit(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut json = Vec::new();
    source.take(MAX_CATALOG_BYTES + 1).read_to_end(&mut json)?;
    if json.len() as u64 > MAX_CATALOG_BYTES {
        let message = format!("found more than {MAX_CATALOG_BYTES} bytes, expected at most that many");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOG: &str = r#"{"format": "bandari-catalog", "version": 1, "products": [],
        "site": {"title": "t", "vendor": "v", "public_url": "http://127.0.0.1"}}"#;

    #[tokio::test]
    async fn a_file_that_stays_as_it_is_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.json");
        std::fs::write(&path, CATALOG).unwrap();
        let place = CatalogPlace::parse("catalog.json", folder.path()).unwrap();
        let mut seen = place.read().await.unwrap().seen;
        assert!(place.look(&mut seen).await.unwrap().is_none());

        // By rename, as a build does it: size and times may well be the same.
        let times = std::fs::FileTimes::new().set_modified(path.metadata().unwrap().modified().unwrap());
        let aside = folder.path().join("aside");
        std::fs::write(&aside, CATALOG.replace("\"t\"", "\"u\"")).unwrap();
        File::options().write(true).open(&aside).unwrap().set_times(times).unwrap();
        std::fs::rename(&aside, &path).unwrap();
        let found = place.look(&mut seen).await.unwrap().expect("a new catalog");
        assert_eq!(place.open(found).await.unwrap().offer.site.title, "u");
    }

    #[tokio::test]
    async fn a_file_that_is_written_again_with_the_same_bytes_is_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.json");
        std::fs::write(&path, CATALOG).unwrap();
        let place = CatalogPlace::File(path.clone());
        let mut seen = place.read().await.unwrap().seen;
        let before = seen.mark.clone();
        std::fs::remove_file(&path).unwrap();
        assert!(place.look(&mut seen).await.is_err());
        std::fs::write(folder.path().join("another"), "takes the inode").unwrap();
        std::fs::write(&path, CATALOG).unwrap();
        assert!(place.look(&mut seen).await.unwrap().is_none());
        assert_ne!(seen.mark, before, "the next look is a cheap one");
    }

    #[test]
    fn a_catalog_beyond_all_measure_is_refused() {
        let error = within_limit(&mut io::repeat(b' ')).unwrap_err().to_string();
        assert_eq!(error, "found more than 67108864 bytes, expected at most that many");
        assert_eq!(within_limit(&mut io::repeat(b' ').take(3)).unwrap(), b"   ");
    }

    #[test]
    fn a_place_is_a_path_or_an_address() {
        let parse = |text| CatalogPlace::parse(text, Path::new("site")).unwrap();
        assert_eq!(parse("output/catalog.json"), CatalogPlace::File("site/output/catalog.json".into()));
        let address = parse("https://downloads.example.org/catalog.json");
        assert_eq!(address.to_string(), "https://downloads.example.org/catalog.json");
        assert!(address.is_same(&parse("https://downloads.example.org/catalog.json")));
        assert!(!address.is_same(&parse("https://downloads.example.org/other.json")));
        assert!(!address.is_same(&parse("catalog.json")));
    }
}
