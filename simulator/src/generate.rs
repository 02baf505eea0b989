//! Accounts made at random, with the truth about them.

mod databases;
mod policy;
mod random;
mod storage;
mod stored;

pub use stored::{Stored, stored};

/// A finding that must be made: check id, resource ARN, severity.
pub type Fail = (&'static str, String, &'static str);
