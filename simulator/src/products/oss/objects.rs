//! PutObject, GetObject, HeadObject, DeleteObject.

use crate::account::{Bucket, Object};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::product::{Answer, Asked, Reply};
use crate::signature::{base64, hex};
use jiff::Timestamp;
use md5::{Digest, Md5};
use std::sync::Arc;

/// The bucket that a call names, which must be addressed in its own region.
pub(super) fn bucket<'a>(cloud: &'a mut Cloud, asked: &Asked) -> Result<&'a mut Bucket, ApiError> {
    let name = asked.required("bucket");
    let found = cloud.account.buckets.iter_mut().find(|bucket| bucket.name == name);
    let Some(bucket) = found else {
        return Err(ApiError::new(404, "NoSuchBucket", "The specified bucket does not exist."));
    };
    if asked.request.region.as_deref().is_some_and(|region| region != bucket.region) {
        let message = "The bucket you are attempting to access must be addressed using the specified endpoint.";
        let endpoint = format!("oss-{}.aliyuncs.com", bucket.region);
        let details = vec![("Bucket", bucket.name.clone()), ("Endpoint", endpoint)];
        return Err(ApiError { details, ..ApiError::new(403, "AccessDenied", message) });
    }
    Ok(bucket)
}

/// MD5 in upper case, in quotes: that of objects which were put in one piece.
pub(super) fn etag(object: &Object) -> String {
    format!("\"{}\"", hex(&Md5::digest(&object.data)).to_uppercase())
}

fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

pub(super) fn put(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let request = asked.request;
    let now = cloud.now();
    let bucket = bucket(cloud, asked)?;
    let key = asked.required("key");
    if let Some(given) = request.header("content-md5")
        && given != base64(&Md5::digest(&request.body))
    {
        let message = "The Content-MD5 you specified did not match what we received.";
        return Err(ApiError::new(400, "InvalidDigest", message));
    }
    let create_only = request.header("x-oss-forbid-overwrite").is_some_and(|v| v.eq_ignore_ascii_case("true"));
    if create_only && bucket.objects.contains_key(key) {
        let message = "The object you specified already exists and can not be overwritten.";
        return Err(ApiError::new(409, "FileAlreadyExists", message));
    }
    let object = Object {
        data: request.body.clone(),
        content_type: request.header("content-type").map(Into::into),
        modified: now,
    };
    let mut reply = Reply::new(200, "application/xml", "");
    reply.headers.push(("etag", etag(&object)));
    Arc::make_mut(&mut bucket.objects).insert(key.into(), object);
    Ok(Answer::Raw(reply))
}

/// Of HEAD the server sends the headers only.
pub(super) fn get(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let bucket = bucket(cloud, asked)?;
    let Some(object) = bucket.objects.get(asked.required("key")) else {
        return Err(ApiError::new(404, "NoSuchKey", "The specified key does not exist."));
    };
    let kind = object.content_type.as_deref().unwrap_or("application/octet-stream");
    let mut reply = Reply::new(200, kind, object.data.clone());
    reply.headers.push(("etag", etag(object)));
    reply.headers.push(("last-modified", http_date(object.modified)));
    reply.headers.push(("x-oss-object-type", "Normal".into()));
    Ok(Answer::Raw(reply))
}

/// Deleting what is not there succeeds.
pub(super) fn delete(cloud: &mut Cloud, asked: &Asked) -> Result<Answer, ApiError> {
    let bucket = bucket(cloud, asked)?;
    Arc::make_mut(&mut bucket.objects).remove(asked.required("key"));
    Ok(Answer::Raw(Reply { status: 204, headers: Vec::new(), body: bytes::Bytes::new() }))
}
