//! A rotation on a user that is made for it, so that the procedure is known to work before it is needed.

mod record;
mod stage;

use serde_json::json;

use super::view::FUNCTION;
use super::{Desk, Destination, Person, Report, Rotation, State, Stop, Subject, Terms};
use crate::ambient::Random;
use crate::openapi::{Client, Credentials};
use crate::response::{Case, What};
use record::{Plan, Played, step};
use secrecy::{ExposeSecret as _, SecretString};
use std::cell::RefCell;

pub use record::Rehearsed;
pub use stage::{last_success, rehearsals};

/// How the ids of its cases, and the names of its users, begin.
const PREFIX: &str = "rehearsal-";
const USERS: &str = "hardening-rehearsal-";

/// Rehearses.
#[derive(Clone, Copy)]
pub struct Rehearsal<'a> {
    /// What the rotation stands on.
    pub desk: Desk<'a>,
    /// For calls with the keys that are made.
    pub client: &'a Client,
    /// For the name of the user.
    pub random: &'a Random,
}

/// How far it came.
#[derive(Debug)]
pub enum Outcome {
    /// It is over, and everything that it made is deleted.
    Over(Rehearsed),
    /// The last use of the keys is not to be read yet: run it again later.
    Waiting(Box<Report>),
}

impl Rehearsal<'_> {
    /// Rehearses, or goes on with a rehearsal that waits. `to`: where the secret is handed over; a secret in KMS gets a
    /// name of its own, which begins with the one given. What an interrupted run has left behind is deleted first.
    /// However it ends, what was made is deleted, and it is recorded in the series `rotation/rehearsals`.
    ///
    /// # Errors
    /// When it failed: the record says so, too. When the store failed, or what was made could not be deleted: the next
    /// run goes on with that.
    pub async fn run(&self, to: Option<&Destination>, person: &dyn Person) -> Result<Outcome, Stop> {
        let account = self.desk.account().await?;
        for id in self.desk.cases.ids(false).await? {
            if !id.starts_with(PREFIX) {
                continue;
            }
            let Some(case) = self.desk.cases.load(&id).await? else { continue };
            let Some(plan) = Plan::of(&case.entries()).filter(|plan| plan.account == account) else {
                continue;
            };
            let outcome = self.held(&case, self.go_on(&case, &plan, person)).await?;
            match outcome {
                Outcome::Over(rehearsed) if !rehearsed.ok => {
                    person.hear(super::Progress::CleanedUp(rehearsed.user))
                }
                outcome => return Ok(outcome),
            }
        }
        let name = format!("{:08x}", self.random.next() >> 32);
        let (case, plan) = self.open(&account, &name, to).await?;
        self.held(&case, self.play(&case, &plan, person)).await
    }

    async fn open(&self, account: &str, name: &str, to: Option<&Destination>) -> Result<(Case, Plan), Stop> {
        let to = match to.cloned().unwrap_or(Destination::Rehearsal) {
            Destination::Kms { name: secret, region } => {
                Destination::Kms { name: format!("{secret}-rehearsal-{name}"), region }
            }
            other => other,
        };
        let user = format!("{USERS}{name}@{}", self.domain(account).await?);
        let plan = Plan { account: account.to_owned(), user, to };
        let opened = What::Opened {
            function: format!("{FUNCTION}-rehearsal"),
            title: format!("rehearsal of a rotation with {USERS}{name}"),
            subject: json!(plan),
        };
        let (case, new) = self.desk.cases.open(&format!("{PREFIX}{name}"), opened).await?;
        if !new {
            return Err(Stop::Refused(format!("{} is taken: run this again", case.id())));
        }
        Ok((case, plan))
    }

    async fn held<T>(&self, case: &Case, work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
        let pace = self.desk.pace;
        let Some(hold) = case.claim(pace).await? else {
            return Err(Stop::Look(format!("another run works on {} at this moment", case.id())));
        };
        let done = case.alive(pace, Box::pin(work)).await;
        // Where this cannot be written, the lease runs out by itself.
        let _ = case.release(hold).await;
        done
    }

    /// Goes on with a rehearsal of an earlier run. Its secrets are lost, so that it can go on only where they are not
    /// needed any more.
    async fn go_on(&self, case: &Case, plan: &Plan, person: &dyn Person) -> Result<Outcome, Stop> {
        let played = Played::of(&case.entries());
        match (&played.first_key, played.used, &played.over) {
            (Some(key), true, None) => {
                let rotation = self.rotation(plan, key).await?;
                self.end(case, plan, Box::pin(self.finish(&rotation, person)).await, person).await
            }
            (.., Some(_)) => Box::pin(self.clean_up(case, plan, person)).await.map(Outcome::Over),
            _ => {
                let why = "a run was interrupted".to_owned();
                self.fail(case, plan, why, person).await.map(Outcome::Over)
            }
        }
    }

    /// The whole of it.
    async fn play(&self, case: &Case, plan: &Plan, person: &dyn Person) -> Result<Outcome, Stop> {
        let played = async {
            self.make_user(case, plan).await?;
            person.hear(super::Progress::UserMade(plan.name().to_owned()));
            let (key, secret) = self.make_key(case, plan).await?;
            self.call_with(&key, &secret).await?;
            let rotation = self.rotation(plan, &key).await?;
            let waits = Box::pin(rotation.advance(&terms(), person)).await?;
            let kept = rotation.kept.as_ref().and_then(|kept| kept.borrow_mut().take());
            let Some((new, secret)) = kept.filter(|(new, _)| waits.new_key.as_ref() == Some(new)) else {
                return Err(Stop::Look("the new key was not handed over".to_owned()));
            };
            self.call_with(&new, &secret).await?;
            self.note(case, step::USED, json!({ "key": new })).await?;
            Box::pin(self.finish(&rotation, person)).await
        };
        let played = Box::pin(played).await;
        self.end(case, plan, played, person).await
    }

    /// The rotation of the first key; the same one if it has ended already.
    async fn rotation(&self, plan: &Plan, key: &str) -> Result<Rotation<'_>, Stop> {
        let (account, user, to) = (plan.account.clone(), plan.user.clone(), plan.to.clone());
        let subject = Subject { account, user, old_key: key.to_owned(), to };
        let mut rotation = match self.desk.cases.load(&Desk::first_case(key)).await? {
            Some(case) => self.desk.rotation(case, subject, None),
            None => self.desk.open(subject).await?,
        };
        rotation.kept = Some(RefCell::default());
        Ok(rotation)
    }

    /// From the first use of the new key to the deletion of the old one.
    async fn finish(&self, rotation: &Rotation<'_>, person: &dyn Person) -> Result<State, Stop> {
        let mut state = State::Unfinished;
        rotation
            .until(self.desk.pace.settle, async || {
                state = Box::pin(rotation.advance(&terms(), person)).await?.state;
                Ok(!matches!(state, State::WaitingForNewKey { .. } | State::WaitingForOldKey { .. }))
            })
            .await?;
        if matches!(state, State::Disabled { .. }) {
            state = Box::pin(rotation.delete(&terms(), false, person)).await?.state;
        }
        Ok(state)
    }

    /// Ends it, or lets it wait.
    async fn end(
        &self,
        case: &Case,
        plan: &Plan,
        finished: Result<State, Stop>,
        person: &dyn Person,
    ) -> Result<Outcome, Stop> {
        let used = Played::of(&case.entries()).used;
        match finished {
            Ok(State::Rotated) => {
                self.note(case, step::OVER, json!({ "ok": true })).await?;
                Box::pin(self.clean_up(case, plan, person)).await.map(Outcome::Over)
            }
            Ok(state) => {
                let Some(key) = Played::of(&case.entries()).first_key else {
                    return Err(Stop::Look("the record of the rehearsal is incomplete".to_owned()));
                };
                let rotation = self.rotation(plan, &key).await?;
                Ok(Outcome::Waiting(Box::new(rotation.report(&rotation.record(), state))))
            }
            // It goes on when that can be read again.
            Err(Stop::Unread(why)) if used => Err(Stop::Unread(why)),
            Err(Stop::Case(error)) => Err(Stop::Case(error)),
            Err(stop) => {
                self.fail(case, plan, stop.to_string(), person).await?;
                Err(stop)
            }
        }
    }

    async fn fail(
        &self,
        case: &Case,
        plan: &Plan,
        why: String,
        person: &dyn Person,
    ) -> Result<Rehearsed, Stop> {
        self.note(case, step::OVER, json!({ "ok": false, "why": why })).await?;
        Box::pin(self.clean_up(case, plan, person)).await
    }

    /// A call in the name of a key that was just made, which may take a while to be known everywhere.
    async fn call_with(&self, key: &str, secret: &SecretString) -> Result<(), Stop> {
        let own = Credentials::key(key, secret.expose_secret());
        stage::call(&self.client.session(own, None), self.desk.pace).await
    }
}

/// There is nobody to wait for.
fn terms() -> Terms {
    let none = jiff::SignedDuration::ZERO;
    Terms { quiet: none, after: none, ..Terms::default() }
}
