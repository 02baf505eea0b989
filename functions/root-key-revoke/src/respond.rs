//! One run of the response to one case: record → alert → act → read back → record → tell. Every part looks at the
//! record first, so a run that follows a crash goes on where the other stopped.

use std::time::Duration;

use futures_util::future::join4;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::cloud::ims::KeyStatus;
use shared::cloud::sts::{CallerIdentity, GetCallerIdentity};
use shared::config::Mode;
use shared::notify::Message;
use shared::openapi::{Error, Kind, Session};
use shared::response::{
    Applied, Case, CaseError, Change, Closing, Inventory, Pace, Quarantine, Standing, What,
};
use shared::runtime::{Context, Failure};
use tokio::time::Instant;

use crate::decide::Subject;
use crate::proof::{self, KeyUse, Proof};
use crate::view::{Outcome, View, step};
use crate::wording::{Facts, Plan, Result as Told, done};

/// The alert goes first, but a channel that hangs must not hold up what makes the key useless.
const ALERT_WAIT: Duration = Duration::from_secs(5);

/// Shares of the time left: acting ends after the first, taking back after the second; the rest is for telling.
const ACT: f64 = 0.7;
const TAKE_BACK: f64 = 0.85;

/// One run on one case.
pub(crate) struct Responder<'a> {
    pub ctx: &'a Context,
    pub case: &'a Case,
    pub subject: &'a Subject,
    /// Since when sweeps have read that root has no key.
    pub none_since: Option<Timestamp>,
}

/// Whether this function may act, and as whom.
enum Caller {
    /// As an assumed role of the event's own account.
    May(Session, CallerIdentity),
    /// Not as it is now.
    MayNot,
    /// The event is of another account.
    NotOurs,
}

/// Why a run stopped without a conclusion.
pub(crate) enum Stopped {
    /// The store failed, or another run took over.
    Case(CaseError),
    /// There is no credential to act with, or it was not accepted: to be tried again with a new one.
    Credential(Failure),
}

impl From<CaseError> for Stopped {
    fn from(error: CaseError) -> Self {
        Self::Case(error)
    }
}

/// The words of a step.
struct Step<'a> {
    name: &'a str,
    result: &'a str,
    error: Option<&'a Error>,
    request_id: &'a str,
    data: Value,
}

impl<'a> Step<'a> {
    fn new(name: &'a str, result: &'a str, error: Option<&'a Error>, data: Value) -> Self {
        Self { name, result, error, request_id: "", data }
    }
}

