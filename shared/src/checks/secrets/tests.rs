use jiff::Timestamp;

use super::secret_in_plain_text::SECRET_IN_PLAIN_TEXT;
use crate::checks::{Finding, Status, run};
use crate::config::{Config, Severity};
use crate::snapshot::{Listed, Read, SecretHit, Snapshot, TextSource, Unread};

const OWN: &str = "LTAI5tQ3mZpT8vKx2LbNcY7d";

fn hit(looks_like: &str, masked: &str, key_id: Option<&str>) -> SecretHit {
    SecretHit {
        place: "line 3".into(),
        looks_like: looks_like.into(),
        masked: masked.into(),
        key_id: key_id.map(str::to_owned),
    }
}

fn text(hits: Read<Vec<SecretHit>>) -> TextSource {
    TextSource {
        resource: "acs:ecs:cn-hangzhou:1:instance/i-1".into(),
        region: "cn-hangzhou".into(),
        kind: "user-data".into(),
        tags: [("env".to_owned(), "prod".to_owned())].into(),
        hits,
    }
}

fn found(texts: Listed<TextSource>, own: Listed<String>) -> Vec<Finding> {
    let mut account = Snapshot::unasked(Timestamp::UNIX_EPOCH, "1");
    account.resources.texts = texts;
    account.resources.own_key_ids = own;
    run(&[&SECRET_IN_PLAIN_TEXT], &account, &Config::default())
}

fn one(hits: Vec<SecretHit>, own: Listed<String>) -> Finding {
    let mut all = found(Listed::whole(vec![text(Read::Read(hits))]), own);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn the_accounts_own_key_is_certain() {
    let hits = vec![hit("password", "h…", None), hit("access-key-id", OWN, Some(OWN))];
    let finding = one(hits, Listed::whole(vec![OWN.into()]));
    assert_eq!((finding.status, finding.severity), (Status::Fail, Severity::Critical));
    assert!(
        finding.message.contains("of this account") && finding.message.contains(OWN),
        "{}",
        finding.message
    );
    assert_eq!(finding.evidence["certain"], true);
    assert_eq!(finding.evidence["hits"][0]["masked"], "h…");
    assert_eq!(finding.scope.tags.get("env").map(String::as_str), Some("prod"));
    // Known among those that were listed, even if not all were.
    let mut part = Listed::whole(vec![OWN.to_owned()]);
    part.unread.push(Unread::new("ims:ListAccessKeys", "Throttling", ""));
    assert_eq!(one(vec![hit("access-key-id", OWN, Some(OWN))], part).severity, Severity::Critical);
}

#[test]
fn somebody_elses_key_and_one_whose_owner_is_not_known() {
    let hits = || vec![hit("access-key-id", OWN, Some(OWN))];
    let foreign = one(hits(), Listed::whole(vec!["LTAI5tOther".into()]));
    assert_eq!((foreign.status, foreign.severity), (Status::Fail, Severity::High));
    assert!(foreign.message.contains("no RAM user of this account has it"), "{}", foreign.message);
    for own in [Listed::unasked(), Listed::unread(Unread::new("ims:ListUsers", "NoPermission", ""))] {
        let unclear = one(hits(), own);
        assert_eq!((unclear.status, unclear.severity), (Status::Fail, Severity::High));
        assert!(unclear.message.contains("is not known"), "{}", unclear.message);
    }
}

#[test]
fn formats_are_likely_and_need_no_list_of_keys() {
    let finding = one(vec![hit("token", "ghp_…", None)], Listed::unasked());
    assert_eq!((finding.status, finding.severity), (Status::Fail, Severity::High));
    assert_eq!(finding.evidence["certain"], false);
    assert!(!finding.message.contains("known"), "{}", finding.message);
}

#[test]
fn nothing_found_passes_and_nothing_read_does_not() {
    let status = |texts| found(texts, Listed::unasked()).iter().map(|it| it.status).collect::<Vec<_>>();
    assert_eq!(status(Listed::whole(vec![text(Read::Read(Vec::new()))])), [Status::Pass]);
    let why =
        |action: &str| Unread { region: "cn-hangzhou".into(), ..Unread::new(action, "NoPermission", "") };
    assert_eq!(
        status(Listed::whole(vec![text(Read::Unread(why("ecs:DescribeUserData")))])),
        [Status::Unknown]
    );
    assert_eq!(status(Listed::whole(Vec::new())), [Status::Pass]);
    assert_eq!(status(Listed::unasked()), [Status::Unknown]);
    // Two listings that failed in one region are two findings.
    let mut texts = Listed::whole(Vec::new());
    texts.unread = ["ecs:DescribeInstances", "ecs:DescribeLaunchTemplates", "ros:ListStacks"].map(why).into();
    let findings = found(texts, Listed::unasked());
    let prints: std::collections::BTreeSet<_> = findings.iter().map(|it| &it.fingerprint).collect();
    assert!(findings.iter().all(|it| it.status == Status::Unknown) && prints.len() == 3);
    assert!(findings.iter().all(|it| it.region == "cn-hangzhou"));
}
