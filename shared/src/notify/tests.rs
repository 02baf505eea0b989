use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::ambient::{Clock, Env, Random};
use crate::config::{Config, Language, Severity};
use crate::openapi::{Client, Reply, Request, RetryPolicy, SendError, Transport};

/// Answers by host, in turn, the last answer again and again; keeps what it was sent, and when.
#[derive(Default)]
struct Receivers {
    answers: Mutex<BTreeMap<String, Vec<Result<Reply, SendError>>>>,
    sent: Mutex<Vec<(Instant, Request)>>,
}

impl Transport for Receivers {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>> {
        let mut answers = self.answers.lock().unwrap();
        let host = request.host().to_owned();
        let answer = match answers.get_mut(&host) {
            Some(list) if list.len() > 1 => list.remove(0),
            Some(list) => list[0].clone(),
            None => reply(200, "{\"errcode\":0,\"errmsg\":\"ok\"}"),
        };
        let timeout = request.timeout;
        self.sent.lock().unwrap().push((Instant::now(), request));
        Box::pin(async move {
            if let Err(SendError::Timeout) = answer {
                tokio::time::sleep(timeout).await;
            }
            answer
        })
    }
}

impl Receivers {
    fn answering(answers: Vec<(&str, Vec<Result<Reply, SendError>>)>) -> Arc<Self> {
        let answers = answers.into_iter().map(|(host, list)| (host.to_owned(), list)).collect();
        Arc::new(Self { answers: Mutex::new(answers), ..Self::default() })
    }

    fn requests(&self) -> Vec<Request> {
        self.sent.lock().unwrap().iter().map(|(_, request)| request.clone()).collect()
    }

    fn hosts(&self) -> Vec<String> {
        self.requests().iter().map(|request| request.host().to_owned()).collect()
    }

    fn bodies(&self) -> Vec<Value> {
        self.requests().iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
    }
}

fn reply(status: u16, body: &str) -> Result<Reply, SendError> {
    Ok(Reply { status, headers: Vec::new(), body: body.to_owned().into() })
}

fn now() -> Timestamp {
    "2026-11-23T02:00:00.5Z".parse().unwrap()
}

fn notifier(receivers: &Arc<Receivers>, channels: &str) -> Notifier {
    let config = Config::parse(&format!("notify:\n  channels:\n{channels}"), "h.yaml").unwrap();
    let env: Env = [("ROBOT_URL", "https://robot/robot/send?access_token=tokentoken")].into_iter().collect();
    let (clock, random) = (Clock::from_fn(now), Random::from_fn(|| u64::MAX));
    let policy = RetryPolicy::default();
    let client = Client::with(receivers.clone(), policy, &Env::default(), clock, random).unwrap();
    Notifier::new(&config, &env, client).unwrap()
}

pub(super) fn message(severity: Severity) -> Message {
    Message {
        id: "case-1/alert".into(),
        kind: Kind::Alert,
        severity,
        function: "root-key-revoke".into(),
        account_id: Some("1234567890123456".into()),
        title: "Root access key created".into(),
        summary: "A new key of the root account exists.".into(),
        facts: vec![("Key".into(), "LTAI5tExample".into()), ("User agent".into(), "curl/8".into())],
        sections: vec![Section { title: "What to do now".into(), lines: vec!["Delete the key.".into()] }],
        sent_at: "2026-11-23T01:59:59Z".parse().unwrap(),
        language: Language::En,
    }
}

const THREE: &str = "
  - {name: pager, type: webhook, url: 'https://pager/a', min_severity: critical}
  - {name: ops, type: webhook, url: 'https://ops/b', min_severity: medium}
  - {name: mail, type: webhook, url: 'https://mail/c', fallback: true}
";

