//! Putting things back.

use serde_json::json;

use super::view::{End, Next, Record, step};
use super::{LastUse, Person, Progress, Report, Rotation, Stop, Terms, of_key, status};
use crate::cloud::ims::KeyStatus;
use crate::response::{Reverted, What, standing_changes};

impl Rotation<'_> {
    /// Puts things back and ends the rotation: the old key is enabled again if this rotation has disabled it; then the
    /// new key is disabled and deleted, if nobody has used it. One that is used stays: whoever uses it would be cut off.
    /// What was stored in a KMS secret stays there.
    ///
    /// # Errors
    /// When it must stop; another run, of any kind, goes on with it.
    pub async fn abort(&self, terms: &Terms, person: &dyn Person) -> Result<Report, Stop> {
        self.held(async {
            let record = self.record();
            if matches!(record.next(self.old()), Next::Conclude | Next::Archive(End::Rotated)) {
                let why = format!("{} is deleted already: there is nothing to go back to", self.old());
                return Err(Stop::Refused(why));
            }
            if !record.aborting {
                self.note(step::ABORT, "begun", json!({})).await?;
            }
            self.go(terms, person).await
        })
        .await
    }

    /// The next step of putting things back.
    pub(super) async fn put_back(&self, record: &Record, person: &dyn Person) -> Result<(), Stop> {
        let old = self.old();
        let id = self.disabling(old).id();
        if let Some(change) = standing_changes(&self.case).remove(&id) {
            let how = match change.revert(self.desk.session, self.desk.pace).await {
                Reverted::Restored => "undone",
                Reverted::Left => "somebody else changed it since: left as it is",
                Reverted::Failed(error) => {
                    return Err(Stop::service(format!("{old} was not read back as enabled"), error));
                }
            };
            self.case.write(What::Undone { changes: vec![id], how: how.to_owned() }).await?;
            if how == "undone" {
                person.hear(Progress::Enabled(old.to_owned()));
            }
            return Ok(());
        }
        let Some(made) = &record.made else { return self.conclude(End::Aborted).await };
        let keys = self.keys(record).await?;
        let last_one = status(&keys, old) != Some(KeyStatus::Active);
        if last_one || self.guard(&made.key).is_err() {
            return self.conclude(End::Aborted).await;
        }
        let used = LastUse::read(self.desk.session, &self.subject.user, &made.key).await;
        if !used.is_read() {
            return Err(Stop::Unread(used.unread.join("; ")));
        }
        if used.at.is_some() {
            return self.conclude(End::Aborted).await;
        }
        self.note(step::DISCARD, "abort", of_key(&made.key)).await
    }
}
