//! Edges: servers, workers and functions that honor signed links, each run for real with what `bandari-validator edge` writes for
//! it, and asked byte for byte the same (`cases`). FORMAT.md of `bandari-signed-url` is the rule; what differs between them is
//! only what a server does with a request before its edge sees it.

mod asking;
mod built_in;
mod caddy;
mod cases;
mod client;
mod command;
mod fixture;
mod judge;
mod lambda_edge;
mod links;
mod media_cdn;
mod nginx;
mod nginx_auth_request;
pub(crate) mod nginx_server;
mod recipes;
mod recorder;
mod rotation;
mod storage;
mod vectors_lua;
mod workers;
