//! What the tests are built with: archives good and bad, sites in scratch folders, the programs as processes, and a
//! client that sends exactly the bytes it is told to.

pub mod certificate;
pub mod customers;
pub mod database;
pub mod diff;
pub mod example_site;
pub mod feed;
pub mod golden;
pub mod http;
pub mod https;
pub mod load;
pub mod mariadb;
pub mod npm;
pub mod ports;
pub mod postgresql;
pub mod processes;
pub mod relay;
pub mod server;
pub mod shop;
pub mod sibling;
pub mod site;
pub mod skipping;
pub mod smtp;
pub mod zips;
