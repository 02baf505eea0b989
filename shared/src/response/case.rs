//! A case: what is being responded to, as a series of entries that only grows.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use futures_util::future::{Either, select};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Applied, Change, Pace};
use crate::ambient::{Clock, Random};
use crate::openapi::Session;
use crate::state::{Appended, Series, StateError, Store};

/// How a change ends that the service refused.
pub(super) const REFUSED: &str = "refused: nothing was changed";

/// One entry of a case: who wrote what, when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written.
    pub at: Timestamp,
    /// The run that wrote it.
    pub run: String,
    /// What it says.
    #[serde(flatten)]
    pub what: What,
}

/// What an entry says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum What {
    /// The first entry: the intent. `subject` is the function's own description of what happened, without secrets.
    Opened {
        /// The function whose case it is.
        function: String,
        /// One line for people.
        title: String,
        /// What happened, as the function keeps it.
        subject: Value,
    },
    /// This run works on the case from now on.
    Claimed,
    /// It is still at it.
    Alive,
    /// It has stopped.
    Released,
    /// A message is about to be sent. The id stays the same if a crash makes it necessary to send it again.
    Telling {
        /// The message's id.
        message: String,
        /// What it is about: `alert`, `outcome`, `escalation`, …
        about: String,
    },
    /// It was sent, or not.
    Told {
        /// The message's id.
        message: String,
        /// What it is about.
        about: String,
        /// The channels that took it.
        delivered: Vec<String>,
        /// The channels that did not, and why.
        failed: Vec<String>,
    },
    /// These changes are about to be made. This is the undo record.
    Intended {
        /// The changes, each with what was there before.
        changes: Vec<Change>,
    },
    /// These changes were made and read back.
    Proved {
        /// Ids of changes.
        changes: Vec<String>,
    },
    /// These changes were taken back, or found to be not there any more.
    Undone {
        /// Ids of changes.
        changes: Vec<String>,
        /// How it was found.
        how: String,
    },
    /// A step of the response and its result, word for word.
    Step {
        /// The step.
        step: String,
        /// How it went.
        result: String,
        /// The service's error code, if it refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        code: String,
        /// The service's message, if it refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        message: String,
        /// The service's request id.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        request_id: String,
        /// What was learnt.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        data: Value,
    },
}

/// Why a case could not be worked on.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The store failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// Another run took the case over; this one must stop.
    #[error("case {0} was taken over by another run")]
    Lost(String),
}

/// The cases that this process works on at this moment.
#[derive(Clone, Default)]
pub struct Running(Arc<Mutex<BTreeSet<String>>>);

/// The cases of one store.
#[derive(Clone)]
pub struct Cases {
    store: Store,
    clock: Clock,
    random: Random,
    running: Running,
}

impl Cases {
    /// The cases in `store`.
    pub fn new(store: Store, clock: Clock, random: Random, running: Running) -> Self {
        Self { store, clock, random, running }
    }

    /// The store that they are kept in.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Opens the case `id`, or finds it opened already; says whether it is new. From a hundred that try at once,
    /// one opens it.
    ///
    /// # Errors
    /// When the store fails: nothing may be done then.
    pub async fn open(&self, id: &str, opened: What) -> Result<(Case, bool), CaseError> {
        let case = self.case(id);
        let new = case.append_at(1, opened).await?;
        if !new {
            case.refresh().await?;
        }
        Ok((case, new))
    }

    /// The case `id`, if there is one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(&self, id: &str) -> Result<Option<Case>, CaseError> {
        let case = self.case(id);
        case.refresh().await?;
        let exists = !case.entries().is_empty();
        Ok(exists.then_some(case))
    }

    /// The ids of all cases, those that are [archived](Case::archive) only when `archived` is set.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ids(&self, archived: bool) -> Result<Vec<String>, CaseError> {
        let done: BTreeSet<String> = if archived {
            BTreeSet::new()
        } else {
            self.store
                .list("archived/")
                .await?
                .iter()
                .filter_map(|key| Some(key.strip_prefix("archived/")?.to_owned()))
                .collect()
        };
        let keys = self.store.list("cases/").await?;
        let ids: BTreeSet<String> = keys
            .iter()
            .filter_map(|key| Some(key.strip_prefix("cases/")?.split_once('/')?.0.to_owned()))
            .filter(|id| !done.contains(id))
            .collect();
        Ok(ids.into_iter().collect())
    }

    fn case(&self, id: &str) -> Case {
        Case {
            id: id.to_owned(),
            run: self.random.hex(),
            series: self.store.series(&format!("cases/{id}")),
            cases: self.clone(),
            entries: Mutex::new(Vec::new()),
            writing: tokio::sync::Mutex::new(()),
        }
    }
}

/// One case, as this run knows it.
pub struct Case {
    id: String,
    run: String,
    series: Series,
    cases: Cases,
    entries: Mutex<Vec<Entry>>,
    writing: tokio::sync::Mutex<()>,
}

/// The right to work on a case. Dropping it without [`Case::release`] is a crash: the lease runs out.
pub struct Hold {
    running: Running,
    id: String,
}

impl Drop for Hold {
    fn drop(&mut self) {
        locked(&self.running.0).remove(&self.id);
    }
}

