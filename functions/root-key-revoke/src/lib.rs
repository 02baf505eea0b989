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
mod watch;
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
use shared::state::VARIABLE;
use tokio::time::Instant;

use decide::{Decision, Subject, decide};
use respond::{Responder, Stopped};
use view::View;
use wording::{FUNCTION, Facts};

/// The events this function wants, as an EventBridge pattern: every CreateAccessKey that is audited. The rest is decided
/// here, where the samples are tested: a pattern that is too narrow fails silently.
pub const EVENT_PATTERN: &str = r#"{"type":[{"suffix":":ActionTrail:ApiCall"},{"suffix":":ActionTrail:ConsoleOperation"}],"data":{"eventName":["CreateAccessKey"]}}"#;

/// How the id of a case begins whose key is not known.
const NAMED_FOR_EVENT: &str = "root-key-event-";
/// What the word about a key made for a RAM user is filed under.
const NOTICE: &str = "notice";

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
        let own = case_id(subject, received);
        let id = match seen.and_then(|id| String::from_utf8(id.to_vec()).ok()) {
            // But another key is another matter, whatever the event's id.
            Some(id) if subject.key.is_none() || id.starts_with(NAMED_FOR_EVENT) => id,
            _ => own,
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
    let facts = Facts {
        language: ctx.config.language,
        case: id,
        account: None,
        subject,
        now: ctx.clock.now(),
        state: ctx.env.get(VARIABLE),
    };
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
    // Another run is waited for only as long as there is time to answer. It may have died, so this is no success: the platform
    // delivers the event again.
    let left = ctx.deadline.saturating_duration_since(Instant::now());
    let soon = ctx.deadline - left.min(std::time::Duration::from_secs(4)) / 4;
    let Ok(claimed) = tokio::time::timeout_at(soon, case.claim(&ctx.pace)).await else {
        let why = format!(
            "case {} is held by another run, or there was no time: deliver the event again",
            case.id()
        );
        return Err(Failure::new("CaseHeld", why));
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
    let responder = Responder { ctx, case, subject, swept: None };
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
        (None, Some(event)) => format!("{NAMED_FOR_EVENT}{}", &sha256_hex(event.as_bytes())[..16]),
        (None, None) => {
            let event = format!("{}\n{}", received.source, received.id);
            format!("{NAMED_FOR_EVENT}{}", &sha256_hex(event.as_bytes())[..16])
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

/// Not a root key: a word about it, once, and nothing else. It is a case of its own, so that of a hundred deliveries one speaks; a
/// word that reached nobody is no success, so that the event is delivered again.
async fn key_for_user(
    ctx: &Context,
    received: &Received,
    subject: &Subject,
    user: &str,
) -> Result<Value, Failure> {
    let id = case_id(subject, received).replacen("root-key-", "user-key-", 1);
    let facts = Facts {
        language: ctx.config.language,
        case: &id,
        account: None,
        subject,
        now: ctx.clock.now(),
        state: ctx.env.get(VARIABLE),
    };
    let message = facts.key_for_user(user);
    let opened = What::Opened {
        function: format!("{FUNCTION}/notice"),
        title: format!("access key made by root for {user}"),
        subject: json!({ "key": subject.key, "user": user, "event_id": subject.event_id }),
    };
    let told = async {
        let (case, _) = ctx.cases.open(&id, opened).await?;
        if View::of(&case).told(NOTICE) {
            return Ok(true);
        }
        let Some(hold) = case.claim(&ctx.pace).await? else { return Ok(true) };
        if !View::of(&case).told(NOTICE) {
            let responder = Responder { ctx, case: &case, subject, swept: None };
            responder.tell(NOTICE, &message).await?;
        }
        let told = View::of(&case).told(NOTICE);
        case.release(hold).await?;
        if told {
            case.archive().await?;
        }
        Ok::<_, CaseError>(told)
    };
    match told.await {
        Ok(true) => Ok(json!({
            "outcome": "ignored", "reason": format!("root made the key for RAM user {user}: not a root key"),
            "case": null, "access_key_id": subject.key, "verified": false, "steps": [],
        })),
        Ok(false) => Err(Failure::new(
            "NotDelivered",
            "root made a key for a RAM user, and nobody could be told of it",
        )),
        Err(error) => {
            // Without a record it may be said more than once; that is better than not at all.
            ctx.notifier.send(&message, Some(ctx.deadline)).await;
            Err(error.into())
        }
    }
}
