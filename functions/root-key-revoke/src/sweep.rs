//! What the timer does: follows up every open case, and looks for root keys whose event never came. It lifts nothing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::cloud::sts::GetCallerIdentity;
use shared::config::Mode;
use shared::events::Received;
use shared::openapi::Session;
use shared::response::CaseError;
use shared::runtime::{Context, Failure};
use shared::state::Appended;

use crate::act::standing;
use crate::decide::{Decision, Found, Subject, decide};
use crate::proof::{self, Proof};
use crate::respond::{Responder, Stopped};
use crate::view::{Outcome, View, step};
use crate::wording::{FUNCTION, Facts};
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
struct Watch {
    at: Timestamp,
    /// Root keys counted, by the last sweep that could; `None` when none could yet.
    count: Option<u64>,
    /// Events have been searched for completely until then.
    searched: Option<Timestamp>,
}

/// One sweep. What it could not read it says.
pub(crate) async fn sweep(ctx: &Context) -> Result<Value, Failure> {
    let mut results = Vec::new();
    let mut unread = Vec::new();
    let mut failed = None;
    let none_since =
        last_watch(ctx).await?.filter(|(_, watch)| watch.count == Some(0)).map(|(_, watch)| watch.at);
    for id in ctx.cases.ids(false).await? {
        // One case that cannot be followed up does not keep the others from it; it is said in the end.
        match follow_up_by_id(ctx, &id, none_since).await {
            Ok(result) => results.extend(result),
            Err(failure) => {
                ctx.log.error(
                    "a case could not be followed up",
                    json!({ "case": id, "why": failure.to_string() }),
                );
                failed = Some(failure);
            }
        }
    }
    let Some(session) = &ctx.session else {
        return Err(Failure::new(
            "NoCredential",
            "the invocation brought no credential, and the environment has none",
        ));
    };
    let (found, count) = search(ctx, session, &mut unread).await?;
    results.extend(found);
    if let Some(failure) = failed {
        return Err(failure);
    }
    Ok(json!({
        "function": FUNCTION, "trigger": "timer", "cases": results,
        "root_keys": count, "unread": unread,
    }))
}

async fn follow_up_by_id(
    ctx: &Context,
    id: &str,
    none_since: Option<Timestamp>,
) -> Result<Option<Value>, Failure> {
    let Some(case) = ctx.cases.load(id).await? else { return Ok(None) };
    // Cases of other functions are theirs.
    let Some(subject) = View::of(&case).subject() else { return Ok(None) };
    let responder = Responder { ctx, case: &case, subject: &subject, none_since };
    Ok(Some(follow_up(&responder).await?))
}

/// What a case needs, by its record and by what was just read.
struct Due {
    /// The quarantine is gone, and nobody has been told.
    lifted: bool,
    /// It was recorded as lifted, and stands.
    back: bool,
    /// The proof is news, or does not hold any more, or something was left undone.
    run: bool,
    /// People are to be reminded.
    remind: bool,
}

impl Due {
    fn find(responder: &Responder<'_>, proof: &Proof, stands: Option<bool>) -> Self {
        let view = View::of(responder.case);
        let settings = &responder.ctx.config.root_key;
        let last = |step| view.result(step).map(|(result, _)| result).unwrap_or_default();
        let never_closed = !view.quarantined().closed && !view.quarantined().by_other;
        // What a failure on the way kept from being done is tried again.
        let unfinished = settings.mode == Mode::Revoke
            && !proof.holds()
            && (last(step::WHO_AM_I) != "ok"
                || matches!(last(step::DISABLE).as_str(), "failed" | "unproved")
                || (settings.quarantine && never_closed));
        let told = view.outcome() == Some(Outcome::Revoked) && view.told(&view.about(Outcome::Revoked));
        let relapse = view.proof().holds() && matches!(proof, Proof::None);
        let now = responder.ctx.clock.now();
        let waited = view.last_told().is_none_or(|at| now.duration_since(at) >= responder.repeat_every());
        Self {
            lifted: stands == Some(false) && view.quarantined().stands(),
            back: stands == Some(true) && view.quarantined().lifted,
            run: (proof.holds() && !told) || relapse || unfinished,
            remind: !proof.holds() && (waited || relapse),
        }
    }

    fn anything(&self) -> bool {
        self.lifted || self.back || self.run || self.remind
    }
}

