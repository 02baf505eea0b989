//! What a rehearsal makes, and how it is taken away again.

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::record::{Plan, Played, step};
use super::{Rehearsal, Rehearsed, Stop, USERS};
use crate::cloud::ims::{
    CreateAccessKey, CreateUser, DeleteAccessKey, DeleteUser, KeyStatus, ListAccessKeys, ListUsers, NewTag,
};
use crate::cloud::sts::GetCallerIdentity;
use crate::openapi::{Error, Kind, Session};
use crate::response::rotation::destination::Vault;
use crate::response::rotation::recover::GONE;
use crate::response::rotation::view::End;
use crate::response::rotation::{Person, Progress};
use crate::response::{Applied, Case, Change, Pace, What};
use crate::state::Appended;
use crate::state::{StateError, Store};

/// Where all rehearsals are recorded.
const SERIES: &str = "rotation/rehearsals";

/// Asks who is asking, until the service knows the key.
pub(super) async fn call(session: &Session, pace: &Pace) -> Result<(), Stop> {
    let end = Instant::now() + pace.settle;
    loop {
        match session.call(&GetCallerIdentity {}).await {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == Kind::Credential && Instant::now() < end => {
                tokio::time::sleep(pace.settle_step).await;
            }
            Err(error) => {
                return Err(Stop::service(format!("{} could not be used", session.key_id()), error));
            }
        }
    }
}

