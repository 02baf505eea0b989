//! Accounts that need no file.

use super::{AccessKey, Account, KeyStatus, Policy, PolicyKind, Root, User};
use crate::permission::Document;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The built-in account, in the format of an account file: in several files, whose fields go together.
const BUILTIN: [&str; 3] = [
    include_str!("builtin.json"),
    include_str!("builtin-databases.json"),
    include_str!("builtin-doors.json"),
];
/// What it keeps in the network products.
const BUILTIN_NETWORK: &str = include_str!("builtin-network.json");
/// System policies that every account has. Only those that an account file is likely to name.
const SYSTEM: [(&str, &str, &str); 2] = [
    (
        "AdministratorAccess",
        "Full access to all resources.",
        r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    ),
    (
        "ReadOnlyAccess",
        "Read-only access to all resources.",
        r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":["*:Describe*","*:List*","*:Get*","*:Lookup*"],"Resource":"*"}]}"#,
    ),
];

impl Account {
    /// A small, lifelike account: root without keys and with MFA, people and bots, a break-glass user, the
    /// roles of the functions with a session each, an application role, and a bucket for their state.
    ///
    /// Of what the internet may reach it has one of each kind, open and closed: buckets (a website, one that a
    /// policy opens, one that a policy opens to a partner's addresses, one with a public object), databases
    /// (public and open, private and open, public and open through a template, public and narrow), clusters,
    /// functions, images, shares, APIs, log projects and roles; and secrets in an environment and parameters.
    ///
    /// Its dates are those of an account on 24 November 2026. Then keys are young (alice, the second of
    /// ci-bot), a little over 90 days old and in use (backup-bot, monitor-bot), years old and in use (erp-app),
    /// idle since August (the first of ci-bot), never used (emergency-admin), and Inactive (carol).
    /// [`crate::Settings::ahead`] takes a simulator to such a day.
    ///
    /// Its network is in four regions. The internet reaches, as it should, a shop, a portal behind an ALB and a mail
    /// relay on the second address of a second interface; a bastion and a CLB let offices in alone. It reaches, as
    /// it should not, SSH of a forgotten test instance and of one with IPv6, remote desktop by a DNAT entry, a
    /// database behind an NLB, and a port opened by a prefix list. An open group is used by nothing, another one
    /// by an instance that a network ACL saves. An image is shared, another one public, and user data hold a key.
    pub fn builtin() -> Self {
        let parts = BUILTIN.map(serde_json::from_str::<Map<String, Value>>);
        let whole: Map<String, Value> = parts
            .into_iter()
            .flat_map(|part| part.expect("the files are valid JSON: a test reads them"))
            .collect();
        let mut account = Self::from_json(&Value::from(whole).to_string())
            .expect("the built-in account is valid: a test reads it");
        account.network = serde_json::from_str(BUILTIN_NETWORK).expect("so is its network");
        account.network_is_sound().expect("and what it names is there");
        account
    }

    /// The users, roles and policies of the built-in account, and nothing else of it.
    pub(crate) fn people() -> Self {
        const KEPT: [&str; 5] = ["account_id", "root", "users", "roles", "policies"];
        let mut file: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(BUILTIN[0]).expect("the built-in account is valid");
        file.retain(|name, _| KEPT.contains(&name.as_str()));
        let text = serde_json::Value::Object(file).to_string();
        Self::from_json(&text).expect("a part of a valid account is valid")
    }

    /// An account of `users` users with `keys_per_user` Active keys each, for load tests. Users are called
    /// `user-00000` and so on, their keys `LTAI5tGenerated0000000` and so on; roles, policies and buckets are
    /// those of [`Account::builtin`], whose users are left out.
    pub fn generated(users: usize, keys_per_user: usize) -> Self {
        let made = (0..users).map(|number| {
            let keys = (0..keys_per_user).map(|key| AccessKey {
                id: format!("LTAI5tGenerated{:07}", number * keys_per_user + key),
                secret: format!("example-secret-generated-{number}-{key}"),
                status: KeyStatus::Active,
                created: "2026-01-15T08:00:00Z".into(),
                updated: None,
                last_used: None,
                last_service: None,
                policy: None,
                calls_from: None,
                calls_from_vpc: None,
            });
            Arc::new(User {
                name: format!("user-{number:05}"),
                id: format!("2{number:017}"),
                display_name: format!("User {number}"),
                created: "2025-06-01T08:00:00Z".into(),
                keys: keys.collect(),
                ..User::default()
            })
        });
        Self { users: made.collect(), root: Root { mfa: true, ..Root::default() }, ..Self::builtin() }
    }

    /// Adds the system policies that the file does not describe itself.
    pub(super) fn add_system_policies(&mut self) {
        for (name, description, document) in SYSTEM {
            if self.policies.iter().all(|policy| policy.name != name) {
                self.policies.push(Arc::new(Policy {
                    name: name.into(),
                    kind: PolicyKind::System,
                    description: description.into(),
                    document: Document::parse(document)
                        .expect("system policies are valid: a test reads them"),
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_account_is_as_promised() {
        let account = Account::builtin();
        let known: Vec<&str> = account.network.security_groups.iter().map(|group| &*group.id).collect();
        assert!(known.is_sorted() && known.contains(&"sg-bp1example00000test"));
        assert!(account.root.mfa && account.root.keys.is_empty());
        assert_eq!(account.users.len(), 8);
        let keys: Vec<_> = account.users.iter().flat_map(|user| &user.keys).collect();
        assert!(account.users.iter().any(|user| user.keys.len() == 2));
        assert!(keys.iter().any(|key| key.status == KeyStatus::Inactive));
        assert!(keys.iter().any(|key| key.policy.is_some()));
        assert!(!account.user("emergency-admin").unwrap().keys.is_empty());
        assert!(!account.role("hardening-root-key-revoke").unwrap().sessions.is_empty());
        assert!(!account.role("hardening-key-rotation").unwrap().sessions.is_empty());
        assert!(keys.iter().all(|key| key.secret.starts_with("example-")));
        assert!(account.users.iter().all(|user| user.tags.contains_key("owner")));
    }

    #[test]
    fn the_builtin_keys_are_of_every_age_and_use() {
        let account = Account::builtin();
        let today: jiff::Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
        let days =
            |date: &str| date.parse::<jiff::Timestamp>().unwrap().duration_until(today).as_hours() / 24;
        let seen = |id: &str| {
            let (_, key) = account.key(id).unwrap();
            (days(&key.created), key.last_used.as_deref().map(days))
        };
        assert_eq!(seen("LTAI5tExampleAlice000001"), (70, Some(3)));
        assert_eq!(seen("LTAI5tExampleCiBot000002"), (24, Some(0)));
        assert_eq!(seen("LTAI5tExampleBackup00001"), (101, Some(0)));
        assert_eq!(seen("LTAI5tExampleMonitor0001"), (96, Some(0)));
        assert_eq!(seen("LTAI5tExampleErpApp00001"), (1638, Some(0)));
        assert_eq!(seen("LTAI5tExampleCiBot000001"), (357, Some(113)));
        assert_eq!(seen("LTAI5tExampleEmergency01"), (201, None));
    }

    #[test]
    fn a_generated_account_has_as_many_keys_as_asked_for() {
        let account = Account::generated(1000, 2);
        assert_eq!(account.users.iter().map(|user| user.keys.len()).sum::<usize>(), 2000);
        assert!(account.key("LTAI5tGenerated0001999").is_some());
    }
}
