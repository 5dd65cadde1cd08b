//! Images that a vendor adds: the site's logo and the icons of products. They are published as they are, so what they are is
//! looked at first: by name, by content and by size. What an SVG may hold, [`svg`] says.

mod svg;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Flaw, wrong_value};
use crate::rules::Code;

/// Largest image: a start page may show 500 icons, and a logo is asked for with every page. A picture that is drawn with care
/// has a tenth of it.
const MAX_BYTES: u64 = 256 * 1024;

/// The formats that every browser shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageFormat {
    Jpeg,
    Png,
    Svg,
    WebP,
}

impl ImageFormat {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Svg, Self::WebP];

    /// What the name of a published image ends in, behind the dot.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Svg => "svg",
            Self::WebP => "webp",
        }
    }

    /// The format that a file's name tells, in whatever letter case.
    fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        let is = |format: &Self| extension.eq_ignore_ascii_case(format.extension());
        Self::ALL.into_iter().find(is).or(extension.eq_ignore_ascii_case("jpeg").then_some(Self::Jpeg))
    }

    /// The format that a file's first bytes tell: those of the PNG specification (section 5.2), of ISO 10918-1 (markers SOI and
    /// the first of the next one) and of the WebP container. SVG is text and has none.
    fn of_content(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    /// Says what a file should be.
    fn described(self) -> &'static str {
        match self {
            Self::Jpeg => "a JPEG image",
            Self::Png => "a PNG image",
            Self::Svg => "an SVG image",
            Self::WebP => "a WebP image",
        }
    }
}

/// The path of an image as a key gives it: below the folder of the file that has the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImagePath {
    key: &'static str,
    path: PathBuf,
    format: ImageFormat,
}

impl ImagePath {
    /// Reads the value of `key`.
    ///
    /// # Errors
    /// When the path leads out of the folder, to what no walk over packages sees, or to no image by its name.
    pub(crate) fn parse(key: &'static str, text: &str) -> Result<Self, Flaw> {
        // Names that begin with a dot are left alone everywhere; `.` and `..` are two of them.
        let is_name = |segment: &str| {
            !segment.is_empty() && !segment.starts_with('.') && !segment.contains(|c: char| c.is_control())
        };
        match ImageFormat::of_name(text).filter(|_| text.split('/').all(is_name)) {
            Some(format) => Ok(Self { key, path: text.into(), format }),
            None => {
                let expected =
                    format!("the path of an svg, png, webp or jpg below this file, such as `{key}.svg`");
                Err(wrong_value(key, text, &expected))
            }
        }
    }

    /// As it was given.
    pub(crate) fn as_path(&self) -> &Path {
        &self.path
    }

    /// Looks at the image below `folder`.
    ///
    /// # Errors
    /// When it is not there, not what its name says, or not fit to be published.
    pub(crate) fn look_at(&self, folder: &Path) -> Result<Image, Flaw> {
        let path = folder.join(&self.path);
        let missing = |found: String| {
            Flaw::new(Code::ImageMissing, found, format!("the image that `{}` names", self.key))
        };
        let bytes = self.read_below(folder).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => missing("no such file".to_owned()),
            _ => missing(error.to_string()),
        })?;
        if bytes.len() as u64 > MAX_BYTES {
            let found = format!("more than {} KB", MAX_BYTES / 1024);
            return Err(Flaw::new(Code::ImageContent, found, "a smaller image"));
        }
        self.check(&bytes)?;
        Ok(Image { format: self.format, path, sha256: Sha256::digest(&bytes).into() })
    }

    /// A link would publish what nobody meant to publish.
    fn read_below(&self, folder: &Path) -> io::Result<Vec<u8>> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let path = folder.canonicalize()?.join(&self.path);
        if path.canonicalize()? != path {
            return Err(io::Error::other("a link"));
        }
        if !fs::metadata(&path)?.is_file() {
            return Err(io::Error::other("no regular file"));
        }
        read_bounded(&path)
    }

    /// # Errors
    /// When the content is not what the name says, or not fit to be published.
    pub(crate) fn check(&self, bytes: &[u8]) -> Result<(), Flaw> {
        let found = ImageFormat::of_content(bytes);
        if self.format == ImageFormat::Svg && found.is_none() {
            return svg::check(bytes);
        }
        match found {
            Some(format) if format == self.format => Ok(()),
            found => {
                let found = found.map_or("something else", ImageFormat::described);
                Err(Flaw::new(Code::ImageContent, found, self.format.described()))
            }
        }
    }
}

