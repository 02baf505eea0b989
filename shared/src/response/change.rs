//! Reversible changes: what is touched, what was there, what is put there.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Pace, event_rule};
use crate::cloud::NetworkPolicy;
use crate::cloud::eventbridge::Rule;
use crate::cloud::ims::{
    GetAccessKeyPolicy, GetAccessKeyPolicyForAccount, KeyStatus, ListAccessKeys, SetAccessKeyPolicy,
    SetAccessKeyPolicyForAccount, UpdateAccessKey,
};
use crate::openapi::{Error, Kind, Session};

/// One reversible change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum Change {
    /// From where all keys of the account without a policy of their own may be used.
    AccountKeyPolicy {
        /// What was there.
        before: NetworkPolicy,
        /// What is put there.
        after: NetworkPolicy,
    },
    /// From where one key may be used.
    KeyPolicy {
        /// Whose key, as a principal name.
        user: String,
        /// The key.
        key: String,
        /// What was there.
        before: NetworkPolicy,
        /// What is put there.
        after: NetworkPolicy,
    },
    /// The rule that brings events to a function.
    EventRule {
        /// Where the rule is.
        region: String,
        /// What was there, if anything.
        before: Option<Rule>,
        /// What is put there.
        after: Rule,
    },
    /// Whether a key works.
    KeyStatus {
        /// Whose key; `None` leaves the name out, which only root's own credentials are known to mean root by.
        user: Option<String>,
        /// The key.
        key: String,
        /// What it was.
        before: KeyStatus,
        /// What it is to be.
        after: KeyStatus,
    },
}

/// What a read found where a change was, or is to be, made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As we put it.
    After,
    /// As it was.
    Before,
    /// Neither: somebody else changed it.
    Other,
}

/// How making a change went.
#[derive(Debug, Clone)]
pub enum Applied {
    /// Made and read back. The request id of the write.
    Proved(String),
    /// Certainly not made.
    Refused(Error),
    /// It may or may not have been made: the write, or the read-back, did not say.
    Unproved(Error),
}

/// How taking a change back went.
#[derive(Debug, Clone)]
pub enum Reverted {
    /// As before, read back.
    Restored,
    /// Somebody else changed it since: left alone.
    Left,
    /// It could not be taken back, or that could not be read back.
    Failed(Error),
}

impl Change {
    /// The closing of an account, where what was there before does not matter: to read whether it stands.
    pub fn closing() -> Self {
        Self::AccountKeyPolicy { before: NetworkPolicy::none(), after: NetworkPolicy::nowhere() }
    }

    /// What names the change within its case.
    pub fn id(&self) -> String {
        match self {
            Self::AccountKeyPolicy { .. } => "account-key-policy".to_owned(),
            Self::KeyPolicy { key, .. } => format!("key-policy:{key}"),
            Self::KeyStatus { key, .. } => Self::key_status_id(key),
            Self::EventRule { region, after, .. } => format!("event-rule:{region}:{}", after.rule_name),
        }
    }

    /// What names a [`Change::KeyStatus`] of this key.
    pub(super) fn key_status_id(key: &str) -> String {
        format!("key-status:{key}")
    }

