use serde_json::{Value, json};

use super::access::{Access, Power, Powers, looked_at};
use super::target;
use crate::checks::policy::{Caller, Way};
use crate::checks::{Findings, check};
use crate::config::{Config, Language, Severity};
use crate::snapshot::{Bucket, Snapshot};
use crate::tr;

check! {
    /// # A bucket is open to everybody
    ///
    /// ## Why it matters
    ///
    /// What is in it can be read, listed, replaced or deleted by anybody who knows or guesses its name: with no credentials, or with those of an
    /// account of their own. It is decided as OSS decides: a block of public access (account, bucket) comes first, an explicit Deny beats every Allow of
    /// policy and ACL, and conditions count for what they keep out. `NotIpAddress`, `SecureTransport`, `User-Agent` and ranges as wide as the internet keep
    /// nobody out; a fixed VPC or a narrow range does. Dates count as they stand at the time of the scan. A condition on the address alone also lets in VPCs
    /// of others that use the same range. Objects with a public ACL of their own are looked for in a sample.
    ///
    /// What could not be read or understood (an operator, a key, a version) and would decide it is UNKNOWN. OSS's own verdict on the policy is in the evidence.
    /// Where OSS alone calls it public, and no statement shows why, that is UNKNOWN, too.
    ///
    /// ## How to fix it
    ///
    /// Block public access for the account (OSS console, Block Public Access), or for the bucket. What has to be public goes to a bucket of its own, read through
    /// a CDN. For partners, name their accounts in the policy.
    PUBLIC_BUCKET {
        id: "public-bucket",
        severity: Severity::Critical,
        guide: &[6],
        cis: &["5.1", "5.2"],
        title: ["Bucket open to everybody", "存储空间对所有人开放"],
        fix: [
            "Block public access for the account or the bucket; name the accounts that need access in its policy",
            "为账号或存储空间开启“阻止公共访问”，并在授权策略中指明需要访问的账号",
        ],
    }
    fn find(account: &Snapshot, config: &Config, findings: &mut Findings<'_>) {
        let buckets = &account.resources.buckets;
        findings.listed(buckets, "oss", "");
        for bucket in &buckets.rows {
            look(account, bucket, config, findings);
        }
    }
}

fn look(account: &Snapshot, bucket: &Bucket, config: &Config, findings: &mut Findings<'_>) {
    let (l, target) = (findings.language(), target(account, bucket));
    let access = Access::of(account, bucket, config);
    if let Some(by_account) = access.blocked_by_account() {
        let message = if by_account {
            tr!(l, "Public access is blocked for the whole account.", "账号已阻止公共访问。")
        } else {
            tr!(l, "Public access is blocked for the bucket.", "存储空间已阻止公共访问。")
        };
        return findings.pass(target, message);
    }
    let Powers { open, mut reasons } = access.powers();
    if !open.is_empty() {
        let is_serious = open.iter().any(|(power, _)| *power != Power::Other);
        let severity = if is_serious { Severity::Critical } else { Severity::Medium };
        let powers: Vec<&str> = open.iter().map(|(power, _)| said(*power, l)).collect();
        let separator = if l == Language::Zh { "、" } else { ", " };
        let (name, powers) = (&bucket.name, powers.join(separator));
        let message = tr!(l, "Anybody can {powers} in {name}.", "任何人都可以在 {name} 中{powers}。");
        let ways = open.iter().map(|(power, way)| json!({ "can": power.name(), "by": way.by, "how": how(way) }));
        let evidence = evidence(bucket, json!({ "ways": ways.collect::<Vec<_>>(), "undecided": reasons }));
        return findings.fail_at(severity, target, message, evidence);
    }
    let (objects, more) = access.public_objects();
    if !objects.is_empty() {
        let (count, name) = (objects.len(), &bucket.name);
        let message = tr!(
            l,
            "{count} of the objects looked at in {name} have a public ACL of their own.",
            "{name} 中抽查的对象有 {count} 个自身的 ACL 为公共。"
        );
        let keys: Vec<Value> =
            objects.iter().take(10).map(|(key, acl)| json!({ "key": key, "acl": acl })).collect();
        let evidence = evidence(bucket, json!({ "objects": keys, "public_objects": count, "undecided": reasons }));
        return findings.fail_at(Severity::High, target, message, evidence);
    }
    reasons.extend(more);
    let oss_alone = bucket.policy_is_public.known() == Some(&Some(true)) && !access.has_public_statement();
    if oss_alone {
        reasons.insert("OSS calls the policy public (GetBucketPolicyStatus), and no statement shows why".to_owned());
    }
    if reasons.is_empty() {
        findings.pass(target, closed(bucket, l));
    } else {
        let why = reasons.iter().map(String::as_str).collect::<Vec<_>>().join("; ");
        let message = tr!(l, "Whether it is open depends on: {why}", "是否开放取决于：{why}");
        findings.undecided(target, message, evidence(bucket, json!({ "undecided": reasons })));
    }
}

/// What was looked at, and what was not.
fn closed(bucket: &Bucket, l: Language) -> String {
    let rights = match bucket.policy.known() {
        Some(Some(_)) => tr!(l, "Neither ACL nor policy lets everybody in", "ACL 和授权策略均未对所有人开放"),
        _ => tr!(l, "The ACL is private and there is no policy", "ACL 为私有，且没有授权策略"),
    };
    let objects = match looked_at(&bucket.sample) {
        Some((0, true)) => tr!(l, "there are no objects", "没有对象"),
        Some((count, true)) => tr!(l, "none of all {count} objects is public", "全部 {count} 个对象均不公共"),
        Some((0, false)) | None => tr!(l, "objects were not looked at", "未检查对象"),
        Some((count, false)) => {
            tr!(l, "none of {count} objects looked at is public; not all were", "抽查的 {count} 个对象均不公共，并非全部")
        }
    };
    tr!(l, "{rights}; {objects}.", "{rights}；{objects}。")
}

fn evidence(bucket: &Bucket, found: Value) -> Value {
    let mut evidence = json!({
        "acl": bucket.acl.known(),
        "policy": bucket.policy.known().map(Option::is_some),
        "policy_is_public_by_oss": bucket.policy_is_public.known().copied().flatten(),
        "website": bucket.website.known(),
    });
    if let (Value::Object(all), Value::Object(found)) = (&mut evidence, found) {
        all.extend(found);
        all.retain(|_, value| !value.is_null() && *value != json!([]));
    }
    evidence
}

fn how(way: &Way) -> String {
    let who = match way.request.caller {
        Caller::Anonymous => "without credentials",
        Caller::Stranger => "with any account's credentials",
    };
    let from = if way.request.from_vpc { "from any VPC" } else { "over the internet" };
    let plainly = if way.request.secure { "" } else { ", without TLS" };
    format!("{who}, {from}{plainly}")
}

fn said(power: Power, l: Language) -> &'static str {
    let (en, zh) = match power {
        Power::Manage => ("change permissions", "修改权限"),
        Power::Write => ("write objects", "写入对象"),
        Power::Delete => ("delete objects", "删除对象"),
        Power::Read => ("read objects", "读取对象"),
        Power::List => ("list objects", "列出对象"),
        Power::Other => ("ask for settings", "查询设置"),
    };
    if l == Language::Zh { zh } else { en }
}
