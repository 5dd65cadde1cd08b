//! `pack-example-site SOURCES PACKAGES`: makes the packages of the example site from their sources and prints
//! the files that it wrote. Run it before `bandari build`; the work is done by [`bandari_tests::example_site`].

use std::path::Path;

use bandari_tests::example_site::pack;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [sources, packages] = &arguments[..] else {
        anyhow::bail!("usage: pack-example-site SOURCES PACKAGES");
    };
    let written = pack(Path::new(sources), Path::new(packages))?;
    for path in &written {
        println!("{}", path.display());
    }
    if written.is_empty() {
        eprintln!("nothing to do: all packages are up to date");
    }
    Ok(())
}
