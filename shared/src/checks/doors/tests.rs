use serde_json::{Value, json};

use super::*;
use crate::checks::{Finding, Status, run};
use crate::config::{Config, Severity};
use crate::snapshot::{
    AccessGroup, AccessRule, Cluster, Function, GatewayApi, HttpTrigger, Image, Listed, LogProject, Read,
    RegistryEndpoint, Repository, Role, Snapshot, Tags, Unread,
};

const ME: &str = "1234567890123456";
const OTHER: &str = "6543210987654321";
const FAIL: Status = Status::Fail;
const PASS: Status = Status::Pass;
const UNKNOWN: Status = Status::Unknown;

fn unread() -> Unread {
    Unread { region: "cn-hangzhou".to_owned(), ..Unread::new("x:Y", "Forbidden", "not allowed") }
}

fn account() -> Snapshot {
    Snapshot::unasked("2026-11-24T02:00:00Z".parse().unwrap(), ME)
}

fn found(account: &Snapshot, id: &str) -> Vec<Finding> {
    run(CHECKS, account, &Config::default()).into_iter().filter(|finding| finding.check == id).collect()
}

#[track_caller]
fn only(account: &Snapshot, id: &str) -> Finding {
    let found = found(account, id);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

fn here() -> String {
    "cn-hangzhou".to_owned()
}

#[test]
fn functions() {
    let trigger = |auth: &str, internet| HttpTrigger {
        name: auth.into(),
        auth: auth.into(),
        internet,
        methods: Vec::new(),
    };
    let of = |http_triggers| {
        let mut account = account();
        let function = Function { name: "f".into(), region: here(), http_triggers, tags: Tags::new() };
        account.resources.functions = Listed::whole(vec![function]);
        only(&account, "anonymous-function")
    };
    for (triggers, wanted) in [
        (vec![trigger("anonymous", true)], FAIL),
        (vec![trigger("function", true), trigger("anonymous", true)], FAIL),
        // Each half on another trigger is no whole.
        (vec![trigger("anonymous", false), trigger("function", true)], PASS),
        (vec![trigger("anonymous", false)], PASS),
        (vec![trigger("function", true), trigger("jwt", true)], PASS),
        (vec![], PASS),
        (vec![trigger("something", true)], UNKNOWN),
        (vec![trigger("something", false)], PASS),
        (vec![trigger("something", true), trigger("anonymous", true)], FAIL),
    ] {
        assert_eq!(of(Read::Read(triggers.clone())).status, wanted, "{triggers:?}");
    }
    assert!(of(Read::Read(vec![trigger("anonymous", false)])).message.contains("internet address is off"));
    let unread = of(Read::Unread(unread()));
    assert_eq!(
        (unread.status, unread.resource.as_str()),
        (UNKNOWN, "acs:fc:cn-hangzhou:1234567890123456:functions/f")
    );
}

#[test]
fn apis() {
    let (yes, no, not_read) = (Read::Read(true), Read::Read(false), Read::Unread(unread()));
    for (anonymous, reachable, wanted) in [
        (&yes, &yes, FAIL),
        (&yes, &no, PASS),
        (&no, &yes, PASS),
        (&no, &not_read, PASS),
        (&not_read, &no, PASS),
        (&not_read, &yes, UNKNOWN),
        (&yes, &not_read, UNKNOWN),
        (&not_read, &not_read, UNKNOWN),
    ] {
        let mut account = account();
        let (anonymous, reachable) = (anonymous.clone(), reachable.clone());
        let api = GatewayApi {
            id: "a".into(),
            name: "n".into(),
            group: "g".into(),
            region: here(),
            anonymous,
            reachable,
        };
        account.resources.apis = Listed::whole(vec![api]);
        assert_eq!(only(&account, "anonymous-api").status, wanted);
    }
}

#[test]
fn clusters_and_images() {
    let mut account = account();
    let cluster = |public_api| Cluster {
        id: "c".into(),
        name: "k".into(),
        region: here(),
        public_api,
        tags: Tags::new(),
    };
    let some = Read::Read(Some("https://1.2.3.4:6443".to_owned()));
    account.resources.clusters =
        Listed::whole([some, Read::Read(None), Read::Unread(unread())].map(cluster).into());
    let image = |public, shared_with| Image {
        id: "m-1".into(),
        name: "golden".into(),
        region: here(),
        public,
        shared_with,
        tags: Tags::new(),
    };
    let shared = Read::Read(vec![ME.to_owned(), OTHER.to_owned()]);
    let images = [(true, Read::Read(Vec::new())), (false, shared), (false, Read::Unread(unread()))];
    account.resources.images = Listed::whole(images.map(|(public, with)| image(public, with)).into());
    for (id, wanted) in [
        ("public-cluster-api", [FAIL, PASS, UNKNOWN]),
        ("public-image", [FAIL, PASS, PASS]),
        ("shared-image", [PASS, FAIL, UNKNOWN]),
    ] {
        assert_eq!(
            found(&account, id).iter().map(|finding| finding.status).collect::<Vec<_>>(),
            wanted,
            "{id}"
        );
    }
    assert_eq!(found(&account, "shared-image")[1].evidence["accounts"], json!([OTHER]));
}

#[test]
fn repositories() {
    let endpoint = |acl, entries: &[&str]| {
        let entries = entries.iter().map(|entry| entry.parse().unwrap()).collect();
        Read::Read(Some(RegistryEndpoint { acl, entries }))
    };
    let of = |public, endpoint| {
        let mut account = account();
        let repository = Repository {
            instance: "cri-1".into(),
            name: "team/app".into(),
            region: here(),
            public,
            endpoint,
        };
        account.resources.repositories = Listed::whole(vec![repository]);
        let found = only(&account, "public-image-repository");
        assert_eq!(found.resource, format!("acs:cr:cn-hangzhou:{ME}:repository/cri-1/team/app"));
        (found.status, found.severity)
    };
    assert_eq!(of(true, Read::Read(None)), (FAIL, Severity::Low));
    assert_eq!(of(true, endpoint(false, &["10.0.0.0/8"])), (FAIL, Severity::High));
    assert_eq!(of(true, endpoint(true, &["0.0.0.0/1", "128.0.0.0/1"])), (FAIL, Severity::High));
    assert_eq!(of(true, endpoint(true, &["203.0.113.0/24"])), (FAIL, Severity::Medium));
    assert_eq!(of(true, endpoint(true, &[])), (FAIL, Severity::Medium));
    assert_eq!(of(true, Read::Unread(unread())), (FAIL, Severity::High));
    assert_eq!(of(false, Read::Unread(unread())).0, PASS);
}

#[test]
fn file_shares() {
    let of = |name: &str, network: &str, sources: &[&str], unread: Vec<Unread>, mount_targets| {
        let rule = |source: &&str| AccessRule { source: source.parse().unwrap(), write: true, priority: 1 };
        let rules = Listed { rows: sources.iter().map(rule).collect(), unread };
        let group = AccessGroup {
            name: name.into(),
            region: here(),
            network: network.into(),
            file_system: "standard".into(),
            rules,
            mount_targets,
        };
        let mut account = account();
        account.resources.access_groups = Listed::whole(vec![group]);
        let found = only(&account, "open-file-share");
        (found.status, found.severity)
    };
    let (used, unused) = (|| Read::Read(vec!["fs-1 x.nas".to_owned()]), || Read::Read(Vec::new()));
    let default = "DEFAULT_VPC_GROUP_NAME";
    assert_eq!(of("g", "Vpc", &["0.0.0.0/0"], Vec::new(), used()), (FAIL, Severity::Medium));
    assert_eq!(of("g", "Classic", &["0.0.0.0/0"], Vec::new(), used()), (FAIL, Severity::High));
    assert_eq!(of("g", "Classic", &["0.0.0.0/0"], Vec::new(), unused()), (FAIL, Severity::Low));
    assert_eq!(of("g", "Vpc", &["0.0.0.0/0"], Vec::new(), Read::Unread(unread())), (FAIL, Severity::Medium));
    assert_eq!(of("g", "Vpc", &["0.0.0.0/1", "128.0.0.0/1"], Vec::new(), used()), (FAIL, Severity::Medium));
    assert_eq!(of("g", "Vpc", &["::/0"], vec![unread()], used()), (FAIL, Severity::Medium));
    assert_eq!(of(default, "Vpc", &["0.0.0.0/0"], Vec::new(), used()), (FAIL, Severity::Medium));
    assert_eq!(of(default, "Vpc", &["0.0.0.0/0"], Vec::new(), unused()).0, PASS);
    assert_eq!(of("g", "Vpc", &["10.0.0.0/8", "192.168.1.7/32"], Vec::new(), used()).0, PASS);
    assert_eq!(of("g", "Vpc", &[], Vec::new(), used()).0, PASS);
    assert_eq!(of("g", "Vpc", &["10.0.0.0/8"], vec![unread()], used()).0, UNKNOWN);
}

/// CloudRec's rule goes over the policy instead of its statements, and matches nothing.
#[test]
fn log_projects() {
    let of = |policy: Read<Option<String>>| {
        let mut account = account();
        account.resources.log_projects =
            Listed::whole(vec![LogProject { name: "p".into(), region: here(), policy }]);
        only(&account, "open-log-project")
    };
    let with = |statements: Value| {
        of(Read::Read(Some(json!({ "Version": "1", "Statement": statements }).to_string()))).status
    };
    let statement = |effect: &str, action: &str, resource: &str| json!({ "Effect": effect, "Principal": ["*"], "Action": [action], "Resource": resource });
    let all = "acs:log:*:*:project/p/*";
    assert_eq!(of(Read::Read(None)).status, PASS);
    assert_eq!(of(Read::Unread(unread())).status, UNKNOWN);
    assert_eq!(of(Read::Read(Some("{".into()))).status, UNKNOWN);
    for (action, resource) in [
        ("log:*", all),
        ("log:PostLogStoreLogs", all),
        ("log:GetLogStoreLogs", "acs:log:*:*:project/p/logstore/audit"),
        ("log:SomethingNew", all),
        ("log:Get*", "acs:log:cn-hangzhou:1234567890123456:project/p/logstore/*"),
        ("*", "*"),
    ] {
        assert_eq!(with(json!([statement("Allow", action, resource)])), FAIL, "{action} {resource}");
        let deny = statement("Deny", "log:*", "acs:log:*:*:project/*");
        assert_eq!(with(json!([statement("Allow", action, resource), deny])), PASS, "{action} {resource}");
    }
    assert_eq!(with(json!([statement("Allow", "log:*", "acs:log:*:*:project/q/*")])), PASS);
    assert_eq!(with(json!([statement("Deny", "log:*", all)])), PASS);
    // The service's own sample names no principal.
    let sample = json!([{ "Action": ["log:PostLogStoreLogs"], "Resource": all, "Effect": "Deny",
        "Condition": { "StringNotLike": { "acs:SourceVpc": ["vpc-*"] } } }]);
    assert_eq!(with(sample), PASS);
    let mut narrow = statement("Allow", "log:*", all);
    narrow["Condition"] = json!({ "StringEquals": { "acs:SourceVpc": ["vpc-1"] } });
    assert_eq!(with(json!([narrow])), PASS);
}

fn trusting(trust: &str) -> Snapshot {
    let mut account = account();
    let role = Role { name: "r".into(), trust: Read::Read(trust.to_owned()) };
    account.resources.roles = Listed::whole(vec![role]);
    account
}

fn trust(statements: Value) -> Snapshot {
    trusting(&json!({ "Version": "1", "Statement": statements }).to_string())
}

fn assume(principal: Value, condition: Option<Value>) -> Value {
    let mut statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal });
    if let Some(condition) = condition {
        statement["Condition"] = condition;
    }
    statement
}

