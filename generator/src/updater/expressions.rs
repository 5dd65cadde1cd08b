//! The expression of a `<targetplatform>`, which Joomla gives to `preg_match('/^' . $version . '/', JVERSION)`.

use std::cell::RefCell;
use std::collections::HashMap;

use pcre2::bytes::{Regex, RegexBuilder};

/// What matching may cost, and a bound of its memory in KiB. PHP allows five hundred times as much (`pcre.backtrack_limit`); but
/// for a text as short as a version an expression that takes more than a hundred steps is made to take them, and is tried
/// with every Joomla.
const LIMITS: &str = "(*LIMIT_MATCH=2000)(*LIMIT_HEAP=1024)";

/// What PHP takes for a modifier behind the delimiter (`ext/pcre/php_pcre.c`).
const MODIFIERS: &str = "imsxADSUXJun \r\n";

/// Expressions are kept: many entries have the same one, and one site after the other is held to them.
#[derive(Debug, Default)]
pub(super) struct Expressions {
    known: RefCell<HashMap<String, Result<Regex, String>>>,
}

impl Expressions {
    /// Whether an expression matches a Joomla version.
    ///
    /// # Errors
    /// PHP's warning, when it is no expression. Then it matches nothing.
    pub(super) fn matches(&self, expression: &str, joomla: &str) -> Result<bool, String> {
        let mut known = self.known.borrow_mut();
        if !known.contains_key(expression) {
            known.insert(expression.to_owned(), compile(expression));
        }
        match &known[expression] {
            // What goes beyond the limits is no match, and PHP warns of nothing.
            Ok(regex) => Ok(regex.is_match(joomla.as_bytes()).unwrap_or(false)),
            Err(warning) => Err(warning.clone()),
        }
    }
}

fn compile(expression: &str) -> Result<Regex, String> {
    between_delimiters(expression)?;
    RegexBuilder::new().build(&format!("{LIMITS}^{expression}")).map_err(|error| {
        let offset = error.offset().unwrap_or_default().saturating_sub(LIMITS.len());
        let full = error.to_string();
        let text = full.splitn(3, ": ").last().unwrap_or(&full);
        format!("preg_match(): Compilation failed: {text} at offset {offset}")
    })
}

/// PHP looks for the end of the expression first: a `/` ends it unless a `\` is before it.
fn between_delimiters(expression: &str) -> Result<(), String> {
    let mut rest = expression.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' if rest.next().is_none() => {
                return Err("preg_match(): No ending delimiter '/' found".to_owned());
            }
            '/' => {
                // The `/` that Joomla appends stands among the modifiers and is none.
                let wrong = rest.chain(['/']).find(|&c| !MODIFIERS.contains(c)).unwrap_or('/');
                return Err(match wrong {
                    '\0' => "preg_match(): NUL byte is not a valid modifier".to_owned(),
                    _ => format!("preg_match(): Unknown modifier '{wrong}'"),
                });
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn matches(expression: &str, joomla: &str) -> Result<bool, String> {
        Expressions::default().matches(expression, joomla)
    }

    #[test]
    fn an_expression_is_bound_at_the_start_only() {
        assert_eq!(matches("5", "5.3.4"), Ok(true));
        assert_eq!(matches("5", "50.0.0"), Ok(true));
        assert_eq!(matches("3.1", "3.10.12"), Ok(true));
        assert_eq!(matches("5.1", "501.0.0"), Ok(true));
        assert_eq!(matches("", "6.0.0"), Ok(true));
        assert_eq!(matches("4", "5.4.0"), Ok(false));
    }

    #[test]
    fn only_the_first_alternative_is_bound() {
        assert_eq!(matches("4|5", "6.1.5"), Ok(true));
        assert_eq!(matches("(4|5)", "6.1.5"), Ok(false));
    }

    #[test]
    fn what_php_can_and_other_libraries_cannot_is_known() {
        assert_eq!(matches("(?!5\\.0)5", "5.0.1"), Ok(false));
        assert_eq!(matches("(?!5\\.0)5", "5.1.0"), Ok(true));
        assert_eq!(matches("(5)\\.\\1", "5.5.0"), Ok(true));
        assert_eq!(matches("5++\\.", "5.5.0"), Ok(true));
        assert_eq!(matches("5\\/", "5.5.0"), Ok(false));
    }

    #[test]
    fn broken_expressions_are_told_in_phps_words() {
        assert_eq!(
            matches("*", "5.3.4").unwrap_err(),
            "preg_match(): Compilation failed: quantifier does not follow a repeatable item at offset 1"
        );
        assert_eq!(
            matches("(5", "5.3.4").unwrap_err(),
            "preg_match(): Compilation failed: missing closing parenthesis at offset 3"
        );
        assert_eq!(matches("4/5", "5.3.4").unwrap_err(), "preg_match(): Unknown modifier '5'");
        assert_eq!(matches("5/i", "5.3.4").unwrap_err(), "preg_match(): Unknown modifier '/'");
        assert_eq!(matches("5\\", "5.3.4").unwrap_err(), "preg_match(): No ending delimiter '/' found");
    }

    #[test]
    fn an_expression_that_takes_for_ever_matches_nothing() {
        let version = format!("{}-dev", "1".repeat(60));
        assert_eq!(matches("(1+)+$", &version), Ok(false));
    }
}
