//! From where access keys may be used.

use serde::{Deserialize, Serialize};

use super::{WRITES, api};
use crate::cloud::NetworkPolicy;
use crate::openapi::{Action, Api, Empty};

/// From where every key of the account without a policy of its own may be used, root's keys included. Session
/// tokens are not bound by it.
#[derive(Debug, Clone, Serialize)]
pub struct GetAccessKeyPolicyForAccount {}

impl Action for GetAccessKeyPolicyForAccount {
    const API: Api = api("GetAccessKeyPolicyForAccount").needs("ram:GetAccessKeyPolicyForAccount");
    type Response = PolicyAnswer;
}

/// Sets that. Reads may show the old one for some seconds.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SetAccessKeyPolicyForAccount<'a> {
    /// The document, as text.
    pub access_key_policy: &'a NetworkPolicy,
}

impl Action for SetAccessKeyPolicyForAccount<'_> {
    const API: Api =
        api("SetAccessKeyPolicyForAccount").limit(WRITES).writes().needs("ram:SetAccessKeyPolicyForAccount");
    type Response = Empty;
}

/// From where one key may be used. An active policy of its own takes precedence over the account's.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetAccessKeyPolicy<'a> {
    /// The key.
    pub user_access_key_id: &'a str,
    /// Its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_principal_name: Option<&'a str>,
}

impl Action for GetAccessKeyPolicy<'_> {
    const API: Api = api("GetAccessKeyPolicy").needs("ram:GetAccessKeyPolicy");
    type Response = PolicyAnswer;
}

/// Sets that. There is no call that deletes one: inactive without statements counts as none.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SetAccessKeyPolicy<'a> {
    /// The key.
    pub user_access_key_id: &'a str,
    /// Its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_principal_name: Option<&'a str>,
    /// The document, as text.
    pub access_key_policy: &'a NetworkPolicy,
}

impl Action for SetAccessKeyPolicy<'_> {
    const API: Api = api("SetAccessKeyPolicy").limit(WRITES).writes().needs("ram:SetAccessKeyPolicy");
    type Response = Empty;
}

/// A network policy as the service gives it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyAnswer {
    /// The document.
    pub access_key_policy: NetworkPolicy,
}
