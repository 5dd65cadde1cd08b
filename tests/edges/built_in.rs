//! The edge that is part of the validator.

use super::fixture::Fixture;
use super::judge::judge_cases;
use super::links::{self, Files};

#[test]
fn the_built_in_edge_judges_every_request_as_it_has_to() {
    let mut fixture = Fixture::new();
    fixture.shop_mut().serve();
    judge_cases("built-in", &fixture, fixture.shop().port);
    links::judge(&fixture, fixture.shop().port, Files::OfTheCatalog);
}
