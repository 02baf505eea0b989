use super::client::{call, ims, oss, root, start, try_call};
use crate::{EventsRegion, Fault, FaultKind, RootKeyAction, Variant};
use serde_json::{Value, json};
use std::time::Duration;

const LOOKUP: &str = "actiontrail.cn-hangzhou.aliyuncs.com/2020-07-06/LookupEvents";

#[test]
fn parameters_are_checked_and_unknown_ones_noted() {
    let cloud = start();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let unknown = ims(&cloud, &role, "ListUsers", &[("PageSize", "10")]);
    assert_eq!((unknown.status, unknown.code().as_str()), (400, "InvalidParameter.PageSize"));
    assert_eq!(cloud.calls()[0].unknown, ["PageSize"]);
    assert_eq!(ims(&cloud, &role, "ListUsers", &[("MaxItems", "1001")]).code(), "InvalidParameter.MaxItems");
    let missing = ims(&cloud, &role, "UpdateAccessKey", &[("Status", "Inactive")]);
    assert_eq!((missing.status, missing.code().as_str()), (400, "MissingUserAccessKeyId"));
    let none = ims(&cloud, &role, "DoMagic", &[]);
    assert_eq!((none.status, none.code().as_str()), (404, "InvalidAction.NotFound"));
    let error = none.json();
    for field in ["RequestId", "HostId", "Code", "Message", "Recommend"] {
        assert!(error[field].is_string(), "{field}");
    }
    assert_eq!(
        call(&cloud, &role, "dysmsapi.aliyuncs.com/2017-05-25/SendSms", &[]).code(),
        "InvalidProduct.NotFound"
    );
    assert_eq!(call(&cloud, &role, "ims.aliyuncs.com/2015-05-01/ListUsers", &[]).code(), "InvalidVersion");
}

#[test]
fn users_are_paged_by_marker() {
    let cloud =
        crate::Simulator::start(crate::Account::generated(25, 1), crate::Settings::default()).unwrap();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let (mut seen, mut marker) = (Vec::new(), String::new());
    loop {
        let page = ims(&cloud, &role, "ListUsers", &[("MaxItems", "10"), ("Marker", &marker)]).json();
        let names = page["Users"]["User"].as_array().unwrap().iter();
        seen.extend(names.map(|user| user["UserPrincipalName"].as_str().unwrap().to_string()));
        match page["Marker"].as_str() {
            Some(next) => marker = next.into(),
            None => {
                assert_eq!(page["IsTruncated"], false);
                break;
            }
        }
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted());
}

#[test]
fn roles_have_the_permissions_of_their_policies() {
    let cloud = start();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    assert_eq!(call(&cloud, &role, "ram.aliyuncs.com/2015-05-01/ListRoles", &[]).code(), "NoPermission");
    assert_eq!(oss(&cloud, &role, "PUT", "backups-example/x", &[], "a").status, 403);
    let rules = "eventbridge-console.cn-hangzhou.aliyuncs.com/2020-04-01/ListRules";
    let refused = call(&cloud, &role, rules, &[("EventBusName", "default")]);
    assert_eq!((refused.status, refused.json()["Success"].clone()), (200, json!(false)));
    let identity =
        call(&cloud, &role, "sts.cn-hangzhou.aliyuncs.com/2015-04-01/GetCallerIdentity", &[]).json();
    assert_eq!(identity["IdentityType"], "AssumedRoleUser");
}

#[test]
fn a_role_is_assumed_by_whom_it_trusts() {
    let cloud = start();
    let bot = cloud.credentials("ci-bot").unwrap();
    let assume = "sts.aliyuncs.com/2015-04-01/AssumeRole";
    let arn = |role: &str| format!("acs:ram::1234567890123456:role/{role}");
    let ask = |role: &str, seconds: &str| {
        let params = [("RoleArn", &*arn(role)), ("RoleSessionName", "test"), ("DurationSeconds", seconds)];
        call(&cloud, &bot, assume, &params)
    };
    assert_eq!(ask("order-service", "900").code(), "NoPermission");
    assert_eq!(ask("deployer", "7200").code(), "InvalidParameter.DurationSeconds");
    let made = ask("deployer", "900").json();
    let text = |name: &str| made["Credentials"][name].as_str().unwrap().to_string();
    let session = crate::Keys {
        id: text("AccessKeyId"),
        secret: text("AccessKeySecret"),
        token: Some(text("SecurityToken")),
    };
    let identity = call(&cloud, &session, "sts.aliyuncs.com/2015-04-01/GetCallerIdentity", &[]).json();
    assert_eq!(identity["Arn"], "acs:ram::1234567890123456:assumed-role/deployer/test");
    assert!(cloud.calls().iter().all(|call| !format!("{call:?}").contains(&text("AccessKeySecret"))));
}

