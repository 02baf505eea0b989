//! Identity Management Service, 2019-08-15: users, their keys, and where keys may be used from.
//!
//! In every call here a missing `UserPrincipalName` means the caller's own keys. For a role that is documented
//! nowhere; only root's own credentials are known to reach a root key that way.

mod access_keys;
mod credential_report;
mod key_policies;
mod security;
mod users;

use serde::{Deserialize, Deserializer};

pub use access_keys::{
    AccessKey, AccessKeyList, CreateAccessKey, CreatedKey, DeleteAccessKey, GetAccessKeyLastUsed, KeyStatus,
    LastUsed, ListAccessKeys, UpdateAccessKey,
};
pub use credential_report::{CredentialReportPage, GenerateCredentialReport, GetCredentialReport};
pub use key_policies::{
    GetAccessKeyPolicy, GetAccessKeyPolicyForAccount, PolicyAnswer, SetAccessKeyPolicy,
    SetAccessKeyPolicyForAccount,
};
pub use security::{
    AccountSummary, GetAccountSecurityPracticeReport, GetAccountSummary, GetSecurityPreference,
    SecurityPracticeReport, SecurityPreference,
};
pub use users::{CreateUser, DeleteUser, GetLoginProfile, ListUsers, LoginProfile, NewTag, User, UserPage};

use crate::openapi::{Api, Host, Rate};

const HOST: Host = Host::Central("ims.aliyuncs.com");
/// Quota page of IMS 2019-08-15: Get and List 450 a second, writes 150.
const READS: Rate = Rate::per_second(450);
const WRITES: Rate = Rate::per_second(150);

const fn api(name: &'static str) -> Api {
    Api::rpc("ims", "2019-08-15", name, HOST).limit(READS)
}

/// Numbers come as numbers or as text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    use serde::de::Error as _;
    optional_number(deserializer)?.ok_or_else(|| D::Error::custom("a number is missing"))
}

/// The same, where there may be none.
fn optional_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    use serde::de::Error as _;
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    match Option::<Either>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Either::Number(number)) => Ok(Some(number)),
        Some(Either::Text(text)) => text.trim().parse().map(Some).map_err(D::Error::custom),
    }
}
