//! AccessKey network-access policies: from which addresses a key may be used.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// A policy document: `{"Version":1,"Status":"Active|Inactive","Statements":[…]}`. It is kept as it came, so that
/// putting it back restores it whole, fields that we do not know included; compared by what it means.
///
/// On the wire and in our records it is that object as text.
#[derive(Debug, Clone)]
pub struct NetworkPolicy(Value);

/// A document that is not a network policy.
#[derive(Debug, Clone, thiserror::Error)]
#[error("not an AccessKey network policy: {0}")]
pub struct PolicyError(&'static str);

/// Nobody's address: TEST-NET-1 of RFC 5737. What an active policy with no address at all means is undocumented.
const UNROUTABLE: &str = "192.0.2.1/32";

impl NetworkPolicy {
    /// No policy: what the service shows for a key that never had one, and the only way to take one away.
    pub fn none() -> Self {
        Self(json!({ "Version": 1, "Status": "Inactive", "Statements": [] }))
    }

    /// Everywhere: any address of the internet, any VPC.
    pub fn everywhere() -> Self {
        Self(json!({ "Version": 1, "Status": "Active", "Statements": [
            { "Type": "ClassicWhiteList", "IPList": ["0.0.0.0/0", "::/0"] },
            { "Type": "VPCWhiteList", "Value": "AllowAllVPC", "IPList": ["0.0.0.0/0", "::/0"] },
        ] }))
    }

    /// Nowhere: only an address that nobody can have, for the internet and for VPCs. Both are named, since
    /// what a policy without a VPC rule means to a VPC is not spelled out.
    pub fn nowhere() -> Self {
        Self(json!({ "Version": 1, "Status": "Active", "Statements": [
            { "Type": "ClassicWhiteList", "IPList": [UNROUTABLE] },
            { "Type": "VPCWhiteList", "Value": "AllowAllVPC", "IPList": [UNROUTABLE] },
        ] }))
    }

    /// Reads a document.
    ///
    /// # Errors
    /// When it is not an object with a known status and a list of statements: a policy that we do not understand
    /// must not be acted upon.
    pub fn from_value(value: Value) -> Result<Self, PolicyError> {
        if !value.is_object() {
            return Err(PolicyError("not an object"));
        }
        if !matches!(value["Status"].as_str(), Some("Active" | "Inactive")) {
            return Err(PolicyError("Status is neither Active nor Inactive"));
        }
        if !value["Statements"].as_array().is_some_and(|list| list.iter().all(Value::is_object)) {
            return Err(PolicyError("Statements is not a list of objects"));
        }
        Ok(Self(value))
    }

    /// Whether it is in force.
    pub fn is_active(&self) -> bool {
        self.0["Status"] == "Active"
    }

    /// The document as the API takes it.
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// What a key without a policy of its own may do today under this account-level policy, as a policy for the
    /// key: the same document when it is in force, everywhere when it is not.
    pub fn as_allowed_today(&self) -> Self {
        if self.is_active() { self.clone() } else { Self::everywhere() }
    }

    /// Whether both mean the same: same status, same statements, whatever their order and spelling.
    pub fn same(&self, other: &Self) -> bool {
        self.0["Status"] == other.0["Status"] && self.meaning() == other.meaning()
    }

    /// Statements by (type, value, addresses), addresses in canonical form.
    fn meaning(&self) -> BTreeSet<(String, String, BTreeSet<String>)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.0["Statements"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|statement| {
                let addresses = statement["IPList"].as_array().into_iter().flatten();
                let addresses = addresses.map(|address| canonical(&text(address))).collect();
                (text(&statement["Type"]), text(&statement["Value"]), addresses)
            })
            .collect()
    }
}

/// `192.0.2.1` and `192.0.2.1/32` are the same; so are a network and any address written with its length.
fn canonical(address: &str) -> String {
    let net: Option<IpNet> =
        address.parse().ok().or_else(|| address.parse::<std::net::IpAddr>().ok().map(IpNet::from));
    net.map_or_else(|| address.to_owned(), |net| net.trunc().to_string())
}

/// As text, on the wire and in records alike: the service wants the document inside a string, and so it is
/// kept byte for byte.
impl Serialize for NetworkPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for NetworkPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        let value = match Value::deserialize(deserializer)? {
            Value::String(text) => serde_json::from_str(&text).map_err(D::Error::custom)?,
            other => other,
        };
        Self::from_value(value).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy(value: Value) -> NetworkPolicy {
        NetworkPolicy::from_value(value).unwrap()
    }

    #[test]
    fn spelling_and_order_do_not_matter_but_meaning_does() {
        let a = policy(json!({"Version": 1, "Status": "Active", "Statements": [
            {"Type": "ClassicWhiteList", "IPList": ["198.51.100.7", "203.0.113.9/24"]},
            {"Type": "VPCWhiteList", "Value": "vpc-1", "IPList": ["10.0.0.0/8"]}]}));
        let b = policy(json!({"Status": "Active", "Version": 1, "Statements": [
            {"Type": "VPCWhiteList", "Value": "vpc-1", "IPList": ["10.0.0.0/8"]},
            {"IPList": ["203.0.113.0/24", "198.51.100.7/32"], "Type": "ClassicWhiteList"}]}));
        assert!(a.same(&b));
        let narrower = policy(json!({"Version": 1, "Status": "Active", "Statements": [
            {"Type": "ClassicWhiteList", "IPList": ["198.51.100.7"]}]}));
        assert!(!a.same(&narrower));
        assert!(
            !NetworkPolicy::none().same(&policy(json!({"Version": 1, "Status": "Active", "Statements": []})))
        );
        assert!(!NetworkPolicy::everywhere().same(&NetworkPolicy::nowhere()));
    }

    #[test]
    fn what_is_allowed_today() {
        assert!(NetworkPolicy::none().as_allowed_today().same(&NetworkPolicy::everywhere()));
        let office = policy(json!({"Version": 1, "Status": "Active", "Statements": [
            {"Type": "ClassicWhiteList", "IPList": ["198.51.100.0/24"]}]}));
        assert!(office.as_allowed_today().same(&office));
        // In force without an address: whatever that means for the account, it means for the key.
        let empty = policy(json!({"Version": 1, "Status": "Active", "Statements": []}));
        assert!(empty.as_allowed_today().same(&empty));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for value in [
            json!(null),
            json!({}),
            json!({"Status": "On", "Statements": []}),
            json!({"Status": "Active"}),
            json!({"Status": "Active", "Statements": null}),
            json!({"Status": "Active", "Statements": [1]}),
        ] {
            assert!(NetworkPolicy::from_value(value.clone()).is_err(), "{value}");
        }
        let from_text: NetworkPolicy =
            serde_json::from_value(json!("{\"Version\":1,\"Status\":\"Inactive\",\"Statements\":[]}"))
                .unwrap();
        assert!(from_text.same(&NetworkPolicy::none()));
    }

    proptest! {
        #[test]
        fn a_policy_survives_the_wire(addresses in proptest::collection::vec("[0-9]{1,3}\\.[0-9]{1,3}\\.0\\.0/16", 0..5), extra in "\\PC{0,8}") {
            let before = policy(json!({"Version": 1, "Status": "Active", "Extra": extra, "Statements": [
                {"Type": "ClassicWhiteList", "IPList": addresses}]}));
            let wire = serde_json::to_string(&before).unwrap();
            let after: NetworkPolicy = serde_json::from_str(&wire).unwrap();
            prop_assert!(after.same(&before));
            prop_assert_eq!(after.text(), before.text());
        }
    }
}
