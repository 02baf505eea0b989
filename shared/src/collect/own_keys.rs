//! The ids of the account's own access keys: to tell whether a key that lies about is one of them.

use futures_util::stream::{self, StreamExt};

use super::{AT_ONCE, listed_everywhere, unread};
use crate::cloud::ims::{ListAccessKeys, ListUsers};
use crate::openapi::{Action, Api, Kind, Session};
use crate::snapshot::Listed;

/// What `own_key_ids` calls: for the generated permissions.
pub const OWN_KEYS_NEED: &[Api] = &[<ListUsers as Action>::API, <ListAccessKeys<'_> as Action>::API];

/// Reads the key ids of all RAM users. Root's cannot be listed.
pub(super) async fn own_key_ids(session: &Session) -> Listed<String> {
    let Listed { rows, unread: missing } = listed_everywhere(session, ListUsers::default()).await;
    let keys =
        stream::iter(rows).map(|user| keys(session, user.user_principal_name)).buffer_unordered(AT_ONCE);
    let mut ids: Listed<String> = keys.collect::<Vec<_>>().await.into_iter().collect();
    ids.unread.extend(missing);
    ids.rows.sort();
    ids.unread.sort();
    ids
}

async fn keys(session: &Session, user: String) -> Listed<String> {
    match session.call(&ListAccessKeys { user_principal_name: Some(&user) }).await {
        Ok(list) => Listed::whole(list.keys().iter().map(|key| key.access_key_id.clone()).collect()),
        // Deleted meanwhile.
        Err(error) if error.kind() == Kind::NotFound && error.code().contains("User") => Listed::default(),
        Err(error) => Listed::unread(unread(&error)),
    }
}
