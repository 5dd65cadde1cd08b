//! What a Joomla site's database is asked. Tables and columns are those of Joomla 4 to 6 (`installation/sql/mysql/base.sql`,
//! `installation/sql/postgresql/base.sql`). Every column comes as text.

use super::config::Dialect;
use super::statement::{Parameter, Statement};

/// What a query for licenses must give.
pub(super) const LICENSE_COLUMNS: [&str; 3] = ["state", "expires", "canceled"];

/// What a query for the user of a key must give.
pub(super) const DOWNLOAD_ID_COLUMNS: [&str; 1] = ["user_id"];

/// The words in which the database answers questions.
pub(super) const YES: &str = "yes";

/// The licenses of a user for a group by the vendor's own query.
///
/// # Errors
/// What is wrong with the query.
pub(super) fn licenses(query: &str, dialect: Dialect, prefix: &str) -> Result<Statement, String> {
    let statement = Statement::compile(query, dialect, prefix, &[Parameter::User, Parameter::Group])?;
    // Without either, some would have the licenses of others.
    statement.require(Parameter::User)?;
    statement.require(Parameter::Group)?;
    Ok(statement.columns(dialect, &LICENSE_COLUMNS))
}

/// The same for a plain table of subscriptions.
pub(super) fn subscriptions(table: &str) -> String {
    format!("SELECT state, expires, canceled FROM {table} WHERE user_id = :user AND package_group = :group")
}

/// The user of a key by the vendor's own query.
///
/// # Errors
/// What is wrong with the query.
pub(super) fn download_ids(query: &str, dialect: Dialect, prefix: &str) -> Result<Statement, String> {
    let statement = Statement::compile(query, dialect, prefix, &[Parameter::Key])?;
    statement.require(Parameter::Key)?;
    Ok(statement.columns(dialect, &DOWNLOAD_ID_COLUMNS))
}

/// Users who have these 32 digits as a Download ID of Akeeba Release System 7, and whether as their primary one
/// (`component/backend/sql/install.mysql.utf8.sql`, table `#__ars_dlidlabels`).
pub(super) fn ars_download_ids(dialect: Dialect, prefix: &str) -> Statement {
    let text = format!(
        "SELECT {user}, {primary} FROM #__ars_dlidlabels d WHERE d.dlid = :key AND d.published = 1 ORDER BY d.id",
        user = dialect.text_of("d.user_id"),
        primary = dialect.text_of(&format!("d.{}", dialect.quoted("primary"))),
    );
    of_our_own(&text, dialect, prefix, &[Parameter::Key])
}

/// Address, block, whether they are a member of one of so many user groups, and whether of any at all.
///
/// A member of a group is one of all its parents: those whose `lft` and `rgt` enclose the group's own
/// (`libraries/src/Access/Access.php`, `getGroupsByUser`; so in Joomla 3 to 6, whatever `parent_id` says).
pub(super) fn holder(user_groups: usize, dialect: Dialect, prefix: &str) -> Statement {
    let is_member = match user_groups {
        0 => "'no'".to_owned(),
        count => format!(
            "CASE WHEN EXISTS (SELECT 1 FROM #__user_usergroup_map m \
             JOIN #__usergroups own ON own.id = m.group_id \
             JOIN #__usergroups entitled ON entitled.lft <= own.lft AND entitled.rgt >= own.rgt \
             WHERE m.user_id = u.id AND entitled.id IN ({})) THEN '{YES}' ELSE 'no' END",
            places(Parameter::UserGroup, count)
        ),
    };
    let text = format!(
        "SELECT {email}, {block}, {is_member}, \
         CASE WHEN EXISTS (SELECT 1 FROM #__user_usergroup_map a WHERE a.user_id = u.id) THEN '{YES}' ELSE 'no' END \
         FROM #__users u WHERE u.id = :user",
        email = dialect.text_of("u.email"),
        block = dialect.text_of("u.block"),
    );
    of_our_own(&text, dialect, prefix, &[Parameter::User, Parameter::UserGroup])
}

