//! Making the second key, handing its secret over, and finding out what became of it when nobody answered.

use jiff::SignedDuration;
use serde_json::json;
use tokio::time::Instant;

use super::desk::no_room;
use super::destination::Vault;
use super::view::{Creating, Record, step};
use super::{Destination, KEYS_PER_USER, LastUse, Person, Progress, Rotation, Stop, of_key, status};
use crate::cloud::actiontrail::{CENTRAL_REGIONS, LookupEvents};
use crate::cloud::ims::{CreateAccessKey, CreatedKey, KeyStatus};
use crate::events::TrailEvent;
use crate::openapi::{AGENT, Error};

/// An unknown key that was made longer than this before or after the intent is not ours: our clock and the cloud's may
/// differ a little, and a call is given up after a minute or so.
const NEAR: SignedDuration = SignedDuration::from_mins(5);

impl Rotation<'_> {
    /// Makes the second key and hands it over. When it is not known whether it was made, the record says so.
    pub(super) async fn create(&self, record: &Record, person: &dyn Person) -> Result<(), Stop> {
        let (user, old) = (&self.subject.user, self.old());
        self.desk.may_touch(user, &self.subject.account)?;
        let keys = self.keys(record).await?;
        match status(&keys, old) {
            Some(KeyStatus::Active) => {}
            Some(KeyStatus::Inactive) => {
                return Err(Stop::Look(format!("{old} has been disabled, and not by this rotation")));
            }
            None => return Err(Stop::Look(format!("{old} is not there any more"))),
        }
        if keys.len() >= KEYS_PER_USER {
            return Err(no_room(self.subject.name(), &keys));
        }
        // Looked at first: a key that cannot be handed over need not be made.
        let vault = Vault::of(&self.to, self.desk.session);
        let contents = match &vault {
            Some(vault) => Some(vault.look().await?),
            None => None,
        };
        let known: Vec<&str> = keys.iter().map(|key| key.access_key_id.as_str()).collect();
        self.note(step::CREATE, "intended", json!({ "known": known })).await?;
        let created = match self.desk.session.change(&CreateAccessKey { user_principal_name: user }).await {
            Ok(created) => created.value,
            Err(error) if error.maybe_done() => return Ok(()),
            Err(error) => {
                self.note_refusal(step::CREATE, "refused", json!({}), Some(&error)).await?;
                if error.code().starts_with("LimitExceeded") {
                    return Err(no_room(self.subject.name(), &keys));
                }
                return Err(Stop::service("no second key was made", error));
            }
        };
        self.note(step::CREATE, "made", of_key(created.id())).await?;
        person.hear(Progress::Made(created.id().to_owned()));
        if let Some(kept) = &self.kept {
            *kept.borrow_mut() = Some((created.id().to_owned(), created.secret().clone()));
        }
        let (key, to) = (created.id(), &self.to);
        let previous = contents.as_ref().and_then(|contents| contents.current.as_deref());
        self.note(step::HAND_OVER, "intended", json!({ "key": key, "to": to, "previous": previous })).await?;
        let handed = match (&vault, &contents) {
            (Some(vault), Some(contents)) => {
                self.put(vault, &created, vault.put(&created, contents).await).await
            }
            _ => self.give(&created, person),
        };
        let refused = match handed {
            Ok(()) => {
                self.note(step::HAND_OVER, "done", json!({ "key": key, "to": to })).await?;
                person.hear(Progress::HandedOver(key.to_owned(), to.clone()));
                return Ok(());
            }
            Err(Handing::Unproved(stop)) => return Err(stop),
            Err(Handing::Refused(stop)) => stop,
        };
        self.note(step::DISCARD, "not_handed_over", of_key(key)).await?;
        match self.discard(&self.record(), key, person).await {
            // Any other run deletes it; why it came to that is worth more.
            Ok(()) | Err(Stop::Service { .. } | Stop::Unread(_) | Stop::Look(_) | Stop::Refused(_)) => {
                Err(refused)
            }
            Err(stop) => Err(stop),
        }
    }

    fn give(&self, created: &CreatedKey, person: &dyn Person) -> Result<(), Handing> {
        if self.to == Destination::Rehearsal {
            return Ok(());
        }
        person.take(created.id(), created.secret()).map_err(|error| {
            let why = format!("the secret of {} could not be written out: {error}", created.id());
            Handing::Refused(Stop::Look(why))
        })
    }

    /// Reads back what was put into a vault.
    async fn put(
        &self,
        vault: &Vault<'_>,
        created: &CreatedKey,
        written: Result<(), Error>,
    ) -> Result<(), Handing> {
        let what = || format!("the secret of {} was not stored in {}", created.id(), self.to);
        if let Err(error) = &written
            && !error.maybe_done()
        {
            return Err(Handing::Refused(Stop::service(what(), error.clone())));
        }
        let found = self.until(self.desk.pace.settle, async || Ok(vault.has(created.id()).await?)).await;
        match (found, written) {
            (Ok(true), _) => Ok(()),
            (Err(stop), _) => Err(Handing::Unproved(stop)),
            (Ok(false), Err(error)) => Err(Handing::Unproved(Stop::service(what(), error))),
            (Ok(false), Ok(())) => {
                let why =
                    format!("{} did not read back from {} in time: run this again", created.id(), self.to);
                Err(Handing::Unproved(Stop::Look(why)))
            }
        }
    }

    /// Finds out whether a key was made of which nobody has heard: one that the user did not have before, made about
    /// then, and never used.
    pub(super) async fn resolve(
        &self,
        record: &Record,
        creating: &Creating,
        person: &dyn Person,
    ) -> Result<(), Stop> {
        let mut unknown = Vec::new();
        let appeared = self.until(self.left_since(creating.at), async || {
            let mut keys = self.keys(record).await?;
            keys.retain(|key| !creating.known.contains(&key.access_key_id));
            unknown = keys;
            Ok(!unknown.is_empty())
        });
        appeared.await?;
        let [found] = &unknown[..] else {
            if unknown.is_empty() {
                return self.note(step::CREATE, "not_made", json!({})).await;
            }
            let ids: Vec<&str> = unknown.iter().map(|key| key.access_key_id.as_str()).collect();
            return Err(Stop::Look(format!(
                "a run was interrupted while it made a key, and since then {} has {}: which of them is ours cannot be \
                 told, so nothing was changed. Delete the one that nobody uses, and run this again",
                self.subject.name(),
                ids.join(" and ")
            )));
        };
        let key = &found.access_key_id;
        let made = found.create_date.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
        if made.is_none_or(|made| made.duration_since(creating.at).abs() > NEAR) {
            let when = found.create_date.as_deref().unwrap_or("an unknown time");
            return Err(Stop::Look(format!(
                "{key} was made at {when}, not when a run of this was interrupted ({}): it is somebody else's, so \
                 nothing was changed. There is no room for another key while it is there",
                creating.at
            )));
        }
        if let Some(other) = self.made_by_another(key, creating).await? {
            return Err(Stop::Look(format!(
                "{key} was made by {other}, and not by a run of this: nothing was changed. There is no room for another key \
                 while it is there"
            )));
        }
        self.never_used(key).await?;
        person.hear(Progress::Discarding(key.clone()));
        self.note(step::CREATE, "found", of_key(key)).await
    }

    /// Who made a key, if the trail knows already that it was not one of our programs. It is about ten minutes behind, so
    /// that it says nothing means nothing.
    async fn made_by_another(&self, key: &str, creating: &Creating) -> Result<Option<String>, Stop> {
        let (start, now) = (creating.at - NEAR, self.desk.now());
        for region in CENTRAL_REGIONS {
            let session = self.desk.session.in_region(region);
            let rows = session.all(LookupEvents::by("EventName", "CreateAccessKey", start, now)).await?;
            for event in rows.iter().filter_map(TrailEvent::from_value) {
                let made =
                    event.response_elements.get("AccessKey").and_then(|made| made["AccessKeyId"].as_str());
                let ours = event.user_agent.as_deref().is_some_and(|agent| agent.contains(AGENT));
                if made == Some(key) && !ours {
                    let name = event.identity.user_name.as_deref().unwrap_or("somebody");
                    let agent = event.user_agent.as_deref().unwrap_or("an unknown program");
                    return Ok(Some(format!("{name} ({agent})")));
                }
            }
        }
        Ok(None)
    }

    /// Makes sure that nobody has used a key of which nobody should have the secret.
    pub(super) async fn never_used(&self, key: &str) -> Result<(), Stop> {
        let used = LastUse::read(self.desk.session, &self.subject.user, key).await;
        match used.at {
            _ if !used.is_read() => Err(Stop::Unread(used.unread.join("; "))),
            None => Ok(()),
            Some(at) => Err(Stop::Look(format!(
                "{key} was made while a run of this was interrupted, and it has been used ({at}, {}), so somebody has its \
                 secret: nothing was changed. Find out who; then delete it, and run this again",
                used.service.as_deref().unwrap_or("service unknown")
            ))),
        }
    }

    /// How much of the time is left that a change may take until it can be read.
    pub(super) fn left_since(&self, at: jiff::Timestamp) -> std::time::Duration {
        let gone = self.desk.now().duration_since(at);
        let gone = std::time::Duration::try_from(gone).unwrap_or_default();
        self.desk.pace.settle.saturating_sub(gone)
    }

    /// Asks again and again until the answer is yes, or patience ends: then it is no.
    pub(super) async fn until(
        &self,
        patience: std::time::Duration,
        mut ask: impl AsyncFnMut() -> Result<bool, Stop>,
    ) -> Result<bool, Stop> {
        let end = Instant::now() + patience;
        let mut pause = self.desk.pace.settle_step;
        loop {
            if ask().await? {
                return Ok(true);
            }
            if Instant::now() + pause >= end {
                return Ok(false);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(std::time::Duration::from_secs(2));
        }
    }
}

/// Why a key was not handed over.
enum Handing {
    /// Certainly not: nobody has it.
    Refused(Stop),
    /// Perhaps it was.
    Unproved(Stop),
}
