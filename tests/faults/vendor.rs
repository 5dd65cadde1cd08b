//! A vendor whose packages change between any two builds: products come, go and get other names, releases are withdrawn and
//! taken away, and what stays in feeds changes. So a build always has something to write and something to remove.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use bandari_tests::shop::Programs;
use bandari_tests::site::CONFIG;
use bandari_tests::zips::{Zip, manifest};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::chance::Chance;
use crate::row::anew;
use crate::tree;

const VERSIONS: [&str; 4] = ["1.3.0", "1.2.0", "1.1.0", "1.0.0"];

/// Free modules, and licensed plug-ins.
const FREE: [&str; 5] = ["anchor", "buoy", "mooring", "tides", "wharf"];
const LICENSED: [&str; 3] = ["beacon", "foghorn", "radar"];

/// What the one product that is no extension is called in turn.
const BOOKS: [&str; 2] = ["almanac", "handbook"];

/// What fills a package, in bytes: enough to be copied in more than one piece.
const FILLER_BYTES: usize = 150_000;

/// The vendor's folder, with `bandari.toml`, `packages/` and `output/`.
pub(crate) struct Vendor {
    program: PathBuf,
    folder: PathBuf,
    /// Each package that the vendor ever made, by the name of its file.
    made: BTreeMap<String, Vec<u8>>,
    /// Their digests in hex.
    digests: BTreeMap<String, String>,
}

impl Vendor {
    /// A vendor who has published nothing yet.
    pub(crate) fn new(programs: &Programs, folder: PathBuf, chance: &mut Chance) -> Result<Self> {
        anew(&folder)?;
        let mut made = BTreeMap::new();
        for (names, attributes) in [
            (&FREE[..], r#"type="module" client="site""#),
            (&LICENSED[..], r#"type="plugin" group="system""#),
        ] {
            for (name, version) in names.iter().flat_map(|name| VERSIONS.map(|version| (name, version))) {
                let body = match attributes.contains("plugin") {
                    true => format!(r#"<files><folder plugin="{name}">services</folder></files>"#),
                    false => format!("<element>mod_{name}</element>"),
                };
                let zip = Zip::new()
                    .file(&format!("{name}.xml"), manifest(attributes, name, version, &body))
                    .stored("filler", chance.bytes(FILLER_BYTES));
                made.insert(format!("{name}-{version}.zip"), zip.bytes());
            }
        }
        for version in VERSIONS {
            made.insert(format!("book-{version}.txt"), format!("How to moor, {version}\n").into_bytes());
        }
        let digest = |bytes: &Vec<u8>| HEXLOWER.encode(&Sha256::digest(bytes));
        let digests = made.iter().map(|(name, bytes)| (name.clone(), digest(bytes))).collect();
        Ok(Self { program: programs.bandari.clone(), folder, made, digests })
    }

    /// A path in the vendor's folder.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.join(below)
    }

    /// Changes what is in the package directory.
    pub(crate) fn change(&self, chance: &mut Chance) -> Result<()> {
        let retention = chance.one_of(&["", "retention = 0\n", "retention = 1\n"]);
        fs::write(self.path("bandari.toml"), format!("{CONFIG}{retention}"))?;
        for name in FREE {
            if chance.percent(20) {
                self.put(name, &[])?;
            } else {
                self.extension(name, "", chance)?;
            }
        }
        for name in LICENSED {
            if chance.percent(20) {
                self.put(name, &[])?;
            } else {
                self.extension(name, "group = 'lights'\n", chance)?;
            }
        }
        let book = chance.one_of(&BOOKS);
        let text =
            format!("id = '{book}'\nname = 'Handbook'\nkind = 'file'\npattern = 'book-{{version}}.txt'\n");
        self.put("book", &versions(chance).map(|version| format!("book-{version}.txt")).collect::<Vec<_>>())?;
        fs::write(self.path("packages/book/product.toml"), text)?;
        Ok(())
    }

    fn extension(&self, name: &str, lines: &str, chance: &mut Chance) -> Result<()> {
        let versions: Vec<&str> = versions(chance).collect();
        self.put(name, &versions.iter().map(|version| format!("{name}-{version}.zip")).collect::<Vec<_>>())?;
        let folder = self.path("packages").join(name);
        let mut text = format!("joomla = '>=4.4, <7'\n{lines}");
        if versions.len() > 1 && chance.percent(30) {
            let withdrawn = chance.one_of(&versions);
            write!(text, "[[releases]]\nversions = '{withdrawn}'\nwithdrawn = true\n")?;
        }
        fs::write(folder.join("product.toml"), text)?;
        let changelog = folder.join("CHANGELOG.md");
        if chance.percent(50) {
            let entry = |version: &&str| format!("## {version} - 2026-05-01\n\n- Mended for {version}\n\n");
            fs::write(changelog, versions.iter().map(entry).collect::<String>())?;
        } else if changelog.exists() {
            fs::remove_file(changelog)?;
        }
        Ok(())
    }

    /// Lets these and no other packages be in a folder of the package directory. Those that stay are not touched.
    fn put(&self, folder: &str, files: &[String]) -> Result<()> {
        let folder = self.path("packages").join(folder);
        if files.is_empty() {
            return if folder.exists() { Ok(fs::remove_dir_all(folder)?) } else { Ok(()) };
        }
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let name = entry?.file_name().into_string().expect("names in ASCII");
            if self.made.contains_key(&name) && !files.contains(&name) {
                fs::remove_file(folder.join(name))?;
            }
        }
        for name in files.iter().filter(|name| !folder.join(name).exists()) {
            fs::write(folder.join(name), &self.made[name])?;
        }
        Ok(())
    }

    /// `bandari build` to this output, yet to be run.
    pub(crate) fn command(&self, output: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["build", "--quiet", "--output", output]).current_dir(&self.folder);
        // Its own group, so that nothing that is sent to this program's reaches it.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        command
    }

