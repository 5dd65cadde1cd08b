//! Mails with license keys, for `keybyemail` and `/send-key/`: whoever knows the address of a customer has the key sent to that
//! address, and nowhere else.
//!
//! A request only leaves a wish in the store, and does the very same for an address that nobody has: neither answer nor time
//! tells a customer from a stranger. The rest is done here, in the background: find out whose the address is, write the mail
//! (`text`), send it, and try again later (`schedule`) when it does not leave.

mod schedule;
mod text;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bandari_catalog::names::GroupId;
use lettre::message::Mailbox;
use secrecy::SecretString;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::app::App;
use crate::customers::{Away, Known};
use crate::decision::{State, Verdict, worth};
use crate::email::EmailAddress;
use crate::error::{Error, log_store_failure};
use crate::license_key::KeyHolder;
use crate::live::Live;
use crate::mail::{Failure, Letter, MAX_ATTEMPT, Mail, MailConfig, Transport};
use crate::offer::OfferedGroup;
use crate::pages::Subject;
use crate::store::{Claimed, Wish};
use crate::texts::{Texts, Topic};
use text::{KeyMailFacts, KeyMailTemplate};

/// For how long a wish is out of reach of other processes: longer than any attempt.
const LEASE_SECONDS: i64 = MAX_ATTEMPT.as_secs() as i64 + 60;

/// For how long a mail that has left is taken off the list, if the store is held: shorter than what the lease leaves.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(50);

/// How often to look for wishes that nobody told of: those of other processes with the same store, and of leases that ran out.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What sends mails with keys.
#[derive(Debug)]
pub(crate) struct KeyMails {
    from: Mailbox,
    transport: Transport,
    template: KeyMailTemplate,
}

/// What came of an attempt.
enum Outcome {
    Sent,
    /// The address is nobody's, or has no license for the group.
    NothingToSend,
    Failed(Failure),
    TooLate,
}

/// A key, and what it is worth. It has no `Debug`.
struct Found<'a> {
    group: &'a OfferedGroup,
    key: SecretString,
    verdict: Verdict,
}

impl KeyMails {
    /// Reads what sending needs; `templates` is the vendor's folder.
    ///
    /// # Errors
    /// [`Error::Configuration`] names the file that is wrong.
    pub(crate) fn load(config: &MailConfig, templates: Option<&Path>, texts: &Texts) -> Result<Self, Error> {
        Ok(Self {
            from: config.from.clone(),
            transport: Transport::new(config)?,
            template: KeyMailTemplate::load(templates, texts.choose(None))?,
        })
    }

    /// Somebody asked for the key of an address at `now` (Unix seconds), in the language of that tag.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn ask(
        &self,
        app: &App,
        email: &EmailAddress,
        group: &GroupId,
        language: &str,
        now: i64,
    ) -> Result<(), Error> {
        app.place.store.add_key_mail(email, group, language, now).await?;
        app.lasting.key_mail_asked.notify_one();
        Ok(())
    }

    /// Sends what is due, until there is nothing. Tells how long to wait then.
    async fn send_due(&self, app: &App, clock: fn() -> u64, stop: &watch::Receiver<bool>) -> Duration {
        while !*stop.borrow() {
            let done = match app.place.store.claim_key_mail(seconds(clock), LEASE_SECONDS).await {
                Ok(Some(claimed)) => self.attend_to(app, &claimed, clock).await,
                Ok(None) => return until_next(app, clock).await,
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                log_store_failure(&error);
                break;
            }
        }
        LOOK_EVERY
    }

    /// One attempt. Its log line names the wish by its number: addresses are personal.
    async fn attend_to(&self, app: &App, claimed: &Claimed, clock: fn() -> u64) -> Result<(), Error> {
        let (wish, attempt) = (claimed.id, claimed.attempts);
        let failure = match self.attempt(app, claimed, seconds(clock)).await? {
            Outcome::Sent => {
                tracing::info!(wish, attempt, outcome = "sent", "key mail");
                app.lasting.metrics.key_mail("sent");
                return close(app, claimed).await;
            }
            Outcome::NothingToSend => return app.place.store.close_key_mail(claimed).await,
            Outcome::TooLate => {
                tracing::warn!(wish, attempt, outcome = "too-late", "key mail");
                app.lasting.metrics.key_mail("too-late");
                return app.place.store.close_key_mail(claimed).await;
            }
            Outcome::Failed(failure) => failure,
        };
        let (step, code, now) = (failure.step, failure.code, seconds(clock));
        let asked_at = claimed.wish.as_ref().map_or(now, |wish| wish.asked_at);
        let next = schedule::next_attempt(asked_at, attempt, now).filter(|_| !failure.is_permanent);
        match next {
            Some(next) => {
                let retry_seconds = next - now;
                tracing::warn!(wish, attempt, outcome = "put-off", step, code, retry_seconds, "key mail");
                app.lasting.metrics.key_mail("put-off");
                app.place.store.put_off_key_mail(claimed, next).await
            }
            None => {
                tracing::warn!(wish, attempt, outcome = "given-up", step, code, "key mail");
                app.lasting.metrics.key_mail("given-up");
                app.place.store.close_key_mail(claimed).await
            }
        }
    }

    async fn attempt(&self, app: &App, claimed: &Claimed, now: i64) -> Result<Outcome, Error> {
        let Some(wish) = &claimed.wish else { return Ok(Outcome::NothingToSend) };
        if schedule::is_too_late(wish.asked_at, now) {
            return Ok(Outcome::TooLate);
        }
        let found = match find(app, wish, now).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Outcome::NothingToSend),
            Err(Away) => return Ok(Outcome::Failed(Failure::temporary("licenses"))),
        };
        let mail = match self.write(app, claimed.id, wish, &found, now) {
            Ok(mail) => mail,
            Err(failure) => return Ok(Outcome::Failed(failure)),
        };
        Ok(match self.transport.send(&mail).await {
            Ok(()) => Outcome::Sent,
            Err(failure) => Outcome::Failed(failure),
        })
    }

    fn write(&self, app: &App, id: i64, wish: &Wish, found: &Found<'_>, now: i64) -> Result<Mail, Failure> {
        let subject = Subject {
            site: (&app.offer.site).into(),
            topic: Topic {
                name: &app.offer.product_names(found.group),
                keeps_older_releases: found.group.keeps_older_releases,
            },
            homepage: found.group.homepage.as_deref(),
            renew_url: found.group.renew_url.as_deref(),
            check_url: None,
        };
        let facts = KeyMailFacts { subject, key: &found.key, verdict: &found.verdict, now };
        let words = self.template.write(app.texts.by_tag(&wish.language), &facts);
        // What tera says of it may quote the key.
        let words = words.map_err(|_| Failure::temporary("template"))?;
        let letter = Letter {
            from: &self.from,
            to: &wish.email,
            subject: &words.subject,
            text: &words.text,
            now,
            identity: &format!("{id} {} {} {}", wish.asked_at, wish.group, wish.email.expose()),
        };
        letter.seal().ok_or(Failure { is_permanent: true, ..Failure::temporary("address") })
    }
}

