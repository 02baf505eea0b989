//! What people are told, and what became of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::{Language, Severity};

/// What people are told. All texts are plain text, also those that came from an event: a channel escapes what
/// its receiver would take for markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The same for each repetition of the same message: receivers recognise repetitions by it.
    pub id: String,
    /// What kind of message it is.
    pub kind: Kind,
    /// How bad it is; decides who gets it.
    pub severity: Severity,
    /// The function that speaks.
    pub function: String,
    /// The account it is about.
    pub account_id: Option<String>,
    /// What happened, in one line.
    pub title: String,
    /// What happened, in a few sentences.
    pub summary: String,
    /// Names and values, in this order.
    pub facts: Vec<(String, String)>,
    /// What there is to say beyond that, in this order.
    pub sections: Vec<Section>,
    /// When it was written.
    pub sent_at: Timestamp,
    /// The language it is written in.
    pub language: Language,
}

/// A heading with lines under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// The lines.
    pub lines: Vec<String>,
}

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something happened.
    Alert,
    /// What became of something that people know of.
    Update,
    /// Something to know or to do in time.
    Notice,
    /// Nothing happened: somebody tries whether messages arrive.
    Test,
}

/// What became of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Deliveries {
    /// The channels that took it.
    pub delivered: Vec<String>,
    /// The channels that did not.
    pub failed: Vec<Failed>,
    /// The channels that it was not for: its severity is below theirs, or the fallback was not needed.
    pub skipped: Vec<String>,
    /// The fallback channel, if the message was sent there because no other took it.
    pub fallback: Option<String>,
}

/// A channel that did not take a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// The channel.
    pub channel: String,
    /// Why, without any secret.
    pub why: String,
}

impl Deliveries {
    /// Whether nobody is owed it any more: somebody got it, or no channel was meant to.
    pub fn is_settled(&self) -> bool {
        self.reached_someone() || self.failed.is_empty()
    }

    /// Whether anybody got it.
    pub fn reached_someone(&self) -> bool {
        !self.delivered.is_empty()
    }
}

/// The message of `harden notify test`. [`Notifier::send_to_all`](super::Notifier::send_to_all) takes it to
/// every channel.
pub fn test_message(id: impl Into<String>, sent_at: Timestamp, language: Language) -> Message {
    let (title, summary) = match language {
        Language::En => (
            "Test message",
            "If you can read this, alerts will reach this place. Nothing happened; there is nothing to do.",
        ),
        Language::Zh => {
            ("测试消息", "如果您看到这条消息，说明告警可以送达此处。没有发生任何事件，无需处理。")
        }
    };
    Message {
        id: id.into(),
        kind: Kind::Test,
        severity: Severity::Info,
        function: "harden".to_owned(),
        account_id: None,
        title: title.to_owned(),
        summary: summary.to_owned(),
        facts: Vec::new(),
        sections: Vec::new(),
        sent_at,
        language,
    }
}

/// What people are told when a setting keeps a function from doing anything at all.
pub fn unusable_message(function: &str, why: &str, sent_at: Timestamp, language: Language) -> Message {
    let (title, summary) = match language {
        Language::En => (
            format!("{function} cannot run: a setting is wrong"),
            format!("Nothing is watched and nothing is done until it is put right. {why}"),
        ),
        Language::Zh => {
            (format!("{function} 无法运行:配置有误"), format!("在修正之前不会进行任何监控或处理。{why}"))
        }
    };
    Message {
        id: format!("{function}/unusable/{}", sent_at.strftime("%Y-%m-%d")),
        kind: Kind::Alert,
        severity: Severity::Critical,
        function: function.to_owned(),
        account_id: None,
        title,
        summary,
        facts: Vec::new(),
        sections: Vec::new(),
        sent_at,
        language,
    }
}

/// The command that takes a case's changes back, ready to paste. With `state` (HARDENING_STATE, as the function has it): `harden` on
/// another machine must look into the same store.
pub fn undo_command(state: Option<&str>, case: &str) -> String {
    match state {
        Some(state) => format!("HARDENING_STATE='{state}' harden undo {case}"),
        None => format!("harden undo {case}"),
    }
}
