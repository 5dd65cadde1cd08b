//! The function for CloudFront, as it is written, under Node.js. `cloudfront.mjs` stands in for CloudFront and the bucket.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bandari_tests::http::Answer;
use bandari_tests::ports::free_port;
use bandari_tests::skipping::skip;

use super::client::exchange;
use super::fixture::{FILE, Fixture};
use super::judge::judge_all;
use bandari_tests::server::{Server, installed};

const TARGET: &str = "lambda-edge";

fn node() -> Option<PathBuf> {
    let node = installed("node");
    if node.is_none() {
        skip("node");
    }
    node
}

/// A program of this folder.
fn program(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("edges/lambda_edge").join(name).to_str().unwrap().to_owned()
}

/// The stand-in with the function in it.
fn start(fixture: &Fixture) -> Option<Server> {
    let node = node()?;
    let function = fixture.generate(TARGET).join("index.mjs");
    let (port, root) = (free_port(), fixture.root());
    // Debian's Node 18, which no function runs in, warns that Ed25519 is new to it.
    let arguments = [
        "--no-warnings",
        &program("cloudfront.mjs"),
        function.to_str().unwrap(),
        root.to_str().unwrap(),
        &port.to_string(),
    ];
    Some(Server::start(port, &fixture.shop().path("cloudfront.log"), node, &arguments))
}

fn get(server: &Server, target: &str) -> Answer {
    exchange(server.port, "GET", target, &[]).expect("an answer")
}

#[test]
fn the_function_judges_every_request_as_it_has_to() {
    let fixture = Fixture::new();
    let Some(server) = start(&fixture) else { return };
    judge_all(TARGET, &fixture, server.port);
    assert_eq!(server.log(), "", "what the function logs stays in an account of AWS");
}

#[test]
fn all_links_to_a_file_share_one_cache_entry() {
    let fixture = Fixture::new();
    let Some(server) = start(&fixture) else { return };
    for (lifetime, cache) in [(60, "Miss from cloudfront"), (120, "Hit from cloudfront")] {
        let answer = get(&server, &fixture.sign(FILE, lifetime));
        assert_eq!(answer.header("x-cache"), Some(cache));
        assert_eq!(answer.header("x-cache-key"), Some(FILE));
    }
}

#[test]
fn a_link_is_refused_before_the_cache_is_looked_at() {
    let fixture = Fixture::new();
    let Some(server) = start(&fixture) else { return };
    assert_eq!(get(&server, &fixture.sign(FILE, 60)).status, 200);
    let answer = get(&server, &fixture.sign(FILE, -1));
    assert_eq!((answer.status, answer.header("x-cache")), (403, None));
    assert_eq!(answer.body, b"Refused (expired): the link has expired.\n");
}

#[test]
fn an_answer_of_several_parts_keeps_its_type() {
    let fixture = Fixture::new();
    let Some(server) = start(&fixture) else { return };
    let ranges = ["Range: bytes=0-1,4-5".to_owned()];
    let answer = exchange(server.port, "GET", &fixture.sign(FILE, 60), &ranges).unwrap();
    assert_eq!(answer.status, 206);
    assert_eq!(answer.header("content-type"), Some("multipart/byteranges; boundary=part"));
    assert_eq!(answer.header("cache-control"), Some("private, no-transform"));
}

#[test]
fn a_shell_reads_every_command_of_the_page() {
    let fixture = Fixture::new();
    let folder = fixture.generate(TARGET);
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    let commands: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    assert!(commands.len() > 20, "{page}");
    fs::write(folder.join("commands.sh"), commands.join("\n")).unwrap();
    let output = Command::new("sh").arg("-n").arg(folder.join("commands.sh")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn the_template_has_what_the_stand_in_plays() {
    let template = fs::read_to_string(Fixture::new().generate(TARGET).join("template.yaml")).unwrap();
    for setting in [
        "ReferrerPolicy: {ReferrerPolicy: no-referrer, Override: true}",
        "{Header: Cache-Control, Value: no-store, Override: false}",
        "QueryStringsConfig: {QueryStringBehavior: none}",
        "{EventType: viewer-request, LambdaFunctionARN: !Ref Check.Version}",
        "{EventType: viewer-response, LambdaFunctionARN: !Ref Check.Version}",
        "AllowedMethods: [GET, HEAD]",
        "Aliases: !If [HasCertificate, [\"packages.shop.test\"], !Ref \"AWS::NoValue\"]",
        "ViewerProtocolPolicy: allow-all",
    ] {
        assert!(template.contains(setting), "found no `{setting}` in\n{template}");
    }
}
