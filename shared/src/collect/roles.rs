//! RAM roles and whom they trust.

use futures_util::stream::{self, StreamExt};

use super::{AT_ONCE, unread};
use crate::cloud::ram::{GetRole, ListRoles};
use crate::openapi::{Action, Api, Kind, Session};
use crate::snapshot::{Listed, Read, Role};

/// What `roles` calls: for the generated permissions.
pub const ROLES_NEED: &[Api] = &[<ListRoles as Action>::API, <GetRole<'_> as Action>::API];

/// Reads the account's roles.
pub(super) async fn roles(session: &Session) -> Listed<Role> {
    let Listed { rows, unread } = super::listed_everywhere(session, ListRoles::default()).await;
    let roles = stream::iter(rows).map(|row| role(session, row.role_name)).buffer_unordered(AT_ONCE);
    let mut rows: Vec<Role> = roles.filter_map(std::future::ready).collect().await;
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Listed { rows, unread }
}

/// One role; `None` if it was deleted meanwhile.
async fn role(session: &Session, name: String) -> Option<Role> {
    let trust = match session.call(&GetRole { role_name: &name }).await {
        Ok(role) => Read::Read(role.trust().to_owned()),
        Err(error) if error.kind() == Kind::NotFound && error.code().contains("Role") => return None,
        Err(error) => Read::Unread(unread(&error)),
    };
    Some(Role { name, trust })
}
