//! What programs do with their keys, without HTTP: a use of a key now, or an attempt with one that is disabled.

use crate::account::{AccessKey, KeyHolder, KeyStatus};
use crate::caller::key_may_call;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::ids;
use crate::simulator::Simulator;
use crate::trail::{EventParts, event, is_global};
use serde_json::{Map, Value, json};

/// How the names of APIs begin that change nothing.
const READS: [&str; 6] = ["Check", "Describe", "Get", "List", "Lookup", "Query"];

impl Simulator {
    /// A program calls an API with a permanent key from an address now, by the account's time: `service` is the
    /// name in events, such as `Ecs`, and `event` the API's name, such as `DescribeInstances`. Whether the call
    /// was let in: false if the key does not exist, is Inactive, or an AccessKey network policy refuses the
    /// address. An attempt with an Inactive key is in the trail as a failed call.
    pub fn use_key(&self, key_id: &str, service: &'static str, event: &'static str, source: &str) -> bool {
        let mut cloud = self.cloud();
        let cloud = &mut *cloud;
        let Some((holder, key)) = cloud.account.key(key_id) else { return false };
        if key.status == KeyStatus::Inactive {
            let attempt = cloud.disabled_attempt(&holder, key, service, event, source);
            cloud.trail.record(attempt);
            return false;
        }
        let admitted = source.parse().is_ok_and(|from| {
            let vpc = key.calls_from_vpc.as_deref().filter(|_| key.calls_from == Some(from));
            key_may_call(&cloud.account, &cloud.settings, key, from, vpc)
        });
        if admitted {
            let now = cloud.now();
            cloud.trail.used(key_id, service, event, source, now);
        }
        admitted
    }
}

impl Cloud {
    fn disabled_attempt(
        &self,
        holder: &KeyHolder,
        key: &AccessKey,
        service: &'static str,
        name: &str,
        source: &str,
    ) -> Value {
        let account = &self.account.account_id;
        let (kind, principal, user) = match holder {
            KeyHolder::Root => ("root-account", account.as_str(), "root"),
            KeyHolder::User(user) => {
                ("ram-user", self.account.user(user).map_or("", |user| user.id.as_str()), user.as_str())
            }
        };
        let error = ApiError::key_disabled();
        let mut attempt = event(EventParts {
            time: self.date(),
            service,
            name: name.into(),
            version: "",
            host: format!("{}.aliyuncs.com", service.to_lowercase()),
            region: "cn-hangzhou".into(),
            global: is_global(service),
            source: source.into(),
            user_agent: String::new(),
            identity: json!({
                "type": kind,
                "principalId": principal,
                "accountId": account,
                "userName": user,
                "accessKeyId": key.id,
            }),
            params: Map::new(),
            response: Value::Null,
            request_id: ids::request_id(),
        });
        attempt["errorCode"] = error.code.into();
        attempt["errorMessage"] = error.message.into();
        if READS.iter().any(|start| name.starts_with(start)) {
            attempt["eventRW"] = "Read".into();
        }
        attempt
    }
}
