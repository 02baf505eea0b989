//! Resource Access Management, 2015-05-01: policies, and who holds them.

use serde::{Deserialize, Serialize};

use crate::openapi::{Action, Api, Cursor, Host, Paged, Rate};

const fn api(name: &'static str) -> Api {
    // Quota page of RAM 2015-05-01: List and Get 100 a second.
    Api::rpc("ram", "2015-05-01", name, Host::Central("ram.aliyuncs.com")).limit(Rate::per_second(100))
}

/// The users, groups and roles that a policy is attached to. Not paged.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListEntitiesForPolicy {
    /// `System` or `Custom`.
    pub policy_type: &'static str,
    /// The policy.
    pub policy_name: String,
}

impl ListEntitiesForPolicy {
    /// Of a policy that the provider made.
    pub fn system(name: &str) -> Self {
        Self { policy_type: "System", policy_name: name.to_owned() }
    }
}

impl Action for ListEntitiesForPolicy {
    const API: Api = api("ListEntitiesForPolicy").needs("ram:ListEntitiesForPolicy");
    type Response = PolicyEntities;
}

/// Those entities. Users and groups must be told of: an answer without them is none.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyEntities {
    users: Users,
    groups: Groups,
}

impl PolicyEntities {
    /// Names of the users.
    pub fn users(&self) -> impl Iterator<Item = &str> {
        self.users.user.iter().map(|user| user.user_name.as_str())
    }

    /// Names of the groups.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.group.iter().map(|group| group.group_name.as_str())
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Users {
    user: Vec<UserName>,
}

/// A user, by name.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserName {
    /// The name, without a domain.
    pub user_name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Groups {
    group: Vec<GroupName>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupName {
    group_name: String,
}

/// The users of a group, in pages.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsersForGroup {
    /// The group.
    pub group_name: String,
    /// Where the page starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
}

impl ListUsersForGroup {
    /// Of this group.
    pub fn of(group: &str) -> Self {
        Self { group_name: group.to_owned(), marker: None }
    }
}

impl Action for ListUsersForGroup {
    const API: Api = api("ListUsersForGroup").needs("ram:ListUsersForGroup");
    type Response = GroupPage;
}

/// One page of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GroupPage {
    #[serde(default)]
    is_truncated: bool,
    marker: Option<String>,
    users: Users,
}

impl Paged for ListUsersForGroup {
    type Item = UserName;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Marker(marker) = cursor {
            self.marker = Some(marker);
        }
    }

    fn take(&self, page: GroupPage, _: u64) -> (Vec<UserName>, Option<Cursor>) {
        (page.users.user, Cursor::marker(page.is_truncated, page.marker))
    }
}

/// The account's roles, in pages. Whom they trust is not in the listing (official SDK, `ListRolesResponseBody`): see [`GetRole`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListRoles {
    max_items: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Default for ListRoles {
    fn default() -> Self {
        Self { max_items: 1000, marker: None }
    }
}

impl Action for ListRoles {
    const API: Api = api("ListRoles").needs("ram:ListRoles");
    type Response = RolePage;
}

/// One page of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RolePage {
    #[serde(default)]
    is_truncated: bool,
    marker: Option<String>,
    roles: Roles,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Roles {
    role: Vec<RoleName>,
}

/// A role, by name.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RoleName {
    /// The name.
    pub role_name: String,
}

impl Paged for ListRoles {
    type Item = RoleName;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Marker(marker) = cursor {
            self.marker = Some(marker);
        }
    }

    fn take(&self, page: RolePage, _: u64) -> (Vec<RoleName>, Option<Cursor>) {
        (page.roles.role, Cursor::marker(page.is_truncated, page.marker))
    }
}

/// One role.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetRole<'a> {
    /// Its name.
    pub role_name: &'a str,
}

impl Action for GetRole<'_> {
    const API: Api = api("GetRole").needs("ram:GetRole");
    type Response = RoleDetail;
}

/// It.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RoleDetail {
    role: Trusting,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Trusting {
    assume_role_policy_document: String,
}

impl RoleDetail {
    /// The trust policy, as it was written.
    pub fn trust(&self) -> &str {
        &self.role.assume_role_policy_document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_listed_and_then_asked_whom_they_trust() {
        let page =
            br#"{"IsTruncated":true,"Marker":"m","Roles":{"Role":[{"RoleName":"a","Arn":"acs:ram::1:role/a"}]}}"#;
        let (rows, next) = ListRoles::default().take(ListRoles::parse(page).unwrap(), 0);
        assert_eq!((rows[0].role_name.as_str(), next), ("a", Some(Cursor::Marker("m".to_owned()))));
        assert!(ListRoles::parse(br#"{"IsTruncated":false}"#).is_err());
        let role = GetRole::parse(br#"{"Role":{"RoleName":"a","AssumeRolePolicyDocument":"{}"}}"#).unwrap();
        assert_eq!(role.trust(), "{}");
        assert!(GetRole::parse(br#"{"Role":{"RoleName":"a"}}"#).is_err());
    }
}
