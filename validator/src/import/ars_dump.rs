//! Download IDs of Akeeba Release System, out of an SQL dump of the Joomla that it runs in: the tables `#__ars_dlidlabels`
//! (`component/backend/sql/install.mysql.utf8.sql` of ARS 7; 5 and 6 have `enabled` for `published` and are
//! otherwise the same as far as it matters here) and `#__users` of the same Joomla.
//!
//! A primary ID is known by its 32 hex digits, an add-on one together with its user's id in that Joomla, `user id:digits`
//! (`Dlid` in ARS's site part). Each opens whatever its holder has licenses for; ARS knows who that is by view levels, which no
//! license says, so licenses come from `--grant` or from a table.

use std::collections::BTreeMap;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::email::EmailAddress;
use crate::password::PasswordHash;

use super::sql_dump::{DumpRow, Head, statements};
use super::{Account, Problem, Read, Row, Skip, Terms, WantedKey};

/// How the table of Download IDs ends, whatever the site's prefix.
const IDS_TABLE: &str = "ars_dlidlabels";

/// Columns of the Download IDs, by the names that they have had.
const ID_COLUMNS: [&[&str]; 4] = [&["user_id"], &["primary"], &["dlid"], &["published", "enabled"]];

/// Columns of Joomla's users (`installation/sql/mysql/base.sql`).
const USER_COLUMNS: [&[&str]; 5] = [&["id"], &["username"], &["email"], &["password"], &["block"]];

/// Hex digits of a Download ID (an MD5).
const DOWNLOAD_ID_CHARS: usize = 32;

pub(super) fn read(dump: &[u8], terms: &Terms<'_>) -> Read {
    let mut read = Read::default();
    let tables = match Tables::of(dump) {
        Ok(tables) => tables,
        Err(problems) => {
            read.problems = problems;
            return read;
        }
    };
    let mut ids = published_ids(&tables.ids, &mut read);
    for row in &tables.users {
        let user = DumpUser::of(row);
        match ids.remove(user.id) {
            None => read.skipped.add(Skip::UsersWithoutIds, row.line),
            Some(_) if user.is_blocked => read.skipped.add(Skip::BlockedUsers, row.line),
            Some(ids) => user.add(&ids, &mut read, terms),
        }
    }
    for (line, _) in ids.values().flatten() {
        read.skipped.add(Skip::IdsWithoutUser, *line);
    }
    read
}

/// The rows of both tables.
struct Tables {
    ids: Vec<DumpRow>,
    users: Vec<DumpRow>,
}

impl Tables {
    fn of(dump: &[u8]) -> Result<Self, Vec<Problem>> {
        let prefix = prefix(dump).map_err(|problem| vec![problem])?;
        let ids = rows_of(dump, &format!("{prefix}{IDS_TABLE}"), &ID_COLUMNS)?;
        let users = rows_of(dump, &format!("{prefix}users"), &USER_COLUMNS)?;
        Ok(Self { ids, users })
    }
}

/// The prefix of the site's tables, which tells its users from other tables that end in `users`. Messages show it, so what is no
/// plain name is none: of a statement that is cut or broken it may be anything.
fn prefix(dump: &[u8]) -> Result<String, Problem> {
    let mut prefixes: Vec<String> = Vec::new();
    for statement in statements(dump) {
        let Some(Head::Create(table) | Head::Insert(table)) = statement.head() else { continue };
        if let Some(prefix) = table.strip_suffix(IDS_TABLE)
            && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-'))
            && !prefixes.iter().any(|known| known == prefix)
        {
            prefixes.push(prefix.to_owned());
        }
    }
    match &prefixes[..] {
        [prefix] => Ok(prefix.clone()),
        [] => Err(Problem::of_file(format!(
            "found no table `…_{IDS_TABLE}`, expected an SQL dump with it and with `…_users`"
        ))),
        [one, other, ..] => Err(Problem::of_file(format!(
            "found the tables `{one}{IDS_TABLE}` and `{other}{IDS_TABLE}`, expected those of one Joomla"
        ))),
    }
}

