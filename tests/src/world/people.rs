//! Who is in the account, what they may do, and what they were told.

use serde_json::{Value, json};
use shared::openapi::percent;
use simulator::{Account, NewKey, Simulator, Variant};

use super::{ATTACKER, Job, ROLE, ROOT_KEY, World};

/// An active key that calls from `from`.
pub fn key(id: &str, from: &str) -> Value {
    json!({ "id": id, "secret": format!("example-{id}"), "created": "2026-01-15T08:00:00Z", "calls_from": from })
}

/// The same with a network policy of its own.
pub fn key_with(id: &str, from: &str, policy: Value) -> Value {
    let mut key = key(id, from);
    key["policy"] = policy;
    key
}

/// A policy that lets these addresses, and every VPC, through; `status` is `Active` or `Inactive`.
pub fn open_list(status: &str, addresses: &[&str]) -> Value {
    json!({ "Version": 1, "Status": status, "Statements": [
        { "Type": "ClassicWhiteList", "IPList": addresses },
        { "Type": "VPCWhiteList", "Value": "AllowAllVPC" },
    ] })
}

/// A user with keys.
pub fn user(name: &str, keys: &[Value]) -> Value {
    let id =
        format!("20{:016x}", name.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte)));
    json!({ "name": name, "id": id, "created": "2023-03-06T02:00:00Z", "policies": ["AdministratorAccess"], "keys": keys })
}

/// An account with these users and this account-level policy (null: none), and the role of the response to root keys.
pub fn account(users: &[Value], policy: Value) -> Account {
    account_for(&ROOT_KEY, users, policy)
}

