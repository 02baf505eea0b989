//! What starts a function: a timer's tick or an event. Pure: no I/O, no clock.
//!
//! [`parse`] accepts everything the platform is known to deliver: a timer payload, one CloudEvent, an array of
//! them, an array of JSON strings, and a bare ActionTrail event. Fields of an ActionTrail event are optional and
//! read whatever their casing, and whether they are text, number or JSON inside a string: the published samples
//! disagree with each other in all three.

mod envelope;
mod error;
mod fields;
#[cfg(test)]
mod properties;
mod redact;
#[cfg(test)]
mod tests;
mod trail;

pub use envelope::Received;
pub use error::EventError;
pub use trail::{Identity, TrailEvent};

use jiff::Timestamp;
use serde_json::{Map, Value};

/// The most elements one array may have: the largest batch window that EventBridge lets one choose.
const MAX_BATCH: usize = 10_000;
/// How many times JSON may be wrapped in a JSON string.
const MAX_WRAPS: usize = 4;

/// What a body turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A timer's tick.
    Timer(Timer),
    /// One event.
    One(Box<Received>),
    /// An array, in its order. An element that could not be read does not take the others with it.
    Batch(Vec<Result<Received, EventError>>),
}

/// The payload of a timer trigger: `{"triggerTime", "triggerName", "payload"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// When it was due, if the text could be read as a time.
    pub trigger_time: Option<Timestamp>,
    /// The trigger's name; empty if it was not given.
    pub trigger_name: String,
    /// The payload from the trigger's settings. The platform sends text; anything else is its JSON.
    pub payload: String,
}

/// Reads the body of an invocation.
///
/// # Errors
/// When the body as a whole is not JSON or nothing that is accepted. The error says where and what, and quotes
/// nothing of the body.
pub fn parse(body: &[u8]) -> Result<Input, EventError> {
    let text = trimmed(body);
    if text.is_empty() {
        return Err(EventError::unaccepted("the body is empty"));
    }
    let value = serde_json::from_slice(text).map_err(|error| {
        EventError::bad_json("the body is not JSON", text, &error, body.len() - text.len())
    })?;
    match unwrapped(value)? {
        Value::Object(map) if is_timer(&map) => Ok(Input::Timer(timer(&map))),
        Value::Object(map) => Ok(Input::One(Box::new(envelope::received(map)?))),
        Value::Array(elements) if elements.len() > MAX_BATCH => {
            let count = elements.len();
            Err(EventError::new(format!("an array of {count} elements: at most {MAX_BATCH} are accepted")))
        }
        Value::Array(elements) => {
            let count = elements.len();
            let read = |(index, value)| element(value).map_err(|error: EventError| error.at(index, count));
            Ok(Input::Batch(elements.into_iter().enumerate().map(read).collect()))
        }
        other => Err(EventError::unaccepted(&format!("the body is {}", fields::kind_of(&other)))),
    }
}

fn element(value: Value) -> Result<Received, EventError> {
    match unwrapped(value)? {
        Value::Object(map) if is_timer(&map) => {
            Err(EventError::new("a timer payload inside an array: it is accepted as the whole body only"))
        }
        Value::Object(map) => envelope::received(map),
        other => Err(EventError::unaccepted(&format!("the element is {}", fields::kind_of(&other)))),
    }
}

/// Takes JSON out of the JSON strings it is wrapped in.
fn unwrapped(mut value: Value) -> Result<Value, EventError> {
    for _ in 0..MAX_WRAPS {
        let Value::String(text) = &value else { return Ok(value) };
        let text = trimmed(text.as_bytes());
        if text.is_empty() {
            return Err(EventError::unaccepted("an empty string"));
        }
        value = serde_json::from_slice(text)
            .map_err(|error| EventError::bad_json("a string that does not hold JSON", text, &error, 0))?;
    }
    if value.is_string() {
        return Err(EventError::new(format!("JSON wrapped in strings more than {MAX_WRAPS} times")));
    }
    Ok(value)
}

/// Without byte order mark and white space at both ends.
fn trimmed(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii()
}

fn is_timer(map: &Map<String, Value>) -> bool {
    let has = |name| fields::field(map, name).is_some();
    (has("triggerTime") || has("triggerName")) && !envelope::is_envelope(map) && !trail::looks_like(map)
}

fn timer(map: &Map<String, Value>) -> Timer {
    let payload = match fields::field(map, "payload") {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    Timer {
        trigger_time: fields::text(map, "triggerTime").and_then(|text| fields::time(&text)),
        trigger_name: fields::text(map, "triggerName").unwrap_or_default(),
        payload,
    }
}
