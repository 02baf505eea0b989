//! Collectors: they call the cloud, fill the snapshot, and say what could not be read. They judge nothing.

mod credential_report;
mod identities;
mod key_use;

pub use identities::{IDENTITIES_NEED, identities};
pub use key_use::{KEY_USE_NEEDS, key_use, last_seen};

use crate::openapi::Error;
use crate::snapshot::Unread;

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
