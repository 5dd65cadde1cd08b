//! Pages to try a template with.

use super::*;

/// Pages with all and with next to nothing in them, to try a template.
pub(in crate::pages) fn samples(style: &str) -> Vec<View<'_>> {
    const URL: &str = "https://example.org";
    const MAIL_URL: &str = "mailto:support@example.org";
    let word = || "word".to_owned();
    let result = |is_full: bool| {
        let one = usize::from(is_full);
        ResultView {
            heading: is_full.then(word),
            tone: Tone::Good,
            text: word(),
            hint: is_full.then(word),
            facts: (0..one).map(|_| Fact { name: word(), value: word() }).collect(),
            steps: (0..one).map(|_| word()).collect(),
            links: links(
                [is_full.then(|| (URL.to_owned(), word())), is_full.then(|| (MAIL_URL.to_owned(), word()))],
                Emphasis::First,
            ),
        }
    };
    let form = |email: Option<String>, id| FormView { intro: word(), key: word(), submit: word(), email, id };
    let kinds = [
        (true, Some(result(true)), Some(form(None, Some("product")))),
        (true, Some(result(true)), None),
        (true, None, Some(form(None, None))),
        (true, Some(result(true)), Some(form(Some(word()), Some("product")))),
        (false, Some(result(false)), Some(form(None, None))),
        (false, Some(result(false)), None),
    ];
    let view = |(is_full, result, form): (bool, _, _)| View {
        lang: "en".to_owned(),
        dir: "ltr",
        style,
        site: SiteView { title: "title", vendor: "vendor", url: is_full.then_some(URL) },
        labels: LabelsView { what_to_do: word(), published_by: word(), homepage: is_full.then(word) },
        product: is_full.then_some("product"),
        homepage: is_full.then_some(URL),
        heading: word(),
        result,
        form,
    };
    kinds.into_iter().map(view).collect()
}
