//! One run of the response to one case: record → alert → act → read back → record → tell. Every part looks at the
//! record first, so a run that follows a crash goes on where the other stopped.

use std::time::Duration;

use futures_util::future::{join, join3};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::cloud::sts::{CallerIdentity, GetCallerIdentity};
use shared::collect;
use shared::config::Mode;
use shared::notify::Message;
use shared::openapi::{Error, Kind, Session};
use shared::response::{Case, CaseError, What};
use shared::runtime::{Context, Failure};
use shared::snapshot::KeyUse;
use shared::state::VARIABLE;
use tokio::time::Instant;

use crate::decide::Subject;
use crate::proof::{self, History, Proof};
use crate::view::{Outcome, View, step};
use crate::wording::{Facts, Plan, Result as Told, done};

/// The alert goes first, but a channel that hangs must not hold up what makes the key useless.
const ALERT_WAIT: Duration = Duration::from_secs(5);

/// Shares of the time left: acting ends after the first, taking back after the second; the rest is for telling.
pub(crate) const ACT: f64 = 0.7;
const TAKE_BACK: f64 = 0.85;

/// One run on one case.
pub(crate) struct Responder<'a> {
    pub ctx: &'a Context,
    pub case: &'a Case,
    pub subject: &'a Subject,
    /// What a sweep has read for all its cases.
    pub swept: Option<&'a Swept>,
}

/// What a sweep has read for all its cases.
#[derive(Debug, Default)]
pub(crate) struct Swept {
    /// Since when sweeps have read that root has no key.
    pub none_since: Option<Timestamp>,
    /// What was done to access keys since the oldest of the cases.
    pub history: History,
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

/// What came of the first steps.
enum Begun {
    /// May act, as this caller; whether the key was disabled the direct way, and read back.
    As(Session, CallerIdentity, bool),
    /// As [`Caller::MayNot`].
    MayNot,
    /// As [`Caller::NotOurs`].
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
pub(crate) struct Step<'a> {
    pub name: &'a str,
    pub result: &'a str,
    pub error: Option<&'a Error>,
    pub request_id: &'a str,
    pub data: Value,
}

impl<'a> Step<'a> {
    pub(crate) fn new(name: &'a str, result: &'a str, error: Option<&'a Error>, data: Value) -> Self {
        Self { name, result, error, request_id: "", data }
    }
}

impl Responder<'_> {
    /// Runs it all and says how the case stands.
    pub(crate) async fn run(&self) -> Result<Outcome, Stopped> {
        // Reading is not acting: who holds which keys is read while the alert is on its way and the direct way is tried.
        let (begun, counted, inventory) = join3(self.begin(), self.count(), self.inventory()).await;
        counted?;
        let (session, caller, disabled) = match begun? {
            Begun::As(session, caller, disabled) => (session, caller, disabled),
            Begun::MayNot => return Ok(self.conclude(Outcome::Refused, None, None).await?),
            Begun::NotOurs => {
                // Nothing that this account's role can ever read would close the case.
                let outcome = self.conclude(Outcome::Refused, None, None).await?;
                self.case.archive().await?;
                return Ok(outcome);
            }
        };
        let act = session.until(Some(self.share(ACT)));
        let back = session.until(Some(self.share(TAKE_BACK)));
        let settings = &self.ctx.config.root_key;
        if settings.mode == Mode::Observe {
            self.observe(inventory).await?;
        } else if settings.quarantine && !disabled && !View::of(self.case).proof().holds() {
            self.quarantine(&act, &back, inventory).await?;
        }
        let proof = self.prove(&back).await?;
        let outcome = self.outcome(&proof);
        Ok(self.conclude(outcome, Some(&back), Some(&caller.account_id)).await?)
    }

    /// Alerts and finds out who this is; then, and only then, tries the direct way.
    async fn begin(&self) -> Result<Begun, Stopped> {
        let (told, caller) = join(self.alert(), self.identify()).await;
        told?;
        let (session, caller) = match caller? {
            Caller::May(session, caller) => (session, caller),
            Caller::MayNot => return Ok(Begun::MayNot),
            Caller::NotOurs => return Ok(Begun::NotOurs),
        };
        let wanted = self.ctx.config.root_key.mode == Mode::Revoke && !View::of(self.case).proof().holds();
        let disabled = wanted && self.disable(&session.until(Some(self.share(ACT)))).await?;
        Ok(Begun::As(session, caller, disabled))
    }

    /// The moment at which a share of the time left is over.
    pub(crate) fn share(&self, share: f64) -> Instant {
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
            state: self.ctx.env.get(VARIABLE),
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

    pub(crate) async fn alert(&self) -> Result<(), CaseError> {
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
        } else {
            match self.subject.account.as_deref() {
                Some(account) if account == caller.account_id => None,
                Some(account) => {
                    let own = &caller.account_id;
                    let why = format!(
                        "the event is of account {account}, and this role is of {own}: nothing was changed"
                    );
                    Some(refuse("OtherAccount", why))
                }
                None => {
                    let why = "the event names no account: whether it is of this one is not known, nothing was changed";
                    Some(refuse("NoAccount", why.to_owned()))
                }
            }
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
        let since = self.since(view);
        let mut found = match (&self.subject.key, self.swept) {
            (Some(key), Some(swept)) => swept.history.judge(key, since),
            (Some(key), None) => History::read(session, since, now).await.judge(key, since),
            (None, _) => Proof::None,
        };
        if found.holds() {
            return found;
        }
        match proof::root_keys(session).await {
            Ok(0) if matches!(on_record, Proof::Count { .. }) => return on_record,
            Ok(count) => {
                let lasting = self.repeat_every();
                let none_since = self.swept.and_then(|swept| swept.none_since);
                let none_for = none_since.map(|since| now.duration_since(since));
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

    /// Since when events may say something of the key.
    pub(crate) fn since(&self, view: &View) -> Timestamp {
        let now = self.ctx.clock.now();
        self.subject.created_at.or(view.opened_at()).unwrap_or(now - SignedDuration::from_hours(1))
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
            (Some(session), Some(key)) if !view.told(&about) => collect::key_use(session, key).await,
            _ => KeyUse::default(),
        };
        if view.outcome() != Some(outcome) {
            let data = json!({ "last_use": key_use });
            self.step(Step::new(step::CONCLUDED, outcome.name(), None, data)).await?;
        }
        if !view.told(&about) {
            let view = View::of(self.case);
            let told = Told {
                outcome,
                proof: &view.proof(),
                key_use: &key_use,
                quarantined: &view.quarantined(),
                relapsed: view.relapses() > 0,
                // A case of another account is closed: nothing that is read here could ever settle it.
                followed_up: !view.is_of_other_account(),
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

    pub(crate) async fn step(&self, step: Step<'_>) -> Result<(), CaseError> {
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
