//! Shops under load: floods, outages, restarts, several validators. What customers notice of them is nothing.

mod floods;
mod outages;
mod several_validators;
mod stopping;
