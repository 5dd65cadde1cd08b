//! SQL dumps as mysqldump, MariaDB's and phpMyAdmin write them: where statements begin and end, which table they are about,
//! and the rows of an `INSERT`. Of a dump of a whole site only a few statements matter, so statements are told apart by
//! their quotes and comments alone, and only the wanted ones are parsed.

use sqlparser::ast::{Expr, Insert, SetExpr, Statement as Ast, Value};
use sqlparser::dialect::MySqlDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};
use zeroize::Zeroizing;

/// What begins a definition in a `CREATE TABLE` that is no column (MySQL 8 manual, section 15.1.20).
const NO_COLUMNS: [&str; 9] =
    ["primary", "unique", "key", "index", "constraint", "fulltext", "spatial", "foreign", "check"];

/// What may stand between `INSERT`, `REPLACE` or `CREATE` and the table's name.
const BEFORE_NAME: [&str; 10] = [
    "into",
    "ignore",
    "low_priority",
    "high_priority",
    "delayed",
    "temporary",
    "table",
    "if",
    "not",
    "exists",
];

/// The statements of a dump, one by one.
pub(super) struct Statements<'d> {
    rest: &'d [u8],
    line: u64,
    /// What ends a statement; `DELIMITER` sets another one around triggers and procedures.
    delimiter: &'d [u8],
}

/// A statement, comments before it left out.
#[derive(Clone, Copy)]
pub(super) struct Statement<'d> {
    /// Where it begins, counted from 1.
    pub(super) line: u64,
    sql: &'d [u8],
}

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// `CREATE TABLE` of this name.
    Create(String),
    /// `INSERT INTO` or `REPLACE INTO` a table of this name.
    Insert(String),
}

/// A row of an `INSERT`: its line, and the wanted columns; `NULL` is nothing.
pub(super) struct DumpRow {
    pub(super) line: u64,
    pub(super) cells: Vec<Option<Zeroizing<String>>>,
}

/// Most tokens of one value of an `INSERT`, or between two commas of what is in it: dumps have one, or two where `_binary` stands
/// before a text. The parser makes a tree of them, and takes it down again, one call in another: `1+1+1+…` would be endless.
const MAX_TOKENS_OF_VALUE: usize = 64;

/// Most parentheses in one another; dumps have one.
const MAX_PARENTHESES: usize = 16;

/// A row as it was parsed: its line, counted from the statement's own, and all of its values.
type Values = (u64, Vec<Expr>);

pub(super) fn statements(dump: &[u8]) -> Statements<'_> {
    Statements { rest: dump, line: 1, delimiter: b";" }
}

impl<'d> Statements<'d> {
    fn advance(&mut self, bytes: usize) -> &'d [u8] {
        let (passed, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.rest = rest;
        passed
    }

    /// Passes blanks, comments and `DELIMITER` lines.
    fn skip_to_statement(&mut self) {
        loop {
            let blanks = self.rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.advance(blanks);
            let word = self.rest.get(..10).unwrap_or_default();
            if word.eq_ignore_ascii_case(b"delimiter ") {
                let line = self.advance(until(self.rest, b"\n"));
                let delimiter = line[word.len()..].trim_ascii();
                self.delimiter = if delimiter.is_empty() { b";" } else { delimiter };
            } else if let Some(comment) = comment(self.rest) {
                self.advance(comment);
            } else {
                return;
            }
        }
    }
}

impl<'d> Iterator for Statements<'d> {
    type Item = Statement<'d>;

    fn next(&mut self) -> Option<Statement<'d>> {
        self.skip_to_statement();
        if self.rest.is_empty() {
            return None;
        }
        let mut end = 0;
        while end < self.rest.len() && !self.rest[end..].starts_with(self.delimiter) {
            let here = &self.rest[end..];
            end += match here[0] {
                quote @ (b'\'' | b'"' | b'`') => quoted(here, quote),
                _ => comment(here).unwrap_or(1),
            };
        }
        let line = self.line;
        let sql = self.advance(end);
        self.advance(self.delimiter.len());
        Some(Statement { line, sql })
    }
}

