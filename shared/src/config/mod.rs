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
mod exposure;
mod node;
mod pattern;
mod rotation;
mod source;
mod value;

use std::collections::BTreeMap;
use std::time::Duration;

use ipnet::IpNet;
use jiff::civil::Date;
use serde::Serialize;

pub use channel::{ChannelConfig, ChannelType};
pub(crate) use channel::{Endpoint, Place};
pub use error::ConfigError;
pub use exposure::Exposure;
pub use pattern::matches;
pub use rotation::{Disable, Owner, Rotation};
pub use source::Source;
pub use value::{Language, Principal, PrincipalKind, Severity};

use node::{Node, Wrong};
use value::{Words, list, or_default, said, text, word};

/// The whole configuration. Serialising it masks its secrets.
#[derive(Debug, Clone, Serialize)]
pub struct Config {
    /// The version of the format: 1.
    pub version: u32,
    /// The language of messages and reports.
    pub language: Language,
    /// Networks that calls and sign-ins are expected from.
    #[serde(serialize_with = "value::networks")]
    pub trusted_networks: Vec<IpNet>,
    /// Who is never a target of a response.
    pub break_glass: Vec<Principal>,
    /// The response to a new root key.
    pub root_key: RootKey,
    /// The rotation of access keys.
    pub rotation: Rotation,
    /// What counts as open to the internet.
    pub exposure: Exposure,
    /// Who is told.
    pub notify: Notify,
    /// Findings that a person has accepted.
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
            exposure: Exposure::default(),
            notify: Notify::default(),
            exemptions: Vec::new(),
            name: "hardening.yaml".to_owned(),
        }
    }
}

/// The response to a new access key of the root account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RootKey {
    /// Whether anything is changed at all.
    pub mode: Mode,
    /// Whether the AccessKey network policies may be used. They reach the whole account, so a person switches
    /// this on after having read what `observe` would have done.
    pub quarantine: bool,
    /// With more keys of RAM users than this, a quarantine is not begun, only escalated.
    pub max_pinned_keys: u32,
    /// An unproved case is escalated again after this time. At least a minute.
    #[serde(serialize_with = "value::span")]
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

impl RootKey {
    fn read(node: &Node) -> Result<Self, Wrong> {
        let keys = node.mapping(&["mode", "quarantine", "max_pinned_keys", "repeat_every"])?;
        let mut read = Self::default();
        keys.read("mode", &mut read.mode, word)?;
        keys.read("quarantine", &mut read.quarantine, value::boolean)?;
        keys.read("max_pinned_keys", &mut read.max_pinned_keys, said(value::at_least_one))?;
        keys.read("repeat_every", &mut read.repeat_every, said(value::repeat_every))?;
        Ok(read)
    }
}

/// What a response may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Alert, act, verify.
    #[default]
    Revoke,
    /// Alert, verify, report what would have been done, change nothing.
    Observe,
}

impl Words for Mode {
    const WORDS: &'static [(&'static str, Self)] = &[("revoke", Self::Revoke), ("observe", Self::Observe)];
}

/// Who is told.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Notify {
    /// The channels, in the order of the file.
    pub channels: Vec<ChannelConfig>,
}

impl Notify {
    fn read(node: &Node) -> Result<Self, Wrong> {
        let mut read = Self::default();
        let channels = or_default(list(ChannelConfig::read));
        node.mapping(&["channels"])?.read("channels", &mut read.channels, channels)?;
        Ok(read)
    }
}

/// A finding that a named person has accepted, for a reason, until a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exemption {
    /// The id of the check.
    pub check: String,
    /// The resource's ARN, in which `*` stands for anything.
    pub resource: String,
    /// Tags that the resource must have, too: values, in which `*` stands for anything, by key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Ports: it covers a finding that is about these and no others. None: about any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u16>,
    /// Who has accepted it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Date,
}

impl Exemption {
    fn read(node: &Node) -> Result<Self, Wrong> {
        let keys = node.mapping(&["check", "resource", "tags", "ports", "owner", "reason", "expires"])?;
        let tags = keys.get("tags").map(value::texts).transpose()?.unwrap_or_default();
        let ports = keys.get("ports").map(list(said(exposure::parse_port))).transpose()?.unwrap_or_default();
        Ok(Self {
            check: text(keys.required("check")?)?,
            resource: text(keys.required("resource")?)?,
            tags,
            ports,
            owner: text(keys.required("owner")?)?,
            reason: text(keys.required("reason")?)?,
            expires: said(value::date)(keys.required("expires")?)?,
        })
    }
}

impl Config {
    /// Reads the text of a file; `name` is what errors call it.
    ///
    /// # Errors
    /// At an unknown key or a wrong value.
    pub fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        // A leading mark of byte order is what some editors write.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let read = node::parse(text).and_then(|root| root.as_ref().map(or_default(Self::read)).transpose());
        let mut config = read.map_err(|wrong| ConfigError::of(name, wrong))?.unwrap_or_default();
        name.clone_into(&mut config.name);
        config.check_channels()?;
        config.check_owners()?;
        Ok(config)
    }

    fn read(node: &Node) -> Result<Self, Wrong> {
        let keys = node.mapping(&[
            "version",
            "language",
            "trusted_networks",
            "break_glass",
            "root_key",
            "rotation",
            "exposure",
            "notify",
            "exemptions",
        ])?;
        let mut read = Self::default();
        keys.read("version", &mut read.version, said(value::version))?;
        keys.read("language", &mut read.language, word)?;
        let networks = list(said(value::parse_network));
        keys.read("trusted_networks", &mut read.trusted_networks, or_default(networks))?;
        keys.read("break_glass", &mut read.break_glass, or_default(list(said(str::parse))))?;
        keys.read("root_key", &mut read.root_key, or_default(RootKey::read))?;
        keys.read("rotation", &mut read.rotation, or_default(Rotation::read))?;
        keys.read("exposure", &mut read.exposure, or_default(Exposure::read))?;
        keys.read("notify", &mut read.notify, or_default(Notify::read))?;
        keys.read("exemptions", &mut read.exemptions, or_default(list(Exemption::read)))?;
        Ok(read)
    }

    /// The effective values as YAML that can be read again; secrets are masked.
    pub fn show(&self) -> String {
        serde_saphyr::to_string(self).expect("plain values have a YAML form")
    }

    /// Whether a RAM user is in `break_glass`.
    pub fn is_break_glass_user(&self, name: &str, account_id: &str) -> bool {
        self.break_glass.iter().any(|one| one.is(PrincipalKind::User, name, account_id))
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

    fn check_owners(&self) -> Result<(), ConfigError> {
        for owner in &self.rotation.owners {
            let Some(named) = &owner.channel else { continue };
            if self.notify.channels.iter().all(|channel| channel.name != *named) {
                let why = format!("owner {:?}: there is no channel {named:?}", owner.owner);
                return Err(ConfigError::at(&self.name, owner.place(), why));
            }
        }
        Ok(())
    }

    pub(crate) fn wrong(&self, channel: &ChannelConfig, why: &str) -> ConfigError {
        ConfigError::at(&self.name, channel.place(), format!("channel {:?}: {why}", channel.name))
    }
}

#[cfg(test)]
mod tests;
