use super::client::{call, ims, start, try_call};
use crate::{Keys, Variant, ids};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How many days a date is ahead of the machine's time.
fn days_ahead(date: &Value) -> i64 {
    let at: Timestamp = date.as_str().unwrap().parse().unwrap();
    let minutes = Timestamp::now().duration_until(at).as_secs().saturating_add(30) / 60;
    assert_eq!(minutes % (24 * 60), 0, "{date}");
    minutes / (24 * 60)
}

#[test]
fn the_account_dates_by_its_own_time_and_signatures_go_by_the_machines() {
    let cloud = start();
    let admin = cloud.credentials("emergency-admin").unwrap();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let made = cloud.user_creates_key("dave");
    cloud.settings(|s| (s.ahead, s.lookups_per_second) = (DAY * 100, 0));

    let name = ("UserPrincipalName", "dave@1234567890123456.onaliyun.com");
    let off = [name, ("UserAccessKeyId", made.id.as_str()), ("Status", "Inactive")];
    assert_eq!(ims(&cloud, &admin, "UpdateAccessKey", &off).status, 200);
    let keys = ims(&cloud, &admin, "ListAccessKeys", &[name]).json();
    let key = &keys["AccessKeys"]["AccessKey"][0];
    assert_eq!((days_ahead(&key["CreateDate"]), days_ahead(&key["UpdateDate"])), (0, 100));
    let second = cloud.user_creates_key("dave");
    assert_eq!(days_ahead(&second.event["eventTime"]), 100);
    let own = ("UserAccessKeyId", admin.id.as_str());
    let used = ims(&cloud, &admin, "GetAccessKeyLastUsed", &[own]).json();
    assert_eq!(days_ahead(&used["AccessKeyLastUsed"]["LastUsedDate"]), 100);
    let report = ims(&cloud, &role, "GetAccountSecurityPracticeReport", &[]).json();
    let old = |report: &Value| {
        report["AccountSecurityPracticeInfo"]["AccountSecurityPracticeUserInfo"]["OldAkNum"].as_i64()
    };
    cloud.settings(|s| s.ahead = -DAY * 3650);
    let before = ims(&cloud, &role, "GetAccountSecurityPracticeReport", &[]).json();
    assert!(old(&before) == Some(0) && old(&report) > Some(0), "{before} {report}");

    // A request dated by the account's time is not fresh.
    cloud.settings(|s| s.ahead = DAY);
    let date = ids::date(Timestamp::now().saturating_add(DAY).unwrap());
    let api = "sts.aliyuncs.com/2015-04-01/GetCallerIdentity";
    let stale = try_call(&cloud, &admin, api, &[], &[("x-acs-date", &date)]).unwrap();
    assert_eq!(stale.code(), "InvalidTimeStamp.Expired");
    assert_eq!(call(&cloud, &admin, api, &[]).status, 200);
}

#[test]
fn sessions_end_and_events_are_forgotten_as_the_days_go_by() {
    let cloud = start();
    cloud.settings(|s| s.lookups_per_second = 0);
    let bot = cloud.credentials("ci-bot").unwrap();
    let arn = ("RoleArn", "acs:ram::1234567890123456:role/deployer");
    let assume = "sts.aliyuncs.com/2015-04-01/AssumeRole";
    let made = call(&cloud, &bot, assume, &[arn, ("RoleSessionName", "test")]).json();
    let text = |name: &str| made["Credentials"][name].as_str().unwrap().to_string();
    let session =
        Keys { id: text("AccessKeyId"), secret: text("AccessKeySecret"), token: Some(text("SecurityToken")) };
    cloud.root_creates_key(Variant::Ims);
    let identity = "sts.aliyuncs.com/2015-04-01/GetCallerIdentity";
    assert_eq!(call(&cloud, &session, identity, &[]).status, 200);
    cloud.settings(|s| s.ahead = DAY);
    assert_eq!(call(&cloud, &session, identity, &[]).code(), "InvalidSecurityToken.Expired");
    assert!(!cloud.may_call(&session.id, "203.0.113.1", None));

    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let lookup = |from: i32, to: i32| {
        let at = |days: i32| {
            let moved = Timestamp::now().saturating_add(DAY * days).unwrap();
            ids::date(moved.saturating_add(SignedDuration::from_secs(1)).unwrap())
        };
        let range = [("StartTime", at(from)), ("EndTime", at(to))];
        let condition =
            [("LookupAttribute.1.Key", "EventName"), ("LookupAttribute.1.Value", "CreateAccessKey")];
        let params: Vec<(&str, &str)> =
            range.iter().map(|(name, value)| (*name, value.as_str())).chain(condition).collect();
        call(&cloud, &role, "actiontrail.cn-hangzhou.aliyuncs.com/2020-07-06/LookupEvents", &params).json()
    };
    assert_eq!(lookup(-1, 1)["Events"].as_array().unwrap().len(), 1);
    cloud.settings(|s| s.ahead = DAY * 91);
    assert_eq!(lookup(-1, 1)["Code"], "InvalidTimeRange", "events are kept for 90 days");
    assert_eq!(lookup(2, 91)["Events"].as_array().unwrap().len(), 0);
}
