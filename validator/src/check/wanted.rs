//! What a check is about: `/check/<id>` and `/check?id=…` name a product or group, and every address of a download is that of a
//! check with `/check` before its path.

use crate::check::PATH;
use crate::download;
use crate::jbackend::Call;
use crate::parameters::Parameters;
use crate::question::Named;

/// What an address asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted<'r> {
    /// What has this id: a product, a group, or a package, the first of them that there is.
    Any(Named<'r>),
    /// A package: whether its download would begin.
    Package(Named<'r>),
    /// A download that names no package.
    NoPackage,
    /// The address means nothing.
    Nothing,
}

impl<'r> Wanted<'r> {
    /// `path` is the whole path of the address.
    pub(crate) fn of(path: &'r str, parameters: &'r Parameters<'_>) -> Self {
        let below = path.strip_prefix(PATH).unwrap_or(path);
        let names_nothing = below.trim_end_matches('/').is_empty();
        let call = if names_nothing { Call::of_parameters(parameters) } else { None };
        if let Some(call) = call.filter(Call::is_download) {
            return Self::package(call.id, true);
        }
        match Named::of(path, parameters) {
            Some(named) => Self::Any(named),
            None if below.starts_with("/download/") => Self::package(download::package_id(below), false),
            None => Self::of_call(below, parameters),
        }
    }

    /// `/get/release/download/<package id>`, or the same with the id in the query.
    fn of_call(path: &'r str, parameters: &'r Parameters<'_>) -> Self {
        let call = Call::of_path(path);
        let has_no_id = call.id.is_none();
        match call.with_id(parameters.value("id")) {
            call if call.is_download() => Self::package(call.id, has_no_id),
            _ => Self::Nothing,
        }
    }

    fn package(id: Option<&'r str>, is_parameter: bool) -> Self {
        id.map_or(Self::NoPackage, |id| Self::Package(Named { id, is_parameter }))
    }

    /// The id in the address.
    pub(crate) fn id(&self) -> Option<&'r str> {
        match self {
            Self::Any(named) | Self::Package(named) => Some(named.id),
            Self::NoPackage | Self::Nothing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_wanted(target: &str, expected: Wanted<'_>) {
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        assert_eq!(Wanted::of(path, &Parameters::of_query(query)), expected, "{target}");
    }

    #[test]
    fn every_address_of_a_download_is_one_of_a_check() {
        for (target, is_parameter) in [
            ("/check/download/a_1", false),
            ("/check/download/a_1/", false),
            ("/check/download/a_1/a-1.zip", false),
            ("/check/download/a_1?id=b&resource=validate", false),
            ("/check/get/release/download/a_1", false),
            ("/check/post/release/download/a_1/?id=b", false),
            ("/check/post/release/download?id=a_1", true),
            ("/check/post/release/download/?id=a_1", true),
            ("/check/?action=get&module=release&resource=download&id=a_1", true),
            ("/check?action=post&amp;module=release&amp;resource=download&amp;id=a_1", true),
        ] {
            assert_wanted(target, Wanted::Package(Named { id: "a_1", is_parameter }));
        }
    }

    #[test]
    fn a_single_word_is_an_id_also_when_it_is_a_word_of_downloads() {
        for id in ["tides", "download", "get", "post"] {
            for behind in ["", "/", "//"] {
                let expected = Wanted::Any(Named { id, is_parameter: false });
                assert_wanted(&format!("/check/{id}{behind}"), expected);
                assert_wanted(&format!("/check/{id}{behind}?id=x"), expected);
            }
            assert_wanted(&format!("/check?id={id}"), Wanted::Any(Named { id, is_parameter: true }));
        }
        // No call of jBackend's is a download without all of its words.
        for words in ["resource=download", "module=release&resource=download", "action=get&resource=download"]
        {
            let target = format!("/check/?{words}&id=tides");
            assert_wanted(&target, Wanted::Any(Named { id: "tides", is_parameter: true }));
        }
    }

    #[test]
    fn a_download_may_name_no_package_and_an_address_may_mean_nothing() {
        for target in [
            "/check/download//a",
            "/check/download/a/b/c",
            "/check/get/release/download",
            "/check/get/release/download?id=",
            "/check/?action=get&module=release&resource=download",
        ] {
            assert_wanted(target, Wanted::NoPackage);
        }
        for target in [
            "/check",
            "/check/",
            "/check?id=",
            "/check/a/b",
            "/check/downloads/a",
            "/check/get/release/verify/a",
            "/check/get/release/download/a/b",
            "/check/put/release/download/a",
            "/check/?action=get&module=release&resource=verify",
        ] {
            assert_wanted(target, Wanted::Nothing);
        }
    }
}
