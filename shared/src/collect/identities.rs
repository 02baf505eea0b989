//! Root, the RAM users and their keys.

use std::collections::BTreeMap;

use futures_util::future::{join, join4};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::{AT_ONCE, credential_report::credential_report, unread};
use crate::cloud::ims::{
    self, GenerateCredentialReport, GetAccessKeyLastUsed, GetAccountSecurityPracticeReport,
    GetAccountSummary, GetCredentialReport, GetLoginProfile, GetSecurityPreference, KeyStatus,
    ListAccessKeys, ListUsers,
};
use crate::openapi::{Action, Api, Error, Kind, Session};
use crate::snapshot::{AccessKey, Coverage, LastUse, Preferences, Read, Snapshot, Unread, User};

/// What [`identities`] calls: for the generated permissions.
pub const IDENTITIES_NEED: &[Api] = &[
    <ListUsers as Action>::API,
    <GetAccountSummary as Action>::API,
    <ListAccessKeys<'_> as Action>::API,
    <GetAccessKeyLastUsed<'_> as Action>::API,
    <GetLoginProfile<'_> as Action>::API,
    <GetAccountSecurityPracticeReport as Action>::API,
    <GetSecurityPreference as Action>::API,
    <GenerateCredentialReport as Action>::API,
    <GetCredentialReport as Action>::API,
];

/// Reads the identities of the account. What cannot be read is `Unread` in its place; nothing stops the rest.
pub async fn identities(session: &Session, account_id: &str, taken_at: Timestamp) -> Snapshot {
    let session = &session.counted_anew();
    let (root_keys, (credential_report, unmade), preferences, (users, users_unread)) =
        join4(root_keys(session), credential_report(session), preferences(session), users(session)).await;
    let mut coverage = Coverage::default();
    coverage.count(&root_keys);
    coverage.count(&credential_report);
    if let Some(why) = unmade {
        coverage.miss(why);
    }
    coverage.count(&preferences);
    match &users_unread {
        Some(why) => coverage.miss(why.clone()),
        None => coverage.read += 1,
    }
    for user in &users {
        coverage.count(&user.console);
        coverage.count(&user.keys);
        for key in user.keys.known().into_iter().flatten() {
            coverage.count(&key.last_use);
            if let Read::Unread(why) = &key.created {
                coverage.miss(why.clone());
            }
        }
    }
    coverage.calls = session.sent();
    coverage.retries = session.sent_again();
    Snapshot {
        root_keys,
        credential_report,
        preferences,
        users,
        users_unread,
        coverage,
        ..Snapshot::unasked(taken_at, account_id)
    }
}

async fn root_keys(session: &Session) -> Read<u64> {
    let answer = session.call(&GetAccountSecurityPracticeReport {}).await;
    answer.map(|report| report.root_access_keys()).map_err(|error| unread(&error)).into()
}

async fn preferences(session: &Session) -> Read<Preferences> {
    let answer = session.call(&GetSecurityPreference {}).await;
    answer
        .map(|preference| Preferences {
            max_idle_days_for_keys: preference.max_idle_days_for_access_keys(),
            users_manage_keys: preference.users_manage_access_keys(),
        })
        .map_err(|error| unread(&error))
        .into()
}

/// The users, and why there may be more. Pages that were read before one could not be are kept: their users are not
/// forgotten for the others' sake.
async fn users(session: &Session) -> (Vec<User>, Option<Unread>) {
    let (listed, summary) = join(list(session), session.call(&GetAccountSummary {})).await;
    let (rows, mut missing) = listed;
    // One that is listed twice does not stand for another.
    let rows: BTreeMap<String, ims::User> =
        rows.into_iter().map(|user| (user.user_principal_name.clone(), user)).collect();
    if missing.is_none() {
        missing = match summary {
            Ok(summary) if (rows.len() as u64) < summary.users() => {
                let why = format!("{} users listed, but the account has {}", rows.len(), summary.users());
                Some(Unread::new("ims:ListUsers", "Incomplete", why))
            }
            Ok(_) => None,
            // The listing said that it was whole; only the second opinion is missing.
            Err(error) => Some(unread(&error)),
        };
    }
    let users = stream::iter(rows.into_values()).map(|row| user(session, row)).buffer_unordered(AT_ONCE);
    let mut users: Vec<User> = users.collect().await;
    users.sort_by(|a, b| a.name.cmp(&b.name));
    (users, missing)
}

async fn list(session: &Session) -> (Vec<ims::User>, Option<Unread>) {
    let mut rows = Vec::new();
    let mut pages = std::pin::pin!(session.pages(ListUsers::default()));
    loop {
        match pages.try_next().await {
            Ok(Some(page)) => rows.extend(page),
            Ok(None) => return (rows, None),
            Err(error) => return (rows, Some(unread(&error))),
        }
    }
}

async fn user(session: &Session, row: ims::User) -> User {
    let principal_name = row.user_principal_name.as_str();
    let (console, keys) = join(console(session, principal_name), keys(session, principal_name)).await;
    User {
        name: row.name().to_owned(),
        frozen: row.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("freeze")),
        tags: row.tags().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        console,
        keys,
        principal_name: row.user_principal_name,
    }
}

/// Whether the user may sign in. Only "there is no profile" means no; every other failure is unread.
async fn console(session: &Session, user: &str) -> Read<bool> {
    match session.call(&GetLoginProfile { user_principal_name: user }).await {
        Ok(profile) => Read::Read(profile.is_active()),
        Err(error) if error.kind() == Kind::NotFound && error.code().contains("LoginProfile") => {
            Read::Read(false)
        }
        Err(error) => Read::Unread(unread(&error)),
    }
}

async fn keys(session: &Session, user: &str) -> Read<Vec<AccessKey>> {
    let list = match session.call(&ListAccessKeys { user_principal_name: Some(user) }).await {
        Ok(list) => list,
        Err(error) => return Read::Unread(unread(&error)),
    };
    let keys = list.keys().iter().map(|listed| key(session, user, listed));
    let mut keys = futures_util::future::join_all(keys).await;
    keys.sort_by(|a, b| a.id.cmp(&b.id));
    Read::Read(keys)
}

async fn key(session: &Session, user: &str, listed: &ims::AccessKey) -> AccessKey {
    let created = match listed.create_date.as_deref().map(str::parse) {
        Some(Ok(at)) => Read::Read(at),
        Some(Err(_)) => Read::Unread(Unread::new("ims:ListAccessKeys", "Decode", "CreateDate is not a date")),
        None => Read::Unread(Unread::new("ims:ListAccessKeys", "Decode", "CreateDate is missing")),
    };
    AccessKey {
        id: listed.access_key_id.clone(),
        active: listed.status == KeyStatus::Active,
        created,
        changed: listed.update_date.as_deref().and_then(|date| date.parse().ok()),
        last_use: last_use(session, user, &listed.access_key_id).await,
    }
}

async fn last_use(session: &Session, user: &str, key: &str) -> Read<Option<LastUse>> {
    let action = GetAccessKeyLastUsed { user_access_key_id: key, user_principal_name: user };
    let answer = match session.call(&action).await {
        Ok(answer) => answer,
        Err(error) => return Read::Unread(unread(&error)),
    };
    match answer.at() {
        Ok(at) => Read::Read(at.map(|at| LastUse { at, service: answer.service().map(str::to_owned) })),
        Err(why) => {
            Read::Unread(unread(&Error::new(Kind::Decode, "ims:GetAccessKeyLastUsed", "Decode", why)))
        }
    }
}
