//! Queries as they are written here and in the configuration, and as each database takes them: `#__` stands for the prefix of the
//! site's tables, as everywhere in Joomla, and `:user` and the like for values. Values are always bound, never written into a
//! query.

use std::fmt::Write;

use super::config::Dialect;

/// Most rows that a query of the configuration may give: nobody has more licenses for a group, but all customers together do, if
/// a query asks for them by mistake.
pub(super) const MAX_ROWS: usize = 1_000;

/// A value that a query needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    /// `:user`, the id of a Joomla user.
    User,
    /// `:group`, the id of a group of the catalog.
    Group,
    /// `:key`, a key that another system gave out.
    Key,
    /// `:user_group`, the next one of the Joomla user groups that are asked for.
    UserGroup,
    /// `:username`.
    Username,
    /// `:email`, the next one of the addresses that are asked for, in lower case.
    Email,
}

impl Parameter {
    /// As queries name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Key => "key",
            Self::UserGroup => "user_group",
            Self::Username => "username",
            Self::Email => "email",
        }
    }
}

/// A value to be bound.
#[derive(Clone, Copy)]
pub(super) enum Value<'v> {
    Number(i64),
    Text(&'v str),
}

/// A query as a database takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) text: String,
    /// What is to be bound, in the order of the places.
    pub(super) parameters: Vec<Parameter>,
}

impl Statement {
    /// Makes a statement of a query that may have these parameters.
    ///
    /// # Errors
    /// What was found and what was expected. Comments, further statements and what only looks like a place for a value are
    /// refused: nobody has to guess what a database would make of them.
    pub(super) fn compile(
        query: &str,
        dialect: Dialect,
        prefix: &str,
        allowed: &[Parameter],
    ) -> Result<Self, String> {
        let mut compiled = Self { text: String::with_capacity(query.len()), parameters: Vec::new() };
        let mut rest = query.trim();
        let first = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        if !["select", "with"].contains(&first.to_ascii_lowercase().as_str()) {
            return Err("found no `SELECT` at its begin, expected a query".to_owned());
        }
        while let Some(next) = rest.chars().next() {
            rest = match next {
                '\'' | '"' | '`' => compiled.take_quoted(rest, next, prefix)?,
                '#' => compiled.take_prefix(rest, prefix)?,
                ':' if rest.starts_with("::") => compiled.take(rest, 2),
                ':' => compiled.take_parameter(rest, dialect, allowed)?,
                _ if rest.starts_with("--") || rest.starts_with("/*") => {
                    return Err("found a comment, expected none".to_owned());
                }
                ';' => return Err("found `;`, expected one query without it".to_owned()),
                '?' | '$' | '\\' => {
                    let names: Vec<String> = allowed.iter().map(|one| format!("`:{}`", one.name())).collect();
                    return Err(format!("found `{next}`, expected values as {}", names.join(", ")));
                }
                other => compiled.take(rest, other.len_utf8()),
            };
        }
        Ok(compiled)
    }

