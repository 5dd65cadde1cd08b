//! The public site from a folder, for shops that need one machine only: a plain static host.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use http_body_util::Either;
use hyper::header::{self, HeaderMap};
use hyper::{Method, StatusCode};
use percent_encoding::percent_decode_str;

use crate::file_body::FileBody;
use crate::files::{self, ServedFile};
use crate::reply::Reply;

/// Feeds and pages change with each build.
const SHORT: &str = "public, max-age=300";

/// A published package never changes its bytes under the same name.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// What static hosts are told in files of the folder, and tell nobody.
const HOSTING_FILES: [&str; 2] = ["_headers", "_redirects"];

/// The page for people who find nothing: that of the folder of a language, else that of the whole site.
const NOT_FOUND_PAGE: &str = "404.html";

/// Serves a folder.
#[derive(Debug)]
pub(crate) struct PublicFolder {
    folder: PathBuf,
}

impl PublicFolder {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Answers a request for `path`, as it came; nothing when nothing is there.
    pub(crate) fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<Reply> {
        if method != Method::GET && method != Method::HEAD {
            return Some(Reply::method_not_allowed("GET, HEAD"));
        }
        let below = safe_path(path).filter(|below| !is_for_hosts(below))?;
        let reply = match self.open(&below, path) {
            Ok(Some((file, metadata, below))) => {
                let served = served(file, &metadata, &below);
                let is_page = served.content_type.starts_with("text/html");
                let reply = files::answer(method, headers, served);
                if is_page { protected_page(reply) } else { reply }
            }
            Ok(None) => {
                Reply::text(StatusCode::PERMANENT_REDIRECT, "folder", "See the address with a slash.")
                    // Relative, so that neither scheme nor host comes from the request.
                    .with(header::LOCATION, format!("{}/", path.rsplit('/').next().unwrap_or_default()))
                    .with(header::CACHE_CONTROL, SHORT)
            }
            Err(error) if is_absence(&error) => return None,
            Err(error) => {
                tracing::error!(file = %below.display(), %error, "a public file cannot be read");
                Reply::text(StatusCode::INTERNAL_SERVER_ERROR, "file-error", "The file cannot be read.")
            }
        };
        Some(reply)
    }

    /// The site's own page for a person who asked for `path`, where nothing is; nothing when the site has none.
    pub(crate) fn nothing(&self, method: &Method, path: &str) -> Option<Reply> {
        let below = safe_path(path).unwrap_or_default();
        let language = below.iter().next().map(|first| Path::new(first).join(NOT_FOUND_PAGE));
        let mut pages = language.into_iter().chain([NOT_FOUND_PAGE.into()]);
        let (file, metadata) = pages.find_map(|page| {
            let file = File::open(self.folder.join(page)).ok()?;
            let metadata = file.metadata().ok()?;
            metadata.is_file().then_some((file, metadata))
        })?;
        let mut reply = Reply::empty(StatusCode::NOT_FOUND, "not-found")
            .with(header::CONTENT_LENGTH, metadata.len())
            .with(header::CONTENT_TYPE, content_type(NOT_FOUND_PAGE))
            .with(header::CACHE_CONTROL, "no-store")
            .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        if method != Method::HEAD {
            *reply.response.body_mut() = Either::Right(FileBody::new(file, 0, metadata.len()));
        }
        Some(protected_page(reply))
    }

    /// Opens the file that the path means, the index of a folder included; nothing when it is a folder named without its
    /// slash.
    fn open(&self, below: &Path, path: &str) -> io::Result<Option<(File, Metadata, PathBuf)>> {
        let below = if path.ends_with('/') { below.join("index.html") } else { below.to_owned() };
        let file = File::open(self.folder.join(&below))?;
        let metadata = file.metadata()?;
        match metadata.is_dir() {
            true => Ok(None),
            false if metadata.is_file() => Ok(Some((file, metadata, below))),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// What no vendor's template needs, and no page may be used for.
fn protected_page(reply: Reply) -> Reply {
    reply
        .with(header::CONTENT_SECURITY_POLICY, "base-uri 'none'; object-src 'none'; frame-ancestors 'none'")
        .with(header::REFERRER_POLICY, "strict-origin-when-cross-origin")
}

fn is_for_hosts(below: &Path) -> bool {
    HOSTING_FILES.iter().any(|name| below == Path::new(name))
}

fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    )
}

/// The path below the folder. Names that begin with a dot are not served (a build in progress, `..`, version control), except
/// `.well-known` of RFC 8615.
fn safe_path(path: &str) -> Option<PathBuf> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let relative = decoded.strip_prefix('/')?;
    let mut below = PathBuf::new();
    let mut segments = relative.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        let hidden = segment.starts_with('.') && segment != ".well-known";
        if hidden || segment.contains(['\\', '\0']) || (segment.is_empty() && !is_last) {
            return None;
        }
        below.push(segment);
    }
    Some(below)
}

