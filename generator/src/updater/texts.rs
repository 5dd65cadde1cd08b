//! Joomla's own English texts (`language/en-GB/lib_joomla.ini`, `administrator/language/en-GB/com_installer.ini`), word for
//! word, and PHP's: what an administrator will search for.

use super::decision::{Message, MessageKind};
use super::line::Line;
use super::profile::{Database, DatabaseKind};

fn warning(text: String) -> Message {
    Message { kind: MessageKind::Warning, text }
}

fn error(text: String) -> Message {
    Message { kind: MessageKind::Error, text }
}

/// `JLIB_INSTALLER_AVAILABLE_UPDATE_PHP_VERSION`
pub(super) fn old_php(name: &str, version: &str, minimum: &str, php: &str) -> Message {
    warning(format!(
        "For the extension {name} version {version} is available, but it requires at least PHP version {minimum} while \
         your system only has {php}"
    ))
}

/// `JLIB_INSTALLER_AVAILABLE_UPDATE_DB_MINIMUM`
pub(super) fn old_database(
    name: &str,
    version: &str,
    minimum: &str,
    database: &Database,
    line: &Line,
) -> Message {
    let server = database_name(database.kind, line);
    warning(format!(
        "For the extension {name} version {version} is available, but your current database {server} is version {} and \
         is not supported. Please contact your web host to update your Database version to at least version {minimum}.",
        database.version()
    ))
}

/// `JLIB_INSTALLER_AVAILABLE_UPDATE_DB_TYPE`
pub(super) fn other_database(name: &str, version: &str, database: &Database, line: &Line) -> Message {
    let server = database_name(database.kind, line);
    warning(format!(
        "For the extension {name} version {version} is available, but your current database {server} is not supported \
         anymore."
    ))
}

/// Joomla 3 names the driver; MySQL's older one, `mysqli`, is its default.
fn database_name(kind: DatabaseKind, line: &Line) -> &'static str {
    match kind {
        DatabaseKind::Mysql | DatabaseKind::Mariadb if line.names_database_drivers => "MySQLi",
        DatabaseKind::Postgresql if line.names_database_drivers => "PostgreSQL (PDO)",
        _ => kind.name(),
    }
}

/// `JLIB_UPDATER_ERROR_EXTENSION_PARSE_URL`
pub(super) fn cannot_parse_extension(address: &str) -> Message {
    warning(format!("Update: :Extension: Could not parse {address}"))
}

/// `JLIB_UPDATER_ERROR_COLLECTION_PARSE_URL`
pub(super) fn cannot_parse_collection(address: &str) -> Message {
    warning(format!("Update: :Collection: Could not parse {address}"))
}

/// `COM_INSTALLER_INVALID_EXTENSION_UPDATE`
pub(super) fn invalid_update() -> Message {
    error("Invalid extension update".to_owned())
}

/// `COM_INSTALLER_UPDATE_ERROR`, which ends in the place of the error where Joomla debugs.
pub(super) fn update_error(name: &str, cause: &str) -> Message {
    error(format!("Error updating: {name}<br />{cause}<br /><br />"))
}

/// `JLIB_INSTALLER_ERROR_DOWNLOAD_SERVER_CONNECT`
pub(super) fn cannot_connect(reason: &str) -> Message {
    warning(format!("Error connecting to the server: {reason}"))
}

/// `COM_INSTALLER_PACKAGE_DOWNLOAD_FAILED`, as Joomla's filter leaves it: it writes attributes with double quotes, and one
/// with a blank in it ends there.
pub(super) fn download_failed(address: &str) -> Message {
    let target = match address.split_once([' ', '\t', '\n', '\r']) {
        Some((before, _)) => format!("'{before}"),
        None => address.to_owned(),
    };
    error(format!(
        "Failed to download package. Download it and install manually from <a href=\"{target}\">{address}</a>."
    ))
}

/// `COM_INSTALLER_UNPACK_ERROR`
pub(super) fn cannot_unpack(file: &str) -> Message {
    error(format!("Failed to extract file: {file}"))
}

/// `COM_INSTALLER_INSTALL_CHECKSUM_WRONG`
pub(super) fn wrong_checksum() -> Message {
    error(
        "The checksum verification failed. Please make sure you are using the correct update server!".into(),
    )
}

/// `COM_INSTALLER_INSTALL_CHECKSUM_WARNING`
pub(super) fn missing_checksum() -> Message {
    warning(
        "This extension does not provide a checksum for validation of the integrity of the downloaded file."
            .into(),
    )
}

/// `COM_INSTALLER_MSG_UPDATE_SUCCESS`
pub(super) fn updated(kind: &str, line: &Line) -> Message {
    let is_old = line.since < [4, 0, 0];
    let color = if is_old { MessageKind::Message } else { MessageKind::Success };
    Message { kind: color, text: format!("Updating {kind} was successful.") }
}

/// PHP's error when a property of `null` is to be set: what the parsers keep has the names of elements in lower case.
pub(super) fn property_of_null(element: &str) -> String {
    format!("Attempt to assign property \"{}\" on null", element.to_ascii_lowercase())
}
