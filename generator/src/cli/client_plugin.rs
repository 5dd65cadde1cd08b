//! `bandari client-plugin`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::print_failure;
use crate::Config;
use crate::client_plugin::{Report, make};

#[derive(Args)]
#[command(after_help = "\
The plug-in is one more product of the site: `bandari build` publishes it, with a feed of its own. What is in it is set by \
`[client_plugin]` in the configuration and by the vendor's templates below `client-plugin/`.")]
pub(super) struct ClientPluginArgs {
    /// The site's configuration
    #[arg(long, value_name = "FILE", default_value = "bandari.toml")]
    config: PathBuf,
    /// Where to put the package; without it `plg_installer_<element>` in the folder of the packages
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Print errors only
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(args: &ClientPluginArgs) -> io::Result<u8> {
    let made = Config::load(&args.config, None).and_then(|config| make(&config, args.output.as_deref()));
    match made {
        Ok(report) => print_report(args, &report).map(|()| 0),
        Err(error) => print_failure(&error, args.json),
    }
}

fn print_report(args: &ClientPluginArgs, report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if args.json {
        return writeln!(out, "{}", serde_json::to_string(report)?);
    }
    if args.quiet {
        return Ok(());
    }
    for (word, files) in [("made", &report.made), ("kept", &report.kept)] {
        files.iter().try_for_each(|file| writeln!(out, "{word} `{file}`"))?;
    }
    writeln!(out, "plug-in `{}` {}, in {}", report.element, report.version, report.languages.join(", "))?;
    if report.lacks_letters && !report.made.is_empty() {
        writeln!(
            out,
            "  the name has a to z and digits of `vendor` only: before it is published, `element` in `[client_plugin]` \
                       may set another"
        )?;
    }
    for group in &report.groups {
        writeln!(out, "  has a key for group `{}`: {}", group.id, group.name)?;
    }
    let sent = if report.sends.is_empty() { "nothing else".to_owned() } else { report.sends.join(", ") };
    writeln!(out, "  sends the key and {sent}")?;
    writeln!(out, "  looks for updates at {}", report.feed)?;
    if report.among_packages {
        writeln!(out, "next: bandari build")
    } else {
        writeln!(out, "not among the packages of the site: no build publishes it from there")
    }
}