impl Case {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What has been written so far, in order.
    pub fn entries(&self) -> Vec<Entry> {
        locked(&self.entries).clone()
    }

    /// Claims the case for this run. `None`: another run is at it. A run in the same process is seen at once; one
    /// elsewhere is waited for, since it may have died: after `pace.lease` without a word it is taken for dead.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn claim(&self, pace: &Pace) -> Result<Option<Hold>, CaseError> {
        if !locked(&self.cases.running.0).insert(self.id.clone()) {
            return Ok(None);
        }
        let hold = Hold { running: self.cases.running.clone(), id: self.id.clone() };
        // Twice the lease is longer than a dead run can hold it: what is still alive then works on.
        let patience = jiff::SignedDuration::try_from(pace.lease * 2).unwrap_or(jiff::SignedDuration::MAX);
        let began = self.cases.clock.now();
        loop {
            let lease = jiff::SignedDuration::try_from(pace.lease).unwrap_or(jiff::SignedDuration::MAX);
            let now = self.cases.clock.now();
            let free =
                self.holder().is_none_or(|(run, seen)| run == self.run || now.duration_since(seen) >= lease);
            if free {
                let next = self.entries().len() as u64 + 1;
                if self.append_at(next, What::Claimed).await? {
                    return Ok(Some(hold));
                }
            } else if now.duration_since(began) > patience {
                return Ok(None);
            } else {
                tokio::time::sleep(pace.poll).await;
            }
            self.refresh().await?;
        }
    }

    /// Gives the case back.
    ///
    /// # Errors
    /// When the store fails; the lease then runs out by itself.
    pub async fn release(&self, hold: Hold) -> Result<(), CaseError> {
        let written = self.write(What::Released).await;
        drop(hold);
        written
    }

    /// Does `work` and lets the store know all the while that this run is alive.
    pub async fn alive<T>(&self, pace: &Pace, work: impl Future<Output = T>) -> T {
        let beat = async {
            loop {
                tokio::time::sleep(pace.lease / 4).await;
                // A beat that cannot be written costs the lease, not the work: each change asks for the lease anew.
                let _ = self.write(What::Alive).await;
            }
        };
        match select(std::pin::pin!(work), std::pin::pin!(beat)).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => never,
        }
    }

    /// Writes an entry at the end.
    ///
    /// # Errors
    /// When the store fails, or when another run has claimed the case: then this one must do nothing more.
    pub async fn write(&self, what: What) -> Result<(), CaseError> {
        let _one_at_a_time = self.writing.lock().await;
        loop {
            let next = self.entries().len() as u64 + 1;
            if self.append_at(next, what.clone()).await? {
                return Ok(());
            }
            self.refresh().await?;
            if self.holder().is_some_and(|(run, _)| run != self.run) {
                return Err(CaseError::Lost(self.id.clone()));
            }
        }
    }

    /// Makes one change: stores it as intended, makes it, reads it back, stores that.
    ///
    /// # Errors
    /// When the store fails or the case is lost. The change is not made if it could not be stored as intended.
    pub async fn make(&self, change: Change, session: &Session, pace: &Pace) -> Result<Applied, CaseError> {
        let id = change.id();
        self.write(What::Intended { changes: vec![change.clone()] }).await?;
        let applied = change.apply(session, pace).await;
        match &applied {
            Applied::Proved(_) => self.write(What::Proved { changes: vec![id] }).await?,
            Applied::Refused(_) => {
                self.write(What::Undone { changes: vec![id], how: REFUSED.to_owned() }).await?;
            }
            Applied::Unproved(_) => {}
        }
        Ok(applied)
    }

    /// Marks the case as needing no more attention: sweeps leave it out. Its entries stay.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn archive(&self) -> Result<(), CaseError> {
        self.cases.store.create(&format!("archived/{}", self.id), bytes::Bytes::from_static(b"{}")).await?;
        Ok(())
    }

    /// Reads the entries anew.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn refresh(&self) -> Result<(), CaseError> {
        let entries = self.series.read().await?;
        *locked(&self.entries) = entries;
        Ok(())
    }

    /// The run that holds the case, and when it was last heard of.
    fn holder(&self) -> Option<(String, Timestamp)> {
        let mut holder: Option<(String, Timestamp)> = None;
        for entry in locked(&self.entries).iter() {
            match &entry.what {
                What::Claimed => holder = Some((entry.run.clone(), entry.at)),
                What::Released if holder.as_ref().is_some_and(|(run, _)| *run == entry.run) => holder = None,
                _ => {
                    if let Some((_, seen)) = holder.as_mut().filter(|(run, _)| *run == entry.run) {
                        *seen = entry.at;
                    }
                }
            }
        }
        holder
    }

    async fn append_at(&self, number: u64, what: What) -> Result<bool, CaseError> {
        let entry = Entry { at: self.cases.clock.now(), run: self.run.clone(), what };
        match self.series.append(number, &entry).await? {
            Appended::Done => {
                locked(&self.entries).push(entry);
                Ok(true)
            }
            Appended::Taken => Ok(false),
        }
    }
}

/// A poisoned lock still holds good entries: they are only ever pushed whole.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
