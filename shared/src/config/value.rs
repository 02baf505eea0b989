//! The values that stand in the file: durations, networks, principals, dates.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use jiff::civil::Date;
use serde::{Deserialize, Serialize, Serializer};

use super::node::{Node, Wrong};

/// How bad something is; ordered, `Info` least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Put it right some day.
    Low,
    /// Put it right soon.
    Medium,
    /// Put it right today.
    High,
    /// Put it right now.
    Critical,
}

impl Severity {
    /// As reports and the configuration spell it: `critical`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The language that people are addressed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

/// A RAM user or role: `user/NAME`, `role/NAME`, or an ARN `acs:ram::ACCOUNT:user/NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// User or role.
    pub kind: PrincipalKind,
    /// The name, without a domain.
    pub name: String,
    /// The account, where the file gives one.
    pub account_id: Option<String>,
}

/// What kind of identity it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// A RAM user.
    User,
    /// A RAM role.
    Role,
}

impl Principal {
    /// Whether it is this identity of this account. Upper and lower case are alike, so that an entry rather
    /// protects one identity too many than one too few.
    pub fn is(&self, kind: PrincipalKind, name: &str, account_id: &str) -> bool {
        self.kind == kind
            && self.name.eq_ignore_ascii_case(name)
            && self.account_id.as_deref().is_none_or(|own| own == account_id)
    }
}

impl FromStr for Principal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("{text:?} is not a principal: user/NAME, role/NAME or acs:ram::ACCOUNT:user/NAME");
        let (account_id, short) = match text.strip_prefix("acs:ram::") {
            Some(rest) => {
                let (id, short) = rest.split_once(':').ok_or_else(wrong)?;
                if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(wrong());
                }
                (Some(id.to_owned()), short)
            }
            None => (None, text),
        };
        let (kind, name) = match short.split_once('/').ok_or_else(wrong)? {
            ("user", name) => (PrincipalKind::User, name),
            ("role", name) => (PrincipalKind::Role, name),
            _ => return Err(wrong()),
        };
        // RAM, CreateUser and CreateRole: 1 to 64 letters, digits, '.', '_' and '-'. A name with a domain or
        // a '*' would match nobody, and so protect nobody.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
            return Err(wrong());
        }
        Ok(Self { kind, name: name.to_owned(), account_id })
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(id) = &self.account_id {
            write!(f, "acs:ram::{id}:")?;
        }
        let kind = match self.kind {
            PrincipalKind::User => "user",
            PrincipalKind::Role => "role",
        };
        write!(f, "{kind}/{}", self.name)
    }
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is spelt as one of a few words.
pub(super) trait Words: Copy + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

impl Words for Severity {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("info", Self::Info),
        ("low", Self::Low),
        ("medium", Self::Medium),
        ("high", Self::High),
        ("critical", Self::Critical),
    ];
}

impl Words for Language {
    const WORDS: &'static [(&'static str, Self)] = &[("en", Self::En), ("zh", Self::Zh)];
}

pub(super) fn word<T: Words>(node: &Node) -> Result<T, Wrong> {
    let text = node.text()?;
    if let Some((_, value)) = T::WORDS.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let words: Vec<_> = T::WORDS.iter().map(|(word, _)| *word).collect();
    Err(node.wrong(format!("{text:?} is not accepted here; one of: {}", words.join(", "))))
}

/// A section of which only the heading is left, with everything under it commented out, is an empty one.
pub(super) fn or_default<T: Default>(
    how: impl FnOnce(&Node) -> Result<T, Wrong>,
) -> impl FnOnce(&Node) -> Result<T, Wrong> {
    move |node| if node.is_null() { Ok(T::default()) } else { how(node) }
}

pub(super) fn list<T>(
    how: impl Fn(&Node) -> Result<T, Wrong>,
) -> impl FnOnce(&Node) -> Result<Vec<T>, Wrong> {
    move |node| node.list()?.iter().map(how).collect()
}

/// What a text says, by a function that knows nothing of places.
pub(super) fn said<T>(how: impl Fn(&str) -> Result<T, String>) -> impl Fn(&Node) -> Result<T, Wrong> {
    move |node| how(node.text()?).map_err(|what| node.wrong(what))
}

/// A text that says something.
pub(super) fn text(node: &Node) -> Result<String, Wrong> {
    let text = node.text()?;
    if text.trim().is_empty() { Err(node.wrong("the text is empty")) } else { Ok(text.to_owned()) }
}