fn served(file: File, metadata: &Metadata, below: &Path) -> ServedFile {
    let modified = metadata.modified().ok();
    let nanos = modified
        .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos());
    let is_package = below.starts_with("files");
    let name = below.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    ServedFile {
        file,
        size_bytes: metadata.len(),
        etag: format!("\"{nanos:x}-{:x}\"", metadata.len()),
        modified,
        content_type: content_type(&name),
        cache_control: if is_package { IMMUTABLE } else { SHORT },
        attachment_name: is_package.then_some(name),
    }
}

fn content_type(name: &str) -> String {
    let guess = mime_guess::from_path(name).first();
    match guess {
        Some(mime)
            if mime.type_() == "text"
                || mime.subtype() == "json"
                || mime.subtype().as_str().ends_with("xml")
                || (mime.type_() == "application" && mime.suffix().is_some_and(|suffix| suffix == "xml")) =>
        {
            format!("{mime}; charset=utf-8")
        }
        Some(mime) => mime.to_string(),
        None if name == "SHA256SUMS" => "text/plain; charset=utf-8".to_owned(),
        None => "application/octet-stream".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn no_path_leaves_the_folder_or_reaches_a_hidden_file() {
        for bad in [
            "/../x",
            "/%2e%2e/x",
            "/a/../../x",
            "/.git/config",
            "/a//b",
            "/a%00b",
            "/a%5c..%5cb",
            "x",
            "/%ff",
        ] {
            assert_eq!(safe_path(bad), None, "{bad}");
        }
        assert_eq!(safe_path("/a/b.zip"), Some("a/b.zip".into()));
        assert_eq!(safe_path("/.well-known/x"), Some(".well-known/x".into()));
        assert_eq!(safe_path("/"), Some("".into()));
    }

    /// A folder with these files, each with its own name as its text.
    fn folder(files: &[&str]) -> (tempfile::TempDir, PublicFolder) {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        let public = PublicFolder::new(folder.path().to_owned());
        (folder, public)
    }

    #[test]
    fn what_is_written_for_static_hosts_is_served_to_nobody() {
        let (_folder, public) = folder(&["_headers", "_redirects", "assets/_headers"]);
        let status = |path: &str| {
            let reply = public.answer(&Method::GET, path, &HeaderMap::new());
            reply.map(|reply| reply.response.status().as_u16())
        };
        for path in ["/_headers", "/_redirects", "/%5fheaders", "/_headers/", "/_redirect%73"] {
            assert_eq!(status(path), None, "{path}");
        }
        assert_eq!(status("/assets/_headers"), Some(200), "that is none of theirs");
    }

    #[tokio::test]
    async fn the_page_for_what_is_not_there_is_that_of_the_language() {
        let (_folder, public) = folder(&["404.html", "de/404.html", "tides/index.html"]);
        for (path, expected) in [
            ("/", "404.html"),
            ("/nothing", "404.html"),
            ("/tides/gone/", "404.html"),
            ("/de", "de/404.html"),
            ("/de/tides/x", "de/404.html"),
            ("/de/../x", "404.html"),
            ("/404.html/x", "404.html"),
        ] {
            let reply = public.nothing(&Method::GET, path).unwrap();
            assert_eq!(reply.response.status(), StatusCode::NOT_FOUND);
            assert_eq!(reply.response.headers()[header::CACHE_CONTROL], "no-store");
            assert_eq!(reply.response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            let body = reply.response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, expected, "{path}");
        }
        let head = public.nothing(&Method::HEAD, "/de/x").unwrap().response;
        assert_eq!(head.headers()[header::CONTENT_LENGTH], "11");
        assert!(head.into_body().collect().await.unwrap().to_bytes().is_empty());
        let (_folder, public) = folder(&["index.html"]);
        assert!(public.nothing(&Method::GET, "/x").is_none());
    }

    #[test]
    fn feeds_and_pages_say_what_they_are() {
        assert_eq!(content_type("updates.xml"), "text/xml; charset=utf-8");
        assert_eq!(content_type("index.html"), "text/html; charset=utf-8");
        assert_eq!(content_type("catalog.json"), "application/json; charset=utf-8");
        assert_eq!(content_type("SHA256SUMS"), "text/plain; charset=utf-8");
        assert_eq!(content_type("x.zip"), "application/zip");
        assert_eq!(content_type("releases.atom"), "application/atom+xml; charset=utf-8");
        assert_eq!(content_type("style.css"), "text/css; charset=utf-8");
        assert_eq!(content_type("script.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("robots.txt"), "text/plain; charset=utf-8");
        // A picture of the vendor's says itself how it is encoded.
        assert_eq!(content_type("logo.svg"), "image/svg+xml");
        assert_eq!(content_type("logo.webp"), "image/webp");
    }
}
