//! One test for each scenario.

use serde_json::{Value, json};

use super::products;
use super::scenario::Node;
use super::storefront::{Host, Storefront};

/// Runs a script in a storefront with products of hostile names, and one with a history.
#[track_caller]
fn visit(host: Host, script: &str, further: &Value) {
    visit_after(products::HISTORY, host, script, further);
}

/// The same when so many releases have been made.
#[track_caller]
fn visit_after(releases: usize, host: Host, script: &str, further: &Value) {
    let Some(node) = Node::installed() else { return };
    let sources = [products::named(), products::with_history(releases)].concat();
    let Some(storefront) = Storefront::open(host, sources) else { return };
    let mut told = storefront.told();
    told.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    node.run(script, told);
}

#[test]
fn a_customer_finds_a_product_and_downloads_it_with_a_key() {
    visit(Host::Python, "path.mjs", &json!({ "scripts": true }));
}

#[test]
fn a_customer_without_javascript_finds_a_product_and_downloads_it_with_a_key() {
    visit(Host::Validator, "path.mjs", &json!({ "scripts": false }));
}

#[test]
fn a_key_is_remembered_only_when_asked_to_and_is_forgotten_again() {
    visit(Host::Python, "remembering.mjs", &json!({}));
}

#[test]
fn a_customer_checks_a_key_and_has_it_sent() {
    visit(Host::Python, "keys.mjs", &json!({ "scripts": true }));
}

#[test]
fn a_customer_without_javascript_checks_a_key_and_has_it_sent() {
    visit(Host::Validator, "keys.mjs", &json!({ "scripts": false }));
}

#[test]
fn products_are_searched_and_filtered() {
    visit(Host::Python, "finding.mjs", &json!({}));
}

#[test]
fn what_programs_need_is_copied_and_languages_are_switched() {
    visit(Host::Python, "copying.mjs", &json!({}));
}

#[test]
fn a_page_tells_what_fits_what_is_withdrawn_what_changed_and_how_to_install_it() {
    visit(Host::Validator, "reading.mjs", &json!({}));
}

#[test]
fn programs_are_told_the_truth_of_every_page() {
    visit(Host::Python, "machines.mjs", &json!({}));
}

#[test]
fn axe_finds_nothing_on_any_page_in_english() {
    visit(Host::Validator, "accessibility.mjs", &json!({ "languageTags": ["en"] }));
}

#[test]
fn axe_finds_nothing_on_any_page_in_german_and_from_right_to_left() {
    visit(Host::Validator, "accessibility.mjs", &json!({ "languageTags": ["de", "fa"] }));
}

#[test]
fn every_page_is_valid_html() {
    visit(Host::Validator, "validity.mjs", &json!({}));
}

#[test]
fn every_link_leads_somewhere() {
    visit(Host::Python, "links.mjs", &json!({}));
}

#[test]
fn names_inject_nothing_and_pages_load_nothing_from_elsewhere() {
    visit(Host::Python, "hostile.mjs", &json!({}));
}

#[test]
fn pages_in_english_fit_on_every_screen() {
    visit(Host::Validator, "pictures.mjs", &json!({ "languageTags": ["en"] }));
}

#[test]
fn pages_in_german_and_from_right_to_left_fit_on_every_screen() {
    visit(Host::Validator, "pictures.mjs", &json!({ "languageTags": ["de", "fa"] }));
}

#[test]
fn pages_adapt_to_large_text_direction_and_paper() {
    visit(Host::Python, "adapting.mjs", &json!({}));
}

#[test]
fn a_page_with_a_long_history_is_as_good_as_any() {
    visit_after(products::LONG_HISTORY, Host::Validator, "history.mjs", &json!({}));
}
