//! What hosts are told of a site: the sitemap, `_headers` and `_redirects` as Netlify and Cloudflare Pages read them, and the real
//! nginx and Caddy with the configurations that a build writes. All of them, and the validator's own host, have to give each
//! file the same headers (`rules`).

mod built_in;
mod headers_file;
mod redirects_file;
mod rules;
mod servers;
mod sitemap;
mod templates;

use std::path::Path;

use bandari_tests::example_site::lay_out;
use bandari_tests::site::Site;

use crate::programs;

/// The example site in English and German, to be served at this address; built.
fn built(public_url: &str) -> Site {
    built_with(public_url, &[])
}

/// The same with further files in the site's folder.
fn built_with(public_url: &str, files: &[(&str, &str)]) -> Site {
    let site = Site::new(programs().bandari);
    lay_out(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../site"), &site.path("")).unwrap();
    let config = site
        .text("bandari.toml")
        .replace("public_url = \"http://127.0.0.1:8480\"", &format!("public_url = \"{public_url}\""))
        .replace("http://127.0.0.1:8480/protected", "https://cdn.example.org/protected")
        .replace("http://127.0.0.1:8480", "https://get.example.org");
    site.put("bandari.toml", config);
    for (path, text) in files {
        site.put(path, text);
    }
    let run = site.build(&[]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    site
}

/// Every file of the site that hosts serve, below `public/`, with the address that is asked for it.
fn served_files(site: &Site) -> Vec<(String, String)> {
    let files = site.tree("output/public").into_keys();
    let served = files.filter(|file| !["_headers", "_redirects"].contains(&&**file));
    let with_address = |file: String| {
        let address = file.strip_suffix("index.html").unwrap_or(&file);
        let address = format!("/{address}");
        (file, address)
    };
    served.map(with_address).collect()
}
