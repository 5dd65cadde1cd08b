//! What a new `product.toml` says of the Joomla, PHP and databases that a product needs: what the installer script of its
//! newest package demands, else as a comment what it could say. Pure.

use bandari_catalog::version::Version;

use crate::contents::ScriptMinimums;
use crate::joomla_range::JoomlaRange;
use crate::product_file::number;

/// The lines for `joomla`, `php` and `databases`; `minimums` are those of the installer script of `newest`.
pub(crate) fn requirements(newest: &Version, minimums: &ScriptMinimums) -> String {
    let lowest = |minimum: &Option<String>| minimum.as_deref().and_then(plain_version);
    let range = lowest(&minimums.joomla).map(|lowest| format!(">={lowest}"));
    let joomla = match range.filter(|range| JoomlaRange::parse(range).is_ok()) {
        Some(range) => format!(
            "# For which versions of Joomla it is: the installer script of {newest} says so (`$minimumJoomla`). Up to which, no\n\
             # package says. Releases for an older Joomla need a `[[releases]]`, below.\n\
             joomla = \"{range}\"\n"
        ),
        None => format!(
            "# For which versions of Joomla it is. No installer script of {newest} has a number as `$minimumJoomla`, so\n\
             # `bandari init` cannot know it; without it the feed offers the product to every Joomla from 3.10 on.\n\
             # joomla = \">=4.4, <7\"\n"
        ),
    };
    let php = match lowest(&minimums.php).and_then(|lowest| number("php", lowest).ok()) {
        Some(lowest) => format!(
            "# Lowest version of PHP: the installer script of {newest} says so (`$minimumPhp`).\n\
             php = \"{lowest}\"\n"
        ),
        None => "# Lowest version of PHP.\n# php = \"8.1\"\n".to_owned(),
    };
    format!("{joomla}\n{php}{DATABASES}")
}

const DATABASES: &str = r#"
# Lowest versions of databases.
# databases = { mysql = "8.0", mariadb = "10.6", postgresql = "12" }

"#;

/// A version as people write it: the first two of its numbers, and a third that is not 0. Nothing for what is more than one
/// to three numbers, such as `5.0.0-rc1`.
fn plain_version(text: &str) -> Option<String> {
    // Digits only: reading a number would take a `+`.
    let part = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?;
    let numbers: Vec<u32> = text.trim().split('.').map(part).collect::<Option<_>>()?;
    match numbers[..] {
        [major] => Some(major.to_string()),
        [major, minor] | [major, minor, 0] => Some(format!("{major}.{minor}")),
        [major, minor, patch] => Some(format!("{major}.{minor}.{patch}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The settings that are no comments.
    fn settings(joomla: Option<&str>, php: Option<&str>) -> Vec<String> {
        let minimums = ScriptMinimums { joomla: joomla.map(str::to_owned), php: php.map(str::to_owned) };
        let text = requirements(&Version::parse("2.0.0").unwrap(), &minimums);
        text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn what_the_script_demands_is_a_setting() {
        assert_eq!(settings(Some("4.4"), Some("8.1")), [r#"joomla = ">=4.4""#, r#"php = "8.1""#]);
        assert_eq!(settings(Some("4.4.0"), None), [r#"joomla = ">=4.4""#]);
        assert_eq!(settings(Some("4.4.2"), Some("7.2.5")), [r#"joomla = ">=4.4.2""#, r#"php = "7.2.5""#]);
        assert_eq!(settings(Some(" 5 "), Some("8.1.0")), [r#"joomla = ">=5""#, r#"php = "8.1""#]);
        assert_eq!(settings(Some("3.10"), None), [r#"joomla = ">=3.10""#]);
    }

    #[test]
    fn what_is_no_plain_version_is_left_to_the_vendor() {
        for text in ["5.0.0-rc1", "4.4.0.1", "4.", "+4", "four", "9999999", "4294967296", "4.4\"\nid = \"x"] {
            assert!(settings(Some(text), None).is_empty(), "{text}");
        }
        for text in ["8.1.0RC1", "8.1.0.1", "8,1", "4294967295.4294967295.1"] {
            assert!(settings(None, Some(text)).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_comment_says_where_a_value_comes_from_or_that_nobody_knows() {
        let newest = Version::parse("2.0.0").unwrap();
        let nothing = ScriptMinimums::default();
        assert!(requirements(&newest, &nothing).contains("`bandari init` cannot know it"));
        let demands = ScriptMinimums { joomla: Some("4.4".into()), php: Some("8.1".into()) };
        let text = requirements(&newest, &demands);
        assert!(text.contains("the installer script of 2.0.0 says so (`$minimumJoomla`)"), "{text}");
        assert!(text.contains("the installer script of 2.0.0 says so (`$minimumPhp`)"), "{text}");
        assert!(!text.contains("cannot know"), "{text}");
    }
}