/// The bytes of a file, or one more than an image may have.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// An image that is fit to be published. Its bytes are read again when they are needed: all icons together may be large.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) format: ImageFormat,
    path: PathBuf,
    sha256: [u8; 32],
}

impl Image {
    /// The bytes that were looked at.
    ///
    /// # Errors
    /// [`Error::ChangedWhileRead`] when there are others by now; [`Error::Io`].
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, Error> {
        let bytes = read_bounded(&self.path).map_err(Error::io("read", &self.path))?;
        if Sha256::digest(&bytes)[..] != self.sha256 {
            return Err(Error::ChangedWhileRead { file: self.path.clone() });
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    fn look_at(name: &str, bytes: &[u8]) -> Result<Image, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), bytes).unwrap();
        look_below(folder.path(), name)
    }

    fn look_below(folder: &Path, name: &str) -> Result<Image, String> {
        let path = ImagePath::parse("icon", name).unwrap();
        path.look_at(folder).map_err(|flaw| format!("{} {flaw}", flaw.code))
    }

    #[test]
    fn an_image_is_what_its_name_and_its_content_say() {
        let extension = |name, bytes| look_at(name, bytes).map(|image| image.format.extension());
        assert_eq!(extension("a.png", PNG), Ok("png"));
        assert_eq!(extension("a.PNG", PNG), Ok("png"));
        assert_eq!(extension("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF"), Ok("jpg"));
        assert_eq!(extension("a.jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF"), Ok("jpg"));
        assert_eq!(extension("a.webp", b"RIFF\x10\0\0\0WEBPVP8 "), Ok("webp"));
        assert_eq!(extension("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), Ok("svg"));
    }

    #[test]
    fn an_image_under_the_name_of_another_is_refused() {
        for (name, bytes, told) in [
            ("a.svg", PNG, "BND012 found a PNG image, expected an SVG image"),
            ("a.jpg", PNG, "BND012 found a PNG image, expected a JPEG image"),
            ("a.png", b"<svg/>", "BND012 found something else, expected a PNG image"),
            ("a.png", b"", "BND012 found something else, expected a PNG image"),
        ] {
            assert_eq!(look_at(name, bytes).unwrap_err(), told);
        }
    }

    #[test]
    fn an_image_may_have_256_kilobytes() {
        let of_size = |bytes: usize| look_at("a.png", &[PNG, &vec![0; bytes - PNG.len()]].concat());
        assert!(of_size(262_144).is_ok());
        assert_eq!(of_size(262_145).unwrap_err(), "BND012 found more than 256 KB, expected a smaller image");
    }

    #[test]
    fn a_path_that_leads_elsewhere_or_to_no_image_is_refused() {
        for good in ["icon.svg", "art/icon 2.png", "Ikone-äöü.JPEG"] {
            assert!(ImagePath::parse("icon", good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "icon",
            "svg",
            "icon.gif",
            "/icon.svg",
            "../icon.svg",
            "a/../icon.svg",
            "./icon.svg",
            "a//b.svg",
            ".icon.svg",
            ".art/icon.svg",
            "icon.svg/",
            "a\nb.svg",
        ] {
            let flaw = ImagePath::parse("icon", bad).unwrap_err();
            assert_eq!(
                flaw.to_string(),
                format!(
                    "found `icon = {bad:?}`, expected the path of an svg, png, webp or jpg below this file, such as \
                     `icon.svg`"
                )
            );
        }
    }

    #[test]
    fn what_is_missing_a_folder_or_a_link_is_no_image() {
        let folder = tempfile::tempdir().unwrap();
        let there = |name: &str| look_below(folder.path(), name);
        fs::write(folder.path().join("a.png"), PNG).unwrap();
        fs::create_dir(folder.path().join("b.png")).unwrap();
        std::os::unix::fs::symlink("a.png", folder.path().join("c.png")).unwrap();
        std::os::unix::fs::symlink(".", folder.path().join("here")).unwrap();
        assert!(there("a.png").is_ok());
        for (name, found) in [
            ("gone.png", "no such file"),
            ("b.png", "no regular file"),
            ("c.png", "a link"),
            ("here/a.png", "a link"),
        ] {
            let told = format!("BND011 found {found}, expected the image that `icon` names");
            assert_eq!(there(name).unwrap_err(), told);
        }
    }

    #[test]
    fn an_image_that_changes_after_it_was_looked_at_is_not_published() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.png");
        fs::write(&file, PNG).unwrap();
        let image = look_below(folder.path(), "a.png").unwrap();
        assert_eq!(image.bytes().unwrap(), PNG);
        fs::write(&file, "<script>").unwrap();
        assert!(matches!(image.bytes(), Err(Error::ChangedWhileRead { .. })));
    }
}
