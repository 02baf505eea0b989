//! What a channel is. A new one is a file with this trait, a [`ChannelType`], and a line in [`open`].

use std::time::Duration;

use jiff::Timestamp;

use super::Message;
use super::dingtalk::DingTalk;
use super::webhook::Webhook;
use crate::config::{ChannelConfig, ChannelType, Endpoint};
use crate::openapi::{Reply, Request};

/// Makes a request of a message and reads the reply. Sending, and sending again, is the notifier's business.
pub(super) trait Channel: Send + Sync {
    /// The request that carries the message. Made anew for each attempt, since signatures are dated.
    fn request(&self, message: &Message, now: Timestamp) -> Request;

    /// Whether the reply says that the message was taken.
    fn verdict(&self, reply: &Reply) -> Result<(), Refusal>;
}

/// A reply that is not what was hoped for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What it says.
    pub(super) why: String,
    /// Whether the same request may be taken later.
    pub(super) again: bool,
    /// How long the receiver wants to be left alone.
    pub(super) wait: Option<Duration>,
}

/// The channel that a configuration describes.
pub(super) fn open(config: &ChannelConfig, endpoint: Endpoint) -> Box<dyn Channel> {
    match config.kind {
        ChannelType::Webhook => Box::new(Webhook::new(endpoint)),
        ChannelType::DingTalk => Box::new(DingTalk::new(endpoint, config.at_all)),
    }
}

/// What an HTTP status says: 2xx is taken; 429 and 5xx may be taken later; nothing else changes by repeating.
pub(super) fn http_verdict(reply: &Reply) -> Result<(), Refusal> {
    if reply.is_success() {
        return Ok(());
    }
    // The other form of the header, a date, is left to our own pauses.
    let wait = reply.header("retry-after").and_then(|value| value.trim().parse().ok());
    Err(Refusal {
        why: format!("HTTP {}", reply.status),
        again: reply.status == 429 || reply.status >= 500,
        wait: wait.map(Duration::from_secs),
    })
}
