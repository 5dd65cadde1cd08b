//! Tables with a header line, as spreadsheets and shops export them: RFC 4180, with `,` or `;` between the fields, whichever
//! the header line has. Columns come in any order; `email` is the only one that must be there.

use bandari_catalog::names::GroupId;
use csv::{ReaderBuilder, StringRecord, Trim};

use crate::dates;
use crate::state_word::Named;
use crate::store::LicenseState;

use super::{Account, Problem, Read, Row, Terms, Wanted, WantedKey, WantedLicense, email};

/// The columns that are understood.
const COLUMNS: [&str; 8] =
    ["email", "group", "key", "expires", "state", "state_since", "username", "password_hash"];

/// What MySQL shows where a date is missing, as exports of older systems have it.
const NO_DATE: &str = "0000-00-00";

pub(super) fn read(text: &str, terms: &Terms<'_>) -> Read {
    let mut read = Read::default();
    let header_line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let separator = if header_line.contains(';') { b';' } else { b',' };
    // Rows of another length are told here, so that their problem is worded as all others are.
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .trim(Trim::All)
        .has_headers(true)
        .from_reader(text.as_bytes());
    let columns = match reader.headers().map_err(|_| "found no header line".to_owned()).and_then(columns) {
        Ok(columns) => columns,
        Err(message) => {
            read.problems.push(Problem::new(1, message));
            return read;
        }
    };
    let mut record = StringRecord::new();
    // Text in memory that is UTF-8 cannot fail to be read.
    while reader.read_record(&mut record).is_ok_and(|found| found) {
        let line = first_line(text, &record);
        read.add(line, row(line, &columns, &record, terms));
    }
    if read.rows.is_empty() && read.problems.is_empty() {
        read.problems
            .push(Problem::of_file("found no line below the header, expected a line for each customer"));
    }
    read
}

/// The line of a record: its own position may be that of blank lines before it.
fn first_line(text: &str, record: &StringRecord) -> u64 {
    let Some(position) = record.position() else { return 1 };
    let rest = usize::try_from(position.byte()).ok().and_then(|byte| text.as_bytes().get(byte..));
    let is_line_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
    let blank =
        rest.unwrap_or_default().iter().take_while(is_line_end).filter(|byte| **byte == b'\n').count();
    position.line() + blank as u64
}

/// Where each known column is, in the order of [`COLUMNS`], and how many there are.
struct Columns {
    places: [Option<usize>; COLUMNS.len()],
    count: usize,
}

impl Columns {
    /// A field of a record; empty where the column is missing.
    fn field<'r>(&self, name: &str, record: &'r StringRecord) -> &'r str {
        let column = COLUMNS.iter().position(|column| *column == name);
        let place = column.and_then(|column| self.places[column]);
        place.and_then(|place| record.get(place)).unwrap_or_default()
    }
}

fn columns(header: &StringRecord) -> Result<Columns, String> {
    let known = COLUMNS.map(|column| format!("`{column}`")).join(", ");
    let mut columns = Columns { places: [None; COLUMNS.len()], count: header.len() };
    for (place, name) in header.iter().enumerate() {
        // By its number: without a header line, a customer stands here.
        let column =
            COLUMNS.iter().position(|column| column.eq_ignore_ascii_case(name)).ok_or_else(|| {
                format!("found another name over column {}, expected some of {known}", place + 1)
            })?;
        if columns.places[column].replace(place).is_some() {
            return Err(format!("found the column `{}` twice, expected each once", COLUMNS[column]));
        }
    }
    match columns.places[0] {
        Some(_) => Ok(columns),
        None => Err(format!("found no column `email`, expected it, and some of {known}")),
    }
}

