//! One language: the sentences that are made of the words of its file.

use std::borrow::Cow;

use fluent_langneg::LanguageIdentifier;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::key_mail::KeyMailWords;
use super::text::{Nothing, OfCountdown, OfDate, OfDatePattern, OfDays, OfProduct, Text};
use super::words::{CheckWords, Direction, Labels, ProblemWords, SendKeyWords, StateWords, States, Words};
use crate::decision::{State, Verdict};

/// A language.
#[derive(Debug)]
pub(crate) struct Language {
    tag: LanguageIdentifier,
    words: Words,
}

impl AsRef<LanguageIdentifier> for Language {
    fn as_ref(&self) -> &LanguageIdentifier {
        &self.tag
    }
}

/// What is wrong with a request besides its key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Problem<'p> {
    /// A download without a package's id.
    NoPackage,
    /// A package that the catalog does not list.
    UnknownPackage,
    /// A check of something that the catalog does not list.
    UnknownProduct,
    /// A check of a product that needs no key.
    Free {
        /// Its name.
        product: &'p str,
    },
    /// A package that the vendor took back.
    Withdrawn {
        /// Name of its product.
        product: &'p str,
    },
    /// The license store does not answer.
    StoreAway,
    /// More wrong keys than a person types.
    TooManyRequests,
    /// An address that means nothing.
    NotFound,
    /// No link can be signed, since the clock is wrong.
    NoLink,
    /// This vendor has keys sent to nobody.
    NoKeyMails,
    /// More wishes for key mails than a person has.
    TooManyMails,
}

/// A problem in words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProblemText {
    pub(crate) heading: String,
    /// Complete by itself: programs show it alone.
    pub(crate) text: String,
}

/// What a state is told of: a product, or all that a group opens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Topic<'t> {
    pub(crate) name: &'t str,
    /// Whether holders of ended licenses keep what was released before.
    pub(crate) keeps_older_releases: bool,
}

/// A state in words, for one topic.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StateText {
    pub(crate) heading: String,
    /// One sentence with the product's name in front.
    pub(crate) reason: String,
    /// What to do now, in a sentence or two.
    pub(crate) advice: String,
    /// What to do now, step by step; empty where the advice says it all.
    pub(crate) steps: Vec<String>,
    /// More steps, for whoever tried to update.
    pub(crate) update_steps: Vec<String>,
}

impl StateText {
    /// Reason and advice in one line.
    pub(crate) fn message(&self) -> String {
        format!("{} {}", self.reason, self.advice)
    }
}

impl<R> StateWords<R> {
    fn say(&self, product: &str, reason: impl FnOnce(&R) -> String) -> StateText {
        StateText {
            heading: self.heading.plain(),
            reason: reason(&self.reason),
            advice: self.advice.of_product(product),
            steps: self.steps.iter().map(|step| step.of_product(product)).collect(),
            update_steps: self.update_steps.iter().map(|step| step.of_product(product)).collect(),
        }
    }
}

impl Language {
    pub(super) fn new(tag: LanguageIdentifier, words: Words) -> Self {
        Self { tag, words }
    }

    /// `en`, for `lang`.
    pub(crate) fn tag(&self) -> String {
        self.tag.to_string()
    }

