//! Files with feeds, which may be anybody's.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::bounds::MAX_BYTES;

/// What a feed's file has, up to [`MAX_BYTES`]; none: there is no such file.
///
/// # Errors
/// It cannot be read, or is larger.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match File::open(path) {
        Ok(file) => within_bounds(file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The whole feed.
///
/// # Errors
/// It cannot be read, or is larger than [`MAX_BYTES`].
pub(crate) fn within_bounds(feed: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    feed.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        let message = format!("found more than {} MB, expected a feed", MAX_BYTES / 1_000_000);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_read_up_to_its_bound() {
        let bytes = |count| io::repeat(b' ').take(count);
        assert_eq!(within_bounds(bytes(MAX_BYTES)).unwrap().len() as u64, MAX_BYTES);
        let error = within_bounds(bytes(MAX_BYTES + 1)).unwrap_err();
        assert_eq!(error.to_string(), "found more than 20 MB, expected a feed");
    }

    #[test]
    fn a_file_that_is_not_there_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(&folder.path().join("updates.xml")).unwrap(), None);
    }
}
