//! What the timer does: looks for root keys whose event never came, and follows up every open case. It lifts nothing.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use shared::config::Mode;
use shared::response::Case;
use shared::runtime::{Context, Failure};
use tokio::time::Instant;

use crate::act::standing;
use crate::decide::Subject;
use crate::proof::{History, Proof};
use crate::respond;
use crate::respond::{Responder, Stopped, Swept};
use crate::view::{Outcome, View, step};
use crate::watch::{last_watch, search};
use crate::wording::FUNCTION;

/// Cases that are read, or followed up, at the same time.
const AT_ONCE: usize = 8;
/// No case is begun when less than this share of the time is left.
const BEGIN: f64 = 0.85;

/// One sweep. What it could not read, and what it had no time for, it says.
pub(crate) async fn sweep(ctx: &Context) -> Result<Value, Failure> {
    let began = Instant::now();
    let last = began + ctx.deadline.saturating_duration_since(began).mul_f64(BEGIN);
    let mut unread = Vec::new();
    let mut failed = None;
    let none_since =
        last_watch(ctx).await?.filter(|(_, watch)| watch.count == Some(0)).map(|(_, watch)| watch.at);
    // First what nobody has heard of: people know of the cases on record.
    let (mut found, mut count) = (Vec::new(), None);
    match &ctx.session {
        Some(session) => match search(ctx, session, &mut unread).await {
            Ok(searched) => (found, count) = searched,
            Err(failure) => failed = Some(failure),
        },
        None => {
            let why = "the invocation brought no credential, and the environment has none";
            failed = Some(Failure::new("NoCredential", why));
        }
    }
    let new: BTreeSet<&str> = found.iter().filter_map(|result| result["case"].as_str()).collect();
    let cases = open_cases(ctx, &new).await?;
    let swept = Swept { none_since, history: history(ctx, &cases).await };
    let mut followed = stream::iter(&cases)
        .map(|(case, subject)| async {
            if Instant::now() >= last {
                return (case.id(), Ok(None));
            }
            let responder = Responder { ctx, case, subject, swept: Some(&swept) };
            (case.id(), follow_up(&responder).await.map(Some))
        })
        .buffer_unordered(AT_ONCE);
    let mut results = Vec::new();
    while let Some((id, result)) = followed.next().await {
        // One case that cannot be followed up does not keep the others from it; it is said in the end.
        match result {
            Ok(Some(result)) => results.push(result),
            Ok(None) => unread.push(format!("case {id}: no time was left for it")),
            Err(failure) => {
                let why = failure.to_string();
                ctx.log.error("a case could not be followed up", json!({ "case": id, "why": why }));
                failed = Some(failure);
            }
        }
    }
    drop(followed);
    if let Some(failure) = failed {
        return Err(failure);
    }
    results.sort_by(|a, b| a["case"].as_str().cmp(&b["case"].as_str()));
    results.append(&mut found);
    Ok(json!({
        "function": FUNCTION, "trigger": "timer", "cases": results,
        "root_keys": count, "unread": unread,
    }))
}

/// The open cases of this function, those first that nobody has heard of for longest.
async fn open_cases(ctx: &Context, except: &BTreeSet<&str>) -> Result<Vec<(Case, Subject)>, Failure> {
    let ids: Vec<String> =
        ctx.cases.ids(false).await?.into_iter().filter(|id| !except.contains(id.as_str())).collect();
    let mut loads = stream::iter(ids).map(|id| async move { ctx.cases.load(&id).await }).buffered(AT_ONCE);
    let mut cases = Vec::new();
    while let Some(case) = loads.next().await {
        let Some(case) = case? else { continue };
        // Cases of other functions are theirs.
        if let Some(subject) = View::of(&case).subject() {
            cases.push((case, subject));
        }
    }
    drop(loads);
    cases.sort_by_key(|(case, _)| View::of(case).last_told());
    Ok(cases)
}

/// What was done to access keys since the oldest case that it can still say something about.
async fn history(ctx: &Context, cases: &[(Case, Subject)]) -> History {
    let asking =
        cases.iter().filter(|(case, subject)| subject.key.is_some() && !View::of(case).proof().is_final());
    let since =
        asking.map(|(case, subject)| Responder { ctx, case, subject, swept: None }.since(&View::of(case)));
    match (&ctx.session, since.min()) {
        (Some(session), Some(since)) => History::read(session, since, ctx.clock.now()).await,
        _ => History::default(),
    }
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
    /// The alert has reached nobody yet.
    alert: bool,
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
        let alert = !view.told(step::ALERT);
        let relapse = view.proof().holds() && matches!(proof, Proof::None);
        let now = responder.ctx.clock.now();
        let waited = view.last_told().is_none_or(|at| now.duration_since(at) >= responder.repeat_every());
        Self {
            lifted: stands == Some(false) && view.quarantined().stands(),
            back: stands == Some(true) && view.quarantined().lifted,
            run: (proof.holds() && !told) || relapse || unfinished,
            // A relapse is told of by the run itself.
            remind: !proof.holds() && waited && !relapse && !alert,
            alert,
        }
    }

    fn anything(&self) -> bool {
        self.lifted || self.back || self.run || self.remind || self.alert
    }
}

/// Looks at a case; works on it only when something is due.
async fn follow_up(responder: &Responder<'_>) -> Result<Value, Failure> {
    let Responder { ctx, case, subject, .. } = responder;
    let view = View::of(case);
    if !view.concluded() {
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
            if due.alert {
                responder.alert().await?;
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
