//! Going on from where the record ends, as far as it goes by itself.

use futures_util::future::join;
use jiff::Timestamp;
use serde_json::json;

use super::gate::{self, Gate};
use super::recover::GONE;
use super::view::{End, Made, Next, Record, step};
use super::watch::{self, Disabled, Watched};
use super::{LastUse, Person, Progress, Report, Rotation, State, Stop, Terms, of_key, status};
use crate::cloud::actiontrail::CENTRAL_REGIONS;
use crate::cloud::ims::KeyStatus;
use crate::response::{Applied, What, standing_changes};

/// More keys than this are not made in one run: a service that never says whether it made one is not asked for ever.
const CREATIONS: usize = 2;

/// What was read of a rotation that waits, before anything is written.
enum Stand {
    /// It waits, or watches.
    Still(State),
    /// The new key was used for the first time, as far as is known.
    FirstUse(Timestamp),
    /// The old key may be disabled.
    Open,
    /// The old key reads as disabled, and an interrupted run of ours meant it to be.
    Proved,
    /// The old key is gone, which ends it.
    OldGone,
    /// Calls with the disabled key were seen for the first time.
    Missed(Watched),
}

impl<'a> Rotation<'a> {
    /// Goes on as far as it goes without waiting: makes the second key, hands it over, disables the old key when its time
    /// has come, looks for failing calls; finishes what an interrupted run, or an abort, has begun. It never deletes the
    /// old key.
    ///
    /// # Errors
    /// When it must stop: [`Stop`] says why, and the record says what was done.
    pub async fn advance(&self, terms: &Terms, person: &dyn Person) -> Result<Report, Stop> {
        self.held(self.go(terms, person)).await
    }

    /// How it stands, without changing or writing anything.
    ///
    /// # Errors
    /// When the store or the list of keys cannot be read, or a person must look at it.
    pub async fn look(&self, terms: &Terms) -> Result<Report, Stop> {
        self.case.refresh().await?;
        let record = self.record();
        let state = match record.next(self.old()) {
            Next::Gate(made) | Next::Watch(made) => {
                match Box::pin(self.stand(&record, &made, terms)).await? {
                    Stand::Still(state) => state,
                    _ => State::Unfinished,
                }
            }
            _ => State::Unfinished,
        };
        Ok(self.report(&record, state))
    }

    /// Does `work` while no other run can work on the case.
    pub(super) async fn held<T>(&self, work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
        let pace = self.desk.pace;
        let Some(hold) = self.case.claim(pace).await? else {
            let why =
                format!("another run works on {} at this moment: try again when it is done", self.case.id());
            return Err(Stop::Look(why));
        };
        // Boxed, here and below: a procedure of many steps would else be one very large value on the stack.
        let done = self.case.alive(pace, Box::pin(work)).await;
        // Where this cannot be written, the lease runs out by itself.
        let _ = self.case.release(hold).await;
        done
    }

    /// The steps, one after the other.
    pub(super) async fn go(&self, terms: &Terms, person: &dyn Person) -> Result<Report, Stop> {
        let mut creations = 0;
        loop {
            let record = self.record();
            match record.next(self.old()) {
                Next::Archive(end) => {
                    self.case.archive().await?;
                    return Ok(self.report(&record, ended(end, &record)));
                }
                Next::Conclude => Box::pin(self.conclude(End::Rotated)).await?,
                Next::Discard(key) => Box::pin(self.discard(&record, &key, person)).await?,
                Next::Resolve(creating) => Box::pin(self.resolve(&record, &creating, person)).await?,
                Next::Abort => Box::pin(self.put_back(&record, person)).await?,
                Next::Create if creations == CREATIONS => {
                    let why = "the service does not say whether it makes a key: try again later";
                    return Err(Stop::Look(why.to_owned()));
                }
                Next::Create => {
                    creations += 1;
                    Box::pin(self.create(&record, person)).await?;
                }
                Next::Recover(made) => Box::pin(self.recover(&made, person)).await?,
                Next::Gate(made) | Next::Watch(made) => {
                    let stand = Box::pin(self.stand(&record, &made, terms)).await?;
                    if let Some(state) = Box::pin(self.act_on(stand, &made, person)).await? {
                        return Ok(self.report(&record, state));
                    }
                }
            }
        }
    }

    /// Writes down, or does, what follows from what was read; gives the state back where nothing does.
    async fn act_on(&self, stand: Stand, made: &Made, person: &dyn Person) -> Result<Option<State>, Stop> {
        let old = self.old();
        match stand {
            Stand::Still(state) => return Ok(Some(state)),
            Stand::FirstUse(at) => {
                self.note(step::FIRST_USE, "seen", json!({ "key": made.key, "at": at })).await?;
            }
            Stand::Open => self.disable(person).await?,
            Stand::Proved => {
                self.case.write(What::Proved { changes: vec![self.disabling(old).id()] }).await?;
                person.hear(Progress::Disabled(old.to_owned()));
            }
            Stand::OldGone => self.note(step::DELETE, "done", of_key(old)).await?,
            Stand::Missed(watched) => {
                let calls: Vec<_> = watched.failed.iter().take(5).collect();
                self.note(step::WATCH, "failing", json!({ "calls": calls, "late_use": watched.late_use }))
                    .await?;
            }
        }
        Ok(None)
    }