fn row(line: u64, columns: &Columns, record: &StringRecord, terms: &Terms<'_>) -> Result<Row, String> {
    if record.len() != columns.count {
        return Err(format!(
            "found fields: {}, expected as many as columns: {}",
            record.len(),
            columns.count
        ));
    }
    // A quote that is not closed swallows the lines that follow.
    if record.iter().any(|field| field.chars().any(char::is_control)) {
        return Err("found a line break or another control character in a field, expected none: is a quote left open?".to_owned());
    }
    let field = |name| columns.field(name, record);
    let group =
        Some(field("group")).filter(|group| !group.is_empty()).map(|id| terms.group(id)).transpose()?;
    let key = Some(field("key")).filter(|key| !key.is_empty()).map(|key| terms.key_hash(key)).transpose()?;
    let license = match &group {
        Some(group) => Some(license(group.clone(), &field, terms)?),
        None => match ["expires", "state", "state_since"].into_iter().find(|name| !field(name).is_empty()) {
            Some(name) => return Err(format!("found `{name}` without `group`, expected both")),
            None => None,
        },
    };
    Ok(Row {
        line,
        email: email(field("email"))?,
        account: Account::new(field("username"), field("password_hash"))?,
        license,
        key: key.map(|hash| WantedKey { hash, group }),
    })
}

fn license<'r>(
    group: GroupId,
    field: &impl Fn(&'static str) -> &'r str,
    terms: &Terms<'_>,
) -> Result<WantedLicense, String> {
    let expires_at = match field("expires") {
        "" => terms.expires_at,
        "never" => None,
        text if text.starts_with(NO_DATE) => None,
        text => Some(date("expires", text)?),
    };
    let named = match field("state") {
        "" => Named::State(LicenseState::Active),
        name => Named::of(name)
            .ok_or_else(|| format!("`state`: found no known state, expected one of {}", Named::known()))?,
    };
    let state = match named {
        Named::State(state) => state,
        Named::Expired if expires_at.is_some_and(|end| end <= terms.now) => LicenseState::Active,
        Named::Expired => {
            return Err("found the state `expired`, expected its end under `expires`, in the past".to_owned());
        }
    };
    let since = since(field("state_since"), state, terms)?;
    Ok(WantedLicense { group, expires_at, how: Wanted::Exactly { state, since } })
}

/// Since when a license is what it is, in Unix seconds; nothing for an active one and where the file does not say. A date that
/// nobody knows is not made up: customers would read the day of the import.
fn since(text: &str, state: LicenseState, terms: &Terms<'_>) -> Result<Option<i64>, String> {
    if text.is_empty() || text.starts_with(NO_DATE) {
        return Ok(None);
    }
    let since = date("state_since", text)?;
    if state == LicenseState::Active {
        let message =
            "found `state_since` of a license that is active or expired, expected it of others only";
        return Err(message.to_owned());
    }
    match since <= terms.now {
        true => Ok(Some(since)),
        false => Err("`state_since`: found a date to come, expected one in the past".to_owned()),
    }
}

