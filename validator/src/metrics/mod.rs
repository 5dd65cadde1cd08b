//! What monitoring counts: metrics in the form of OpenMetrics, for Prometheus and its relatives. Names and labels are part of
//! what the vendor relies on; `README.md` of this package lists them.
//!
//! Labels are words of this program's own and a few of each: never an id, a key, an address or anything else of a request. What others
//! count is counted here as it happens; what is a state (`states`) is looked at when somebody asks.

mod look_ups;
mod states;

use std::fmt;
use std::hash::{Hash, Hasher};

use prometheus_client::encoding::{EncodeLabelSet, LabelSetEncoder, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::app::App;
use crate::decision::State;
use crate::request_log::Answered;
use crate::routes::Route;

pub(crate) use look_ups::LookUpMetrics;
use states::States;

/// What [`Metrics::text`] gives.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A label with one of a few words.
type Label = (&'static str, &'static str);

/// Counters that differ in one word.
type Words = Family<[Label; 1], Counter>;

/// All that is counted since the start.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    refusals: Words,
    pub(crate) look_ups: LookUpMetrics,
    quota_refusals: Words,
    key_mails: Words,
    reloads: Family<[Label; 2], Counter>,
    connections: Family<[Label; 1], Gauge>,
    broken_connections: Words,
    states: States,
}

/// What is read anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reload {
    /// It has changed.
    Catalog,
    /// Somebody sent the signal.
    Everything,
}

/// What has a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuotaOf {
    WrongKeys,
    RefusedLogins,
    /// Logins that wait for a check: as many as may.
    Logins,
    KeyMails,
}

impl QuotaOf {
    fn word(self) -> &'static str {
        match self {
            Self::WrongKeys => "wrong-keys",
            Self::RefusedLogins => "refused-logins",
            Self::Logins => "logins",
            Self::KeyMails => "key-mails",
        }
    }
}

/// An open connection. It is counted until it is dropped.
#[derive(Debug)]
pub(crate) struct OpenConnection(Gauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("bandari");
        let requests = Family::default();
        registry.register("requests", "Answered requests of customers", requests.clone());
        let refusals = Words::default();
        let help = "Keys that open nothing, by the state that a refusal names";
        registry.register("refusals", help, refusals.clone());
        let quota_refusals = Words::default();
        registry.register(
            "quota_refusals",
            "Refusals since a sender did something too often",
            quota_refusals.clone(),
        );
        let key_mails = Words::default();
        registry.register("key_mails", "Attempts to send a mail with a key", key_mails.clone());
        for outcome in ["sent", "put-off", "given-up", "too-late"] {
            drop(key_mails.get_or_create(&[("outcome", outcome)]));
        }
        let reloads = Family::default();
        let help = "New catalogs, and signals to read everything anew";
        registry.register("reloads", help, reloads.clone());
        let connections = Family::<[Label; 1], Gauge>::default();
        registry.register("connections", "Open connections", connections.clone());
        let broken_connections = Words::default();
        let help = "Connections that ended early: the client sent no HTTP, sent or took nothing for too long, or went away";
        registry.register("broken_connections", help, broken_connections.clone());
        registry.register("build", "This program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        Self {
            look_ups: LookUpMetrics::registered_in(&mut registry),
            states: States::registered_in(&mut registry),
            registry,
            requests,
            refusals,
            quota_refusals,
            key_mails,
            reloads,
            connections,
            broken_connections,
        }
    }

    /// A customer's request was answered.
    pub(crate) fn answered(&self, answered: Answered) {
        let Answered { route, status, outcome, .. } = answered;
        let labels = RequestLabels { route, outcome, class: status.as_u16() / 100 };
        self.requests.get_or_create(&labels).inc();
    }

    /// A key was judged.
    pub(crate) fn judged(&self, state: State) {
        if !state.is_allowed() {
            self.refusals.get_or_create(&[("reason", state.word())]).inc();
        }
    }

    /// Somebody has to wait.
    pub(crate) fn held_back(&self, quota: QuotaOf) {
        self.quota_refusals.get_or_create(&[("quota", quota.word())]).inc();
    }

    /// An attempt to send a key mail ended.
    pub(crate) fn key_mail(&self, outcome: &'static str) {
        self.key_mails.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// Something changed, or what should have was refused.
    pub(crate) fn reloaded(&self, what: Reload, is_good: bool) {
        let what = match what {
            Reload::Catalog => "catalog",
            Reload::Everything => "everything",
        };
        let outcome = if is_good { "good" } else { "refused" };
        self.reloads.get_or_create(&[("what", what), ("outcome", outcome)]).inc();
    }

    /// A connection begins at the listener of that name.
    pub(crate) fn connection(&self, listener: &'static str) -> OpenConnection {
        let gauge = self.connections.get_or_create_owned(&[("listener", listener)]);
        gauge.inc();
        OpenConnection(gauge)
    }

    /// A connection ended early, for the reason of this word: `malformed`, `head`, `late`, `closed`.
    pub(crate) fn connection_broke(&self, why: &'static str) {
        self.broken_connections.get_or_create(&[("why", why)]).inc();
    }

    /// Everything as it is at `now` (Unix seconds), as text.
    pub(crate) fn text(&self, app: &App, now: u64) -> String {
        self.states.look_at(app, now);
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("writing to a string cannot fail");
        text
    }
}

/// Labels of answered requests. Each request has its counter looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RequestLabels {
    route: Route,
    outcome: &'static str,
    /// First digit of the status.
    class: u16,
}

impl Hash for RequestLabels {
    /// One number is hashed sooner than three words. That few outcomes are of the same length is enough, since they are compared.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { route, outcome, class } = *self;
        state.write_u64((outcome.len() as u64) << 32 | u64::from(class) << 16 | route as u64);
    }
}

impl EncodeLabelSet for RequestLabels {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        let Self { route, outcome, class } = *self;
        [("route", route.name()), ("outcome", outcome), ("status", class_name(class))].encode(encoder)
    }
}

/// `2xx`, `3xx`, `4xx` or `5xx`: clients cannot make us answer with another one.
fn class_name(class: u16) -> &'static str {
    match class {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "1xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_counts_until_it_ends() {
        let metrics = Metrics::new();
        let open = |metrics: &Metrics| metrics.connections.get_or_create(&[("listener", "public")]).get();
        let (first, second) = (metrics.connection("public"), metrics.connection("public"));
        assert_eq!(open(&metrics), 2);
        drop(first);
        assert_eq!(open(&metrics), 1);
        drop(second);
        assert_eq!(open(&metrics), 0);
    }

    #[test]
    fn only_what_opens_nothing_is_a_refusal() {
        let metrics = Metrics::new();
        for state in
            [State::Valid, State::KeptRelease, State::Invalid, State::Expired { at: 1 }, State::Invalid]
        {
            metrics.judged(state);
        }
        let count = |reason| metrics.refusals.get(&[("reason", reason)]).map(|counter| counter.get());
        assert_eq!([count("invalid"), count("expired"), count("valid")], [Some(2), Some(1), None]);
    }
}
