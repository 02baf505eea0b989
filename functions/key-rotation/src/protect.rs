//! Whose keys are never touched: ours, those of break-glass users, and those of the account's last administrator.

use std::collections::BTreeSet;

use shared::cloud::ram::{ListEntitiesForPolicy, ListUsersForGroup};
use shared::cloud::sts::CallerIdentity;
use shared::config::Config;
use shared::openapi::{Action, Api, Error, Session};
use shared::snapshot::{Read, Snapshot, User};

/// What [`administrators`] calls: for the generated permissions.
pub(crate) const NEEDS: &[Api] =
    &[<ListEntitiesForPolicy as Action>::API, <ListUsersForGroup as Action>::API];

/// The reason where nobody knows who the administrators are.
pub(crate) const ADMINISTRATORS_UNREAD: &str = "administrators_unread";

/// Who is protected, and by what.
#[derive(Debug, Clone)]
pub(crate) struct Protected {
    /// The account.
    pub account_id: String,
    /// The key that this run is signed with.
    pub own_key: String,
    /// The user that this run is, if it is one.
    pub own_user: Option<String>,
    /// All users with AdministratorAccess; `None`: not known, so that anybody may be the last one.
    pub administrators: Option<BTreeSet<String>>,
    /// Keys that a rotation is replacing at this moment: it knows best when to disable them.
    pub rotating: BTreeSet<String>,
}

impl Protected {
    /// What is known from the caller alone.
    pub(crate) fn by(caller: &CallerIdentity, session: &Session) -> Self {
        let own_user = (caller.identity_type == "RAMUser")
            .then(|| caller.arn.rsplit('/').next().unwrap_or_default().to_owned());
        Self {
            account_id: caller.account_id.clone(),
            own_key: session.key_id().to_owned(),
            own_user,
            administrators: None,
            rotating: BTreeSet::new(),
        }
    }

    /// Why a key of `user` may not be touched, if so.
    pub(crate) fn why(
        &self,
        account: &Snapshot,
        user: &User,
        key: &str,
        config: &Config,
    ) -> Option<&'static str> {
        if config.is_break_glass_user(&user.name, &self.account_id) {
            return Some("break_glass");
        }
        if self.own_key == key
            || self.own_user.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(&user.name))
        {
            return Some("own");
        }
        if self.rotating.contains(key) {
            return Some("rotating");
        }
        let another = |other: &User| {
            other.name != user.name && self.is_administrator(other) && !other.frozen && can_act(other)
        };
        match &self.administrators {
            None => Some(ADMINISTRATORS_UNREAD),
            Some(_) if self.is_administrator(user) && !account.users.iter().any(another) => {
                Some("last_administrator")
            }
            Some(_) => None,
        }
    }

    /// Whether `user` is known to be an administrator.
    pub(crate) fn is_administrator(&self, user: &User) -> bool {
        self.administrators.iter().flatten().any(|name| name.eq_ignore_ascii_case(&user.name))
    }
}

/// Whether a user is known to have a way in.
fn can_act(user: &User) -> bool {
    user.console == Read::Read(true) || user.keys.known().into_iter().flatten().any(|key| key.active)
}

/// The users with the system policy AdministratorAccess, directly or by a group.
pub(crate) async fn administrators(session: &Session) -> Result<BTreeSet<String>, Error> {
    let entities = session.call(&ListEntitiesForPolicy::system("AdministratorAccess")).await?;
    let mut users: BTreeSet<String> = entities.users().map(str::to_owned).collect();
    for group in entities.groups() {
        let members = session.all(ListUsersForGroup::of(group)).await?;
        users.extend(members.into_iter().map(|member| member.user_name));
    }
    Ok(users)
}
