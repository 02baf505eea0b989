//! Why a call did not give an answer.

use serde::{Deserialize, Serialize};

/// What kind of failure it was. It decides what may be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The caller may not do this.
    Denied,
    /// The key, token or signature was not accepted: no, unknown, disabled or expired credential.
    Credential,
    /// The thing named does not exist.
    NotFound,
    /// It exists already (create-if-absent).
    Exists,
    /// Refused for another reason that the message gives.
    Refused,
    /// Too many calls.
    Throttled,
    /// The service failed (5xx).
    Server,
    /// No connection: the request was certainly not received.
    Connect,
    /// No answer in time: it may or may not have been done.
    Timeout,
    /// The connection broke before the whole answer was there: it may or may not have been done.
    Interrupted,
    /// The answer could not be understood.
    Decode,
    /// There was no time left for the call.
    Deadline,
    /// The request could not be made: a wrong setting.
    Setting,
}

/// A call that failed, in one small value. It holds no secret: messages are scrubbed as they come in.
#[derive(Debug, Clone)]
pub struct Error(Box<Detail>);

#[derive(Debug, Clone)]
struct Detail {
    kind: Kind,
    action: String,
    place: String,
    status: Option<u16>,
    code: String,
    message: String,
    request_id: String,
    attempts: u32,
    maybe_done: bool,
    retry_after: Option<std::time::Duration>,
}

/// What a refusal said, word for word, as it goes into records and replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What was called: `ims:UpdateAccessKey`.
    pub action: String,
    /// The kind of failure.
    pub kind: Kind,
    /// The service's error code, or ours where the service gave none.
    pub code: String,
    /// The service's message.
    pub message: String,
    /// The service's request id, if one came back.
    pub request_id: String,
}

impl Error {
    /// A failure of `action` (a label like `ims:ListUsers`).
    pub fn new(
        kind: Kind,
        action: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self(Box::new(Detail {
            kind,
            action: action.into(),
            place: String::new(),
            status: None,
            code: code.into(),
            message: message.into(),
            request_id: String::new(),
            attempts: 1,
            maybe_done: false,
            retry_after: None,
        }))
    }

    /// Reads the failure out of an HTTP answer that is not a success.
    pub(crate) fn from_reply(action: &str, status: u16, code: &str, message: &str, request_id: &str) -> Self {
        let mut error = Self::new(classify(status, code), action, code, message);
        error.0.status = Some(status);
        request_id.clone_into(&mut error.0.request_id);
        error
    }

    pub(crate) fn at(mut self, place: &str) -> Self {
        place.clone_into(&mut self.0.place);
        self
    }

    pub(crate) fn after(mut self, attempts: u32, maybe_done: bool) -> Self {
        self.0.attempts = attempts;
        self.0.maybe_done = maybe_done;
        self
    }

    pub(crate) fn wait(mut self, retry_after: Option<std::time::Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn map_message(mut self, change: impl Fn(&str) -> String) -> Self {
        self.0.message = change(&self.0.message);
        self
    }

    pub(crate) fn retry_after(&self) -> Option<std::time::Duration> {
        self.0.retry_after
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The service's error code; for a failure on the way, ours (`Timeout`, `Connect`, …).
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The service's own words.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What was called.
    pub fn action(&self) -> &str {
        &self.0.action
    }

    /// The region or host that was asked; empty where that says nothing.
    pub fn place(&self) -> &str {
        &self.0.place
    }

    /// The service's request id; empty if none came back.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Whether the change asked for may have happened although no success came back: in any of the attempts
    /// the request may have arrived. Only a read-back can tell.
    pub fn maybe_done(&self) -> bool {
        self.0.maybe_done
    }

    /// The words to put on record.
    pub fn refusal(&self) -> Refusal {
        Refusal {
            action: self.0.action.clone(),
            kind: self.0.kind,
            code: self.0.code.clone(),
            message: self.0.message.clone(),
            request_id: self.0.request_id.clone(),
        }
    }
}

/// From status and code to kind. Codes differ by product; the fragments are those of the official clients
/// (alibaba-cloud-apis.md, sections 1 and 7).
fn classify(status: u16, code: &str) -> Kind {
    let has = |part: &str| code.contains(part);
    if status == 429
        || has("Throttling")
        || has("QpsLimitExceeded")
        || has("RateLimitExceeded")
        || has("ReadQuotaExceed")
    {
        Kind::Throttled
    } else if status >= 500 || has("ServiceUnavailable") || has("SignatureNonceUsed") || has("InternalError")
    {
        // A used nonce is a repeat by something on the way; the next attempt has a new one.
        Kind::Server
    } else if has("InvalidAccessKeyId")
        || has("SecurityToken")
        || has("SignatureDoesNotMatch")
        || has("SignatureNotMatch")
        || has("IncompleteSignature")
        || has("InvalidTimeStamp")
        || has("RequestTimeTooSkewed")
        || has("MissingAccessKeyId")
    {
        Kind::Credential
    } else if status == 404 || has("NotExist") || has("NoSuch") || has("NotFound") {
        Kind::NotFound
    } else if has("AlreadyExist") || has("Existed") {
        Kind::Exists
    } else if status == 401 || status == 403 || has("NoPermission") || has("Forbidden") || has("AccessDenied")
    {
        Kind::Denied
    } else {
        Kind::Refused
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Detail { action, place, code, message, request_id, attempts, .. } = &*self.0;
        write!(f, "{action}")?;
        if !place.is_empty() {
            write!(f, " ({place})")?;
        }
        write!(f, ": {code}")?;
        if !message.is_empty() {
            write!(f, ": {message}")?;
        }
        if *attempts > 1 {
            write!(f, " (after {attempts} attempts)")?;
        }
        if !request_id.is_empty() {
            write!(f, " [request id {request_id}]")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_what_may_be_done_next() {
        for (status, code, kind) in [
            (400, "Throttling.User", Kind::Throttled),
            (400, "Rejected.Throttling", Kind::Throttled),
            (429, "", Kind::Throttled),
            (503, "MetaOperationQpsLimitExceeded", Kind::Throttled),
            (503, "ServiceUnavailable", Kind::Server),
            (500, "InternalError", Kind::Server),
            (502, "", Kind::Server),
            (400, "SignatureNonceUsed", Kind::Server),
            (403, "NoPermission", Kind::Denied),
            (403, "Forbidden.AccessKeyNetworkPolicy", Kind::Denied),
            (403, "AccessDenied", Kind::Denied),
            (404, "EntityNotExist.User", Kind::NotFound),
            (404, "NoSuchKey", Kind::NotFound),
            (404, "InvalidAccessKeyId.NotFound", Kind::Credential),
            (403, "InvalidSecurityToken.Expired", Kind::Credential),
            (400, "SignatureDoesNotMatch", Kind::Credential),
            (409, "FileAlreadyExists", Kind::Exists),
            (200, "EventRuleExisted", Kind::Exists),
            (200, "EventRuleNotExisted", Kind::NotFound),
            (400, "InvalidParameter.AccessKeyPolicy", Kind::Refused),
        ] {
            assert_eq!(classify(status, code), kind, "{status} {code}");
        }
    }

    #[test]
    fn it_reads_as_one_line() {
        let error = Error::from_reply(
            "ims:UpdateAccessKey",
            404,
            "EntityNotExist.User",
            "The user does not exist.",
            "R-1",
        )
        .after(3, false);
        assert_eq!(
            error.to_string(),
            "ims:UpdateAccessKey: EntityNotExist.User: The user does not exist. (after 3 attempts) [request id R-1]"
        );
    }
}
