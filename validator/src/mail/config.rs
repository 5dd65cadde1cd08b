//! The table `[mail]` of `validator.toml`: who sends, and by which way.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use lettre::message::Mailbox;
use serde::Deserialize;

/// Where mail is handed in with `STARTTLS` (RFC 6409, section 3.1).
const SUBMISSION_PORT: u16 = 587;

/// Where mail is handed in with TLS from the first byte on (RFC 8314, section 3.3).
const SUBMISSIONS_PORT: u16 = 465;

/// The program that every mail server for Unix brings along.
const SENDMAIL: &str = "/usr/sbin/sendmail";

/// The table as written; keys that its transport does not know are errors.
#[derive(Deserialize)]
#[serde(tag = "transport", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum MailTable {
    Smtp {
        from: String,
        host: String,
        port: Option<u16>,
        #[serde(default)]
        tls: Encryption,
        username: Option<String>,
        password_file: Option<PathBuf>,
        ca_file: Option<PathBuf>,
    },
    Sendmail {
        from: String,
        command: Option<PathBuf>,
    },
    Folder {
        from: String,
        folder: PathBuf,
    },
}

/// How a connection to an SMTP server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encryption {
    /// From the command `STARTTLS` on; without it nothing is sent (RFC 3207).
    #[default]
    Starttls,
    /// From the first byte on.
    Tls,
    /// Not at all, which is for servers on this machine.
    None,
}

/// How mails with keys leave. It holds no secrets, only the places where they are.
#[derive(Clone, Debug)]
pub(crate) struct MailConfig {
    /// The sender that people see.
    pub(crate) from: Mailbox,
    pub(crate) way: Way,
}

/// By which way.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    Smtp(SmtpConfig),
    /// The program that takes mail.
    Sendmail(PathBuf),
    /// The folder in which each mail becomes a file.
    Folder(PathBuf),
}

/// An SMTP server.
#[derive(Clone, Debug)]
pub(crate) struct SmtpConfig {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Encryption,
    pub(crate) login: Option<Login>,
    /// Certificates in PEM that are trusted besides the public ones.
    pub(crate) ca_file: Option<PathBuf>,
}

/// Who hands mail in.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) username: String,
    /// The secret file with the password.
    pub(crate) password_file: PathBuf,
}

impl MailConfig {
    /// Checks a table; relative paths count from `folder`. An error tells what was found and what was expected.
    pub(crate) fn of(table: MailTable, folder: &Path) -> Result<Self, String> {
        match table {
            MailTable::Smtp { from, host, port, tls, username, password_file, ca_file } => {
                check_tls(&host, tls, ca_file.is_some())?;
                let port =
                    port.unwrap_or(if tls == Encryption::Tls { SUBMISSIONS_PORT } else { SUBMISSION_PORT });
                let login = login(username, password_file.map(|file| folder.join(file)))?;
                let ca_file = ca_file.map(|file| folder.join(file));
                let smtp = SmtpConfig { host, port, tls, login, ca_file };
                Ok(Self { from: mailbox(&from)?, way: Way::Smtp(smtp) })
            }
            MailTable::Sendmail { from, command } => {
                let command = folder.join(command.unwrap_or_else(|| SENDMAIL.into()));
                if !command.is_file() {
                    return Err(format!("`mail.command`: found no program `{}`", command.display()));
                }
                Ok(Self { from: mailbox(&from)?, way: Way::Sendmail(command) })
            }
            MailTable::Folder { from, folder: mails } => {
                Ok(Self { from: mailbox(&from)?, way: Way::Folder(folder.join(mails)) })
            }
        }
    }

    /// What must not be served to everybody, by the key that names it.
    pub(crate) fn secret_path(&self) -> Option<(&'static str, &PathBuf)> {
        match &self.way {
            Way::Smtp(smtp) => smtp.login.as_ref().map(|login| ("mail.password_file", &login.password_file)),
            Way::Sendmail(_) => None,
            // The keys are in the mails.
            Way::Folder(folder) => Some(("mail.folder", folder)),
        }
    }
}

fn mailbox(from: &str) -> Result<Mailbox, String> {
    // Not every server takes an address beyond ASCII (RFC 6531), and mails with keys must reach all of them.
    let is_plain = |mailbox: &Mailbox| AsRef::<str>::as_ref(&mailbox.email).is_ascii();
    from.parse().ok().filter(is_plain).ok_or_else(|| {
        format!(
            "`mail.from`: found `{}`, expected one such as `Example Extensions <keys@example.org>`, \
             a domain beyond ASCII as `xn--…`",
            from.escape_debug()
        )
    })
}