/// Quoted or not, in the words of YAML 1.1 too: no person means anything else by them.
/// A mapping of any keys to texts.
pub(super) fn texts(node: &Node) -> Result<BTreeMap<String, String>, Wrong> {
    let read = |(key, value): (&str, &Node)| Ok((key.to_owned(), text(value)?));
    node.entries()?.into_iter().map(read).collect()
}

pub(super) fn boolean(node: &Node) -> Result<bool, Wrong> {
    let text = node.text()?.trim();
    let among = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match (among(["true", "yes", "on", "y"]), among(["false", "no", "off", "n"])) {
        (true, _) => Ok(true),
        (_, true) => Ok(false),
        _ => Err(node.wrong("not a boolean; accepted: true, false")),
    }
}

pub(super) fn version(text: &str) -> Result<u32, String> {
    match text {
        "1" => Ok(1),
        other => Err(format!("version {other:?} is not known; accepted: 1")),
    }
}

pub(super) fn date(text: &str) -> Result<Date, String> {
    // More lenient forms, with a time or a zone, would leave open which day was meant.
    let wrong = || format!("{text:?} is not a date; accepted: a day such as 2027-06-30");
    if text.len() != 10 { Err(wrong()) } else { text.parse().map_err(|_| wrong()) }
}

pub(super) fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("{text:?} is not accepted here: a whole number, 0 to {}", u32::MAX))
}

pub(super) fn at_least_one(text: &str) -> Result<u32, String> {
    match number(text)? {
        0 => Err("0 is not accepted here: a whole number, at least 1".to_owned()),
        number => Ok(number),
    }
}

/// Longer than any key, case or log lives; adding it to a date stays within the calendar.
const LONGEST: u64 = 10 * 366 * 24 * 60 * 60;

const UNITS: [(&str, u64); 5] =
    [("w", 7 * 24 * 60 * 60), ("d", 24 * 60 * 60), ("h", 60 * 60), ("m", 60), ("s", 1)];

/// Reads `30s`, `15m`, `24h`, `90d`, `2w`.
pub(super) fn parse_span(text: &str) -> Result<Duration, String> {
    let wrong = || {
        format!("{text:?} is not a duration; accepted: a number and a unit, such as 30s, 15m, 24h, 90d, 2w")
    };
    let (unit, factor) = UNITS.iter().find(|(unit, _)| text.ends_with(unit)).copied().ok_or_else(wrong)?;
    let digits = &text[..text.len() - unit.len()];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let seconds = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    match seconds {
        Some(0) => Err(format!("{text:?} is no time at all; accepted: at least 1s")),
        Some(seconds) if seconds <= LONGEST => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("{text:?} is too long; accepted: up to {}d", LONGEST / (24 * 60 * 60))),
    }
}

/// The same backwards, in the largest unit that fits; weeks are shown as days.
pub(super) fn show_span(span: Duration) -> String {
    let seconds = span.as_secs();
    let fits = |(_, factor): &&(&str, u64)| seconds.is_multiple_of(*factor);
    let (unit, factor) = UNITS[1..].iter().find(fits).copied().unwrap_or(("s", 1));
    format!("{}{unit}", seconds / factor)
}

pub(super) fn repeat_every(text: &str) -> Result<Duration, String> {
    let every = parse_span(text)?;
    if every < Duration::from_secs(60) {
        return Err(format!("{} is too often; accepted: at least 1m", show_span(every)));
    }
    Ok(every)
}

pub(super) fn span<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&show_span(*span))
}

pub(super) fn spans<S: Serializer>(spans: &[Duration], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(spans.iter().map(|each| show_span(*each)))
}

/// Reads `203.0.113.0/24`, or one address.
pub(super) fn parse_network(text: &str) -> Result<IpNet, String> {
    let network = match (text.parse::<IpNet>(), text.parse::<std::net::IpAddr>()) {
        (Ok(network), _) => network,
        (_, Ok(address)) => address.into(),
        _ => {
            return Err(format!(
                "{text:?} is not a network; accepted: CIDR such as 203.0.113.0/24 or 2001:db8::/32, or one address"
            ));
        }
    };
    if network.prefix_len() == 0 {
        return Err(format!("{text:?} is the whole internet; nothing would be untrusted"));
    }
    // Which of the two was meant, the address or the network, is for a person to say.
    if network.trunc() != network {
        return Err(format!("{text:?} has bits set beyond its prefix; the network is {}", network.trunc()));
    }
    Ok(network)
}

pub(super) fn networks<S: Serializer>(networks: &[IpNet], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(networks.iter().map(ToString::to_string))
}
