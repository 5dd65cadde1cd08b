//! Why a site does not see an entry, in sentences: where it says so, what the feed has, what the site has, and how to mend what
//! looks like a mistake.

use super::words;
use crate::shown::{quoted, shown};
use crate::updater::{DatabaseKind, Entry, Profile, Reason};

/// Reasons that change with the site: whoever has another PHP, database or setting sees the entry.
fn is_of_the_site(reason: &Reason) -> bool {
    use Reason::{AnyDatabase, LowStability, OldDatabase, OldPhp, OtherDatabase, StabilityElement};
    matches!(
        reason,
        OldPhp { .. }
            | OtherDatabase { .. }
            | AnyDatabase
            | OldDatabase { .. }
            | LowStability { .. }
            | StabilityElement { .. }
    )
}

/// The hidden entry that tells most of why nothing fits: the newest that only PHP or database hide, else the newest with a mistake,
/// else the newest that is not stable enough, else the newest.
pub(super) fn closest(entries: &[Entry]) -> Option<&Entry> {
    let sorted = words::newest_first(entries);
    let hidden = |is_it: &dyn Fn(&[Reason]) -> bool| {
        sorted.iter().copied().find(|entry| !entry.reasons.is_empty() && is_it(&entry.reasons))
    };
    hidden(&|reasons| reasons.iter().all(|reason| is_of_the_site(reason) && !is_about_stability(reason)))
        .or_else(|| hidden(&|reasons| reasons.iter().any(is_a_mistake)))
        .or_else(|| hidden(&|reasons| reasons.iter().all(is_of_the_site)))
        .or_else(|| hidden(&|_| true))
}

/// The reason of an entry that is told where there is room for one: what no update of PHP or database mends comes first.
pub(super) fn gravest(entry: &Entry) -> Option<&Reason> {
    entry.reasons.iter().find(|reason| is_about_stability(reason)).or_else(|| entry.reasons.first())
}

fn is_about_stability(reason: &Reason) -> bool {
    matches!(reason, Reason::LowStability { .. } | Reason::StabilityElement { .. })
}

fn is_a_mistake(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::NoPlatform | Reason::OtherPlatform { .. } | Reason::BrokenExpression { .. } | Reason::NotRead
    )
}

/// All reasons of an entry.
pub(super) fn sentences(entry: &Entry, site: &Profile) -> String {
    let sentences: Vec<String> = entry.reasons.iter().map(|reason| sentence(reason, site)).collect();
    sentences.join(" ")
}

fn sentence(reason: &Reason, site: &Profile) -> String {
    match reason {
        Reason::NoPlatform => "It has no `<targetplatform>`, and without one no Joomla sees it. Write \
                               `<targetplatform name=\"joomla\" version=\"…\"/>` into it, with an expression for the versions \
                               that it is for."
            .into(),
        Reason::OtherPlatform { name } => other_platform(name.as_deref()),
        Reason::OtherJoomla { expression } => other_joomla(expression, site),
        Reason::BrokenExpression { expression, warning } => format!(
            "The expression {} of its `<targetplatform>` is broken, so it matches no Joomla, and nobody is told: {}.{}",
            quoted(expression),
            shown(warning),
            mend_expression(expression)
        ),
        Reason::OtherPatch { bound, value } => format!(
            "`{bound}=\"{}\"` of its `<targetplatform>` excludes {}. Leave the attribute out: only Joomla 3 knows it, and only when it \
             installs.",
            shown(value),
            site.joomla
        ),
        Reason::OldPhp { minimum, .. } => old_php(minimum, site),
        Reason::OtherDatabase { supported, database } => other_database(supported, database.kind),
        Reason::AnyDatabase => "It has `<supported_databases>`, and Joomla 3.10 hides every entry that has it, whatever is in it. \
                                Make an entry of its own for Joomla 3.10, without it."
            .into(),
        Reason::OldDatabase { minimum, database } => format!(
            "It needs {} {} (`<supported_databases>`); the site has {}.{}",
            database.kind.name(),
            quoted(minimum),
            shown(database.version()),
            mend_blanks(minimum)
        ),
        Reason::LowStability { stability, minimum } => format!(
            "Its `<tag>` says `{}`; the site wants {}.",
            stability.as_str(),
            at_least(minimum.as_str())
        ),
        Reason::StabilityElement { minimum } => format!(
            "It has an element `<stability>`, which Joomla takes for alpha when it installs; the site wants {}. Write `<tag>` in its \
             place.",
            at_least(minimum.as_str())
        ),
        Reason::NotRead => "The parser never comes to its `</update>`, so it does not count.".into(),
    }
}

