//! Root-key response: when the root account creates an access key, people hear of it, the key is made useless if
//! anything that a role may do can make it so, and that is proved.
//!
//! [`handle`] takes what Function Compute delivers: an event (one, an array, a bare ActionTrail event) or the timer's
//! tick. A key that root makes for a RAM user is not a root key.

mod act;
mod decide;
mod proof;
mod respond;
mod sweep;
mod view;
mod wording;

use bytes::Bytes;
use serde_json::{Value, json};
use shared::cloud::{actiontrail, ims, sts};
use shared::collect::KEY_USE_NEEDS;
use shared::events::{Input, Received, parse};
use shared::openapi::sign::sha256_hex;
use shared::openapi::{Action, Api};
use shared::response::{Case, CaseError, QUARANTINE_NEEDS, What};
use shared::runtime::{Context, Failure};

use decide::{Decision, Subject, decide};
use respond::{Responder, Stopped};
use view::View;
use wording::{FUNCTION, Facts};

/// The events this function wants, as an EventBridge pattern: every CreateAccessKey that is audited. The rest is decided
/// here, where the samples are tested: a pattern that is too narrow fails silently.
pub const EVENT_PATTERN: &str = r#"{"type":[{"suffix":":ActionTrail:ApiCall"},{"suffix":":ActionTrail:ConsoleOperation"}],"data":{"eventName":["CreateAccessKey"]}}"#;

/// Every action this function calls, beyond those of the quarantine and of looking at a key's use: for the generated
/// permissions.
pub const NEEDS: &[Api] = &[
    <sts::GetCallerIdentity as Action>::API,
    <ims::UpdateAccessKey<'_> as Action>::API,
    <ims::GetAccountSecurityPracticeReport as Action>::API,
    <actiontrail::LookupEvents as Action>::API,
];

/// All of them.
pub fn needs() -> Vec<Api> {
    NEEDS.iter().chain(QUARANTINE_NEEDS).chain(KEY_USE_NEEDS).copied().collect()
}

/// Handles one invocation.
///
/// # Errors
/// Input that is not understood, a store that fails, or no credential that is accepted. Nothing is lost then: the platform
/// delivers an event again, and a repeated one changes nothing twice.
pub async fn handle(ctx: Context, event: Bytes) -> Result<Value, Failure> {
    match parse(&event)? {
        Input::Timer(_) => sweep::sweep(&ctx).await,
        Input::One(received) => one(&ctx, &received).await,
        Input::Batch(events) => {
            let mut results = Vec::with_capacity(events.len());
            let mut failed = None;
            for event in events {
                let result = match event {
                    Ok(received) => one(&ctx, &received).await,
                    Err(error) => Err(error.into()),
                };
                // The good ones are done even if one is bad; then the whole fails, so that it is delivered again.
                match result {
                    Ok(result) => results.push(result),
                    Err(failure) => failed = Some(failed.unwrap_or(failure)),
                }
            }
            failed.map_or_else(|| Ok(json!({ "results": results })), Err)
        }
    }
}

async fn one(ctx: &Context, received: &Received) -> Result<Value, Failure> {
    match decide(received) {
        Decision::Ignored(why) => {
            ctx.log.info("ignored", json!({ "why": why }));
            Ok(
                json!({ "outcome": "ignored", "reason": why, "case": null, "access_key_id": null, "verified": false, "steps": [] }),
            )
        }
        Decision::KeyForUser(subject, user) => key_for_user(ctx, received, &subject, &user).await,
        Decision::RootKey(subject) => open_and_respond(ctx, received, &subject).await,
    }
}

/// Opens the case, whose first entry is the intent, and responds. A case that exists is a duplicate, unless the run that
/// opened it has died.
async fn open_and_respond(ctx: &Context, received: &Received, subject: &Subject) -> Result<Value, Failure> {
    let opened = async {
        // The same source and id is the same event, whatever it says the second time.
        let marker = format!(
            "root-key/events/{}",
            sha256_hex(format!("{}\n{}", received.source, received.id).as_bytes())
        );
        let store = ctx.cases.store();
        let seen = store.read(&marker).await.map_err(CaseError::from)?;
        let id = match seen.and_then(|id| String::from_utf8(id.to_vec()).ok()) {
            Some(id) => id,
            None => case_id(subject, received),
        };
        let (case, new) = ctx.cases.open(&id, opening(subject)?).await?;
        store.create(&marker, id.into_bytes().into()).await.map_err(CaseError::from)?;
        Ok::<_, Failure>((case, new))
    };
    match opened.await {
        Ok((case, _)) => {
            let subject = View::of(&case).subject().unwrap_or_else(|| subject.clone());
            respond(ctx, &case, &subject).await
        }
        Err(failure) => {
            // Without a record nothing may be done. People hear of it all the same, perhaps more than once.
            let id = case_id(subject, received);
            tell_unrecorded(ctx, &id, subject, &failure).await;
            Err(failure)
        }
    }
}

