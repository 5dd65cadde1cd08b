//! `bandari-validator health`: asks a running server, for containers that hold nothing else that could.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ureq::Agent;

use crate::cli::{ConfigArgs, print};
use crate::config::Config;
use crate::error::Error;

/// For how long a healthy server may take.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// # Errors
/// [`Error::Unhealthy`] when the server does not answer with 200.
pub(crate) async fn run(args: &ConfigArgs) -> Result<(), Error> {
    let address = format!("http://{}/healthz", reachable(Config::load(&args.config)?.private_listen));
    let asked = address.clone();
    let answer = tokio::task::spawn_blocking(move || {
        let agent: Agent =
            Agent::config_builder().timeout_global(Some(TIME_LIMIT)).proxy(None).build().new_agent();
        agent.get(asked).call()
    });
    match answer.await.map_err(|error| Error::Threads(error.into()))? {
        Ok(_) => print("ok"),
        Err(source) => Err(Error::Unhealthy { address, source: Box::new(source) }),
    }
}

/// Who listens on all addresses is asked on this machine's own.
pub(crate) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen {
        SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    if listen.ip().is_unspecified() { SocketAddr::new(ip, listen.port()) } else { listen }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_asked_on_this_machines_own() {
        for (listen, asked) in [
            ("0.0.0.0:8481", "127.0.0.1:8481"),
            ("[::]:8481", "[::1]:8481"),
            ("10.0.0.7:8481", "10.0.0.7:8481"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), asked);
        }
    }
}
