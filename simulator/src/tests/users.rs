use super::client::{Reply, ims};
use crate::{Account, Settings, Simulator};
use serde_json::json;

fn cloud() -> Simulator {
    let user = |name: &str, frozen: bool, tags: serde_json::Value| json!({"name": name, "id": format!("2{name}"), "created": "2026-01-01T00:00:00Z", "frozen": frozen, "tags": tags});
    let account = json!({
        "account_id": "1234567890123456",
        "root": {"keys": [{"id": "LTAI5tRoot", "secret": "example-root", "created": "2026-01-01T00:00:00Z"}]},
        "users": [
            user("a", false, json!({"owner": "alice", "team": "x"})),
            user("b", true, json!({"owner": "alice", "team": ""})),
            user("c", false, json!({})),
        ],
    });
    Simulator::start(Account::from_json(&account.to_string()).unwrap(), Settings::default()).unwrap()
}

fn ask(cloud: &Simulator, action: &str, params: &[(&str, &str)]) -> Reply {
    ims(cloud, &cloud.credentials("root").unwrap(), action, params)
}

fn names(reply: &Reply, pointer: &str) -> Vec<String> {
    let users = reply.json().pointer(pointer).and_then(|users| users.as_array().cloned()).unwrap();
    let name = |user: &serde_json::Value| {
        user["UserPrincipalName"].as_str().unwrap().split('@').next().unwrap().to_string()
    };
    users.iter().map(name).collect()
}

#[test]
fn users_are_listed_by_status() {
    let cloud = cloud();
    for (action, pointer) in
        [("ListUsers", "/Users/User"), ("ListUserBasicInfos", "/UserBasicInfos/UserBasicInfo")]
    {
        let list = |params: &[(&str, &str)]| names(&ask(&cloud, action, params), pointer);
        assert_eq!(list(&[]), ["a", "c"], "active is the default");
        assert_eq!(list(&[("Status", "active")]), ["a", "c"]);
        assert_eq!(list(&[("Status", "freeze")]), ["b"]);
        assert_eq!(list(&[("Status", "active,freeze")]), ["a", "b", "c"]);
        assert_eq!(ask(&cloud, action, &[("Status", "freeze,active")]).code(), "InvalidParameter.Status");
        let first = ask(&cloud, action, &[("Status", "active,freeze"), ("MaxItems", "1")]).json();
        assert_eq!(first["IsTruncated"], true);
        let marker = first["Marker"].as_str().unwrap();
        assert_eq!(list(&[("Status", "active,freeze"), ("Marker", marker)]), ["b", "c"]);
    }
}

#[test]
fn users_have_tags_and_are_found_by_them_in_both_states() {
    let cloud = cloud();
    let users = ask(&cloud, "ListUsers", &[]).json();
    let tags =
        json!({"Tag": [{"TagKey": "owner", "TagValue": "alice"}, {"TagKey": "team", "TagValue": "x"}]});
    assert_eq!(users["Users"]["User"][0]["Tags"], tags);
    assert_eq!(users["Users"]["User"][1]["Tags"], json!({"Tag": []}));
    let one = ask(&cloud, "GetUser", &[("UserPrincipalName", "a@1234567890123456.onaliyun.com")]).json();
    assert_eq!((&one["User"]["Tags"], &one["User"]["UserName"]), (&tags, &json!("a")));

    let list = |params: &[(&str, &str)]| names(&ask(&cloud, "ListUsers", params), "/Users/User");
    assert_eq!(list(&[("Tag.1.Key", "owner")]), ["a", "b"]);
    assert_eq!(list(&[("Tag.1.Key", "owner"), ("Tag.1.Value", "alice"), ("Status", "active")]), ["a", "b"]);
    assert_eq!(list(&[("Tag.1.Key", "owner"), ("Tag.2.Key", "team"), ("Tag.2.Value", "")]), ["b"]);
    assert_eq!(list(&[("Tag.1.Key", "owner"), ("Tag.1.Value", "bob")]), [""; 0]);
    for wrong in [&[("Tag.2.Key", "owner")][..], &[("Tag.1.Value", "alice")], &[("Tag", "owner")]] {
        assert!(ask(&cloud, "ListUsers", wrong).code().starts_with("InvalidParameter"), "{wrong:?}");
    }
    let both = [("Tag.1.Key", "owner"), ("Status", "active")];
    assert_eq!(ask(&cloud, "ListUserBasicInfos", &both).code(), "InvalidParameter.Status");
}