/// What the mail for a wish tells, as things stand at `now`; nothing when there is none to be sent.
///
/// # Errors
/// [`Away`], also when it is only known how things stood once: a mail can wait.
async fn find<'a>(app: &'a App, wish: &Wish, now: i64) -> Result<Option<Found<'a>>, Away> {
    let Some((id, group)) = app.offer.group(&wish.group) else { return Ok(None) };
    let Some(user) = app.customers.user_of(&wish.email).await? else { return Ok(None) };
    let Known { value: holder, is_stale } = app.customers.holder(user, id).await?;
    if is_stale {
        return Err(Away);
    }
    let Some(holder) = holder else { return Ok(None) };
    let verdict = worth(&holder.licenses, None, now);
    if verdict.state == State::NotCovered {
        return Ok(None);
    }
    let key = app.keys.derive(id, KeyHolder { user, serial: holder.serial });
    Ok(key.map(|key| Found { group, key, verdict }))
}

/// Sends mails until `stop` holds true; then ends after the mail that is being sent. `clock` gives Unix seconds.
pub(crate) async fn run(live: Arc<Live>, clock: fn() -> u64, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        // Another configuration may have another way to send, or none.
        let app = live.app();
        let pause = match &app.key_mails {
            Some(key_mails) => key_mails.send_due(&app, clock, &stop).await,
            None => LOOK_EVERY,
        };
        tokio::select! {
            _ = stop.changed() => {}
            () = app.lasting.key_mail_asked.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Takes a wish off the list whose mail has left. While another command holds the store, it is tried again for as long as the
/// lease lasts: a wish that stayed would have its mail sent twice.
async fn close(app: &App, claimed: &Claimed) -> Result<(), Error> {
    let begun = Instant::now();
    loop {
        match app.place.store.close_key_mail(claimed).await {
            Err(Error::StoreBusy { .. }) if begun.elapsed() < CLOSE_TIMEOUT => {}
            closed => return closed,
        }
    }
}

async fn until_next(app: &App, clock: fn() -> u64) -> Duration {
    match app.place.store.next_key_mail_at().await {
        // A second at least, so that what another process holds is not asked for without a pause.
        Ok(Some(at)) => {
            Duration::from_secs(u64::try_from(at - seconds(clock)).unwrap_or(0).max(1)).min(LOOK_EVERY)
        }
        Ok(None) => LOOK_EVERY,
        Err(error) => {
            log_store_failure(&error);
            LOOK_EVERY
        }
    }
}

fn seconds(clock: fn() -> u64) -> i64 {
    i64::try_from(clock()).unwrap_or(i64::MAX)
}
