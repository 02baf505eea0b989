//! Who asks, from where and how: the requests that anybody in the world can make.

use std::collections::BTreeMap;

use super::document::{Document, Principal};
use super::pattern::{FRESH, Pattern};
use super::truth::Truth;

/// Somebody to whom the account owes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::checks) enum Caller {
    /// Without credentials.
    Anonymous,
    /// With those of an account of their own, which anybody can open.
    Stranger,
}

/// One way to ask. The address is not part of it: of that the evaluation keeps whole sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::checks) struct Request {
    /// Who.
    pub(in crate::checks) caller: Caller,
    /// Over TLS.
    pub(in crate::checks) secure: bool,
    /// From a VPC of theirs, else from the internet.
    pub(in crate::checks) from_vpc: bool,
    /// What they chose for the keys that are theirs to choose, by lower-case name; a key that is `None` is not sent.
    pub(super) chosen: BTreeMap<String, Option<String>>,
}

/// What a request has for a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject<'a> {
    /// The source address.
    Address,
    /// When it is made.
    Time,
    /// This value.
    Value(&'a str),
    /// No such key.
    Absent,
    /// A value of theirs that no policy of ours can mean by name: their account, their VPC.
    Foreign,
    /// It depends on what is not known here.
    Unknown,
}

/// Beyond so many combinations of chosen values they count as unknown.
const MOST_REQUESTS: usize = 512;

/// The requests that differ to a document: whatever it does not ask for is left at one value.
pub(super) fn requests(document: &Document, callers: &[Caller]) -> Vec<Request> {
    let asks = |wanted: &str| keys(document).any(|(key, _, _)| key == wanted);
    let both = |asked: bool| if asked { vec![false, true] } else { vec![false] };
    let vpcs = both(asks("acs:sourcevpc") || asks("acs:sourcevpcid"));
    let transports = if asks("acs:securetransport") { vec![true, false] } else { vec![true] };
    let choices = choices(document);
    let mut requests = Vec::new();
    for caller in callers {
        for from_vpc in &vpcs {
            for secure in &transports {
                requests.extend(choices.iter().map(|chosen| Request {
                    caller: *caller,
                    secure: *secure,
                    from_vpc: *from_vpc,
                    chosen: chosen.clone(),
                }));
            }
        }
    }
    requests
}

/// Every condition key in lower case, with its operator and values.
fn keys(document: &Document) -> impl Iterator<Item = (String, &str, &[String])> {
    document.statements.iter().flat_map(|statement| &statement.conditions).map(|condition| {
        (condition.key.to_ascii_lowercase(), condition.operator.as_str(), condition.values.as_slice())
    })
}

/// What callers may choose for the keys that are theirs: the values that the document names, their neighbours, something else, nothing.
fn choices(document: &Document) -> Vec<BTreeMap<String, Option<String>>> {
    let mut values: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    for (key, operator, named) in keys(document).filter(|(key, _, _)| is_chosen(key)) {
        let values = values.entry(key).or_insert_with(|| vec![None, Some(FRESH.to_owned())]);
        for text in named {
            values.extend(neighbours(operator, text).into_iter().map(Some));
        }
        values.sort();
        values.dedup();
    }
    let mut all = vec![BTreeMap::new()];
    for (key, values) in &values {
        if all.len() * values.len() > MOST_REQUESTS {
            continue;
        }
        all = all
            .iter()
            .flat_map(|chosen| {
                values.iter().map(move |value| {
                    let mut chosen = chosen.clone();
                    chosen.insert(key.clone(), value.clone());
                    chosen
                })
            })
            .collect();
    }
    all
}

fn neighbours(operator: &str, text: &str) -> Vec<String> {
    if let (true, Ok(number)) = (operator.starts_with("Numeric"), text.parse::<f64>()) {
        return [number - 1.0, number, number + 1.0].map(|number| number.to_string()).into();
    }
    Pattern::wild(text).examples(&["", FRESH])
}

/// Keys whose value whoever asks writes into the request.
fn is_chosen(key: &str) -> bool {
    const CHOSEN: &[&str] =
        &["acs:useragent", "acs:referer", "oss:prefix", "oss:delimiter", "oss:maxkeys", "oss:max-keys"];
    CHOSEN.contains(&key)
        || ["oss:x-oss-", "oss:requestobjecttag/", "acs:requesttag/"]
            .iter()
            .any(|start| key.starts_with(start))
}

