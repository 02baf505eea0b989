//! What people do in the console, outside of the API: root and users make, disable and delete keys, root makes
//! users and lifts the account's AccessKey network policy.

use crate::account::{AccessKey, KeyHolder, KeyStatus};
use crate::cloud::Cloud;
use crate::ids;
use crate::network_policy::NetworkPolicy;
use crate::record::{NewKey, RootKeyAction, Variant};
use crate::simulator::Simulator;
use crate::trail::{EventParts, event};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The address of the person at the console: one for documentation (RFC 5737).
const DESK: &str = "198.51.100.99";

/// Who sits at the console.
enum Person<'a> {
    Root,
    User(&'a str),
}

impl Person<'_> {
    /// The word for what did it, in lockouts.
    fn word(&self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::User(_) => "user",
        }
    }
}

impl Simulator {
    /// Root makes a key for itself in the console. The event is in the trail.
    pub fn root_creates_key(&self, variant: Variant) -> NewKey {
        let mut cloud = self.cloud();
        let made = cloud.make_key(KeyHolder::Root, &Person::Root, variant);
        cloud.trail.record(made.event.clone());
        made
    }

    /// Root makes a key for itself, and the trail misses it: the event is only in what this returns.
    pub fn root_creates_key_unrecorded(&self, variant: Variant) -> NewKey {
        self.cloud().make_key(KeyHolder::Root, &Person::Root, variant)
    }

    /// Root makes a key for a RAM user, whom it makes first if there is none of that name.
    pub fn root_creates_key_for(&self, user: &str) -> NewKey {
        let mut cloud = self.cloud();
        cloud.ensure_user(user);
        let made = cloud.make_key(KeyHolder::User(user.into()), &Person::Root, Variant::Ims);
        cloud.trail.record(made.event.clone());
        made
    }

    /// A RAM user makes a key for itself in the console; the user is made first if there is none of that name.
    pub fn user_creates_key(&self, user: &str) -> NewKey {
        let mut cloud = self.cloud();
        cloud.ensure_user(user);
        let made = cloud.make_key(KeyHolder::User(user.into()), &Person::User(user), Variant::Ims);
        cloud.trail.record(made.event.clone());
        made
    }

    /// Root enables, disables or deletes a key, its own or a user's. The event, recorded; null if there is no
    /// such key.
    pub fn root_sets_key(&self, id: &str, status: RootKeyAction) -> Value {
        let mut cloud = self.cloud();
        match cloud.account.key(id) {
            Some((holder, _)) => cloud.set_key(&holder, id, status, &Person::Root),
            None => Value::Null,
        }
    }

    /// A RAM user enables or disables a key of its own. The event, recorded; null if it has no such key.
    pub fn set_user_key_status(&self, user: &str, key_id: &str, active: bool) -> Value {
        let mut cloud = self.cloud();
        let holder = KeyHolder::User(user.into());
        if cloud.account.key(key_id).is_none_or(|(found, _)| found != holder) {
            return Value::Null;
        }
        let status = if active { RootKeyAction::Active } else { RootKeyAction::Inactive };
        cloud.set_key(&holder, key_id, status, &Person::User(user))
    }

    /// A RAM user deletes a key of its own. An Active one is disabled first, as the console wants it: two
    /// events, of which the second is returned. Null if the user has no such key.
    pub fn delete_user_key(&self, user: &str, key_id: &str) -> Value {
        let mut cloud = self.cloud();
        let holder = KeyHolder::User(user.into());
        match cloud.account.key(key_id) {
            Some((found, key)) if found == holder => {
                if key.status == KeyStatus::Active {
                    cloud.set_key(&holder, key_id, RootKeyAction::Inactive, &Person::User(user));
                }
                cloud.set_key(&holder, key_id, RootKeyAction::Delete, &Person::User(user))
            }
            _ => Value::Null,
        }
    }

    /// Root makes a RAM user, with tags of key and value. The event, recorded; null if there is a user of that
    /// name.
    pub fn add_user(&self, name: &str, tags: &[(&str, &str)]) -> Value {
        let mut cloud = self.cloud();
        if cloud.account.user(name).is_some() {
            return Value::Null;
        }
        let before = cloud.account.clone();
        cloud.ensure_user(name);
        let tags = tags.iter().map(|(key, value)| ((*key).into(), (*value).into()));
        let user = cloud.account.user_mut(name).expect("a user that was just made");
        user.tags = tags.collect();
        let (date, id) = (user.created.clone(), user.id.clone());
        let principal = cloud.account.principal_name(name);
        let params = Map::from_iter([
            ("UserPrincipalName".into(), principal.as_str().into()),
            ("DisplayName".into(), name.into()),
        ]);
        let response = json!({"User": {
            "UserId": id,
            "UserPrincipalName": principal,
            "DisplayName": name,
            "Comments": "",
            "CreateDate": date,
            "UpdateDate": date,
            "LastLoginDate": "",
        }});
        let event = cloud.console_event("CreateUser", &Person::Root, Variant::Ims, params, response);
        cloud.trail.record(event.clone());
        cloud.keep("console", before);
        event
    }

