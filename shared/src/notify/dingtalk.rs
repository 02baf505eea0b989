//! A DingTalk custom robot (open.dingtalk.com, "Custom robots": access, security settings).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::json;

use super::channel::{Channel, Refusal, http_verdict};
use super::{Kind, Message, render};
use crate::config::{Endpoint, Severity};
use crate::openapi::{Reply, Request, sign};

/// A robot takes no body longer than this, in bytes.
const LONGEST: usize = 20_000;

pub(super) struct DingTalk {
    endpoint: Endpoint,
    at_all: bool,
}

/// The robot answers 200 whatever happens; `errcode` decides.
#[derive(Deserialize)]
struct Outcome {
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

impl DingTalk {
    pub(super) fn new(endpoint: Endpoint, at_all: bool) -> Self {
        Self { endpoint, at_all }
    }

    fn body(&self, message: &Message) -> String {
        let at_all = self.at_all && message.severity == Severity::Critical && message.kind != Kind::Test;
        let full = render::markdown(message);
        let title = render::shortened(&render::headline(message), 200, "…");
        let mut room = LONGEST;
        loop {
            let text = render::shortened(&full, room, render::cut_mark(message.language));
            let body = json!({
                "msgtype": "markdown",
                "markdown": { "title": title, "text": text },
                "at": { "isAtAll": at_all },
            })
            .to_string();
            if body.len() <= LONGEST {
                return body;
            }
            // JSON writes some characters longer than they are: less room, in proportion.
            room = (text.len().min(room) * LONGEST / body.len()).min(room - 1);
        }
    }
}

impl Channel for DingTalk {
    fn request(&self, message: &Message, now: Timestamp) -> Request {
        let mut request = self.endpoint.post();
        request.set("content-type", "application/json");
        if let Some(secret) = &self.endpoint.secret {
            let secret = secret.expose_secret();
            let timestamp = now.as_millisecond();
            let mac = sign::hmac_sha256(secret.as_bytes(), &format!("{timestamp}\n{secret}"));
            request.query.push(("timestamp".to_owned(), timestamp.to_string()));
            // The query is percent-encoded on its way out.
            request.query.push(("sign".to_owned(), STANDARD.encode(mac)));
        }
        request.body = self.body(message).into();
        request
    }

    fn verdict(&self, reply: &Reply) -> Result<(), Refusal> {
        http_verdict(reply)?;
        let Ok(outcome) = serde_json::from_slice::<Outcome>(&reply.body) else {
            let why = "the reply is not that of a DingTalk robot".to_owned();
            return Err(Refusal { why, again: false, wait: None });
        };
        if outcome.errcode == 0 {
            return Ok(());
        }
        let said = render::shortened(&render::one_line(&outcome.errmsg), 300, "…");
        Err(Refusal {
            why: format!("errcode {}: {said}", outcome.errcode),
            // -1: the system is busy; 130101 and 410100: sent too fast.
            again: matches!(outcome.errcode, -1 | 130_101 | 410_100),
            wait: None,
        })
    }
}
