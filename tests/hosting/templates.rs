//! A vendor's own files for hosts in the place of ours.

use bandari_tests::site::Site;

use super::built;

/// Configures a folder of templates with this one in it.
fn with_template(name: &str, text: &str) -> Site {
    let site = built("https://updates.example.org");
    site.put("bandari.toml", format!("templates = 'templates'\n{}", site.text("bandari.toml")));
    site.put(&format!("templates/pages/hosting/{name}"), text);
    site
}

#[test]
fn a_file_of_the_vendors_takes_the_place_of_ours() {
    let site = with_template("robots.txt", "# {{ url }}\nUser-agent: *\nDisallow: {{ prefix }}/files/\n");
    let headers = site.text("output/public/_headers");
    assert_eq!(site.build(&[]).code, 0);
    assert_eq!(
        site.text("output/public/robots.txt"),
        "# https://updates.example.org\nUser-agent: *\nDisallow: /files/\n"
    );
    assert_eq!(site.text("output/public/_headers"), headers);
}

#[test]
fn a_template_that_cannot_be_filled_is_told_and_nothing_written() {
    let site = with_template("nginx.conf", "listen {{ prot }};\n");
    let before = site.stamps("output/hosting");
    let run = site.build(&[]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("hosting/nginx.conf:1:11") && run.stderr.contains("prot"), "{}", run.stderr);
    assert_eq!(site.stamps("output/hosting"), before);
    let run = site.run(&["check"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("BND010") && run.stdout.contains("nginx.conf"), "{}", run.stdout);
}

#[test]
fn what_hosts_are_told_is_removed_with_the_languages_it_tells_of() {
    let site = built("https://updates.example.org");
    let run = site.build(&["--lang", "en"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    for file in ["public/_headers", "public/_redirects", "public/sitemap.xml", "hosting/nginx.conf"] {
        assert!(!site.text(&format!("output/{file}")).contains("/de"), "{file}");
    }
}
