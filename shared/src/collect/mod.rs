//! Collectors: they call the cloud, fill the snapshot, and say what could not be read. They judge nothing.

mod credential_report;
mod functions;
mod identities;
mod key_use;
mod log_projects;
mod own_keys;
mod roles;
mod storage;
#[cfg(test)]
mod stub;
mod texts;

pub use functions::FUNCTIONS_NEED;
pub use identities::{IDENTITIES_NEED, identities};
pub use key_use::{KEY_USE_NEEDS, key_use, last_seen};
pub use log_projects::LOG_PROJECTS_NEED;
pub use own_keys::OWN_KEYS_NEED;
pub use roles::ROLES_NEED;
pub use storage::STORAGE_NEEDS;
pub use texts::TEXTS_NEED;

use futures_util::stream::TryStreamExt;

use crate::openapi::{Error, Paged, Session};
use crate::snapshot::{Listed, Unread};

/// Calls under way at the same time. The rate windows bound the rest.
const AT_ONCE: usize = 128;

/// The words of a failed call, for the record.
pub fn unread(error: &Error) -> Unread {
    Unread {
        action: error.action().to_owned(),
        region: error.place().to_owned(),
        code: error.code().to_owned(),
        message: error.message().to_owned(),
    }
}

/// The words of a call that failed in the session's region. Some products have one host for all regions: the error does not know which was asked.
pub(crate) fn unread_in(session: &Session, error: &Error) -> Unread {
    Unread { region: session.region().to_owned(), ..unread(error) }
}

/// All rows of a listing in the session's region. Pages that were read before one could not be are kept.
pub(crate) async fn listed<P: Paged>(session: &Session, first: P) -> Listed<P::Item> {
    let mut list = Listed::default();
    let mut pages = std::pin::pin!(session.pages(first));
    loop {
        match pages.try_next().await {
            Ok(Some(page)) => list.rows.extend(page),
            Ok(None) => return list,
            Err(error) => {
                list.unread.push(unread_in(session, &error));
                return list;
            }
        }
    }
}

/// The same for what has no region.
pub(crate) async fn listed_everywhere<P: Paged>(session: &Session, first: P) -> Listed<P::Item> {
    listed(&session.in_region(""), first).await
}

/// A listing in a region that the product's own map of hosts does not name: no host there means no product, and so nothing to list.
/// Elsewhere it stays unread.
pub(crate) fn offered_in<T>(regions: &[&str], session: &Session, mut list: Listed<T>) -> Listed<T> {
    if !regions.contains(&session.region()) {
        list.unread.retain(|why| why.code != "Connect");
    }
    list
}
