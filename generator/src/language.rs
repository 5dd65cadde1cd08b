//! Names that are language keys: which of them may be, which language files resolve them, and what a file says for a
//! key. Pure; [`crate::archive`] finds and opens the files.
//!
//! Joomla shows `Text::_($name)` after loading `<base>.sys.ini` of the extension
//! (`libraries/src/Installer/InstallerAdapter.php::doLoadLanguage` and the adapters), but a feed's `<name>` is shown as it
//! is. So the feed must have the words.

use bandari_catalog::v1::{Extension, ExtensionType};

/// Whether a name may be a language key, so that it is worth looking for: one word of capitals, or with `_`. Joomla turns
/// a name into capitals before it looks (`libraries/src/Language/Language.php::_`), so `mod_tides` may be one, too.
pub(crate) fn may_be_key(name: &str) -> bool {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let has_capitals_only = !name.bytes().any(|byte| byte.is_ascii_lowercase());
    is_word
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
        && (has_capitals_only || name.contains('_'))
}

/// Whether a name can be nothing but a language key. `AB12` may be the name of a product, `MOD_TIDES` is not.
pub(crate) fn is_key(name: &str) -> bool {
    may_be_key(name) && name.contains('_') && !name.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// What the language files of an extension are called before `.sys.ini` and `.ini`. Languages have none.
pub(crate) fn base(extension: &Extension) -> Option<String> {
    let element = &extension.element;
    Some(match extension.kind {
        ExtensionType::Component | ExtensionType::Module | ExtensionType::Package => element.clone(),
        ExtensionType::Plugin => {
            format!("plg_{}_{element}", extension.folder.as_deref().unwrap_or_default())
        }
        ExtensionType::Template => format!("tpl_{element}"),
        ExtensionType::Library => format!("lib_{}", element.replace('/', "_")),
        ExtensionType::File => format!("files_{element}"),
        ExtensionType::Language => return None,
    })
}

/// How early a language file is asked, the smaller the earlier: English first, then files without a tag, which are
/// English as a rule, then the tags in their order; of one tag `.sys.ini` first, which is what Joomla loads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    British { is_plain_ini: bool },
    Untagged { is_plain_ini: bool },
    Other { tag: String, is_plain_ini: bool },
}

/// The rank of a file of an archive among the language files called `base`; none when it is no such file. The tag is
/// that of the folder, or in the way of Joomla 3 the beginning of the file's name (`en-GB.mod_tides.sys.ini`). Capitals
/// in the name make no difference here: Joomla's adapters disagree about them.
pub(crate) fn rank(path: &str, base: &str) -> Option<Rank> {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, is_plain_ini) = match file.strip_suffix(".sys.ini") {
        Some(stem) => (stem, false),
        None => (file.strip_suffix(".ini")?, true),
    };
    let folder = folders.rsplit('/').next().unwrap_or_default();
    let (tag, name) = match stem.split_once('.') {
        Some((tag, name)) if is_tag(tag) => (tag, name),
        _ => (folder, stem),
    };
    if !name.eq_ignore_ascii_case(base) {
        return None;
    }
    Some(match tag {
        "en-GB" => Rank::British { is_plain_ini },
        tag if is_tag(tag) => Rank::Other { tag: tag.to_owned(), is_plain_ini },
        _ => Rank::Untagged { is_plain_ini },
    })
}

