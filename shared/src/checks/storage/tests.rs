//! Buckets as OSS evaluates them: each case that other scanners get wrong, and their combinations.

mod details;

use serde_json::{Value, json};

use super::*;
use crate::checks::{Finding, Status, run};
use crate::config::{Config, Severity};
use crate::snapshot::{Acl, Listed, Read, Sample, Unread};

const ME: &str = "1234567890123456";

fn unread(action: &str) -> Unread {
    Unread { region: "cn-hangzhou".to_owned(), ..Unread::new(action, "AccessDenied", "not allowed") }
}

/// Private, with nothing to say against it.
fn bucket() -> Bucket {
    Bucket {
        name: "b".into(),
        region: "cn-hangzhou".into(),
        tags: Read::Read(Tags::from([("team".to_owned(), "web".to_owned())])),
        acl: Read::Read(Acl::Private),
        public_access_block: Read::Read(false),
        policy: Read::Read(None),
        policy_is_public: Read::Read(None),
        website: Read::Read(false),
        versioning: Read::Read(true),
        logging: Read::Read(Some("logs".into())),
        encryption: Read::Read(Some("KMS".into())),
        tls_versions: Read::Read(Vec::new()),
        sample: Read::Read(Sample { looked_at: 3, all: true, public: Vec::new() }),
    }
}

fn with_policy(statements: Value) -> Bucket {
    let policy = json!({ "Version": "1", "Statement": statements }).to_string();
    Bucket { policy: Read::Read(Some(policy)), ..bucket() }
}

