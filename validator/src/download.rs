//! Downloads by package id: a redirect to where the package is, or a refusal.

use bandari_signed_url::UrlPath;

use crate::answer::{self, Asked};
use crate::failure::Failure;
use crate::offer::Place;
use crate::question::Question;
use crate::reply::Reply;
use crate::texts::Problem;

/// A form keeps a person's key out of addresses and histories. The answer is a 302 there, too: browsers then ask by GET.
pub(crate) const METHODS: &str = "GET, HEAD, POST";

/// The package that `/download/<id>[/<file name>]` names. The file name is for whoever saves the file.
pub(crate) fn package_id(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/download/")?;
    let end = rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len());
    let (id, file) = (&rest[..end], rest.get(end + 1..).unwrap_or_default());
    (!id.is_empty() && !file.contains('/')).then_some(id)
}

/// Answers a download; `id` is the package's.
pub(crate) async fn answer(question: &Question<'_>, id: &str) -> Reply {
    let Some((package, product)) = question.app.offer.package(id) else {
        return problem(question, Problem::UnknownPackage);
    };
    let licensed = match &package.place {
        Place::Public(address) => return Reply::redirect("free", address),
        Place::Withdrawn => return problem(question, Problem::Withdrawn { product: &product.name }),
        Place::Licensed(licensed) => licensed,
    };
    match question.judge_package(licensed).await {
        Ok(verdict) if verdict.state.is_allowed() => redirect(question, &licensed.path),
        Ok(verdict) => answer::refusal(question, &Asked::from(product), &verdict),
        Err(undecided) => answer::undecided(question, question.audience(), &undecided),
    }
}

/// The answer to an address that names no package.
pub(crate) fn not_specified(question: &Question<'_>) -> Reply {
    problem(question, Problem::NoPackage)
}

/// The answer to an address that means nothing.
pub(crate) fn nothing(question: &Question<'_>) -> Reply {
    problem(question, Problem::NotFound)
}

fn redirect(question: &Question<'_>, path: &UrlPath) -> Reply {
    let links = question.app.links.as_ref();
    match links.and_then(|links| links.link(path, question.now)) {
        Some(link) => Reply::redirect("redirect", link),
        None => {
            tracing::error!(now = question.now, "no link can be signed: is the clock right?");
            problem(question, Problem::NoLink)
        }
    }
}

fn problem(question: &Question<'_>, problem: Problem<'_>) -> Reply {
    let failure = match problem {
        Problem::NoPackage => Failure::PackageNotSpecified,
        Problem::NoLink => Failure::Internal,
        _ => Failure::PackageNotFound,
    };
    answer::problem(question, question.audience(), problem, failure)
}
