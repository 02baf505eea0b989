//! Collectors: they call the cloud, fill the snapshot, and say what could not be read. They judge nothing.

mod access_groups;
mod apis;
mod balancers;
mod clusters;
mod credential_report;
mod databases;
mod exposure;
mod functions;
mod identities;
mod key_use;
mod log_projects;
mod network;
mod own_keys;
#[cfg(test)]
mod played;
mod progress;
mod regions;
mod repositories;
mod roles;
mod storage;
#[cfg(test)]
mod stub;
mod texts;

pub use access_groups::ACCESS_GROUPS_NEED;
pub use apis::APIS_NEED;
pub use clusters::CLUSTERS_NEED;
pub use databases::DATABASES_NEED;
pub use exposure::{EXPOSURE_NEEDS, Extent, exposure};
pub use functions::FUNCTIONS_NEED;
pub use identities::{IDENTITIES_NEED, identities};
pub use key_use::{KEY_USE_NEEDS, key_use, last_seen};
pub use log_projects::LOG_PROJECTS_NEED;
pub use own_keys::OWN_KEYS_NEED;
pub use progress::{Part, Progress};
pub use repositories::REPOSITORIES_NEED;
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

/// Whether a call failed because the product is not in its region: its host has no address, and the product's own endpoint map
/// (`regions`) does not have the region.
pub(crate) fn not_offered(why: &Unread, regions: &[&str]) -> bool {
    why.code == "Connect" && !regions.contains(&why.region.as_str())
}

/// A listing without what was not read only because the product is not in its region: nothing is there to list.
pub(crate) fn offered_in<T>(regions: &[&str], mut list: Listed<T>) -> Listed<T> {
    list.unread.retain(|why| !not_offered(why, regions));
    list
}
