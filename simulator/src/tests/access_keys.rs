use super::client::{call, ims, root, start, try_call};
use crate::{RoleWithoutUser, RootKeyAction, Simulator, Variant};
use serde_json::json;
use std::time::Duration;

const ALICE: &str = "alice@1234567890123456.onaliyun.com";
const ALICE_KEY: &str = "LTAI5tExampleAlice000001";
const CLOSED: &str =
    r#"{"Version":1,"Status":"Active","Statements":[{"Type":"ClassicWhiteList","IPList":["192.0.2.1/32"]}]}"#;
const PINNED: &str =
    r#"{"Version":1,"Status":"Active","Statements":[{"Type":"ClassicWhiteList","IPList":["203.0.113.21"]}]}"#;

#[test]
fn who_names_no_user_means_itself() {
    let cloud = start();
    let root = root(&cloud);
    let own = ims(&cloud, &root, "ListAccessKeys", &[]).json();
    assert_eq!(own["AccessKeys"]["AccessKey"][0]["AccessKeyId"], json!(root.id));

    let user = cloud.credentials("emergency-admin").unwrap();
    let own = ims(&cloud, &user, "ListAccessKeys", &[]).json();
    assert_eq!(own["AccessKeys"]["AccessKey"][0]["AccessKeyId"], json!(user.id));

    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let disable =
        || ims(&cloud, &role, "UpdateAccessKey", &[("UserAccessKeyId", &root.id), ("Status", "Inactive")]);
    let refused = disable();
    assert_eq!((refused.status, refused.code().as_str()), (404, "EntityNotExist.User"));
    cloud.settings(|s| s.role_without_user = RoleWithoutUser::Refused { status: 403, code: "X.Y".into() });
    assert_eq!(disable().code(), "X.Y");
    assert!(cloud.may_call(&root.id, "203.0.113.10", None));
    cloud.settings(|s| s.role_without_user = RoleWithoutUser::ActsOnRoot);
    assert_eq!(disable().status, 200);
    assert!(!cloud.may_call(&root.id, "203.0.113.10", None));
}

#[test]
fn the_account_policy_binds_keys_without_their_own_and_no_sessions() {
    let cloud = start();
    let root = root(&cloud);
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let alice = cloud.credentials("alice").unwrap();
    cloud.watch(vec![(ALICE_KEY.into(), "203.0.113.21".into()), (root.id.clone(), "198.51.100.7".into())]);
    let pin = [("UserAccessKeyId", ALICE_KEY), ("UserPrincipalName", ALICE), ("AccessKeyPolicy", PINNED)];
    let set = ims(&cloud, &role, "SetAccessKeyPolicy", &pin).json();
    assert_eq!(set["AccessKeyPolicy"], PINNED);
    let close = [("AccessKeyPolicy", CLOSED)];
    assert_eq!(ims(&cloud, &role, "SetAccessKeyPolicyForAccount", &close).status, 200);

    let caller = "sts.aliyuncs.com/2015-04-01/GetCallerIdentity";
    assert_eq!(call(&cloud, &alice, caller, &[]).status, 200, "pinned to where it calls from");
    let elsewhere = [("x-simulated-source-ip", "198.51.100.7")];
    let refused = try_call(&cloud, &alice, caller, &[], &elsewhere).unwrap();
    assert_eq!((refused.status, refused.code().as_str()), (403, "Forbidden.AccessKeyNetworkPolicy"));
    assert_eq!(call(&cloud, &root, caller, &[]).status, 403);
    assert_eq!(call(&cloud, &role, caller, &[]).status, 200);
    let rules = "eventbridge-console.cn-hangzhou.aliyuncs.com/2020-04-01/ListRules";
    assert_eq!(call(&cloud, &root, rules, &[("EventBusName", "default")]).status, 200, "not enforced there");

    let out = cloud.lockouts();
    assert_eq!(out.len(), 1);
    assert_eq!((out[0].key_id.as_str(), out[0].allowed), (root.id.as_str(), false));
    assert_eq!((out[0].action.as_str(), &out[0].by), ("ims:SetAccessKeyPolicyForAccount", &role.id));
    cloud.root_lifts_policy();
    assert_eq!(cloud.lockouts().len(), 2);
    assert_eq!(call(&cloud, &root, caller, &[]).status, 200);
    assert_eq!(cloud.state()["access_key_policy"]["Status"], "Inactive");
}

