//! What policies select, objects with ACLs of their own, and how buckets are kept.

use super::*;

#[test]
fn actions_and_resources() {
    let with = |more: Value| public(with_policy(json!([allow(more)])));
    let all = json!([format!("acs:oss:*:{ME}:b"), format!("acs:oss:*:{ME}:b/*")]);
    for (more, can) in [
        (
            json!({ "Action": "oss:*", "Resource": all }),
            "change permissions, write objects, delete objects, read objects, list objects, ask for settings",
        ),
        (json!({ "Action": ["OSS:getobject"] }), "read objects"),
        (json!({ "Action": ["oss:PutObject"] }), "write objects"),
        (json!({ "Action": ["oss:DeleteObject"] }), "delete objects"),
        (json!({ "Action": ["oss:ListObjects"], "Resource": format!("acs:oss:*:{ME}:b") }), "list objects"),
        (json!({ "Resource": "*" }), "read objects"),
        (json!({ "Resource": "acs:oss:oss-cn-hangzhou:*:b/a/*.jpg" }), "read objects"),
        (json!({ "Resource": "acs:oss:cn-hangzhou:*:*" }), "read objects"),
        (json!({ "Resource": format!("acs:oss:*:{ME}:b/one.txt") }), "read objects"),
        (json!({ "Resource": null, "NotResource": format!("acs:oss:*:{ME}:b/a/*") }), "read objects"),
        (
            json!({ "Action": null, "NotAction": ["oss:Put*", "oss:Delete*", "oss:List*"] }),
            "read objects, ask for settings",
        ),
    ] {
        let found = with(more.clone());
        assert_eq!(found.message, format!("Anybody can {can} in b."), "{more}");
        assert_eq!(found.severity, Severity::Critical);
    }
    // Nobody reads objects by an Allow on the bucket, or lists by one on objects, or comes in by one on another bucket.
    for more in [
        json!({ "Resource": format!("acs:oss:*:{ME}:b") }),
        json!({ "Action": "oss:ListObjects" }),
        json!({ "Resource": format!("acs:oss:*:{ME}:bb/*") }),
        json!({ "Resource": format!("acs:oss:cn-beijing:{ME}:b/*") }),
        json!({ "Resource": null, "NotResource": format!("acs:oss:*:{ME}:b/*") }),
        json!({ "Action": ["ecs:*"] }),
    ] {
        assert_eq!(with(more.clone()).status, Status::Pass, "{more}");
    }
    // Names and settings alone are less.
    for action in ["oss:GetBucketAcl", "oss:GetBucketSomethingNew"] {
        let found = with(json!({ "Action": [action], "Resource": all }));
        assert_eq!((found.status, found.severity), (Status::Fail, Severity::Medium), "{action}");
    }
}

/// CIS 5.2, which nobody checks: an object's ACL opens it in a private bucket.
#[test]
fn objects_with_an_acl_of_their_own() {
    let sample = |public: Vec<(String, Acl)>, all| Read::Read(Sample { looked_at: 20, all, public });
    let keys: Vec<(String, Acl)> = (0..12).map(|n| (format!("a*/{n}"), Acl::PublicRead)).collect();
    let found = public(Bucket { sample: sample(keys.clone(), false), ..bucket() });
    assert_eq!((found.status, found.severity), (Status::Fail, Severity::High));
    assert_eq!(found.evidence["objects"].as_array().unwrap().len(), 10);
    assert_eq!(found.evidence["public_objects"], 12);
    // A Deny covers some of them, or all.
    let deny = |more: Value| with_policy(json!([statement("Deny", more)]));
    let some = deny(json!({ "Resource": format!("acs:oss:*:{ME}:b/a*/1*") }));
    assert_eq!(public(Bucket { sample: sample(keys.clone(), false), ..some }).evidence["public_objects"], 9);
    assert_eq!(status(Bucket { sample: sample(keys.clone(), false), ..deny(json!({})) }), Status::Pass);
    let writable = sample(vec![("k".into(), Acl::PublicReadWrite)], true);
    let found = public(Bucket { sample: writable, ..deny(json!({})) });
    assert_eq!(found.status, Status::Fail, "reading is denied, writing is not");
    // A bucket that is open anyway is no less open for it.
    let both = Bucket { acl: Read::Read(Acl::PublicRead), sample: sample(keys, false), ..bucket() };
    assert_eq!(public(both).severity, Severity::Critical);
    // What was not looked at is said, and what could not be is unknown.
    assert!(
        public(Bucket { sample: sample(Vec::new(), false), ..bucket() }).message.contains("not all were")
    );
    assert!(
        public(Bucket { sample: sample(Vec::new(), true), ..bucket() }).message.contains("all 20 objects")
    );
    let refused = Read::Unread(unread("oss:GetObjectAcl"));
    assert_eq!(status(Bucket { sample: refused.clone(), ..bucket() }), Status::Unknown);
    assert_eq!(status(Bucket { sample: refused, ..with_policy(json!([deny_all(None)])) }), Status::Pass);
}

