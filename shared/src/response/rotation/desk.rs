//! Where rotations are begun and found again.

use jiff::Timestamp;

use super::destination::Vault;
use super::view::{FUNCTION, Record};
use super::{Destination, KEYS_PER_USER, Rotation, Stop, Subject};
use crate::ambient::Clock;
use crate::cloud::ims::{AccessKey, KeyStatus, ListAccessKeys, ListUsers, User};
use crate::cloud::sts::GetCallerIdentity;
use crate::config::{Principal, PrincipalKind};
use crate::openapi::Session;
use crate::response::{Case, Cases, Pace, What};

/// What every rotation stands on.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// In whose name.
    pub session: &'a Session,
    /// Where it is recorded.
    pub cases: &'a Cases,
    /// The time of day.
    pub clock: &'a Clock,
    /// How patient it is with the service.
    pub pace: &'a Pace,
    /// Who is never touched.
    pub break_glass: &'a [Principal],
}

/// How the ids of its cases begin.
const PREFIX: &str = "rotation-";

/// The old key of the rotation whose case has this id.
pub fn rotated_key(case: &str) -> Option<&str> {
    case.strip_prefix(PREFIX)
}

impl<'a> Desk<'a> {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The account that the session is in.
    pub(super) async fn account(&self) -> Result<String, Stop> {
        Ok(self.session.call(&GetCallerIdentity {}).await?.value.account_id)
    }

    /// The rotation of this user (a name, or a principal name) that has not ended, if there is one; with `key`, only
    /// one that replaces this key. `to`: where a secret that is still to be handed over goes, if not where it was to go.
    ///
    /// # Errors
    /// When the account or the store cannot be read.
    pub async fn running(
        &self,
        user: &str,
        key: Option<&str>,
        to: Option<&Destination>,
    ) -> Result<Option<Rotation<'a>>, Stop> {
        let account = self.account().await?;
        let mut found: Option<Rotation> = None;
        for id in self.cases.ids(false).await? {
            if !id.starts_with(PREFIX) {
                continue;
            }
            let Some(case) = self.cases.load(&id).await? else { continue };
            let Some(subject) = Subject::of(&case.entries()) else { continue };
            let same = subject.account == account
                && (subject.user.eq_ignore_ascii_case(user) || subject.name().eq_ignore_ascii_case(user))
                && key.is_none_or(|key| key == subject.old_key);
            if !same {
                continue;
            }
            if let Some(other) = found {
                return Err(Stop::Refused(format!(
                    "two rotations of {user} are under way, of {} and of {}: say which with --key",
                    other.old(),
                    subject.old_key
                )));
            }
            found = Some(self.rotation(case, subject, to));
        }
        Ok(found)
    }

    /// Begins the rotation of a user's key. Without `key` it is the only active one. Nothing is changed in the account
    /// yet. If somebody else has just begun the same one, it is that.
    ///
    /// # Errors
    /// When there is no such user or key, when it may not be touched, or when there is no room for a second key; when
    /// the account or the store cannot be read.
    pub async fn begin(&self, user: &str, key: Option<&str>, to: &Destination) -> Result<Rotation<'a>, Stop> {
        let account = self.account().await?;
        let user = self.user(user).await?;
        self.may_touch(&user.user_principal_name, &account)?;
        let list = self
            .session
            .call(&ListAccessKeys { user_principal_name: Some(&user.user_principal_name) })
            .await?;
        let old_key = choose(list.keys(), &user, key)?;
        if old_key == self.session.key_id() {
            return Err(Stop::Refused(format!(
                "{old_key} is the key that this command is signed with: rotate it with another credential"
            )));
        }
        if let Some(vault) = Vault::of(to, self.session) {
            vault.look().await?;
        }
        let subject = Subject { account, user: user.user_principal_name, old_key, to: to.clone() };
        self.open(subject).await
    }

    /// The id of the first rotation of a key.
    pub(super) fn first_case(key: &str) -> String {
        format!("{PREFIX}{key}")
    }

    /// Opens the case of a rotation: the next one of this key, if earlier ones have ended.
    pub(super) async fn open(&self, subject: Subject) -> Result<Rotation<'a>, Stop> {
        for number in 1_u32.. {
            let id = match number {
                1 => Self::first_case(&subject.old_key),
                _ => format!("{PREFIX}{}-{number}", subject.old_key),
            };
            let opened = What::Opened {
                function: FUNCTION.to_owned(),
                title: format!("rotation of {} of {}", subject.old_key, subject.name()),
                subject: serde_json::to_value(&subject).unwrap_or_default(),
            };
            let (case, new) = self.cases.open(&id, opened).await?;
            let record = Record::of(&case.entries(), &subject.old_key);
            if new || record.ended.is_none() {
                let recorded = Subject::of(&case.entries()).unwrap_or(subject);
                return Ok(self.rotation(case, recorded, None));
            }
        }
        Err(Stop::Refused(format!("{} has been rotated too often", subject.old_key)))
    }

    pub(super) fn rotation(&self, case: Case, subject: Subject, to: Option<&Destination>) -> Rotation<'a> {
        let to = to.unwrap_or(&subject.to).clone();
        Rotation { desk: *self, case, to, subject, kept: None }
    }

    /// Refuses break-glass principals.
    pub(super) fn may_touch(&self, user: &str, account: &str) -> Result<(), Stop> {
        let name = user.split('@').next().unwrap_or_default();
        if self.break_glass.iter().any(|one| one.is(PrincipalKind::User, name, account)) {
            return Err(Stop::Refused(format!(
                "{name} is a break-glass principal (break_glass in the configuration), and those are never touched: \
                 rotate its key by hand, with somebody watching"
            )));
        }
        Ok(())
    }

    async fn user(&self, name: &str) -> Result<User, Stop> {
        let users = self.session.all(ListUsers::default()).await?;
        let same = |user: &User| {
            user.user_principal_name.eq_ignore_ascii_case(name) || user.name().eq_ignore_ascii_case(name)
        };
        users.into_iter().find(same).ok_or_else(|| {
            let hint = if name.eq_ignore_ascii_case("root") {
                ": the root account should have no key; only root itself can make or delete one"
            } else {
                ""
            };
            Stop::Refused(format!("there is no RAM user {name:?} in this account{hint}"))
        })
    }
}