impl Responder<'_> {
    /// Runs it all and says how the case stands.
    pub(crate) async fn run(&self) -> Result<Outcome, Stopped> {
        // Reading is not acting: what the response needs to know is read while the alert is on its way.
        let (told, caller, counted, inventory) =
            join4(self.alert(), self.identify(), self.count(), self.inventory()).await;
        told?;
        counted?;
        let (session, caller) = match caller? {
            Caller::May(session, caller) => (session, caller),
            Caller::MayNot => return Ok(self.conclude(Outcome::Refused, None, None).await?),
            Caller::NotOurs => {
                // Nothing that this account's role can ever read would close the case.
                let outcome = self.conclude(Outcome::Refused, None, None).await?;
                self.case.archive().await?;
                return Ok(outcome);
            }
        };
        let act = session.until(Some(self.share(ACT)));
        let back = session.until(Some(self.share(TAKE_BACK)));
        if self.ctx.config.root_key.mode == Mode::Observe {
            self.observe(inventory).await?;
        } else if !View::of(self.case).proof().holds() {
            let revoked = self.disable(&act).await?;
            if !revoked && self.ctx.config.root_key.quarantine {
                self.quarantine(&act, &back, inventory).await?;
            }
        }
        let proof = self.prove(&back).await?;
        let outcome = self.outcome(&proof);
        Ok(self.conclude(outcome, Some(&back), Some(&caller.account_id)).await?)
    }

    /// The moment at which a share of the time left is over.
    fn share(&self, share: f64) -> Instant {
        let now = Instant::now();
        now + self.ctx.deadline.saturating_duration_since(now).mul_f64(share)
    }

    pub(crate) fn facts<'f>(&'f self, account: Option<&'f str>) -> Facts<'f> {
        Facts {
            language: self.ctx.config.language,
            case: self.case.id(),
            account,
            subject: self.subject,
            now: self.ctx.clock.now(),
        }
    }

    pub(crate) fn plan(&self) -> Plan {
        let settings = &self.ctx.config.root_key;
        match (settings.mode, settings.quarantine) {
            (Mode::Observe, _) => Plan::Observe,
            (Mode::Revoke, true) => Plan::Quarantine,
            (Mode::Revoke, false) => Plan::Disable,
        }
    }

    async fn alert(&self) -> Result<(), CaseError> {
        if View::of(self.case).told(step::ALERT) {
            return Ok(());
        }
        let soon = Instant::now() + ALERT_WAIT;
        self.tell_until(step::ALERT, &self.facts(None).alert(self.plan()), soon.min(self.ctx.deadline)).await
    }

    /// Sends a message, recorded before and after. Not delivered is recorded, too, and tried again by the next sweep.
    pub(crate) async fn tell(&self, about: &str, message: &Message) -> Result<(), CaseError> {
        self.tell_until(about, message, self.ctx.deadline).await
    }

    async fn tell_until(&self, about: &str, message: &Message, until: Instant) -> Result<(), CaseError> {
        let (id, about) = (message.id.clone(), about.to_owned());
        let recorded = self.case.write(What::Telling { message: id.clone(), about: about.clone() }).await;
        match &recorded {
            // The alert goes out even if it cannot be recorded; nothing else does, for then nothing else is done.
            Err(CaseError::State(_)) if about == step::ALERT => {}
            Err(_) => return recorded,
            Ok(()) => {}
        }
        let deliveries = self.ctx.notifier.send(message, Some(until)).await;
        let failed: Vec<String> =
            deliveries.failed.iter().map(|failed| format!("{}: {}", failed.channel, failed.why)).collect();
        if deliveries.delivered.is_empty() {
            self.ctx.log.error(
                "nobody was told",
                json!({ "case": self.case.id(), "about": about, "failed": failed }),
            );
        }
        recorded?;
        self.case.write(What::Told { message: id, about, delivered: deliveries.delivered, failed }).await
    }

    /// Who am I: only an assumed role of the event's own account may act.
    async fn identify(&self) -> Result<Caller, Stopped> {
        let Some(session) = &self.ctx.session else {
            let error = Error::new(
                Kind::Credential,
                "sts:GetCallerIdentity",
                "NoCredential",
                "the invocation brought no credential, and the environment has none: give the function a role",
            );
            return Err(Stopped::Credential(self.no_credential(&error).await?));
        };
        let caller = match session.call(&GetCallerIdentity {}).await {
            Ok(caller) => caller,
            Err(error) if error.kind() == Kind::Credential => {
                return Err(Stopped::Credential(self.no_credential(&error).await?));
            }
            Err(error) => {
                self.step(Step::new(step::WHO_AM_I, "unknown", Some(&error), Value::Null)).await?;
                return Ok(Caller::MayNot);
            }
        };
        let refuse = |code: &str, why: String| Error::new(Kind::Refused, "sts:GetCallerIdentity", code, why);
        let refusal = if caller.identity_type != "AssumedRoleUser" {
            let why = format!(
                "acts only as an assumed role, and this is {} ({}): nothing was changed",
                caller.identity_type, caller.arn
            );
            Some(refuse("NotAnAssumedRole", why))
        } else if self.subject.account.as_ref().is_some_and(|account| *account != caller.account_id) {
            let why = format!(
                "the event is of account {}, and this role is of {}: nothing was changed",
                self.subject.account.as_deref().unwrap_or_default(),
                caller.account_id
            );
            Some(refuse("OtherAccount", why))
        } else {
            None
        };
        let data = json!({ "arn": caller.arn, "account_id": caller.account_id });
        let result = if refusal.is_some() { "refused" } else { "ok" };
        if refusal.is_some()
            || View::of(self.case).result(step::WHO_AM_I).is_none_or(|(last, _)| last != "ok")
        {
            self.step(Step::new(step::WHO_AM_I, result, refusal.as_ref(), data)).await?;
        }
        Ok(match refusal {
            None => Caller::May(session.clone(), caller.value),
            Some(refusal) if refusal.code() == "OtherAccount" => Caller::NotOurs,
            Some(_) => Caller::MayNot,
        })
    }

    async fn no_credential(&self, error: &Error) -> Result<Failure, CaseError> {
        self.step(Step::new(step::WHO_AM_I, "refused", Some(error), Value::Null)).await?;
        Ok(Failure::from(error.clone()))
    }

    /// The number of root keys: without one above none, a later none proves nothing.
    async fn count(&self) -> Result<(), CaseError> {
        let Some(session) = &self.ctx.session else { return Ok(()) };
        match proof::root_keys(session).await {
            Ok(count) if View::of(self.case).counts().last() == Some(&count) => Ok(()),
            Ok(count) => self.step(Step::new(step::COUNT, "read", None, json!({ "count": count }))).await,
            Err(error) => self.step(Step::new(step::COUNT, "unknown", Some(&error), Value::Null)).await,
        }
    }

    /// Who holds which keys, where that will be asked.
    async fn inventory(&self) -> Result<Inventory, Error> {
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
    async fn observe(&self, inventory: Result<Inventory, Error>) -> Result<(), CaseError> {
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
    async fn disable(&self, session: &Session) -> Result<bool, CaseError> {
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

    async fn quarantine(
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

    /// Reads what proves the key useless, and puts it on record when it is news.
    async fn prove(&self, session: &Session) -> Result<Proof, CaseError> {
        let view = View::of(self.case);
        let proof = self.find_proof(session, &view).await;
        if view.result(step::PROOF).is_none() || proof.holds() != view.proof().holds() {
            let result = match &proof {
                Proof::None => "not_proved",
                Proof::Unknown(_) => "unknown",
                _ => "proved",
            };
            let data = serde_json::to_value(&proof).unwrap_or_default();
            self.step(Step::new(step::PROOF, result, None, data)).await?;
        }
        Ok(proof)
    }

    /// Everything that can prove the key useless. What is on record is read again unless it is final: a key can be enabled
    /// again. Unread is no reason to doubt it.
    pub(crate) async fn find_proof(&self, session: &Session, view: &View) -> Proof {
        let on_record = view.proof();
        if on_record.is_final() {
            return on_record;
        }
        if view.result(step::DISABLE).is_some_and(|(result, _)| result == "proved") {
            return Proof::ReadBack;
        }
        let now = self.ctx.clock.now();
        let since =
            self.subject.created_at.or(view.opened_at()).unwrap_or(now - SignedDuration::from_hours(1));
        let mut found = match &self.subject.key {
            Some(key) => proof::read(session, key, since, now).await,
            None => Proof::None,
        };
        if found.holds() {
            return found;
        }
        match proof::root_keys(session).await {
            Ok(0) if matches!(on_record, Proof::Count { .. }) => return on_record,
            Ok(count) => {
                let lasting = self.repeat_every();
                let none_for = self.none_since.map(|since| now.duration_since(since));
                // A key that is known to work by its events is not proved useless by a count.
                if let (Some(proof), Proof::None) =
                    (proof::count_proof(&view.counts(), count, none_for, lasting), &found)
                {
                    return proof;
                }
            }
            Err(error) if found == Proof::None => found = Proof::Unknown(error.to_string()),
            Err(_) => {}
        }
        if matches!(found, Proof::Unknown(_)) && on_record.holds() { on_record } else { found }
    }

    /// `root_key.repeat_every`.
    pub(crate) fn repeat_every(&self) -> SignedDuration {
        SignedDuration::try_from(self.ctx.config.root_key.repeat_every)
            .unwrap_or(SignedDuration::from_mins(15))
    }

    fn outcome(&self, proof: &Proof) -> Outcome {
        if proof.holds() {
            return Outcome::Revoked;
        }
        let view = View::of(self.case);
        if self.ctx.config.root_key.mode == Mode::Observe {
            return Outcome::Observed;
        }
        match view.result(step::STANDING).map(|(result, _)| result).as_deref() {
            Some("unknown") if view.quarantined().stands() => Outcome::Unknown,
            _ if view.quarantined().stands() => Outcome::NetworkRestricted,
            _ => Outcome::Refused,
        }
    }

    /// Records the outcome and tells people, once for each outcome.
    async fn conclude(
        &self,
        outcome: Outcome,
        session: Option<&Session>,
        account: Option<&str>,
    ) -> Result<Outcome, CaseError> {
        let view = View::of(self.case);
        let about = view.about(outcome);
        let key_use = match (session, &self.subject.key) {
            (Some(session), Some(key)) if !view.told(&about) => KeyUse::read(session, key).await,
            _ => KeyUse::default(),
        };
        if view.outcome() != Some(outcome) {
            let data = json!({ "last_use": key_use.json() });
            self.step(Step::new(step::CONCLUDED, outcome.name(), None, data)).await?;
        }
        if !view.told(&about) {
            let view = View::of(self.case);
            let told = Told {
                outcome,
                proof: &view.proof(),
                key_use: &key_use,
                quarantined: &view.quarantined(),
                done: done(&view, self.ctx.config.language),
            };
            let mut message = self.facts(account).outcome(&told);
            if view.relapses() > 0 {
                message.id = format!("{}/{about}", self.case.id());
            }
            self.tell(&about, &message).await?;
        }
        Ok(outcome)
    }

    async fn step(&self, step: Step<'_>) -> Result<(), CaseError> {
        let refusal = step.error.map(Error::refusal);
        let (code, message, mut request_id) =
            refusal.map(|said| (said.code, said.message, said.request_id)).unwrap_or_default();
        if request_id.is_empty() {
            step.request_id.clone_into(&mut request_id);
        }
        // A sweep that finds what the last one found leaves no trace of it.
        if View::of(self.case).says_already(step.name, step.result, &code, &message) {
            return Ok(());
        }
        self.ctx.log.info(
            "step",
            json!({ "case": self.case.id(), "step": step.name, "result": step.result, "code": code, "errorMessage": message }),
        );
        self.case
            .write(What::Step {
                step: step.name.to_owned(),
                result: step.result.to_owned(),
                code,
                message,
                request_id,
                data: step.data,
            })
            .await
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
