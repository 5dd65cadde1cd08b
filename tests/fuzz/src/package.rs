//! Packages: whatever a zip holds, it is read within bounds or refused with a sentence, and what was read is the same each time.
//!
//! An input that begins as zips do is one. Any other is a recipe for one, since no fuzzer makes checksums by itself: a line
//! `=<name>` begins a file that is stored, `+<name>` one that is deflated, and what follows is its content. A file whose content
//! begins with such a line and whose name ends in `.zip` is a package of that recipe, its lines with one sign more.

use std::io::Write;

use bandari_generator::fuzzing::{self, Package};
use rawzip::{CompressionMethod, ZipArchiveWriter};

use crate::extension;
use crate::text::assert_message;

/// Most inner extensions of a package, at all depths.
const MAX_INNER: usize = 500;

/// How deep recipes in recipes go: deeper than packages are read.
const MAX_DEPTH: usize = 6;

/// Tries one input.
///
/// # Panics
/// When something does not hold.
pub fn run(input: &[u8]) {
    let made;
    let zip = match input {
        [b'P', b'K', ..] => input,
        _ => match bake(input, 1) {
            Some(zip) => {
                made = zip;
                &made
            }
            None => return,
        },
    };
    let read = fuzzing::package(zip);
    match &read {
        Ok(package) => {
            check(package);
            assert!(count(package) <= MAX_INNER);
        }
        Err(message) => assert_message(message),
    }
    assert_eq!(fuzzing::package(zip), read);
}

fn check(package: &Package) {
    assert!(package.is_kept_whole, "the cache would forget something");
    extension::check(&package.extension);
    let path = &package.extension.path;
    assert!(path.ends_with(".xml") && !path.starts_with('/') && !path.split('/').any(|part| part == ".."));
    for (_, inner) in &package.inner {
        match inner {
            Ok(inner) => check(inner),
            Err(message) => assert_message(message),
        }
    }
}

fn count(package: &Package) -> usize {
    package.inner.iter().map(|(_, inner)| 1 + inner.as_ref().map_or(0, count)).sum()
}

/// The zip of a recipe; nothing when no zip of that form can be written.
fn bake(recipe: &[u8], depth: usize) -> Option<Vec<u8>> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    let mut rest = recipe;
    while let Some((method, line, behind)) = begin(rest, depth) {
        let end = (0..behind.len())
            .find(|&at| (at == 0 || behind[at - 1] == b'\n') && begin(&behind[at..], depth).is_some());
        let (content, next) = behind.split_at(end.unwrap_or(behind.len()));
        rest = next;
        let name = String::from_utf8_lossy(line);
        let is_package = name.ends_with(".zip") && depth < MAX_DEPTH && begin(content, depth + 1).is_some();
        let baked = if is_package { bake(content, depth + 1)? } else { content.to_vec() };
        let (mut entry, config) = archive.new_file(&name).compression_method(method).start().ok()?;
        let descriptor = if method == CompressionMethod::STORE {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(&baked).ok()?;
            writer.finish().ok()?.1
        } else {
            let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast());
            let mut writer = config.wrap(encoder);
            writer.write_all(&baked).ok()?;
            let (encoder, descriptor) = writer.finish().ok()?;
            encoder.finish().ok()?;
            descriptor
        };
        entry.finish(descriptor).ok()?;
    }
    archive.finish().ok()
}

/// A line that begins a file: how it is packed, its name, and what follows.
fn begin(text: &[u8], depth: usize) -> Option<(CompressionMethod, &[u8], &[u8])> {
    let method = match text.first()? {
        b'=' => CompressionMethod::STORE,
        b'+' => CompressionMethod::DEFLATE,
        _ => return None,
    };
    let signs = text.iter().take_while(|byte| matches!(byte, b'=' | b'+')).count();
    if signs != depth {
        return None;
    }
    let line = &text[depth..];
    let end = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
    Some((method, &line[..end], line.get(end + 1..).unwrap_or_default()))
}
