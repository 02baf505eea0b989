//! Telling people: messages, channels, routing.
//!
//! A [`Message`] is plain text in parts, and each channel makes of it what its receiver reads. A message goes
//! at once to all channels that its severity is high enough for; what none of them took goes to the fallback
//! channel. A channel is one file: it makes a request of a message, and reads the reply.

/// Picks the language; the texts of both stand side by side so that neither is forgotten.
#[macro_export]
macro_rules! tr {
    ($language:expr, $en:literal, $zh:literal $(,)?) => {
        match $language {
            $crate::config::Language::En => format!($en),
            $crate::config::Language::Zh => format!($zh),
        }
    };
}

mod channel;
mod dingtalk;
mod key_use;
mod message;
mod notifier;
mod render;
#[cfg(test)]
mod tests;
mod webhook;

pub use key_use::{key_use_lines, service_lines};
pub use message::{Deliveries, Failed, Kind, Message, Section, test_message, undo_command, unusable_message};
pub use notifier::Notifier;
pub use render::{markdown, plain_text};
