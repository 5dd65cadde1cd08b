//! Secret files that are spoiled: what is wrong with them is told without what is in them.

use super::*;

/// Spoils a file in this way, and runs what would read it.
fn assert_told_without_secrets(path: &str, spoil: impl Fn(&str) -> String) {
    for log_format in ["plain", "json"] {
        let run = Run::new(log_format);
        let content = fs::read_to_string(run.shop.path(path)).unwrap();
        write_secret(&run.shop, path, spoil(&content).as_bytes());
        for command in ["check-config", "serve"] {
            let output = run.shop.validator(&[command], "");
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            let said = [output.stdout, output.stderr].concat();
            assert!(String::from_utf8_lossy(&said).contains(path), "{command} names the file");
            run.planted.assert_none_in(&format!("what {command} says"), &said);
        }
    }
}

#[test]
fn broken_seeds_are_not_quoted() {
    assert_told_without_secrets("secrets/seeds.toml", |seeds| seeds.replacen("= \"", "= \"!", 1));
    assert_told_without_secrets("secrets/seeds.toml", |seeds| seeds.replacen("= \"", "= ", 1));
    assert_told_without_secrets("secrets/seeds.toml", |seeds| seeds.replace("[seeds]", "[sedes]"));
}

#[test]
fn a_broken_signing_key_is_not_quoted() {
    assert_told_without_secrets("secrets/signing-key.pem", |pem| pem.replace("PRIVATE", "SECRET"));
    assert_told_without_secrets("secrets/signing-key.pem", |pem| pem.replacen("\nM", "\n", 1));
}

#[test]
fn a_broken_password_file_is_not_quoted() {
    assert_told_without_secrets("secrets/mail-password", |password| format!("\n{password}"));
}

#[test]
fn a_secret_in_the_wrong_place_of_a_configuration_is_not_quoted() {
    for log_format in ["plain", "json"] {
        let run = Run::new(log_format);
        run.shop.configure(&format!("signing_key_password = '{MAIL_PASSWORD}'"));
        for command in ["check-config", "serve"] {
            let output = run.shop.validator(&[command], "");
            let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(
                said.contains("TOML parse error at line 1, column 1: unknown field `signing_key_pass"),
                "{said}"
            );
            run.planted.assert_none_in(&format!("what {command} says"), said.as_bytes());
        }
    }
}
