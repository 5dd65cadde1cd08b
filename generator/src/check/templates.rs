//! The vendor's templates, and the texts of each language: whether each page can be made with them.

use std::path::Path;

use crate::client_plugin;
use crate::config::Config;
use crate::error::{Error, Problem};
use crate::hosting::Hosting;
use crate::image::Image;
use crate::pages::{Pages, SiteFacts};
use crate::plan::Plan;
use crate::product::Product;
use crate::rules::Code;

/// Does what a build does with them before it writes anything. Without a product no page can be tried, only what the templates
/// are by themselves.
pub(crate) fn of_vendor(
    products: &[Product],
    logo: Option<&Image>,
    config: &Config,
) -> Result<Vec<Problem>, Error> {
    let tried = if products.is_empty() {
        Pages::load(config, SiteFacts::default()).and_then(|_| Hosting::load(products, config)).map(drop)
    } else {
        Plan::new(products, logo, config).map(drop)
    };
    let mut problems = told(tried, "pages", config)?;
    problems.extend(told(
        client_plugin::made_anew(products, config).map(drop),
        client_plugin::FOLDER,
        config,
    )?);
    Ok(problems)
}

/// What is wrong with templates and texts in that folder of the vendor's.
fn told(tried: Result<(), Error>, folder: &str, config: &Config) -> Result<Vec<Problem>, Error> {
    match (tried, &config.templates) {
        (Ok(()), _) => Ok(Vec::new()),
        (Err(Error::Texts { problems }), _) => Ok(problems),
        (Err(Error::Templates(message)), Some(templates)) => {
            Ok(vec![unusable(&templates.join(folder), &message)])
        }
        (Err(error), _) => Err(error),
    }
}

/// tera tells what is wrong in the first line and the place, `index.html:2:10`, in the second; the lines behind show it.
fn unusable(folder: &Path, message: &str) -> Problem {
    let mut lines = message.lines();
    let what = lines.next().unwrap_or_default().trim_start_matches("error: ");
    let (file, found) = match lines.next().and_then(|line| line.trim().strip_prefix("--> ")) {
        None => (folder.to_owned(), what.to_owned()),
        Some(place) => {
            let file = folder.join(place.split(':').next().unwrap_or(place));
            // What the vendor's templates do to ours is told of the folder.
            (if file.exists() { file } else { folder.to_owned() }, format!("{what} ({place})"))
        }
    };
    let expected = "a template of which every page can be made";
    Problem::new(Code::Templates, file.display().to_string(), found, expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_in_several_lines_becomes_one_with_its_place() {
        let message = "error: Unknown filter `shout`\n --> base.html:2:4\n  |\n2 | {{ a | shout }}\n";
        let site = tempfile::tempdir().unwrap();
        let told =
            |problem: Problem| (problem.file.replace(site.path().to_str().unwrap(), "t"), problem.found);
        let found = "Unknown filter `shout` (base.html:2:4)".to_owned();
        assert_eq!(
            told(unusable(&site.path().join("pages"), message)),
            ("t/pages".to_owned(), found.clone())
        );
        std::fs::create_dir(site.path().join("pages")).unwrap();
        std::fs::write(site.path().join("pages/base.html"), "").unwrap();
        assert_eq!(
            told(unusable(&site.path().join("pages"), message)),
            ("t/pages/base.html".to_owned(), found)
        );
    }

    #[test]
    fn a_message_without_a_place_is_of_the_folder() {
        let problem = unusable(Path::new("t/pages"), "Template 'index.html' is inheriting from 'gone.html'");
        assert_eq!(
            (&*problem.file, &*problem.found),
            ("t/pages", "Template 'index.html' is inheriting from 'gone.html'")
        );
    }
}
