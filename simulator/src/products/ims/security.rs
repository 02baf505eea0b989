//! Who signs in to the console, and the security preferences of RAM users.

use super::access_keys;
use crate::account::KeyHolder;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::{Answer, Asked};
use serde_json::json;

/// Access to the console. A user without has no such profile.
pub(super) fn login_profile(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let given = asked.required("UserPrincipalName");
    let user = match access_keys::holder(cloud, asked)? {
        KeyHolder::User(name) => cloud.account.user(&name),
        KeyHolder::Root => None,
    };
    let user = user
        .filter(|user| user.console)
        .ok_or_else(|| ApiError::not_exist("User.LoginProfile", given))?;
    Ok(json!({"LoginProfile": {
        "UserPrincipalName": given,
        "Status": "Active",
        "MFABindRequired": user.mfa,
        "PasswordResetRequired": false,
        "PasswordStatus": "NotInitial",
        "LastLoginTime": user.last_sign_in,
        "UpdateDate": user.created,
        // It cannot be switched off, the document says; it does not give the word.
        "AutoDisableLoginStatus": "Active",
    }})
    .into())
}

pub(super) fn preference(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    let security = &cloud.account.security;
    Ok(json!({"SecurityPreference": {
        "AccessKeyPreference": {
            "AllowUserToManageAccessKeys": security.allow_user_to_manage_access_keys,
            "AllowUserToManageServiceCredentials": security.allow_user_to_manage_service_credentials,
        },
        "LoginProfilePreference": {
            "AllowUserToChangePassword": security.allow_user_to_change_password,
            "AllowUserToLoginWithPasskey": security.allow_user_to_login_with_passkey,
            "EnableSaveMFATicket": security.enable_save_mfa_ticket,
            "LoginNetworkMasks": security.login_network_masks,
            "LoginSessionDuration": security.login_session_duration,
            "MFAOperationForLogin": security.mfa_operation_for_login,
            "OperationForRiskLogin": security.operation_for_risk_login,
        },
        "MFAPreference": {"AllowUserToManageMFADevices": security.allow_user_to_manage_mfa_devices},
        "MaxIdleDays": {
            "MaxIdleDaysForAccessKeys": security.max_idle_days_for_access_keys,
            "MaxIdleDaysForUsers": security.max_idle_days_for_users,
        },
        "PersonalInfoPreference": {
            "AllowUserToManagePersonalDingTalk": security.allow_user_to_manage_personal_ding_talk,
        },
        "VerificationPreference": {"VerificationTypes": security.verification_types},
    }})
    .into())
}