/// Whoever listens on the way would read keys and password.
fn check_tls(host: &str, tls: Encryption, has_ca_file: bool) -> Result<(), String> {
    let host_at_hand = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    if tls != Encryption::None {
        return Ok(());
    }
    if !host_at_hand {
        return Err(format!(
            "`mail.tls`: found `none` for the host `{}`, expected `starttls` or `tls`: only a server on this machine, \
             `localhost`, may do without",
            host.escape_debug()
        ));
    }
    if has_ca_file {
        return Err(
            "`mail.ca_file`: found it beside `tls = \"none\"`, which asks for no certificate".to_owned()
        );
    }
    Ok(())
}

fn login(username: Option<String>, password_file: Option<PathBuf>) -> Result<Option<Login>, String> {
    match (username, password_file) {
        (Some(username), Some(password_file)) => Ok(Some(Login { username, password_file })),
        (None, None) => Ok(None),
        (Some(_), None) => Err("`mail.username`: found it alone, expected `password_file` beside it".into()),
        (None, Some(_)) => Err("`mail.password_file`: found it alone, expected `username` beside it".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(lines: &str) -> Result<MailConfig, String> {
        let table: MailTable = toml::from_str(&format!("from = 'Example <keys@example.org>'\n{lines}"))
            .map_err(|e| e.to_string())?;
        MailConfig::of(table, Path::new("/etc/shop"))
    }

    fn smtp(lines: &str) -> SmtpConfig {
        match mail(&format!("transport = 'smtp'\n{lines}")).unwrap().way {
            Way::Smtp(smtp) => smtp,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_encryption_has_its_port() {
        let server = smtp("host = 'mail.example.org'");
        assert_eq!((server.port, server.tls), (587, Encryption::Starttls));
        assert_eq!(smtp("host = 'mail.example.org'\ntls = 'tls'").port, 465);
        assert_eq!(smtp("host = 'mail.example.org'\ntls = 'tls'\nport = 10465").port, 10_465);
    }

    #[test]
    fn a_server_on_this_machine_alone_may_do_without_encryption() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1"] {
            assert_eq!(smtp(&format!("host = '{host}'\ntls = 'none'")).tls, Encryption::None);
        }
        for host in ["mail.example.org", "localhost.example.org", "10.0.0.1", ""] {
            let error = mail(&format!("transport = 'smtp'\nhost = '{host}'\ntls = 'none'")).unwrap_err();
            assert_eq!(
                error,
                format!(
                    "`mail.tls`: found `none` for the host `{host}`, expected `starttls` or `tls`: only a server on \
                     this machine, `localhost`, may do without"
                )
            );
        }
        let error = mail("transport = 'smtp'\nhost = '::1'\ntls = 'none'\nca_file = 'ca.pem'").unwrap_err();
        assert_eq!(error, "`mail.ca_file`: found it beside `tls = \"none\"`, which asks for no certificate");
    }

    #[test]
    fn a_user_needs_a_password_and_a_password_a_user() {
        let login = smtp("host = 'h'\nusername = 'u'\npassword_file = 'secrets/mail'").login.unwrap();
        assert_eq!(login.password_file, Path::new("/etc/shop/secrets/mail"));
        for (alone, expected) in [
            ("username = 'u'", "`mail.username`: found it alone, expected `password_file` beside it"),
            ("password_file = 'p'", "`mail.password_file`: found it alone, expected `username` beside it"),
        ] {
            let error = mail(&format!("transport = 'smtp'\nhost = 'h'\n{alone}")).unwrap_err();
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn a_key_that_the_transport_does_not_know_is_an_error() {
        for (lines, unknown) in [
            ("transport = 'smtp'\nhost = 'h'\npasword_file = 'p'", "unknown field `pasword_file`"),
            ("transport = 'folder'\nfolder = 'f'\nhost = 'h'", "unknown field `host`"),
            ("transport = 'sendmail'\nfolder = 'f'", "unknown field `folder`"),
            ("transport = 'pigeon'", "unknown variant `pigeon`"),
            ("host = 'h'", "missing field `transport`"),
            ("transport = 'smtp'", "missing field `host`"),
        ] {
            let error = mail(lines).unwrap_err();
            assert!(error.contains(unknown), "{error}");
        }
    }

    #[test]
    fn a_sender_or_program_that_is_none_is_refused() {
        let table = toml::from_str("from = 'Example'\ntransport = 'folder'\nfolder = 'f'").unwrap();
        assert_eq!(
            MailConfig::of(table, Path::new("")).unwrap_err(),
            "`mail.from`: found `Example`, expected one such as `Example Extensions <keys@example.org>`, a domain beyond ASCII \
             as `xn--…`"
        );
        let table =
            toml::from_str("from = 'keys@bücher.example'\ntransport = 'folder'\nfolder = 'f'").unwrap();
        assert!(MailConfig::of(table, Path::new("")).unwrap_err().contains("found `keys@bücher.example`"));
        let error = mail("transport = 'sendmail'\ncommand = 'bin/none'").unwrap_err();
        assert_eq!(error, "`mail.command`: found no program `/etc/shop/bin/none`");
    }
}
