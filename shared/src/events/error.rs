//! Why a body, or one element of it, could not be read.

use std::fmt;

/// What was wrong with the input, and where. It quotes nothing of the input, which may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventError {
    place: Option<(usize, usize)>,
    what: String,
}

impl EventError {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { place: None, what: what.into() }
    }

    /// `what` it is, and what it should have been.
    pub(super) fn unaccepted(what: &str) -> Self {
        Self::new(format!(
            "{what}; accepted are a timer payload (triggerTime, triggerName, payload), a CloudEvent (id, source, \
             type, data), an array of CloudEvents or of JSON strings that hold them, and an ActionTrail event \
             (eventId, eventName, userIdentity)"
        ))
    }

    /// `skipped` bytes came before `text` (white space, byte order mark); they can hold no line that counts.
    pub(super) fn bad_json(what: &str, text: &[u8], error: &serde_json::Error, skipped: usize) -> Self {
        let before: usize = text
            .split_inclusive(|byte| *byte == b'\n')
            .take(error.line().saturating_sub(1))
            .map(<[u8]>::len)
            .sum();
        let byte = skipped + before + error.column().saturating_sub(1);
        // Reading into a `Value` fails on syntax alone, and those messages name the place and no content.
        Self::new(format!("{what}: {error} (byte {byte} of {})", skipped + text.len()))
    }

    pub(super) fn at(mut self, index: usize, count: usize) -> Self {
        self.place = Some((index, count));
        self
    }

    /// Which element of an array was meant, counted from 0; `None` for the whole body.
    pub fn index(&self) -> Option<usize> {
        self.place.map(|(index, _)| index)
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((index, count)) = self.place {
            write!(f, "element {} of {count} (index {index}): ", index + 1)?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for EventError {}
