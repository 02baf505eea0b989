//! Statements of generated bucket policies.

use super::random::Random;
use serde_json::{Value, json};

/// Everything in a bucket, and the bucket itself.
fn whole(account: &str, bucket: &str) -> Value {
    json!([format!("acs:oss:*:{account}:{bucket}"), format!("acs:oss:*:{account}:{bucket}/*")])
}

/// Lets everybody read and list.
pub(super) fn allow_all(random: &mut Random, account: &str, bucket: &str) -> Value {
    let principal = random.pick(&["list", "text"]);
    json!({
        "Effect": "Allow",
        "Principal": if principal == "list" { json!(["*"]) } else { json!("*") },
        "Action": random.pick(&[&["oss:GetObject"][..], &["oss:GetObject", "oss:ListObjects"], &["oss:Get*", "oss:List*"]]),
        "Resource": whole(account, bucket),
    })
}

/// Refuses everybody everything.
pub(super) fn deny_all(account: &str, bucket: &str) -> Value {
    json!({"Effect": "Deny", "Principal": ["*"], "Action": ["oss:*"], "Resource": whole(account, bucket)})
}

/// Refuses whatever comes without TLS.
pub(super) fn deny_plain_http(account: &str, bucket: &str) -> Value {
    when(deny_all(account, bucket), json!({"Bool": {"acs:SecureTransport": ["false"]}}))
}

/// The same statement with a condition.
pub(super) fn when(mut statement: Value, condition: Value) -> Value {
    statement["Condition"] = condition;
    statement
}

/// Statements that open and close nothing for the public.
pub(super) fn noise(random: &mut Random, account: &str, bucket: &str) -> Value {
    match random.within(0, 2) {
        0 => json!({
            "Effect": "Allow",
            "Principal": [format!("{}{:04}", account.get(..12).unwrap_or(account), random.within(0, 9999))],
            "Action": ["oss:GetObject", "oss:PutObject"],
            "Resource": whole(account, bucket),
        }),
        1 => json!({
            "Effect": "Deny",
            "Principal": ["*"],
            "Action": ["oss:DeleteBucket", "oss:PutBucketAcl"],
            "Resource": whole(account, bucket),
        }),
        _ => json!({
            "Effect": "Allow",
            "Principal": [format!("arn:sts::{account}:assumed-role/etl-{}/*", random.within(0, 99))],
            "Action": ["oss:*"],
            "Resource": whole(account, bucket),
        }),
    }
}

/// A policy of these statements, in any order.
pub(super) fn policy(random: &mut Random, mut statements: Vec<Value>) -> Value {
    for at in (1..statements.len()).rev() {
        statements.swap(at, random.within(0, at));
    }
    json!({"Version": "1", "Statement": statements})
}

/// Public ranges that are far narrower than what counts as open.
pub(super) fn narrow(random: &mut Random) -> Vec<String> {
    (0..random.within(1, 4))
        .map(|_| {
            let (second, third) = (random.within(90, 120), random.within(0, 255));
            match random.within(0, 2) {
                0 => format!("47.{second}.{third}.{}", random.within(1, 254)),
                1 => format!("47.{second}.{third}.0/24"),
                _ => format!("2408:{second}:{third}::/64"),
            }
        })
        .collect()
}

/// Ranges that no public address is in.
pub(super) fn private(random: &mut Random) -> Vec<String> {
    let all = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.1", "100.64.0.0/10", "fd00::/8"];
    (0..random.within(1, 3)).map(|_| random.pick(&all).into()).collect()
}