/// `de-DE` or `kab-DZ` (`libraries/src/Language/LanguageHelper.php::parseLanguageFiles`).
pub(crate) fn is_tag(text: &str) -> bool {
    text.split_once('-').is_some_and(|(language, region)| {
        matches!(language.len(), 2 | 3)
            && language.bytes().all(|byte| byte.is_ascii_lowercase())
            && region.len() == 2
            && region.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}

/// What a language file says for a key; the last of several counts. The rules are those of PHP's `parse_ini_file` with
/// `INI_SCANNER_RAW` (`Zend/zend_ini_scanner.l`, state `ST_RAW`) and what Joomla does with its answer
/// (`libraries/src/Language/LanguageHelper.php::parseIniFile`). A value ends with its line, whatever quotes are in it.
pub(crate) fn text_of(ini: &str, key: &str) -> Option<String> {
    let mut text = None;
    for line in ini.strip_prefix('\u{feff}').unwrap_or(ini).split(['\n', '\r']).map(str::trim) {
        if line.is_empty() || line.starts_with([';', '[']) {
            continue;
        }
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        // The end of a value that was to go on over lines. PHP reads nothing at all of such a file.
        if name.contains('"') {
            return None;
        }
        if name.trim_end() == key {
            text = text_of_value(value.trim_start()).filter(|text| !text.is_empty());
        }
    }
    text
}

/// The value without its quotes and the comment behind it, and with one blank for blanks; nothing when its quote stays
/// open. `"_QQ_"` is how Joomla 1.6 to 3 wrote a quote inside of a value.
fn text_of_value(value: &str) -> Option<String> {
    let inside = match value.strip_prefix('"').map(|rest| rest.rsplit_once('"')) {
        Some(None) => return None,
        Some(Some((quoted, behind))) if is_comment(behind) => {
            quoted.replace("\"_QQ_\"", "\"").replace("\\\"", "\"")
        }
        // A comment begins behind the last quote only.
        Some(Some((quoted, behind))) => format!("\"{quoted}\"{}", before_comment(behind)),
        // Single quotes are characters like others.
        None => before_comment(value).to_owned(),
    };
    Some(inside.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn is_comment(behind: &str) -> bool {
    before_comment(behind).is_empty()
}

fn before_comment(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_capitals_or_with_an_underscore_may_be_a_key() {
        for (name, may_be, is) in [
            ("MOD_TIDES", true, true),
            ("PLG_SYSTEM_RE-DJ", true, true),
            ("AB12", true, false),
            ("TIDES", true, false),
            ("mod_tides", true, false),
            ("Tides", false, false),
            ("MOD TIDES", false, false),
            ("TIDES!", false, false),
            ("2_0", false, false),
            ("GEZEITEN_Ä", false, false),
        ] {
            assert_eq!((may_be_key(name), is_key(name)), (may_be, is), "{name}");
        }
    }

    #[test]
    fn language_files_of_each_type_are_called_as_joomla_calls_them() {
        let called = |kind: &str, element: &str, folder: Option<&str>| {
            base(&Extension {
                kind: ExtensionType::from_word(kind).unwrap(),
                element: element.into(),
                folder: folder.map(str::to_owned),
                client: bandari_catalog::v1::Client::Site,
            })
        };
        assert_eq!(called("component", "com_tides", None).unwrap(), "com_tides");
        assert_eq!(called("module", "mod_tides", None).unwrap(), "mod_tides");
        assert_eq!(called("plugin", "reDJ", Some("system")).unwrap(), "plg_system_reDJ");
        assert_eq!(called("template", "harbor", None).unwrap(), "tpl_harbor");
        assert_eq!(called("library", "vendor/tides", None).unwrap(), "lib_vendor_tides");
        assert_eq!(called("file", "tides", None).unwrap(), "files_tides");
        assert_eq!(called("package", "pkg_tides", None).unwrap(), "pkg_tides");
        assert_eq!(called("language", "de-DE", None), None);
    }

    #[test]
    fn language_files_are_asked_english_first_and_system_files_before_others() {
        let in_order = [
            "language/en-GB/mod_tides.sys.ini",
            "en-GB.mod_tides.ini",
            "language/mod_tides.sys.ini",
            "mod_tides.ini",
            "language/de-DE/mod_tides.sys.ini",
            "language/de-DE/de-DE.MOD_tides.ini",
            "language/kab-DZ/mod_tides.sys.ini",
        ];
        let ranks: Vec<Rank> = in_order.iter().map(|path| rank(path, "mod_tides").unwrap()).collect();
        assert!(ranks.is_sorted_by(|a, b| a < b), "{ranks:?}");
        // In the way of Joomla 3 and in that of Joomla 4.
        assert_eq!(rank("en-GB/en-GB.mod_tides.ini", "mod_tides"), rank("en-GB/mod_tides.ini", "mod_tides"));
    }

    #[test]
    fn other_files_are_no_language_files_of_the_extension() {
        for path in ["en-GB/mod_waves.ini", "en-GB/mod_tides.php", "en-GB/x.mod_tides.ini", "mod_tides.ini/a"]
        {
            assert_eq!(rank(path, "mod_tides"), None, "{path}");
        }
    }

    #[test]
    fn a_value_is_what_php_reads() {
        for (line, value) in [
            ("KEY=\"Tides\"", "Tides"),
            ("  KEY = \"Tides\" ; a comment", "Tides"),
            ("KEY=\"High; low\"", "High; low"),
            ("KEY=\"The \\\"Tides\\\"\"", "The \"Tides\""),
            ("KEY=\"The \"_QQ_\"Tides\"_QQ_\"\"", "The \"Tides\""),
            ("KEY=Tides of the sea ; a comment", "Tides of the sea"),
            ("KEY='Tides'", "'Tides'"),
            ("KEY=\"Ebb =\tflow\"", "Ebb = flow"),
            ("KEY=\"Ebb\" ; and \"flow\" ; a comment", "Ebb\" ; and \"flow"),
            ("KEY=\"High; low\" tide", "\"High; low\" tide"),
            ("KEY=\"Tides\\\"", "Tides\\"),
            ("OTHER=\"x\" ; 5\" disk\nKEY=\"Tides\"", "Tides"),
            ("OTHER=\"a\\\"\nKEY=\"Tides\"", "Tides"),
            ("OTHER=\"open\nKEY=\"Tides\"", "Tides"),
            ("KEY=\"Tides\"\rOTHER=\"y\"\r", "Tides"),
            ("\u{feff}KEY=\"Tides\"", "Tides"),
        ] {
            assert_eq!(text_of(line, "KEY").as_deref(), Some(value), "{line}");
        }
    }

    #[test]
    fn a_key_is_found_among_others_and_its_last_value_counts() {
        let ini = "; KEY=\"a comment\"\r\n[KEY]\r\nOTHER_KEY=\"no\"\r\nKEY=\"old\"\r\nnonsense\r\nKEY=\"new\"\r\nKEY_2=\"no\"\r\n";
        assert_eq!(text_of(ini, "KEY").as_deref(), Some("new"));
    }

    #[test]
    fn a_key_without_a_value_is_not_resolved() {
        for ini in
            ["", "KEY", "KEY=", "KEY=\"\"", "KEY=\"never closed\nMORE=1", "key=\"small\"", "A=\"KEY=1\""]
        {
            assert_eq!(text_of(ini, "KEY"), None, "{ini}");
        }
    }

    #[test]
    fn of_a_file_with_a_value_over_lines_nothing_is_read_as_php_reads_nothing() {
        for ini in
            ["KEY=\"Tides\nof the sea\"", "OTHER=\"more\nKEY=inner\n\"", "KEY=\"Tides\"\nOTHER=\"a\nb\" ; c"]
        {
            assert_eq!(text_of(ini, "KEY"), None, "{ini}");
        }
    }
}
