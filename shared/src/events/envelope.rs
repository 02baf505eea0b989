//! The CloudEvents 1.0 envelope that EventBridge delivers in, or its absence.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::fields::{as_object, field, kind_of, text};
use super::{EventError, TrailEvent, trail, unwrapped};

/// One event as it was delivered. The same `source` and `id` is the same event (EventBridge, "Overview").
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Where it comes from: the envelope's `source`; for a bare ActionTrail event its `eventSource`, else its
    /// `serviceName`.
    pub source: String,
    /// What it is known by there: the envelope's `id`; for a bare ActionTrail event its `eventId`, else its
    /// `requestId`. An event with none of them is known by the hash of its content.
    pub id: String,
    /// The account it was delivered in (`aliyunaccountid`, else `aliyunoriginalaccountid`), else the event's own.
    pub account: Option<String>,
    /// The region it was delivered in (`aliyunregionid`), else the event's own. RAM and IMS events are delivered
    /// in a central region: never filter on it.
    pub region: Option<String>,
    /// The ActionTrail event inside, if that is what it is.
    pub event: Option<TrailEvent>,
    kind: Option<String>,
}

/// Characters of a type that are kept: it comes from outside and is shown.
const MAX_KIND: usize = 128;

impl Received {
    /// An ActionTrail event that came without an envelope: from a raw-data rule, or looked up.
    pub fn from_trail(event: TrailEvent) -> Self {
        let source = event.event_source.clone().or_else(|| event.service_name.clone());
        let id = event.event_id.clone().or_else(|| event.request_id.clone());
        Self {
            source: source.unwrap_or_else(|| "actiontrail".to_owned()),
            id: id.unwrap_or_else(|| event.content_id()),
            account: event.account(),
            region: event.region.clone(),
            event: Some(event),
            kind: None,
        }
    }

    /// What kind of event it is, to be shown: the envelope's `type`, short and on one line.
    pub fn kind(&self) -> &str {
        match (&self.kind, &self.event) {
            (Some(kind), _) => kind,
            (None, Some(_)) => "ActionTrail event without envelope",
            (None, None) => "CloudEvent without type",
        }
    }
}

pub(super) fn is_envelope(map: &Map<String, Value>) -> bool {
    let has = |name| field(map, name).is_some();
    has("specversion") || (has("data") && (has("type") || has("source")))
}

/// Reads one object: an envelope or a bare ActionTrail event.
pub(super) fn received(map: Map<String, Value>) -> Result<Received, EventError> {
    if is_envelope(&map) {
        opened(map)
    } else if trail::looks_like(&map) {
        Ok(Received::from_trail(TrailEvent::from_map(map)))
    } else {
        Err(EventError::unaccepted("an object of another kind"))
    }
}

fn opened(mut map: Map<String, Value>) -> Result<Received, EventError> {
    let kind = text(&map, "type");
    let event = inside(kind.as_deref(), field(&map, "data"))?;
    let own = event.as_ref();
    let id = text(&map, "id")
        .or_else(|| own.and_then(|event| event.event_id.clone().or_else(|| event.request_id.clone())));
    let source = text(&map, "source").or_else(|| own.and_then(|event| event.event_source.clone()));
    Ok(Received {
        source: source.unwrap_or_else(|| "eventbridge".to_owned()),
        account: text(&map, "aliyunaccountid")
            .or_else(|| text(&map, "aliyunoriginalaccountid"))
            .or_else(|| own.and_then(TrailEvent::account)),
        region: text(&map, "aliyunregionid").or_else(|| own.and_then(|event| event.region.clone())),
        id: id.unwrap_or_else(|| {
            // A second delivery differs in when and whence it was published.
            map.retain(|name, _| !name.to_ascii_lowercase().starts_with("aliyunpublish"));
            content_id(&map)
        }),
        kind: kind.map(|kind| kind.chars().filter(|c| !c.is_control()).take(MAX_KIND).collect()),
        event,
    })
}

/// The ActionTrail event in `data`. The type decides where it says so: what claims to be an ActionTrail event
/// and cannot be read must not pass for something else.
fn inside(kind: Option<&str>, data: Option<&Value>) -> Result<Option<TrailEvent>, EventError> {
    let claimed = kind.is_some_and(|kind| kind.to_ascii_lowercase().contains(":actiontrail:"));
    if !claimed {
        let map = data.and_then(as_object).filter(|map| trail::looks_like(map));
        return Ok(map.map(|map| TrailEvent::from_map(map.into_owned())));
    }
    let wrong =
        |what: &str| EventError::new(format!("the type names an ActionTrail event, but data is {what}"));
    let data = data.ok_or_else(|| wrong("absent"))?;
    match unwrapped(data.clone()).map_err(|error| wrong(&error.to_string()))? {
        Value::Object(map) => Ok(Some(TrailEvent::from_map(map))),
        other => Err(wrong(kind_of(&other))),
    }
}

/// A name made of the content itself: the same content has the same one.
pub(super) fn content_id(map: &Map<String, Value>) -> String {
    let mut hash = Sha256::new();
    hash.update(serde_json::to_vec(map).unwrap_or_default());
    hash.finalize().iter().fold("sha256-".to_owned(), |id, byte| id + &format!("{byte:02x}"))
}