/// The same with the role of `job`.
pub fn account_for(job: &Job, users: &[Value], policy: Value) -> Account {
    let role = |name: &str, id: &str| {
        json!({
            "name": name, "id": id, "created": "2026-10-12T03:00:00Z",
            "trust": { "Version": "1", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": ["fc.aliyuncs.com"] } }] },
            "policies": [name],
            "sessions": [{ "id": format!("STS.{name}"), "secret": format!("example-{name}"), "token": format!("example-token-{name}"), "calls_from": "100.64.0.12" }],
        })
    };
    let needs: Vec<&str> = (job.needs)().iter().filter_map(|api| api.permission).collect();
    let mut account = json!({
        "account_id": "1234567890123456",
        "root": { "mfa": true, "keys": [] },
        "users": users,
        "roles": [role(job.role, "301234567890123451"), role("order-service", "301234567890123452")],
        "policies": [
            { "name": job.role, "document": { "Version": "1", "Statement": [{ "Effect": "Allow", "Action": needs, "Resource": "*" }] } },
            { "name": "order-service", "document": { "Version": "1", "Statement": [{ "Effect": "Allow", "Action": "oss:*", "Resource": "*" }] } },
        ],
    });
    if !policy.is_null() {
        account["access_key_policy"] = policy;
    }
    Account::from_json(&account.to_string()).expect("a valid account")
}

/// Few users, one of each kind: a plain key, one with a list of its own, one in a VPC, the break-glass user's.
pub fn small() -> Account {
    let mut vpc = key("LTAI5tErp0000001", "172.16.8.12");
    vpc["calls_from_vpc"] = "vpc-1".into();
    account(
        &[
            user("alice", &[key("LTAI5tAlice00001", "203.0.113.21")]),
            user(
                "backup",
                &[key_with("LTAI5tBackup0001", "198.51.100.40", open_list("Active", &["198.51.100.40"]))],
            ),
            user("emergency-admin", &[key("LTAI5tEmergency1", "203.0.113.99"), vpc]),
        ],
        Value::Null,
    )
}

impl World {
    /// Starts to watch every RAM user's key from where it calls.
    pub fn watch(&self) {
        let pairs = self.user_keys().into_iter().map(|(id, from, _)| (id, from)).collect();
        self.sim.watch(pairs);
    }

    /// Every RAM user's key: its id, from where it calls, and in which VPC.
    pub fn user_keys(&self) -> Vec<(String, String, Option<String>)> {
        let state = self.sim.state();
        let users = state["users"].as_array().cloned().unwrap_or_default();
        let keys = users.iter().flat_map(|user| user["keys"].as_array().cloned().unwrap_or_default());
        keys.map(|key| {
            let text = |name: &str| key[name].as_str().map(str::to_owned);
            let from = text("calls_from").unwrap_or_else(|| "203.0.113.10".to_owned());
            (text("id").unwrap_or_default(), from, text("calls_from_vpc"))
        })
        .collect()
    }

    /// Which keys may call now from where they call.
    pub fn able(&self) -> Vec<(String, bool)> {
        let may = |(id, from, vpc): (String, String, Option<String>)| {
            let may = self.sim.may_call(&id, &from, vpc.as_deref());
            (id, may)
        };
        self.user_keys().into_iter().map(may).collect()
    }

    /// The account-level policy, and every key's own, as they mean: one that was never set is one without effect.
    pub fn policies(&self) -> Value {
        let none = json!({ "Version": 1, "Status": "Inactive", "Statements": [] });
        let or_none = |value: &Value| if value.is_null() { none.clone() } else { value.clone() };
        let state = self.sim.state();
        let users = state["users"].as_array().cloned().unwrap_or_default();
        let keys = users.iter().flat_map(|user| user["keys"].as_array().cloned().unwrap_or_default());
        let keys: Vec<Value> = keys.map(|key| json!([key["id"], or_none(&key["policy"])])).collect();
        json!({ "account": or_none(&state["access_key_policy"]), "keys": keys })
    }

    /// Root makes a key, and the event is delivered.
    pub fn root_key(&self) -> (NewKey, Value) {
        let made = self.sim.root_creates_key(Variant::Ims);
        let event = Simulator::envelope(&made.event, &self.sim.account_id());
        (made, event)
    }

    /// Whether an attacker can use the key over the internet.
    pub fn attackable(&self, key: &str) -> bool {
        self.sim.may_call(key, ATTACKER, None)
    }

    /// A root key's status; `None`: deleted.
    pub fn root_key_status(&self, id: &str) -> Option<String> {
        let state = self.sim.state();
        let keys = state["root"]["keys"].as_array().cloned().unwrap_or_default();
        keys.iter().find(|key| key["id"] == id).and_then(|key| Some(key["status"].as_str()?.to_owned()))
    }

    /// The messages that were taken, in order: (id, kind, the whole).
    pub fn messages(&self) -> Vec<(String, String, Value)> {
        let taken = self.sim.inbox().into_iter().filter(|delivery| delivery.status == 200);
        taken
            .map(|delivery| {
                let body: Value = serde_json::from_str(&delivery.body).expect("a webhook's body is JSON");
                let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
                (text("id"), text("kind"), body)
            })
            .collect()
    }

    /// The distinct ids of messages that end so, in order.
    pub fn told(&self, ending: &str) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for (id, ..) in self.messages() {
            if (id.ends_with(ending) || id.ends_with(&percent(ending))) && !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// Calls that change something at the cloud, in order, done or not.
    pub fn writes(&self) -> Vec<String> {
        let calls = self.sim.calls().into_iter().map(|call| call.action);
        let reads = ["Get", "List", "Lookup", "Describe"];
        calls.filter(|call| !reads.iter().any(|verb| call.contains(&format!(":{verb}")))).collect()
    }

    /// What must hold whatever happened: nobody was locked out, nothing was deleted, no call was malformed.
    ///
    /// # Errors
    /// What does not hold.
    pub fn belts(&self) -> Result<(), String> {
        let out = self.sim.lockouts();
        if !out.is_empty() {
            return Err(format!("locked out: {out:?}"));
        }
        let ours = |id: &str| id.starts_with("STS.");
        for call in self.sim.calls() {
            if call.action.contains(":Delete") {
                return Err(format!("deletes: {call:?}"));
            }
            if ours(&call.key_id) && (!call.unknown.is_empty() || call.code.contains("NetworkPolicy")) {
                return Err(format!("refused or malformed: {call:?}"));
            }
        }
        for session in [ROLE, "order-service"] {
            let id = self.sim.credentials(session).map(|keys| keys.id).unwrap_or_default();
            if !self.sim.may_call(&id, "100.64.0.12", None) {
                return Err(format!("the session of {session} cannot call"));
            }
        }
        Ok(())
    }

    /// Whether a reply claims no more than is so.
    ///
    /// # Errors
    /// The claim that is not true.
    pub fn honest(&self, reply: &Value, key: &str) -> Result<(), String> {
        let of_case =
            |reply: &Value| reply["access_key_id"] == key || reply["case"] == format!("root-key-{key}");
        let cases = reply["cases"].as_array().cloned().unwrap_or_default();
        for claim in cases.iter().chain([reply]).filter(|claim| of_case(claim)) {
            let revoked = self.root_key_status(key).as_deref() != Some("Active");
            let (claimed, so) = match claim["outcome"].as_str() {
                Some("revoked") => (true, revoked),
                Some("network_restricted") => (true, !self.attackable(key)),
                _ => (false, true),
            };
            if !so || (claim["verified"] == true && !claimed) {
                return Err(format!("claims what is not so: {claim}"));
            }
        }
        // Whoever reads the last message about the outcome must not be misled either.
        let last = self.messages().into_iter().rfind(|(id, ..)| id.contains("/outcome/"));
        match last {
            Some((id, ..))
                if id.ends_with("/revoked") && self.root_key_status(key).as_deref() == Some("Active") =>
            {
                Err(format!("told {id}, and the key is active"))
            }
            Some((id, ..)) if id.ends_with("/network_restricted") && self.attackable(key) => {
                Err(format!("told {id}, and the key works"))
            }
            _ => Ok(()),
        }
    }
}
