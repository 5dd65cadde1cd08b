//! What systemd, or another manager that sets `NOTIFY_SOCKET`, is told of this service (`sd_notify(3)`). Without one nothing
//! happens.

use sd_notify::NotifyState;

use crate::app::App;

/// The sockets are bound and the parts are good, at start or after a reload, whatever came of that.
pub(crate) fn ready(app: &App) {
    tell(&[NotifyState::Ready, NotifyState::Status(&status(app))]);
}

/// A reload begins. The time lets the manager tell this one from an earlier one (`sd_notify(3)`, `RELOADING=1`).
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the service manager cannot be told of a reload"),
    }
}

/// Something has changed by itself.
pub(crate) fn changed(app: &App) {
    tell(&[NotifyState::Status(&status(app))]);
}

/// Nothing more is accepted.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("ending what is open")]);
}

fn status(app: &App) -> String {
    let (packages, groups) = (app.offer.package_count(), app.offer.groups().count());
    format!("serving: packages {packages}, groups {groups}")
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager cannot be told how things are");
    }
}
