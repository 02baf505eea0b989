//! One channel of `notify.channels`. Its URL is a secret like its signing key: a robot's URL holds its token.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_saphyr::Spanned;

use super::value::{Severity, text};
use crate::ambient::Env;
use crate::openapi::safe_url;

/// What stands in place of a secret.
const MASK: &str = "***";

/// A line and a column of the file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

/// One channel. `Debug` and serialising mask its secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelConfig {
    /// What errors and records call it.
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// What speaks at the other end.
    #[serde(rename = "type")]
    pub kind: ChannelType,
    /// Where to. This or `url_env`.
    #[serde(default, with = "masked_url", skip_serializing_if = "Option::is_none")]
    pub url: Option<SecretString>,
    /// The environment variable that holds the URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_env: Option<String>,
    /// What messages are signed with. This, `secret_env` or neither.
    #[serde(default, with = "masked", skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretString>,
    /// The environment variable that holds the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
    /// Messages below this are not sent here.
    #[serde(default = "low")]
    pub min_severity: Severity,
    /// Whether it gets only what no other channel took.
    #[serde(default)]
    pub fallback: bool,
    /// Whether a critical message calls everyone in the group (DingTalk).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_all: bool,
    #[serde(skip)]
    place: Place,
}

/// What speaks at the other end of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelType {
    /// JSON to any HTTP server.
    Webhook,
    /// A DingTalk custom robot.
    DingTalk,
}

fn low() -> Severity {
    Severity::Low
}

/// A checked URL in its parts, with the secret that goes with it.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// `scheme://host[:port]`.
    pub(crate) base: String,
    /// The path, percent-encoded.
    pub(crate) path: SecretString,
    /// The query, decoded.
    pub(crate) query: Vec<(String, SecretString)>,
    /// What messages are signed with.
    pub(crate) secret: Option<SecretString>,
}

impl ChannelConfig {
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// What is wrong with it, whatever the environment is.
    pub(super) fn check(&self) -> Result<(), String> {
        match (&self.url, &self.url_env) {
            (None, None) => return Err("it has no url and no url_env".to_owned()),
            (Some(_), Some(_)) => return Err("url and url_env exclude each other".to_owned()),
            (Some(url), None) => drop(safe_url(url.expose_secret()).map_err(|why| format!("url: {why}"))?),
            (None, Some(_)) => {}
        }
        match (&self.secret, &self.secret_env) {
            (Some(_), Some(_)) => return Err("secret and secret_env exclude each other".to_owned()),
            (Some(secret), None) if secret.expose_secret().is_empty() => {
                return Err("secret: it is empty; leave it out to send unsigned".to_owned());
            }
            _ => {}
        }
        for (key, name) in [("url_env", &self.url_env), ("secret_env", &self.secret_env)] {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if name.as_ref().is_some_and(|name| name.is_empty() || !name.bytes().all(plain)) {
                // Not repeated here: what was put in its place may be the secret itself.
                return Err(format!("{key}: not the name of a variable (letters, digits, _)"));
            }
        }
        if self.at_all && self.kind != ChannelType::DingTalk {
            return Err("at_all: accepted for type dingtalk only".to_owned());
        }
        Ok(())
    }

    /// Where it sends to, with what the environment holds.
    pub(crate) fn endpoint(&self, env: &Env) -> Result<Endpoint, String> {
        let named = |key: &str, name: &Option<String>| match name {
            None => Ok(None),
            Some(name) => match env.get(name) {
                None => Err(format!("{key}: the environment variable {name} is not set")),
                Some(value) => Ok(Some(SecretString::from(value))),
            },
        };
        let from_env = named("url_env", &self.url_env)?;
        let url = self.url.as_ref().or(from_env.as_ref()).ok_or("it has no url and no url_env")?;
        let key = if from_env.is_some() { "url_env" } else { "url" };
        let url = safe_url(url.expose_secret()).map_err(|why| format!("{key}: {why}"))?;
        let secret = match named("secret_env", &self.secret_env)? {
            Some(secret) => Some(secret),
            None => self.secret.clone(),
        };
        let query = url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned().into()));
        Ok(Endpoint { base: base(&url), path: url.path().into(), query: query.collect(), secret })
    }
}

fn base(url: &reqwest::Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// Reads the list and notes where each channel stands, for what can only be said once all are read.
pub(super) fn located<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ChannelConfig>, D::Error> {
    let channels: Vec<Spanned<ChannelConfig>> = super::value::or_default(deserializer)?;
    let place = |spanned: Spanned<ChannelConfig>| {
        let at = spanned.referenced;
        ChannelConfig { place: Place { line: at.line(), column: at.column() }, ..spanned.value }
    };
    Ok(channels.into_iter().map(place).collect())
}

mod masked {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        secret: &Option<SecretString>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(|_| MASK).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SecretString>, D::Error> {
        Ok(Some(String::deserialize(deserializer)?.into()))
    }
}

/// The host stays, so that a person sees where it goes.
mod masked_url {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        url: &Option<SecretString>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let host = |url: &SecretString| match safe_url(url.expose_secret()) {
            Ok(url) => format!("{}/{MASK}", base(&url)),
            Err(_) => MASK.to_owned(),
        };
        url.as_ref().map(host).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SecretString>, D::Error> {
        masked::deserialize(deserializer)
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{MASK}", self.base)
    }
}