/// Id, password hash and block of the account with a user name, compared as Joomla does when somebody logs in
/// (`plugins/authentication/joomla`): plainly, so that MySQL's collation takes upper and lower case for the same and
/// PostgreSQL does not.
pub(super) fn account(dialect: Dialect, prefix: &str) -> Statement {
    let text = format!(
        "SELECT {id}, {password}, {block} FROM #__users u WHERE u.username = :username ORDER BY u.id LIMIT 1",
        id = dialect.text_of("u.id"),
        password = dialect.text_of("u.password"),
        block = dialect.text_of("u.block"),
    );
    of_our_own(&text, dialect, prefix, &[Parameter::Username])
}

/// Id, address and block of users whose address may be one of so many. A collation may take more for the same than we do.
/// Asked by what Joomla has an index of (`email`, `#__users_email_lower`): anybody may have an address looked for, and
/// reading all users of a large site for each would keep the others waiting.
pub(super) fn users_by_email(emails: usize, dialect: Dialect, prefix: &str) -> Statement {
    let indexed = match dialect {
        // Its collation takes upper and lower case for the same.
        Dialect::Mysql => "u.email",
        Dialect::Postgresql => "LOWER(u.email)",
    };
    let text = format!(
        "SELECT {id}, {email}, {block} FROM #__users u WHERE {indexed} IN ({}) ORDER BY u.id",
        places(Parameter::Email, emails),
        id = dialect.text_of("u.id"),
        email = dialect.text_of("u.email"),
        block = dialect.text_of("u.block"),
    );
    of_our_own(&text, dialect, prefix, &[Parameter::Email])
}

/// Ids of those of so many user groups that there are.
pub(super) fn user_groups(count: usize, dialect: Dialect, prefix: &str) -> Statement {
    let (id, places) = (dialect.text_of("g.id"), places(Parameter::UserGroup, count));
    let text = format!("SELECT {id} FROM #__usergroups g WHERE g.id IN ({places})");
    of_our_own(&text, dialect, prefix, &[Parameter::UserGroup])
}

/// Asks for nothing.
pub(super) fn probe(dialect: Dialect, prefix: &str) -> Statement {
    of_our_own("SELECT 'yes' FROM #__users LIMIT 1", dialect, prefix, &[])
}

fn places(parameter: Parameter, count: usize) -> String {
    vec![format!(":{}", parameter.name()); count].join(", ")
}

fn of_our_own(text: &str, dialect: Dialect, prefix: &str, allowed: &[Parameter]) -> Statement {
    Statement::compile(text, dialect, prefix, allowed)
        .expect("the queries here have neither comments nor other parameters; a test makes all of them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_of_our_own_can_be_made() {
        for dialect in [Dialect::Mysql, Dialect::Postgresql] {
            let made = [
                (ars_download_ids(dialect, "j_"), 1),
                (holder(0, dialect, "j_"), 1),
                (holder(3, dialect, "j_"), 4),
                (account(dialect, "j_"), 1),
                (users_by_email(2, dialect, "j_"), 2),
                (user_groups(2, dialect, "j_"), 2),
                (probe(dialect, "j_"), 0),
                (licenses(&subscriptions("#__subscriptions"), dialect, "j_").unwrap(), 2),
            ];
            for (statement, parameters) in made {
                assert_eq!(statement.parameters.len(), parameters, "{}", statement.text);
                assert!(!statement.text.contains("#__"), "{}", statement.text);
            }
        }
    }

    #[test]
    fn addresses_are_looked_for_by_what_joomla_has_an_index_of() {
        for (dialect, condition) in [
            (Dialect::Mysql, "FROM j_users u WHERE u.email IN (?, ?) ORDER BY"),
            (Dialect::Postgresql, "FROM j_users u WHERE LOWER(u.email) IN ($1, $2) ORDER BY"),
        ] {
            let text = users_by_email(2, dialect, "j_").text;
            assert!(text.contains(condition), "{text}");
        }
    }

    #[test]
    fn a_query_for_licenses_has_to_give_all_three_columns_as_text() {
        let query = "SELECT a AS state, b AS expires, c AS canceled FROM #__x WHERE u = :user AND g = :group";
        assert_eq!(
            licenses(query, Dialect::Postgresql, "jos_").unwrap().text,
            "SELECT CAST(answer.state AS text), CAST(answer.expires AS text), CAST(answer.canceled AS text) FROM \
             (SELECT a AS state, b AS expires, c AS canceled FROM jos_x WHERE u = $1 AND g = $2) answer LIMIT 1001"
        );
    }
}
