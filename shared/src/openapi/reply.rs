//! What a reply says before its answer is looked at: success or refusal, the code, the request id.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::{Api, Error, Kind, Reply, Style, oss};

/// An answer that was not understood.
pub(super) fn undecodable(label: &str, error: &dyn std::fmt::Display) -> Error {
    Error::new(Kind::Decode, label, "Decode", format!("the answer was not understood: {error}"))
}

/// The headers that give the request id: of OpenAPI, the object store, the log service.
const REQUEST_ID: [&str; 3] = ["x-acs-request-id", "x-oss-request-id", "x-log-requestid"];

/// The request id of a reply that is a success, by status and by envelope.
pub(super) fn checked(label: &str, api: &Api, reply: &Reply) -> Result<String, Error> {
    let header_id = REQUEST_ID.iter().find_map(|name| reply.header(name)).unwrap_or_default().to_owned();
    if !reply.is_success() {
        return Err(match api.style {
            Style::ObjectStore => oss::problem(label, reply),
            _ => refused(label, reply, &header_id),
        });
    }
    if api.envelope {
        let body: Value = serde_json::from_slice(&reply.body).map_err(|error| undecodable(label, &error))?;
        if body.get("Success").and_then(Value::as_bool) != Some(true) {
            let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            if body.get("Success").is_none() {
                return Err(Error::new(Kind::Decode, label, "Decode", "the envelope has no Success"));
            }
            return Err(Error::from_reply(
                label,
                reply.status,
                &text("Code"),
                &text("Message"),
                &text("RequestId"),
            ));
        }
    }
    Ok(header_id)
}

/// The request id that a JSON body gives; empty without.
pub(super) fn body_request_id(body: &Bytes) -> String {
    #[derive(serde::Deserialize)]
    struct Id {
        #[serde(rename = "RequestId")]
        request_id: Option<String>,
    }
    serde_json::from_slice::<Id>(body).ok().and_then(|id| id.request_id).unwrap_or_default()
}

/// Reads `{Code, Message, RequestId}`, or the log service's `{errorCode, errorMessage}`; whatever a gateway in between answers (HTML, nothing) becomes its status.
fn refused(label: &str, reply: &Reply, header_id: &str) -> Error {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let text = |names: [&str; 3]| {
        names.iter().find_map(|name| body.get(name)?.as_str()).unwrap_or_default().to_owned()
    };
    let code = Some(text(["Code", "code", "errorCode"])).filter(|code| !code.is_empty());
    let code = code.unwrap_or_else(|| format!("HTTP {}", reply.status));
    let id = Some(text(["RequestId", "requestId", "requestID"])).filter(|id| !id.is_empty());
    let wait = reply.header("x-acs-retry-after").and_then(|value| value.trim().parse().ok());
    Error::from_reply(
        label,
        reply.status,
        &code,
        &text(["Message", "message", "errorMessage"]),
        &id.unwrap_or_else(|| header_id.to_owned()),
    )
    // A positive integer; the official SDK takes it for milliseconds, and so do we.
    .wait(wait.filter(|wait| *wait > 0).map(Duration::from_millis))
}
