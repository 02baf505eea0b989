use super::client::{Reply, root, start};
use super::wire::get_oss;
use crate::{Account, Keys, Settings, Simulator};
use serde_json::{Value, json};

/// What stands between the first tags of this name.
fn between<'a>(body: &'a str, tag: &str) -> Option<&'a str> {
    let (_, rest) = body.split_once(&format!("<{tag}>"))?;
    rest.split_once(&format!("</{tag}>")).map(|(text, _)| text)
}

fn names(body: &str) -> Vec<String> {
    body.split("<Name>").skip(1).map(|rest| rest.split('<').next().unwrap().into()).collect()
}

fn ask(cloud: &Simulator, keys: &Keys, bucket: &str, sub: &str) -> Reply {
    let region = match bucket {
        "exchange-example" => "cn-shanghai",
        "archive-example" => "ap-southeast-1",
        _ => "cn-hangzhou",
    };
    get_oss(cloud, keys, &format!("{bucket}.oss-{region}.aliyuncs.com/{sub}"))
}

#[test]
fn buckets_of_all_regions_are_listed_from_any_region_to_the_end() {
    let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
    let buckets = (0..250).map(|number| {
        let region = ["cn-hangzhou", "cn-beijing", "eu-central-1"][number % 3];
        json!({"name": format!("b-{number:03}"), "region": region})
    });
    account["buckets"] = buckets.collect();
    let account = Account::from_json(&account.to_string()).unwrap();
    let cloud = Simulator::start(account, Settings::default()).unwrap();
    let root = root(&cloud);
    for (host, size) in
        [("oss-cn-hangzhou", ""), ("oss-us-west-1", "max-keys=7"), ("oss-cn-beijing", "max-keys=1000")]
    {
        let (mut seen, mut marker) = (Vec::new(), String::new());
        loop {
            let query =
                [size, &marker].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("&");
            let reply = get_oss(&cloud, &root, &format!("{host}.aliyuncs.com/?{query}"));
            assert_eq!(reply.status, 200, "{}", reply.body);
            let page = names(&reply.body);
            assert!(!size.is_empty() || page.len() <= 100, "100 unless told");
            seen.extend(page);
            match between(&reply.body, "NextMarker") {
                Some(next) => marker = format!("marker={next}"),
                None => break,
            }
        }
        assert_eq!(
            seen,
            (0..250).map(|number| format!("b-{number:03}")).collect::<Vec<_>>(),
            "{host} {size}"
        );
    }
    let some = get_oss(&cloud, &root, "oss-cn-hangzhou.aliyuncs.com/?prefix=b-24").body;
    assert_eq!(names(&some).len(), 10);
    assert!(!some.contains("IsTruncated"), "told only when not everything is there: {some}");
    let refused = get_oss(&cloud, &root, "oss-cn-hangzhou.aliyuncs.com/?max-keys=1001");
    assert_eq!((refused.status, between(&refused.body, "Code")), (400, Some("InvalidArgument")));
}