fn lookup(cloud: &crate::Simulator, params: &[(&str, &str)]) -> Value {
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    call(cloud, &role, LOOKUP, params).json()
}

#[test]
fn events_are_found_by_one_condition_late_and_in_their_region() {
    let cloud = start();
    cloud.settings(|s| {
        s.lookups_per_second = 0;
        s.events_delay = Duration::from_millis(200);
    });
    let made = cloud.root_creates_key(Variant::Ims);
    cloud.root_sets_key(&made.id, RootKeyAction::Delete);
    let by_name = [("LookupAttribute.1.Key", "EventName"), ("LookupAttribute.1.Value", "DeleteAccessKey")];
    assert_eq!(lookup(&cloud, &by_name)["Events"], json!([]));
    std::thread::sleep(Duration::from_millis(250));
    let found = lookup(&cloud, &by_name);
    assert_eq!(found["Events"][0]["requestParameters"]["UserAccessKeyId"], json!(made.id));
    cloud.settings(|s| s.events_region = EventsRegion::Singapore);
    assert_eq!(lookup(&cloud, &by_name)["Events"], json!([]));
    let two =
        [by_name[0], by_name[1], ("LookupAttribute.2.Key", "User"), ("LookupAttribute.2.Value", "root")];
    assert_eq!(lookup(&cloud, &two)["Code"], "InvalidParameterCombination");
    assert_eq!(
        lookup(&cloud, &[("StartTime", "2026-11-01T00:00:00Z")])["Code"],
        "InvalidParameterCombination"
    );
    let old = [("StartTime", "2020-01-01T00:00:00Z"), ("EndTime", "2020-01-02T00:00:00Z")];
    assert_eq!(lookup(&cloud, &old)["Code"], "InvalidTimeRange");
    assert_eq!(lookup(&cloud, &[("MaxResults", "51")])["Code"], "InvalidParameter.MaxResults");
}

#[test]
fn events_are_paged_by_a_token_of_the_same_request() {
    let cloud = start();
    cloud.settings(|s| s.lookups_per_second = 0);
    for _ in 0..7 {
        cloud.root_creates_key_for("dave");
    }
    let own = [("LookupAttribute.1.Key", "User"), ("LookupAttribute.1.Value", "root")];
    for direction in ["FORWARD", "BACKWARD"] {
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let page = lookup(
                &cloud,
                &[own[0], own[1], ("MaxResults", "3"), ("Direction", direction), ("NextToken", &token)],
            );
            seen.extend(page["Events"].as_array().unwrap().iter().map(|event| event["eventId"].to_string()));
            match page["NextToken"].as_str() {
                Some(next) => token = next.into(),
                None => break,
            }
            assert_eq!(lookup(&cloud, &[own[0], own[1], ("NextToken", &token)])["Code"], "InvalidNextToken");
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7);
    }
}

#[test]
fn lookups_are_limited_and_refused_writes_recorded() {
    let cloud = start();
    let bot = cloud.credentials("monitor-bot").unwrap();
    let alice = ("UserPrincipalName", "alice@1234567890123456.onaliyun.com");
    assert_eq!(ims(&cloud, &bot, "CreateAccessKey", &[alice]).code(), "NoPermission");
    let mine = [("LookupAttribute.1.Key", "EventAccessKeyId"), ("LookupAttribute.1.Value", bot.id.as_str())];
    let found = lookup(&cloud, &mine);
    assert_eq!(found["Events"][0]["errorCode"], "NoPermission");
    lookup(&cloud, &[]);
    assert_eq!(lookup(&cloud, &[])["Code"], "Throttling.User");
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let used = "actiontrail.cn-hangzhou.aliyuncs.com/2020-07-06/GetAccessKeyLastUsed";
    let info = call(&cloud, &role, &format!("{used}Info"), &[("AccessKey", &bot.id)]).json();
    assert_eq!((&info["ServiceName"], &info["UserName"]), (&json!("Ims"), &json!("monitor-bot")));
    let ips =
        call(&cloud, &role, &format!("{used}Ips"), &[("AccessKey", &bot.id), ("ServiceName", "Ims")]).json();
    assert_eq!(ips["Ips"][0]["Ip"], "192.0.2.60");
}

