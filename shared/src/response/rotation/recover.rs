//! After an interruption: what became of a key that was made, and deleting one that nobody can use.

use super::destination::Vault;
use super::view::{Made, Record, step};
use super::{Destination, LastUse, Person, Progress, Rotation, Stop, of_key, status};
use crate::cloud::ims::{DeleteAccessKey, KeyStatus};
use crate::openapi::Kind;
use crate::response::{Applied, Change, What};
use serde_json::json;

/// How the change of a key ends that is deleted afterwards.
pub(super) const GONE: &str = "the key was deleted";

impl Rotation<'_> {
    /// A key was made, and it is not on record that it was handed over. What can be read decides: the vault has it, or it
    /// has been used. Else nobody has its secret, and it is to be deleted.
    pub(super) async fn recover(&self, made: &Made, person: &dyn Person) -> Result<(), Stop> {
        let key = &made.key;
        let proof = match &made.handing {
            None => None,
            Some((at, to)) => match Vault::of(to, self.desk.session) {
                Some(vault) => {
                    let stored = self.until(self.left_since(*at), async || Ok(vault.has(key).await?)).await?;
                    stored.then_some("read back")
                }
                None if *to == Destination::Rehearsal => None,
                None => {
                    let used = LastUse::read(self.desk.session, &self.subject.user, key).await;
                    if !used.is_read() {
                        return Err(Stop::Unread(used.unread.join("; ")));
                    }
                    // It can be used only by whom it was shown to.
                    used.at.is_some().then_some("used")
                }
            },
        };
        if let (Some(proof), Some((_, to))) = (proof, &made.handing) {
            self.note(step::HAND_OVER, "done", json!({ "key": key, "to": to, "proof": proof })).await?;
            person.hear(Progress::HandedOver(key.clone(), to.clone()));
            return Ok(());
        }
        self.never_used(key).await?;
        person.hear(Progress::Discarding(key.clone()));
        self.note(step::DISCARD, "lost", of_key(key)).await
    }

    /// Disables and deletes a key of ours that nobody uses.
    pub(super) async fn discard(&self, record: &Record, key: &str, person: &dyn Person) -> Result<(), Stop> {
        self.guard(key)?;
        let keys = self.keys(record).await?;
        if record.aborting && status(&keys, self.old()) != Some(KeyStatus::Active) {
            let old = self.old();
            return Err(Stop::Look(format!(
                "{key} is kept: {old} is not active, and it would be the last key"
            )));
        }
        // Time may have passed since it was decided.
        if status(&keys, key) == Some(KeyStatus::Active) {
            match self.never_used(key).await {
                Err(Stop::Look(_)) if record.aborting => {
                    return self.note(step::DISCARD, "kept", of_key(key)).await;
                }
                checked => checked?,
            }
        }
        let change = self.disabling(key);
        let id = change.id();
        match self.case.make(change, self.desk.session, self.desk.pace).await? {
            Applied::Proved(_) => self.delete_key(record, key).await?,
            Applied::Refused(error) if error.kind() == Kind::NotFound => {}
            Applied::Refused(error) => {
                return Err(Stop::service(format!("{key} was not disabled"), error));
            }
            Applied::Unproved(error) => {
                let what = format!("whether {key} is disabled was not read back: run this again");
                return Err(Stop::service(what, error));
            }
        }
        self.case.write(What::Undone { changes: vec![id], how: GONE.to_owned() }).await?;
        self.note(step::DELETE, "done", of_key(key)).await?;
        person.hear(Progress::Deleted(key.to_owned()));
        Ok(())
    }

    /// Disabling a key of the user, as a change that can be taken back.
    pub(super) fn disabling(&self, key: &str) -> Change {
        Change::KeyStatus {
            user: Some(self.subject.user.clone()),
            key: key.to_owned(),
            before: KeyStatus::Active,
            after: KeyStatus::Inactive,
        }
    }

    /// Deletes a disabled key and reads the list until it is gone. The caller writes down that it is.
    pub(super) async fn delete_key(&self, record: &Record, key: &str) -> Result<(), Stop> {
        self.guard(key)?;
        self.note(step::DELETE, "intended", of_key(key)).await?;
        let action = DeleteAccessKey { user_access_key_id: key, user_principal_name: &self.subject.user };
        let deleted = self.desk.session.change(&action).await;
        if let Err(error) = &deleted
            && !error.maybe_done()
            && error.kind() != Kind::NotFound
        {
            self.note_refusal(step::DELETE, "refused", of_key(key), Some(error)).await?;
            return Err(Stop::service(format!("{key} was not deleted"), error.clone()));
        }
        let gone =
            self.until(self.desk.pace.settle, async || Ok(status(&self.keys(record).await?, key).is_none()));
        if gone.await? {
            return Ok(());
        }
        let what = format!("{key} is still listed after it was deleted: run this again");
        Err(deleted
            .err()
            .map_or_else(|| Stop::Look(what.clone()), |error| Stop::service(what.clone(), error)))
    }
}