/// How many bytes a comment has that begins here, if one does (MySQL 8 manual, section 11.7). What is in `/*! … */` is run by
/// some servers; dumps have settings in there, never rows.
fn comment(text: &[u8]) -> Option<usize> {
    let is_dashes = text.starts_with(b"--") && text.get(2).is_none_or(u8::is_ascii_whitespace);
    if is_dashes || text.starts_with(b"#") {
        return Some(until(text, b"\n"));
    }
    text.starts_with(b"/*").then(|| (2 + until(&text[2..], b"*/") + 2).min(text.len()))
}

/// How many bytes come before the first `end`; all when there is none.
fn until(text: &[u8], end: &[u8]) -> usize {
    text.windows(end.len()).position(|window| window == end).unwrap_or(text.len())
}

/// How many bytes a quoted text has that begins here. A doubled quote ends one and begins another, which comes to the same.
fn quoted(text: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            b'\\' if quote != b'`' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

impl Statement<'_> {
    /// What it is about; nothing for what does not matter here.
    pub(super) fn head(&self) -> Option<Head> {
        // Names have 64 characters at most, and the words before them are few.
        let head = String::from_utf8_lossy(&self.sql[..self.sql.len().min(400)]);
        let mut words = head.split(|c: char| c.is_whitespace() || c == '(').filter(|word| !word.is_empty());
        let first = words.next()?.to_ascii_lowercase();
        let mut words = words.peekable();
        let is_table = words.peek().is_some_and(|word| word.eq_ignore_ascii_case("table"))
            || words.peek().is_some_and(|word| word.eq_ignore_ascii_case("temporary"));
        let name = words.find(|word| !BEFORE_NAME.contains(&word.to_ascii_lowercase().as_str()))?;
        let table = name.rsplit('.').next().unwrap_or(name).trim_matches('`').to_owned();
        match first.as_str() {
            "create" if is_table => Some(Head::Create(table)),
            "insert" | "replace" => Some(Head::Insert(table)),
            _ => None,
        }
    }

    /// The columns of a `CREATE TABLE`, in their order and in lower case.
    pub(super) fn created_columns(&self) -> Option<Vec<String>> {
        let sql = Zeroizing::new(String::from_utf8_lossy(self.sql).into_owned());
        let tokens = Tokenizer::new(&MySqlDialect {}, &sql).tokenize().ok()?;
        let mut depth = 0;
        let mut begins = false;
        let mut columns = Vec::new();
        for token in tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))) {
            match token {
                Token::LParen => depth += 1,
                Token::RParen => depth -= 1,
                Token::Word(word) if begins => {
                    let name = word.value.to_lowercase();
                    if word.quote_style.is_some() || !NO_COLUMNS.contains(&name.as_str()) {
                        columns.push(name);
                    }
                }
                _ => {}
            }
            begins = depth == 1 && matches!(token, Token::LParen | Token::Comma);
        }
        (!columns.is_empty()).then_some(columns)
    }

    /// The rows of an `INSERT`. `created` are the table's columns, for an `INSERT` that does not list its own; each of
    /// `wanted` is the names that a column has had, in lower case.
    ///
    /// # Errors
    /// Line and message; no content of the dump is shown but names of columns.
    pub(super) fn rows(
        &self,
        created: Option<&[String]>,
        wanted: &[&[&str]],
    ) -> Result<Vec<DumpRow>, (u64, String)> {
        let wrong = |message: &str| (self.line, message.to_owned());
        let (columns, rows) = self.insert().ok_or_else(|| {
            wrong("found an `INSERT` that cannot be read, expected `INSERT INTO … VALUES (…), (…)`")
        })?;
        let columns = match (columns.is_empty(), created) {
            (false, _) => &columns,
            (true, Some(created)) => created,
            (true, None) => {
                return Err(wrong(
                    "found an `INSERT` without names of columns, expected them, or the table's `CREATE TABLE` before it",
                ));
            }
        };
        let place = |names: &&[&str]| {
            let place = columns.iter().position(|column| names.contains(&column.as_str()));
            place.ok_or_else(|| wrong(&format!("found no column `{}`", names.join("` or `"))))
        };
        let places = wanted.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(|row| self.row(row, columns, &places)).collect()
    }

    fn row(
        &self,
        (line, values): Values,
        columns: &[String],
        places: &[usize],
    ) -> Result<DumpRow, (u64, String)> {
        let line = self.line + line.saturating_sub(1);
        if values.len() != columns.len() {
            return Err((
                line,
                format!("found values: {}, expected as many as columns: {}", values.len(), columns.len()),
            ));
        }
        let cell = |place: &usize| {
            let wrong = |message: &str| (line, format!("{message}, in `{}`", columns[*place]));
            match cell(&values[*place]) {
                None => Err(wrong("found an expression, expected a value")),
                // What is there in place of bytes that are none.
                Some(Some(text)) if text.contains(char::REPLACEMENT_CHARACTER) => {
                    Err(wrong("found bytes that are no UTF-8, expected a dump in UTF-8"))
                }
                Some(cell) => Ok(cell),
            }
        };
        Ok(DumpRow { line, cells: places.iter().map(cell).collect::<Result<_, _>>()? })
    }

    /// The columns that it lists, in lower case, and its rows.
    fn insert(&self) -> Option<(Vec<String>, Vec<Values>)> {
        let sql = Zeroizing::new(String::from_utf8_lossy(self.sql).into_owned());
        let tokens = Tokenizer::new(&MySqlDialect {}, &sql).tokenize_with_location().ok()?;
        if !is_shallow(&tokens) {
            return None;
        }
        let mut parser = Parser::new(&MySqlDialect {}).with_tokens_with_locations(tokens);
        let Ast::Insert(Insert { columns, source, .. }) = parser.parse_statement().ok()? else { return None };
        let SetExpr::Values(values) = *source?.body else { return None };
        let name = |column: &sqlparser::ast::ObjectName| {
            column.0.last().and_then(|part| part.as_ident()).map(|ident| ident.value.to_lowercase())
        };
        let columns = columns.iter().map(name).collect::<Option<Vec<_>>>()?;
        let rows = values.rows.into_iter().map(|row| (row.opening_token.0.span.start.line, row.content));
        Some((columns, rows.collect()))
    }
}