    /// The access key that it touches, if it is one.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::KeyPolicy { key, .. } | Self::KeyStatus { key, .. } => Some(key),
            Self::AccountKeyPolicy { .. } | Self::EventRule { .. } => None,
        }
    }

    /// What stands there now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn standing(&self, session: &Session) -> Result<Standing, Error> {
        let policies = |now: &NetworkPolicy, before: &NetworkPolicy, after: &NetworkPolicy| {
            if now.same(after) {
                Standing::After
            } else if now.same(before) {
                Standing::Before
            } else {
                Standing::Other
            }
        };
        match self {
            Self::AccountKeyPolicy { before, after } => {
                Ok(policies(&account_policy(session).await?, before, after))
            }
            Self::KeyPolicy { user, key, before, after } => {
                Ok(policies(&key_policy(session, user, key).await?, before, after))
            }
            Self::EventRule { region, before, after } => {
                event_rule::standing(&session.in_region(region), before.as_ref(), after).await
            }
            Self::KeyStatus { user, key, before, after } => {
                let list = session.call(&ListAccessKeys { user_principal_name: user.as_deref() }).await?;
                match list.keys().iter().find(|held| held.access_key_id == *key) {
                    Some(held) if held.status == *after => Ok(Standing::After),
                    Some(held) if held.status == *before => Ok(Standing::Before),
                    _ => Ok(Standing::Other),
                }
            }
        }
    }

    /// Makes the change and reads it back. The caller has stored it as intended.
    pub(super) async fn apply(&self, session: &Session, pace: &Pace) -> Applied {
        let written = self.put(session, Standing::After).await;
        let request_id = match &written {
            Ok(id) => id.clone(),
            Err(error) if !error.maybe_done() => return Applied::Refused(error.clone()),
            Err(error) => error.request_id().to_owned(),
        };
        match self.settle(session, Standing::After, pace).await {
            Ok(()) => Applied::Proved(request_id),
            Err(error) => Applied::Unproved(written.err().unwrap_or(error)),
        }
    }

    /// Takes the change back where it still stands as we left it, and reads that back. A reading of what was before is not
    /// believed: it may be older than the change, so it is put back all the same.
    pub(super) async fn revert(&self, session: &Session, pace: &Pace) -> Reverted {
        match self.standing(session).await {
            Ok(Standing::After | Standing::Before) => {}
            Ok(Standing::Other) => return Reverted::Left,
            Err(error) => return Reverted::Failed(error),
        }
        let written = self.put(session, Standing::Before).await;
        if let Err(error) = &written
            && !error.maybe_done()
        {
            return Reverted::Failed(error.clone());
        }
        match self.settle(session, Standing::Before, pace).await {
            Ok(()) => Reverted::Restored,
            Err(error) => Reverted::Failed(written.err().unwrap_or(error)),
        }
    }

    /// Reads until it stands as `wanted`, or patience ends.
    pub(super) async fn settle(&self, session: &Session, wanted: Standing, pace: &Pace) -> Result<(), Error> {
        let end = Instant::now() + pace.settle;
        let mut pause = pace.settle_step;
        loop {
            let error = match self.standing(session).await {
                Ok(found) if found == wanted => return Ok(()),
                Ok(found) => Error::new(
                    Kind::Refused,
                    self.id(),
                    "NotReadBack",
                    format!("reads {found:?} where {wanted:?} was expected, within {:?}", pace.settle),
                ),
                // Nothing to wait for: no time left, or an answer that will stay the same.
                Err(error) if matches!(error.kind(), Kind::Deadline | Kind::Denied | Kind::NotFound) => {
                    return Err(error);
                }
                Err(error) => error,
            };
            if Instant::now() + pause >= end
                || session.deadline().is_some_and(|at| Instant::now() + pause >= at)
            {
                return Err(error);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    async fn put(&self, session: &Session, side: Standing) -> Result<String, Error> {
        let after = side == Standing::After;
        match self {
            Self::AccountKeyPolicy { before, after: target } => {
                let access_key_policy = if after { target } else { before };
                Ok(session.change(&SetAccessKeyPolicyForAccount { access_key_policy }).await?.request_id)
            }
            Self::KeyPolicy { user, key, before, after: target } => {
                let action = SetAccessKeyPolicy {
                    user_access_key_id: key,
                    user_principal_name: Some(user),
                    access_key_policy: if after { target } else { before },
                };
                Ok(session.change(&action).await?.request_id)
            }
            Self::EventRule { region, before, after: target } => {
                event_rule::put(&session.in_region(region), before.as_ref(), target, after).await
            }
            Self::KeyStatus { user, key, before, after: target } => {
                let action = UpdateAccessKey {
                    user_access_key_id: key,
                    status: if after { *target } else { *before },
                    user_principal_name: user.as_deref(),
                };
                Ok(session.change(&action).await?.request_id)
            }
        }
    }
}

/// The account-level policy.
pub(super) async fn account_policy(session: &Session) -> Result<NetworkPolicy, Error> {
    Ok(session.call(&GetAccessKeyPolicyForAccount {}).await?.value.access_key_policy)
}

/// A key's own policy. A key that never had one reads as inactive without statements, or as not existing: which
/// of the two is not documented.
pub(super) async fn key_policy(session: &Session, user: &str, key: &str) -> Result<NetworkPolicy, Error> {
    let action = GetAccessKeyPolicy { user_access_key_id: key, user_principal_name: Some(user) };
    match session.call(&action).await {
        Ok(answer) => Ok(answer.value.access_key_policy),
        Err(error) if error.code() == "EntityNotExist.AccessKeyPolicy" => Ok(NetworkPolicy::none()),
        Err(error) => Err(error),
    }
}
