//! One channel of `notify.channels`. Its URL is a secret like its signing key: a robot's URL holds its token.

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

use super::node::{Node, Wrong};
use super::value::{Severity, Words, boolean, text, word};
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
#[derive(Debug, Clone, Serialize)]
pub struct ChannelConfig {
    /// What errors and records call it.
    pub name: String,
    /// What speaks at the other end.
    #[serde(rename = "type")]
    pub kind: ChannelType,
    /// Where to. This or `url_env`.
    #[serde(serialize_with = "masked_url", skip_serializing_if = "Option::is_none")]
    pub url: Option<SecretString>,
    /// The environment variable that holds the URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_env: Option<String>,
    /// What messages are signed with. This, `secret_env` or neither.
    #[serde(serialize_with = "masked", skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretString>,
    /// The environment variable that holds the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
    /// Messages below this are not sent here.
    pub min_severity: Severity,
    /// Whether it gets only what no other channel took.
    pub fallback: bool,
    /// Whether it gets only what is addressed to it by name: the channel of an owner, not of security.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub direct: bool,
    /// Whether a critical message calls everyone in the group (DingTalk).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub at_all: bool,
    #[serde(skip)]
    place: Place,
}

/// What speaks at the other end of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelType {
    /// JSON to any HTTP server.
    Webhook,
    /// A DingTalk custom robot.
    DingTalk,
}

impl Words for ChannelType {
    const WORDS: &'static [(&'static str, Self)] =
        &[("webhook", Self::Webhook), ("dingtalk", Self::DingTalk)];
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
    /// Reads it and notes where it stands, for what can only be said once all are read.
    pub(super) fn read(node: &Node) -> Result<Self, Wrong> {
        let keys = node.mapping(&[
            "name",
            "type",
            "url",
            "url_env",
            "secret",
            "secret_env",
            "min_severity",
            "fallback",
            "direct",
            "at_all",
        ])?;
        let mut read = Self {
            name: text(keys.required("name")?)?,
            kind: word(keys.required("type")?)?,
            url: None,
            url_env: None,
            secret: None,
            secret_env: None,
            min_severity: Severity::Low,
            fallback: false,
            direct: false,
            at_all: false,
            place: node.place,
        };
        let secret = |node: &Node| Ok(Some(node.text()?.into()));
        let name = |node: &Node| if node.is_null() { Ok(None) } else { Ok(Some(node.text()?.to_owned())) };
        keys.read("url", &mut read.url, secret)?;
        keys.read("url_env", &mut read.url_env, name)?;
        keys.read("secret", &mut read.secret, secret)?;
        keys.read("secret_env", &mut read.secret_env, name)?;
        keys.read("min_severity", &mut read.min_severity, word)?;
        keys.read("fallback", &mut read.fallback, boolean)?;
        keys.read("direct", &mut read.direct, boolean)?;
        keys.read("at_all", &mut read.at_all, boolean)?;
        Ok(read)
    }

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
        if self.direct && self.fallback {
            return Err("direct and fallback exclude each other".to_owned());
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

fn masked<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(|_| MASK).serialize(serializer)
}

/// The host stays, so that a person sees where it goes.
fn masked_url<S: Serializer>(url: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    let host = |url: &SecretString| match safe_url(url.expose_secret()) {
        Ok(url) => format!("{}/{MASK}", base(&url)),
        Err(_) => MASK.to_owned(),
    };
    url.as_ref().map(host).serialize(serializer)
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{MASK}", self.base)
    }
}
