//! What the simulator remembers of a run: calls, deliveries, lock-outs, and the keys it hands out.

use crate::trail::{MASK, is_secret};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;

/// One API call as it was received, and what came of it. Holds no secret and no signature.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// When it was received, by the machine's clock.
    pub time: Timestamp,
    /// `product:action`, such as `ims:UpdateAccessKey` or `oss:PutObject`.
    pub action: String,
    /// The API's own parameters, path parameters included (OSS: `bucket` and `key`).
    pub params: BTreeMap<String, String>,
    /// Parameters that the API does not have. A correct client sends none.
    pub unknown: Vec<String>,
    /// The access key id that signed it; empty if it was not signed.
    pub key_id: String,
    /// The signature scheme: `acs3`, `rpc1`, `roa1`, `oss4`; empty if it was not signed.
    pub scheme: &'static str,
    /// The region in the host name or the RegionId parameter.
    pub region: Option<String>,
    /// The Host header.
    pub host: String,
    /// The HTTP status of the answer, also where the answer was lost by a fault.
    pub status: u16,
    /// The error code; empty on success.
    pub code: String,
    /// The word for the fault that was applied, such as `throttle`.
    pub fault: Option<&'static str>,
    /// The request id of the answer.
    pub request_id: String,
    /// Where the call came from.
    pub source_ip: String,
}

/// Parameters as they may be remembered.
pub(crate) fn without_secrets(params: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let shown = |name: &str, value: &str| if is_secret(name) { MASK } else { value }.to_string();
    params.iter().map(|(name, value)| (name.clone(), shown(name, value))).collect()
}

/// One request to `/inbox/<name>`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// When it was received, by the machine's clock.
    pub time: Timestamp,
    /// The name in the path.
    pub name: String,
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The raw query string, without the question mark.
    pub query: String,
    /// The headers in the order in which they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; what is not UTF-8 is replaced.
    pub body: String,
    /// The HTTP status of the answer, also where the answer was lost by a fault.
    pub status: u16,
}

/// The moment at which a watched key could call no longer, or could again.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Lockout {
    /// When it happened, by the machine's clock.
    pub time: Timestamp,
    /// The access key id.
    pub key_id: String,
    /// The address from which it calls.
    pub source_ip: String,
    /// Whether it may call since then.
    pub allowed: bool,
    /// What did it: `product:action`, or `root:...` for what root did in the console.
    pub action: String,
    /// The key id by which the call that did it was signed; empty for root in the console.
    pub by: String,
}

/// Credentials of the simulated account. Debug shows the id only.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The access key id, `LTAI...` or `STS....`.
    pub id: String,
    /// The access key secret.
    pub secret: String,
    /// The security token of a role session.
    pub token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A key that was just made. Debug does not show the secret.
#[derive(Clone)]
pub struct NewKey {
    /// The access key id.
    pub id: String,
    /// The access key secret, shown this once.
    pub secret: String,
    /// The ActionTrail event of the creation. The secret in it is masked.
    pub event: serde_json::Value,
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").field("id", &self.id).field("event", &self.event).finish_non_exhaustive()
    }
}

/// Which API made the key: the events differ (ActionTrail's catalogue of IMS and RAM events).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// IMS 2019-08-15, as the RAM console calls it.
    Ims,
    /// RAM 2015-05-01, as older tools call it.
    Ram,
}

/// What root does to a key in the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootKeyAction {
    /// Enables it.
    Active,
    /// Disables it.
    Inactive,
    /// Deletes it.
    Delete,
}
