//! `bandari init`.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;

use super::print_failure;
use crate::error::count;
use crate::init::{Prepared, Report, Site, prepare};

#[derive(Args)]
pub(super) struct InitArgs {
    /// The site's configuration, which is written unless it is there
    #[arg(long, value_name = "FILE", default_value = "bandari.toml")]
    config: PathBuf,
    /// Take over a jBackend Release System: a file with the plug-in's options Folder, Package groups and Packages
    #[arg(long, value_name = "FILE")]
    from_jbackend: Option<PathBuf>,
    /// Print the result as JSON, and ask nothing
    #[arg(long)]
    json: bool,
    /// Print errors only, and ask nothing
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(args: &InitArgs) -> io::Result<u8> {
    let mut prepared = match prepare(&args.config, args.from_jbackend.as_deref()) {
        Ok(prepared) => prepared,
        Err(error) => return print_failure(&error, args.json),
    };
    let is_attended = io::stdin().is_terminal() && io::stderr().is_terminal();
    if let Some(site) = prepared.site.as_mut().filter(|_| is_attended && !args.json && !args.quiet) {
        ask(site, &mut io::stdin().lock(), &mut io::stderr().lock())?;
    }
    match Prepared::write(prepared) {
        Ok(report) => print_report(args, &report).map(|()| 0),
        Err(error) => print_failure(&error, args.json),
    }
}

/// Asks for each setting until the answer is good. Who ends the input takes what is proposed.
fn ask(site: &mut Site, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    for index in 0..site.settings.len() {
        loop {
            let setting = &site.settings[index];
            write!(output, "{} [{}] ", setting.question, setting.value)?;
            output.flush()?;
            let mut answer = String::new();
            if input.read_line(&mut answer)? == 0 {
                return writeln!(output);
            }
            match site.answer(index, &answer) {
                Ok(()) => break,
                Err(flaw) => writeln!(output, "{flaw}")?,
            }
        }
    }
    Ok(())
}

fn print_report(args: &InitArgs, report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if args.json {
        return writeln!(out, "{}", serde_json::to_string(report)?);
    }
    if args.quiet {
        return Ok(());
    }
    for (word, files) in [("made", &report.made), ("extended", &report.extended), ("kept", &report.kept)] {
        files.iter().try_for_each(|file| writeln!(out, "{word} `{file}`"))?;
    }
    for product in &report.products {
        let license = product.group.as_ref().map_or("free".to_owned(), |group| format!("group `{group}`"));
        writeln!(out, "product `{}`, {license}: {}", product.id, count(product.packages.len(), "package"))?;
        for package in &product.packages {
            writeln!(out, "  `{}` is version {} in `{}`", package.id, package.version, package.file)?;
        }
    }
    report.notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))?;
    if !report.placeholders.is_empty() {
        let keys: Vec<String> = report.placeholders.iter().map(|key| format!("`{key}`")).collect();
        writeln!(out, "to change in `{}`: {}", args.config.display(), keys.join(", "))?;
    }
    for (index, command) in report.next.iter().enumerate() {
        writeln!(out, "{}{command}", if index == 0 { "next: " } else { "      " })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::KnownSite;

    fn asked(answers: &str) -> (Site, String) {
        let mut site = Site::new(&KnownSite {
            author: None,
            folder_name: Some("harbor"),
            is_licensed: false,
            packages: "packages",
        });
        let mut output = Vec::new();
        ask(&mut site, &mut answers.as_bytes(), &mut output).unwrap();
        (site, String::from_utf8(output).unwrap())
    }

    #[test]
    fn an_empty_answer_takes_what_is_proposed_and_a_wrong_one_is_asked_for_again() {
        let (site, output) = asked("Mwambao\n\nupdates\nhttps://u.example/\n");
        assert_eq!(
            output,
            "Who publishes the extensions? [harbor] Title of the download site? [Downloads of Mwambao] \
             Address of the static host? [https://updates.example.org] \
             found `public_url = \"updates\"`, expected an address such as `https://updates.example.org`\n\
             Address of the static host? [https://updates.example.org] "
        );
        let values: Vec<_> = site.settings.iter().map(|setting| setting.value.as_str()).collect();
        assert_eq!(values, ["Mwambao", "Downloads of Mwambao", "https://u.example"]);
        assert!(site.untold().is_empty());
    }

    #[test]
    fn the_end_of_the_input_leaves_the_rest_as_placeholders() {
        let (site, _) = asked("Mwambao\n");
        assert_eq!(site.untold(), ["title", "public_url"]);
    }
}
