//! Disables keys that notice was given for, each as a case of its own: stored as intended, made, read back, undone by
//! `harden undo`.

use jiff::Timestamp;
use serde_json::json;
use shared::cloud::ims::{GetAccessKeyLastUsed, KeyStatus, ListAccessKeys, UpdateAccessKey};
use shared::collect::{last_seen, unread};
use shared::openapi::{Action, Api, Error, Session};
use shared::response::{Applied, CaseError, Change, What};
use shared::runtime::Context;
use shared::snapshot::{AccessKey, LastUse, Read, Unread};

use crate::notice::doomed;
use crate::plan::Candidate;
use crate::wording::FUNCTION;

/// What this calls: for the generated permissions.
pub(crate) const NEEDS: &[Api] = &[
    <ListAccessKeys<'_> as Action>::API,
    <GetAccessKeyLastUsed<'_> as Action>::API,
    <UpdateAccessKey<'_> as Action>::API,
];

/// What became of one candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Disabled and read back; the case.
    Disabled(String),
    /// Left as it is, and why: the notice holds no more.
    Left(String),
    /// It could not be read anew, so it was left as it is for now.
    Unread(Unread),
    /// The service said no.
    Refused(String),
    /// It may be disabled; the case tells.
    Unproved(String),
}

/// The case of a key that this function disables.
pub(crate) fn case_id(key: &str) -> String {
    format!("key-disabled-{key}")
}

/// Disables one key, if everything still holds when it is read anew.
pub(crate) async fn disable(
    ctx: &Context,
    session: &Session,
    candidate: &Candidate<'_>,
) -> Result<Ended, CaseError> {
    if let Err(ended) = still_unused(ctx, session, candidate).await {
        return Ok(ended);
    }
    let (user, key) = (&candidate.user.principal_name, &candidate.key.id);
    let id = case_id(key);
    let opened = What::Opened {
        function: FUNCTION.to_owned(),
        title: format!("access key {key} of {user}: disabled by rotation.disable"),
        subject: json!({ "user": user, "key": key, "notice": candidate.notice.at }),
    };
    let (case, _) = ctx.cases.open(&id, opened).await?;
    let Some(hold) = case.claim(&ctx.pace).await? else {
        return Ok(Ended::Left("another run works on it".to_owned()));
    };
    let change = Change::KeyStatus {
        user: Some(user.clone()),
        key: key.clone(),
        before: KeyStatus::Active,
        after: KeyStatus::Inactive,
    };
    let applied = case.alive(&ctx.pace, case.make(change, session, &ctx.pace)).await?;
    case.release(hold).await?;
    // No sweep has to follow it up; `harden undo` finds it all the same.
    case.archive().await?;
    Ok(match applied {
        Applied::Proved(_) => Ended::Disabled(id),
        Applied::Refused(error) => Ended::Refused(error.to_string()),
        Applied::Unproved(error) => Ended::Unproved(error.to_string()),
    })
}

/// Reads the key anew: it is active, and by both records of its use it is still one to disable, and was not used since the notice.
/// Anything unread, or older than what was known, is a no.
async fn still_unused(ctx: &Context, session: &Session, candidate: &Candidate<'_>) -> Result<(), Ended> {
    let (user, key, notice) = (&candidate.user.principal_name, &candidate.key.id, &candidate.notice);
    let left = |why: &str| Err(Ended::Left(why.to_owned()));
    let failed = |error: Error| Ended::Unread(unread(&error));
    let list = session.call(&ListAccessKeys { user_principal_name: Some(user) }).await.map_err(failed)?;
    let changed = match list.keys().iter().find(|held| held.access_key_id == *key) {
        Some(held) if held.status == KeyStatus::Active => held.update_date.as_deref(),
        Some(_) => return left("it is disabled already"),
        None => return left("it is not there any more"),
    };
    let changed = changed.and_then(|date| date.parse::<Timestamp>().ok());
    if changed.is_some_and(|at| at > notice.at) {
        return left("somebody has enabled it since the notice");
    }
    let action = GetAccessKeyLastUsed { user_access_key_id: key, user_principal_name: user };
    let label = GetAccessKeyLastUsed::API.label();
    let last = session.call(&action).await.map_err(failed)?.at();
    let last = last.map_err(|why| Ended::Unread(Unread::new(&label, "Decode", why)))?;
    if last < candidate.key.last_use.known().and_then(|last| last.as_ref()).map(|last| last.at) {
        return Err(Ended::Unread(Unread::new(&label, "Stale", "it reads older than it was known to be")));
    }
    let seen = match last_seen(session, key).await {
        Read::Read(seen) => seen,
        Read::Unread(why) => return Err(Ended::Unread(why)),
    };
    let last = last.max(seen);
    if let Some(at) = last.filter(|at| *at > notice.at) {
        return left(&format!("it was used at {at}, after the notice"));
    }
    let used = last.map(|at| LastUse { at, service: None });
    if doomed(
        &AccessKey { last_use: Read::Read(used), ..candidate.key.clone() },
        &ctx.config,
        ctx.clock.now(),
    ) {
        Ok(())
    } else {
        left("by the audit trail it was used more lately than its own record says")
    }
}