#[tokio::test(start_paused = true)]
async fn severity_decides_who_gets_it() {
    for (severity, broken, delivered, failed, skipped, fallback) in [
        (Severity::Critical, vec![], vec!["pager", "ops"], vec![], vec!["mail"], None),
        (Severity::High, vec![], vec!["ops"], vec![], vec!["pager", "mail"], None),
        (Severity::Medium, vec![], vec!["ops"], vec![], vec!["pager", "mail"], None),
        (Severity::Low, vec![], vec!["mail"], vec![], vec!["pager", "ops"], Some("mail")),
        (Severity::Info, vec![], vec![], vec![], vec!["pager", "ops", "mail"], None),
        (Severity::Critical, vec!["pager"], vec!["ops"], vec!["pager"], vec!["mail"], None),
        (Severity::Critical, vec!["pager", "ops"], vec!["mail"], vec!["pager", "ops"], vec![], Some("mail")),
        (Severity::High, vec!["ops"], vec!["mail"], vec!["ops"], vec!["pager"], Some("mail")),
        (Severity::High, vec!["ops", "mail"], vec![], vec!["ops", "mail"], vec!["pager"], Some("mail")),
    ] {
        let receivers =
            Receivers::answering(broken.iter().map(|host| (*host, vec![reply(403, "")])).collect());
        let notifier = notifier(&receivers, THREE);
        assert_eq!(notifier.channels(), ["pager", "ops", "mail"]);
        let result = notifier.send(&message(severity), None).await;
        let case = format!("{severity} {broken:?} {result:?}");
        assert_eq!(result.delivered, delivered, "{case}");
        let names: Vec<_> = result.failed.iter().map(|failed| failed.channel.as_str()).collect();
        assert_eq!(names, failed, "{case}");
        assert_eq!(result.skipped, skipped, "{case}");
        assert_eq!(result.fallback.as_deref(), fallback, "{case}");
        assert_eq!(result.reached_someone(), !delivered.is_empty());
        for body in receivers.bodies() {
            let noted =
                body["facts"].as_array().unwrap().iter().any(|fact| fact["name"] == "Fallback channel");
            assert!(!noted || fallback.is_some(), "{case}");
        }
        if fallback.is_some() {
            let text = receivers.bodies().last().unwrap()["text"].as_str().unwrap().to_owned();
            assert!(text.contains("\nFallback channel: "), "{text}");
            assert!(broken.first().is_none_or(|name| text.contains(name)), "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lone_fallback_is_a_channel_like_any_other() {
    let receivers = Receivers::answering(vec![]);
    let notifier = notifier(&receivers, "  - {name: a, type: webhook, url: 'https://a/', fallback: true}");
    let result = notifier.send(&message(Severity::Low), None).await;
    assert_eq!(result.delivered, ["a"]);
    assert!(!receivers.bodies()[0]["text"].as_str().unwrap().contains("Fallback"));
}

#[tokio::test(start_paused = true)]
async fn a_test_reaches_every_channel() {
    let receivers = Receivers::answering(vec![("ops", vec![reply(404, "")])]);
    let test = test_message("test-1", now(), Language::Zh);
    let result = notifier(&receivers, THREE).send_to_all(&test, None).await;
    assert_eq!(result.delivered, ["pager", "mail"]);
    assert_eq!(result.failed, [Failed { channel: "ops".into(), why: "HTTP 404".into() }]);
    assert!(receivers.bodies()[0]["text"].as_str().unwrap().starts_with("【提示】测试：测试消息\n"));
}

const OPS: &str = "  - {name: ops, type: webhook, url: 'https://ops/'}";
const ROBOT: &str = "  - {name: robot, type: dingtalk, url_env: ROBOT_URL}";

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_and_nothing_else() {
    let broken = || Err(SendError::Interrupted("reset".into()));
    let refused = || Err(SendError::Connect("refused".into()));
    let robot = |code: i64| reply(200, &json!({"errcode": code, "errmsg": "no"}).to_string());
    for (channel, answers, attempts, why) in [
        (OPS, vec![reply(204, "")], 1, None),
        (OPS, vec![reply(500, ""), reply(202, "")], 2, None),
        (OPS, vec![broken(), refused(), reply(200, "")], 3, None),
        (OPS, vec![Err(SendError::Timeout), reply(200, "")], 2, None),
        (OPS, vec![reply(429, ""), reply(200, "")], 2, None),
        (OPS, vec![reply(503, "")], 3, Some("HTTP 503 (after 3 attempts)")),
        (OPS, vec![broken()], 3, Some("the connection broke: reset (after 3 attempts)")),
        (OPS, vec![Err(SendError::Timeout)], 3, Some("no answer in time (after 3 attempts)")),
        (OPS, vec![reply(400, "")], 1, Some("HTTP 400")),
        (OPS, vec![reply(401, "")], 1, Some("HTTP 401")),
        (OPS, vec![reply(302, "")], 1, Some("HTTP 302")),
        (OPS, vec![reply(500, ""), reply(410, "")], 2, Some("HTTP 410 (after 2 attempts)")),
        (ROBOT, vec![robot(0)], 1, None),
        (ROBOT, vec![robot(130_101), robot(410_100), robot(0)], 3, None),
        (ROBOT, vec![robot(-1), robot(0)], 2, None),
        (ROBOT, vec![robot(310_000)], 1, Some("errcode 310000: no")),
        (ROBOT, vec![robot(130_101)], 3, Some("errcode 130101: no (after 3 attempts)")),
        (ROBOT, vec![reply(200, "<html>")], 1, Some("the reply is not that of a DingTalk robot")),
        (ROBOT, vec![reply(502, "")], 3, Some("HTTP 502 (after 3 attempts)")),
    ] {
        let host = if channel == OPS { "ops" } else { "robot" };
        let receivers = Receivers::answering(vec![(host, answers)]);
        let result = notifier(&receivers, channel).send(&message(Severity::High), None).await;
        assert_eq!(receivers.hosts().len(), attempts, "{result:?}");
        assert_eq!(result.failed.first().map(|failed| failed.why.as_str()), why);
        assert_eq!(result.delivered.len(), usize::from(why.is_none()), "{result:?}");
        let ids: Vec<_> =
            receivers.requests().iter().map(|r| r.header("x-hardening-id").map(str::to_owned)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "a repetition is known by its id");
    }
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_and_follow_retry_after_within_limits() {
    let asking = |seconds: &str| {
        let headers = vec![("retry-after".to_owned(), seconds.to_owned())];
        Ok(Reply { status: 429, headers, body: Default::default() })
    };
    for (answers, pauses) in [
        (vec![reply(500, "")], [500, 1000]),
        (vec![asking("2"), asking("3600")], [2000, 5000]),
        (vec![asking("Mon, 23 Nov 2026 00:00:00 GMT")], [500, 1000]),
    ] {
        let receivers = Receivers::answering(vec![("ops", answers)]);
        notifier(&receivers, OPS).send(&message(Severity::High), None).await;
        let times: Vec<_> = receivers.sent.lock().unwrap().iter().map(|(at, _)| *at).collect();
        for (pair, pause) in times.windows(2).zip(pauses) {
            let took = (pair[1] - pair[0]).as_millis().abs_diff(pause);
            assert!(took <= 2, "{took} ms beside {pause} ms");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn channels_do_not_wait_for_each_other_and_the_deadline_holds() {
    let slow = || vec![Err(SendError::Timeout)];
    let receivers = Receivers::answering(vec![("pager", slow()), ("ops", slow())]);
    let begin = Instant::now();
    let deadline = begin + Duration::from_secs(8);
    let result = notifier(&receivers, THREE).send(&message(Severity::Critical), Some(deadline)).await;
    assert!(Instant::now() <= deadline);
    assert_eq!(result.delivered, ["mail"], "the fallback had time left: {result:?}");
    let starts: Vec<_> = receivers.sent.lock().unwrap().iter().map(|(at, _)| *at - begin).collect();
    assert_eq!(starts[..2], [Duration::ZERO; 2]);

    let receivers = Receivers::answering(vec![]);
    let result = notifier(&receivers, OPS).send(&message(Severity::High), Some(Instant::now())).await;
    assert_eq!(result.failed[0].why, "there was no time left to send it");
    assert!(receivers.hosts().is_empty());
}

#[tokio::test]
async fn a_webhook_gets_everything_and_a_signature() {
    let receivers = Receivers::answering(vec![]);
    let channel =
        "  - {name: ops, type: webhook, url: 'http://127.0.0.1:8080/hook/x?tenant=a%20b', secret: s3cret}";
    notifier(&receivers, channel).send(&message(Severity::Critical), None).await;
    let request = &receivers.requests()[0];
    assert_eq!(
        (request.method.as_str(), request.host(), request.path.as_str()),
        ("POST", "127.0.0.1:8080", "/hook/x")
    );
    assert_eq!(request.query, [("tenant".to_owned(), "a b".to_owned())]);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("x-hardening-id"), Some("case-1/alert"));
    assert_eq!(request.header("x-hardening-timestamp"), Some("1795399200"));
    let body = std::str::from_utf8(&request.body).unwrap();
    let signed = crate::openapi::sign::hmac_sha256(b"s3cret", &format!("1795399200.{body}"));
    let signed = format!("sha256={}", crate::openapi::sign::hex(&signed));
    assert_eq!(request.header("x-hardening-signature"), Some(signed.as_str()));
    let mut body = receivers.bodies().remove(0);
    let text = body["text"].take();
    assert_eq!(
        body,
        json!({
            "version": 1, "id": "case-1/alert", "kind": "alert", "severity": "critical",
            "function": "root-key-revoke", "account_id": "1234567890123456",
            "title": "Root access key created", "summary": "A new key of the root account exists.",
            "facts": [{"name": "Key", "value": "LTAI5tExample"}, {"name": "User agent", "value": "curl/8"}],
            "sections": [{"title": "What to do now", "lines": ["Delete the key."]}],
            "text": null, "language": "en", "sent_at": "2026-11-23T01:59:59Z",
        })
    );
    assert_eq!(
        text,
        "[CRITICAL] Root access key created\n\nA new key of the root account exists.\n\n\
         Account: 1234567890123456\nKey: LTAI5tExample\nUser agent: curl/8\nReported by: root-key-revoke\n\
         Time: 2026-11-23T01:59:59Z\nMessage id: case-1/alert\n\nWhat to do now\n- Delete the key."
    );
}

#[tokio::test]
async fn without_a_secret_nothing_is_signed_and_a_strange_id_fits_a_header() {
    let receivers = Receivers::answering(vec![]);
    let mut message = message(Severity::Critical);
    message.id = "a\r\nx: 1 é".into();
    notifier(&receivers, OPS).send(&message, None).await;
    let request = &receivers.requests()[0];
    assert_eq!(request.header("x-hardening-signature"), None);
    assert_eq!(request.header("x-hardening-id"), Some("a%0D%0Ax%3A%201%20%C3%A9"));
}

#[tokio::test]
async fn a_robot_is_signed_as_its_documentation_says() {
    let receivers = Receivers::answering(vec![]);
    let channel = format!("{}, secret: 'SECexample', at_all: true}}", ROBOT.trim_end_matches('}'));
    notifier(&receivers, &channel).send(&message(Severity::Critical), None).await;
    let request = &receivers.requests()[0];
    // printf '1795399200500\nSECexample' | openssl dgst -sha256 -hmac SECexample -binary | base64
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        request.query,
        [
            pair("access_token", "tokentoken"),
            pair("timestamp", "1795399200500"),
            pair("sign", "YGMXro6w7ntrn1yY5J+MmurWgbhAPl5yBOLwvEBpEw0="),
        ]
    );
    assert_eq!(request.path, "/robot/send");
    let body = receivers.bodies().remove(0);
    assert_eq!(body["msgtype"], "markdown");
    assert_eq!(body["markdown"]["title"], "[CRITICAL] Root access key created");
    assert_eq!(body["at"]["isAtAll"], true);
    let text = body["markdown"]["text"].as_str().unwrap();
    assert!(text.starts_with("### \\[CRITICAL\\] Root access key created\n\nA new key"), "{text}");
    assert!(text.contains("\n- **Key**: LTAI5tExample\n"), "{text}");
    assert!(text.ends_with("\n\n**What to do now**\n\n- Delete the key."), "{text}");
}

#[tokio::test]
async fn everyone_is_called_only_for_the_worst_and_only_if_wished() {
    let wished = format!("{}, at_all: true}}", ROBOT.trim_end_matches('}'));
    for (channel, severity, kind, called) in [
        (wished.as_str(), Severity::Critical, Kind::Alert, true),
        (&wished, Severity::High, Kind::Alert, false),
        (&wished, Severity::Critical, Kind::Test, false),
        (ROBOT, Severity::Critical, Kind::Alert, false),
    ] {
        let receivers = Receivers::answering(vec![]);
        notifier(&receivers, channel).send(&Message { kind, ..message(severity) }, None).await;
        assert_eq!(receivers.bodies()[0]["at"]["isAtAll"], called, "{severity} {kind:?}");
    }
}

#[tokio::test]
async fn a_long_message_is_cut_and_says_so() {
    for (filling, language) in
        [("x", Language::En), ("账", Language::Zh), ("\"", Language::En), ("\\", Language::En)]
    {
        let receivers = Receivers::answering(vec![]);
        let mut message = message(Severity::High);
        message.language = language;
        message.title = filling.repeat(30_000);
        message.sections[0].lines = vec![filling.repeat(30_000)];
        notifier(&receivers, ROBOT).send(&message, None).await;
        let request = &receivers.requests()[0];
        assert!(request.body.len() <= 20_000, "{}", request.body.len());
        assert!(request.body.len() > 15_000, "{}", request.body.len());
        let body = receivers.bodies().remove(0);
        let text = body["markdown"]["text"].as_str().unwrap();
        assert!(
            text.ends_with(if language == Language::En { "for this channel)" } else { "已截断）" }),
            "{text}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn no_failure_shows_a_secret() {
    let said =
        json!({"errcode": 300_001, "errmsg": "token tokentoken of hush-hush is\nnot exist"}).to_string();
    let echo = Err(SendError::Connect("https://ops/services/T0000000/secret".into()));
    let receivers = Receivers::answering(vec![("robot", vec![reply(200, &said)]), ("ops", vec![echo])]);
    let channels = format!(
        "{}, secret: hush-hush}}\n  - {{name: ops, type: webhook, url: 'https://ops/services/T0000000/secret'}}",
        ROBOT.trim_end_matches('}')
    );
    let notifier = notifier(&receivers, &channels);
    let result = notifier.send(&message(Severity::High), None).await;
    assert_eq!(result.failed[0].why, "errcode 300001: token *** of *** is not exist");
    let shown = format!("{result:?} {notifier:?}");
    for secret in ["tokentoken", "hush-hush", "T0000000"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_notifier_says_which_variable_is_missing() {
    let config = Config::parse(&format!("notify:\n  channels:\n{ROBOT}"), "h.yaml").unwrap();
    let client = Client::with(
        Receivers::answering(vec![]),
        RetryPolicy::default(),
        &Env::default(),
        Clock::from_fn(now),
        Random::from_fn(|| 0),
    )
    .unwrap();
    let error = Notifier::new(&config, &Env::default(), client).unwrap_err().to_string();
    assert_eq!(
        error,
        "h.yaml:3:5: channel \"robot\": url_env: the environment variable ROBOT_URL is not set"
    );
}