fn at_least(stability: &str) -> String {
    if stability == "stable" { "stable releases only".into() } else { format!("`{stability}` at least") }
}

pub(super) fn other_platform(name: Option<&str>) -> String {
    match name {
        None => "Its `<targetplatform>` has no `name`. Write `name=\"joomla\"` into it.".into(),
        Some(name) if name.trim().eq_ignore_ascii_case("joomla") => format!(
            "Its `<targetplatform>` has the name {}, and Joomla looks for `joomla`, in small letters and without blanks. Write \
             `name=\"joomla\"`.",
            quoted(name)
        ),
        Some(name) => format!(
            "Its `<targetplatform>` has the name {}, and Joomla looks for `joomla`. If it is for Joomla, write \
             `name=\"joomla\"`.",
            quoted(name)
        ),
    }
}

fn other_joomla(expression: &str, site: &Profile) -> String {
    let told = format!(
        "The expression {} of its `<targetplatform>` does not match {}.",
        quoted(expression),
        site.joomla
    );
    told + &mend_expression(expression)
}

/// What people write who do not expect a regular expression.
pub(super) fn mend_expression(expression: &str) -> String {
    if expression != expression.trim() {
        return format!(" The blanks around it are part of it. Write {}.", quoted(expression.trim()));
    }
    if expression.starts_with(['<', '>', '=', '~']) || expression.contains(", ") {
        return " It is taken for a regular expression and not for a range. For Joomla 4.4 and 5 write `(4\\.4|5\\.)`.".into();
    }
    if expression.starts_with('*') {
        return " It is taken for a regular expression. For every Joomla write `.*`.".into();
    }
    if expression.starts_with('v') {
        return " Joomla's versions begin with a number.".into();
    }
    String::new()
}

fn old_php(minimum: &str, site: &Profile) -> String {
    let php = shown(site.php.as_str());
    let told = format!("It needs PHP {} (`<php_minimum>`); the site has {php}.", quoted(minimum));
    told + &mend_blanks(minimum)
}

fn mend_blanks(value: &str) -> String {
    let trimmed = value.trim();
    if value == trimmed {
        String::new()
    } else {
        format!(" The blanks around it count. Write {}.", quoted(trimmed))
    }
}

fn other_database(supported: &[String], kind: DatabaseKind) -> String {
    let has = format!("the site has {}", kind.name());
    let known: Vec<String> = supported.iter().map(|name| quoted(name)).collect();
    if known.is_empty() {
        return format!(
            "Its `<supported_databases>` names no database, so no site sees it ({has}). Name the databases, or leave the element \
             out."
        );
    }
    let mut told = format!("Its `<supported_databases>` names only {}; {has}.", words::list(&known));
    if kind == DatabaseKind::Mariadb && supported.iter().any(|name| name == "mysql") {
        told.push_str(
            " Joomla tells MariaDB and MySQL apart. If it runs on MariaDB, too, add `mariadb=\"…\"`.",
        );
    }
    told
}

/// What entries that are hidden for reasons of one kind have in common: `values` are what differs.
pub(super) fn common_sentence(reason: &Reason, values: &[String], site: &Profile) -> String {
    let values = words::list(values);
    match reason {
        Reason::OtherJoomla { .. } => {
            format!("The expressions of their `<targetplatform>` do not match {}: {values}.", site.joomla)
        }
        Reason::BrokenExpression { .. } => {
            format!(
                "The expressions of their `<targetplatform>` are broken, so they match no Joomla: {values}."
            )
        }
        Reason::OldPhp { .. } => {
            format!("They need a newer PHP than {}: {values}.", shown(site.php.as_str()))
        }
        Reason::OldDatabase { .. } => {
            format!("They need a newer database than {}: {values}.", words::database(&site.database))
        }
        Reason::LowStability { minimum, .. } => {
            format!("Their `<tag>` says {values}; the site wants {}.", at_least(minimum.as_str()))
        }
        _ => sentence(reason, site),
    }
}

/// What differs between two reasons of one kind.
pub(super) fn value(reason: &Reason) -> Option<String> {
    match reason {
        Reason::OtherJoomla { expression } | Reason::BrokenExpression { expression, .. } => {
            Some(quoted(expression))
        }
        Reason::OldPhp { minimum, .. } | Reason::OldDatabase { minimum, .. } => Some(quoted(minimum)),
        Reason::LowStability { stability, .. } => Some(format!("`{}`", stability.as_str())),
        _ => None,
    }
}
