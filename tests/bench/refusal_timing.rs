//! Does the time of a refusal tell anything of a key, an account or a mail address? Asks for wrong ones of several kinds in
//! turn, many times, and compares each kind with the first. `sh tests/bench/refusal_timing.sh` builds and runs it.
//!
//! Kinds are asked A B C A B C …, so that whatever else the machine does meets all of them alike. Two kinds are compared by
//! the Mann-Whitney U test, which asks whether one is slower more often than not, whatever the shape of the times; |z| above
//! 3.3 would come by chance once in a thousand times. Beside it stands the difference of the medians: with enough tries any
//! difference becomes significant, and one far below the jitter of a network is of no use to anybody.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use bandari_tests::http;
use bandari_tests::shop::{Programs, Shop};

/// Beyond this the order of times is no accident (two-sided p < 0.001).
const SUSPICIOUS_Z: f64 = 3.3;

/// Differences of medians below this are lost in the jitter of any network, in microseconds.
const NOTICEABLE_MICROS: f64 = 50.0;

/// How many senders there were.
static SENDERS: AtomicU32 = AtomicU32::new(0);

/// Requests that must not be told apart, and how often to ask each.
struct Contest {
    name: &'static str,
    rounds: usize,
    /// How many requests of one kind are sent at a time.
    at_once: usize,
    /// Names and targets; `{round}` in a target is the number of the round.
    kinds: Vec<(&'static str, String)>,
}

/// Mails go to a folder, so that nothing but the validator takes its time.
const MAIL: &str = "[mail]\nfrom = 'keys@example.org'\ntransport = 'folder'\nfolder = 'mail'\n";

fn main() -> ExitCode {
    let rounds = env::args().nth(1).map_or(500, |rounds| rounds.parse().expect("a number of rounds"));
    let here = env::current_exe().expect("a path of this program");
    let beside = |name: &str| -> PathBuf { here.with_file_name(name) };
    let mut shop = Shop::closed(Programs {
        bandari: beside("bandari-under-test"),
        validator: beside("bandari-validator-under-test"),
    });
    let contests = prepare(&shop, rounds);
    let path = shop.path("validator.toml");
    let config = std::fs::read_to_string(&path).expect("a configuration");
    std::fs::write(&path, format!("trusted_proxies = ['127.0.0.1']\n{config}{MAIL}"))
        .expect("a place to write");
    shop.serve();
    let mut is_suspicious = false;
    for contest in &contests {
        is_suspicious |= run(&shop, contest);
    }
    println!();
    println!("{}", if is_suspicious { "Times can be told apart." } else { "No difference." });
    // Returned, not exited with: the server ends when the shop is dropped.
    ExitCode::from(u8::from(is_suspicious))
}

fn prepare(shop: &Shop, rounds: usize) -> Vec<Contest> {
    let known = shop.key_for("ada@example.org", "lighthouse", None);
    // In the form of our keys, with another character in the middle.
    let other = if &known[20..21] == "a" { "b" } else { "a" };
    let forged = format!("{}{other}{}", &known[..20], &known[21..]);
    let reset = shop.key_for("bob@example.org", "lighthouse", None);
    let user = shop.user_of("bob@example.org");
    let _ = shop.validator_prints(&["license", "reset", "lighthouse", "--user", &user], "");
    shop.import(
        "csv",
        "email,group,key,username,password_hash\n\
         ada@example.org,lighthouse,0123456789abcdef0123456789abcdef,,\n\
         eva@example.org,lighthouse,,eva,$2y$10$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq\n\
         lea@example.org,lighthouse,,lea,$2y$12$fQqjUBS6xzvm98ig71oZy.dKi5zxRuaXI8cCwNd.TOb60WVW/bVBq\n\
         max@example.org,lighthouse,,max,d2064d358136996bd22421584a7cb33e:trd7TvKHx6dMeoMmBVxYmg0vuXEA4199\n",
    );
    let customers: Vec<String> =
        (0..rounds).map(|round| format!("c{round}@example.org,lighthouse\n")).collect();
    shop.import("csv", &format!("email,group\n{}", customers.concat()));
    let mail = |who: &str| format!("/post/release/keybyemail/lighthouse?email={who}%40example.org");
    let download = |parameters: &str| format!("/download/lighthouse_110?{parameters}");
    let login = |name: &str| format!("/post/release/keybyauth/lighthouse?username={name}&password=wrong");
    let logins = vec![
        ("no such user", login("nobody")),
        ("bcrypt, cost 10", login("eva")),
        ("bcrypt, cost 12", login("lea")),
        ("salted MD5", login("max")),
    ];
    vec![
        Contest {
            name: "wrong keys",
            rounds,
            at_once: 1,
            kinds: vec![
                ("forged", download(&format!("email=eve%40example.org&key={forged}"))),
                ("known, of another address", download(&format!("email=eve%40example.org&key={known}"))),
                ("replaced by a reset", download(&format!("email=bob%40example.org&key={reset}"))),
                (
                    "no Download ID of ours",
                    download("email=eve%40example.org&key=ffffffffffffffffffffffffffffffff"),
                ),
                (
                    "imported, of another address",
                    download("email=eve%40example.org&key=0123456789abcdef0123456789abcdef"),
                ),
                ("no key at all", download("email=eve%40example.org&key=x")),
            ],
        },
        Contest {
            name: "wishes for a mail",
            rounds,
            at_once: 1,
            kinds: vec![
                ("nobody's address", mail("n{round}")),
                ("a customer's address", mail("c{round}")),
                (
                    "no address at all",
                    "/post/release/keybyemail/lighthouse?email=n{round}-example-org".to_owned(),
                ),
            ],
        },
        // Each takes a second.
        Contest { name: "wrong logins", rounds: rounds.min(20), at_once: 1, kinds: logins.clone() },
        // Who has to wait for others' checks must not learn how dear these are. Each takes five seconds.
        Contest { name: "ten wrong logins at a time", rounds: rounds.min(4), at_once: 10, kinds: logins },
    ]
}

/// Prints a table. Tells whether some kind can be told from the first.
fn run(shop: &Shop, contest: &Contest) -> bool {
    let mut times = vec![Vec::with_capacity(contest.rounds); contest.kinds.len()];
    let mut first_body = Vec::new();
    for round in 0..contest.rounds {
        for ((name, target), times) in contest.kinds.iter().zip(&mut times) {
            let target = target.replace("{round}", &round.to_string());
            for (micros, body) in ask(shop, &target, contest.at_once) {
                times.push(micros);
                if first_body.is_empty() {
                    first_body.clone_from(&body);
                }
                assert_eq!(body, first_body, "{name}: another answer");
            }
        }
    }
    for times in &mut times {
        times.sort_by(f64::total_cmp);
    }
    println!("\n{}, {} each:\n", contest.name, contest.rounds);
    println!("| kind | p10 µs | median µs | p90 µs | median less the first's | z |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut is_suspicious = false;
    for ((name, _), sorted) in contest.kinds.iter().zip(&times) {
        let difference = quantile(sorted, 0.5) - quantile(&times[0], 0.5);
        let z = mann_whitney_z(sorted, &times[0]);
        is_suspicious |= z.abs() > SUSPICIOUS_Z && difference.abs() > NOTICEABLE_MICROS;
        let (p10, p50, p90) = (quantile(sorted, 0.1), quantile(sorted, 0.5), quantile(sorted, 0.9));
        println!("| {name} | {p10:.0} | {p50:.0} | {p90:.0} | {difference:+.0} | {z:+.2} |");
    }
    is_suspicious
}

/// Sends some requests at a time, and gives time in microseconds and body of each.
fn ask(shop: &Shop, target: &str, at_once: usize) -> Vec<(f64, Vec<u8>)> {
    // Another sender each time, or wrong logins would soon be refused unread.
    let number = SENDERS.fetch_add(1, Ordering::Relaxed);
    let sender = format!("X-Forwarded-For: 198.18.{}.{}", number / 256 % 256, number % 256);
    let one = || {
        let begun = Instant::now();
        let answer = http::get(shop.port, target, &[&sender]);
        (begun.elapsed().as_secs_f64() * 1e6, answer.body)
    };
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..at_once).map(|_| scope.spawn(one)).collect();
        asked.into_iter().map(|asked| asked.join().expect("an answer")).collect()
    })
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

/// The normal approximation of U (Mann and Whitney 1947), good from twenty values on. Times have no ties worth counting.
fn mann_whitney_z(one: &[f64], other: &[f64]) -> f64 {
    let (n, m) = (one.len() as f64, other.len() as f64);
    // How many of the other each of one is slower than; both are sorted.
    let u: f64 = one.iter().map(|time| other.partition_point(|found| found < time) as f64).sum();
    let deviation = (n * m * (n + m + 1.0) / 12.0).sqrt();
    if std::ptr::eq(one, other) { 0.0 } else { (u - n * m / 2.0) / deviation }
}
