//! Where the packages of a Release System are, and where they are copied to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::config::real_path;
use crate::error::Problem;
use crate::init::jbackend::Folder;
use crate::rules::Code;

/// Where packages come from and go to: two folders without a file in common.
#[derive(Debug)]
pub(crate) struct Route {
    /// The Release System's folder.
    pub(crate) source: PathBuf,
    /// The package directory.
    pub(crate) packages: PathBuf,
}

/// Finds the Release System's folder below one of `roots`, whichever may be Joomla's root, and the first of the package
/// directories `wishes` that has it apart.
///
/// # Errors
/// Where it was looked for, or that it shares files with every wish.
pub(crate) fn route(folder: &Folder, roots: &[&Path], wishes: &[PathBuf]) -> Result<Route, Problem> {
    let candidates: Vec<PathBuf> = roots.iter().map(|root| root.join(&folder.path)).collect();
    let there: Vec<&PathBuf> = candidates.iter().filter(|path| path.is_dir()).collect();
    for packages in wishes {
        if let Some(source) = there.iter().find(|source| are_apart(source, packages)) {
            return Ok(Route { source: source.to_path_buf(), packages: packages.clone() });
        }
    }
    let problem =
        |found: String, expected| Err(Problem::new(Code::TakeoverOption, &folder.place, found, expected));
    if let (Some(source), Some(packages)) = (there.first(), wishes.first()) {
        let (source, packages) = (source.display(), packages.display());
        return problem(
            format!("`{source}`, which shares files with the site's own packages in `{packages}`"),
            "a folder apart from them, since its packages are copied to them: let `packages` in the configuration name \
             another, or begin the site in another folder",
        );
    }
    let looked_at: BTreeSet<String> = candidates.iter().map(|path| format!("`{}`", path.display())).collect();
    let looked_at = looked_at.into_iter().collect::<Vec<_>>().join(" and ");
    problem(
        format!("no folder of packages at {looked_at}"),
        "`Folder` below the folder of this file or that of the configuration",
    )
}

fn are_apart(one: &Path, other: &Path) -> bool {
    let (one, other) = (real_path(one), real_path(other));
    !one.starts_with(&other) && !other.starts_with(&one)
}
