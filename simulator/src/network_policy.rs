//! AccessKey network access policies (RAM user guide, "AccessKey network access restriction policy"; IMS
//! 2019-08-15, SetAccessKeyPolicy and SetAccessKeyPolicyForAccount): their document, and what it lets through.

use crate::settings::PolicyWithoutStatements;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Network policies per document (GetAccountSummary, ConditionsPerAKPolicyQuota).
pub(crate) const STATEMENTS: usize = 8;
/// Addresses per document (GetAccountSummary, IPItemsPerAKPolicyQuota; the value is not published).
pub(crate) const ADDRESSES: usize = 50;

/// The document of one key or of the whole account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct NetworkPolicy {
    pub(crate) version: u8,
    pub(crate) status: PolicyStatus,
    pub(crate) statements: Vec<Statement>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PolicyStatus {
    Active,
    Inactive,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Statement {
    #[serde(rename = "Type")]
    kind: ListKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, rename = "IPList", skip_serializing_if = "Option::is_none")]
    addresses: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum ListKind {
    ClassicWhiteList,
    #[serde(rename = "VPCWhiteList")]
    VpcWhiteList,
}

impl NetworkPolicy {
    /// What stands where nothing was ever set.
    pub(crate) fn baseline() -> Self {
        Self { version: 1, status: PolicyStatus::Inactive, statements: Vec::new() }
    }

    /// Reads and validates a document; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let policy: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        policy.validate()?;
        Ok(policy)
    }

    /// What serde cannot say: versions, limits, and which members go together.
    pub(crate) fn validate(&self) -> Result<(), String> {
        if self.version != 1 {
            return Err("Version must be 1".into());
        }
        if self.statements.len() > STATEMENTS {
            return Err(format!("at most {STATEMENTS} statements"));
        }
        let mut count = 0;
        for statement in &self.statements {
            count += statement.validate()?;
        }
        if count > ADDRESSES { Err(format!("at most {ADDRESSES} addresses")) } else { Ok(()) }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.status == PolicyStatus::Active
    }

    /// Whether an Active document lets a call from this address, and this VPC if any, through.
    pub(crate) fn admits(&self, source: IpAddr, vpc: Option<&str>, empty: PolicyWithoutStatements) -> bool {
        if self.statements.is_empty() {
            return empty == PolicyWithoutStatements::AllowsAll;
        }
        self.statements.iter().any(|statement| statement.admits(source, vpc))
    }
}

impl Statement {
    /// The number of addresses.
    fn validate(&self) -> Result<usize, String> {
        match (self.kind, self.value.as_deref(), &self.addresses) {
            (ListKind::ClassicWhiteList, Some(_), _) => return Err("ClassicWhiteList has no Value".into()),
            (ListKind::ClassicWhiteList, None, None) => return Err("ClassicWhiteList needs an IPList".into()),
            (ListKind::VpcWhiteList, None, _) => return Err("VPCWhiteList needs a Value".into()),
            (ListKind::VpcWhiteList, Some(value), _) if !is_vpc(value) => {
                return Err(format!("{value:?} is neither a VPC id nor AllowAllVPC"));
            }
            _ => {}
        }
        let addresses = self.addresses.as_deref().unwrap_or_default();
        if self.addresses.is_some() && addresses.is_empty() {
            return Err("IPList must not be empty".into());
        }
        for address in addresses {
            if network(address).is_none() {
                return Err(format!("{address:?} is neither an address nor a CIDR block"));
            }
        }
        Ok(addresses.len())
    }

    /// Calls from a VPC are judged by VPC lists only, all others by classic lists only.
    fn admits(&self, source: IpAddr, vpc: Option<&str>) -> bool {
        let listed =
            || self.addresses.iter().flatten().filter_map(|a| network(a)).any(|n| n.contains(&source));
        match (self.kind, vpc) {
            (ListKind::ClassicWhiteList, None) => listed(),
            (ListKind::VpcWhiteList, Some(vpc)) => {
                self.value.as_deref().is_some_and(|value| value == "AllowAllVPC" || value == vpc)
                    && (self.addresses.is_none() || listed())
            }
            _ => false,
        }
    }
}

