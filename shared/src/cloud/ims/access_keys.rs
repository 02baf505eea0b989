//! Access keys: listed, made, enabled, disabled, deleted, and when they were last used.

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{WRITES, api};
use crate::openapi::{Action, Api, Empty, Rate};

/// One user's access keys. Not paged: a user has at most a few.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListAccessKeys<'a> {
    /// Whose; `None` means the caller's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_principal_name: Option<&'a str>,
}

impl Action for ListAccessKeys<'_> {
    const API: Api = api("ListAccessKeys").needs("ram:ListAccessKeys");
    type Response = AccessKeyList;
}

/// The keys of one user.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessKeyList {
    access_keys: AccessKeys,
}

impl AccessKeyList {
    /// The keys, in no particular order.
    pub fn keys(&self) -> &[AccessKey] {
        &self.access_keys.access_key
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccessKeys {
    access_key: Vec<AccessKey>,
}

/// One access key, as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessKey {
    /// The key's id.
    pub access_key_id: String,
    /// Whether it works.
    pub status: KeyStatus,
    /// When it was created, UTC, `2026-11-23T00:00:00Z`.
    #[serde(default)]
    pub create_date: Option<String>,
    /// When its status was last changed.
    #[serde(default)]
    pub update_date: Option<String>,
}

/// Whether a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    /// It works.
    Active,
    /// It is disabled; it can be enabled again.
    Inactive,
}

/// Enables or disables one access key.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateAccessKey<'a> {
    /// The key.
    pub user_access_key_id: &'a str,
    /// What it is to be.
    pub status: KeyStatus,
    /// `None` means the caller's own key: only root's own credentials are known to reach a root key so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_principal_name: Option<&'a str>,
}

impl Action for UpdateAccessKey<'_> {
    const API: Api = api("UpdateAccessKey").limit(WRITES).writes().needs("ram:UpdateAccessKey");
    type Response = Empty;
}

/// Makes a key. The only moment at which its secret is given out.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateAccessKey<'a> {
    /// For whom.
    pub user_principal_name: &'a str,
}

impl Action for CreateAccessKey<'_> {
    const API: Api = api("CreateAccessKey").limit(WRITES).writes_once().needs("ram:CreateAccessKey");
    type Response = CreatedKey;
}

/// A new key with its secret. `Debug` does not show the secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreatedKey {
    access_key: NewKey,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewKey {
    access_key_id: String,
    access_key_secret: SecretString,
}

impl CreatedKey {
    /// The key's id.
    pub fn id(&self) -> &str {
        &self.access_key.access_key_id
    }

    /// Its secret, to be handed over once.
    pub fn secret(&self) -> &SecretString {
        &self.access_key.access_key_secret
    }
}

/// Deletes a key of a RAM user, which must be inactive. It lies in the recycle bin for 30 days (RAM user guide).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteAccessKey<'a> {
    /// The key.
    pub user_access_key_id: &'a str,
    /// Its user: never left out, since that would mean the caller's own.
    pub user_principal_name: &'a str,
}

impl Action for DeleteAccessKey<'_> {
    const API: Api = api("DeleteAccessKey").limit(WRITES).writes_once().needs("ram:DeleteAccessKey");
    type Response = Empty;
}

/// When a key was last used, and with which service.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccessKeyLastUsed<'a> {
    /// The key.
    pub user_access_key_id: &'a str,
    /// Its user.
    pub user_principal_name: &'a str,
}

impl Action for GetAccessKeyLastUsed<'_> {
    // Quota page of IMS: 350 a second.
    const API: Api =
        api("GetAccessKeyLastUsed").limit(Rate::per_second(350)).needs("ram:GetAccessKeyLastUsed");
    type Response = LastUsed;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LastUsed {
    access_key_last_used: LastUse,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LastUse {
    last_used_date: Option<String>,
    service_name: Option<String>,
}

impl LastUsed {
    /// When; `None` for a key that was never used, which the service tells by no date, an empty one, `-` or `N/A`.
    ///
    /// # Errors
    /// A date that is none.
    pub fn at(&self) -> Result<Option<Timestamp>, String> {
        match self.access_key_last_used.last_used_date.as_deref().map(str::trim) {
            None | Some("" | "-" | "N/A") => Ok(None),
            Some(date) => date.parse().map(Some).map_err(|_| format!("{date:?} is not a date")),
        }
    }

    /// The service, if it says one.
    pub fn service(&self) -> Option<&str> {
        self.access_key_last_used.service_name.as_deref().filter(|name| !matches!(*name, "" | "-" | "N/A"))
    }
}
