//! Generated buckets: open and closed in every way there is.

use super::Fail;
use super::policy::{allow_all, deny_all, deny_plain_http, narrow, noise, policy, private, when};
use super::random::Random;
use super::stored::Place;
use crate::account::{Acl, Bucket, Encryption, LogTarget, Object, Website};
use serde_json::{Value, json};
use std::sync::Arc;

/// What a bucket shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Private,
    ReadAcl,
    WriteAcl,
    AllowAll,
    /// Allowed with a condition that keeps nobody out.
    AllowBut(Open),
    /// Allowed, and something else is denied.
    AllowAndDenyOther,
    AclBlocked,
    PolicyBlocked,
    AclDenied,
    PolicyDenied,
    /// Allowed, and denied to all but an office.
    DeniedElsewhere,
    /// Allowed with a condition that keeps everybody else out.
    AllowOnly(Closed),
    /// Allowed to another account.
    Partner,
    PublicObject,
    PublicObjectBlocked,
    PublicObjectDenied,
}

/// Conditions that keep nobody out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    NotIpAddress,
    AmongOthers,
    Halves,
    Wide,
    SecureTransport,
}

/// Conditions that keep everybody else out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    Office,
    Vpc,
}

/// Every shape; each is made as often as any other, but for private buckets, of which there are more.
pub(super) const SHAPES: [Shape; 22] = [
    Shape::Private,
    Shape::Private,
    Shape::ReadAcl,
    Shape::WriteAcl,
    Shape::AllowAll,
    Shape::AllowBut(Open::NotIpAddress),
    Shape::AllowBut(Open::AmongOthers),
    Shape::AllowBut(Open::Halves),
    Shape::AllowBut(Open::Wide),
    Shape::AllowBut(Open::SecureTransport),
    Shape::AllowAndDenyOther,
    Shape::AclBlocked,
    Shape::PolicyBlocked,
    Shape::AclDenied,
    Shape::PolicyDenied,
    Shape::DeniedElsewhere,
    Shape::AllowOnly(Closed::Office),
    Shape::AllowOnly(Closed::Vpc),
    Shape::Partner,
    Shape::PublicObject,
    Shape::PublicObjectBlocked,
    Shape::PublicObjectDenied,
];

impl Shape {
    /// The severity of `public-bucket`; None: closed.
    pub(super) fn verdict(self) -> Option<&'static str> {
        match self {
            Self::ReadAcl | Self::WriteAcl | Self::AllowAll | Self::AllowBut(_) | Self::AllowAndDenyOther => {
                Some("critical")
            }
            Self::PublicObject => Some("high"),
            Self::Private
            | Self::AclBlocked
            | Self::PolicyBlocked
            | Self::AclDenied
            | Self::PolicyDenied
            | Self::DeniedElsewhere
            | Self::AllowOnly(_)
            | Self::Partner
            | Self::PublicObjectBlocked
            | Self::PublicObjectDenied => None,
        }
    }

    /// Whether its policy refuses everybody everything, plain http with it.
    fn denies_all(self) -> bool {
        matches!(self, Self::AclDenied | Self::PolicyDenied | Self::PublicObjectDenied)
    }

    fn acl(self) -> Acl {
        match self {
            Self::ReadAcl | Self::AclBlocked | Self::AclDenied => Acl::PublicRead,
            Self::WriteAcl => Acl::PublicReadWrite,
            _ => Acl::Private,
        }
    }

    fn has_public_object(self) -> bool {
        matches!(self, Self::PublicObject | Self::PublicObjectBlocked | Self::PublicObjectDenied)
    }

    fn statements(self, random: &mut Random, account: &str, name: &str) -> Vec<Value> {
        let allow = allow_all(random, account, name);
        match self {
            Self::AllowAll | Self::PolicyBlocked => vec![allow],
            Self::AllowBut(how) => vec![when(allow, how.condition(random))],
            Self::AllowOnly(how) => vec![when(allow, how.condition(random))],
            Self::AllowAndDenyOther => {
                let mut deny = deny_all(account, name);
                deny["Action"] = json!(["oss:DeleteObject"]);
                vec![allow, deny]
            }
            Self::AclDenied | Self::PublicObjectDenied => vec![deny_all(account, name)],
            Self::PolicyDenied => vec![allow, deny_all(account, name)],
            Self::DeniedElsewhere => {
                let office = json!({"NotIpAddress": {"acs:SourceIp": narrow(random)}});
                vec![allow, when(deny_all(account, name), office)]
            }
            Self::Partner => {
                let mut allow = allow;
                allow["Principal"] = json!(["9876543210987654"]);
                vec![allow]
            }
            _ => Vec::new(),
        }
    }

    /// What OSS says of the policy. It looks at each Allow by itself, whatever else is denied or blocked.
    fn policy_is_public(self) -> bool {
        matches!(
            self,
            Self::AllowAll
                | Self::AllowBut(_)
                | Self::AllowAndDenyOther
                | Self::PolicyBlocked
                | Self::PolicyDenied
                | Self::DeniedElsewhere
        )
    }
}

