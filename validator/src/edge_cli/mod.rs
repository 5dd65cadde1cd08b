//! `bandari-validator edge <target>`: what a vendor's CDN or web server needs to honor this site's signed links, ready to be put up.
//! The programs of the edges are templates in `templates/edge/`, with public keys, host and key set of this site filled in. No
//! edge fetches keys while it runs: they come by configuration, so whoever can put something in between cannot bring in a key.

mod files;
mod folder;
mod site;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::{ConfigArgs, print};
use crate::config::Config;
use crate::error::Error;
use crate::secrets;
use crate::server::unix_seconds;

use self::folder::Written;
use self::site::EdgeSite;

pub(crate) use self::site::EdgeKey;

#[derive(Args)]
pub(crate) struct EdgeArgs {
    /// Which edge serves the licensed packages
    target: Target,
    /// Where to write the files [default: edge/TARGET]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// An edge for which there are files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// Google Cloud Media CDN, which checks links by itself: Terraform and gcloud
    MediaCdn,
    /// One JavaScript module for Cloudflare Workers, Deno, Netlify, Vercel and Bunny
    Workers,
    /// nginx or OpenResty with Lua: checks links by itself
    Nginx,
    /// nginx that asks this validator
    NginxAuthRequest,
    /// Caddy that asks this validator
    Caddy,
    /// Amazon CloudFront with Lambda@Edge
    LambdaEdge,
}

impl Target {
    /// As on the command line, and the name of its folder.
    fn name(self) -> String {
        let value = self.to_possible_value().expect("no target is left out of the command line");
        value.get_name().to_owned()
    }

    /// Whether it asks `/edge/verify`.
    fn asks_the_validator(self) -> bool {
        matches!(self, Self::NginxAuthRequest | Self::Caddy)
    }
}

/// Writes the files of a target.
///
/// # Errors
/// [`Error::Configuration`] when this site has no edge, or its configuration lacks what this one needs; [`Error::Io`] when a file
/// cannot be written, with all others as they were or whole.
pub(crate) async fn run(args: &EdgeArgs) -> Result<(), Error> {
    let config = Config::load(&args.config.config)?;
    let offer = config.catalog.read().await?.offer;
    let keys = secrets::read_signing_keys(&config.signing_key)?;
    let site = EdgeSite::of(&config, &offer, &keys, args.target, unix_seconds())?;
    let files = files::render(args.target, &site, config.templates.as_deref())?;
    let folder = args.output.clone().unwrap_or_else(|| PathBuf::from("edge").join(args.target.name()));
    for (path, written) in folder::write(&folder, &files)? {
        print(&match written {
            Written::Made => format!("made `{}`", path.display()),
            Written::Unchanged => format!("nothing new in `{}`", path.display()),
            Written::Replaced { kept } => {
                format!("replaced `{}`; what it was is in `{}`", path.display(), kept.display())
            }
        })?;
    }
    print(&format!("how to put it up: `{}`", folder.join("README.md").display()))
}
