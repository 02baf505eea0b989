//! Identity Management Service, IMS 2019-08-15: users are named by UserPrincipalName. Every API needs the RAM
//! action of its own name.

mod access_keys;
mod credential_report;
mod key_policies;
mod security;
mod users;

use crate::account::AccessKey;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::network_policy;
use crate::product::{self, Answer, Api, Asked, Product, named_host};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

pub(super) use users::any as any_user;

/// An old key, and a key that is not used, in GetAccountSecurityPracticeReport.
const OLD: SignedDuration = SignedDuration::from_hours(90 * 24);
const UNUSED: SignedDuration = SignedDuration::from_hours(365 * 24);

pub(crate) static PRODUCT: Product = Product {
    name: "ims",
    service: "Ims",
    version: "2019-08-15",
    serves: |host| named_host(&["ims"], host),
    identify: product::identify,
    translate: |error| error,
    refuse: product::refuse,
    request_id_header: "x-acs-request-id",
    key_policies: true,
    global: true,
    management: true,
    apis: &[
        Api::read("ListUsers", users::list)
            .optional(&["Marker", "MaxItems", "Status", "Tag"])
            .needs("ram:ListUsers", users::any),
        Api::read("ListUserBasicInfos", users::list_basic_infos)
            .optional(&["Marker", "MaxItems", "Status", "Tag"])
            .needs("ram:ListUserBasicInfos", users::any),
        Api::read("GetUser", users::get)
            .optional(&["UserPrincipalName", "UserId", "UserAccessKeyId"])
            .needs("ram:GetUser", access_keys::named_user),
        Api::write("CreateUser", users::create)
            .required(&["UserPrincipalName", "DisplayName"])
            .optional(&["Comments", "Email", "MobilePhone", "Tag"])
            .needs("ram:CreateUser", users::any),
        Api::write("DeleteUser", users::delete)
            .optional(&["UserPrincipalName", "UserId"])
            .needs("ram:DeleteUser", users::either),
        Api::read("GetLoginProfile", security::login_profile)
            .required(&["UserPrincipalName"])
            .needs("ram:GetLoginProfile", access_keys::named_user),
        Api::read("ListAccessKeys", access_keys::list)
            .optional(&["UserPrincipalName"])
            .needs("ram:ListAccessKeys", access_keys::named_user),
        Api::read("GetAccessKeyLastUsed", access_keys::last_used)
            .required(&["UserAccessKeyId"])
            .optional(&["UserPrincipalName"])
            .needs("ram:GetAccessKeyLastUsed", access_keys::named_user),
        Api::write("CreateAccessKey", access_keys::create)
            .optional(&["UserPrincipalName"])
            .needs("ram:CreateAccessKey", access_keys::named_user),
        Api::write("UpdateAccessKey", access_keys::update)
            .required(&["UserAccessKeyId", "Status"])
            .optional(&["UserPrincipalName"])
            .needs("ram:UpdateAccessKey", access_keys::named_user),
        Api::write("DeleteAccessKey", access_keys::delete)
            .required(&["UserAccessKeyId"])
            .optional(&["UserPrincipalName"])
            .needs("ram:DeleteAccessKey", access_keys::named_user),
        Api::read("GetAccessKeyPolicy", key_policies::get)
            .required(&["UserAccessKeyId"])
            .optional(&["UserPrincipalName"])
            .needs("ram:GetAccessKeyPolicy", access_keys::named_user),
        Api::write("SetAccessKeyPolicy", key_policies::set)
            .required(&["UserAccessKeyId", "AccessKeyPolicy"])
            .optional(&["UserPrincipalName"])
            .needs("ram:SetAccessKeyPolicy", access_keys::named_user),
        Api::read("GetAccessKeyPolicyForAccount", key_policies::get_for_account)
            .needs("ram:GetAccessKeyPolicyForAccount", whole_account),
        Api::write("SetAccessKeyPolicyForAccount", key_policies::set_for_account)
            .required(&["AccessKeyPolicy"])
            .needs("ram:SetAccessKeyPolicyForAccount", whole_account),
        Api::read("GetAccountSummary", account_summary).needs("ram:GetAccountSummary", whole_account),
        Api::read("GetAccountSecurityPracticeReport", security_practice_report)
            .needs("ram:GetAccountSecurityPracticeReport", whole_account),
        Api::read("GetSecurityPreference", security::preference)
            .needs("ram:GetSecurityPreference", whole_account),
        Api::write("GenerateCredentialReport", credential_report::generate)
            .needs("ram:GenerateCredentialReport", whole_account),
        Api::read("GetCredentialReport", credential_report::get)
            .optional(&["MaxItems", "NextToken"])
            .needs("ram:GetCredentialReport", whole_account),
        Api::read("GetAccountMFAInfo", account_mfa).needs("ram:GetAccountMFAInfo", whole_account),
    ],
};

