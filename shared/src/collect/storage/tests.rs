use super::*;
use crate::collect::stub::Stub;

const LIST: &str = "<ListAllMyBucketsResult><Buckets>\
    <Bucket><Name>a</Name><Location>oss-cn-hangzhou</Location></Bucket>\
    <Bucket><Name>b</Name><Location>oss-eu-central-1</Location></Bucket></Buckets></ListAllMyBucketsResult>";

fn unset(code: &str) -> Option<(u16, String)> {
    Some((404, format!("<Error><Code>{code}</Code><Message>none</Message></Error>")))
}

fn info(block: bool, rest: &str) -> Option<(u16, String)> {
    Some((
        200,
        format!(
            "<BucketInfo><Bucket><AccessControlList><Grant>private</Grant></AccessControlList>\
             <BlockPublicAccess>{block}</BlockPublicAccess>{rest}</Bucket></BucketInfo>"
        ),
    ))
}

const WHOLE: &str = "<Versioning>Enabled</Versioning><ServerSideEncryptionRule><SSEAlgorithm>AES256</SSEAlgorithm>\
    </ServerSideEncryptionRule><BucketPolicy><LogBucket>l</LogBucket></BucketPolicy>";

/// What every bucket answers here, unless a test says otherwise.
fn plain(asked: &str) -> Option<(u16, String)> {
    let said = |text: &str| Some((200, text.to_owned()));
    match asked {
        "oss-cn-hangzhou.aliyuncs.com/?max-keys=1000" => said(LIST),
        "oss-cn-hangzhou.aliyuncs.com/?publicAccessBlock=" => unset("NoSuchPublicAccessBlockConfiguration"),
        _ if asked.contains("?bucketInfo") => info(false, WHOLE),
        _ if asked.contains("?policy=") => unset("NoSuchBucketPolicy"),
        _ if asked.contains("?website") => unset("NoSuchWebsiteConfiguration"),
        _ if asked.contains("?tagging") => unset("NoSuchTagSet"),
        _ if asked.contains("?httpsConfig") => {
            said("<HttpsConfiguration><TLS><Enable>false</Enable></TLS></HttpsConfiguration>")
        }
        _ if asked.contains("list-type=2") => said(
            "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>k</Key></Contents>\
             <Contents><Key>l</Key></Contents></ListBucketResult>",
        ),
        _ if asked.contains("/k?acl") => said(
            "<AccessControlPolicy><AccessControlList><Grant>public-read</Grant></AccessControlList></AccessControlPolicy>",
        ),
        _ if asked.contains("/l?acl") => said(
            "<AccessControlPolicy><AccessControlList><Grant>default</Grant></AccessControlList></AccessControlPolicy>",
        ),
        _ => None,
    }
}

async fn read_with(
    answer: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static,
) -> (Read<bool>, Listed<Bucket>, std::sync::Arc<Stub>) {
    let (session, stub) = Stub::session(move |asked| answer(asked).or_else(|| plain(asked)));
    let (blocked, buckets) = storage(&session, 20).await;
    (blocked, buckets, stub)
}

#[tokio::test]
async fn a_bucket_costs_no_more_calls_than_it_must() {
    let (blocked, buckets, stub) = read_with(|_| None).await;
    assert_eq!((blocked, buckets.is_whole()), (Read::Read(false), true));
    let bucket = &buckets.rows[1];
    assert_eq!((bucket.name.as_str(), bucket.region.as_str()), ("b", "eu-central-1"));
    assert_eq!((&bucket.acl, &bucket.versioning), (&Read::Read(Acl::Private), &Read::Read(true)));
    assert_eq!(bucket.logging, Read::Read(Some("l".to_owned())));
    assert_eq!((&bucket.policy, &bucket.policy_is_public), (&Read::Read(None), &Read::Read(None)));
    let sample = Sample { looked_at: 2, all: false, public: vec![("k".to_owned(), Acl::PublicRead)] };
    assert_eq!(bucket.sample, Read::Read(sample));
    // In the bucket's own region: info, policy, website, TLS, tags, keys, two objects.
    let asked = stub.asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|asked| asked.starts_with("b.oss-eu-central-1.aliyuncs.com/")).count(), 8);
    assert_eq!(asked.len(), 2 + 2 * 8);
}

