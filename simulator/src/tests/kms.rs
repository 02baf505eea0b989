use super::client::{Reply, call, root, start};
use crate::{Account, Fault, FaultKind, Keys, Settings, Simulator};
use serde_json::{Value, json};

const NAME: (&str, &str) = ("SecretName", "rotation/ci-bot");

fn ask(cloud: &Simulator, keys: &Keys, action: &str, params: &[(&str, &str)]) -> Reply {
    call(cloud, keys, &format!("kms.cn-hangzhou.aliyuncs.com/2016-01-20/{action}"), params)
}

fn version<'a>(id: &'a str, data: &'a str) -> [(&'static str, &'a str); 3] {
    [("SecretName", "rotation/ci-bot"), ("VersionId", id), ("SecretData", data)]
}

#[test]
fn a_new_value_becomes_current_and_the_old_one_previous() {
    let cloud = start();
    let root = root(&cloud);
    let ask = |action: &str, params: &[(&str, &str)]| ask(&cloud, &root, action, params);
    let absent = ask("DescribeSecret", &[NAME]);
    assert_eq!((absent.status, absent.code().as_str()), (404, "Forbidden.ResourceNotFound"));
    assert_eq!(ask("PutSecretValue", &version("v1", "one")).code(), "Forbidden.ResourceNotFound");
    let made = ask("CreateSecret", &version("v1", "one")).json();
    assert_eq!(made["Arn"], "acs:kms:cn-hangzhou:1234567890123456:secret/rotation/ci-bot");
    assert_eq!(ask("CreateSecret", &version("v1", "one")).code(), "Rejected.ResourceExist");
    let put = ask("PutSecretValue", &version("v2", "two")).json();
    assert_eq!(put["VersionStages"], json!({"VersionStage": ["ACSCurrent"]}));
    let get = |params: &[(&str, &str)]| {
        let value = ask("GetSecretValue", &[&[NAME], params].concat()).json();
        value["SecretData"].as_str().or(value["Code"].as_str()).unwrap().to_string()
    };
    assert_eq!(get(&[]), "two");
    assert_eq!(get(&[("VersionStage", "ACSPrevious")]), "one");
    assert_eq!(get(&[("VersionId", "v1")]), "one");
    assert_eq!(get(&[("VersionId", "v3")]), "Forbidden.ResourceNotFound");
    assert_eq!(get(&[("VersionId", "v1"), ("VersionStage", "ACSCurrent")]), "Forbidden.ResourceNotFound");
    let arn = ("SecretName", made["Arn"].as_str().unwrap());
    assert_eq!(ask("GetSecretValue", &[arn]).json()["SecretData"], "two");
    assert_eq!(cloud.secret_value("cn-hangzhou", NAME.1).as_deref(), Some("two"));
    assert_eq!(cloud.secret_value("cn-beijing", NAME.1), None);

    // The same again is ignored; the same id with another value is refused.
    assert_eq!(ask("PutSecretValue", &version("v2", "two")).status, 200);
    assert_eq!(ask("PutSecretValue", &version("v1", "one")).status, 200);
    assert_eq!(get(&[]), "two", "an old version does not come back");
    let refused = ask("PutSecretValue", &version("v2", "other"));
    assert_eq!((refused.status, refused.code().as_str()), (409, "Rejected.ResourceExist"));

    ask("PutSecretValue", &[&version("v3", "three")[..], &[("VersionStages", r#"["next"]"#)]].concat());
    assert_eq!((get(&[]), get(&[("VersionStage", "next")])), ("two".into(), "three".into()));
    for number in 4..=12 {
        ask("PutSecretValue", &version(&format!("v{number}"), "more"));
    }
    let list = |more: &[(&str, &str)]| ask("ListSecretVersionIds", &[&[NAME], more].concat()).json();
    assert_eq!(list(&[])["TotalCount"], 3, "current, previous and next");
    let all = list(&[("IncludeDeprecated", "true"), ("PageSize", "4"), ("PageNumber", "3")]);
    assert_eq!(all["TotalCount"], 10, "the oldest are gone");
    let ids = all["VersionIds"]["VersionId"].as_array().unwrap();
    assert_eq!(ids.iter().map(|one| &one["VersionId"]).collect::<Vec<_>>(), ["v11", "v12"]);
    assert_eq!(ids[0]["VersionStages"], json!({"VersionStage": ["ACSPrevious"]}));
}

#[test]
fn secrets_are_in_no_event_call_or_state() {
    let cloud = start();
    let root = root(&cloud);
    ask(&cloud, &root, "CreateSecret", &version("v1", "hidden-one"));
    ask(&cloud, &root, "PutSecretValue", &version("v2", "hidden-two"));
    let state = cloud.state();
    let events = state["events"].as_array().unwrap();
    let names: Vec<&Value> = events.iter().map(|event| &event["eventName"]).collect();
    assert!(names.contains(&&json!("CreateSecret")) && names.contains(&&json!("PutSecretValue")));
    let put = events.iter().find(|event| event["eventName"] == "PutSecretValue").unwrap();
    assert_eq!(put["requestParameters"]["SecretName"], NAME.1, "the name is no secret");
    assert_eq!(put["requestParameters"]["SecretData"], "****");
    let told = format!("{state}{:?}", cloud.calls());
    assert!(told.contains(NAME.1) && !told.contains("hidden-"), "{told}");
}

#[test]
fn secrets_of_the_account_file_are_read_by_permission_and_deleted() {
    let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
    account["secrets"] = json!([{"name": NAME.1, "region": "cn-beijing", "versions": [
        {"id": "a", "secret_data": "old", "stages": ["ACSPrevious"]}, {"id": "b", "secret_data": "new"}]}]);
    let start = |account: &Value| Account::from_json(&account.to_string());
    let cloud = Simulator::start(start(&account).unwrap(), Settings::default()).unwrap();
    let ask = |user: &str, action: &str, params: &[(&str, &str)]| {
        let keys = cloud.credentials(user).unwrap();
        call(&cloud, &keys, &format!("kms.cn-beijing.aliyuncs.com/2016-01-20/{action}"), params)
    };
    assert_eq!(ask("monitor-bot", "GetSecretValue", &[NAME]).json()["SecretData"], "new");
    let refused = ask("backup-bot", "GetSecretValue", &[NAME]);
    assert_eq!((refused.status, refused.code().as_str()), (403, "Forbidden.NoPermission"));
    cloud.fault(Fault::new("kms:GetSecretValue", FaultKind::Throttle { retry_after: None }));
    let throttled = ask("monitor-bot", "GetSecretValue", &[NAME]);
    assert_eq!((throttled.status, throttled.code().as_str()), (429, "Rejected.Throttling"));
    cloud.clear_faults();

    let planned = ask("emergency-admin", "DeleteSecret", &[NAME, ("RecoveryWindowInDays", "7")]).json();
    let described = ask("emergency-admin", "DescribeSecret", &[NAME, ("FetchTags", "true")]).json();
    assert_eq!(described["PlannedDeleteTime"], planned["PlannedDeleteTime"]);
    assert_eq!(described["Tags"], json!({"Tag": []}));
    assert_eq!(ask("emergency-admin", "GetSecretValue", &[NAME]).code(), "Rejected.PendingDeletion");
    ask("emergency-admin", "DeleteSecret", &[NAME, ("ForceDeleteWithoutRecovery", "true")]);
    assert_eq!(ask("emergency-admin", "DescribeSecret", &[NAME]).status, 404);

    account["secrets"][0]["versions"][1]["stages"] = json!(["ACSPrevious"]);
    let wrong = start(&account).unwrap_err().to_string();
    assert_eq!(wrong, r#"secrets[0].versions: stage "ACSPrevious" is not unique"#);
}