    /// `ltr` or `rtl`, for `dir`.
    pub(crate) fn direction(&self) -> &'static str {
        match self.words.direction {
            Direction::Ltr => "ltr",
            Direction::Rtl => "rtl",
        }
    }

    pub(crate) fn check(&self) -> &CheckWords {
        &self.words.check
    }

    pub(crate) fn send_key(&self) -> &SendKeyWords {
        &self.words.send_key
    }

    pub(crate) fn key_mail(&self) -> &KeyMailWords {
        &self.words.key_mail
    }

    pub(crate) fn labels(&self) -> &Labels {
        &self.words.labels
    }

    /// What to tell of a key in one line, at `now` (Unix seconds); nothing when it is plainly valid.
    pub(crate) fn message(&self, topic: Topic<'_>, verdict: &Verdict, now: i64) -> Option<String> {
        let is_plain = verdict.state == State::Valid;
        (!is_plain).then(|| self.state(topic, verdict, now).message())
    }

    /// What to tell of a key, at `now` (Unix seconds).
    pub(crate) fn state(&self, topic: Topic<'_>, verdict: &Verdict, now: i64) -> StateText {
        let (states, product) = (&self.words.states, topic.name);
        let named = |words: &StateWords<Text<OfProduct>>| words.say(product, |text| text.of_product(product));
        // Where a sentence names the end of a license there is one.
        let end = verdict.expires_at.unwrap_or(now);
        match verdict.state {
            State::Valid => named(&states.valid),
            State::Expiring { days_left } => states.expiring.say(product, |plural| {
                plural.of(days_left).fill(|place| match place {
                    OfCountdown::Product => product.into(),
                    OfCountdown::Date => self.date(end).into(),
                    OfCountdown::Days => days_left.to_string().into(),
                })
            }),
            State::KeptRelease => states.kept_release.say(product, |text| self.dated(text, product, end)),
            State::Missing => named(&states.missing),
            State::Invalid => named(&states.invalid),
            State::Refunded => named(&states.refunded),
            State::Canceled { at } => states.canceled.say(product, |reason| match at {
                Some(at) => self.dated(&reason.dated, product, at),
                None => reason.undated.of_product(product),
            }),
            State::Suspended => named(&states.suspended),
            State::Expired { at } => self.expired(topic, at),
            State::NotCovered => named(&states.not_covered),
        }
    }

    /// A license that ended at `at` (Unix seconds).
    fn expired(&self, topic: Topic<'_>, at: i64) -> StateText {
        let States { expired, older_releases, .. } = &self.words.states;
        let mut said = expired.say(topic.name, |text| self.dated(text, topic.name, at));
        if topic.keeps_older_releases {
            let sentence = self.dated(older_releases, topic.name, at);
            said.advice = format!("{} {sentence}", said.advice);
            // Without steps the advice says it all.
            if !said.steps.is_empty() {
                said.steps.push(sentence);
            }
        }
        said
    }

    /// The text with the day of `at` (Unix seconds).
    fn dated(&self, text: &Text<OfDate>, product: &str, at: i64) -> String {
        text.fill(|place| match place {
            OfDate::Product => product.into(),
            OfDate::Date => self.date(at).into(),
        })
    }

    /// A problem in words.
    pub(crate) fn problem(&self, problem: Problem<'_>) -> ProblemText {
        let problems = &self.words.problems;
        let plain = |words: &ProblemWords<Nothing>| ProblemText {
            heading: words.heading.plain(),
            text: words.text.plain(),
        };
        let of_product = |words: &ProblemWords<OfProduct>, product: &str| ProblemText {
            heading: words.heading.plain(),
            text: words.text.of_product(product),
        };
        match problem {
            Problem::NoPackage => plain(&problems.no_package),
            Problem::UnknownPackage => plain(&problems.unknown_package),
            Problem::UnknownProduct => plain(&problems.unknown_product),
            Problem::Free { product } => of_product(&problems.free, product),
            Problem::Withdrawn { product } => of_product(&problems.withdrawn, product),
            Problem::StoreAway => plain(&problems.store_away),
            Problem::TooManyRequests => plain(&problems.too_many_requests),
            Problem::NotFound => plain(&problems.not_found),
            Problem::NoLink => plain(&problems.no_link),
            Problem::NoKeyMails => plain(&problems.no_key_mails),
            Problem::TooManyMails => plain(&problems.too_many_mails),
        }
    }

    /// `21 days`.
    pub(crate) fn days(&self, days: i64) -> String {
        self.words.check.days.of(days).fill(|OfDays::Days| days.to_string().into())
    }

    /// `31 January 2027`: the day in UTC of a moment in Unix seconds.
    pub(crate) fn date(&self, unix_seconds: i64) -> String {
        let date = utc_date(unix_seconds);
        let words = &self.words.date;
        let month = usize::try_from(date.month() - 1).ok().and_then(|index| words.months.get(index));
        words.pattern.fill(|place| match place {
            OfDatePattern::Day => date.day().to_string().into(),
            OfDatePattern::Month => month.map_or(Cow::Borrowed(""), |month| month.plain().into()),
            OfDatePattern::Year => date.year().to_string().into(),
        })
    }
}

/// A moment before or after all dates that there are is taken for the first or last of them.
fn utc_date(unix_seconds: i64) -> Date {
    let bounds = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
    let clamped = unix_seconds.clamp(*bounds.start(), *bounds.end());
    Timestamp::from_second(clamped).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::UTC).date()
}