    /// Root resets the account-level AccessKey network policy in the console.
    pub fn root_lifts_policy(&self) {
        let mut cloud = self.cloud();
        let before = cloud.account.clone();
        let policy = NetworkPolicy::baseline();
        let text = serde_json::to_string(&policy).expect("a policy is plain data");
        cloud.account.access_key_policy = Some(Arc::new(policy));
        let params = Map::from_iter([("AccessKeyPolicy".into(), text.into())]);
        let name = "SetAccessKeyPolicyForAccount";
        let event = cloud.console_event(name, &Person::Root, Variant::Ims, params, json!({}));
        cloud.trail.record(event);
        cloud.keep("console", before);
        cloud.note_lockouts(&format!("root:{name}"), "");
    }
}

impl Cloud {
    /// Somebody enables, disables or deletes a key that the holder has.
    fn set_key(&mut self, holder: &KeyHolder, id: &str, status: RootKeyAction, by: &Person) -> Value {
        let (before, date) = (self.account.clone(), self.date());
        let mut params = Map::from_iter([("UserAccessKeyId".into(), id.into())]);
        if let KeyHolder::User(name) = holder {
            params.insert("UserPrincipalName".into(), self.account.principal_name(name).into());
        }
        let keys = self.account.keys_mut(holder).expect("the holder of a key that was found");
        let set = |keys: &mut Vec<AccessKey>, status| {
            for key in keys.iter_mut().filter(|key| key.id == id) {
                key.status = status;
                key.updated = Some(date.clone());
            }
        };
        match status {
            RootKeyAction::Delete => keys.retain(|key| key.id != id),
            RootKeyAction::Active => set(keys, KeyStatus::Active),
            RootKeyAction::Inactive => set(keys, KeyStatus::Inactive),
        }
        let name = match status {
            RootKeyAction::Delete => "DeleteAccessKey",
            RootKeyAction::Active | RootKeyAction::Inactive => {
                params.insert("Status".into(), format!("{status:?}").into());
                "UpdateAccessKey"
            }
        };
        let event = self.console_event(name, by, Variant::Ims, params, json!({}));
        self.trail.record(event.clone());
        self.keep("console", before);
        self.note_lockouts(&format!("{}:{name}", by.word()), "");
        event
    }

    fn ensure_user(&mut self, name: &str) {
        if self.account.user(name).is_none() {
            let user = crate::account::User {
                name: name.into(),
                id: ids::user_id(),
                display_name: name.into(),
                created: self.date(),
                ..Default::default()
            };
            self.account.add_user(user);
        }
    }

    fn make_key(&mut self, holder: KeyHolder, by: &Person, variant: Variant) -> NewKey {
        let before = self.account.clone();
        let key = AccessKey::new(self.date());
        let (id, secret) = (key.id.clone(), key.secret.clone());
        let response = json!({"AccessKey": {
            "AccessKeyId": key.id,
            "AccessKeySecret": key.secret,
            "Status": key.status.word(),
            "CreateDate": key.created,
        }});
        let mut params = Map::new();
        // Root for itself names nobody: that is how a root key is told from a user's.
        if let (KeyHolder::User(name), Person::Root) = (&holder, by) {
            match variant {
                Variant::Ims => {
                    params.insert("UserPrincipalName".into(), self.account.principal_name(name).into())
                }
                Variant::Ram => params.insert("UserName".into(), name.as_str().into()),
            };
        }
        self.account.keys_mut(&holder).expect("root, or a user that was ensured").push(key);
        let event = self.console_event("CreateAccessKey", by, variant, params, response);
        self.keep("console", before);
        self.note_lockouts(&format!("{}:CreateAccessKey", by.word()), "");
        NewKey { id, secret, event }
    }

    fn console_event(
        &self,
        name: &str,
        by: &Person,
        variant: Variant,
        params: Map<String, Value>,
        response: Value,
    ) -> Value {
        let account = &self.account.account_id;
        let (kind, principal, user) = match by {
            Person::Root => ("root-account", account.as_str(), "root"),
            Person::User(user) => {
                ("ram-user", self.account.user(user).map_or("", |user| user.id.as_str()), *user)
            }
        };
        let (service, version, host, agent) = match variant {
            Variant::Ims => ("Ims", "2019-08-15", "ims.aliyuncs.com", "ram.console.aliyun.com"),
            Variant::Ram => {
                ("Ram", "2015-05-01", "ram.aliyuncs.com", "Apache-HttpClient/4.5.13 (Java/1.8.0_152)")
            }
        };
        event(EventParts {
            time: self.date(),
            service,
            name: name.into(),
            version,
            host: host.into(),
            // As in the published sample of a root console call: not the region where events are kept.
            region: "cn-shanghai".into(),
            global: true,
            source: DESK.into(),
            user_agent: agent.into(),
            identity: json!({
                "type": kind,
                "principalId": principal,
                "accountId": account,
                "userName": user,
                "sessionContext": {"attributes": {"mfaAuthenticated": "true", "creationDate": self.date()}},
            }),
            params,
            response,
            request_id: ids::request_id(),
        })
    }
}

impl AccessKey {
    /// An Active key with a random id and secret.
    pub(crate) fn new(created: String) -> Self {
        Self {
            id: ids::access_key_id(),
            secret: format!("example-{}", ids::random_hex(11)),
            status: KeyStatus::Active,
            created,
            updated: None,
            last_used: None,
            last_service: None,
            policy: None,
            calls_from: None,
            calls_from_vpc: None,
        }
    }
}
