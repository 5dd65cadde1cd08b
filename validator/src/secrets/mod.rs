//! Secret files: the signing keys (`signing_key_file`), the groups' seeds (`seeds_file`) and passwords. They are made with safe
//! modes and read only when nobody else can read them; what they hold is wiped from memory and shown by no `Debug`.

mod seeds_file;
mod signing_key_file;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::error::Error;

pub(crate) use seeds_file::{
    GroupSeed, GroupSeeds, OldSeed, RotatedSeed, create_missing_seeds, read_seeds, read_user_groups,
    rotate_seed,
};
pub(crate) use signing_key_file::{
    create_missing_signing_key, new_signing_key, read_signing_keys, replace_signing_keys,
};

/// Mode bits that a secret file must not have: nothing for others, no writing for the group. A group may read, since
/// services often get their secrets that way.
const TOO_OPEN: u32 = 0o027;

/// Largest secret file that is read: seeds for over a thousand groups.
const MAX_SECRET_FILE_BYTES: usize = 128 << 10;

/// Makes a secret file that its owner alone can read, and its folder. An existing file is never replaced.
///
/// # Errors
/// [`Error::Io`], also when the file is there already. Nothing of a file that could not be written is left.
pub(crate) fn create(path: &Path, content: &[u8]) -> Result<(), Error> {
    create_folder_of(path)?;
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::io("create", path))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| {
        // Half a secret is of no use to its owner, and may be of some to others.
        let _ = fs::remove_file(path);
        Error::io("write", path)(error)
    })
}

/// Makes the folder of a secret file, for its owner alone, unless it is there.
fn create_folder_of(path: &Path) -> Result<(), Error> {
    let folder = folder_of(path);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Error::io("create", folder))
}

/// Replaces a secret file as a whole, or makes it. Mode, owner and group stay what they were; where there was no file, its owner alone can
/// read the new one. Where a link stands in its place, the file that it leads to is replaced.
///
/// # Errors
/// [`Error::Io`]; the file is then as it was.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    let path = &behind_links(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Not by the id of the process: after a crash the next one may have the same.
    let mut random = [0_u8; 8];
    fill_random(&mut random, path)?;
    let aside = path.with_file_name(format!(".{name}.tmp-{:016x}", u64::from_ne_bytes(random)));
    create(&aside, content)?;
    let replaced = match fs::metadata(path) {
        Ok(before) => take_access(&aside, &before),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
    .and_then(|()| fs::rename(&aside, path));
    replaced.map_err(|error| {
        // What could not take the place of the old file must not lie about, seeds and all.
        let _ = fs::remove_file(&aside);
        Error::io("write", path)(error)
    })?;
    // Customers and edges are told of what is in it, so it should be there after a power cut, too: that is up to the folder. Not
    // every file system can promise that, and the file is replaced by now.
    let _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    Ok(())
}

/// The file itself; what is not there is where the path says.
fn behind_links(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Keeps other commands from changing the secret files in the folder of this one as long as the lock lives; waits for the one
/// that does so now. Without it, of two rotations at the same time one would be lost, and with it a key that people were told.
///
/// # Errors
/// [`Error::Io`] names the folder.
pub(crate) fn lock_folder_of(path: &Path) -> Result<File, Error> {
    let path = behind_links(path);
    let folder = folder_of(&path);
    // The folder itself, since the files are replaced and a file for the lock alone would stay behind.
    let lock = File::open(folder).map_err(Error::io("open", folder))?;
    lock.lock().map_err(Error::io("lock", folder))?;
    Ok(lock)
}

/// Gives a file the owner, the group and the mode of another: a service that reads its secrets through its group must be able
/// to go on doing so.
fn take_access(path: &Path, before: &fs::Metadata) -> io::Result<()> {
    let file = File::open(path)?;
    let made = file.metadata()?;
    // Asked only where something differs, since some systems leave this to root.
    if (made.uid(), made.gid()) != (before.uid(), before.gid()) {
        fchown(&file, Some(before.uid()), Some(before.gid()))?;
    }
    // Last, so that no other group ever has these rights.
    file.set_permissions(before.permissions())
}

/// Reads a secret file.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let file = File::open(path).map_err(|error| cannot_open(path, &error))?;
    read_open(path, file)
}

