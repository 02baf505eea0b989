//! Where the new key's secret is handed over.

use std::str::FromStr;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cloud::ims::CreatedKey;
use crate::cloud::kms::{
    CreateSecret, DeleteSecret, DescribeSecret, ListSecretVersionIds, PutSecretValue, SecretVersions,
};
use crate::openapi::{Error, Kind, Session};

/// Where a secret goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Destination {
    /// A secret in KMS, made if it is not there. The value is JSON with `AccessKeyId` and `AccessKeySecret`; the
    /// version is named for the key.
    Kms {
        /// The secret's name.
        name: String,
        /// Its region; `None`: the home region.
        region: Option<String>,
    },
    /// The person who runs the command: once, on standard output.
    Terminal,
    /// Nobody: a rehearsal keeps it in memory and uses it.
    Rehearsal,
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kms { name, region: None } => write!(f, "kms:{name}"),
            Self::Kms { name, region: Some(region) } => write!(f, "kms:{name}?region={region}"),
            Self::Terminal => f.write_str("terminal"),
            Self::Rehearsal => f.write_str("rehearsal"),
        }
    }
}

impl From<Destination> for String {
    fn from(to: Destination) -> Self {
        to.to_string()
    }
}

impl TryFrom<String> for Destination {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "rehearsal" { Ok(Self::Rehearsal) } else { text.parse() }
    }
}

/// As a person says it: `terminal`, `kms:NAME`, `kms:NAME?region=cn-hangzhou`.
impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| Err(format!("{text:?}: {why}; terminal or kms:NAME[?region=ID] is expected"));
        if text == "terminal" {
            return Ok(Self::Terminal);
        }
        let Some(rest) = text.strip_prefix("kms:") else { return wrong("not a destination") };
        let (name, query) = rest.split_once('?').map_or((rest, None), |(name, query)| (name, Some(query)));
        // CreateSecret: letters, digits and these, at most 192.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_/+=.@-".contains(&byte);
        if name.is_empty() || name.len() > 192 || !name.bytes().all(plain) {
            return wrong("the secret's name has 1 to 192 letters, digits and _/+=.@-");
        }
        let region = match query.map(|query| query.strip_prefix("region=")) {
            None => None,
            Some(Some(region)) if is_region(region) => Some(region.to_owned()),
            Some(_) => return wrong("only ?region=ID may follow the name"),
        };
        Ok(Self::Kms { name: name.to_owned(), region })
    }
}

/// It becomes part of a host name that credentials are sent to.
fn is_region(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A KMS secret as a place for keys.
pub(super) struct Vault<'a> {
    session: Session,
    name: &'a str,
}

/// What stands in a vault before something is put there.
pub(super) struct Contents {
    exists: bool,
    /// The current version.
    pub(super) current: Option<String>,
}

impl<'a> Vault<'a> {
    /// The vault of a destination; `None` where it is none.
    pub(super) fn of(to: &'a Destination, session: &Session) -> Option<Self> {
        let Destination::Kms { name, region } = to else { return None };
        let session = region.as_deref().map_or_else(|| session.clone(), |region| session.in_region(region));
        Some(Self { session, name })
    }

    /// Looks whether there is such a secret that may be written to, and what is in it.
    pub(super) async fn look(&self) -> Result<Contents, Error> {
        let info = match self.session.call(&DescribeSecret { secret_name: self.name }).await {
            Ok(info) => info,
            Err(error) if error.kind() == Kind::NotFound => {
                return Ok(Contents { exists: false, current: None });
            }
            Err(error) => return Err(error),
        };
        // KMS changes the value of the other types itself and takes none from outside.
        if let Some(kind) = info.secret_type.as_deref().filter(|kind| *kind != "Generic") {
            let why = format!("the secret {} is of type {kind}, not Generic: KMS keeps its value", self.name);
            return Err(Error::new(Kind::Setting, "kms:DescribeSecret", "SecretType", why));
        }
        if let Some(when) = info.planned_delete_time.as_deref().filter(|when| !when.is_empty()) {
            let why =
                format!("the secret {} is to be deleted on {when}: restore it, or name another", self.name);
            return Err(Error::new(Kind::Setting, "kms:DescribeSecret", "PendingDeletion", why));
        }
        let versions = self.versions().await?;
        Ok(Contents { exists: true, current: versions.current().map(str::to_owned) })
    }

    async fn versions(&self) -> Result<SecretVersions, Error> {
        Ok(self.session.call(&ListSecretVersionIds { secret_name: self.name }).await?.value)
    }

    /// Whether the key's version is there. A secret that does not exist has none.
    pub(super) async fn has(&self, key: &str) -> Result<bool, Error> {
        match self.versions().await {
            Ok(versions) => Ok(versions.has(key)),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Puts a key in, as the current version.
    pub(super) async fn put(&self, created: &CreatedKey, contents: &Contents) -> Result<(), Error> {
        let secret = created.secret().expose_secret();
        let data = json!({ "AccessKeyId": created.id(), "AccessKeySecret": secret }).to_string();
        let data = SecretString::from(data);
        let (secret_name, version_id, secret_data) = (self.name, created.id(), &data);
        let done = if contents.exists {
            self.session.change(&PutSecretValue { secret_name, version_id, secret_data }).await
        } else {
            let description = "an access key, put here by its rotation";
            self.session.change(&CreateSecret { secret_name, version_id, secret_data, description }).await
        };
        // A service may repeat in its message what it did not like.
        done.map(drop).map_err(|error| {
            error.map_message(|message| message.replace(data.expose_secret(), "***").replace(secret, "***"))
        })
    }

    /// Deletes the secret for good: only what a rehearsal has made itself.
    pub(super) async fn remove(&self) -> Result<(), Error> {
        let action = DeleteSecret { secret_name: self.name, force_delete_without_recovery: true };
        match self.session.change(&action).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == Kind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_accepted_reads_the_same_again() {
        for text in ["terminal", "kms:prod/alice", "kms:a", "kms:a?region=eu-central-1"] {
            let read: Destination = text.parse().unwrap();
            assert_eq!(read.to_string(), text);
            let stored = serde_json::to_string(&read).unwrap();
            assert_eq!(serde_json::from_str::<Destination>(&stored).unwrap(), read);
        }
        assert_eq!(serde_json::from_str::<Destination>("\"rehearsal\"").unwrap(), Destination::Rehearsal);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let long = format!("kms:{}", "a".repeat(193));
        let wrong = ["", "kms", "kms:", "kms:a b", "kms:a?", "kms:a?zone=b", "kms:a?region=x.evil.com"];
        for text in wrong.into_iter().chain(["rehearsal", "stdout", long.as_str()]) {
            let error = text.parse::<Destination>().unwrap_err();
            assert!(error.contains("kms:NAME"), "{error}");
        }
    }
}
