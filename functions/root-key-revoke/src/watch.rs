//! Root keys whose event never came: CreateAccessKey in ActionTrail, and a number of root keys that no case explains.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::cloud::sts::GetCallerIdentity;
use shared::events::Received;
use shared::openapi::Session;
use shared::response::CaseError;
use shared::runtime::{Context, Failure};
use shared::state::{Appended, VARIABLE};

use crate::decide::{Decision, Found, Subject, decide};
use crate::proof;
use crate::view::View;
use crate::wording::Facts;
use crate::{case_id, open_and_respond, opening, respond};

/// ActionTrail is about ten minutes behind: each search reaches back twice that beyond the last.
const OVERLAP: SignedDuration = SignedDuration::from_mins(20);
/// How far the very first search reaches back: it may find what happened during the deployment, not history.
const FIRST: SignedDuration = SignedDuration::from_hours(1);
/// The furthest that a search reaches back when ActionTrail could not be read for long.
const FURTHEST: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Where sweeps leave what they have seen.
const WATCH: &str = "root-key/watch";
/// How often the watch is written when nothing changed: each search reaches back to the last that was.
const WATCH_EVERY: SignedDuration = SignedDuration::from_hours(6);

/// What a sweep leaves for the next one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Watch {
    /// When it was left.
    pub at: Timestamp,
    /// Root keys counted, by the last sweep that could; `None` when none could yet.
    pub count: Option<u64>,
    /// Events have been searched for completely until then.
    searched: Option<Timestamp>,
}

/// What the last sweep left, and its number.
pub(crate) async fn last_watch(ctx: &Context) -> Result<Option<(u64, Watch)>, CaseError> {
    Ok(ctx.cases.store().series(WATCH).last().await?)
}

/// Root keys whose event never came: CreateAccessKey in ActionTrail, and a number of root keys that no case explains.
pub(crate) async fn search(
    ctx: &Context,
    session: &Session,
    unread: &mut Vec<String>,
) -> Result<(Vec<Value>, Option<u64>), Failure> {
    let stored = last_watch(ctx).await?;
    let number = stored.as_ref().map_or(0, |(number, _)| *number);
    let last = stored.map(|(_, watch)| watch);
    let now = ctx.clock.now();
    let caller = session.call(&GetCallerIdentity {}).await?;
    let account = caller.account_id.clone();

    let since = match last.as_ref().map(|watch| watch.searched) {
        Some(Some(searched)) => searched - OVERLAP,
        Some(None) => now - FURTHEST,
        None => now - FIRST,
    };
    let mut results = Vec::new();
    let mut searched = Some(now);
    for (region, read) in proof::lookup(session, "CreateAccessKey", since.max(now - FURTHEST), now).await {
        match read {
            Ok(events) => {
                for event in events {
                    let received = Received::from_trail(event);
                    if let Decision::RootKey(mut subject) = decide(&received) {
                        subject.found = Found::Lookup;
                        // An event of another account is none of a sweep's business.
                        if subject.account.as_ref().is_none_or(|of| *of == account)
                            && ctx.cases.load(&case_id(&subject, &received)).await?.is_none()
                        {
                            results.push(open_and_respond(ctx, &received, &subject).await?);
                        }
                    }
                }
            }
            Err(error) => {
                unread.push(format!("{region}: {error}"));
                searched = last.as_ref().and_then(|watch| watch.searched);
            }
        }
    }

    let count = match proof::root_keys(session).await {
        Ok(count) => Some(count),
        Err(error) => {
            unread.push(error.to_string());
            None
        }
    };
    let mut counted = count;
    if let Some(number_of_keys) = count {
        let known = last.as_ref().and_then(|watch| Some((watch.at, watch.count?)));
        let (found, said) = unexplained(ctx, &account, known, number_of_keys, number).await?;
        results.extend(found);
        // What nobody could be told of is found again by the next sweep.
        if !said {
            counted = None;
        }
    }
    let carried = counted.or(last.as_ref().and_then(|watch| watch.count));
    let news = last.as_ref().is_none_or(|last| {
        last.count != carried || last.searched.is_none() || now.duration_since(last.at) >= WATCH_EVERY
    });
    // Written only when it says something new: every tick of the timer would otherwise be an object for ever.
    if news {
        let watch = Watch { at: now, count: carried, searched };
        // Another sweep may have written it: then that one is as good.
        let _: Appended =
            ctx.cases.store().series(WATCH).append(number + 1, &watch).await.map_err(CaseError::from)?;
    }
    Ok((results, count))
}

/// More root keys than the last count and the cases opened since explain; and whether who had to hear of it did.
async fn unexplained(
    ctx: &Context,
    account: &str,
    known: Option<(Timestamp, u64)>,
    count: u64,
    number: u64,
) -> Result<(Vec<Value>, bool), Failure> {
    let before = known.map_or(0, |(_, count)| count);
    if count <= before {
        return Ok((Vec::new(), true));
    }
    let mut cases = 0;
    for id in ctx.cases.ids(true).await? {
        let Some(case) = ctx.cases.load(&id).await? else { continue };
        let view = View::of(&case);
        if view.opened_at().is_some_and(|at| known.is_none_or(|(since, _)| at >= since - OVERLAP)) {
            cases += u64::from(view.subject().is_some());
        }
    }
    if count <= before + cases {
        return Ok((Vec::new(), true));
    }
    let subject = Subject {
        account: Some(account.to_owned()),
        key: None,
        created_at: None,
        event_id: None,
        from: None,
        agent: None,
        mfa: None,
        found: Found::Count,
        event: Value::Null,
    };
    if known.is_none() {
        // Keys from before this function's time: worth a word, no reason to close an account.
        let language = ctx.config.language;
        let facts = Facts {
            language,
            case: "root-keys",
            account: Some(account),
            subject: &subject,
            now: ctx.clock.now(),
            state: ctx.env.get(VARIABLE),
        };
        let deliveries = ctx.notifier.send(&facts.found_at_start(count), Some(ctx.deadline)).await;
        ctx.log.warn("root access keys exist", json!({ "count": count, "delivered": deliveries.delivered }));
        let found = json!({ "case": Value::Null, "outcome": "found_at_start", "root_keys": count });
        return Ok((vec![found], deliveries.is_settled()));
    }
    let id = format!("root-key-count-{}", number + 1);
    let (case, _) = ctx.cases.open(&id, opening(&subject)?).await?;
    Ok((vec![respond(ctx, &case, &subject).await?], true))
}