    /// Reads what a rotation that waits must know.
    async fn stand(&self, record: &Record, made: &Made, terms: &Terms) -> Result<Stand, Stop> {
        let (old, user, new) = (self.old(), &self.subject.user, &made.key);
        let keys = self.keys(record).await?;
        let (is, new_is) = (status(&keys, old), status(&keys, new));
        // A disabled key that is gone was deleted, by us or by somebody.
        if record.disabled.is_some() && is.is_none() {
            return Ok(Stand::OldGone);
        }
        if new_is != Some(KeyStatus::Active) {
            let how = if new_is.is_some() { "disabled" } else { "deleted" };
            return Err(Stop::Look(format!(
                "the new key {new} has been {how}, and not by this rotation: nothing is done to {old}. --abort puts \
                 things back"
            )));
        }
        if let (Some(begun), Some(proved)) = (record.disabling, record.disabled) {
            if is == Some(KeyStatus::Active) {
                return Err(Stop::Look(format!(
                    "{old} is active, although this rotation had disabled it: somebody enabled it again. `harden undo {}` \
                     writes that down, and the wait starts anew",
                    self.case.id()
                )));
            }
            return Ok(self.watch(record, Disabled { begun, proved }, terms).await);
        }
        match is {
            Some(KeyStatus::Active) => {}
            Some(KeyStatus::Inactive) if record.disabling.is_some() => return Ok(Stand::Proved),
            Some(KeyStatus::Inactive) => {
                return Err(Stop::Look(format!(
                    "{old} has been disabled, and not by this rotation: enable it and run this again, or --abort"
                )));
            }
            None => {
                return Err(Stop::Look(format!(
                    "{old} is not there any more, and not by this rotation: --abort closes it and keeps {new}"
                )));
            }
        }
        let session = self.desk.session;
        let (new_use, old_use) =
            join(LastUse::read(session, user, new), LastUse::read(session, user, old)).await;
        let (gate, first) = gate::judge(record, &new_use, &old_use, terms.quiet, self.desk.now());
        Ok(match (gate, first) {
            (Gate::Unread(unread), _) => Stand::Still(State::Unknown { unread }),
            (_, Some(at)) if record.first_use.is_none() => Stand::FirstUse(at),
            (Gate::Open, _) => Stand::Open,
            (Gate::OldKeyBusy(until), Some(first_use)) => {
                Stand::Still(State::WaitingForOldKey { first_use, last_use: old_use, until })
            }
            (Gate::NewKeyUnused | Gate::OldKeyBusy(_), _) => Stand::Still(State::WaitingForNewKey {
                since: made.handed.unwrap_or_else(|| self.desk.now()),
            }),
        })
    }

    async fn watch(&self, record: &Record, disabled: Disabled, terms: &Terms) -> Stand {
        let session = self.desk.session;
        let mut regions: Vec<String> = CENTRAL_REGIONS.iter().map(|&region| region.to_owned()).collect();
        for region in terms.regions.iter().map(String::as_str).chain([session.region()]) {
            if !regions.iter().any(|known| known == region) {
                regions.push(region.to_owned());
            }
        }
        let key = (self.subject.user.as_str(), self.old());
        let watched = watch::read(session, &regions, key, disabled, self.desk.now()).await;
        if watched.is_missed() && !record.failing {
            return Stand::Missed(watched);
        }
        Stand::Still(State::Disabled {
            since: disabled.proved,
            missed: record.failing,
            watched,
            deletable_at: disabled.proved.saturating_add(terms.after).unwrap_or(Timestamp::MAX),
        })
    }

    async fn disable(&self, person: &dyn Person) -> Result<(), Stop> {
        let old = self.old();
        self.guard(old)?;
        match self.case.make(self.disabling(old), self.desk.session, self.desk.pace).await? {
            Applied::Proved(_) => {
                person.hear(Progress::Disabled(old.to_owned()));
                Ok(())
            }
            Applied::Refused(error) => Err(Stop::service(format!("{old} was not disabled"), error)),
            Applied::Unproved(error) => {
                let what = format!("whether {old} is disabled was not read back: run this again");
                Err(Stop::service(what, error))
            }
        }
    }

    /// Writes down how it ended. A change of a key that is gone cannot be taken back any more.
    pub(super) async fn conclude(&self, end: End) -> Result<(), Stop> {
        let id = self.disabling(self.old()).id();
        if standing_changes(&self.case).contains_key(&id) {
            self.case.write(What::Undone { changes: vec![id], how: GONE.to_owned() }).await?;
        }
        self.note(step::CONCLUDE, end.name(), json!({})).await
    }
}

fn ended(end: End, record: &Record) -> State {
    match end {
        End::Rotated => State::Rotated,
        End::Aborted => State::Aborted {
            kept: record.made.as_ref().map(|made| made.key.clone()).or_else(|| record.kept.clone()),
            left_in: record.stored.clone(),
        },
    }
}
