//! OSS: what is blocked for the account, and the buckets with their settings.

#[cfg(test)]
mod tests;

use futures_util::future::{join, join5};
use futures_util::stream::{self, StreamExt};

use super::{AT_ONCE, listed, unread};
use crate::cloud::oss::{
    BucketInfo, BucketRow, GetBucketAcl, GetBucketEncryption, GetBucketHttpsConfig, GetBucketInfo,
    GetBucketLogging, GetBucketPolicy, GetBucketPolicyStatus, GetBucketPublicAccessBlock, GetBucketTagging,
    GetBucketVersioning, GetBucketWebsite, GetObjectAcl, GetPublicAccessBlock, ListBuckets, ListObjects,
    is_gone, is_unset,
};
use crate::openapi::{Action, Api, Error, Kind, Session};
use crate::snapshot::{Acl, Bucket, Listed, Read, Sample};

/// What `storage` calls: for the generated permissions.
pub const STORAGE_NEEDS: &[Api] = &[
    <ListBuckets as Action>::API,
    <GetPublicAccessBlock as Action>::API,
    <GetBucketInfo<'_> as Action>::API,
    <GetBucketAcl<'_> as Action>::API,
    <GetBucketPublicAccessBlock<'_> as Action>::API,
    <GetBucketVersioning<'_> as Action>::API,
    <GetBucketLogging<'_> as Action>::API,
    <GetBucketEncryption<'_> as Action>::API,
    <GetBucketPolicy<'_> as Action>::API,
    <GetBucketPolicyStatus<'_> as Action>::API,
    <GetBucketWebsite<'_> as Action>::API,
    <GetBucketHttpsConfig<'_> as Action>::API,
    <GetBucketTagging<'_> as Action>::API,
    <ListObjects<'_> as Action>::API,
    <GetObjectAcl<'_> as Action>::API,
];

/// Reads whether the account blocks public access, and all its buckets; `sample` objects of each are looked at for an ACL of their own.
/// The session's region answers for all regions; each bucket is then asked in its own.
pub(super) async fn storage(session: &Session, sample: u32) -> (Read<bool>, Listed<Bucket>) {
    let account =
        async { setting(session, GetPublicAccessBlock::default(), false, |it| it.block_public_access).await };
    let (blocked, rows) = join(account, listed(session, ListBuckets::default())).await;
    // Where the account blocks public access no object can be open, whatever its ACL.
    let sample = if matches!(blocked, Ok(true)) { 0 } else { sample.min(1000) };
    let buckets = stream::iter(rows.rows).map(|row| bucket(session, row, sample)).buffer_unordered(AT_ONCE);
    let mut buckets: Vec<Bucket> = buckets.filter_map(std::future::ready).collect().await;
    buckets.sort_by(|a, b| a.name.cmp(&b.name));
    (read(blocked), Listed { rows: buckets, unread: rows.unread })
}

/// One bucket; `None` if it was deleted meanwhile.
async fn bucket(session: &Session, row: BucketRow, sample: u32) -> Option<Bucket> {
    let session = &session.in_region(row.region());
    let name = row.name.as_str();
    let (facts, (policy, policy_is_public), website, tls_versions, tags) = join5(
        facts(session, name, sample),
        policy(session, name),
        setting(session, GetBucketWebsite::of(name), false, |it| it.serves()),
        setting(session, GetBucketHttpsConfig::of(name), Vec::new(), |it| it.versions()),
        setting(session, GetBucketTagging::of(name), Default::default(), |it| it.tags()),
    )
    .await;
    let Facts { acl, blocked, versioning, logging, encryption, sample } = facts;
    let errors = [
        acl.as_ref().err(),
        policy.as_ref().err(),
        website.as_ref().err(),
        tls_versions.as_ref().err(),
        tags.as_ref().err(),
    ];
    if errors.into_iter().flatten().any(is_gone) {
        return None;
    }
    Some(Bucket {
        region: session.region().to_owned(),
        tags: read(tags),
        acl: read(acl),
        public_access_block: read(blocked),
        policy: read(policy),
        policy_is_public: read(policy_is_public),
        website: read(website),
        versioning: read(versioning),
        logging: read(logging),
        encryption: read(encryption),
        tls_versions: read(tls_versions),
        sample: read(sample),
        name: row.name,
    })
}

/// What one call tells of a bucket, and its objects, for which that must be known.
struct Facts {
    acl: Result<Acl, Error>,
    blocked: Result<bool, Error>,
    versioning: Result<bool, Error>,
    logging: Result<Option<String>, Error>,
    encryption: Result<Option<String>, Error>,
    sample: Result<Sample, Error>,
}