    /// Runs `bandari build`.
    pub(crate) fn build(&self) -> Result<Output> {
        self.command("output").output().context("running `bandari build`")
    }

    /// Runs `bandari build`, which has to succeed, and to come to what a new folder would get.
    pub(crate) fn completes(&self) -> Result<()> {
        let built = self.build()?;
        ensure!(built.status.success(), "a rerun fails: {}", String::from_utf8_lossy(&built.stderr));
        self.is_whole()
    }

    /// The output is what a build without a cache makes in a folder that was never touched.
    pub(crate) fn is_whole(&self) -> Result<()> {
        self.holds()?;
        let built = self.command("anew").arg("--no-cache").output()?;
        ensure!(built.status.success(), "a build anew fails: {}", String::from_utf8_lossy(&built.stderr));
        let (found, expected) = (tree::files(&self.path("output"))?, tree::files(&self.path("anew"))?);
        for name in expected.keys().chain(found.keys()) {
            ensure!(found.get(name) == expected.get(name), "`{name}` is not as in a tree that is made anew");
        }
        Ok(fs::remove_dir_all(self.path("anew"))?)
    }

    /// What design promises of the output at every instant.
    pub(crate) fn holds(&self) -> Result<()> {
        tree::check(&self.path("output"), &self.digests)
    }

    /// The vendor's packages as they are now, by their paths.
    pub(crate) fn packages(&self) -> Result<Vec<PathBuf>> {
        let files = tree::files(&self.path("packages"))?.into_keys();
        let is_package = |path: &String| self.made.contains_key(file_name(path));
        Ok(files.filter(is_package).map(|path| self.path("packages").join(path)).collect())
    }
}

fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// One version at least, the newest first.
fn versions(chance: &mut Chance) -> impl Iterator<Item = &'static str> + use<> {
    let wanted = 1 + chance.below((1 << VERSIONS.len()) - 1);
    VERSIONS.into_iter().enumerate().filter(move |(at, _)| wanted >> at & 1 == 1).map(|(_, version)| version)
}