/// All rows of a table.
fn rows_of(dump: &[u8], table: &str, wanted: &[&[&str]]) -> Result<Vec<DumpRow>, Vec<Problem>> {
    let mut created = None;
    let mut is_there = false;
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    for statement in statements(dump) {
        match statement.head() {
            Some(Head::Create(name)) if name == table => {
                is_there = true;
                created = statement.created_columns();
            }
            Some(Head::Insert(name)) if name == table => {
                is_there = true;
                match statement.rows(created.as_deref(), wanted) {
                    Ok(found) => rows.extend(found),
                    Err((line, message)) => {
                        problems.push(Problem::new(line, format!("table `{table}`: {message}")));
                    }
                }
            }
            _ => {}
        }
    }
    if !is_there {
        problems.push(Problem::of_file(format!(
            "found no table `{table}`, expected it in the dump: it tells whose the Download IDs are"
        )));
    } else if rows.is_empty() && problems.is_empty() {
        problems.push(Problem::of_file(format!(
            "found no rows of the table `{table}`, expected a dump with them"
        )));
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

/// A Download ID: the line it is in, and how a site would send it.
type DownloadId = (u64, Zeroizing<String>);

/// The published ones by their user's id in that Joomla.
fn published_ids<'d>(rows: &'d [DumpRow], read: &mut Read) -> BTreeMap<&'d str, Vec<DownloadId>> {
    let mut ids: BTreeMap<&str, Vec<DownloadId>> = BTreeMap::new();
    for row in rows {
        let [user, primary, digits, published] = texts(row);
        let is_id = digits.len() == DOWNLOAD_ID_CHARS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_true(published) {
            read.skipped.add(Skip::UnpublishedIds, row.line);
        } else if !is_id {
            read.problems.push(Problem::new(row.line, "found another `dlid`, expected 32 hex digits"));
        } else {
            let id = if is_true(primary) { digits.to_owned() } else { format!("{user}:{digits}") };
            ids.entry(user).or_default().push((row.line, Zeroizing::new(id)));
        }
    }
    ids
}

/// A user of that Joomla.
struct DumpUser<'d> {
    line: u64,
    id: &'d str,
    username: &'d str,
    email: &'d str,
    password_hash: &'d str,
    is_blocked: bool,
}

impl<'d> DumpUser<'d> {
    fn of(row: &'d DumpRow) -> Self {
        let [id, username, email, password_hash, block] = texts(row);
        Self { line: row.line, id, username, email, password_hash, is_blocked: is_true(block) }
    }

    /// Adds a row for each of the user's Download IDs.
    fn add(&self, ids: &[DownloadId], read: &mut Read, terms: &Terms<'_>) {
        // The dump is a machine's: a user whom no mail can reach keeps no other from being imported, and a hash that nobody can
        // use no key.
        let Some(email) = EmailAddress::parse(self.email) else {
            return read.skipped.add(Skip::UsersWithoutAddress, self.line);
        };
        let is_usable = PasswordHash::parse(self.password_hash).is_some();
        if !is_usable && !self.password_hash.is_empty() {
            read.skipped.add(Skip::UnknownPasswordHashes, self.line);
        }
        for (line, id) in ids {
            let account = Account {
                username: self.username.to_owned(),
                password_hash: is_usable.then(|| SecretString::from(self.password_hash)),
            };
            let row = terms.key_hash(id).map(|hash| Row {
                line: *line,
                email: email.clone(),
                account: (!self.username.is_empty()).then_some(account),
                license: None,
                key: Some(WantedKey { hash, group: None }),
            });
            read.add(*line, row);
        }
    }
}

/// The cells of a row; `NULL` is empty.
fn texts<const CELLS: usize>(row: &DumpRow) -> [&str; CELLS] {
    std::array::from_fn(|at| row.cells.get(at).and_then(Option::as_ref).map_or("", |text| text.as_str()))
}

