//! Who holds which keys, read to the end and checked for completeness: what a quarantine must know first.

use std::collections::BTreeSet;

use futures_util::future::{try_join, try_join_all};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::Pace;
use super::change::{account_policy, key_policy};
use crate::cloud::NetworkPolicy;
use crate::cloud::ims::{GetAccountSummary, KeyStatus, ListAccessKeys, ListUsers};
use crate::openapi::{Error, Kind, Session};

/// An active key of a RAM user, with the policy of its own.
#[derive(Debug, Clone)]
pub struct HeldKey {
    /// The user, as a principal name.
    pub user: String,
    /// The key.
    pub key: String,
    /// From where it may be used by its own policy.
    pub policy: NetworkPolicy,
}

/// All active keys of all RAM users, and the policy that binds those without one of their own.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// The account-level policy.
    pub account: NetworkPolicy,
    /// All RAM users.
    pub users: Vec<String>,
    /// Their active keys. A disabled key cannot be used, so nothing needs to be kept for it.
    pub keys: Vec<HeldKey>,
}

impl Inventory {
    /// Reads it all. Calls run side by side, within the rate windows.
    ///
    /// # Errors
    /// When anything could not be read, or when fewer users were listed than the account says it has: a partial
    /// list is no list.
    pub async fn read(session: &Session, pace: &Pace) -> Result<Self, Error> {
        Self::read_except(session, pace, &BTreeSet::new()).await
    }

    /// The same, without the keys in `except`: those that are being pinned while this is read.
    pub(super) async fn read_except(
        session: &Session,
        pace: &Pace,
        except: &BTreeSet<String>,
    ) -> Result<Self, Error> {
        let ((users, keys), account) =
            try_join(users_and_keys(session, pace, except), account_policy(session)).await?;
        Ok(Self { account, users, keys })
    }

    /// The keys that the account-level policy binds: those without an active policy of their own.
    pub fn bound(&self) -> impl Iterator<Item = &HeldKey> {
        self.keys.iter().filter(|key| !key.policy.is_active())
    }
}

/// All users, checked for completeness, and their active keys. One user does not wait for another: the policies of the
/// first are asked for while the keys of the last are still being listed.
async fn users_and_keys(
    session: &Session,
    pace: &Pace,
    except: &BTreeSet<String>,
) -> Result<(Vec<String>, Vec<HeldKey>), Error> {
    let (users, summary) =
        try_join(session.all(ListUsers::default()), session.call(&GetAccountSummary {})).await?;
    // One that is listed twice does not stand for another.
    let users: BTreeSet<String> = users.into_iter().map(|user| user.user_principal_name).collect();
    let users: Vec<String> = users.into_iter().collect();
    if (users.len() as u64) < summary.users() {
        let why = format!("{} users listed, but the account has {}", users.len(), summary.users());
        return Err(Error::new(Kind::Decode, "ims:ListUsers", "Incomplete", why));
    }
    let keys = stream::iter(&users)
        .map(|user| keys_of(session, user, except))
        .buffer_unordered(pace.concurrency)
        .try_concat()
        .await?;
    Ok((users, keys))
}

async fn keys_of(session: &Session, user: &str, except: &BTreeSet<String>) -> Result<Vec<HeldKey>, Error> {
    let list = session.call(&ListAccessKeys { user_principal_name: Some(user) }).await?;
    let active = list.keys().iter().filter(|key| key.status == KeyStatus::Active);
    try_join_all(active.filter(|key| !except.contains(&key.access_key_id)).map(|held| async move {
        let policy = key_policy(session, user, &held.access_key_id).await?;
        Ok(HeldKey { user: user.to_owned(), key: held.access_key_id.clone(), policy })
    }))
    .await
}
