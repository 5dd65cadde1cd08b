//! Lists of keys of jBackend's Release System, `package group;email;key[;user name[;password hash]]`, in the style of that
//! system's own options: a line each, fields with `;` between them and trimmed, blank lines and those with `#` in front left
//! out. jBackend knows no dates, so each line is a license for the group that ends when the command line says.

use super::{Account, Problem, Read, Row, Terms, Wanted, WantedKey, WantedLicense, email};

pub(super) fn read(text: &str, terms: &Terms<'_>) -> Read {
    let mut read = Read::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            read.add(number, row(number, line, terms));
        }
    }
    if read.rows.is_empty() && read.problems.is_empty() {
        read.problems.push(Problem::of_file("found no line, expected `package group;email;key`"));
    }
    read
}

fn row(number: u64, line: &str, terms: &Terms<'_>) -> Result<Row, String> {
    let fields: Vec<&str> = line.split(';').map(str::trim).collect();
    let (group, address, key, rest) = match fields[..] {
        [group, address, key, ref rest @ ..] if rest.len() <= 2 => (group, address, key, rest),
        _ => {
            return Err(format!(
                "found fields: {}, expected `package group;email;key[;user name[;password hash]]`",
                fields.len()
            ));
        }
    };
    let group = terms.group(group)?;
    let field = |index: usize| rest.get(index).copied().unwrap_or_default();
    Ok(Row {
        line: number,
        email: email(address)?,
        account: Account::new(field(0), field(1))?,
        license: Some(WantedLicense {
            group: group.clone(),
            expires_at: terms.expires_at,
            how: Wanted::UnlessCovered,
        }),
        key: Some(WantedKey { hash: terms.key_hash(key)?, group: Some(group) }),
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{hash, messages, with_terms};
    use super::*;

    #[test]
    fn a_line_is_a_license_and_a_key_of_its_group() {
        let text = "# from the old shop\r\n\r\n lighthouse ; Ada@Example.org ; fd8s809f89ds8f90 ; ada\r\n";
        let read = with_terms(|terms| read(text, terms));
        assert_eq!(messages(&read), [""; 0]);
        let row = &read.rows[0];
        assert_eq!((row.line, row.email.expose()), (3, "ada@example.org"));
        assert_eq!(row.account.as_ref().unwrap().username, "ada");
        let key = row.key.as_ref().unwrap();
        assert_eq!(
            (key.hash, key.group.as_ref().unwrap().as_str()),
            (hash("fd8s809f89ds8f90"), "lighthouse")
        );
        assert!(row.license.as_ref().unwrap().how == Wanted::UnlessCovered);
    }

    #[test]
    fn every_bad_line_is_told_without_what_is_secret() {
        let text = "lighthouse;ada@example.org\nlight;ada@example.org;fd8s809f89ds8f90\nlighthouse;ada;fd8s809f89ds8f90\n\
                    lighthouse;ada@example.org;short\nlighthouse;ada@example.org;fd8s809f89ds8f90;ada;plain password\n";
        let read = with_terms(|terms| read(text, terms));
        assert_eq!(
            messages(&read),
            [
                "line 1: found fields: 2, expected `package group;email;key[;user name[;password hash]]`",
                "line 2: found no group of the catalog, expected one of `dockyard`, `lighthouse`",
                "line 3: found no mail address, expected one such as `ada@example.org`",
                "line 4: found no key, expected a Download ID or 8 to 128 letters, digits and signs without blanks",
                "line 5: found a password hash of another form, expected one that Joomla accepts",
            ]
        );
    }

    #[test]
    fn fields_in_another_order_are_not_told() {
        let text =
            "fd8s809f89ds8f90;ada@example.org;lighthouse\nada@example.org;lighthouse;fd8s809f89ds8f90\n";
        let told = with_terms(|terms| messages(&read(text, terms))).join("\n");
        assert!(!told.contains("fd8s") && !told.contains("ada"), "{told}");
        assert_eq!(told.lines().count(), 2);
    }

    #[test]
    fn a_list_without_lines_is_a_problem() {
        let read = with_terms(|terms| read("# nothing\n", terms));
        assert_eq!(messages(&read), ["found no line, expected `package group;email;key`"]);
    }
}