impl Rehearsal<'_> {
    pub(super) async fn note(&self, case: &Case, step: &str, data: Value) -> Result<(), Stop> {
        let (code, message, request_id) = Default::default();
        let (step, result) = (step.to_owned(), String::new());
        Ok(case.write(What::Step { step, result, code, message, request_id, data }).await?)
    }

    /// The domain of the account's users: that of any of them, else the one that every account has.
    pub(super) async fn domain(&self, account: &str) -> Result<String, Stop> {
        let users = self.desk.session.all(ListUsers::default()).await?;
        let domain = users.first().and_then(|user| user.user_principal_name.split_once('@'));
        Ok(domain.map_or_else(|| format!("{account}.onaliyun.com"), |(_, domain)| domain.to_owned()))
    }

    pub(super) async fn make_user(&self, case: &Case, plan: &Plan) -> Result<(), Stop> {
        self.note(case, step::USER, json!({ "user": plan.user })).await?;
        let action = CreateUser {
            user_principal_name: &plan.user,
            // At most 24 characters (IMS, CreateUser).
            display_name: "hardening rehearsal",
            comments: "made by a rehearsal of key rotation, and deleted by it",
            tag: vec![NewTag { key: "made-by", value: "hardening-rehearsal" }],
        };
        let made = self.desk.session.change(&action).await;
        made.map(drop).map_err(|error| Stop::service("no user was made", error))
    }

    pub(super) async fn make_key(&self, case: &Case, plan: &Plan) -> Result<(String, SecretString), Stop> {
        self.note(case, step::KEY, json!({ "user": plan.user })).await?;
        let end = Instant::now() + self.desk.pace.settle;
        loop {
            let action = CreateAccessKey { user_principal_name: &plan.user };
            match self.desk.session.change(&action).await {
                Ok(created) => {
                    self.note(case, step::MADE, json!({ "key": created.id() })).await?;
                    return Ok((created.id().to_owned(), created.secret().clone()));
                }
                // A user that was just made may not be there for everybody yet.
                Err(error) if error.kind() == Kind::NotFound && Instant::now() < end => {
                    tokio::time::sleep(self.desk.pace.settle_step).await;
                }
                Err(error) => return Err(Stop::service("no first key was made", error)),
            }
        }
    }

    /// Deletes whatever it made, in any state, and records how it went.
    pub(super) async fn clean_up(
        &self,
        case: &Case,
        plan: &Plan,
        person: &dyn Person,
    ) -> Result<Rehearsed, Stop> {
        // Its own user, and no other, whatever the record may have become.
        if !plan.name().starts_with(USERS) {
            return Err(Stop::Refused(format!("{} is not a rehearsal's user", plan.user)));
        }
        let played = Played::of(&case.entries());
        if let Some(key) = &played.first_key {
            let rotation = self.rotation(plan, key).await?;
            rotation
                .held(async {
                    if rotation.record().ended.is_none() {
                        rotation.conclude(End::Aborted).await?;
                    }
                    Ok(rotation.case().archive().await?)
                })
                .await?;
        }
        self.delete_keys(case, plan).await?;
        self.delete_user(case, plan).await?;
        if let Some(vault) = Vault::of(&plan.to, self.desk.session) {
            self.note(case, step::DELETE, json!({ "secret": plan.to })).await?;
            let left = |error| Stop::service(format!("{} was not deleted", plan.to), error);
            vault.remove().await.map_err(left)?;
        }
        person.hear(Progress::UserDeleted(plan.name().to_owned()));
        let rehearsed = self.record(case, plan, &played).await?;
        case.archive().await?;
        Ok(rehearsed)
    }

    async fn keys(&self, plan: &Plan) -> Result<Option<Vec<(String, KeyStatus)>>, Stop> {
        let list = self.desk.session.call(&ListAccessKeys { user_principal_name: Some(&plan.user) }).await;
        match list {
            Ok(list) => {
                Ok(Some(list.keys().iter().map(|key| (key.access_key_id.clone(), key.status)).collect()))
            }
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn delete_keys(&self, case: &Case, plan: &Plan) -> Result<(), Stop> {
        for (key, status) in self.keys(plan).await?.unwrap_or_default() {
            let left = |error: Error| Stop::service(format!("{key} of {} was not deleted", plan.user), error);
            let user = Some(plan.user.clone());
            let (before, after) = (KeyStatus::Active, KeyStatus::Inactive);
            let change = Change::KeyStatus { user, key: key.clone(), before, after };
            let id = change.id();
            if status == KeyStatus::Active {
                match case.make(change, self.desk.session, self.desk.pace).await? {
                    Applied::Proved(_) => {}
                    Applied::Refused(error) | Applied::Unproved(error) => return Err(left(error)),
                }
            }
            self.note(case, step::DELETE, json!({ "key": key })).await?;
            let action = DeleteAccessKey { user_access_key_id: &key, user_principal_name: &plan.user };
            gone(self.desk.session.change(&action).await).map_err(left)?;
            case.write(What::Undone { changes: vec![id], how: GONE.to_owned() }).await?;
        }
        Ok(())
    }

    async fn delete_user(&self, case: &Case, plan: &Plan) -> Result<(), Stop> {
        self.note(case, step::DELETE, json!({ "user": plan.user })).await?;
        let left = |error: Error| Stop::service(format!("{} was not deleted", plan.user), error);
        let action = DeleteUser { user_principal_name: &plan.user };
        gone(self.desk.session.change(&action).await).map_err(left)?;
        let end = Instant::now() + self.desk.pace.settle;
        while self.keys(plan).await?.is_some() {
            if Instant::now() >= end {
                let why = format!("{} is still there after it was deleted: run this again", plan.user);
                return Err(Stop::Look(why));
            }
            tokio::time::sleep(self.desk.pace.settle_step).await;
        }
        Ok(())
    }

    /// Adds it to the record of all rehearsals, unless an earlier run has.
    async fn record(&self, case: &Case, plan: &Plan, played: &Played) -> Result<Rehearsed, Stop> {
        let began = case.entries().first().map(|entry| entry.at);
        let at = self.desk.now();
        let rehearsed = Rehearsed {
            at,
            account: plan.account.clone(),
            ok: played.over == Some(Ok(())),
            took: began.map_or(0, |began| at.duration_since(began).as_secs()),
            user: plan.name().to_owned(),
            to: plan.to.clone(),
            case: case.id().to_owned(),
            why: played.over.clone().and_then(Result::err),
        };
        let series = self.desk.cases.store().series(SERIES);
        loop {
            let all: Vec<Rehearsed> = series.read().await.map_err(crate::response::CaseError::from)?;
            if let Some(known) = all.iter().find(|one| one.case == rehearsed.case) {
                return Ok(known.clone());
            }
            let next = all.len() as u64 + 1;
            let appended = series.append(next, &rehearsed).await;
            if appended.map_err(crate::response::CaseError::from)? == Appended::Done {
                return Ok(rehearsed);
            }
        }
    }

    /// All rehearsals on record, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn all(&self) -> Result<Vec<Rehearsed>, Stop> {
        Ok(rehearsals(self.desk.cases.store()).await.map_err(crate::response::CaseError::from)?)
    }
}

/// All rehearsals on record in `store`, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn rehearsals(store: &Store) -> Result<Vec<Rehearsed>, StateError> {
    store.series(SERIES).read().await
}

/// What is not there need not be deleted.
fn gone<T>(deleted: Result<T, Error>) -> Result<(), Error> {
    match deleted {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == Kind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// When the procedure last worked in this account, by the record.
pub fn last_success(all: &[Rehearsed], account: &str) -> Option<Timestamp> {
    all.iter().filter(|one| one.ok && one.account == account).map(|one| one.at).max()
}