/// What is no date is not shown: it may be a key that was put into the wrong column.
fn date(column: &str, text: &str) -> Result<i64, String> {
    dates::parse(text)
        .map_err(|_| format!("`{column}`: found no day that there is, expected a date such as 2027-01-31"))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{hash, messages, with_terms};
    use super::*;

    fn read_text(text: &str) -> Read {
        with_terms(|terms| read(text, terms))
    }

    fn first_license(text: &str) -> WantedLicense {
        let read = read_text(text);
        assert_eq!(messages(&read), [""; 0]);
        read.rows[0].license.clone().unwrap()
    }

    #[test]
    fn columns_come_in_any_order_and_with_either_separator() {
        for text in [
            "key,email,group\nfd8s809f89ds8f90,Ada@Example.org,lighthouse\n",
            "Email;Group;Key\r\n\"ada@example.org\"; lighthouse ;fd8s809f89ds8f90\r\n",
        ] {
            let read = read_text(text);
            let row = &read.rows[0];
            assert_eq!((row.line, row.email.expose()), (2, "ada@example.org"));
            let key = row.key.as_ref().unwrap();
            assert_eq!(
                (key.hash, key.group.as_ref().unwrap().as_str()),
                (hash("fd8s809f89ds8f90"), "lighthouse")
            );
        }
    }

    #[test]
    fn a_key_without_a_group_opens_whatever_its_holder_has_licenses_for() {
        let read = read_text("email,key\nada@example.org,fd8s809f89ds8f90\n");
        let row = &read.rows[0];
        assert!(row.license.is_none() && row.key.as_ref().unwrap().group.is_none());
    }

    #[test]
    fn ends_are_dates_times_or_never() {
        for (text, expected) in [
            ("2027-01-31", Some(1_801_353_600)),
            ("2027-01-31 12:00:00", Some(1_801_396_800)),
            ("", None),
            ("never", None),
            ("0000-00-00 00:00:00", None),
        ] {
            let license = first_license(&format!("email,group,expires\nada@example.org,lighthouse,{text}\n"));
            assert_eq!(license.expires_at, expected, "{text}");
        }
    }

    #[test]
    fn states_are_known_by_the_words_of_other_systems() {
        for (words, state) in [
            (&["active", "valid", ""][..], LicenseState::Active),
            (&["canceled", "Cancelled"], LicenseState::Canceled),
            (&["refunded", "chargebacked", "disputed"], LicenseState::Refunded),
            (&["disabled", "revoked", "banned", "suspended", "on-hold", "blocked"], LicenseState::Suspended),
        ] {
            for word in words {
                let (date, since) = match state {
                    LicenseState::Active => ("", None),
                    _ => ("2026-01-31", Some(1_769_817_600)),
                };
                let text =
                    format!("email,group,state,state_since\nada@example.org,lighthouse,{word},{date}\n");
                assert!(first_license(&text).how == Wanted::Exactly { state, since }, "{word}");
            }
        }
    }

    #[test]
    fn a_day_that_the_table_does_not_tell_is_not_made_up() {
        for text in [
            "email,group,state\nada@example.org,lighthouse,canceled\n",
            "email,group,state,state_since\nada@example.org,lighthouse,canceled,\n",
            "email,group,state,state_since\nada@example.org,lighthouse,canceled,0000-00-00 00:00:00\n",
        ] {
            let how = first_license(text).how;
            assert!(how == Wanted::Exactly { state: LicenseState::Canceled, since: None }, "{text}");
        }
    }

    #[test]
    fn since_when_is_said_in_the_past_and_of_no_active_license() {
        for (state, since, expected) in [
            ("canceled", "2027-01-31", "`state_since`: found a date to come, expected one in the past"),
            (
                "canceled",
                "soon",
                "`state_since`: found no day that there is, expected a date such as 2027-01-31",
            ),
            (
                "active",
                "soon",
                "`state_since`: found no day that there is, expected a date such as 2027-01-31",
            ),
            (
                "active",
                "2026-01-31",
                "found `state_since` of a license that is active or expired, expected it of others only",
            ),
            (
                "",
                "2026-01-31",
                "found `state_since` of a license that is active or expired, expected it of others only",
            ),
        ] {
            let text = format!("email,group,state,state_since\nada@example.org,lighthouse,{state},{since}\n");
            assert_eq!(messages(&read_text(&text)), [format!("line 2: {expected}")], "{state} {since}");
        }
        let none =
            first_license("email,group,state,state_since\nada@example.org,lighthouse,active,0000-00-00\n");
        assert!(none.how == Wanted::Exactly { state: LicenseState::Active, since: None });
        assert_eq!(
            messages(&read_text("email,state_since\nada@example.org,2026-01-31\n")),
            ["line 2: found `state_since` without `group`, expected both"]
        );
    }

    #[test]
    fn a_table_without_lines_is_a_problem() {
        assert_eq!(
            messages(&read_text("email,group\n\n")),
            ["found no line below the header, expected a line for each customer"]
        );
    }

    #[test]
    fn an_expired_license_is_an_active_one_that_has_ended() {
        let license =
            first_license("email,group,state,expires\nada@example.org,lighthouse,expired,2026-01-31\n");
        assert!(license.how == Wanted::Exactly { state: LicenseState::Active, since: None });
        for end in ["", "2028-01-31"] {
            let text = format!("email,group,state,expires\nada@example.org,lighthouse,expired,{end}\n");
            assert_eq!(
                messages(&read_text(&text)),
                ["line 2: found the state `expired`, expected its end under `expires`, in the past"]
            );
        }
    }

    #[test]
    fn every_bad_line_is_told_with_its_own_number() {
        let text = "email,group,expires,state,key,username,password_hash\n\
                    ada,lighthouse,,,,,\n\
                    \n\
                    ada@example.org,light,,,,,\n\
                    ada@example.org,lighthouse,soon,,,,\n\
                    ada@example.org,lighthouse,,paid,,,\n\
                    ada@example.org,,2027-01-31,,,,\n\
                    ada@example.org,,,active,,,\n\
                    ada@example.org,,,,short,,\n\
                    ada@example.org,,,,,,$2y$10$x\n\
                    ada@example.org,,,,,ada,plain\n\
                    ada@example.org,lighthouse\n";
        assert_eq!(
            messages(&read_text(text)),
            [
                "line 2: found no mail address, expected one such as `ada@example.org`",
                "line 4: found no group of the catalog, expected one of `dockyard`, `lighthouse`",
                "line 5: `expires`: found no day that there is, expected a date such as 2027-01-31",
                "line 6: `state`: found no known state, expected one of `active`, `valid`, `canceled`, `cancelled`, `refunded`, \
                 `chargebacked`, `disputed`, `suspended`, `disabled`, `revoked`, `banned`, `on_hold`, `blocked`, `expired`, \
                 `subscription_ended`",
                "line 7: found `expires` without `group`, expected both",
                "line 8: found `state` without `group`, expected both",
                "line 9: found no key, expected a Download ID or 8 to 128 letters, digits and signs without blanks",
                "line 10: found a password hash without a user name, expected both",
                "line 11: found a password hash of another form, expected one that Joomla accepts",
                "line 12: found fields: 2, expected as many as columns: 7",
            ]
        );
    }

    #[test]
    fn whatever_stands_in_the_wrong_column_is_not_told() {
        let secrets = ["fd8s809f89ds8f90", "ada@example.org", "2027-13-45-key", "hunter2"];
        let columns =
            ["email", "group", "key", "expires", "state", "state_since", "username", "password_hash"];
        for secret in secrets {
            let mut tables = vec![format!("{secret},email\n"), format!("{secret}\n{secret}\n")];
            for wrong in columns {
                let cell = |column: &&str| match *column {
                    column if column == wrong => secret,
                    "email" => "bob@example.org",
                    "group" => "lighthouse",
                    "state" => "canceled",
                    _ => "",
                };
                let row: Vec<&str> = columns.iter().map(cell).collect();
                tables.push(format!("{}\n{}\n", columns.join(","), row.join(",")));
            }
            for table in tables {
                let told = messages(&read_text(&table)).join("\n");
                assert!(!told.contains(secret), "{told}");
            }
        }
    }

    #[test]
    fn a_header_with_other_columns_lists_the_known_ones() {
        let known = "`email`, `group`, `key`, `expires`, `state`, `state_since`, `username`, `password_hash`";
        for (text, expected) in [
            ("email,plan\n", format!("line 1: found another name over column 2, expected some of {known}")),
            ("group,key\n", format!("line 1: found no column `email`, expected it, and some of {known}")),
            ("", format!("line 1: found no column `email`, expected it, and some of {known}")),
            ("email,Email\n", "line 1: found the column `email` twice, expected each once".to_owned()),
        ] {
            assert_eq!(messages(&read_text(text)), [expected]);
        }
    }
}