/// Looks at a case; works on it only when something is due.
async fn follow_up(responder: &Responder<'_>) -> Result<Value, Failure> {
    let Responder { ctx, case, subject, .. } = responder;
    let view = View::of(case);
    if !view.concluded() || !view.told("alert") {
        return respond(ctx, case, subject).await;
    }
    let watched = view.quarantined().is_ours();
    let mut proof = view.proof();
    let mut stands = None;
    match &ctx.session {
        Some(session) => {
            if watched {
                stands = standing(session, &view, &ctx.pace).await.ok();
            }
            proof = responder.find_proof(session, &view).await;
        }
        // Nothing can be read, and nothing is proved by that: escalation goes on.
        None if !proof.holds() => proof = Proof::Unknown("there is no credential to read with".to_owned()),
        None => {}
    }
    let mut outcome = match stands {
        _ if proof.holds() => Outcome::Revoked,
        Some(true) => Outcome::NetworkRestricted,
        None if view.quarantined().stands() => Outcome::Unknown,
        _ if ctx.config.root_key.mode == Mode::Observe => Outcome::Observed,
        _ => Outcome::Refused,
    };
    let mut lifted = false;
    if Due::find(responder, &proof, stands).anything() {
        let Some(hold) = case.claim(&ctx.pace).await? else {
            return Ok(json!({ "case": case.id(), "outcome": "duplicate", "verified": false }));
        };
        // Another sweep may have done it while this one waited for the case.
        let due = Due::find(responder, &proof, stands);
        lifted = due.lifted;
        let worked = case.alive(&ctx.pace, async {
            if let Some(session) = ctx.session.as_ref().filter(|_| due.lifted || due.back) {
                responder.check_standing(session).await?;
            }
            if due.lifted {
                responder.tell("lifted", &responder.facts(None).lifted()).await?;
            }
            if due.run {
                outcome = responder.run().await?;
            }
            if due.remind && outcome != Outcome::Revoked {
                let number = View::of(case).tellings("escalation") + 1;
                let facts = responder.facts(None);
                let standing = facts.standing(outcome);
                responder.tell("escalation", &facts.escalation(number, &standing, &proof)).await?;
            }
            Ok::<_, Stopped>(())
        });
        match worked.await {
            Ok(()) => case.release(hold).await?,
            Err(Stopped::Case(error)) => return Err(error.into()),
            Err(Stopped::Credential(failure)) => {
                case.release(hold).await?;
                return Err(failure);
            }
        }
    }
    let after = View::of(case);
    let told = after.told(&after.about(Outcome::Revoked));
    if after.outcome() == Some(Outcome::Revoked) && !after.quarantined().stands() && told {
        case.archive().await?;
    }
    Ok(json!({
        "case": case.id(), "access_key_id": subject.key, "outcome": outcome.name(), "verified": outcome.is_verified(),
        "lifted": lifted,
    }))
}

/// What the last sweep left, and its number.
async fn last_watch(ctx: &Context) -> Result<Option<(u64, Watch)>, CaseError> {
    Ok(ctx.cases.store().series(WATCH).last().await?)
}

/// Root keys whose event never came: CreateAccessKey in ActionTrail, and a number of root keys that no case explains.
async fn search(
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
    if let Some(count) = count {
        let known = last.as_ref().and_then(|watch| Some((watch.at, watch.count?)));
        results.extend(unexplained(ctx, &account, known, count, number).await?);
    }
    let carried = count.or(last.as_ref().and_then(|watch| watch.count));
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

/// More root keys than the last count and the cases opened since explain.
async fn unexplained(
    ctx: &Context,
    account: &str,
    known: Option<(Timestamp, u64)>,
    count: u64,
    number: u64,
) -> Result<Vec<Value>, Failure> {
    let before = known.map_or(0, |(_, count)| count);
    if count <= before {
        return Ok(Vec::new());
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
        return Ok(Vec::new());
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
        };
        let deliveries = ctx.notifier.send(&facts.found_at_start(count), Some(ctx.deadline)).await;
        ctx.log.warn("root access keys exist", json!({ "count": count, "delivered": deliveries.delivered }));
        return Ok(vec![json!({ "case": Value::Null, "outcome": "found_at_start", "root_keys": count })]);
    }
    let id = format!("root-key-count-{}", number + 1);
    let (case, _) = ctx.cases.open(&id, opening(&subject)?).await?;
    Ok(vec![respond(ctx, &case, &subject).await?])
}
