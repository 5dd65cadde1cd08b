//! The script that runs at installation, and PHP that every supported version reads.

use super::*;

const ENABLING: &str = "UPDATE `#__extensions` SET `enabled` = 1 WHERE `type` = 'plugin' AND `folder` = 'installer' \
                        AND `element` = 'harborworks'";

fn plugin() -> Plugin {
    Plugin::asking("https://get.example.org", "")
}

#[test]
fn an_installation_enables_the_plug_in_and_an_update_leaves_it_as_it_is() {
    let plugin = plugin();
    for joomla in JOOMLAS {
        for (kind, queries) in [
            ("install", json!([ENABLING])),
            ("discover_install", json!([ENABLING])),
            ("update", json!([])),
            ("uninstall", json!([])),
        ] {
            let Some(outcome) = plugin.run(joomla, &json!({"script": kind})) else { return };
            assert_eq!(outcome.0["allowed"], true, "{joomla} {kind}");
            assert_eq!(outcome.0["queries"], queries, "{joomla} {kind}");
            assert_eq!(outcome.messages(), []);
        }
    }
}

#[test]
fn the_next_plug_in_of_a_run_gets_an_adapter_that_knows_no_script() {
    let plugin = plugin();
    for joomla in JOOMLAS {
        for kind in ["install", "update"] {
            let Some(outcome) = plugin.run(joomla, &json!({"script": kind})) else { return };
            let renewed = &outcome.0["renewed_adapters"];
            let expected = if joomla.starts_with('6') {
                json!({"plugin": r"Joomla\CMS\Installer\Adapter\PluginAdapter"})
            } else {
                json!([])
            };
            assert_eq!(renewed, &expected, "{joomla} {kind}");
        }
    }
}

#[test]
fn a_joomla_that_is_too_old_is_told_so() {
    let plugin = plugin();
    for (language, text) in [
        ("en-GB", "This plug-in needs Joomla 3.10 or later; found 3.9.28."),
        ("de-DE", "Dieses Plugin benötigt Joomla 3.10 oder neuer, gefunden wurde 3.9.28."),
    ] {
        for kind in ["install", "update"] {
            let scenario = json!({"script": kind, "language": language});
            let Some(outcome) = plugin.run("3.9.28", &scenario) else { return };
            assert_eq!(outcome.0["allowed"], false);
            assert_eq!(outcome.0["queries"], json!([]));
            assert_eq!(outcome.messages(), [("error", text)]);
        }
        let Some(outcome) = plugin.run("3.9.28", &json!({"script": "uninstall"})) else { return };
        assert_eq!(outcome.0["allowed"], true);
    }
}

fn php_files(plugin: &Plugin) -> Vec<PathBuf> {
    let mut files: Vec<_> = walkdir::WalkDir::new(plugin.folder())
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "php"))
        .collect();
    files.sort();
    assert!(files.len() > 10, "{files:?}");
    files
}

#[test]
fn php_reads_every_file_without_a_complaint() {
    for file in php_files(&plugin()) {
        let arguments = ["-d", "error_reporting=-1", "-d", "display_errors=1", "-l", file.to_str().unwrap()];
        let Some(output) = php_prints(&arguments, "") else { return };
        assert_eq!(output.trim(), format!("No syntax errors detected in {}", file.display()));
    }
}

#[test]
fn no_file_has_syntax_that_php_7_2_does_not_know() {
    let plugin = plugin();
    let tokens = Path::new(env!("CARGO_MANIFEST_DIR")).join("client_plugin/joomla/newer_syntax.php");
    for file in php_files(&plugin) {
        let is_script = file.file_name().unwrap() == "script.php";
        let version = if is_script { "5.3" } else { "7.2" };
        let Some(found) = php_prints(&[tokens.to_str().unwrap(), version, file.to_str().unwrap()], "") else {
            return;
        };
        assert_eq!(found, "", "{}", file.display());
    }
}

#[test]
fn newer_syntax_is_found() {
    let tokens = Path::new(env!("CARGO_MANIFEST_DIR")).join("client_plugin/joomla/newer_syntax.php");
    let folder = tempfile::tempdir().unwrap();
    for (version, code) in [
        ("7.2", "class A { private int $a; }"),
        ("7.2", "class A { public static ?string $a; }"),
        ("7.2", "class A { public readonly int $a; }"),
        ("7.2", "$a = fn ($b) => $b;"),
        ("7.2", "$a ??= 1;"),
        ("7.2", "$a = match (1) { default => 2 };"),
        ("7.2", "f(a: 1);"),
        ("7.2", "$a?->b;"),
        ("7.2", "class A { function __construct(private $a) {} }"),
        ("7.2", "function f(int|string $a) {}"),
        ("7.2", "function f(): static {}"),
        ("7.2", "function f($a,) {}"),
        ("7.2", "f($a,);"),
        ("7.2", "#[A] class B {}"),
        ("7.2", "enum A {}"),
        ("7.2", "$a = 1_000;"),
        ("7.2", "$a = [...$b];"),
        ("7.2", "$f = strlen(...);"),
        ("7.2", "try {} catch (E) {}"),
        ("7.2", "$a = throw new E();"),
        ("5.3", "$a = [1];"),
        ("5.3", "function f(int $a) {}"),
        ("5.3", "function f(): int {}"),
        ("5.3", "$a = $b ?? 1;"),
        ("5.3", "f(...$a);"),
        ("5.3", "$a = A::class;"),
        ("5.3", "try {} finally {}"),
    ] {
        let file = folder.path().join("new.php");
        std::fs::write(&file, format!("<?php\n{code}\n")).unwrap();
        let Some(found) = php_prints(&[tokens.to_str().unwrap(), version, file.to_str().unwrap()], "") else {
            return;
        };
        assert!(found.starts_with("2: "), "{version}: {code}: {found}");
    }
}