fn account(buckets: Vec<Bucket>) -> Snapshot {
    let mut account = Snapshot::unasked("2026-11-24T02:00:00Z".parse().unwrap(), ME);
    account.resources.public_access_block = Read::Read(false);
    account.resources.buckets = Listed::whole(buckets);
    account
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

#[track_caller]
fn public(bucket: Bucket) -> Finding {
    only(&account(vec![bucket]), "public-bucket")
}

#[track_caller]
fn status(bucket: Bucket) -> Status {
    public(bucket).status
}

/// An Allow to everybody to read every object, with more or other fields.
fn allow(more: Value) -> Value {
    statement("Allow", more)
}

fn statement(effect: &str, more: Value) -> Value {
    let mut statement = json!({
        "Effect": effect, "Principal": ["*"], "Action": ["oss:GetObject"], "Resource": [format!("acs:oss:*:{ME}:b/*")],
    });
    for (key, value) in more.as_object().unwrap() {
        let fields = statement.as_object_mut().unwrap();
        if value.is_null() {
            fields.remove(key)
        } else {
            fields.insert(key.clone(), value.clone())
        };
    }
    statement
}

/// An Allow to everybody under a condition.
fn when(condition: Value) -> Bucket {
    with_policy(json!([allow(json!({ "Condition": condition }))]))
}

fn deny_all(condition: Option<Value>) -> Value {
    let all = [format!("acs:oss:*:{ME}:b"), format!("acs:oss:*:{ME}:b/*")];
    statement("Deny", json!({ "Action": "oss:*", "Resource": all, "Condition": condition }))
}

#[test]
fn acls() {
    assert_eq!(status(bucket()), Status::Pass);
    let read = public(Bucket { acl: Read::Read(Acl::PublicRead), ..bucket() });
    assert_eq!((read.status, read.severity), (Status::Fail, Severity::Critical));
    assert_eq!(read.message, "Anybody can read objects, list objects in b.");
    assert_eq!(read.resource, format!("acs:oss:cn-hangzhou:{ME}:b"));
    assert_eq!(read.scope.tags["team"], "web");
    let write = public(Bucket { acl: Read::Read(Acl::PublicReadWrite), ..bucket() });
    assert!(write.message.contains("write objects, delete objects"), "{}", write.message);
}

/// CloudSploit and Steampipe look at the ACL only: a private ACL with this policy passes there.
#[test]
fn a_policy_for_everybody_beside_a_private_acl() {
    let all = |principal: Value| with_policy(json!([allow(json!({ "Principal": principal }))]));
    // An empty list is everybody, by OSS's own words.
    for principal in [
        json!("*"),
        json!(["*"]),
        json!([ME, "*"]),
        json!({ "RAM": ["*"] }),
        json!({ "RAM": "*" }),
        json!([]),
    ] {
        let found = public(all(principal.clone()));
        assert_eq!((found.status, found.severity), (Status::Fail, Severity::Critical), "{principal}");
        assert_eq!(found.evidence["ways"][0]["by"], json!(["statement 1"]));
    }
    for principal in [json!(["20214760404935xxxx"]), json!({ "RAM": [format!("acs:ram::{ME}:user/a")] })] {
        assert_eq!(status(all(principal.clone())), Status::Pass, "{principal}");
    }
    // Who is meant is not written: not known.
    assert_eq!(status(all(Value::Null)), Status::Unknown);
}

/// Prowler does not know NotPrincipal (ran: PASS).
#[test]
fn everybody_but_some() {
    let but = |effect: &str| statement(effect, json!({ "Principal": null, "NotPrincipal": ["111"] }));
    assert_eq!(status(with_policy(json!([but("Allow")]))), Status::Fail);
    assert_eq!(status(with_policy(json!([but("Allow"), but("Deny")]))), Status::Pass);
    let nobody = statement("Allow", json!({ "Principal": null, "NotPrincipal": ["*"] }));
    assert_eq!(status(with_policy(json!([nobody]))), Status::Pass);
}

/// Prowler takes any condition for a restriction (ran: all of these PASS). CloudRec takes any operator on acs:SourceIp for one, and one narrow range among
/// others is enough for it, as is a public /8.
#[test]
fn conditions_that_keep_nobody_out() {
    for condition in [
        json!({ "IpAddress": { "acs:SourceIp": ["0.0.0.0/0"] } }),
        json!({ "IpAddress": { "acs:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"] } }),
        json!({ "IpAddress": { "acs:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"] } }),
        json!({ "IpAddress": { "acs:SourceIp": "::/0" } }),
        json!({ "IpAddress": { "acs:SourceIp": ["11.0.0.0/8"] } }),
        json!({ "NotIpAddress": { "acs:SourceIp": ["1.2.3.4"] } }),
        json!({ "NotIpAddress": { "acs:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"] } }),
        json!({ "Bool": { "acs:SecureTransport": ["true"] } }),
        json!({ "Bool": { "acs:SecureTransport": [false] } }),
        json!({ "StringNotEquals": { "acs:SourceVpc": ["vpc-1"] } }),
        json!({ "StringNotLike": { "acs:SourceVpc": "vpc-*" } }),
        json!({ "StringLike": { "acs:SourceVpc": "vpc-*" } }),
        json!({ "StringLike": { "acs:AccessId": "*" } }),
        json!({ "StringNotEquals": { "acs:AccessId": "LTAI1" } }),
        json!({ "StringLike": { "acs:UserAgent": "*partner*" } }),
        json!({ "StringEquals": { "acs:Referer": "https://a.example" } }),
        json!({ "StringLike": { "oss:Prefix": ["public/*"] } }),
        json!({ "DateLessThan": { "acs:CurrentTime": "2027-01-01T00:00:00Z" } }),
        json!({ "DateGreaterThan": { "acs:CurrentTime": "2026-11-24T00:00:00+08:00" } }),
        json!({ "IpAddress": { "acs:SourceIp": "0.0.0.0/0" }, "Bool": { "acs:SecureTransport": "true" } }),
        json!({ "NotIpAddress": { "acs:SourceIp": "1.2.3.4" }, "StringNotLike": { "acs:SourceVpc": "vpc-*" } }),
        // The one half by what it is, the other by what it is not.
        json!({ "IpAddress": { "acs:SourceIp": "0.0.0.0/1" }, "NotIpAddress": { "acs:SourceIp": "10.0.0.0/8" } }),
        json!({}),
    ] {
        let found = public(when(condition.clone()));
        assert_eq!((found.status, found.severity), (Status::Fail, Severity::Critical), "{condition}");
    }
}

