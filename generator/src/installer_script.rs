//! What an extension's installer script demands of Joomla and PHP. Pure; [`crate::archive`] opens the file.
//!
//! A script that follows Joomla's own class or trait holds `protected $minimumJoomla = '4.4';` and `$minimumPhp`
//! (`libraries/src/Installer/InstallerScript.php`, `InstallerScriptTrait.php`), and refuses to be installed below them,
//! whatever a feed says.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::contents::ScriptMinimums;
use crate::error::is_line_of_text;

/// Longest value that is taken for a version: as long as Joomla stores one (`#__updates.version`).
const MAX_VERSION_CHARS: usize = 32;

/// The two demands of a script, each the first text that is given to its property.
pub(crate) fn minimums(php: &str) -> ScriptMinimums {
    let mut minimums = ScriptMinimums::default();
    // The name of the property, and whether `=` came after it.
    let mut given: Option<(&str, bool)> = None;
    for token in Tokens::of(php) {
        given = match (token, given) {
            (Token::Word(name), _) => Some((name, false)),
            (Token::Other('='), Some((name, false))) => Some((name, true)),
            (Token::Text(version), Some((name, true))) => {
                let place = match name {
                    "$minimumJoomla" | "minimumJoomla" => Some(&mut minimums.joomla),
                    "$minimumPhp" | "minimumPhp" => Some(&mut minimums.php),
                    _ => None,
                };
                if let Some(place) = place.filter(|place| place.is_none() && is_version(version)) {
                    *place = Some(version.to_owned());
                }
                None
            }
            _ => None,
        };
    }
    minimums
}

fn is_version(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= MAX_VERSION_CHARS && is_line_of_text(text)
}

/// As much of PHP as is needed to tell code from comments and texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'p> {
    /// A name, with its `$` when it is a variable.
    Word(&'p str),
    /// What stands between quotes, escapes as they are.
    Text(&'p str),
    Other(char),
}

struct Tokens<'p> {
    php: &'p str,
    chars: Peekable<CharIndices<'p>>,
}

impl<'p> Tokens<'p> {
    fn of(php: &'p str) -> Self {
        Self { php, chars: php.char_indices().peekable() }
    }

    /// Goes on while the characters fit; tells where the first is that does not.
    fn skip_while(&mut self, fits: impl Fn(char) -> bool) -> usize {
        while self.chars.next_if(|&(_, c)| fits(c)).is_some() {}
        self.place()
    }

    fn place(&mut self) -> usize {
        self.chars.peek().map_or(self.php.len(), |&(place, _)| place)
    }

    /// Goes behind a text that is known to come, or to the end when it does not.
    fn skip_behind(&mut self, end: &str) {
        let start = self.place();
        let behind = self.php[start..].find(end).map_or(self.php.len(), |found| start + found + end.len());
        while self.chars.next_if(|&(place, _)| place < behind).is_some() {}
    }

    fn quoted(&mut self, quote: char) -> &'p str {
        let start = self.place();
        while let Some((place, c)) = self.chars.next() {
            if c == quote {
                return &self.php[start..place];
            }
            if c == '\\' {
                self.chars.next();
            }
        }
        &self.php[start..]
    }
}

impl<'p> Iterator for Tokens<'p> {
    type Item = Token<'p>;

    fn next(&mut self) -> Option<Token<'p>> {
        loop {
            let (place, c) = self.chars.next()?;
            let rest = &self.php[place..];
            if c.is_whitespace() {
                continue;
            }
            if rest.starts_with("//") || (c == '#' && !rest.starts_with("#[")) {
                self.skip_while(|c| !matches!(c, '\n' | '\r'));
            } else if rest.starts_with("/*") {
                self.chars.next();
                self.skip_behind("*/");
            } else if matches!(c, '\'' | '"') {
                return Some(Token::Text(self.quoted(c)));
            } else if c == '$' || is_word_char(c) {
                let end = self.skip_while(is_word_char);
                return Some(Token::Word(&self.php[place..end]));
            } else {
                return Some(Token::Other(c));
            }
        }
    }
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Joomla and PHP, empty where the script demands nothing.
    fn demands(php: &str) -> (String, String) {
        let ScriptMinimums { joomla, php } = minimums(php);
        (joomla.unwrap_or_default(), php.unwrap_or_default())
    }

    #[test]
    fn properties_of_the_class_are_found() {
        let script = "<?php class x extends InstallerScript {\n\
            protected $minimumJoomla = '4.4.0';\n    protected $minimumPhp='8.1';\n}";
        assert_eq!(demands(script), ("4.4.0".into(), "8.1".into()));
    }

    #[test]
    fn typed_properties_and_double_quotes_are_found() {
        let script =
            "protected ?string $minimumJoomla = \"5.0\"; protected string $minimumPhp /* since */ = \"8.2\";";
        assert_eq!(demands(script), ("5.0".into(), "8.2".into()));
    }

    #[test]
    fn what_the_constructor_sets_is_found() {
        let script = "function __construct() { $this->minimumJoomla = '3.10'; $this->minimumPhp = '7.4'; }";
        assert_eq!(demands(script), ("3.10".into(), "7.4".into()));
    }

    #[test]
    fn the_first_value_counts() {
        assert_eq!(demands("$minimumPhp = '8.1'; $minimumPhp = '8.2';").1, "8.1");
    }

    #[test]
    fn comments_and_texts_are_no_code() {
        for script in [
            "// $minimumPhp = '8.1';",
            "# $minimumPhp = '8.1';",
            "/** $minimumPhp = '8.1'; */",
            "echo '$minimumPhp = \\'8.1\\'';",
            "/* $minimumPhp = '8.1';",
        ] {
            assert_eq!(demands(script), (String::new(), String::new()), "{script}");
        }
        assert_eq!(demands("#[Since]\n$minimumPhp = '8.1';").1, "8.1");
        assert_eq!(demands("// until here\n$minimumPhp = '8.1';").1, "8.1");
    }

    #[test]
    fn what_only_looks_like_it_is_no_demand() {
        for script in [
            "if ($minimumPhp == '8.1') {}",
            "$minimumPhp = PHP_VERSION . '8.1';",
            "$minimumPhp;  $other = '8.1';",
            "$minimumPhp = '';",
            "$minimumPhpVersion = '8.1';",
            "$minimumPhp = '8.1\n8.2';",
        ] {
            assert_eq!(demands(script).1, "", "{script}");
        }
    }
}
