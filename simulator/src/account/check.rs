//! Reading an account file: what serde cannot check, and errors that say where they are.

use super::Account;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// What is wrong with an account file, and where: a line and column, or the path of a field.
#[derive(Debug, PartialEq, Eq)]
pub struct AccountError(String);

impl fmt::Display for AccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AccountError {}

impl Account {
    /// Reads an account file.
    ///
    /// # Errors
    /// Broken JSON, unknown or missing fields (with line and column), and values that contradict each other:
    /// repeated names, unknown policies, dates that are not UTC, invalid AccessKey network policies (with the
    /// path of the field).
    pub fn from_json(text: &str) -> Result<Self, AccountError> {
        let mut account: Self = serde_json::from_str(text).map_err(|e| AccountError(e.to_string()))?;
        account.add_system_policies();
        account.network_is_sound().map_err(AccountError)?;
        account.check().map_err(AccountError)?;
        account.users.sort_by(|a, b| a.name.cmp(&b.name));
        account.roles.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(account)
    }

    /// Sorts and checks what the network products keep.
    pub(crate) fn network_is_sound(&mut self) -> Result<(), String> {
        Arc::make_mut(&mut self.network).sort();
        self.network.check(&self.regions)
    }

    fn check(&self) -> Result<(), String> {
        if self.account_id.len() != 16 || !self.account_id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("account_id: {:?} is not 16 digits", self.account_id));
        }
        let mut seen = BTreeSet::new();
        let mut once = |path: String, kind: &str, name: &str| {
            if name.is_empty() {
                return Err(format!("{path}: must not be empty"));
            }
            if seen.insert(format!("{kind} {name}")) {
                Ok(())
            } else {
                Err(format!("{path}: {name:?} is not unique"))
            }
        };
        let mut keys: Vec<(String, &super::AccessKey)> = Vec::new();
        keys.extend(self.root.keys.iter().enumerate().map(|(i, key)| (format!("root.keys[{i}]"), key)));
        for (i, policy) in self.policies.iter().enumerate() {
            once(format!("policies[{i}].name"), "policy", &policy.name)?;
            policy.document.validate().map_err(|e| format!("policies[{i}].document: {e}"))?;
        }
        for (i, user) in self.users.iter().enumerate() {
            once(format!("users[{i}].name"), "user", &user.name)?;
            date(&format!("users[{i}].created"), &user.created)?;
            self.attached(&format!("users[{i}].policies"), &user.policies)?;
            keys.extend(user.keys.iter().enumerate().map(|(j, k)| (format!("users[{i}].keys[{j}]"), k)));
        }
        for (path, key) in keys {
            once(format!("{path}.id"), "key", &key.id)?;
            date(&format!("{path}.created"), &key.created)?;
            if let Some(policy) = &key.policy {
                policy.validate().map_err(|e| format!("{path}.policy: {e}"))?;
            }
        }
        for (i, role) in self.roles.iter().enumerate() {
            once(format!("roles[{i}].name"), "role", &role.name)?;
            date(&format!("roles[{i}].created"), &role.created)?;
            self.attached(&format!("roles[{i}].policies"), &role.policies)?;
            for (j, session) in role.sessions.iter().enumerate() {
                let path = format!("roles[{i}].sessions[{j}]");
                once(format!("{path}.id"), "key", &session.id)?;
                if let Some(expires) = &session.expires {
                    date(&format!("{path}.expires"), expires)?;
                }
            }
        }
        for (i, bucket) in self.buckets.iter().enumerate() {
            once(format!("buckets[{i}].name"), "bucket", &bucket.name)?;
            bucket.check().map_err(|e| format!("buckets[{i}].{e}"))?;
        }
        self.check_databases()?;
        for (i, secret) in self.secrets.iter().enumerate() {
            once(format!("secrets[{i}].name"), &format!("secret {}", secret.region), &secret.name)?;
            secret.check().map_err(|e| format!("secrets[{i}].versions: {e}"))?;
        }
        for (i, rule) in self.rules.iter().enumerate() {
            once(format!("rules[{i}].name"), &format!("rule {}", rule.region), &rule.name)?;
            crate::pattern::validate(&rule.pattern).map_err(|e| format!("rules[{i}].pattern: {e}"))?;
        }
        if let Some(report) = &self.credential_report {
            date("credential_report.generated", &report.generated)?;
        }
        for (i, event) in self.events.iter().enumerate() {
            date(&format!("events[{i}].eventTime"), event["eventTime"].as_str().unwrap_or_default())?;
        }
        self.access_key_policy
            .as_ref()
            .map_or(Ok(()), |policy| policy.validate().map_err(|e| format!("access_key_policy: {e}")))
    }

    fn attached(&self, path: &str, names: &[String]) -> Result<(), String> {
        match names.iter().position(|name| !self.policies.iter().any(|policy| policy.name == *name)) {
            Some(at) => Err(format!("{path}[{at}]: there is no policy {:?}", names[at])),
            None => Ok(()),
        }
    }
}

fn date(path: &str, text: &str) -> Result<(), String> {
    match text.parse::<Timestamp>() {
        Ok(_) if text.ends_with('Z') => Ok(()),
        _ => Err(format!("{path}: {text:?} is not a UTC date such as 2026-01-31T08:00:00Z")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Account::from_json(text).unwrap_err().to_string()
    }

    #[test]
    fn errors_say_where() {
        assert!(error("{\n \"account_id\": \"1\", \"user\": []}").contains("line 2"));
        assert!(error(r#"{"account_id": "1"}"#).starts_with("account_id"));
        let user = r#"{"name": "a", "id": "2", "created": "2026-01-01T00:00:00Z", "policies": ["Nothing"]}"#;
        let text = format!(r#"{{"account_id": "1234567890123456", "users": [{user}]}}"#);
        assert_eq!(error(&text), r#"users[0].policies[0]: there is no policy "Nothing""#);
        let text = text.replace("Nothing", "AdministratorAccess");
        assert!(Account::from_json(&text).is_ok());
        assert!(error(&text.replace("00:00Z", "00:00+08:00")).starts_with("users[0].created"));
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?}", Account::builtin()).contains("secret"));
    }
}