#[test]
fn roles_that_trust_anyone() {
    let of = |account: Snapshot| {
        let found = only(&account, "role-trusts-anyone");
        assert_eq!(found.resource, format!("acs:ram::{ME}:role/r"));
        (found.status, found.severity)
    };
    let anyone = || json!({ "RAM": ["*"] });
    for principal in [
        anyone(),
        json!("*"),
        json!({ "RAM": "acs:ram::*:root" }),
        json!({ "RAM": [format!("acs:ram::{ME}:root"), "*"] }),
    ] {
        assert_eq!(
            of(trust(json!([assume(principal.clone(), None)]))),
            (FAIL, Severity::Critical),
            "{principal}"
        );
    }
    let but = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": { "RAM": ["111"] } });
    assert_eq!(of(trust(json!([but]))), (FAIL, Severity::Critical));
    for condition in [
        json!({ "Bool": { "acs:SecureTransport": "true" } }),
        json!({ "StringLike": { "sts:ExternalId": "*" } }),
        json!({ "NotIpAddress": { "acs:SourceIp": "1.2.3.4" } }),
    ] {
        let found = of(trust(json!([assume(anyone(), Some(condition.clone()))])));
        assert_eq!(found, (FAIL, Severity::Critical), "{condition}");
    }
    for condition in [
        json!({ "StringEquals": { "sts:ExternalId": "x" } }),
        json!({ "IpAddress": { "acs:SourceIp": "203.0.113.0/24" } }),
        json!({ "StringEquals": { "acs:PrincipalRDId": "rd-1" } }),
    ] {
        let account = trust(json!([assume(anyone(), Some(condition.clone()))]));
        assert!(only(&account, "role-trusts-anyone").evidence["conditions"][0]["key"].is_string());
        assert_eq!(of(account), (FAIL, Severity::Medium), "{condition}");
    }
    let unclear = json!({ "StringEquals": { "acs:New": "x" } });
    assert_eq!(of(trust(json!([assume(anyone(), Some(unclear))]))).0, UNKNOWN);
    for principal in [
        json!({ "RAM": [format!("acs:ram::{OTHER}:root")] }),
        json!({ "Service": ["ecs.aliyuncs.com"] }),
        json!({ "Federated": [format!("acs:ram::{ME}:saml-provider/idp")] }),
    ] {
        assert_eq!(of(trust(json!([assume(principal.clone(), None)]))).0, PASS, "{principal}");
    }
    let mut deny = assume(anyone(), None);
    deny["Effect"] = json!("Deny");
    assert_eq!(of(trust(json!([assume(anyone(), None), deny]))).0, PASS);
    let mut other = assume(anyone(), None);
    other["Action"] = json!("sts:AssumeRoleWithOIDC");
    assert_eq!(of(trust(json!([other]))).0, PASS, "no identity of RAM calls it");
}