#[test]
fn objects_are_created_once_read_listed_and_deleted() {
    let cloud = start();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let once = [("x-oss-forbid-overwrite", "true")];
    let put =
        |key: &str, body: &str| oss(&cloud, &role, "PUT", &format!("hardening-state/{key}"), &once, body);
    assert_eq!(put("cases/a%20b", "first").status, 200);
    let second = put("cases/a%20b", "second");
    assert_eq!(second.status, 409);
    assert!(second.body.contains("<Code>FileAlreadyExists</Code>"));
    assert!(second.head.contains("x-oss-request-id: "));
    assert_eq!(oss(&cloud, &role, "GET", "hardening-state/cases/a%20b", &[], "").body, "first");
    let head = oss(&cloud, &role, "HEAD", "hardening-state/cases/a%20b", &[], "");
    assert!(head.body.is_empty() && head.head.contains("content-length: 5"));
    assert!(oss(&cloud, &role, "GET", "hardening-state/none", &[], "").body.contains("NoSuchKey"));
    assert!(oss(&cloud, &root(&cloud), "GET", "no-bucket/none", &[], "").body.contains("NoSuchBucket"));
    let wrong = oss(&cloud, &role, "PUT", "hardening-state/x", &[("content-md5", "AAAA")], "x");
    assert!(wrong.body.contains("InvalidDigest"));
    put("cases/c", "");
    let list = "hardening-state/?list-type=2&prefix=cases%2F&max-keys=1";
    let page = oss(&cloud, &role, "GET", list, &[], "").body;
    assert!(
        page.contains("<Key>cases/a b</Key>") && page.contains("<IsTruncated>true</IsTruncated>"),
        "{page}"
    );
    let token = page.split("<NextContinuationToken>").nth(1).unwrap().split('<').next().unwrap();
    let next = format!("{list}&continuation-token={}", crate::request::encode(token));
    let page = oss(&cloud, &role, "GET", &next, &[], "").body;
    assert!(
        page.contains("<Key>cases/c</Key>") && page.contains("<IsTruncated>false</IsTruncated>"),
        "{page}"
    );
    assert_eq!(oss(&cloud, &role, "DELETE", "hardening-state/cases/c", &[], "").status, 403);
    assert_eq!(oss(&cloud, &root(&cloud), "DELETE", "hardening-state/cases/c", &[], "").status, 204);
    cloud.fault(Fault::new("oss:GetObject", FaultKind::Throttle { retry_after: None }));
    assert_eq!(oss(&cloud, &role, "GET", "hardening-state/cases/a%20b", &[], "").status, 503);
}

#[test]
fn rules_are_kept_up_to_the_quota() {
    let cloud = start();
    let root = root(&cloud);
    let ask = |action: &str, params: &[(&str, &str)]| {
        let api = format!("eventbridge-console.cn-hangzhou.aliyuncs.com/2020-04-01/{action}");
        let mut all = vec![("EventBusName", "default")];
        all.extend(params);
        try_call(&cloud, &root, &api, &all, &[]).unwrap().json()
    };
    let pattern = ("FilterPattern", r#"{"source":["acs.ram"]}"#);
    assert_eq!(ask("CreateRule", &[("RuleName", "root-access-key"), pattern])["Code"], "EventRuleExisted");
    for number in 1..10 {
        assert_eq!(ask("CreateRule", &[("RuleName", &format!("r{number}")), pattern])["Success"], true);
    }
    assert_eq!(ask("CreateRule", &[("RuleName", "r10"), pattern])["Code"], "EventRuleQuotaExceeded");
    assert_eq!(ask("ListRules", &[("Limit", "4")])["Data"]["Rules"].as_array().unwrap().len(), 4);
    assert_eq!(ask("DisableRule", &[("RuleName", "r1")])["Success"], true);
    let target = r#"[{"Id":"f","Type":"acs.fc.function","Endpoint":"acs:fc:::f"}]"#;
    assert_eq!(ask("PutTargets", &[("RuleName", "r1"), ("Targets", target)])["Success"], true);
    let rule = ask("GetRule", &[("RuleName", "r1")]);
    assert_eq!(
        (&rule["Data"]["Status"], &rule["Data"]["Targets"][0]["Id"]),
        (&json!("DISABLE"), &json!("f"))
    );
    assert_eq!(ask("DeleteTargets", &[("RuleName", "r1"), ("TargetIds", r#"["f"]"#)])["Success"], true);
    assert_eq!(ask("ListTargets", &[("RuleName", "r1")])["Data"]["Total"], 0);
    let wrong = ask("UpdateRule", &[("RuleName", "r1"), ("FilterPattern", r#"{"a":[1,2,3,4,5,6]}"#)]);
    assert_eq!((&wrong["Success"], &wrong["Code"]), (&json!(false), &json!("InvalidArgument")));
    let api = "eventbridge.cn-hangzhou.aliyuncs.com/2020-04-01/TestEventPattern";
    let event = crate::Simulator::envelope(&cloud.root_creates_key(Variant::Ims).event, &cloud.account_id());
    let deployed = ask("GetRule", &[("RuleName", "root-access-key")]);
    let pattern = deployed["Data"]["FilterPattern"].as_str().unwrap();
    let tested = call(&cloud, &root, api, &[("Event", &event.to_string()), ("EventPattern", pattern)]).json();
    assert_eq!(tested["Data"]["Result"], true);
}
