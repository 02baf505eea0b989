//! What the account says of itself: counts, its security report, its preferences.

use serde::{Deserialize, Serialize};

use super::{api, number, optional_number};
use crate::openapi::{Action, Api};

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

/// How users sign in and handle their keys.
#[derive(Debug, Clone, Serialize)]
pub struct GetSecurityPreference {}

impl Action for GetSecurityPreference {
    const API: Api = api("GetSecurityPreference").needs("ram:GetSecurityPreference");
    type Response = SecurityPreference;
}

/// The preferences. What the service leaves out is `None`: not said.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SecurityPreference {
    security_preference: Preferences,
}

impl SecurityPreference {
    /// After how many days without use the account disables a RAM user's key by itself (default 730).
    pub fn max_idle_days_for_access_keys(&self) -> Option<u64> {
        self.security_preference.max_idle_days.as_ref()?.max_idle_days_for_access_keys
    }

    /// Whether RAM users may make, disable and delete their own keys.
    pub fn users_manage_access_keys(&self) -> Option<bool> {
        self.security_preference.access_key_preference.as_ref()?.allow_user_to_manage_access_keys
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Preferences {
    access_key_preference: Option<AccessKeyPreference>,
    max_idle_days: Option<MaxIdleDays>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccessKeyPreference {
    allow_user_to_manage_access_keys: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MaxIdleDays {
    #[serde(default, deserialize_with = "optional_number")]
    max_idle_days_for_access_keys: Option<u64>,
}
