use super::client::{Reply, root, start};
use super::wire::{get_log, get_log_v1};
use crate::{Account, Fault, FaultKind, Settings, Simulator};
use serde_json::{Value, json};

fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.json()["errorCode"].as_str().unwrap_or_default().into())
}

#[test]
fn projects_and_logstores_are_listed_to_the_end_by_offset() {
    let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
    let stores: Vec<Value> =
        (0..450).map(|number| json!({"name": format!("s{number:03}"), "ttl": 30})).collect();
    let mut projects: Vec<Value> =
        (0..250).map(|number| json!({"name": format!("p{number:03}"), "region": "cn-beijing"})).collect();
    projects[0]["logstores"] = stores.into();
    account["doors"]["log_projects"] = projects.into();
    let account = Account::from_json(&account.to_string()).unwrap();
    let cloud = Simulator::start(account, Settings::default()).unwrap();
    let root = root(&cloud);
    for (target, rows, default, total) in [
        ("cn-beijing.log.aliyuncs.com/", "projects", 100, 250),
        ("p000.cn-beijing.log.aliyuncs.com/logstores", "logstores", 200, 450),
    ] {
        let mut seen: Vec<Value> = Vec::new();
        while seen.len() < total {
            let page = get_log(&cloud, &root, &format!("{target}?offset={}", seen.len())).json();
            let got = page[rows].as_array().unwrap().clone();
            assert_eq!((&page["total"], &page["count"]), (&json!(total), &json!(got.len())));
            assert!(!got.is_empty() && got.len() <= default);
            seen.extend(got);
        }
        seen.dedup();
        assert_eq!(seen.len(), total, "{target}");
    }
    let elsewhere = get_log(&cloud, &root, "cn-hangzhou.log.aliyuncs.com/").json();
    assert_eq!(elsewhere, json!({"count": 0, "total": 0, "projects": []}));
    assert_eq!(
        code(&get_log(&cloud, &root, "cn-beijing.log.aliyuncs.com/?size=501")),
        (400, "ParameterInvalid".into())
    );
}

#[test]
fn both_signatures_open_the_same_doors() {
    let cloud = start();
    let root = root(&cloud);
    let host = "web-tracking-example.cn-hangzhou.log.aliyuncs.com";
    for get in [get_log, get_log_v1] {
        let told = get(&cloud, &root, &format!("{host}/")).json();
        assert_eq!(
            (&told["projectName"], &told["region"]),
            (&json!("web-tracking-example"), &json!("cn-hangzhou"))
        );
        let policy = get(&cloud, &root, &format!("{host}/policy")).json();
        assert_eq!(policy["Statement"][0]["Principal"], json!(["*"]));
        assert_eq!(
            get(&cloud, &root, &format!("{host}/logstores?offset=0&size=10")).json()["logstores"],
            json!(["clicks"])
        );
        assert_eq!(get(&cloud, &root, &format!("{host}/logstores/clicks")).json()["ttl"], 30);
        let mut other = root.clone();
        other.secret = "another".into();
        assert_eq!(code(&get(&cloud, &other, &format!("{host}/"))), (401, "SignatureNotMatch".into()));
        other.id = "LTAI5tNobody".into();
        assert_eq!(code(&get(&cloud, &other, &format!("{host}/"))), (401, "Unauthorized".into()));
    }
    let schemes: Vec<_> = cloud.calls().iter().map(|call| call.scheme).collect();
    assert!(schemes.contains(&"log1") && schemes.contains(&"sls4"));
    let none = get_log(&cloud, &root, "audit-example.cn-hangzhou.log.aliyuncs.com/policy");
    assert_eq!((none.status, none.body.as_str()), (200, ""), "no policy: an empty body");
    let role = cloud.credentials("order-service").unwrap();
    assert_eq!(
        code(&get_log(&cloud, &role, &format!("{host}/"))),
        (401, "Unauthorized".into()),
        "a session without the permission"
    );
}

#[test]
fn what_is_not_there_or_refused_is_told_in_its_own_words() {
    let cloud = start();
    let root = root(&cloud);
    let of = |target: &str| code(&get_log(&cloud, &root, target));
    assert_eq!(of("none.cn-hangzhou.log.aliyuncs.com/policy"), (404, "ProjectNotExist".into()));
    assert_eq!(
        of("audit-example.cn-beijing.log.aliyuncs.com/"),
        (404, "ProjectNotExist".into()),
        "of another region"
    );
    assert_eq!(
        of("audit-example.cn-hangzhou.log.aliyuncs.com/logstores/none"),
        (404, "LogStoreNotExist".into())
    );
    cloud.fault(Fault::new("sls:ListProject", FaultKind::Throttle { retry_after: None }));
    assert_eq!(of("cn-hangzhou.log.aliyuncs.com/"), (403, "ReadQuotaExceed".into()));
    cloud.clear_faults();
    cloud.fault(Fault::new("sls:ListProject", FaultKind::Deny));
    assert_eq!(of("cn-hangzhou.log.aliyuncs.com/"), (401, "Unauthorized".into()));
}
