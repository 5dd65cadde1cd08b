//! What is as it is when somebody looks: it is looked at then.

use std::sync::atomic::Ordering;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::Label;
use crate::app::App;
use crate::log;

/// The states.
#[derive(Debug)]
pub(super) struct States {
    outage: Gauge,
    store_connections: Family<[Label; 1], Gauge>,
    joomla_connections: Family<[Label; 1], Gauge>,
    password_checks: Family<[Label; 1], Gauge>,
    packages: Gauge,
    catalog_read: Gauge,
    lost_log_lines: Counter,
}

impl States {
    pub(super) fn registered_in(registry: &mut Registry) -> Self {
        let states = Self {
            outage: Gauge::default(),
            store_connections: Family::default(),
            joomla_connections: Family::default(),
            password_checks: Family::default(),
            packages: Gauge::default(),
            catalog_read: Gauge::default(),
            lost_log_lines: Counter::default(),
        };
        let help = "1 while the place of the licenses is away";
        registry.register("store_outage", help, states.outage.clone());
        let help = "Connections to the validator's own license store";
        registry.register("store_connections", help, states.store_connections.clone());
        let help = "Connections to the Joomla site's database";
        registry.register("joomla_connections", help, states.joomla_connections.clone());
        let help = "Logins whose password is being checked, or waits for it";
        registry.register("password_checks", help, states.password_checks.clone());
        registry.register("catalog_packages", "Packages in the catalog in use", states.packages.clone());
        let help = "When the catalog in use was read, in Unix time";
        registry.register_with_unit(
            "catalog_read_timestamp",
            help,
            Unit::Seconds,
            states.catalog_read.clone(),
        );
        let help = "Log lines that standard error did not take in time";
        registry.register("lost_log_lines", help, states.lost_log_lines.clone());
        states
    }

    /// Looks at `now` (Unix seconds).
    pub(super) fn look_at(&self, app: &App, now: u64) {
        self.outage.set(app.customers.away_for().is_some().into());
        let pool = app.place.store.connections();
        self.store_connections.get_or_create(&[("state", "used")]).set(pool.used.into());
        self.store_connections.get_or_create(&[("state", "idle")]).set(pool.idle.into());
        if let Some(site) = app.place.site() {
            let pool = site.connections();
            self.joomla_connections.get_or_create(&[("state", "used")]).set(pool.used.into());
            self.joomla_connections.get_or_create(&[("state", "idle")]).set(pool.idle.into());
        }
        let checks = app.lasting.logins.checks();
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.password_checks.get_or_create(&[("state", "running")]).set(number(checks.running));
        self.password_checks.get_or_create(&[("state", "waiting")]).set(number(checks.waiting));
        self.packages.set(number(app.offer.package_count()));
        let read_at = now.saturating_sub(app.offer.read_at.elapsed().as_secs());
        self.catalog_read.set(i64::try_from(read_at).unwrap_or(i64::MAX));
        self.lost_log_lines.inner().store(log::lost_lines(), Ordering::Relaxed);
    }
}
