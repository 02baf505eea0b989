//! The values that stand in the file: durations, networks, principals, dates.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

impl<'de> Deserialize<'de> for Principal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A section of which only the heading is left, with everything under it commented out, is an empty one.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A text that says something.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() { Err(D::Error::custom("the text is empty")) } else { Ok(text) }
}

pub(super) fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "1" => Ok(1),
        other => Err(D::Error::custom(format!("version {other:?} is not known; accepted: 1"))),
    }
}

pub(super) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    // More lenient forms, with a time or a zone, would leave open which day was meant.
    let wrong = || D::Error::custom(format!("{text:?} is not a date; accepted: a day such as 2027-06-30"));
    if text.len() != 10 { Err(wrong()) } else { text.parse().map_err(|_| wrong()) }
}

pub(super) mod number {
    use super::*;

    pub(in super::super) fn any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| {
            D::Error::custom(format!("{text:?} is not accepted here: a whole number, 0 to {}", u32::MAX))
        })
    }

    pub(in super::super) fn at_least_one<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<u32, D::Error> {
        match any(deserializer)? {
            0 => Err(D::Error::custom("0 is not accepted here: a whole number, at least 1")),
            number => Ok(number),
        }
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

pub(super) mod span {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        span: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&show_span(*span))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        parse_span(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

pub(super) fn repeat_every<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let every = span::deserialize(deserializer)?;
    if every < Duration::from_secs(60) {
        return Err(D::Error::custom(format!("{} is too often; accepted: at least 1m", show_span(every))));
    }
    Ok(every)
}

pub(super) mod spans {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Span(#[serde(with = "span")] Duration);

    pub(in super::super) fn serialize<S: Serializer>(
        spans: &[Duration],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(spans.iter().map(|each| Span(*each)))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Duration>, D::Error> {
        Ok(Vec::<Span>::deserialize(deserializer)?.into_iter().map(|Span(each)| each).collect())
    }
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

pub(super) mod networks {
    use super::*;

    struct Network(IpNet);

    impl<'de> Deserialize<'de> for Network {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            parse_network(&String::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
        }
    }

    pub(in super::super) fn serialize<S: Serializer>(
        networks: &[IpNet],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(networks.iter().map(ToString::to_string))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<IpNet>, D::Error> {
        let networks: Vec<Network> = or_default(deserializer)?;
        Ok(networks.into_iter().map(|Network(network)| network).collect())
    }
}
