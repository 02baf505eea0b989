//! RAM users.

use serde::{Deserialize, Serialize};

use super::{WRITES, api};
use crate::openapi::{Action, Api, Cursor, Empty, Paged};

/// All RAM users of the account, in pages.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsers {
    /// `active,freeze`: frozen users hold keys, too, and the service leaves them out unless asked for both.
    pub status: &'static str,
    /// Rows in a page, 1 to 1000; the service's default is 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
    /// Where the page starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
}

impl Default for ListUsers {
    fn default() -> Self {
        Self { status: "active,freeze", max_items: None, marker: None }
    }
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
    /// The id that stays when the user is renamed.
    #[serde(default)]
    pub user_id: Option<String>,
    /// `active` or `freeze`.
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    tags: Option<Tags>,
}

impl User {
    /// The user's tags, key and value.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.iter().flat_map(|tags| &tags.tag).map(|tag| (tag.tag_key.as_str(), tag.tag_value.as_str()))
    }

    /// The name without its domain.
    pub fn name(&self) -> &str {
        self.user_principal_name.split('@').next().unwrap_or_default()
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tags {
    #[serde(default)]
    tag: Vec<Tag>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    tag_key: String,
    #[serde(default)]
    tag_value: String,
}

/// Whether and how a user signs in to the console. One who does not has no profile:
/// `EntityNotExist.User.LoginProfile`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetLoginProfile<'a> {
    /// The user.
    pub user_principal_name: &'a str,
}

impl Action for GetLoginProfile<'_> {
    const API: Api = api("GetLoginProfile").needs("ram:GetLoginProfile");
    type Response = LoginProfile;
}

/// The profile.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoginProfile {
    login_profile: Profile,
}

impl LoginProfile {
    /// Whether the user may sign in now. What the service leaves out is taken for yes.
    pub fn is_active(&self) -> bool {
        self.login_profile.status.as_deref() != Some("Inactive")
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Profile {
    status: Option<String>,
}

/// Makes a RAM user.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateUser<'a> {
    /// The name with its domain.
    pub user_principal_name: &'a str,
    /// What people see.
    pub display_name: &'a str,
    /// What it is for.
    pub comments: &'a str,
    /// Its tags.
    pub tag: Vec<NewTag<'a>>,
}

/// A tag of a new user.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NewTag<'a> {
    /// The key.
    pub key: &'a str,
    /// The value.
    pub value: &'a str,
}

impl Action for CreateUser<'_> {
    const API: Api = api("CreateUser").limit(WRITES).writes_once().needs("ram:CreateUser");
    type Response = Empty;
}

/// Deletes a RAM user, who must hold no key any more.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteUser<'a> {
    /// The user.
    pub user_principal_name: &'a str,
}

impl Action for DeleteUser<'_> {
    const API: Api = api("DeleteUser").limit(WRITES).writes_once().needs("ram:DeleteUser");
    type Response = Empty;
}
