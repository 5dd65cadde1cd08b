//! What is promised of the output at every instant: each feed, changelog, page and catalog is whole, each file that one of them
//! names is there with the size and digest that is told, and what is published under a name has the bytes of that name.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::xml::elements;

/// As in the configuration of every vendor of these tests.
const PUBLIC_URL: &str = "https://updates.example.org/";
const DOWNLOAD_URL: &str = "https://get.example.org/download/";

/// Every file below a folder that a host would serve or a build would read, with its bytes: none that is hidden.
pub(crate) fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let is_shown = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
    };
    let mut files = BTreeMap::new();
    if !folder.exists() {
        return Ok(files);
    }
    for entry in WalkDir::new(folder).into_iter().filter_entry(is_shown) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder)?.to_str().context("a name in UTF-8")?.to_owned();
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(files)
}

/// Fails with what does not hold. `packages` has the digest of each package that there ever was, by its name.
pub(crate) fn check(output: &Path, packages: &BTreeMap<String, String>) -> Result<()> {
    let files = files(output)?;
    let tree = Tree { digests: digests(&files), files: &files };
    for (path, digest) in tree.packages() {
        let name = path.rsplit('/').next().expect("a name");
        let known = packages.get(name);
        ensure!(known == Some(digest), "`{path}` is published with bytes that nobody made");
    }
    for path in files.keys() {
        tree.check(path).with_context(|| format!("`{path}`"))?;
    }
    Ok(())
}

/// The digests of packages, by path and in hex.
fn digests(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<&str, String> {
    let packages = files.iter().filter(|(path, _)| is_package(path));
    packages.map(|(path, bytes)| (path.as_str(), HEXLOWER.encode(&Sha256::digest(bytes)))).collect()
}

fn is_package(path: &str) -> bool {
    path.starts_with("public/files/") || path.starts_with("protected/")
}

struct Tree<'t> {
    files: &'t BTreeMap<String, Vec<u8>>,
    digests: BTreeMap<&'t str, String>,
}

impl Tree<'_> {
    fn packages(&self) -> impl Iterator<Item = (&str, &String)> {
        self.digests.iter().map(|(path, digest)| (*path, digest))
    }

    fn check(&self, path: &str) -> Result<()> {
        if is_package(path) {
            return Ok(());
        }
        let text = std::str::from_utf8(&self.files[path])?;
        match path.rsplit('/').next().expect("a name") {
            "catalog.json" => self.check_catalog(text),
            "updates.xml" => self.check_feed(product_of(path), text),
            "collection.xml" => self.check_collection(text),
            "SHA256SUMS" => self.check_sums(product_of(path), text),
            name if name.ends_with(".html") => self.check_page(text),
            name if [".xml", ".atom", ".svg"].iter().any(|ending| name.ends_with(ending)) => {
                elements(text).map(drop)
            }
            // Styles, scripts and what hosts read: texts of whole lines.
            _ => {
                ensure!(text.ends_with('\n'), "it ends within a line");
                Ok(())
            }
        }
    }

    fn check_catalog(&self, text: &str) -> Result<()> {
        bandari_catalog::read(text.as_bytes()).context("no catalog")?;
        let catalog: Value = serde_json::from_str(text)?;
        for product in catalog["products"].as_array().context("no products")? {
            let (id, is_licensed) = (word(&product["id"])?, product["group"].is_string());
            let folder = if is_licensed { "protected" } else { "public/files" };
            for package in product["packages"].as_array().context("no packages")? {
                if package["withdrawn"] == Value::Bool(true) {
                    continue;
                }
                let path = format!("{folder}/{id}/{}", word(&package["file"])?);
                self.has(&path, word(&package["digests"]["sha256"])?)?;
                let size = self.files[&path].len() as u64;
                ensure!(package["size_bytes"].as_u64() == Some(size), "`{path}` has {size} bytes");
            }
        }
        Ok(())
    }

    fn check_feed(&self, product: &str, text: &str) -> Result<()> {
        let elements = elements(text)?;
        let of = |name: &'static str| elements.iter().filter(move |element| element.name == name);
        ensure!(of("downloadurl").count() == of("sha256").count(), "a download without a digest");
        for (download, sha256) in of("downloadurl").zip(of("sha256")) {
            let address = &download.text;
            let path = match address.strip_prefix(DOWNLOAD_URL) {
                Some(licensed) => {
                    let (_, file) = licensed.split_once('/').context("an address without a file name")?;
                    format!("protected/{product}/{file}")
                }
                None => self.path_of(address)?,
            };
            self.has(&path, &sha256.text)?;
        }
        for address in of("changelogurl").chain(of("infourl")) {
            self.has_address(&address.text)?;
        }
        Ok(())
    }

    fn check_collection(&self, text: &str) -> Result<()> {
        for element in elements(text)? {
            for name in ["detailsurl", "changelogurl", "infourl"] {
                element.attributes.get(name).map_or(Ok(()), |address| self.has_address(address))?;
            }
        }
        Ok(())
    }

    fn check_sums(&self, product: &str, text: &str) -> Result<()> {
        for line in text.lines() {
            let (sha256, file) = line.split_once("  ").context("half a line")?;
            let in_folder = |folder: &str| format!("{folder}/{product}/{file}");
            let (free, licensed) = (in_folder("public/files"), in_folder("protected"));
            let path = if self.files.contains_key(&free) { free } else { licensed };
            self.has(&path, sha256)?;
        }
        Ok(())
    }

    fn check_page(&self, text: &str) -> Result<()> {
        ensure!(text.trim_end().ends_with("</html>"), "it ends too early");
        let begin = format!("href=\"{PUBLIC_URL}files/");
        for link in text.split(&begin).skip(1) {
            let file = link.split('"').next().expect("a part");
            ensure!(self.files.contains_key(&format!("public/files/{file}")), "`{file}` is not there");
        }
        Ok(())
    }

    fn has(&self, path: &str, sha256: &str) -> Result<()> {
        let found = self.digests.get(path).with_context(|| format!("names `{path}`, which is not there"))?;
        ensure!(found == sha256, "names `{path}` with another digest");
        Ok(())
    }

    fn has_address(&self, address: &str) -> Result<()> {
        let path = self.path_of(address)?;
        ensure!(self.files.contains_key(&path), "names `{path}`, which is not there");
        Ok(())
    }

    /// The file that a host answers with.
    fn path_of(&self, address: &str) -> Result<String> {
        let below =
            address.strip_prefix(PUBLIC_URL).with_context(|| format!("an address elsewhere: {address}"))?;
        let page = below.is_empty() || below.ends_with('/');
        Ok(if page { format!("public/{below}index.html") } else { format!("public/{below}") })
    }
}

/// The product in whose folder a file lies.
fn product_of(path: &str) -> &str {
    path.split('/').rev().nth(1).unwrap_or_default()
}

fn word(value: &Value) -> Result<&str> {
    value.as_str().context("no text")
}