#[tokio::test]
async fn objects_are_not_asked_where_public_access_is_blocked() {
    let by_bucket = read_with(|asked| asked.contains("?bucketInfo").then(|| info(true, WHOLE))?).await;
    let by_account = read_with(|asked| {
        let block = "<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>";
        asked.contains("?publicAccessBlock").then(|| (200, block.to_owned()))
    })
    .await;
    for (_, buckets, stub) in [&by_bucket, &by_account] {
        assert_eq!(buckets.rows[0].sample, Read::Read(Sample::default()));
        assert!(!stub.was_asked("list-type"));
    }
    assert_eq!(by_account.0, Read::Read(true));
}

#[tokio::test]
async fn what_the_info_leaves_out_or_may_not_tell_is_asked_for_by_itself() {
    let versions =
        |asked: &str| asked.contains("?versioning").then(|| (200, "<VersioningConfiguration/>".to_owned()));
    let (_, buckets, stub) = read_with(move |asked| {
        versions(asked).or_else(|| asked.contains("?bucketInfo").then(|| info(false, ""))?)
    })
    .await;
    assert_eq!(buckets.rows[0].versioning, Read::Read(false));
    assert_eq!(
        buckets.rows[0].encryption.unread().map(|why| why.action.as_str()),
        Some("oss:GetBucketEncryption")
    );
    assert!(stub.was_asked("?logging") && !stub.was_asked("/?acl"));

    let denied = |asked: &str| {
        asked.contains("?bucketInfo").then(|| (403, "<Error><Code>AccessDenied</Code></Error>".to_owned()))
    };
    let (_, buckets, _) = read_with(move |asked| versions(asked).or_else(|| denied(asked))).await;
    let bucket = &buckets.rows[0];
    assert_eq!(bucket.versioning, Read::Read(false));
    let why = bucket.acl.unread().unwrap();
    assert_eq!(
        (why.action.as_str(), why.region.as_str(), why.code.as_str()),
        ("oss:GetBucketAcl", "cn-hangzhou", "AccessDenied")
    );
}

#[tokio::test]
async fn deleted_meanwhile_is_left_out_and_unread_is_not_empty() {
    let (_, buckets, _) = read_with(|asked| asked.starts_with("a.oss").then(|| unset("NoSuchBucket"))?).await;
    assert_eq!(buckets.rows.iter().map(|bucket| bucket.name.as_str()).collect::<Vec<_>>(), ["b"]);
    assert!(buckets.is_whole());

    let denied = || (403, "<Error><Code>AccessDenied</Code></Error>".to_owned());
    let (_, buckets, _) = read_with(move |asked| asked.contains("max-keys=1000").then(denied)).await;
    assert!(buckets.rows.is_empty() && !buckets.is_whole());
    let (_, buckets, _) =
        read_with(move |asked| (asked.contains("?policy=") || asked.contains("?tagging")).then(denied)).await;
    let bucket = &buckets.rows[0];
    assert!(bucket.policy.unread().is_some() && bucket.policy_is_public.unread().is_some());
    assert!(bucket.tags.unread().is_some() && bucket.acl.known().is_some());
}

#[tokio::test]
async fn an_open_object_counts_even_if_another_could_not_be_read() {
    let denied = || (403, "<Error><Code>AccessDenied</Code></Error>".to_owned());
    let (_, buckets, _) = read_with(move |asked| asked.contains("/l?acl").then(denied)).await;
    let sample = buckets.rows[0].sample.known().unwrap();
    assert_eq!((sample.looked_at, sample.all, sample.public.len()), (1, false, 1));
    let (_, buckets, _) = read_with(move |asked| asked.contains("/k?acl").then(denied)).await;
    assert_eq!(buckets.rows[0].sample.unread().map(|why| why.action.as_str()), Some("oss:GetObjectAcl"));
}