/// Asks GetBucketInfo, and for what it does not tell, or if it is denied, the call that tells just that.
async fn facts(session: &Session, name: &str, sample: u32) -> Facts {
    let info = session.call(&GetBucketInfo::of(name)).await.map(|answer| answer.value);
    let blocked = or_ask(
        told(&info, BucketInfo::blocks_public_access),
        setting(session, GetBucketPublicAccessBlock::of(name), false, |it| it.block_public_access),
    );
    let sampled = async {
        let blocked = blocked.await;
        // An ACL opens nothing where public access is blocked: no object has to be asked.
        let sample = if matches!(blocked, Ok(true)) { 0 } else { sample };
        (objects(session, name, sample).await, blocked)
    };
    let ((sample, blocked), acl, versioning, logging, encryption) = join5(
        sampled,
        or_ask(told(&info, |info| info.acl().map(str::to_owned)), grant(session, name)),
        or_ask(
            told(&info, BucketInfo::keeps_versions),
            setting(session, GetBucketVersioning::of(name), false, |it| it.is_enabled()),
        ),
        or_ask(
            told(&info, |info| info.log_bucket().map(owned)),
            setting(session, GetBucketLogging::of(name), None, |it| owned(it.target())),
        ),
        or_ask(
            told(&info, |info| info.encryption().map(owned)),
            setting(session, GetBucketEncryption::of(name), None, |it| owned(it.algorithm())),
        ),
    )
    .await;
    let acl = acl.and_then(|grant| acl_of("oss:GetBucketAcl", &grant));
    Facts { acl, blocked, versioning, logging, encryption, sample }
}

async fn grant(session: &Session, bucket: &str) -> Result<String, Error> {
    session.call(&GetBucketAcl::of(bucket)).await.map(|answer| answer.grant().to_owned())
}

/// The policy, and what OSS says of it; without one there is nothing to say.
async fn policy(
    session: &Session,
    name: &str,
) -> (Result<Option<String>, Error>, Result<Option<bool>, Error>) {
    let policy = setting(session, GetBucketPolicy::of(name), None, Some).await;
    let public = match &policy {
        Ok(None) => return (policy, Ok(None)),
        Err(error) if error.kind() != Kind::Denied => Err(error.clone()),
        _ => setting(session, GetBucketPolicyStatus::of(name), None, |it| Some(it.is_public)).await,
    };
    (policy, public)
}

/// The ACLs of the first objects. One that is gone is not counted; a public one counts even if others could not be read.
async fn objects(session: &Session, name: &str, most: u32) -> Result<Sample, Error> {
    if most == 0 {
        return Ok(Sample::default());
    }
    let page = session.call(&ListObjects::first(name, most)).await?;
    let keys: Vec<String> = page.keys().collect();
    let acls = stream::iter(&keys).map(|key| object(session, name, key)).buffered(AT_ONCE);
    let acls: Vec<Result<Option<Acl>, Error>> = acls.collect().await;
    let mut sample = Sample { all: !page.is_truncated, ..Sample::default() };
    let mut failed = None;
    for (key, acl) in keys.into_iter().zip(acls) {
        match acl {
            Ok(None) => {}
            Ok(Some(acl)) => {
                sample.looked_at += 1;
                if matches!(acl, Acl::PublicRead | Acl::PublicReadWrite) {
                    sample.public.push((key, acl));
                }
            }
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        None => Ok(sample),
        Some(error) if sample.public.is_empty() => Err(error),
        Some(_) => Ok(Sample { all: false, ..sample }),
    }
}

async fn object(session: &Session, bucket: &str, key: &str) -> Result<Option<Acl>, Error> {
    match session.call(&GetObjectAcl::of(bucket, key)).await {
        Ok(answer) => acl_of("oss:GetObjectAcl", answer.grant()).map(Some),
        Err(error) if error.code() == "NoSuchKey" => Ok(None),
        Err(error) => Err(error),
    }
}

fn acl_of(action: &str, grant: &str) -> Result<Acl, Error> {
    match grant {
        "default" => Ok(Acl::Default),
        "private" => Ok(Acl::Private),
        "public-read" => Ok(Acl::PublicRead),
        "public-read-write" => Ok(Acl::PublicReadWrite),
        other => Err(Error::new(Kind::Decode, action, "Decode", format!("{other:?} is not an ACL"))),
    }
}

/// Asks for a setting. That it is not set is an answer, too.
async fn setting<A: Action, T>(
    session: &Session,
    action: A,
    unset: T,
    take: impl FnOnce(A::Response) -> T,
) -> Result<T, Error> {
    match session.call(&action).await {
        Ok(answer) => Ok(take(answer.value)),
        Err(error) if is_unset(&error) => Ok(unset),
        Err(error) => Err(error),
    }
}

fn told<T>(
    info: &Result<BucketInfo, Error>,
    what: impl Fn(&BucketInfo) -> Option<T>,
) -> Result<Option<T>, Error> {
    info.as_ref().map(what).map_err(Error::clone)
}

/// What was told, else what is asked for now. A failure that would befall the other call as well stays.
async fn or_ask<T>(
    told: Result<Option<T>, Error>,
    ask: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match told {
        Ok(Some(value)) => Ok(value),
        Err(error) if error.kind() != Kind::Denied => Err(error),
        Ok(None) | Err(_) => ask.await,
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn read<T>(result: Result<T, Error>) -> Read<T> {
    result.map_err(|error| unread(&error)).into()
}
