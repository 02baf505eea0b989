use super::client::{call, ims, start};
use crate::Simulator;
use jiff::SignedDuration;
use serde_json::{Value, json};

const ALICE: &str = "alice@1234567890123456.onaliyun.com";
const ALICE_KEY: &str = "LTAI5tExampleAlice000001";
const DESCRIBE: &str = "DescribeInstances";

fn lookup(cloud: &Simulator, key: &str, value: &str) -> Vec<Value> {
    cloud.settings(|s| s.lookups_per_second = 0);
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let params = [("LookupAttribute.1.Key", key), ("LookupAttribute.1.Value", value)];
    let api = "actiontrail.cn-hangzhou.aliyuncs.com/2020-07-06/LookupEvents";
    call(cloud, &role, api, &params).json()["Events"].as_array().unwrap().clone()
}

fn last_used(cloud: &Simulator) -> Value {
    let admin = cloud.credentials("emergency-admin").unwrap();
    let params = [("UserPrincipalName", ALICE), ("UserAccessKeyId", ALICE_KEY)];
    ims(cloud, &admin, "GetAccessKeyLastUsed", &params).json()["AccessKeyLastUsed"].clone()
}

#[test]
fn a_key_is_used_without_http_at_the_accounts_time() {
    let cloud = start();
    assert_eq!(last_used(&cloud), json!({"LastUsedDate": "2026-11-20T09:00:00Z", "ServiceName": "Ecs"}));
    cloud.settings(|s| s.ahead = SignedDuration::from_hours(24 * 365 * 10));
    assert!(cloud.use_key(ALICE_KEY, "Rds", "DescribeDBInstances", "203.0.113.21"));
    let used = last_used(&cloud);
    assert_eq!(used["ServiceName"], "Rds");
    assert!(used["LastUsedDate"].as_str() > Some("2035"), "{used}");
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let api = "actiontrail.cn-hangzhou.aliyuncs.com/2020-07-06/GetAccessKeyLastUsedProducts";
    let products = call(&cloud, &role, api, &[("AccessKey", ALICE_KEY)]).json();
    let names: Vec<&Value> =
        products["Products"].as_array().unwrap().iter().map(|one| &one["ServiceName"]).collect();
    assert_eq!(names, ["Rds", "Ecs"], "that of the account file, too");

    assert!(!cloud.use_key("LTAI5tNobody", "Ecs", DESCRIBE, "203.0.113.21"));
    let pinned = "LTAI5tExampleBackup00001";
    assert!(cloud.use_key(pinned, "Oss", "PutBucket", "198.51.100.40"));
    assert!(!cloud.use_key(pinned, "Oss", "PutBucket", "192.0.2.1"), "its network policy");
}

#[test]
fn attempts_with_a_disabled_key_are_in_the_trail_by_any_way() {
    let cloud = start();
    let alice = cloud.credentials("alice").unwrap();
    cloud.set_user_key_status("alice", ALICE_KEY, false);
    let before = last_used(&cloud);
    assert!(!cloud.use_key(ALICE_KEY, "Ecs", DESCRIBE, "203.0.113.21"));
    let identity = call(&cloud, &alice, "sts.cn-hangzhou.aliyuncs.com/2015-04-01/GetCallerIdentity", &[]);
    assert_eq!(identity.code(), "InvalidAccessKeyId.Inactive");
    super::client::oss(&cloud, &alice, "GET", "hardening-state/x", &[], "");
    let mut events = lookup(&cloud, "EventAccessKeyId", ALICE_KEY);
    events.sort_by_key(|event| event["eventName"].to_string());
    let names: Vec<&Value> = events.iter().map(|event| &event["eventName"]).collect();
    assert_eq!(names, [DESCRIBE, "GetCallerIdentity"], "calls on data are no management events");
    for event in &events {
        assert_eq!(event["errorCode"], "InvalidAccessKeyId.Inactive");
        assert_eq!((&event["eventRW"], &event["sourceIpAddress"]), (&json!("Read"), &json!("203.0.113.21")));
        assert_eq!(event["userIdentity"]["userName"], "alice");
    }
    assert_eq!(last_used(&cloud), before, "a refused call is no use");
}

#[test]
fn users_change_their_own_keys_and_root_makes_users() {
    let cloud = start();
    let off = cloud.set_user_key_status("alice", ALICE_KEY, false);
    assert_eq!(
        (&off["userIdentity"]["userName"], &off["requestParameters"]["Status"]),
        (&json!("alice"), &json!("Inactive"))
    );
    assert!(!cloud.may_call(ALICE_KEY, "203.0.113.21", None));
    cloud.set_user_key_status("alice", ALICE_KEY, true);
    assert!(cloud.may_call(ALICE_KEY, "203.0.113.21", None));
    assert!(cloud.set_user_key_status("bob", ALICE_KEY, false).is_null());
    assert!(cloud.delete_user_key("bob", ALICE_KEY).is_null());
    assert_eq!(cloud.delete_user_key("alice", ALICE_KEY)["eventName"], "DeleteAccessKey");
    assert!(cloud.credentials("alice").is_none());
    let trail = lookup(&cloud, "User", "alice");
    assert_eq!(trail.len(), 4, "Inactive, Active, Inactive, deleted");

    let made = cloud.add_user("rehearsal", &[("owner", "bob"), ("email", "bob@example.com")]);
    assert_eq!(made["requestParameters"]["UserPrincipalName"], "rehearsal@1234567890123456.onaliyun.com");
    assert!(cloud.add_user("rehearsal", &[]).is_null());
    let user = cloud.state()["users"].as_array().unwrap().iter().find(|u| u["name"] == "rehearsal").cloned();
    assert_eq!(user.unwrap()["tags"], json!({"owner": "bob", "email": "bob@example.com"}));
    assert_eq!(lookup(&cloud, "EventName", "CreateUser").len(), 1);
}
