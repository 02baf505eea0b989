//! What the account's people may do themselves, and how long they may be idle.

use serde::{Deserialize, Serialize};

/// The security preferences of RAM users, with the documented defaults (IMS, SetSecurityPreference).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Security {
    pub(crate) max_idle_days_for_users: u32,
    pub(crate) max_idle_days_for_access_keys: u32,
    pub(crate) allow_user_to_manage_access_keys: bool,
    pub(crate) allow_user_to_manage_service_credentials: bool,
    pub(crate) allow_user_to_manage_mfa_devices: bool,
    pub(crate) allow_user_to_manage_personal_ding_talk: bool,
    pub(crate) allow_user_to_change_password: bool,
    pub(crate) allow_user_to_login_with_passkey: bool,
    pub(crate) enable_save_mfa_ticket: bool,
    /// Separated by semicolons; empty: from anywhere.
    pub(crate) login_network_masks: String,
    /// Hours.
    pub(crate) login_session_duration: u32,
    pub(crate) mfa_operation_for_login: String,
    pub(crate) operation_for_risk_login: String,
    pub(crate) verification_types: Vec<String>,
}

impl Default for Security {
    fn default() -> Self {
        Self {
            max_idle_days_for_users: 730,
            max_idle_days_for_access_keys: 730,
            allow_user_to_manage_access_keys: false,
            allow_user_to_manage_service_credentials: false,
            allow_user_to_manage_mfa_devices: true,
            allow_user_to_manage_personal_ding_talk: true,
            allow_user_to_change_password: true,
            allow_user_to_login_with_passkey: true,
            enable_save_mfa_ticket: false,
            login_network_masks: String::new(),
            login_session_duration: 6,
            mfa_operation_for_login: "independent".into(),
            operation_for_risk_login: "autonomous".into(),
            verification_types: Vec::new(),
        }
    }
}

/// The last credential report. In an account file: one that was generated before the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CredentialReport {
    pub(crate) generated: String,
    /// The CSV as it was then; left out of a file, it is made of the account in that file.
    #[serde(default)]
    pub(crate) content: String,
}
