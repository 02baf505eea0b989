//! The rotation of one RAM user's access key, as a procedure that can be interrupted anywhere.
//!
//! A second key is made and its secret handed over once; when the new key is used and the old one has been quiet for a
//! while, the old one is disabled, which is reversible; calls that fail because of it are looked for; only then, when a
//! person says so, is the old one deleted. The secret is in memory between its creation and its handing over, and
//! nowhere else: a run that dies in between leaves a key that nobody can use, which the next run deletes and replaces.
//!
//! A rotation is a case. Everything known of it is folded from the case's entries (`view.rs`), so that each run goes on
//! where the record ends. Ahead of each change its intent is stored; after it, it is read back.

mod abort;
mod create;
mod delete;
mod desk;
mod destination;
mod gate;
mod last_use;
mod proceed;
mod recover;
mod rehearsal;
mod report;
mod view;
mod watch;

pub use desk::{Desk, rotated_key};
pub use destination::Destination;
pub use last_use::LastUse;
pub use rehearsal::{Outcome, Rehearsal, Rehearsed, last_success, rehearsals};
pub use report::{LeftIn, Report, State};
pub use view::Subject;
pub use watch::{FailedCall, Watched};

use std::cell::RefCell;

use jiff::SignedDuration;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Case, CaseError, What};
use crate::cloud::ims::{AccessKey, KeyStatus, ListAccessKeys};
use crate::cloud::{actiontrail, ims, kms, sts};
use crate::openapi::{Action, Api, Error};
use view::Record;

/// A user's keys at most (IMS, CreateAccessKey: `LimitExceeded.User.AccessKey`).
const KEYS_PER_USER: usize = 2;

/// What a rotation calls: for the generated permissions.
pub const ROTATION_NEEDS: &[Api] = &[
    <sts::GetCallerIdentity as Action>::API,
    <ims::ListUsers as Action>::API,
    <ims::ListAccessKeys as Action>::API,
    <ims::CreateAccessKey as Action>::API,
    <ims::UpdateAccessKey as Action>::API,
    <ims::DeleteAccessKey as Action>::API,
    <ims::GetAccessKeyLastUsed as Action>::API,
    <actiontrail::GetAccessKeyLastUsedInfo as Action>::API,
    <actiontrail::LookupEvents as Action>::API,
];

/// What a rotation calls whose secret goes to KMS.
pub const ROTATION_KMS_NEEDS: &[Api] = &[
    <kms::DescribeSecret as Action>::API,
    <kms::ListSecretVersionIds as Action>::API,
    <kms::CreateSecret as Action>::API,
    <kms::PutSecretValue as Action>::API,
];

/// What a rehearsal calls besides: it makes a user and deletes what it made.
pub const REHEARSAL_NEEDS: &[Api] =
    &[<ims::CreateUser as Action>::API, <ims::DeleteUser as Action>::API, <kms::DeleteSecret as Action>::API];

/// How patient a rotation is with the callers. Chosen by a person, anew for each run.
#[derive(Debug, Clone)]
pub struct Terms {
    /// How long the old key must not have been used before it is disabled.
    pub quiet: SignedDuration,
    /// How long it must have been disabled before it may be deleted.
    pub after: SignedDuration,
    /// Where failing calls are looked for besides the home region and the two that keep global events.
    pub regions: Vec<String>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            quiet: SignedDuration::from_hours(24),
            after: SignedDuration::from_hours(24 * 7),
            regions: Vec::new(),
        }
    }
}

/// What a run tells as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The second key was made.
    Made(String),
    /// Its secret was handed over.
    HandedOver(String, Destination),
    /// A key of an interrupted run, of which nobody has the secret, is about to be deleted.
    Discarding(String),
    /// A key was deleted.
    Deleted(String),
    /// A key was disabled.
    Disabled(String),
    /// A key was enabled again.
    Enabled(String),
    /// A rehearsal made its user.
    UserMade(String),
    /// What an interrupted rehearsal had left behind was deleted.
    CleanedUp(String),
    /// A rehearsal deleted its user.
    UserDeleted(String),
}

