//! The download pages as people meet them: written by `bandari build`, served by the validator or by any static server, and
//! visited with the system's chromium. A test runs one scenario, a script of Node beside this file, which is told where everything is.
//!
//! Chromium comes from the system; what drives it and the rules of accessibility and of HTML come from npm (`tests/package.json`).

mod products;
mod scenario;
mod sizes;
mod storefront;
mod visits;