#[test]
fn conditions_that_do() {
    for condition in [
        json!({ "IpAddress": { "acs:SourceIp": ["203.0.113.0/24", "10.0.0.0/8"] } }),
        json!({ "IpAddress": { "acs:SourceIp": "8.8.8.8" } }),
        json!({ "StringEquals": { "acs:SourceVpc": ["vpc-1", "vpc-2"] } }),
        json!({ "StringEquals": { "acs:SourceVpcId": "vpc-1" } }),
        json!({ "StringEquals": { "acs:AccessId": "LTAI1" } }),
        json!({ "StringEquals": { "acs:SourceArn": "acs:fc:cn-hangzhou:1:x" } }),
        json!({ "StringEquals": { "acs:SourceAccount": ME } }),
        json!({ "StringLike": { "acs:SourceArn": format!("acs:*:*:{ME}:*") } }),
        json!({ "NotIpAddress": { "acs:SourceIp": ["0.0.0.0/0", "::/0"] } }),
        json!({ "NotIpAddress": { "acs:SourceIp": ["0.0.0.0/1", "128.0.0.0/1", "::/0"] } }),
        // Conditions are ANDed: the narrow one decides, whatever the others.
        json!({ "IpAddress": { "acs:SourceIp": "203.0.113.0/24" }, "Bool": { "acs:SecureTransport": "true" } }),
        json!({ "IpAddress": { "acs:SourceIp": "0.0.0.0/0" }, "StringEquals": { "acs:SourceVpc": "vpc-1" } }),
        json!({ "IpAddress": { "acs:SourceIp": "1.0.0.0/8" }, "NotIpAddress": { "acs:SourceIp": "0.0.0.0/1" } }),
        json!({ "DateLessThan": { "acs:CurrentTime": "2026-11-24T02:00:00Z" } }),
        json!({ "DateGreaterThan": { "acs:CurrentTime": "2027-01-01T00:00:00Z" } }),
    ] {
        assert_eq!(status(when(condition.clone())), Status::Pass, "{condition}");
    }
}

#[test]
fn what_is_not_understood_is_unknown() {
    for condition in [
        json!({ "IpAddressIfExists": { "acs:SourceIp": "10.0.0.0/8" } }),
        json!({ "ForAnyValue:StringEquals": { "acs:SourceVpc": "vpc-1" } }),
        json!({ "StringEquals": { "acs:SomethingNew": "x" } }),
        json!({ "StringNotEquals": { "acs:SomethingNew": "x" } }),
        json!({ "StringEquals": { "oss:ExistingObjectTag/public": "yes" } }),
        json!({ "IpAddress": { "acs:SourceIp": ["10.0.0.0/8", "140.xx.xx.0/16"] } }),
        json!({ "StringEquals": { "acs:SourceIp": "10.0.0.1" } }),
        json!({ "StringLike": { "acs:SourceVpc": "vpc-bp1*" } }),
        json!({ "DateLessThan": { "acs:CurrentTime": "next year" } }),
        json!({ "IpAddress": { "acs:SourceIp": [] } }),
    ] {
        let found = public(when(condition.clone()));
        assert_eq!(found.status, Status::Unknown, "{condition}");
        assert!(found.message.contains("statement 1"), "the reason: {}", found.message);
    }
    // A doubt beside what is certain is none.
    let narrow = json!({ "StringEquals": { "acs:New": "x", "acs:SourceVpc": "vpc-1" } });
    assert_eq!(status(when(narrow)), Status::Pass);
    for policy in ["{", "[]", r#"{"Version": "2", "Statement": []}"#, r#"{"Version": "1"}"#] {
        let bucket = Bucket { policy: Read::Read(Some(policy.to_owned())), ..bucket() };
        assert_eq!(status(bucket.clone()), Status::Unknown, "{policy}");
        // It may deny what the ACL allows.
        assert_eq!(
            status(Bucket { acl: Read::Read(Acl::PublicRead), ..bucket }),
            Status::Unknown,
            "{policy}"
        );
    }
}

