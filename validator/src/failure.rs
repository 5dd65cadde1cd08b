//! Error codes of jBackend's API, for its envelope and for the JSON of `/check/`: `REQ_` codes are those of jBackend's core
//! (`com_jbackend`), `REL_` codes are this module's in the manner of its siblings.

use crate::decision::State;
use crate::quota::RetryAfter;

/// Why a call has no good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    ActionNotSpecified,
    ModuleNotSpecified,
    ModuleNotFound,
    RequestUnknown,
    GroupNotSpecified,
    GroupNotFound,
    PackageNotSpecified,
    PackageNotFound,
    EmailRequired,
    KeyRequired,
    UsernameRequired,
    PasswordRequired,
    LoginFailed,
    KeyInvalid,
    LicenseExpired,
    LicenseCanceled,
    LicenseRefunded,
    LicenseSuspended,
    NotCovered,
    TooManyRequests(RetryAfter),
    /// The place where licenses live cannot be asked.
    StoreAway,
    Internal,
}

impl Failure {
    /// The failure that a state means; nothing for those that allow.
    pub(crate) fn of(state: State) -> Option<Self> {
        match state {
            State::Valid | State::Expiring { .. } | State::KeptRelease => None,
            State::Missing => Some(Self::KeyRequired),
            State::Invalid => Some(Self::KeyInvalid),
            State::Refunded => Some(Self::LicenseRefunded),
            State::Canceled { .. } => Some(Self::LicenseCanceled),
            State::Suspended => Some(Self::LicenseSuspended),
            State::Expired { .. } => Some(Self::LicenseExpired),
            State::NotCovered => Some(Self::NotCovered),
        }
    }

    /// `error_code` and `error_description`. The description is English, as jBackend's is without a language file; what is
    /// for people stands in `message`.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ActionNotSpecified => ("REQ_ANS", "Action not specified"),
            Self::ModuleNotSpecified => ("REQ_MNS", "Module not specified"),
            Self::ModuleNotFound => ("REQ_MNF", "Module not found"),
            Self::RequestUnknown => ("REQ_RUN", "Request unknown"),
            Self::GroupNotSpecified => ("REL_GNS", "Package group not specified"),
            Self::GroupNotFound => ("REL_GNF", "Package group not found"),
            Self::PackageNotSpecified => ("REL_PNS", "Package not specified"),
            Self::PackageNotFound => ("REL_PNF", "Package not found"),
            Self::EmailRequired => ("REL_EMR", "Email required"),
            Self::KeyRequired => ("REL_KYR", "License key required"),
            Self::UsernameRequired => ("REL_UNR", "Username required"),
            Self::PasswordRequired => ("REL_PWR", "Password required"),
            Self::LoginFailed => ("REL_LIF", "Login failed"),
            Self::KeyInvalid => ("REL_KYI", "License key invalid"),
            Self::LicenseExpired => ("REL_KYE", "License expired"),
            Self::LicenseCanceled => ("REL_KYC", "License canceled"),
            Self::LicenseRefunded => ("REL_KYF", "License refunded"),
            Self::LicenseSuspended => ("REL_KYS", "License suspended"),
            Self::NotCovered => ("REL_NAU", "Package not included in this license"),
            Self::TooManyRequests(_) => ("REL_RTL", "Too many requests"),
            Self::StoreAway | Self::Internal => ("REL_INT", "Internal error"),
        }
    }
}
