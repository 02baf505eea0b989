//! What a run has read of an account, with what could not be read and why. Pure: a snapshot carries its time, so the same
//! snapshot gives the same findings, whenever it is looked at.

mod coverage;
mod credential_report;
mod identity;
mod key_use;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use coverage::{Coverage, Unread};
pub use credential_report::{CredentialReport, ReportError, ReportRow, ReportedKey};
pub use identity::{AccessKey, LastUse, Preferences, User};
pub use key_use::{KeyUse, ServiceUse};

/// Something that was asked for: what came back, or why nothing did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read<T> {
    /// It was read.
    Read(T),
    /// It was not: UNKNOWN, never a pass.
    Unread(Unread),
}

impl<T> Read<T> {
    /// What was read, if it was.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Read(value) => Some(value),
            Self::Unread(_) => None,
        }
    }

    /// Why it was not read, if it was not.
    pub fn unread(&self) -> Option<&Unread> {
        match self {
            Self::Read(_) => None,
            Self::Unread(why) => Some(why),
        }
    }
}

impl<T> From<Result<T, Unread>> for Read<T> {
    fn from(result: Result<T, Unread>) -> Self {
        match result {
            Ok(value) => Self::Read(value),
            Err(why) => Self::Unread(why),
        }
    }
}

/// The identities of one account at one moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    /// When it was taken. Ages are counted to here.
    pub taken_at: Timestamp,
    /// The account.
    pub account_id: String,
    /// How many access keys root has; whether disabled ones count is not documented
    /// (IMS, GetAccountSecurityPracticeReport).
    pub root_keys: Read<u64>,
    /// The credential report: the only thing that tells of root's password and of when root's keys were used.
    pub credential_report: Read<CredentialReport>,
    /// How users handle keys.
    pub preferences: Read<Preferences>,
    /// The RAM users that were listed, in the order of their names.
    pub users: Vec<User>,
    /// Why there may be more users than these.
    pub users_unread: Option<Unread>,
    /// How much of all that was read.
    pub coverage: Coverage,
}

impl Snapshot {
    /// How many keys root is known to have: as counted, else as many as the credential report shows. A report without any is no proof
    /// that there is none.
    pub fn known_root_keys(&self) -> Option<u64> {
        let reported = || self.credential_report.known()?.root().map(|root| root.keys.len() as u64);
        self.root_keys.known().copied().or_else(|| reported().filter(|count| *count > 0))
    }

    /// The ARN of the account itself.
    pub fn root_arn(&self) -> String {
        format!("acs:ram::{}:root", self.account_id)
    }

    /// The ARN of a user.
    pub fn user_arn(&self, user: &User) -> String {
        format!("acs:ram::{}:user/{}", self.account_id, user.name)
    }

    /// The ARN of an access key.
    pub fn key_arn(&self, key: &AccessKey) -> String {
        format!("acs:ram::{}:accesskey/{}", self.account_id, key.id)
    }

    /// Every listed key with its user.
    pub fn keys(&self) -> impl Iterator<Item = (&User, &AccessKey)> {
        self.users.iter().flat_map(|user| user.keys.known().into_iter().flatten().map(move |key| (user, key)))
    }
}
