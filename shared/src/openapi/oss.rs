//! The few object-store calls a store of our own needs (OSS, XML, OSS4 signatures), and how its XML is read.

use bytes::Bytes;
use quick_xml::events::Event;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::sign::{Resource, Stamp, oss4};
use super::{Effect, Error, Kind, Rate, Reply, Request, Session, Target};

/// One bucket in one region.
#[derive(Clone)]
pub struct Bucket {
    session: Session,
    name: String,
}

/// An object's key, as a listing shows it.
pub type Object = String;

/// No quota per API is published for OSS; a bucket takes far more than this (alibaba-cloud-apis.md, section 7).
const RATE: Rate = Rate::per_second(200);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listing {
    is_truncated: bool,
    next_continuation_token: Option<String>,
    #[serde(default)]
    contents: Vec<Content>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    key: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Problem {
    code: String,
    message: String,
    request_id: String,
}

impl Bucket {
    /// The bucket `name` in the session's region.
    pub fn new(session: Session, name: impl Into<String>) -> Self {
        Self { session, name: name.into() }
    }

    /// PutObject with `x-oss-forbid-overwrite`: the store's only atomic write.
    ///
    /// # Errors
    /// [`Kind::Exists`] when the key is taken; also when an earlier attempt of this very call took it, so a
    /// caller who must know reads it back.
    pub async fn create(&self, key: &str, body: Bytes) -> Result<(), Error> {
        let mut request = self.request("PUT", Some(key));
        request.set("content-type", "application/json");
        request.set("x-oss-forbid-overwrite", "true");
        request.body = body;
        // Safe to repeat: what is there already is never overwritten.
        self.send("oss:PutObject", Effect::Write, request, Some(key)).await.map(drop)
    }

    /// GetObject.
    ///
    /// # Errors
    /// When it cannot be read; a key that does not exist is `None`.
    pub async fn read(&self, key: &str) -> Result<Option<Bytes>, Error> {
        match self.send("oss:GetObject", Effect::Read, self.request("GET", Some(key)), Some(key)).await {
            Ok(reply) => Ok(Some(reply.body)),
            Err(error) if error.kind() == Kind::NotFound && error.code() == "NoSuchKey" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// ListObjectsV2 to the end, in the order of the keys.
    ///
    /// # Errors
    /// When any page cannot be read.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Object>, Error> {
        let mut keys = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut request = self.request("GET", None);
            let mut parameter =
                |name: &str, value: &str| request.query.push((name.to_owned(), value.to_owned()));
            parameter("list-type", "2");
            parameter("max-keys", "1000");
            parameter("prefix", prefix);
            if let Some(token) = &token {
                parameter("continuation-token", token);
            }
            let reply = self.send("oss:ListObjects", Effect::Read, request, None).await?;
            let broken = |why: String| Error::new(Kind::Decode, "oss:ListObjects", "Decode", why);
            let text = std::str::from_utf8(&reply.body).map_err(|error| broken(error.to_string()))?;
            let page: Listing = quick_xml::de::from_str(text).map_err(|error| broken(error.to_string()))?;
            keys.extend(page.contents.into_iter().map(|content| content.key));
            match (page.is_truncated, page.next_continuation_token) {
                (false, _) => return Ok(keys),
                (true, Some(next)) if Some(&next) != token.as_ref() => token = Some(next),
                (true, _) => {
                    return Err(broken("truncated, but no new token says where to go on".to_owned()));
                }
            }
        }
    }

    fn request(&self, method: &str, key: Option<&str>) -> Request {
        let host = format!("{}.oss-{}.aliyuncs.com", self.name, self.session.region());
        let path = format!("/{}", super::percent_path(key.unwrap_or_default()));
        Request::new(method, Target::Cloud(host), path)
    }

    async fn send(
        &self,
        label: &str,
        effect: Effect,
        request: Request,
        key: Option<&str>,
    ) -> Result<Reply, Error> {
        let resource = match key {
            Some(key) => Resource::Object(&self.name, key),
            None => Resource::Bucket(&self.name),
        };
        let sign = |request: &mut Request, stamp: &Stamp| {
            oss4(request, self.session.region(), resource, &[], self.session.credentials(), stamp);
        };
        let mut kept = None;
        let mut read = |reply: Reply| {
            if !reply.is_success() {
                return Err(problem(label, &reply));
            }
            kept = Some(reply);
            Ok(())
        };
        self.session.attempts((RATE, false, label), &self.name, effect, &request, &sign, &mut read).await?;
        kept.ok_or_else(|| Error::new(Kind::Decode, label, "Decode", "no answer was read"))
    }
}

/// Reads an XML document whose root is `root`. Without that test a foreign page would parse as a document in which nothing is
/// set.
///
/// # Errors
/// What was not understood.
pub fn document<T: DeserializeOwned>(body: &[u8], root: &str) -> Result<T, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(first) | Event::Empty(first) if first.name().as_ref() == root => break,
            Event::Start(_) | Event::Empty(_) | Event::Eof => return Err(format!("it is no {root}")),
            _ => {}
        }
    }
    quick_xml::de::from_str(text).map_err(|error| error.to_string())
}

/// Why the object store refused.
pub(super) fn problem(label: &str, reply: &Reply) -> Error {
    let header_id = reply.header("x-oss-request-id").unwrap_or_default();
    let parsed =
        std::str::from_utf8(&reply.body).ok().and_then(|text| quick_xml::de::from_str::<Problem>(text).ok());
    let problem = parsed.unwrap_or_default();
    let code = if problem.code.is_empty() { format!("HTTP {}", reply.status) } else { problem.code };
    let id = if problem.request_id.is_empty() { header_id } else { &problem.request_id };
    Error::from_reply(label, reply.status, &code, &problem.message, id)
}