/// Without a record nothing may be done. People hear of it all the same, perhaps more than once.
async fn tell_unrecorded(ctx: &Context, id: &str, subject: &Subject, failure: &Failure) {
    let facts =
        Facts { language: ctx.config.language, case: id, account: None, subject, now: ctx.clock.now() };
    let why = failure.to_string();
    let deliveries = ctx.notifier.send(&facts.unrecorded(&why), Some(ctx.deadline)).await;
    let fields = json!({ "case": id, "delivered": deliveries.delivered, "why": why });
    ctx.log.error("the case could not be recorded; nothing was changed", fields);
}

/// Claims the case and runs the response, or says that another run has done it or is at it.
async fn respond(ctx: &Context, case: &Case, subject: &Subject) -> Result<Value, Failure> {
    if View::of(case).concluded() && View::of(case).told("alert") {
        return Ok(reply(case, subject, "duplicate"));
    }
    // Another run is waited for only as long as there is time to answer.
    let soon = ctx.deadline.checked_sub(std::time::Duration::from_secs(1)).unwrap_or(ctx.deadline);
    let Ok(claimed) = tokio::time::timeout_at(soon, case.claim(&ctx.pace)).await else {
        return Ok(reply(case, subject, "duplicate"));
    };
    let hold = match claimed {
        Ok(Some(hold)) => hold,
        Ok(None) => return Ok(reply(case, subject, "duplicate")),
        Err(error) => {
            let failure = Failure::from(error);
            if !View::of(case).told("alert") {
                tell_unrecorded(ctx, case.id(), subject, &failure).await;
            }
            return Err(failure);
        }
    };
    if View::of(case).concluded() && View::of(case).told("alert") {
        case.release(hold).await?;
        return Ok(reply(case, subject, "duplicate"));
    }
    let responder = Responder { ctx, case, subject, none_since: None };
    match case.alive(&ctx.pace, responder.run()).await {
        Ok(outcome) => {
            case.release(hold).await?;
            let mut reply = reply(case, subject, outcome.name());
            reply["verified"] = outcome.is_verified().into();
            Ok(reply)
        }
        Err(Stopped::Case(error)) => Err(error.into()),
        Err(Stopped::Credential(failure)) => {
            case.release(hold).await?;
            Err(failure)
        }
    }
}

fn reply(case: &Case, subject: &Subject, outcome: &str) -> Value {
    let view = View::of(case);
    json!({
        "outcome": outcome, "case": case.id(), "access_key_id": subject.key, "account_id": subject.account,
        "verified": false, "proof": view.proof(), "steps": view.steps(),
    })
}

/// A case is named for the key; without one, for the event.
fn case_id(subject: &Subject, received: &Received) -> String {
    match (&subject.key, &subject.event_id) {
        (Some(key), _) => format!("root-key-{key}"),
        (None, Some(event)) => format!("root-key-event-{}", &sha256_hex(event.as_bytes())[..16]),
        (None, None) => {
            let event = format!("{}\n{}", received.source, received.id);
            format!("root-key-event-{}", &sha256_hex(event.as_bytes())[..16])
        }
    }
}

fn opening(subject: &Subject) -> Result<What, Failure> {
    let title = match &subject.key {
        Some(key) => format!("root access key {key}"),
        None => "root access key, id unknown".to_owned(),
    };
    let subject =
        serde_json::to_value(subject).map_err(|error| Failure::new("Internal", error.to_string()))?;
    Ok(What::Opened { function: FUNCTION.to_owned(), title, subject })
}

/// Not a root key: a word about it, once, and nothing else.
async fn key_for_user(
    ctx: &Context,
    received: &Received,
    subject: &Subject,
    user: &str,
) -> Result<Value, Failure> {
    let id = case_id(subject, received).replacen("root-key-", "user-key-", 1);
    // The random text tells this run's marker from one that was there.
    let marker = json!({ "run": ctx.random.hex() }).to_string();
    let new = ctx.cases.store().create(&format!("root-key/notices/{id}"), marker.into()).await;
    if new.map_err(CaseError::from)? {
        let facts =
            Facts { language: ctx.config.language, case: &id, account: None, subject, now: ctx.clock.now() };
        ctx.notifier.send(&facts.key_for_user(user), Some(ctx.deadline)).await;
    }
    Ok(json!({
        "outcome": "ignored", "reason": format!("root made the key for RAM user {user}: not a root key"),
        "case": null, "access_key_id": subject.key, "verified": false, "steps": [],
    }))
}
