//! What a run does to the account: reads what it must know, tries the direct disable, closes the account, looks whether it
//! is still closed. Each part looks at the record first and leaves a step on it.

use serde_json::{Value, json};
use shared::cloud::ims::KeyStatus;
use shared::config::Mode;
use shared::openapi::{Error, Kind, Session};
use shared::response::{Applied, CaseError, Change, Closing, Inventory, Pace, Quarantine, Standing};
use tokio::time::Instant;

use crate::proof;
use crate::respond::{ACT, Responder, Step};
use crate::view::{View, step};

impl Responder<'_> {
    /// The number of root keys: without one above none, a later none proves nothing.
    pub(crate) async fn count(&self) -> Result<(), CaseError> {
        let Some(session) = &self.ctx.session else { return Ok(()) };
        match proof::root_keys(session).await {
            Ok(count) if View::of(self.case).counts().last() == Some(&count) => Ok(()),
            Ok(count) => self.step(Step::new(step::COUNT, "read", None, json!({ "count": count }))).await,
            Err(error) => self.step(Step::new(step::COUNT, "unknown", Some(&error), Value::Null)).await,
        }
    }

    /// Who holds which keys, where that will be asked.
    pub(crate) async fn inventory(&self) -> Result<Inventory, Error> {
        let view = View::of(self.case);
        let settings = &self.ctx.config.root_key;
        let wanted = settings.mode == Mode::Observe
            || (settings.quarantine
                && !view.proof().holds()
                && !view.quarantined().closed
                && !view.quarantined().by_other);
        match &self.ctx.session {
            Some(session) if wanted => {
                Inventory::read(&session.until(Some(self.share(ACT))), &self.ctx.pace).await
            }
            _ => Err(Error::new(Kind::Refused, "quarantine", "NotRead", "the keys were not read")),
        }
    }

    /// Mode observe: what would have been done.
    pub(crate) async fn observe(&self, inventory: Result<Inventory, Error>) -> Result<(), CaseError> {
        let limit = self.ctx.config.root_key.max_pinned_keys as usize;
        match inventory {
            Ok(found) => {
                let pins = found.bound().count();
                let result = if found.keys.len() > limit { "would_not_start" } else { "would_close" };
                let data = json!({ "users": found.users.len(), "active_keys": found.keys.len(), "would_pin": pins, "max_pinned_keys": limit });
                self.step(Step::new(step::QUARANTINE, result, None, data)).await
            }
            Err(error) => self.step(Step::new(step::QUARANTINE, "unknown", Some(&error), Value::Null)).await,
        }
    }

    /// The direct way. No documented API lets a role do this to a root key; should it work, it is read back. Says
    /// whether it is proved.
    pub(crate) async fn disable(&self, session: &Session) -> Result<bool, CaseError> {
        let Some(key) = &self.subject.key else { return Ok(false) };
        if View::of(self.case).result(step::DISABLE).is_some_and(|(result, _)| result == "refused") {
            return Ok(false);
        }
        let change = Change::KeyStatus {
            user: None,
            key: key.clone(),
            before: KeyStatus::Active,
            after: KeyStatus::Inactive,
        };
        let id = change.id();
        let applied = self.case.make(change, session, &self.ctx.pace).await?;
        let request_id = if let Applied::Proved(id) = &applied { id.clone() } else { String::new() };
        let (result, error) = match applied {
            Applied::Proved(_) => ("proved", None),
            Applied::Unproved(error) => ("unproved", Some(error)),
            // A refusal for good is not asked for again; a failure on the way is.
            Applied::Refused(error) if is_final(&error) => ("refused", Some(error)),
            Applied::Refused(error) => ("failed", Some(error)),
        };
        let data = json!({ "change": id, "as": "the caller's own key: no API names a root key" });
        let step = Step::new(step::DISABLE, result, error.as_ref(), data);
        self.step(Step { request_id: &request_id, ..step }).await?;
        Ok(result == "proved")
    }

    pub(crate) async fn quarantine(
        &self,
        act: &Session,
        back: &Session,
        inventory: Result<Inventory, Error>,
    ) -> Result<(), CaseError> {
        let on_record = View::of(self.case).quarantined();
        if on_record.closed || on_record.by_other {
            // Closed once, then perhaps lifted by a person: not closed again against them.
            return self.check_standing(act).await.map(drop);
        }
        let quarantine = Quarantine {
            session: act,
            session_for_undo: back,
            case: self.case,
            pace: &self.ctx.pace,
            max_pinned_keys: self.ctx.config.root_key.max_pinned_keys as usize,
        };
        let mut closed_by = String::new();
        let (result, why, data) = match quarantine.close(inventory).await? {
            Closing::Closed { pinned, request_id } => {
                closed_by = request_id;
                ("closed", None, json!({ "pinned": pinned }))
            }
            Closing::AlreadyClosed => ("closed_already", None, Value::Null),
            Closing::NotBegun(why) => ("not_begun", Some(why), Value::Null),
            Closing::TakenBack(why, left) => ("taken_back", Some(why), json!({ "pins_left": left })),
            Closing::Unproved(why) => ("unproved", Some(why), Value::Null),
        };
        let error = why.map(|why| why.into_error());
        let step = Step::new(step::QUARANTINE, result, error.as_ref(), data);
        self.step(Step { request_id: &closed_by, ..step }).await
    }

    /// Whether the quarantine on record still stands; `None` when it could not be read.
    pub(crate) async fn check_standing(&self, session: &Session) -> Result<Option<bool>, CaseError> {
        let (found, error) = match standing(session, &View::of(self.case), &self.ctx.pace).await {
            Ok(true) => ("stands", None),
            Ok(false) => ("lifted", None),
            Err(error) => ("unknown", Some(error)),
        };
        if View::of(self.case).result(step::STANDING).is_none_or(|(last, _)| last != found) {
            self.step(Step::new(step::STANDING, found, error.as_ref(), Value::Null)).await?;
        }
        Ok(error.is_none().then_some(found == "stands"))
    }
}

/// Whether asking again would get the same answer.
fn is_final(error: &Error) -> bool {
    matches!(error.kind(), Kind::Denied | Kind::NotFound | Kind::Refused)
}

/// Whether the account-level policy is as the quarantine left it. Reads lag behind writes, so anything else is believed only
/// when it reads so for as long as a change may take.
pub(crate) async fn standing(session: &Session, view: &View, pace: &Pace) -> Result<bool, Error> {
    let closing = view.closing().unwrap_or_else(Change::closing);
    let end = Instant::now() + pace.settle;
    loop {
        if closing.standing(session).await? == Standing::After {
            return Ok(true);
        }
        if Instant::now() + pace.settle_step * 8 >= end {
            return Ok(false);
        }
        tokio::time::sleep(pace.settle_step * 8).await;
    }
}