#[test]
fn how_buckets_are_kept() {
    let set = |change: fn(&mut Bucket)| {
        let mut bucket = bucket();
        change(&mut bucket);
        account(vec![bucket])
    };
    let no = || Unread::new("oss:X", "AccessDenied", "");
    for (id, good, bad, unknown) in [
        (
            "bucket-without-logging",
            set(|_| ()),
            set(|b| b.logging = Read::Read(None)),
            set(|b| b.logging = Read::Unread(Unread::unasked())),
        ),
        (
            "unencrypted-bucket",
            set(|_| ()),
            set(|b| b.encryption = Read::Read(None)),
            set(|b| b.encryption = Read::Unread(Unread::unasked())),
        ),
        (
            "bucket-without-versioning",
            set(|_| ()),
            set(|b| b.versioning = Read::Read(false)),
            set(|b| b.versioning = Read::Unread(Unread::unasked())),
        ),
    ] {
        assert_eq!(only(&good, id).status, Status::Pass, "{id}");
        assert_eq!(only(&bad, id).status, Status::Fail, "{id}");
        assert_eq!(only(&unknown, id).status, Status::Unknown, "{id}");
    }
    let plain = |bucket: Bucket| only(&account(vec![bucket]), "bucket-without-tls").status;
    let insecure = || Some(json!({ "Bool": { "acs:SecureTransport": ["false"] } }));
    assert_eq!(plain(bucket()), Status::Fail);
    assert_eq!(
        plain(Bucket { tls_versions: Read::Read(vec!["TLSv1.2".into()]), ..bucket() }),
        Status::Fail,
        "http is no TLS"
    );
    assert_eq!(plain(with_policy(json!([deny_all(insecure())]))), Status::Pass);
    assert_eq!(plain(with_policy(json!([deny_all(None)]))), Status::Pass, "nothing is answered at all");
    let wrong_way = Some(json!({ "Bool": { "acs:SecureTransport": ["true"] } }));
    assert_eq!(plain(with_policy(json!([deny_all(wrong_way)]))), Status::Fail);
    // Objects alone, one account alone, one prefix alone.
    let part = |more: Value| with_policy(json!([statement("Deny", more)]));
    let condition = insecure().unwrap();
    assert_eq!(plain(part(json!({ "Action": "oss:*", "Condition": condition }))), Status::Fail);
    assert_eq!(
        plain(part(
            json!({ "Action": "oss:*", "Resource": "*", "Principal": ["1"], "Condition": condition })
        )),
        Status::Fail
    );
    assert_eq!(
        plain(part(json!({ "Action": "oss:*", "Resource": "*", "Condition": condition }))),
        Status::Pass
    );
    assert_eq!(plain(Bucket { policy: Read::Unread(no()), ..bucket() }), Status::Unknown);
    assert_eq!(plain(Bucket { policy: Read::Read(Some("{".into())), ..bucket() }), Status::Unknown);
}