impl Open {
    fn condition(self, random: &mut Random) -> Value {
        let among = |random: &mut Random, more: &[&str]| {
            let mut ranges = private(random);
            ranges.extend(more.iter().map(|range| (*range).to_string()));
            ranges
        };
        match self {
            Self::NotIpAddress => json!({"NotIpAddress": {"acs:SourceIp": narrow(random)}}),
            Self::AmongOthers => json!({"IpAddress": {"acs:SourceIp": among(random, &["0.0.0.0/0"])}}),
            Self::Halves => {
                json!({"IpAddress": {"acs:SourceIp": among(random, &["128.0.0.0/1", "0.0.0.0/1"])}})
            }
            Self::Wide => json!({"IpAddress": {"acs:SourceIp": among(random, &["47.0.0.0/8"])}}),
            Self::SecureTransport => json!({"Bool": {"acs:SecureTransport": ["true"]}}),
        }
    }
}

impl Closed {
    fn condition(self, random: &mut Random) -> Value {
        match self {
            Self::Office => json!({"IpAddress": {"acs:SourceIp": narrow(random)}}),
            Self::Vpc => {
                let vpc = format!("vpc-bp1generated{:05}", random.within(0, 99999));
                json!({"StringEquals": {"acs:SourceVpc": [vpc]}})
            }
        }
    }
}

/// Makes buckets, sorted by name, and what must be found about them.
pub(crate) fn buckets(random: &mut Random, place: Place, n: usize) -> (Vec<Bucket>, Vec<Fail>) {
    let (mut buckets, mut fails) = (Vec::new(), Vec::new());
    for number in 0..n {
        let shape = SHAPES.get(number).copied().unwrap_or_else(|| random.pick(&SHAPES));
        let (bucket, wrong) = one(&mut random.fork(), place, number, shape);
        let arn = format!("acs:oss:{}:{}:{}", bucket.region, place.account, bucket.name);
        fails.extend(shape.verdict().map(|severity| ("public-bucket", arn.clone(), severity)));
        fails.extend(wrong.into_iter().map(|(check, severity)| (check, arn.clone(), severity)));
        buckets.push(bucket);
    }
    (buckets, fails)
}

/// A bucket of a shape, and what else is wrong with it.
fn one(
    random: &mut Random,
    place: Place,
    number: usize,
    shape: Shape,
) -> (Bucket, Vec<(&'static str, &'static str)>) {
    let account = place.account;
    let name = format!("generated-{number:05}");
    let mut wrong = Vec::new();
    let mut spoiled = |random: &mut Random, check, severity| {
        let spoiled = random.percent(20);
        wrong.extend(spoiled.then_some((check, severity)));
        spoiled
    };
    let mut statements = shape.statements(random, account, &name);
    if shape.denies_all() || !spoiled(random, "bucket-without-tls", "medium") {
        statements.push(deny_plain_http(account, &name));
    }
    for _ in 0..random.within(0, 2) {
        statements.push(noise(random, account, &name));
    }
    let unlogged = spoiled(random, "bucket-without-logging", "medium");
    let unencrypted = spoiled(random, "unencrypted-bucket", "medium");
    let unversioned = spoiled(random, "bucket-without-versioning", "low");
    let suspended = random.percent(50).then(|| "Suspended".to_string());
    let has_policy = !statements.is_empty();
    let mut bucket = Bucket {
        region: random.pick(place.regions).into(),
        created: format!("20{}-03-0{}T08:00:00Z", random.within(20, 25), random.within(1, 9)),
        acl: shape.acl(),
        block_public_access: matches!(
            shape,
            Shape::AclBlocked | Shape::PolicyBlocked | Shape::PublicObjectBlocked
        ),
        policy: has_policy.then(|| Arc::new(policy(random, statements))),
        policy_is_public: has_policy.then_some(shape.policy_is_public()),
        website: random.percent(15).then(|| Website { index: "index.html".into(), error: None }),
        versioning: if unversioned { suspended } else { Some("Enabled".into()) },
        logging: (!unlogged).then(|| LogTarget { bucket: "generated-logs".into(), prefix: name.clone() }),
        encryption: (!unencrypted)
            .then(|| Encryption { algorithm: random.pick(&["AES256", "KMS", "SM4"]).into(), key: None }),
        name,
        ..Bucket::default()
    };
    // Fewer objects than a scan looks at, so that the public one is among them.
    let objects = Arc::make_mut(&mut bucket.objects);
    let count = random.within(usize::from(shape.has_public_object()), 6);
    for number in 0..count {
        let key = format!("data/{number:03}.csv");
        objects.insert(key.clone(), Object::from(String::new()));
        if random.percent(25) {
            bucket.object_acls.insert(key, Acl::Private);
        }
    }
    if shape.has_public_object() {
        let key = format!("data/{:03}.csv", random.within(0, count - 1));
        let acl = random.pick(&[Acl::PublicRead, Acl::PublicReadWrite]);
        bucket.object_acls.insert(key, acl);
    }
    (bucket, wrong)
}