/// The key to replace, if there is room for another.
fn choose(keys: &[AccessKey], user: &User, wanted: Option<&str>) -> Result<String, Stop> {
    let (name, refused) = (user.name(), |why: String| Err(Stop::Refused(why)));
    let active: Vec<&AccessKey> = keys.iter().filter(|key| key.status == KeyStatus::Active).collect();
    if let Some(id) = wanted {
        match keys.iter().find(|key| key.access_key_id == id).map(|key| key.status) {
            None => return refused(format!("{name} has no key {id}")),
            Some(KeyStatus::Inactive) => {
                return refused(format!("{id} of {name} is disabled: there is nothing to rotate"));
            }
            Some(KeyStatus::Active) => {}
        }
    }
    if keys.len() >= KEYS_PER_USER {
        return Err(no_room(name, keys));
    }
    match active[..] {
        [] => refused(format!("{name} has no active access key: there is nothing to rotate")),
        [one] => Ok(one.access_key_id.clone()),
        _ => refused(format!("{name} has several active keys: say which with --key")),
    }
}

/// What to do about a user who holds as many keys as one may.
pub(super) fn no_room(name: &str, keys: &[AccessKey]) -> Stop {
    let shown: Vec<String> = keys
        .iter()
        .map(|key| {
            let created = key.create_date.as_deref().map(|at| format!(", made {at}")).unwrap_or_default();
            format!("{} ({:?}{created})", key.access_key_id, key.status)
        })
        .collect();
    let way = match keys.iter().find(|key| key.status == KeyStatus::Inactive) {
        Some(key) => format!("{} is disabled: if nobody misses it, delete it; then rotate the other", key.access_key_id),
        None => "Find out which of them nobody uses (GetAccessKeyLastUsed), disable it, wait, delete it; then rotate the \
                 other"
            .to_owned(),
    };
    Stop::Look(format!(
        "{name} holds {} access keys already, and {KEYS_PER_USER} are all that RAM allows: {}. {way}",
        keys.len(),
        shown.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chosen(keys: &[(&str, &str)], wanted: Option<&str>) -> Result<String, String> {
        let user: User = serde_json::from_value(json!({ "UserPrincipalName": "alice@1" })).unwrap();
        let keys: Vec<AccessKey> = keys
            .iter()
            .map(|(id, status)| {
                serde_json::from_value(json!({ "AccessKeyId": id, "Status": status })).unwrap()
            })
            .collect();
        choose(&keys, &user, wanted).map_err(|stop| stop.to_string())
    }

    #[test]
    fn the_only_active_key_is_replaced_if_there_is_room() {
        assert_eq!(chosen(&[("a", "Active")], None), Ok("a".into()));
        assert_eq!(chosen(&[("a", "Active")], Some("a")), Ok("a".into()));
        for (keys, wanted, why) in [
            (&[][..], None, "no active access key"),
            (&[("a", "Inactive")], None, "no active access key"),
            (&[("a", "Inactive")], Some("a"), "is disabled"),
            (&[("a", "Active")], Some("b"), "has no key b"),
            (&[("a", "Active"), ("b", "Active")], None, "holds 2 access keys already"),
            (&[("a", "Active"), ("b", "Inactive")], Some("a"), "b (Inactive"),
        ] {
            let error = chosen(keys, wanted).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
