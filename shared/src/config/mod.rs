//! `hardening.yaml`: what a person decides about how their account is kept.
//!
//! Every key has a safe default, so an empty file is valid. An unknown key or a wrong value is an error that
//! names the file, the line, the column and what is accepted: a misspelt break-glass entry that is silently
//! ignored locks somebody out.
//!
//! ```
//! let config = shared::config::Config::parse("root_key: {mode: observe}", "hardening.yaml").unwrap();
//! assert_eq!(config.root_key.max_pinned_keys, 200);
//!
//! let error = shared::config::Config::parse("colour: red", "hardening.yaml").unwrap_err();
//! assert!(error.to_string().starts_with("hardening.yaml:1:1: unknown key \"colour\""));
//! ```

mod channel;
mod error;
mod source;
mod value;

use std::time::Duration;

use ipnet::IpNet;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use channel::{ChannelConfig, ChannelType};
pub(crate) use channel::{Endpoint, Place};
pub use error::ConfigError;
pub use source::Source;
pub use value::{Language, Principal, PrincipalKind, Severity};

use value::{networks, number, or_default, repeat_every, span, spans, text, version};

/// The whole configuration. Serialising it masks its secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The version of the format: 1.
    #[serde(deserialize_with = "version")]
    pub version: u32,
    /// The language of messages and reports.
    pub language: Language,
    /// Networks that calls and sign-ins are expected from.
    #[serde(with = "networks")]
    pub trusted_networks: Vec<IpNet>,
    /// Who is never a target of a response.
    #[serde(deserialize_with = "or_default")]
    pub break_glass: Vec<Principal>,
    /// The response to a new root key.
    #[serde(deserialize_with = "or_default")]
    pub root_key: RootKey,
    /// The rotation of access keys.
    #[serde(deserialize_with = "or_default")]
    pub rotation: Rotation,
    /// Who is told.
    #[serde(deserialize_with = "or_default")]
    pub notify: Notify,
    /// Findings that a person has accepted.
    #[serde(deserialize_with = "or_default")]
    pub exemptions: Vec<Exemption>,
    /// What errors call the file.
    #[serde(skip)]
    name: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            version: 1,
            language: Language::default(),
            trusted_networks: Vec::new(),
            break_glass: Vec::new(),
            root_key: RootKey::default(),
            rotation: Rotation::default(),
            notify: Notify::default(),
            exemptions: Vec::new(),
            name: "hardening.yaml".to_owned(),
        }
    }
}

/// The response to a new access key of the root account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RootKey {
    /// Whether anything is changed at all.
    pub mode: Mode,
    /// Whether the AccessKey network policies may be used. They reach the whole account, so a person switches
    /// this on after having read what `observe` would have done.
    pub quarantine: bool,
    /// With more keys of RAM users than this, a quarantine is not begun, only escalated.
    #[serde(deserialize_with = "number::at_least_one")]
    pub max_pinned_keys: u32,
    /// An unproved case is escalated again after this time. At least a minute.
    #[serde(serialize_with = "span::serialize", deserialize_with = "repeat_every")]
    pub repeat_every: Duration,
}

impl Default for RootKey {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            quarantine: false,
            max_pinned_keys: 200,
            repeat_every: Duration::from_secs(15 * 60),
        }
    }
}

/// What a response may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Alert, act, verify.
    #[default]
    Revoke,
    /// Alert, verify, report what would have been done, change nothing.
    Observe,
}

/// When access keys are due, and what happens then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rotation {
    /// The age at which a key is due.
    #[serde(with = "span")]
    pub rotate_after: Duration,
    /// How long before that its owner is reminded.
    #[serde(with = "spans")]
    pub remind_before: Vec<Duration>,
    /// A key that has not been used for this long is idle.
    #[serde(with = "span")]
    pub idle_after: Duration,
    /// Which keys are disabled.
    pub disable: Disable,
    /// Keys disabled in one run, at most. None at 0.
    #[serde(deserialize_with = "number::any")]
    pub max_disabled_per_run: u32,
}

impl Default for Rotation {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            rotate_after: Duration::from_secs(90 * DAY),
            remind_before: [14, 7, 1].map(|days| Duration::from_secs(days * DAY)).to_vec(),
            idle_after: Duration::from_secs(90 * DAY),
            disable: Disable::default(),
            max_disabled_per_run: 5,
        }
    }
}

/// Which keys the rotation disables. Always reversible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disable {
    /// None.
    #[default]
    Never,
    /// Those past their due date.
    Overdue,
    /// Those that nothing uses.
    Idle,
}

/// Who is told.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notify {
    /// The channels, in the order of the file.
    #[serde(deserialize_with = "channel::located")]
    pub channels: Vec<ChannelConfig>,
}

/// A finding that a named person has accepted, for a reason, until a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// The id of the check.
    #[serde(deserialize_with = "text")]
    pub check: String,
    /// The resource's ARN, in which `*` stands for anything.
    #[serde(deserialize_with = "text")]
    pub resource: String,
    /// Who has accepted it.
    #[serde(deserialize_with = "text")]
    pub owner: String,
    /// Why.
    #[serde(deserialize_with = "text")]
    pub reason: String,
    /// The last day on which it holds.
    #[serde(deserialize_with = "value::date")]
    pub expires: Date,
}

impl Config {
    /// Reads the text of a file; `name` is what errors call it.
    ///
    /// # Errors
    /// At the first unknown key or wrong value.
    pub fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        // A leading mark of byte order is what some editors write.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Snippets would repeat lines of the file, and those may hold a webhook's URL.
        let options = serde_saphyr::options! { with_snippet: false };
        let parsed: Option<Self> = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| ConfigError::from_yaml(name, &error))?;
        let mut config = parsed.unwrap_or_default();
        name.clone_into(&mut config.name);
        config.check_channels()?;
        Ok(config)
    }

    /// The effective values as YAML that can be read again; secrets are masked.
    pub fn show(&self) -> String {
        serde_saphyr::to_string(self).expect("plain values have a YAML form")
    }

    /// What errors call the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn check_channels(&self) -> Result<(), ConfigError> {
        let mut seen: Vec<&ChannelConfig> = Vec::new();
        for channel in &self.notify.channels {
            channel.check().map_err(|why| self.wrong(channel, &why))?;
            if let Some(first) = seen.iter().find(|first| first.name == channel.name) {
                let why = format!("the name is taken by the channel in line {}", first.place().line);
                return Err(self.wrong(channel, &why));
            }
            if let Some(first) = seen.iter().find(|first| first.fallback && channel.fallback) {
                let why = format!("one channel at most is the fallback, and {:?} is already", first.name);
                return Err(self.wrong(channel, &why));
            }
            seen.push(channel);
        }
        Ok(())
    }

    pub(crate) fn wrong(&self, channel: &ChannelConfig, why: &str) -> ConfigError {
        ConfigError::at(&self.name, channel.place(), format!("channel {:?}: {why}", channel.name))
    }
}

#[cfg(test)]
mod tests;
