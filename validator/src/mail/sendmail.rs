//! Mail by the machine's own `sendmail`, which every mail server for Unix brings along.
//!
//! lettre has such a transport, too, but that one names recipients on the command line, where every process list shows them.
//! Ours lets the program read them from the mail (`-t`).

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use lettre::message::Mailbox;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use zeroize::Zeroizing;

use super::{Failure, Mail};

/// The program only puts the mail into a queue; who takes longer hangs.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Exit codes after which trying again changes nothing: the mail or its recipient is wrong (`EX_DATAERR`, `EX_NOUSER`,
/// `EX_NOHOST` of `sysexits.h`). All others, `EX_TEMPFAIL` among them, are troubles of the machine.
const PERMANENT: [i32; 3] = [65, 67, 68];

/// The program.
#[derive(Debug)]
pub(crate) struct Sendmail {
    command: PathBuf,
    /// The vendor's own address.
    from: String,
}

impl Sendmail {
    pub(super) fn new(command: PathBuf, from: &Mailbox) -> Self {
        Self { command, from: from.email.to_string() }
    }

    pub(super) async fn send(&self, mail: &Mail) -> Result<(), Failure> {
        let status = tokio::time::timeout(TIMEOUT, self.run(mail))
            .await
            .map_err(|_| Failure::temporary("time limit"))?
            .map_err(|_| Failure::temporary("run"))?;
        if status.success() {
            return Ok(());
        }
        let code = status.code();
        Err(Failure { is_permanent: code.is_some_and(|code| PERMANENT.contains(&code)), step: "exit", code })
    }

    async fn run(&self, mail: &Mail) -> std::io::Result<ExitStatus> {
        let mut child = Command::new(&self.command)
            // Recipients are in the mail, and a dot on a line of its own does not end it. The sender of the envelope, whom
            // bounces reach and SPF asks about, would else be the user of this process.
            .args(["-t", "-i", "-f", &self.from])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // It quotes addresses.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that ends without reading tells why by its exit code.
            let _ = stdin.write_all(&local_lines(mail)).await;
        }
        child.wait().await
    }
}

/// Programs on this machine expect its own line ends.
fn local_lines(mail: &Mail) -> Zeroizing<Vec<u8>> {
    let mut bytes = mail.message.formatted();
    bytes.retain(|&byte| byte != b'\r');
    Zeroizing::new(bytes)
}
