//! Identity Management Service, 2019-08-15: users, their keys, and where keys may be used from.
//!
//! In every call here a missing `UserPrincipalName` means the caller's own keys. For a role that is documented
//! nowhere; only root's own credentials are known to reach a root key that way.

use serde::{Deserialize, Deserializer, Serialize};

use super::NetworkPolicy;
use crate::openapi::{Action, Api, Cursor, Empty, Host, Paged, Rate};

const HOST: Host = Host::Central("ims.aliyuncs.com");
/// Quota page of IMS 2019-08-15: Get and List 450 a second, writes 150.
const READS: Rate = Rate::per_second(450);
const WRITES: Rate = Rate::per_second(150);

const fn api(name: &'static str) -> Api {
    Api::rpc("ims", "2019-08-15", name, HOST).limit(READS)
}

/// All RAM users of the account, in pages.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsers {
    /// Rows in a page, 1 to 1000; the service's default is 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
    /// Where the page starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
}

impl Action for ListUsers {
    const API: Api = api("ListUsers").needs("ram:ListUsers");
    type Response = UserPage;
}

impl Paged for ListUsers {
    type Item = User;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Marker(marker) = cursor {
            self.marker = Some(marker);
        }
    }

    fn take(&self, page: UserPage, _: u64) -> (Vec<User>, Option<Cursor>) {
        (page.users.user, Cursor::marker(page.is_truncated, page.marker))
    }
}

/// One page of users.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserPage {
    is_truncated: bool,
    marker: Option<String>,
    users: Users,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Users {
    user: Vec<User>,
}

/// A RAM user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct User {
    /// `alice@1234567890123456.onaliyun.com`: what the other calls name the user by.
    pub user_principal_name: String,
}

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

/// Counts of the account: here, how many users there are, told independently of the listing.
#[derive(Debug, Clone, Serialize)]
pub struct GetAccountSummary {}

impl Action for GetAccountSummary {
    const API: Api = api("GetAccountSummary").needs("ram:GetAccountSummary");
    type Response = AccountSummary;
}

/// The counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccountSummary {
    summary_map: SummaryMap,
}

impl AccountSummary {
    /// RAM users in the account.
    pub fn users(&self) -> u64 {
        self.summary_map.users
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SummaryMap {
    #[serde(deserialize_with = "number")]
    users: u64,
}

/// The account's security report: the only documented count of root's access keys.
#[derive(Debug, Clone, Serialize)]
pub struct GetAccountSecurityPracticeReport {}

impl Action for GetAccountSecurityPracticeReport {
    const API: Api = api("GetAccountSecurityPracticeReport").needs("ram:GetAccountSecurityPracticeReport");
    type Response = SecurityPracticeReport;
}

/// The report.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityPracticeReport {
    account_security_practice_info: PracticeInfo,
}

impl SecurityPracticeReport {
    /// How many access keys root has. Whether disabled ones count is not documented.
    pub fn root_access_keys(&self) -> u64 {
        self.account_security_practice_info.account_security_practice_user_info.root_with_access_key
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PracticeInfo {
    account_security_practice_user_info: PracticeUserInfo,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PracticeUserInfo {
    #[serde(deserialize_with = "number")]
    root_with_access_key: u64,
}

/// Numbers come as numbers or as text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    use serde::de::Error as _;
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    match Either::deserialize(deserializer)? {
        Either::Number(number) => Ok(number),
        Either::Text(text) => text.trim().parse().map_err(D::Error::custom),
    }
}
