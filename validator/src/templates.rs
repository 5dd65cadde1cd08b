//! The vendor's folder of templates: what is in it stands in the place of the files that are part of the binary, one by one.

use std::path::Path;
use std::{fs, io};

use crate::error::Error;

/// The text of `<folder>/<name>`, such as `refusal/page.html`; our own when there is no such file or no folder.
///
/// # Errors
/// [`Error::Configuration`] names a file that is there and cannot be read.
pub(crate) fn text(folder: Option<&Path>, name: &str, own: &str) -> Result<String, Error> {
    let Some(file) = folder.map(|folder| folder.join(name)) else { return Ok(own.to_owned()) };
    match fs::read_to_string(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(own.to_owned()),
        read => read.map_err(|error| unreadable(&file, &error)),
    }
}

/// A file or folder that is there and cannot be read.
pub(crate) fn unreadable(file: &Path, error: &io::Error) -> Error {
    Error::Configuration { file: file.to_owned(), message: format!("cannot be read: {error}") }
}

/// tera tells the place and the cause in its chain of sources only.
pub(crate) fn chain(error: &tera::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |error| error.source());
    causes.fold(error.to_string(), |message, cause| format!("{message}: {cause}")).trim_end().to_owned()
}
