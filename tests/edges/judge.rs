//! Whether what an edge answers is what has to come of a request.

use std::fs;
use std::path::{Path, PathBuf};

use bandari_tests::http::Answer;

use super::cases::{Case, Verdict, cases};
use super::client::exchange;
use super::fixture::{FILE, FOLDER, Fixture, OTHER_FILE};
use super::links::{self, Files};

/// Answers by which a server itself refuses what is no HTTP or too much of it.
const SERVERS_OWN: [u16; 6] = [400, 404, 405, 414, 431, 501];

/// Runs all cases and the properties of links against an edge that serves [`Fixture::protected`] as `/protected`, and writes a
/// column of the table.
///
/// # Panics
/// With all that differ.
pub(super) fn judge_all(edge: &str, fixture: &Fixture, port: u16) {
    judge_cases(edge, fixture, port);
    links::judge(fixture, port, Files::Any);
}

/// The cases only.
pub(super) fn judge_cases(edge: &str, fixture: &Fixture, port: u16) {
    let (mut column, mut differences) = (format!("{edge}\n"), String::new());
    for case in cases(fixture) {
        let answer = exchange(port, case.method, &case.target, &case.headers);
        let status = answer.as_ref().map_or_else(|| "closed".to_owned(), |answer| answer.status.to_string());
        let judged = judge(fixture, &case, answer.as_ref());
        if let Err(found) = &judged {
            differences.push_str(&format!("\n{}: {found}, expected {:?}", case.name, case.verdict));
        }
        column.push_str(&format!("{status}{}\n", if judged.is_ok() { "" } else { "!" }));
    }
    write_columns(edge, fixture, &column);
    assert!(differences.is_empty(), "{edge}:{differences}");
}

/// `tests/run.sh` puts the columns beside each other.
fn write_columns(edge: &str, fixture: &Fixture, column: &str) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("edges");
    fs::create_dir_all(&folder).unwrap();
    // Edges are judged at the same time, each in a process of its own.
    let write = |name: &str, text: &str| {
        let aside = folder.join(format!(".{name}.{edge}"));
        fs::write(&aside, text).unwrap();
        fs::rename(&aside, folder.join(name)).unwrap();
    };
    let names: String = cases(fixture).iter().map(|case| format!("{}\n", case.name)).collect();
    write("cases", &format!("request\n{names}"));
    write(&format!("{edge}.column"), column);
}

/// # Errors
/// What differs.
fn judge(fixture: &Fixture, case: &Case, answer: Option<&Answer>) -> Result<(), String> {
    let is_file = |answer: &Answer| whole_file(fixture, FILE, answer);
    let is_servers_own = |answer: &Answer| {
        // Who looks for the file has taken the link for a good one. An encoded null is no name of a file to Apache.
        let is_unread = !case.target.starts_with(FOLDER) || case.target.contains("%00");
        SERVERS_OWN.contains(&answer.status) && (answer.status != 404 || is_unread)
    };
    let Some(answer) = answer else {
        return match case.verdict {
            Verdict::RefusedByWhoever | Verdict::FileOrRefused | Verdict::Elsewhere => Ok(()),
            _ => Err("closed without an answer".to_owned()),
        };
    };
    let may_be_file = matches!(case.verdict, Verdict::File | Verdict::FileOrRefused) && answer.status == 200;
    if !may_be_file && holds_a_file(fixture, answer) {
        return Err(format!("found a whole file in an answer {}", answer.status));
    }
    match &case.verdict {
        Verdict::File => is_file(answer),
        Verdict::Head => head(fixture, answer),
        Verdict::Part(part) => {
            let bytes = fixture.bytes(FILE);
            let range = format!("bytes {}-{}/{}", part.start, part.end - 1, bytes.len());
            expect(answer.status, 206, "status")?;
            expect(answer.header("content-range"), Some(range.as_str()), "Content-Range")?;
            expect(&answer.body[..], &bytes[part.clone()], "bytes")?;
            headers_of_a_file(FILE, answer)
        }
        Verdict::Refused => refused(answer),
        Verdict::Elsewhere => Ok(()),
        Verdict::NotThere if answer.status == 404 => Ok(()),
        Verdict::NotThere => refused(answer),
        Verdict::RefusedByWhoever if is_servers_own(answer) => Ok(()),
        // So workerd says that a worker has no handler for it.
        Verdict::RefusedByWhoever if case.method == "CONNECT" && answer.status == 500 => Ok(()),
        Verdict::RefusedByWhoever => refused(answer),
        Verdict::FileOrRefused if answer.status == 200 => is_file(answer),
        Verdict::FileOrRefused if is_servers_own(answer) => Ok(()),
        Verdict::FileOrRefused => refused(answer),
    }
}

fn holds_a_file(fixture: &Fixture, answer: &Answer) -> bool {
    [FILE, OTHER_FILE]
        .map(|path| fixture.bytes(path))
        .iter()
        .any(|file| answer.body.windows(file.len()).any(|part| part == file))
}

/// Whether it is 200 with this file.
///
/// # Errors
/// What differs.
pub(super) fn whole_file(fixture: &Fixture, path: &str, answer: &Answer) -> Result<(), String> {
    expect(answer.status, 200, "status")?;
    let bytes = fixture.bytes(path);
    if answer.body != bytes {
        return Err(format!("{} bytes that are not the file's {}", answer.body.len(), bytes.len()));
    }
    headers_of_a_file(path, answer)
}

fn head(fixture: &Fixture, answer: &Answer) -> Result<(), String> {
    expect(answer.status, 200, "status")?;
    expect(answer.body.len(), 0, "length of the body")?;
    let size = fixture.bytes(FILE).len().to_string();
    expect(answer.header("content-length"), Some(size.as_str()), "Content-Length")?;
    headers_of_a_file(FILE, answer)
}

fn headers_of_a_file(path: &str, answer: &Answer) -> Result<(), String> {
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap();
    let disposition = format!("attachment; filename=\"{name}\"");
    expect(answer.header("content-disposition"), Some(disposition.as_str()), "Content-Disposition")?;
    expect(answer.header("content-type"), Some("application/octet-stream"), "Content-Type")?;
    expect(answer.header("content-encoding"), None, "Content-Encoding")?;
    expect(answer.header("cache-control"), Some("private, no-transform"), "Cache-Control")?;
    expect(answer.header("referrer-policy"), Some("no-referrer"), "Referrer-Policy")
}

/// Whether it is 403, which nobody may keep.
///
/// # Errors
/// What differs.
pub(super) fn refused(answer: &Answer) -> Result<(), String> {
    expect(answer.status, 403, "status")?;
    expect(answer.header("cache-control"), Some("no-store"), "Cache-Control")?;
    expect(answer.header("referrer-policy"), Some("no-referrer"), "Referrer-Policy")?;
    expect(answer.header("content-disposition"), None, "Content-Disposition")
}

fn expect<T: PartialEq + std::fmt::Debug>(found: T, expected: T, what: &str) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("found {what} {found:?} for {expected:?}")) }
}