/// Prowler: Allow * with Deny * is a FAIL (ran), though closed.
#[test]
fn deny_beats_allow_as_far_as_it_reaches() {
    let closed = [
        deny_all(None),
        statement("Deny", json!({ "Action": ["oss:Get*"] })),
        statement("Deny", json!({ "Action": null, "NotAction": ["oss:PutObject"] })),
        statement("Deny", json!({ "Resource": null, "NotResource": ["acs:oss:*:*:other/*"] })),
        deny_all(Some(json!({ "NotIpAddress": { "acs:SourceIp": ["203.0.113.0/24", "10.0.0.0/8"] } }))),
        deny_all(Some(json!({ "StringNotEquals": { "acs:SourceVpc": ["vpc-1"] } }))),
    ];
    for deny in closed {
        assert_eq!(status(with_policy(json!([allow(json!({})), deny.clone()]))), Status::Pass, "{deny}");
        // Order means nothing, and OSS's own verdict looks at each Allow alone.
        let policy_is_public = Read::Read(Some(true));
        let bucket = Bucket { policy_is_public, ..with_policy(json!([deny.clone(), allow(json!({}))])) };
        assert_eq!(status(bucket), Status::Pass, "{deny}");
    }
    let open = [
        statement("Deny", json!({ "Action": ["oss:PutObject"] })),
        statement("Deny", json!({ "Principal": ["111"] })),
        statement("Deny", json!({ "Resource": [format!("acs:oss:*:{ME}:b/private/*")] })),
        statement("Deny", json!({ "Resource": [format!("acs:oss:*:{ME}:b")] })),
        deny_all(Some(json!({ "Bool": { "acs:SecureTransport": ["false"] } }))),
        deny_all(Some(json!({ "IpAddress": { "acs:SourceIp": ["1.2.3.0/24"] } }))),
        deny_all(Some(json!({ "NotIpAddress": { "acs:SourceIp": ["0.0.0.0/1"] } }))),
        deny_all(Some(json!({ "StringEquals": { "acs:SourceVpc": "vpc-1" } }))),
        deny_all(Some(json!({ "StringLike": { "acs:UserAgent": "*curl*" } }))),
        // It closes the internet, not the VPCs of others.
        deny_all(Some(json!({ "StringNotLike": { "acs:SourceVpc": "vpc-*" } }))),
    ];
    for deny in open {
        assert_eq!(status(with_policy(json!([allow(json!({})), deny.clone()]))), Status::Fail, "{deny}");
    }
    let unclear = deny_all(Some(json!({ "StringEquals": { "acs:SomethingNew": "x" } })));
    assert_eq!(status(with_policy(json!([allow(json!({})), unclear]))), Status::Unknown);
    // Two that close a half each; over TLS and without.
    for halves in [
        [
            json!({ "IpAddress": { "acs:SourceIp": ["0.0.0.0/1", "::/0"] } }),
            json!({ "IpAddress": { "acs:SourceIp": "128.0.0.0/1" } }),
        ],
        [
            json!({ "Bool": { "acs:SecureTransport": "true" } }),
            json!({ "Bool": { "acs:SecureTransport": "false" } }),
        ],
    ] {
        let [one, other] = halves.map(|condition| deny_all(Some(condition)));
        assert_eq!(status(with_policy(json!([allow(json!({})), one.clone(), other]))), Status::Pass);
        assert_eq!(status(with_policy(json!([allow(json!({})), one]))), Status::Fail);
    }
}

#[test]
fn deny_beats_the_acl() {
    let public_read = |bucket: Bucket| Bucket { acl: Read::Read(Acl::PublicRead), ..bucket };
    assert_eq!(status(public_read(with_policy(json!([deny_all(None)])))), Status::Pass);
    // Reading is denied, listing is not.
    let found = public(public_read(with_policy(json!([statement("Deny", json!({}))]))));
    assert_eq!(found.message, "Anybody can list objects in b.");
    let narrowed = json!({ "NotIpAddress": { "acs:SourceIp": "203.0.113.0/24" } });
    assert_eq!(status(public_read(with_policy(json!([deny_all(Some(narrowed))])))), Status::Pass);
    let tls_only = json!({ "Bool": { "acs:SecureTransport": "false" } });
    assert_eq!(status(public_read(with_policy(json!([deny_all(Some(tls_only))])))), Status::Fail);
    // A narrow Allow does not narrow what the ACL gives.
    let narrow = allow(json!({ "Condition": { "StringEquals": { "acs:SourceVpc": "vpc-1" } } }));
    assert_eq!(status(public_read(with_policy(json!([narrow])))), Status::Fail);
}