    /// Copies so many bytes, and tells what follows.
    fn take<'r>(&mut self, rest: &'r str, bytes: usize) -> &'r str {
        let (taken, rest) = rest.split_at(bytes);
        self.text.push_str(taken);
        rest
    }

    /// A text, or a name in quotes. Only a name has a prefix.
    fn take_quoted<'r>(&mut self, rest: &'r str, quote: char, prefix: &str) -> Result<&'r str, String> {
        let end = rest[1..].find(quote).ok_or_else(|| format!("found a quote {quote} that is not closed"))?;
        let (quoted, rest) = rest.split_at(end + 2);
        // What it does depends on a server's settings.
        if quoted.contains('\\') {
            return Err("found `\\` in quotes, expected none".to_owned());
        }
        match quote {
            '\'' => self.text.push_str(quoted),
            _ => self.text.push_str(&quoted.replace("#__", prefix)),
        }
        Ok(rest)
    }

    fn take_prefix<'r>(&mut self, rest: &'r str, prefix: &str) -> Result<&'r str, String> {
        let rest = rest.strip_prefix("#__").ok_or("found `#`, expected it in `#__` only")?;
        self.text.push_str(prefix);
        Ok(rest)
    }

    fn take_parameter<'r>(
        &mut self,
        rest: &'r str,
        dialect: Dialect,
        allowed: &[Parameter],
    ) -> Result<&'r str, String> {
        let name = &rest[1..];
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
        let (name, rest) = name.split_at(end);
        let Some(parameter) = allowed.iter().find(|parameter| parameter.name() == name) else {
            let names: Vec<String> = allowed.iter().map(|one| format!("`:{}`", one.name())).collect();
            return Err(format!("found `:{name}`, expected {}", names.join(" or ")));
        };
        self.parameters.push(*parameter);
        match dialect {
            Dialect::Mysql => self.text.push('?'),
            Dialect::Postgresql => {
                write!(self.text, "${}", self.parameters.len()).expect("a string takes all that is written");
            }
        }
        Ok(rest)
    }

    /// # Errors
    /// Which parameter is missing.
    pub(super) fn require(&self, parameter: Parameter) -> Result<(), String> {
        match self.parameters.contains(&parameter) {
            true => Ok(()),
            false => Err(format!("found no `:{}`, expected it in the condition", parameter.name())),
        }
    }

    /// Asks for these columns of what the query gives, as text, and for one row more than there may be.
    pub(super) fn columns(self, dialect: Dialect, columns: &[&str]) -> Self {
        let columns: Vec<String> =
            columns.iter().map(|column| dialect.text_of(&format!("answer.{column}"))).collect();
        let text =
            format!("SELECT {} FROM ({}) answer LIMIT {}", columns.join(", "), self.text, MAX_ROWS + 1);
        Self { text, parameters: self.parameters }
    }

    /// The values to be bound, in the order of their places.
    pub(super) fn values<'v>(&self, value: impl FnMut(Parameter) -> Value<'v>) -> Vec<Value<'v>> {
        self.parameters.iter().copied().map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LICENSE: [Parameter; 2] = [Parameter::User, Parameter::Group];

    fn compiled(query: &str, dialect: Dialect) -> Result<Statement, String> {
        Statement::compile(query, dialect, "jos_", &LICENSE)
    }

    #[test]
    fn prefix_and_values_are_put_as_each_database_takes_them() {
        let query =
            "SELECT s.state FROM #__subs s WHERE s.user_id = :user AND (s.plan = :group OR s.owner=:user)";
        let mysql = compiled(query, Dialect::Mysql).unwrap();
        assert_eq!(
            mysql.text,
            "SELECT s.state FROM jos_subs s WHERE s.user_id = ? AND (s.plan = ? OR s.owner=?)"
        );
        assert_eq!(mysql.parameters, [Parameter::User, Parameter::Group, Parameter::User]);
        let postgresql = compiled(query, Dialect::Postgresql).unwrap();
        assert_eq!(
            postgresql.text,
            "SELECT s.state FROM jos_subs s WHERE s.user_id = $1 AND (s.plan = $2 OR s.owner=$3)"
        );
    }

    #[test]
    fn what_stands_in_quotes_is_text_or_a_name() {
        for (query, expected) in [
            ("SELECT ':user #__ ? $1 -- ;' , \"#__x\"", "SELECT ':user #__ ? $1 -- ;' , \"jos_x\""),
            ("SELECT 'it''s', `#__x`.a", "SELECT 'it''s', `jos_x`.a"),
            ("SELECT 'ä'::text", "SELECT 'ä'::text"),
            ("with x as (select 1) select * from x", "with x as (select 1) select * from x"),
        ] {
            let compiled = compiled(query, Dialect::Postgresql).unwrap();
            assert_eq!((compiled.text.as_str(), compiled.parameters.len()), (expected, 0));
        }
    }

    #[test]
    fn what_a_database_could_take_otherwise_than_it_looks_is_refused() {
        for (query, expected) in [
            ("", "found no `SELECT` at its begin, expected a query"),
            ("DELETE FROM #__users", "found no `SELECT` at its begin, expected a query"),
            ("SELECT 1; SELECT 2", "found `;`, expected one query without it"),
            ("SELECT 1 -- all", "found a comment, expected none"),
            ("SELECT /* all */ 1", "found a comment, expected none"),
            ("SELECT 1 # all", "found `#`, expected it in `#__` only"),
            ("SELECT 'open", "found a quote ' that is not closed"),
            ("SELECT 'a\\'b'", "found `\\` in quotes, expected none"),
            ("SELECT ?", "found `?`, expected values as `:user`, `:group`"),
            ("SELECT $1", "found `$`, expected values as `:user`, `:group`"),
            ("SELECT :users", "found `:users`, expected `:user` or `:group`"),
            ("SELECT :key", "found `:key`, expected `:user` or `:group`"),
            ("SELECT : user", "found `:`, expected `:user` or `:group`"),
        ] {
            assert_eq!(compiled(query, Dialect::Mysql), Err(expected.to_owned()), "{query}");
        }
    }

    #[test]
    fn a_query_that_asks_for_nobody_is_refused() {
        let everybody = compiled("SELECT 'active' AS state", Dialect::Mysql).unwrap();
        let error = everybody.require(Parameter::User).unwrap_err();
        assert_eq!(error, "found no `:user`, expected it in the condition");
        assert!(compiled("SELECT :user", Dialect::Mysql).unwrap().require(Parameter::User).is_ok());
    }

    #[test]
    fn answers_come_as_text() {
        let of = |dialect| compiled("SELECT 1 AS state", dialect).unwrap().columns(dialect, &["state"]).text;
        assert_eq!(
            of(Dialect::Mysql),
            "SELECT CAST(answer.state AS CHAR) FROM (SELECT 1 AS state) answer LIMIT 1001"
        );
        assert_eq!(
            of(Dialect::Postgresql),
            "SELECT CAST(answer.state AS text) FROM (SELECT 1 AS state) answer LIMIT 1001"
        );
    }
}