/// MySQL's truth.
fn is_true(number: &str) -> bool {
    !matches!(number, "" | "0")
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{hash, messages, with_terms};
    use super::*;

    const DIGITS: &str = "0123456789abcdef0123456789abcdef";

    fn read_text(dump: &str) -> Read {
        with_terms(|terms| read(dump.as_bytes(), terms))
    }

    fn users(prefix: &str) -> String {
        format!(
            "INSERT INTO `{prefix}users` (`id`,`username`,`email`,`password`,`block`) VALUES \
             (42,'ada','Ada@Example.org','',0),(43,'bob','bob@example.org','odd',1);\n"
        )
    }

    #[test]
    fn ids_are_taken_from_every_version_of_the_table() {
        for (columns, primary) in [
            ("`id`,`user_id`,`primary`,`title`,`dlid`,`published`", 1),
            ("`ars_dlidlabel_id`,`user_id`,`primary`,`label`,`dlid`,`enabled`", 0),
        ] {
            let dump = format!(
                "{}INSERT INTO `j_ars_dlidlabels` ({columns}) VALUES (1,42,{primary},'x','{DIGITS}',1);",
                users("j_")
            );
            let read = read_text(&dump);
            assert_eq!(messages(&read), [""; 0]);
            let row = &read.rows[0];
            let expected = if primary == 1 { DIGITS.to_owned() } else { format!("42:{DIGITS}") };
            assert_eq!((row.line, row.email.expose()), (2, "ada@example.org"));
            assert_eq!(row.key.as_ref().unwrap().hash, hash(&expected));
            assert_eq!(row.account.as_ref().unwrap().username, "ada");
        }
    }

    #[test]
    fn what_does_not_count_is_counted() {
        let dump = format!(
            "{}INSERT INTO `j_ars_dlidlabels` (`user_id`,`primary`,`dlid`,`published`) VALUES \
             (42,1,'{DIGITS}',0),(43,1,'{DIGITS}',1),(99,1,'{DIGITS}',1);",
            users("j_")
        );
        let read = read_text(&dump);
        assert_eq!((messages(&read), read.rows.len()), (Vec::new(), 0));
        let skipped =
            read.skipped.places.iter().map(|(skip, places)| {
                (*skip, places.count, places.lines.iter().copied().collect::<Vec<_>>())
            });
        assert!(skipped.eq([
            (Skip::UnpublishedIds, 1, vec![2]),
            (Skip::IdsWithoutUser, 1, vec![2]),
            (Skip::BlockedUsers, 1, vec![1]),
            (Skip::UsersWithoutIds, 1, vec![1]),
        ]));
    }

    #[test]
    fn a_dump_without_one_of_the_tables_says_which_it_needs() {
        let ids =
            "INSERT INTO `j_ars_dlidlabels` (`user_id`,`primary`,`dlid`,`published`) VALUES (42,1,'',0);\n";
        for (dump, expected) in [
            (
                users("j_"),
                "found no table `…_ars_dlidlabels`, expected an SQL dump with it and with `…_users`",
            ),
            (
                // Users of another extension, or of another Joomla.
                format!("{ids}{}{}", users("j_kunena_"), users("k_")),
                "found no table `j_users`, expected it in the dump: it tells whose the Download IDs are",
            ),
            (
                format!("CREATE TABLE `j_ars_dlidlabels` (`user_id` int);\n{}", users("j_")),
                "found no rows of the table `j_ars_dlidlabels`, expected a dump with them",
            ),
            (
                format!("{ids}CREATE TABLE `k_ars_dlidlabels` (`user_id` int);"),
                "found the tables `j_ars_dlidlabels` and `k_ars_dlidlabels`, expected those of one Joomla",
            ),
        ] {
            assert_eq!(messages(&read_text(&dump)), [expected]);
        }
    }

    #[test]
    fn an_id_of_another_form_is_a_problem_and_a_user_without_an_address_is_none() {
        let dump = format!(
            "INSERT INTO `j_users` (`id`,`username`,`email`,`password`,`block`) VALUES (42,'ada','none','',0);\n\
             INSERT INTO `j_ars_dlidlabels` (`user_id`,`primary`,`dlid`,`published`) VALUES (42,1,'{DIGITS}',1),\n\
             (42,0,'short',1);"
        );
        let read = read_text(&dump);
        assert_eq!(messages(&read), ["line 3: found another `dlid`, expected 32 hex digits"]);
        let without_address = &read.skipped.places[&Skip::UsersWithoutAddress];
        assert_eq!((without_address.count, read.rows.len()), (1, 0));
    }

    #[test]
    fn what_is_no_plain_name_of_a_table_is_not_told() {
        for name in
            ["`j\u{1b}[2J_ars_dlidlabels`", "fd8s809f89ds8f90'`j_ars_dlidlabels`", "'a@b.cd,j_ars_dlidlabels"]
        {
            let told = messages(&read_text(&format!("INSERT INTO {name} VALUES (1);"))).join(" ");
            assert_eq!(
                told,
                "found no table `…_ars_dlidlabels`, expected an SQL dump with it and with `…_users`"
            );
        }
    }

    #[test]
    fn a_table_from_before_ids_were_stored_is_refused() {
        let dump = format!(
            "{}INSERT INTO `j_ars_dlidlabels` (`user_id`,`label`,`enabled`) VALUES (42,'x',1);",
            users("j_")
        );
        assert_eq!(
            messages(&read_text(&dump)),
            ["line 2: table `j_ars_dlidlabels`: found no column `primary`"]
        );
    }
}