#[test]
fn what_is_set_is_told_and_what_is_not_is_an_error_of_its_own() {
    let cloud = start();
    let root = root(&cloud);
    let text = |bucket: &str, sub: &str, tag: &str| {
        let reply = ask(&cloud, &root, bucket, sub);
        assert_eq!(reply.status, 200, "{bucket} {sub}: {}", reply.body);
        between(&reply.body, tag).unwrap_or_else(|| panic!("{sub}: {}", reply.body)).to_string()
    };
    for (bucket, sub, tag, expected) in [
        ("website-example", "?acl", "Grant", "public-read"),
        ("exchange-example", "?acl", "Grant", "private"),
        ("website-example", "?bucketInfo", "Grant", "public-read"),
        ("hardening-state", "?bucketInfo", "BlockPublicAccess", "true"),
        ("hardening-state", "?publicAccessBlock", "BlockPublicAccess", "true"),
        ("exchange-example", "?publicAccessBlock", "BlockPublicAccess", "false"),
        ("exchange-example", "?policyStatus", "IsPublic", "true"),
        ("partners-example", "?policyStatus", "IsPublic", "false"),
        ("website-example", "?website", "Suffix", "index.html"),
        ("backups-example", "?versioning", "Status", "Enabled"),
        ("backups-example", "?logging", "TargetBucket", "logs-example"),
        ("backups-example", "?encryption", "SSEAlgorithm", "KMS"),
        ("logs-example", "?httpsConfig", "TLSVersion", "TLSv1.2"),
        ("website-example", "?httpsConfig", "Enable", "false"),
        (
            "website-example",
            "?tagging",
            "TagSet",
            "<Tag><Key>owner</Key><Value>alice</Value></Tag><Tag><Key>purpose</Key><Value>website</Value></Tag>",
        ),
        ("logs-example", "?tagging", "TagSet", ""),
        ("logs-example", "?lifecycle", "Days", "730"),
        ("backups-example", "?worm", "State", "Locked"),
        ("archive-example", "2021/brochure.pdf?acl", "Grant", "public-read"),
        ("archive-example", "2021/contracts.txt?acl", "Grant", "default"),
    ] {
        assert_eq!(text(bucket, sub, tag), expected, "{bucket} {sub}");
    }
    let policy: Value =
        serde_json::from_str(&ask(&cloud, &root, "exchange-example", "?policy").body).unwrap();
    assert_eq!(policy["Statement"][0]["Principal"], json!(["*"]));
    for (sub, root_element) in
        [("?versioning", "VersioningConfiguration"), ("?logging", "BucketLoggingStatus")]
    {
        assert_eq!(text("website-example", sub, root_element), "", "{sub}");
    }
    for (sub, code) in [
        ("?policy", "NoSuchBucketPolicy"),
        ("?policyStatus", "NoSuchBucketPolicy"),
        ("?encryption", "NoSuchServerSideEncryptionRule"),
        ("?lifecycle", "NoSuchLifecycle"),
        ("?worm", "NoSuchWORMConfiguration"),
        ("none?acl", "NoSuchKey"),
    ] {
        let reply = ask(&cloud, &root, "website-example", sub);
        assert_eq!((reply.status, between(&reply.body, "Code")), (404, Some(code)), "{sub}");
    }
    let reply = ask(&cloud, &root, "archive-example", "?website");
    assert_eq!((reply.status, between(&reply.body, "Code")), (404, Some("NoSuchWebsiteConfiguration")));
    assert_eq!(cloud.calls().iter().filter(|call| !call.unknown.is_empty()).count(), 0);
}

#[test]
fn the_account_may_block_public_access_as_a_whole() {
    let mut account: Value = serde_json::to_value(Account::builtin()).unwrap();
    for on in [false, true] {
        account["oss_block_public_access"] = on.into();
        let account = Account::from_json(&account.to_string()).unwrap();
        let cloud = Simulator::start(account, Settings::default()).unwrap();
        let reply = get_oss(&cloud, &root(&cloud), "oss-cn-shanghai.aliyuncs.com/?publicAccessBlock");
        assert_eq!(between(&reply.body, "BlockPublicAccess"), Some(on.to_string().as_str()));
    }
}

#[test]
fn a_bucket_answers_at_its_own_region_to_those_who_may() {
    let cloud = start();
    let elsewhere = get_oss(&cloud, &root(&cloud), "exchange-example.oss-cn-hangzhou.aliyuncs.com/?acl");
    assert_eq!((elsewhere.status, between(&elsewhere.body, "Code")), (403, Some("AccessDenied")));
    assert!(elsewhere.body.contains("must be addressed using the specified endpoint"));
    assert!(
        elsewhere.body.contains("<Endpoint>oss-cn-shanghai.aliyuncs.com</Endpoint>"),
        "{}",
        elsewhere.body
    );
    let backup = cloud.credentials("backup-bot").unwrap();
    let refused = ask(&cloud, &backup, "website-example", "?acl");
    assert_eq!((refused.status, between(&refused.body, "Code")), (403, Some("AccessDenied")));
    let monitor = cloud.credentials("monitor-bot").unwrap();
    assert_eq!(ask(&cloud, &monitor, "website-example", "?acl").status, 200, "Get* is read-only access");
}
