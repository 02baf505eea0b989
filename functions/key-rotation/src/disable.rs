//! Disables keys that notice was given for, each as a case of its own: stored as intended, made, read back, undone by
//! `harden undo`.

use serde_json::json;
use shared::cloud::ims::{GetAccessKeyLastUsed, KeyStatus, ListAccessKeys, UpdateAccessKey};
use shared::collect::last_seen;
use shared::openapi::{Action, Api, Session};
use shared::response::{Applied, CaseError, Change, What};
use shared::runtime::Context;
use shared::snapshot::Read;

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
    /// Left as it is, and why.
    Left(String),
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
    if let Err(why) = still_unused(session, candidate).await {
        return Ok(Ended::Left(why));
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
        Applied::Refused(error) => Ended::Left(error.to_string()),
        Applied::Unproved(error) => {
            Ended::Left(format!("whether it is disabled could not be read back: {error}"))
        }
    })
}

/// Reads the key anew: it is active, and neither of the two records of use shows one since the notice. Anything unread, or older
/// than what was known, is a no.
async fn still_unused(session: &Session, candidate: &Candidate<'_>) -> Result<(), String> {
    let (user, key, notice) = (&candidate.user.principal_name, &candidate.key.id, &candidate.notice);
    let unread = |error: shared::openapi::Error| format!("could not be read anew: {error}");
    let list = session.call(&ListAccessKeys { user_principal_name: Some(user) }).await.map_err(unread)?;
    match list.keys().iter().find(|held| held.access_key_id == *key) {
        Some(held) if held.status == KeyStatus::Active => {}
        Some(_) => return Err("it is disabled already".to_owned()),
        None => return Err("it is not there any more".to_owned()),
    }
    let action = GetAccessKeyLastUsed { user_access_key_id: key, user_principal_name: user };
    let last = session.call(&action).await.map_err(unread)?.at()?;
    if last < notice.last_use {
        return Err("its last use reads older than it was known to be: a stale reading".to_owned());
    }
    let seen = match last_seen(session, key).await {
        Read::Read(seen) => seen,
        Read::Unread(why) => return Err(format!("could not be read anew: {why}")),
    };
    match last.max(seen).filter(|at| *at > notice.at) {
        Some(at) => Err(format!("it was used at {at}, after the notice")),
        None => Ok(()),
    }
}