/// Whoever runs a rotation.
pub trait Person {
    /// Takes the new key. Called at most once for a key, and the secret is given to nobody else.
    ///
    /// # Errors
    /// When it was not taken: the key is then deleted.
    fn take(&self, key: &str, secret: &SecretString) -> std::io::Result<()>;

    /// Hears how it goes.
    fn hear(&self, progress: Progress);
}

/// Why a rotation does not go on.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// It cannot be done as it was asked for. Nothing was changed.
    #[error("{0}")]
    Refused(String),
    /// A person must look at it first. What was done stands in the record.
    #[error("{0}")]
    Look(String),
    /// The service did not do what was asked.
    #[error("{what}: {error}")]
    Service {
        /// What was to be done.
        what: String,
        /// What the service said.
        error: Error,
    },
    /// The account could not be read, so nothing is known and nothing was done.
    #[error("cannot be read, so nothing was done: {0}")]
    Unread(String),
    /// The store failed, or another run took the case over.
    #[error(transparent)]
    Case(#[from] CaseError),
}

/// What `?` makes of a read that failed. A wrong setting is the caller's to mend.
impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error.kind() {
            crate::openapi::Kind::Setting => Self::Refused(error.message().to_owned()),
            _ => Self::Unread(error.to_string()),
        }
    }
}

impl Stop {
    fn service(what: impl Into<String>, error: Error) -> Self {
        Self::Service { what: what.into(), error }
    }
}

/// One rotation under way.
pub struct Rotation<'a> {
    desk: Desk<'a>,
    case: Case,
    subject: Subject,
    /// Where a secret that is still to be handed over goes: what was asked for last.
    to: Destination,
    /// For a rehearsal, which uses the new key itself: the last secret made.
    kept: Option<RefCell<Option<(String, SecretString)>>>,
}

impl Rotation<'_> {
    /// The case that records it.
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// What it is about.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Everything on record.
    fn record(&self) -> Record {
        Record::of(&self.case.entries(), &self.subject.old_key)
    }

    /// Writes a step down.
    async fn note(&self, step: &str, result: &str, data: Value) -> Result<(), Stop> {
        self.note_refusal(step, result, data, None).await
    }

    /// The same, with the service's words.
    async fn note_refusal(
        &self,
        step: &str,
        result: &str,
        data: Value,
        error: Option<&Error>,
    ) -> Result<(), Stop> {
        let words = error.map(Error::refusal);
        let (code, message, request_id) =
            words.map(|words| (words.code, words.message, words.request_id)).unwrap_or_default();
        let (step, result) = (step.to_owned(), result.to_owned());
        Ok(self.case.write(What::Step { step, result, code, message, request_id, data }).await?)
    }

    /// The user's keys, without those that this rotation has deleted: a listing may be older than that.
    async fn keys(&self, record: &Record) -> Result<Vec<AccessKey>, Stop> {
        let action = ListAccessKeys { user_principal_name: Some(&self.subject.user) };
        let list = self.desk.session.call(&action).await?;
        let ours = |key: &&AccessKey| !record.gone.contains(&key.access_key_id);
        Ok(list.keys().iter().filter(ours).cloned().collect())
    }

    /// Refuses to disable or delete what must stay: the key that this very command is signed with, and whatever
    /// belongs to a break-glass principal.
    fn guard(&self, key: &str) -> Result<(), Stop> {
        self.desk.may_touch(&self.subject.user, &self.subject.account)?;
        if self.desk.session.key_id() == key {
            let why = format!("{key} is the key that this command is signed with: use another credential");
            return Err(Stop::Refused(why));
        }
        Ok(())
    }

    fn old(&self) -> &str {
        &self.subject.old_key
    }
}

/// The status of a key among those listed.
fn status(keys: &[AccessKey], id: &str) -> Option<KeyStatus> {
    keys.iter().find(|key| key.access_key_id == id).map(|key| key.status)
}

fn of_key(key: &str) -> Value {
    json!({ "key": key })
}