#[test]
fn reads_of_policies_lag_and_enforcement_does_not() {
    let cloud = start();
    cloud.settings(|s| s.policy_read_lag = Duration::from_millis(300));
    let (role, root) = (cloud.credentials("hardening-root-key-revoke").unwrap(), root(&cloud));
    ims(&cloud, &role, "SetAccessKeyPolicyForAccount", &[("AccessKeyPolicy", CLOSED)]);
    let read = || ims(&cloud, &role, "GetAccessKeyPolicyForAccount", &[]).json()["AccessKeyPolicy"].clone();
    assert_eq!(read(), r#"{"Version":1,"Status":"Inactive","Statements":[]}"#);
    assert!(!cloud.may_call(&root.id, "203.0.113.10", None));
    std::thread::sleep(Duration::from_millis(350));
    assert_eq!(read(), CLOSED);
}

#[test]
fn a_policy_that_was_never_set_reads_as_configured() {
    let cloud = start();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let read = || {
        ims(
            &cloud,
            &role,
            "GetAccessKeyPolicy",
            &[("UserAccessKeyId", ALICE_KEY), ("UserPrincipalName", ALICE)],
        )
    };
    assert_eq!(read().json()["AccessKeyPolicy"], r#"{"Version":1,"Status":"Inactive","Statements":[]}"#);
    cloud.settings(|s| s.policy_missing = crate::PolicyMissing::NotExist);
    assert_eq!(read().code(), "EntityNotExist.AccessKeyPolicy");
}

#[test]
fn wrong_users_keys_and_documents_are_refused() {
    let cloud = start();
    let admin = cloud.credentials("emergency-admin").unwrap();
    let code = |action: &str, params: &[(&str, &str)]| ims(&cloud, &admin, action, params).code();
    let nobody = ("UserPrincipalName", "nobody@1234567890123456.onaliyun.com");
    assert_eq!(code("ListAccessKeys", &[nobody]), "EntityNotExist.User");
    assert_eq!(code("ListAccessKeys", &[("UserPrincipalName", "alice")]), "EntityNotExist.User");
    let other = [("UserPrincipalName", ALICE), ("UserAccessKeyId", "LTAI5tExampleCarol000001")];
    assert_eq!(code("GetAccessKeyLastUsed", &other), "EntityNotExist.User.AccessKey");
    let document = [("AccessKeyPolicy", r#"{"Version":1,"Status":"Active","Statements":null}"#)];
    assert_eq!(code("SetAccessKeyPolicyForAccount", &document), "InvalidParameter.AccessKeyPolicy");
    let key = [("UserPrincipalName", ALICE), ("UserAccessKeyId", ALICE_KEY)];
    assert_eq!(code("DeleteAccessKey", &key), "DeleteConflict.User.AccessKey", "Active keys are not deleted");
    assert_eq!(code("UpdateAccessKey", &key), "MissingStatus");
    assert_eq!(code("UpdateAccessKey", &[key[0], key[1], ("Status", "Off")]), "InvalidParameter.Status");
}

fn report(cloud: &Simulator) -> i64 {
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let answer = ims(cloud, &role, "GetAccountSecurityPracticeReport", &[]).json();
    let user = &answer["AccountSecurityPracticeInfo"]["AccountSecurityPracticeUserInfo"];
    user["RootWithAccessKey"].as_i64().unwrap()
}

#[test]
fn root_keys_are_counted_and_change_in_the_console() {
    let cloud = start();
    assert_eq!(report(&cloud), 0);
    let made = cloud.root_creates_key(Variant::Ram);
    assert_eq!(report(&cloud), 1);
    let event = cloud.root_sets_key(&made.id, RootKeyAction::Inactive);
    assert_eq!(
        (&event["eventName"], &event["requestParameters"]["Status"]),
        (&json!("UpdateAccessKey"), &json!("Inactive"))
    );
    assert_eq!(report(&cloud), 0);
    cloud.settings(|s| s.count_inactive_root_keys = true);
    assert_eq!(report(&cloud), 1);
    cloud.root_sets_key(&made.id, RootKeyAction::Delete);
    assert_eq!(report(&cloud), 0);
    assert!(cloud.root_sets_key(&made.id, RootKeyAction::Active).is_null());
}

#[test]
fn creation_events_tell_root_from_users() {
    let cloud = start();
    let made = cloud.root_creates_key(Variant::Ims);
    let event = &made.event;
    assert_eq!(event["userIdentity"]["type"], "root-account");
    assert!(event["requestParameters"].get("UserPrincipalName").is_none());
    assert_eq!(event["responseElements"]["AccessKey"]["AccessKeyId"], json!(made.id));
    assert!(!event.to_string().contains(&made.secret));
    assert_eq!(
        cloud.root_creates_key_for("dave").event["requestParameters"]["UserPrincipalName"],
        "dave@1234567890123456.onaliyun.com"
    );
    assert_eq!(cloud.user_creates_key("alice").event["userIdentity"]["type"], "ram-user");
    let envelope = Simulator::envelope(event, &cloud.account_id());
    assert_eq!((&envelope["type"], &envelope["id"]), (&json!("ims:ActionTrail:ApiCall"), &event["eventId"]));
    assert_eq!(cloud.credentials("dave").unwrap().id, cloud.state()["users"][5]["keys"][0]["id"]);
}

#[test]
fn the_older_rpc_signature_is_spoken_too_and_answers_xml_unless_asked_for_json() {
    use crate::request::{Request, encode};
    use crate::signature::Claim;
    let cloud = start();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let ask = |format: &str| {
        let fields = [
            ("Action", "ListAccessKeys"),
            ("Version", "2019-08-15"),
            ("UserPrincipalName", ALICE),
            ("Format", format),
            ("AccessKeyId", &role.id),
            ("SecurityToken", role.token.as_deref().unwrap()),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("SignatureNonce", &crate::ids::random_hex(8)),
            ("Timestamp", &crate::ids::date(jiff::Timestamp::now())),
        ];
        let form: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", encode(v))).collect();
        let headers = [
            ("host".to_string(), "ims.aliyuncs.com".to_string()),
            ("content-type".into(), "application/x-www-form-urlencoded".into()),
        ];
        let request = |signature: &str| {
            let body = format!("{}&Signature={}", form.join("&"), encode(signature));
            Request::new("POST", "/", "", headers.clone().into(), body.into())
        };
        let signature = Claim::read(&request("0")).unwrap().expected(&role.secret);
        super::client::send(&cloud, &request(&signature), "").unwrap()
    };
    assert_eq!(ask("JSON").json()["AccessKeys"]["AccessKey"][0]["AccessKeyId"], ALICE_KEY);
    let xml = ask("XML").body;
    assert!(xml.contains(&format!("<AccessKey><AccessKeyId>{ALICE_KEY}</AccessKeyId>")), "{xml}");
    assert!(cloud.calls().iter().all(|call| call.scheme == "rpc1" && call.params.len() == 1));
}