fn is_vpc(value: &str) -> bool {
    value == "AllowAllVPC"
        || value.strip_prefix("vpc-").is_some_and(|id| {
            !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// An address or a CIDR block; bits of the host part are allowed.
fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(document: &str, source: &str, vpc: Option<&str>) -> bool {
        NetworkPolicy::parse(document).unwrap().admits(
            source.parse().unwrap(),
            vpc,
            PolicyWithoutStatements::DeniesAll,
        )
    }

    #[test]
    fn the_documented_sample_is_read_and_written_as_it_is() {
        let text = r#"{"Version":1,"Status":"Active","Statements":[{"Type":"ClassicWhiteList","IPList":["203.0.113.1","198.51.100.0/24","2001:db8::/32"]},{"Type":"VPCWhiteList","Value":"AllowAllVPC","IPList":["172.16.0.0/16"]}]}"#;
        let policy = NetworkPolicy::parse(text).unwrap();
        assert_eq!(serde_json::to_string(&policy).unwrap(), text);
        assert!(admits(text, "198.51.100.77", None) && admits(text, "2001:db8::7", None));
        assert!(!admits(text, "198.51.101.1", None));
        assert!(admits(text, "172.16.3.4", Some("vpc-a1")) && !admits(text, "172.17.0.1", Some("vpc-a1")));
        assert!(!admits(text, "172.16.3.4", None), "a VPC list says nothing of the internet");
        assert!(!admits(text, "203.0.113.1", Some("vpc-a1")), "a classic list says nothing of a VPC");
    }

    #[test]
    fn wrong_documents_are_refused() {
        for text in [
            "",
            "null",
            "{}",
            r#"{"Version":2,"Status":"Active","Statements":[]}"#,
            r#"{"Version":"1","Status":"Active","Statements":[]}"#,
            r#"{"Version":1,"Status":"active","Statements":[]}"#,
            r#"{"Version":1,"Status":"Active","Statements":null}"#,
            r#"{"Version":1,"Status":"Active"}"#,
            r#"{"Version":1,"Status":"Active","Statements":[],"Comment":""}"#,
            r#"{"Version":1,"Status":"Active","Statements":[{"Type":"ClassicWhiteList"}]}"#,
            r#"{"Version":1,"Status":"Active","Statements":[{"Type":"ClassicWhiteList","IPList":[]}]}"#,
            r#"{"Version":1,"Status":"Active","Statements":[{"Type":"ClassicWhiteList","IPList":["10.0.0.0/33"]}]}"#,
            r#"{"Version":1,"Status":"Active","Statements":[{"Type":"ClassicWhiteList","Value":"vpc-1","IPList":["10.0.0.1"]}]}"#,
            r#"{"Version":1,"Status":"Active","Statements":[{"Type":"VPCWhiteList","IPList":["10.0.0.1"]}]}"#,
            r#"{"Version":1,"Status":"Active","Statements":[{"Type":"VPCWhiteList","Value":"any","IPList":["10.0.0.1"]}]}"#,
        ] {
            assert!(NetworkPolicy::parse(text).is_err(), "{text}");
        }
        assert!(NetworkPolicy::parse(r#"{"Version":1,"Status":"Active","Statements":[]}"#).is_ok());
    }

    #[test]
    fn limits_hold() {
        let list = |n: usize| {
            let addresses: Vec<String> = (0..n).map(|i| format!("\"10.0.0.{i}\"")).collect();
            format!(r#"{{"Type":"ClassicWhiteList","IPList":[{}]}}"#, addresses.join(","))
        };
        let document =
            |s: Vec<String>| format!(r#"{{"Version":1,"Status":"Active","Statements":[{}]}}"#, s.join(","));
        assert!(NetworkPolicy::parse(&document(vec![list(ADDRESSES)])).is_ok());
        assert!(NetworkPolicy::parse(&document(vec![list(ADDRESSES + 1)])).is_err());
        assert!(NetworkPolicy::parse(&document(vec![list(1); STATEMENTS])).is_ok());
        assert!(NetworkPolicy::parse(&document(vec![list(1); STATEMENTS + 1])).is_err());
    }
}
