//! RAM users and their access keys, as they were read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Read;

/// A RAM user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name without its domain.
    pub name: String,
    /// The name with its domain: what calls name the user by.
    pub principal_name: String,
    /// Whether the account has frozen the user.
    pub frozen: bool,
    /// The user's tags.
    pub tags: BTreeMap<String, String>,
    /// Whether the user may sign in to the console.
    pub console: Read<bool>,
    /// The user's access keys, in the order of their ids.
    pub keys: Read<Vec<AccessKey>>,
}

/// An access key of a RAM user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// Its id.
    pub id: String,
    /// Whether it works.
    pub active: bool,
    /// When it was made.
    pub created: Read<Timestamp>,
    /// When it was last enabled or disabled, where the listing says so.
    pub changed: Option<Timestamp>,
    /// When and for what it was last used; `None` for never.
    pub last_use: Read<Option<LastUse>>,
}

/// The last use of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// The service that was called, if it is told.
    pub service: Option<String>,
}

/// How the account's users handle their keys. What the service left out is `None`: not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Days without use after which the account disables a key by itself (IMS, MaxIdleDaysForAccessKeys).
    pub max_idle_days_for_keys: Option<u64>,
    /// Whether users may make and delete keys of their own (IMS, AllowUserToManageAccessKeys).
    pub users_manage_keys: Option<bool>,
}
