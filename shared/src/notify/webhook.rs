//! JSON to any HTTP server.
//!
//! With a secret, the receiver checks `x-hardening-signature: sha256=<hex>`, the HMAC-SHA256 of
//! `<x-hardening-timestamp>.<body>`, and refuses old timestamps; by `x-hardening-id` it recognises a repetition.

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::json;

use super::channel::{Channel, Refusal, http_verdict};
use super::{Message, render};
use crate::config::Endpoint;
use crate::openapi::{Reply, Request, percent, sign};

pub(super) struct Webhook {
    endpoint: Endpoint,
}

impl Webhook {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }
}

impl Channel for Webhook {
    fn request(&self, message: &Message, now: Timestamp) -> Request {
        // A list, since an object's order is nobody's promise, and two facts may share a name.
        let facts: Vec<_> =
            message.facts.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        let body = json!({
            "version": 1,
            "id": message.id,
            "kind": message.kind,
            "severity": message.severity,
            "function": message.function,
            "account_id": message.account_id,
            "title": message.title,
            "summary": message.summary,
            "facts": facts,
            "sections": message.sections,
            "text": render::plain_text(message),
            "language": message.language,
            "sent_at": message.sent_at,
        })
        .to_string();
        let mut request = self.endpoint.post();
        request.set("content-type", "application/json");
        // The id may hold parts of an event, and a header holds less than a JSON string does.
        let visible = message.id.bytes().all(|byte| byte.is_ascii_graphic());
        request.set("x-hardening-id", if visible { message.id.clone() } else { percent(&message.id) });
        let timestamp = now.as_second();
        request.set("x-hardening-timestamp", timestamp.to_string());
        if let Some(secret) = &self.endpoint.secret {
            let mac = sign::hmac_sha256(secret.expose_secret().as_bytes(), &format!("{timestamp}.{body}"));
            request.set("x-hardening-signature", format!("sha256={}", sign::hex(&mac)));
        }
        request.body = body.into();
        request
    }

    fn verdict(&self, reply: &Reply) -> Result<(), Refusal> {
        http_verdict(reply)
    }
}