#[test]
fn users_are_made_and_deleted_without_keys() {
    let cloud = cloud();
    let new = ("UserPrincipalName", "new.user@1234567890123456.onaliyun.com");
    let shown = ("DisplayName", "New user");
    assert_eq!(ask(&cloud, "CreateUser", &[new]).code(), "MissingDisplayName");
    let other = ("UserPrincipalName", "new@example.onaliyun.com");
    assert_eq!(ask(&cloud, "CreateUser", &[other, shown]).code(), "InvalidParameter.UserPrincipalName");
    let long = ("DisplayName", "a display name of many letters");
    assert_eq!(ask(&cloud, "CreateUser", &[new, long]).code(), "InvalidParameter.DisplayName");
    let tag = [("Tag.1.Key", "owner"), ("Tag.1.Value", "alice")];
    let made =
        ask(&cloud, "CreateUser", &[new, shown, ("Comments", "for a rehearsal"), tag[0], tag[1]]).json();
    assert_eq!(
        (&made["User"]["UserPrincipalName"], &made["User"]["DisplayName"]),
        (&json!(new.1), &json!(shown.1))
    );
    assert_eq!(made["User"]["Tags"]["Tag"][0], json!({"TagKey": "owner", "TagValue": "alice"}));
    assert_eq!(ask(&cloud, "CreateUser", &[new, shown]).code(), "EntityAlreadyExists.User");
    assert_eq!(names(&ask(&cloud, "ListUsers", &[tag[0]]), "/Users/User"), ["a", "b", "new.user"]);

    let key = ask(&cloud, "CreateAccessKey", &[new]).json()["AccessKey"]["AccessKeyId"].clone();
    let refused = ask(&cloud, "DeleteUser", &[new]);
    assert_eq!((refused.status, refused.code().as_str()), (409, "DeleteConflict.User.AccessKey"));
    cloud.delete_user_key("new.user", key.as_str().unwrap());
    let id = made["User"]["UserId"].as_str().unwrap();
    assert_eq!(ask(&cloud, "DeleteUser", &[new, ("UserId", id)]).code(), "InvalidParameterCombination");
    assert_eq!(ask(&cloud, "DeleteUser", &[("UserId", id)]).status, 200);
    assert_eq!(ask(&cloud, "DeleteUser", &[new]).code(), "EntityNotExist.User");
}

#[test]
fn the_rotation_role_may_what_it_needs_and_no_more() {
    let cloud = super::client::start();
    let role = cloud.credentials("hardening-key-rotation").unwrap();
    let code = |action: &str, params: &[(&str, &str)]| ims(&cloud, &role, action, params).code();
    let key = [
        ("UserPrincipalName", "ci-bot@1234567890123456.onaliyun.com"),
        ("UserAccessKeyId", "LTAI5tExampleCiBot000001"),
    ];
    for (action, params) in [
        ("ListUsers", &[][..]),
        ("ListAccessKeys", &key[..1]),
        ("GetAccessKeyLastUsed", &key),
        ("UpdateAccessKey", &[key[0], key[1], ("Status", "Inactive")]),
        ("GenerateCredentialReport", &[]),
        ("GetCredentialReport", &[]),
        ("GetSecurityPreference", &[]),
        ("GetAccountSummary", &[]),
        ("GetAccountSecurityPracticeReport", &[]),
    ] {
        assert_eq!(code(action, params), "", "{action}");
    }
    assert_eq!(code("GetLoginProfile", &key[..1]), "EntityNotExist.User.LoginProfile");
    for (action, params) in
        [("DeleteAccessKey", &key[..]), ("CreateAccessKey", &key[..1]), ("DeleteUser", &key[..1])]
    {
        assert_eq!(code(action, params), "NoPermission", "{action}");
    }
}
