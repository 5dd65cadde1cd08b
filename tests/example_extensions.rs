//! The example site's extensions are real ones: PHP accepts every file.

use std::path::Path;
use std::process::Command;

use walkdir::WalkDir;

#[test]
fn php_accepts_every_file_of_the_example_extensions() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../site/sources");
    if Command::new("php").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "php is not installed: `sh tests/run.sh` installs it");
        eprintln!("skipped: php is not installed");
        return;
    }
    let files: Vec<_> = WalkDir::new(sources)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "php"))
        .collect();
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let output = Command::new("php").arg("-l").arg(&file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