/// Prowler ignores the block, cnspec the account's.
#[test]
fn a_block_beats_everything() {
    let open = Bucket { acl: Read::Read(Acl::PublicReadWrite), ..with_policy(json!([allow(json!({}))])) };
    let sample = Sample { looked_at: 1, all: true, public: vec![("k".into(), Acl::PublicRead)] };
    let open = Bucket { sample: Read::Read(sample), ..open };
    assert_eq!(status(open.clone()), Status::Fail);
    let blocked = Bucket { public_access_block: Read::Read(true), ..open.clone() };
    assert_eq!(status(blocked.clone()), Status::Pass);
    let mut whole = account(vec![open.clone()]);
    whole.resources.public_access_block = Read::Read(true);
    assert_eq!(only(&whole, "public-bucket").status, Status::Pass);
    // Either block may be on where it was not read; the other, if known to be on, decides alone.
    let mut unsure = account(vec![
        open.clone(),
        Bucket { name: "c".into(), ..bucket() },
        Bucket { name: "d".into(), ..blocked },
    ]);
    unsure.resources.public_access_block = Read::Unread(unread("oss:GetPublicAccessBlock"));
    let statuses: Vec<Status> =
        found(&unsure, "public-bucket").iter().map(|finding| finding.status).collect();
    assert_eq!(statuses, [Status::Unknown, Status::Pass, Status::Pass]);
    let unsure =
        Bucket { public_access_block: Read::Unread(unread("oss:GetBucketPublicAccessBlock")), ..open };
    assert!(public(unsure).message.contains("oss:GetBucketPublicAccessBlock"));
}

/// Prowler: an unread ACL is none, and passes.
#[test]
fn what_was_not_read_is_unknown_unless_it_cannot_matter() {
    let why = || unread("oss:GetBucketAcl");
    let no_acl = |bucket: Bucket| Bucket { acl: Read::Unread(why()), ..bucket };
    assert_eq!(status(no_acl(bucket())), Status::Unknown);
    assert_eq!(status(no_acl(with_policy(json!([allow(json!({}))])))), Status::Fail, "open whatever the ACL");
    assert_eq!(status(no_acl(with_policy(json!([deny_all(None)])))), Status::Pass, "closed whatever the ACL");
    let no_policy = Bucket { policy: Read::Unread(unread("oss:GetBucketPolicy")), ..bucket() };
    assert!(public(no_policy.clone()).message.contains("oss:GetBucketPolicy"));
    assert_eq!(status(Bucket { acl: Read::Read(Acl::PublicRead), ..no_policy.clone() }), Status::Unknown);
    assert_eq!(status(Bucket { public_access_block: Read::Read(true), ..no_acl(no_policy) }), Status::Pass);
    // OSS's word is a second opinion: needed for nothing.
    assert_eq!(status(Bucket { policy_is_public: Read::Unread(why()), ..bucket() }), Status::Pass);
}

#[test]
fn where_oss_and_we_disagree() {
    let oss = |is: bool, bucket: Bucket| public(Bucket { policy_is_public: Read::Read(Some(is)), ..bucket });
    let found = oss(false, when(json!({ "NotIpAddress": { "acs:SourceIp": "1.2.3.4" } })));
    assert_eq!((found.status, &found.evidence["policy_is_public_by_oss"]), (Status::Fail, &json!(false)));
    // OSS does not look at dates and does not count Deny: that explains it.
    let ended = when(json!({ "DateLessThan": { "acs:CurrentTime": "2026-01-01T00:00:00Z" } }));
    assert_eq!(oss(true, ended).status, Status::Pass);
    // Nothing explains these.
    assert_eq!(
        oss(true, when(json!({ "StringEquals": { "acs:SourceVpc": "vpc-1" } }))).status,
        Status::Unknown
    );
    assert_eq!(oss(true, bucket()).status, Status::Unknown);
}

/// Prowler: one failed request gives an empty inventory, and no finding at all.
#[test]
fn what_could_not_be_listed_is_unknown() {
    let mut account = account(Vec::new());
    assert_eq!(only(&account, "public-bucket").status, Status::Pass);
    account.resources.buckets = Listed::unread(unread("oss:ListBuckets"));
    for check in CHECKS {
        let found = only(&account, check.id);
        assert_eq!(
            (found.status, found.resource.as_str()),
            (Status::Unknown, "acs:oss:cn-hangzhou:1234567890123456:*")
        );
    }
}
