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
