//! One archive of the plug-in's files, the same bytes for the same files on every machine: as they are, since what a packer makes of
//! them changes with its releases, sorted, and with the first time that a zip can say. The sizes stand before the bytes, as every
//! unpacker can read it.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Whom a file belongs to may change it, everybody may read it.
const MODE: u32 = 0o644;

/// Packs files by their names.
pub(crate) fn archive(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        // 1980-01-01.
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(MODE);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(name, options).expect("names are short and each is there once");
        writer.write_all(bytes).expect("memory takes what is written to it");
    }
    writer.finish().expect("memory takes what is written to it").into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_has_its_files_as_they_are_and_nothing_of_the_machine() {
        let files =
            BTreeMap::from([("b.txt".to_owned(), b"two".to_vec()), ("a/c.txt".to_owned(), Vec::new())]);
        let bytes = archive(&files);
        // Version needed, flags, method 0, time 00:00, date 1980-01-01, CRC-32, sizes 0, length of the name, no extra field.
        let first = b"PK\x03\x04\x0a\0\0\0\0\0\0\0\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\x07\0\0\0a/c.txtPK\x03\x04";
        assert!(bytes.starts_with(first), "{}", bytes[..80].escape_ascii());
        assert!(bytes.windows(8).any(|window| window == b"b.txttwo"));
        let mut read = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(read.by_name("b.txt").unwrap().unix_mode(), Some(0o100_644));
    }
}