/// Reads a secret file that is open already.
///
/// # Errors
/// [`Error::Configuration`] when it is open to others or too large.
pub(crate) fn read_open(path: &Path, file: File) -> Result<Zeroizing<Vec<u8>>, Error> {
    check_mode(path, &file)?;
    // One byte more than may be there, which tells a file that is too long: cut off, it would lose seeds when it is written
    // again. The vector has room for all of it, and to see the end: one that grows would leave copies behind.
    let mut content = Zeroizing::new(Vec::with_capacity(MAX_SECRET_FILE_BYTES + 2));
    file.take(MAX_SECRET_FILE_BYTES as u64 + 1).read_to_end(&mut content).map_err(Error::io("read", path))?;
    if content.len() > MAX_SECRET_FILE_BYTES {
        return Err(Error::Configuration {
            file: path.to_owned(),
            message: format!("found more than {MAX_SECRET_FILE_BYTES} bytes, expected at most that many"),
        });
    }
    Ok(content)
}

/// Reads a password that the vendor has put into a file: its first line, without the line's end.
///
/// # Errors
/// [`Error::Configuration`] when the file is missing, open to others, or its first line is empty or no UTF-8.
pub(crate) fn read_password(path: &Path) -> Result<SecretString, Error> {
    let wrong = |message: String| Error::Configuration { file: path.to_owned(), message };
    let file = File::open(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let content = read_open(path, file)?;
    let line = content.split(|&byte| byte == b'\n').next().unwrap_or_default();
    match std::str::from_utf8(line).map(|line| line.trim_end_matches('\r')) {
        Ok(password) if !password.is_empty() => Ok(SecretString::from(password)),
        _ => Err(wrong("found no text in the first line, expected the password".to_owned())),
    }
}

/// What to say when a secret file cannot be opened.
pub(crate) fn cannot_open(path: &Path, error: &io::Error) -> Error {
    let message = match error.kind() {
        io::ErrorKind::NotFound => {
            "is missing: put it back from a backup, or let `bandari-validator init` make the first one"
                .to_owned()
        }
        _ => format!("cannot be read: {error}"),
    };
    Error::Configuration { file: path.to_owned(), message }
}

/// Refuses a secret file that others can read or change.
pub(crate) fn check_mode(path: &Path, file: &File) -> Result<(), Error> {
    let mode = file.metadata().map_err(Error::io("read", path))?.mode() & 0o777;
    if mode & TOO_OPEN == 0 {
        return Ok(());
    }
    Err(Error::Configuration {
        file: path.to_owned(),
        message: format!("found mode {mode:o}, expected 600: others must not read or change a secret"),
    })
}

fn fill_random(bytes: &mut [u8], path: &Path) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| Error::io("find randomness for", path)(error.into()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn what_cannot_take_the_place_of_a_file_does_not_lie_about() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seeds.toml");
        // No file takes the place of a folder.
        fs::create_dir(&path).unwrap();
        let error = replace(&path, b"secret").unwrap_err().to_string();
        assert_eq!(error, format!("cannot write `{}`", path.display()));
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(names, [path]);
    }

    #[test]
    fn a_password_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let read = |content: &[u8]| {
            let _ = fs::remove_file(&path);
            create(&path, content).unwrap();
            read_password(&path)
        };
        assert_eq!(read(b"s3cret \r\nnotes\n").unwrap().expose_secret(), "s3cret ");
        assert_eq!(read(b"s3cret").unwrap().expose_secret(), "s3cret");
        for bad in [&b""[..], b"\ns3cret", b"\xff\n"] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.ends_with("found no text in the first line, expected the password"), "{error}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read_password(&path).unwrap_err().to_string().contains("first line"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read_password(&path).unwrap_err().to_string().contains("found mode 644, expected 600"));
        fs::remove_file(&path).unwrap();
        assert!(read_password(&path).unwrap_err().to_string().contains("cannot be read"));
    }
}