/// Keys that tell who asks. Nobody's account is ours, and no secret of ours (an external id) is theirs.
fn is_identity(key: &str) -> bool {
    const IDENTITY: &[&str] = &[
        "acs:accessid",
        "acs:accountid",
        "acs:principalarn",
        "acs:principalrdid",
        "acs:principalrdpath",
        "acs:sourceaccount",
        "acs:sourcearn",
        "acs:sourceowner",
        "acs:userid",
        "sts:externalid",
        "sts:rolesessionname",
    ];
    IDENTITY.contains(&key)
}

impl Request {
    /// What it has for a key.
    pub(super) fn subject(&self, key: &str) -> Subject<'_> {
        let key = key.to_ascii_lowercase();
        match key.as_str() {
            "acs:sourceip" => Subject::Address,
            "acs:currenttime" => Subject::Time,
            "acs:securetransport" => Subject::Value(if self.secure { "true" } else { "false" }),
            // A request over the internet has no VPC: so OSS itself excludes VPCs (OSS, error 0030-00000008).
            "acs:sourcevpc" | "acs:sourcevpcid" if self.from_vpc => Subject::Foreign,
            "acs:sourcevpc" | "acs:sourcevpcid" => Subject::Absent,
            // They name their sessions as they like.
            "sts:rolesessionname" if self.caller == Caller::Stranger => Subject::Unknown,
            key if is_identity(key) && self.caller == Caller::Anonymous => Subject::Absent,
            key if is_identity(key) => Subject::Foreign,
            key => match self.chosen.get(key) {
                Some(Some(value)) => Subject::Value(value),
                Some(None) => Subject::Absent,
                None => Subject::Unknown,
            },
        }
    }

    /// Whether a principal means them.
    pub(super) fn is_meant(&self, principal: &Principal) -> Truth {
        let named = principal.named.iter().map(|(kind, name)| self.is_named(kind, name));
        let meant = named.fold(Truth::No, Truth::or);
        if principal.but { meant.not() } else { meant }
    }

    fn is_named(&self, kind: &str, name: &str) -> Truth {
        match (kind, name) {
            ("RAM", "*") => Truth::Yes,
            ("RAM", name) if self.caller == Caller::Stranger => foreign_is_meant(name),
            ("RAM" | "Service" | "Federated", name) if !name.contains('*') => Truth::No,
            ("RAM", _) => Truth::No,
            // Other kinds, and services by wildcard, are not documented.
            _ => Truth::Maybe,
        }
    }
}

/// Whether a pattern means the account, identity or VPC of a stranger: a name of its own does not, a wildcard alone does, one beside an account's
/// number does not. For the rest it depends on what names they can get.
pub(super) fn foreign_is_meant(pattern: &str) -> Truth {
    if !pattern.contains(['*', '?']) {
        return Truth::No;
    }
    let mut digits = 0;
    for character in pattern.chars() {
        digits = if character.is_ascii_digit() { digits + 1 } else { 0 };
        // Account numbers have sixteen digits.
        if digits == 16 {
            return Truth::No;
        }
    }
    let fixed: String = pattern.chars().filter(|character| !"*?".contains(*character)).collect();
    let anybodys = ["", "vpc-", "LTAI", "acs:ram:::root", "acs:::::", "acs:ram:::"];
    if anybodys.contains(&fixed.as_str()) { Truth::Yes } else { Truth::Maybe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_a_pattern_means() {
        for (pattern, wanted) in [
            ("vpc-bp1abcdef", Truth::No),
            ("vpc-*", Truth::Yes),
            ("*", Truth::Yes),
            // `bp1` marks a region, in which anybody can make a VPC.
            ("vpc-bp1*", Truth::Maybe),
            ("acs:ram::*:root", Truth::Yes),
            ("acs:ram::1234567890123456:*", Truth::No),
            ("acs:oss:*:1234567890123456:*", Truth::No),
            ("LTAI*", Truth::Yes),
            ("arn:sts::*:assumed-role/*", Truth::Maybe),
        ] {
            assert_eq!(foreign_is_meant(pattern), wanted, "{pattern}");
        }
    }
}
