//! The files of each target, with this site's values in them.

use std::path::Path;

use tera::{Context, Tera};

use crate::error::Error;
use crate::templates;

use super::Target;
use super::site::EdgeSite;

/// A file of a target: its name and the template that is part of the binary.
type Template = (&'static str, &'static str);

/// The template with this name in the target's folder.
macro_rules! template {
    ($folder:literal, $name:literal) => {
        ($name, include_str!(concat!("../../../templates/edge/", $folder, "/", $name)))
    };
}

/// What is a part of several files: the check of a link in JavaScript.
const PART: Template = ("edge/verifier.js", include_str!("../../../templates/edge/verifier.js"));

/// A file, ready to be written.
#[derive(Debug)]
pub(super) struct EdgeFile {
    pub(super) name: &'static str,
    pub(super) text: String,
}

fn templates_of(target: Target) -> &'static [Template] {
    match target {
        Target::MediaCdn => &[
            template!("media-cdn", "README.md"),
            template!("media-cdn", "main.tf"),
            template!("media-cdn", "keyset.yaml"),
            template!("media-cdn", "origin.yaml"),
            template!("media-cdn", "service.yaml"),
            template!("media-cdn", "import.sh"),
            template!("media-cdn", "upload.sh"),
        ],
        Target::Workers => &[
            template!("workers", "README.md"),
            template!("workers", "bandari-edge.js"),
            template!("workers", "wrangler.toml"),
        ],
        Target::Nginx => &[
            template!("nginx", "README.md"),
            template!("nginx", "bandari-edge.conf"),
            template!("nginx", "bandari_edge.lua"),
            template!("nginx", "bandari_edge_keys.lua"),
        ],
        Target::NginxAuthRequest => &[
            template!("nginx-auth-request", "README.md"),
            template!("nginx-auth-request", "bandari-edge.conf"),
        ],
        Target::Caddy => &[template!("caddy", "README.md"), template!("caddy", "Caddyfile")],
        Target::LambdaEdge => &[
            template!("lambda-edge", "index.mjs"),
            template!("lambda-edge", "template.yaml"),
            template!("lambda-edge", "README.md"),
        ],
    }
}

/// Fills our own templates, and the vendor's in their place where there are some.
///
/// # Errors
/// [`Error::Configuration`] names the template that cannot be filled.
pub(super) fn render(
    target: Target,
    site: &EdgeSite,
    vendors: Option<&Path>,
) -> Result<Vec<EdgeFile>, Error> {
    let context =
        Context::from_serialize(site).expect("texts, numbers and lists of them have a form as variables");
    let part = templates::text(vendors, PART.0, PART.1)?;
    let render = |(name, own): &Template| {
        let place = format!("edge/{}/{name}", target.name());
        let text = templates::text(vendors, &place, own)?;
        let mut tera = Tera::default();
        let rendered = tera
            .add_raw_templates([(PART.0, &part), (&place, &text)])
            .and_then(|()| tera.render(&place, &context));
        let wrong = |error: tera::Error| Error::Configuration {
            file: vendors.unwrap_or(Path::new("templates")).join(&place),
            message: templates::chain(&error),
        };
        Ok(EdgeFile { name, text: rendered.map_err(wrong)? })
    };
    templates_of(target).iter().map(render).collect()
}