/// What joins queries. A name in quotes is no keyword.
const SET_OPERATORS: [Keyword; 4] = [Keyword::UNION, Keyword::EXCEPT, Keyword::INTERSECT, Keyword::MINUS];

/// Whether a tree of these tokens has few levels.
fn is_shallow(tokens: &[TokenWithSpan]) -> bool {
    // For each open parenthesis, and for the statement itself, the tokens since the last comma.
    let mut counts = vec![0_usize];
    for TokenWithSpan { token, .. } in tokens {
        match token {
            Token::Whitespace(_) => continue,
            Token::RParen | Token::RBracket | Token::RBrace if counts.len() > 1 => drop(counts.pop()),
            // Each of these adds a level, and commas do not end it.
            Token::Word(word) if SET_OPERATORS.contains(&word.keyword) => return false,
            _ => {}
        }
        let Some(count) = counts.last_mut() else { return false };
        *count = if *token == Token::Comma { 0 } else { *count + 1 };
        if *count > MAX_TOKENS_OF_VALUE {
            return false;
        }
        if matches!(token, Token::LParen | Token::LBracket | Token::LBrace) {
            counts.push(0);
        }
        if counts.len() > MAX_PARENTHESES {
            return false;
        }
    }
    true
}

/// A value as text; nothing for what is none. The inner nothing is `NULL`.
fn cell(expression: &Expr) -> Option<Option<Zeroizing<String>>> {
    match expression {
        // `_binary 'text'`, `_utf8mb4 'text'`
        Expr::Prefixed { value, .. } => cell(value),
        Expr::Value(value) => match &value.value {
            Value::Null => Some(None),
            Value::Number(text, _) | Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => {
                Some(Some(Zeroizing::new(text.clone())))
            }
            Value::Boolean(value) => Some(Some(Zeroizing::new(u8::from(*value).to_string()))),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(dump: &str) -> Vec<(u64, Option<Head>)> {
        statements(dump.as_bytes()).map(|statement| (statement.line, statement.head())).collect()
    }

    fn rows(
        dump: &str,
        created: Option<&[String]>,
        wanted: &[&[&str]],
    ) -> Result<Vec<Vec<Option<String>>>, (u64, String)> {
        let statement = statements(dump.as_bytes()).next().unwrap();
        let text = |cell: Option<Zeroizing<String>>| cell.map(|text| text.to_string());
        let rows = statement.rows(created, wanted)?;
        Ok(rows.into_iter().map(|row| row.cells.into_iter().map(text).collect()).collect())
    }

    #[test]
    fn statements_end_where_no_quote_or_comment_is_open() {
        let dump = "-- a; comment\n# another; one\n/*!40101 SET x=1 */;\nINSERT INTO `a` VALUES ('it''s; \\'q\\'', \"x;\");\n\
                    INSERT IGNORE INTO db.`b`(`c;d`) VALUES (1 /* ; */, 5--1);\n\n  CREATE TABLE IF NOT EXISTS `t` (`x` int);";
        assert_eq!(
            heads(dump),
            [
                (3, None),
                (4, Some(Head::Insert("a".into()))),
                (5, Some(Head::Insert("b".into()))),
                (7, Some(Head::Create("t".into()))),
            ]
        );
    }

    #[test]
    fn what_is_inside_of_a_trigger_is_no_statement_of_the_dump() {
        let dump = "DELIMITER ;;\n/*!50003 CREATE*/ /*!50003 TRIGGER x AFTER INSERT ON y FOR EACH ROW BEGIN\n\
                    INSERT INTO `a` VALUES (1); INSERT INTO `a` VALUES (2);\nEND */;;\n\
                    CREATE TRIGGER z BEGIN INSERT INTO `b` VALUES (1); INSERT INTO `b` VALUES (2); END ;;\nDELIMITER ;\n\
                    REPLACE INTO c VALUES (1);";
        let heads = heads(dump);
        assert_eq!(heads.last().unwrap(), &(7, Some(Head::Insert("c".into()))));
        assert_eq!(heads.iter().filter(|(_, head)| head.is_some()).count(), 1, "{heads:?}");
    }

    #[test]
    fn columns_of_a_table_are_told_from_its_keys() {
        let dump = "CREATE TABLE `t` (\n  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,\n  `primary` tinyint(1) DEFAULT 0 COMMENT \
                    'a, (b)',\n  kind enum('x','y') NOT NULL,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `u` (`primary`,`kind`)\n) ENGINE=InnoDB;";
        let statement = statements(dump.as_bytes()).next().unwrap();
        assert_eq!(statement.created_columns().unwrap(), ["id", "primary", "kind"]);
    }

    #[test]
    fn an_expression_without_end_is_refused_before_it_is_parsed() {
        let many = |text: &str| text.repeat(100_000);
        for value in [
            format!("1{}", many("+1")),
            many("-1 "),
            many("NOT "),
            format!("1{}", many(" OR 1")),
            format!("1{}", many("+f(1,1)")),
            format!("{}1{}", many("("), many(")")),
            format!("{}1{}", many("f(1,"), many(")")),
            format!("{}1{}", many("f(1,["), many("])")),
            format!("1{}", many(" COLLATE utf8")),
            many("CASE WHEN "),
        ] {
            let dump = format!("INSERT INTO t (a) VALUES ({value});");
            let (line, message) = rows(&dump, None, &[&["a"]]).unwrap_err();
            assert_eq!(line, 1);
            assert_eq!(
                message,
                "found an `INSERT` that cannot be read, expected `INSERT INTO … VALUES (…), (…)`"
            );
        }
        for joined in [
            format!("SELECT 1{}", many(" UNION SELECT 1")),
            format!("SELECT 1,1{}", many(" UNION SELECT 1,1")),
            format!("SELECT 1,1{}", many(" union all select 1,1")),
            format!("VALUES (1),(1){}", many(" EXCEPT VALUES (1),(1)")),
            format!("VALUES (1),(1){}", many(" INTERSECT VALUES (1),(1)")),
            format!("VALUES (1),(1){}", many(" MINUS VALUES (1),(1)")),
        ] {
            assert!(rows(&format!("INSERT INTO t (a) {joined};"), None, &[&["a"]]).is_err());
        }
    }

    #[test]
    fn an_insert_may_have_many_rows() {
        let dump = format!("INSERT INTO t (a) VALUES (-1){};", ",(_binary 'x')".repeat(100_000));
        assert!(rows(&dump, None, &[&["a"]]).is_err(), "the first is an expression");
        let dump = dump.replace("(-1)", "(1)");
        assert_eq!(rows(&dump, None, &[&["a"]]).unwrap().len(), 100_001);
    }

    #[test]
    fn values_are_read_with_their_escapes() {
        let dump =
            r"INSERT INTO `t` (`ID`,`a`,`b`) VALUES (1,'it''s \'so\' \\ \n',NULL),(2,_binary 'x',0x1F);";
        assert_eq!(
            rows(dump, None, &[&["id"], &["label", "a"]]).unwrap(),
            [
                [Some("1".to_owned()), Some("it's 'so' \\ \n".to_owned())],
                [Some("2".to_owned()), Some("x".to_owned())]
            ]
        );
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_line() {
        let columns = ["id".to_owned(), "a".to_owned()];
        for (dump, created, line, message) in [
            (
                "INSERT INTO t VALUES (1);",
                None,
                1,
                "found an `INSERT` without names of columns, expected them, or the table's `CREATE TABLE` before it",
            ),
            (
                "INSERT INTO t VALUES (1,2),\n(1);",
                Some(&columns[..]),
                2,
                "found values: 1, expected as many as columns: 2",
            ),
            (
                "INSERT INTO t VALUES\n(1,2),\n(now(),2);",
                Some(&columns[..]),
                3,
                "found an expression, expected a value, in `id`",
            ),
            ("INSERT INTO t (a) VALUES (1);", None, 1, "found no column `id`"),
            (
                "INSERT INTO t SELECT 1;",
                None,
                1,
                "found an `INSERT` that cannot be read, expected `INSERT INTO … VALUES (…), (…)`",
            ),
            (
                "INSERT INTO t (id) VALUES ('never ends);",
                None,
                1,
                "found an `INSERT` that cannot be read, expected `INSERT INTO … VALUES (…), (…)`",
            ),
        ] {
            assert_eq!(rows(dump, created, &[&["id"]]).unwrap_err(), (line, message.to_owned()), "{dump}");
        }
    }

    #[test]
    fn another_encoding_is_told_where_it_matters() {
        let statement = statements(b"INSERT INTO t (id,a) VALUES (1,'Zo\xeb');").next().unwrap();
        assert!(statement.rows(None, &[&["id"]]).is_ok());
        let (line, message) = statement.rows(None, &[&["a"]]).err().unwrap();
        assert_eq!(
            (line, message.as_str()),
            (1, "found bytes that are no UTF-8, expected a dump in UTF-8, in `a`")
        );
    }

    #[test]
    fn no_bytes_make_it_panic() {
        for dump in [&b"'"[..], b"/*", b"DELIMITER \n;", b"INSERT", b"insert into \xff ('", b"`\\", b"'\\"] {
            for statement in statements(dump) {
                let _ = (statement.head(), statement.created_columns(), statement.rows(None, &[]));
            }
        }
    }
}
