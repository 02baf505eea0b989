//! Deleting the old key: on a command of its own, and only when nobody was seen to miss it.

use super::view::{Next, step};
use super::{Person, Progress, Report, Rotation, State, Stop, Terms, of_key};

impl Rotation<'_> {
    /// Deletes the old key and ends the rotation, if this rotation has disabled it, at least `terms.after` ago, and no
    /// call with it was seen to fail since, everything having been read. With `only_look` it says whether it would.
    ///
    /// # Errors
    /// When one of these is not so: nothing is deleted then.
    pub async fn delete(&self, terms: &Terms, only_look: bool, person: &dyn Person) -> Result<Report, Stop> {
        self.held(async {
            let old = self.old();
            self.guard(old)?;
            if !matches!(self.record().next(old), Next::Watch(_) | Next::Conclude | Next::Archive(_)) {
                return Err(Stop::Refused(format!(
                    "{old} is not deleted: this rotation has not disabled it. Run `harden rotate {}` until it has",
                    self.subject.name()
                )));
            }
            let report = self.go(terms, person).await?;
            // Gone already, by an earlier run or by somebody.
            if !matches!(report.state, State::Disabled { .. }) {
                return Ok(report);
            }
            self.may_delete(&report)?;
            if only_look {
                return Ok(report);
            }
            self.delete_key(&self.record(), old).await?;
            self.note(step::DELETE, "done", of_key(old)).await?;
            person.hear(Progress::Deleted(old.to_owned()));
            self.go(terms, person).await
        })
        .await
    }

    /// Whether the old key may be deleted, by what was just read.
    fn may_delete(&self, report: &Report) -> Result<(), Stop> {
        let (old, case) = (self.old(), self.case.id());
        let State::Disabled { since, watched, missed, deletable_at } = &report.state else {
            return Err(Stop::Refused(format!("{old} is not disabled")));
        };
        if *missed || watched.is_missed() {
            return Err(Stop::Look(format!(
                "{old} is not deleted: it was needed after it was disabled (`harden rotate {}` shows by whom). Give the \
                 callers the new key, then `harden undo {case}`: the rotation waits and disables it anew",
                self.subject.name()
            )));
        }
        if !watched.unread.is_empty() {
            return Err(Stop::Unread(watched.unread.join("; ")));
        }
        if self.desk.now() < *deletable_at {
            let (since, from) = (second(*since), second(*deletable_at));
            return Err(Stop::Look(format!(
                "{old} is not deleted: it was disabled at {since} and may be deleted from {from} on"
            )));
        }
        Ok(())
    }
}

fn second(at: jiff::Timestamp) -> jiff::Timestamp {
    at.round(jiff::Unit::Second).unwrap_or(at)
}
