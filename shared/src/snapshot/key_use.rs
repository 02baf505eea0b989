//! What a key was used for, as far as it could be read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Unread;

/// Where a key is used: services, events, addresses (ActionTrail, GetAccessKeyLastUsed*: refreshed hourly, 400 days).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// When it was last used; `None` if never, or not known yet.
    pub last: Option<Timestamp>,
    /// The services, with the events and addresses seen in each.
    pub services: Vec<ServiceUse>,
    /// What could not be read, and why.
    pub unread: Vec<Unread>,
    /// Whether it was asked at all.
    pub asked: bool,
}

/// Use of a key in one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUse {
    /// The service.
    pub service: String,
    /// What was called.
    pub events: Vec<String>,
    /// From where.
    pub addresses: Vec<String>,
}
