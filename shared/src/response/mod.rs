//! Record, act, read back, undo: the only room that changes a cloud account.
//!
//! A **case** is one thing responded to. It is a numbered series of entries in the store, each created if
//! absent, so it is its own history. A **change** is reversible and knows what was there before; it is stored as
//! intended, with its undo record, before it is made, and is claimed only after it has been read back.

mod case;
mod change;
mod event_rule;
mod inventory;
mod quarantine;
pub mod rotation;
mod undo;

pub use case::{Case, CaseError, Cases, Entry, Hold, Running, What};
pub use change::{Applied, Change, Reverted, Standing};
pub use event_rule::{Wiring, find_rule};
pub use inventory::{HeldKey, Inventory};
pub use quarantine::{Closing, Quarantine, Refused, standing_changes};
pub use undo::{Undone, undo};

use std::time::Duration;

use crate::openapi::Api;

/// How patient a response is. All of it is real time.
#[derive(Debug, Clone)]
pub struct Pace {
    /// A run that has written nothing for this long is taken for dead, and another may go on with its case.
    pub lease: Duration,
    /// How often to look whether a case has become free.
    pub poll: Duration,
    /// How long a change may take until it can be read back. Reads after writes are eventually consistent
    /// (3 to 5 seconds in the provider's own tools).
    pub settle: Duration,
    /// The first pause between two such reads; it doubles, up to two seconds.
    pub settle_step: Duration,
    /// Calls under way at the same time. The rate windows bound the rest.
    pub concurrency: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(12),
            poll: Duration::from_millis(300),
            settle: Duration::from_secs(20),
            settle_step: Duration::from_millis(250),
            concurrency: 128,
        }
    }
}

/// What a quarantine and its undoing call: for the generated permissions.
pub const QUARANTINE_NEEDS: &[Api] = &[
    <crate::cloud::ims::ListUsers as crate::openapi::Action>::API,
    <crate::cloud::ims::ListAccessKeys as crate::openapi::Action>::API,
    <crate::cloud::ims::GetAccountSummary as crate::openapi::Action>::API,
    <crate::cloud::ims::GetAccessKeyPolicyForAccount as crate::openapi::Action>::API,
    <crate::cloud::ims::SetAccessKeyPolicyForAccount as crate::openapi::Action>::API,
    <crate::cloud::ims::GetAccessKeyPolicy as crate::openapi::Action>::API,
    <crate::cloud::ims::SetAccessKeyPolicy as crate::openapi::Action>::API,
];