fn whole_account(cloud: &Cloud, _: &Asked) -> String {
    format!("acs:ram::{}:*", cloud.account.account_id)
}

/// UpdateDate of a key: that of its creation where it was never changed.
pub(super) fn date_or_created(key: &AccessKey) -> &str {
    key.updated.as_ref().unwrap_or(&key.created)
}

fn account_summary(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    let account = &cloud.account;
    let devices = account.users.iter().filter(|user| user.mfa).count();
    // There is no number of root keys among these, only their quota.
    let summary = json!({
        "Users": account.users.len(),
        "UsersQuota": 1000,
        "Groups": 0,
        "GroupsQuota": 50,
        "GroupsPerUserQuota": 5,
        "Roles": account.roles.len(),
        "RolesQuota": 100,
        "Policies": account.policies.iter().filter(|p| p.kind == crate::account::PolicyKind::Custom).count(),
        "PoliciesQuota": 1500,
        "PolicySizeQuota": 6144,
        "VersionsPerPolicyQuota": 5,
        "AttachedPoliciesPerUserQuota": 20,
        "AttachedPoliciesPerRoleQuota": 20,
        "AccessKeysPerUserQuota": access_keys::PER_HOLDER,
        "AccountAccessKeysPerAccountQuota": access_keys::PER_HOLDER,
        "ConditionsPerAKPolicyQuota": network_policy::STATEMENTS,
        "IPItemsPerAKPolicyQuota": network_policy::ADDRESSES,
        "MFADevices": devices,
        "MFADevicesInUse": devices,
    });
    Ok(json!({"SummaryMap": summary}).into())
}

fn security_practice_report(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    let account = &cloud.account;
    let now = cloud.now();
    let age = |date: &str| date.parse::<Timestamp>().map_or(SignedDuration::ZERO, |at| at.duration_until(now));
    let active = |key: &&AccessKey| key.status == crate::account::KeyStatus::Active;
    let old = |key: &AccessKey| active(&key) && age(&key.created) > OLD;
    let last = |key: &AccessKey| cloud.last_use(key).map_or_else(|| key.created.clone(), |(date, _)| date);
    let unused = |key: &AccessKey| active(&key) && age(&last(key)) > UNUSED;
    let keys = || account.users.iter().flat_map(|user| &user.keys);
    let users_with = |test: &dyn Fn(&AccessKey) -> bool| {
        account.users.iter().filter(|user| user.keys.iter().any(test)).count()
    };
    let root_keys = account.root.keys.iter();
    let root_keys = root_keys.filter(|key| cloud.settings.count_inactive_root_keys || active(key)).count();
    let (old_keys, unused_keys) = (keys().filter(|k| old(k)).count(), keys().filter(|k| unused(k)).count());
    // How the score comes about is not published: 100, less for each weakness.
    let weaknesses = 3 * root_keys + usize::from(!account.root.mfa) * 2 + old_keys + unused_keys;
    Ok(json!({"AccountSecurityPracticeInfo": {
        "Score": 100_usize.saturating_sub(5 * weaknesses),
        "AccountSecurityPracticeUserInfo": {
            "BindMfa": account.root.mfa,
            "RootWithAccessKey": root_keys,
            "SubUser": account.users.len(),
            "SubUserBindMfa": account.users.iter().filter(|user| user.mfa).count(),
            "SubUserPwdLevel": "mid",
            "SubUserWithOldAccessKey": users_with(&old),
            "SubUserWithUnusedAccessKey": users_with(&unused),
            "OldAkNum": old_keys,
            "UnusedAkNum": unused_keys,
        },
    }})
    .into())
}

fn account_mfa(cloud: &mut Cloud, _: &Asked) -> Result<Answer, ApiError> {
    Ok(json!({"IsMFAEnable": cloud.account.root.mfa}).into())
}