#[test]
fn roles_that_trust_other_accounts() {
    let of = |account: &Snapshot| only(account, "role-trusts-external-account");
    for (principal, wanted) in [
        (json!({ "RAM": [format!("acs:ram::{OTHER}:root")] }), FAIL),
        (json!({ "RAM": [format!("acs:ram::{OTHER}:role/x"), format!("acs:ram::{ME}:root")] }), FAIL),
        (json!({ "RAM": [OTHER] }), FAIL),
        (json!({ "Service": [format!("{OTHER}@service.aliyuncs.com")] }), FAIL),
        (json!({ "Service": [format!("{ME}@service.aliyuncs.com")] }), PASS),
        (json!({ "Service": ["ecs.aliyuncs.com"] }), PASS),
        (json!({ "RAM": [format!("acs:ram::{ME}:user/a")] }), PASS),
        (json!({ "Federated": [format!("acs:ram::{OTHER}:oidc-provider/x")] }), PASS),
        // Everybody is another check's.
        (json!({ "RAM": ["*"] }), PASS),
        (json!({ "RAM": ["somebody"] }), UNKNOWN),
        (json!({ "Alien": ["x"] }), UNKNOWN),
    ] {
        assert_eq!(of(&trust(json!([assume(principal.clone(), None)]))).status, wanted, "{principal}");
    }
    let external = json!({ "RAM": [format!("acs:ram::{OTHER}:root")] });
    let narrowed = json!({ "StringEquals": { "sts:ExternalId": "x" } });
    let found = of(&trust(json!([assume(external.clone(), Some(narrowed))])));
    assert_eq!(found.evidence["conditions"][0]["key"], "sts:ExternalId");
    assert!(found.evidence["accounts"][OTHER].is_array());
    let mut deny = assume(external.clone(), None);
    deny["Effect"] = json!("Deny");
    assert_eq!(of(&trust(json!([assume(external, None), deny]))).status, PASS);
    for (document, wanted) in [
        ("{", UNKNOWN),
        (r#"{"Version": "3", "Statement": []}"#, UNKNOWN),
        (r#"{"Version": "1", "Statement": []}"#, PASS),
    ] {
        for id in ["role-trusts-anyone", "role-trusts-external-account"] {
            assert_eq!(only(&trusting(document), id).status, wanted, "{document}");
        }
    }
}

#[test]
fn what_could_not_be_listed_is_unknown() {
    // In an account of which nothing was asked, every check says so; in an empty one, that there is nothing.
    for check in CHECKS {
        let found = only(&account(), check.id);
        assert_eq!(found.status, UNKNOWN, "{}", check.id);
    }
    let mut empty = account();
    let resources = &mut empty.resources;
    resources.functions = Listed::default();
    resources.apis = Listed::default();
    resources.clusters = Listed::default();
    resources.images = Listed::default();
    resources.repositories = Listed::default();
    resources.access_groups = Listed::default();
    resources.log_projects = Listed::default();
    resources.roles = Listed::default();
    for check in CHECKS {
        let found = only(&empty, check.id);
        assert_eq!(found.status, PASS, "{}", check.id);
    }
}
