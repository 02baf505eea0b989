//! What a rehearsal's entries add up to, and the record of all rehearsals.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::response::rotation::Destination;
use crate::response::rotation::view::FUNCTION;
use crate::response::{Entry, What};

/// Names of steps.
pub(super) mod step {
    pub(crate) const USER: &str = "make_user";
    pub(crate) const KEY: &str = "make_first_key";
    pub(crate) const MADE: &str = "first_key";
    pub(crate) const USED: &str = "new_key_used";
    pub(crate) const OVER: &str = "over";
    pub(crate) const DELETE: &str = "delete";
}

/// What is rehearsed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) account: String,
    /// The user that is made for it, as a principal name.
    pub(super) user: String,
    pub(super) to: Destination,
}

impl Plan {
    pub(super) fn of(entries: &[Entry]) -> Option<Self> {
        match &entries.first()?.what {
            What::Opened { function, subject, .. } if *function == format!("{FUNCTION}-rehearsal") => {
                serde_json::from_value(subject.clone()).ok()
            }
            _ => None,
        }
    }

    pub(super) fn name(&self) -> &str {
        self.user.split('@').next().unwrap_or_default()
    }
}

/// How far a rehearsal came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Played {
    /// The key that was rotated.
    pub(super) first_key: Option<String>,
    /// Whether the new key was used, so that no secret is needed any more.
    pub(super) used: bool,
    /// Whether it went well, or why not, once that is known.
    pub(super) over: Option<Result<(), String>>,
}

impl Played {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut played = Self::default();
        for entry in entries {
            let What::Step { step, data, .. } = &entry.what else { continue };
            match step.as_str() {
                step::MADE => played.first_key = data["key"].as_str().map(str::to_owned),
                step::USED => played.used = true,
                // The first word counts: what happens while cleaning up does not change how it went.
                step::OVER if played.over.is_none() => {
                    let why = data["why"].as_str().unwrap_or_default().to_owned();
                    played.over = Some(if data["ok"] == true { Ok(()) } else { Err(why) });
                }
                _ => {}
            }
        }
        played
    }
}

/// One rehearsal, as the series `rotation/rehearsals` keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsed {
    /// When it was over.
    pub at: Timestamp,
    /// The account.
    pub account: String,
    /// Whether the whole procedure worked.
    pub ok: bool,
    /// Seconds from its beginning to its end, waiting included.
    pub took: i64,
    /// The user that was made for it.
    pub user: String,
    /// Where the secret was handed over.
    pub to: Destination,
    /// Its case.
    pub case: String,
    /// Why it did not work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn it_knows_how_far_it_came() {
        let entry = |step: &str, data: Value| {
            let (code, message, request_id, result) = Default::default();
            let what = What::Step { step: step.into(), result, code, message, request_id, data };
            Entry { at: Timestamp::UNIX_EPOCH, run: "run".into(), what }
        };
        let mut entries = vec![entry(step::USER, Value::Null), entry(step::MADE, json!({ "key": "a" }))];
        let played = Played::of(&entries);
        assert_eq!((played.first_key.as_deref(), played.used, played.over), (Some("a"), false, None));
        entries.push(entry(step::USED, Value::Null));
        assert!(Played::of(&entries).used);
        entries.push(entry(step::OVER, json!({ "ok": false, "why": "denied" })));
        entries.push(entry(step::OVER, json!({ "ok": true })));
        assert_eq!(Played::of(&entries).over, Some(Err("denied".into())));
    }
}
