use super::client::{ims, root, send, start, try_call};
use crate::request::Request;
use crate::{Fault, FaultKind, Staleness};
use bytes::Bytes;
use std::time::{Duration, Instant};

const LIST: &str = "ims.aliyuncs.com/2019-08-15/ListUsers";
const CLOSED: &str =
    r#"{"Version":1,"Status":"Active","Statements":[{"Type":"ClassicWhiteList","IPList":["192.0.2.1"]}]}"#;

#[test]
fn http_faults_come_before_the_write_unless_told_otherwise() {
    let cloud = start();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let set = || ims(&cloud, &role, "SetAccessKeyPolicyForAccount", &[("AccessKeyPolicy", CLOSED)]);
    let status = || cloud.state()["access_key_policy"]["Status"].as_str().unwrap_or("none").to_string();
    cloud.fault(Fault::new("ims:SetAccessKeyPolicyForAccount", FaultKind::Http500));
    assert_eq!((set().status, status().as_str()), (500, "none"));
    cloud.fault(Fault::new("ims:*", FaultKind::Throttle { retry_after: Some(700) }));
    let throttled = set();
    assert_eq!((throttled.status, throttled.code().as_str()), (400, "Throttling.User"));
    assert!(throttled.head.contains("x-acs-retry-after: 700"));
    cloud.fault(Fault::new("ims:*", FaultKind::Deny));
    assert_eq!((set().code().as_str(), status().as_str()), ("NoPermission", "none"));
    cloud.fault(Fault::new("ims:*", FaultKind::Http503).done_first());
    assert_eq!((set().status, status().as_str()), (503, "Active"));
    let calls = cloud.calls();
    assert_eq!(
        calls.iter().map(|call| call.fault).collect::<Vec<_>>(),
        [Some("http500"), Some("throttle"), Some("deny"), Some("http503")]
    );
}

#[test]
fn lost_replies_are_lost_and_the_write_is_done() {
    let cloud = start();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let api = "ims.aliyuncs.com/2019-08-15/SetAccessKeyPolicyForAccount";
    let set = || try_call(&cloud, &role, api, &[("AccessKeyPolicy", CLOSED)], &[]);
    cloud.fault(Fault::new("ims:*", FaultKind::Reset).before());
    assert!(set().is_err());
    assert!(cloud.state().get("access_key_policy").is_none());
    cloud.fault(Fault::new("ims:*", FaultKind::Reset));
    assert_eq!(set().err().unwrap().kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(cloud.state()["access_key_policy"]["Status"], "Active");
}

#[test]
fn spoiled_bodies_are_short_of_or_true_to_their_length() {
    let cloud = start();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let length = |head: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        line.unwrap().parse::<usize>().unwrap()
    };
    cloud.fault(Fault::new("*", FaultKind::Truncate));
    let reply = try_call(&cloud, &role, LIST, &[], &[]).unwrap();
    assert_eq!(reply.body.len(), length(&reply.head) / 2);
    cloud.fault(Fault::new("*", FaultKind::BadJson));
    let reply = try_call(&cloud, &role, LIST, &[], &[]).unwrap();
    assert_eq!(reply.body.len(), length(&reply.head));
    assert!(serde_json::from_str::<serde_json::Value>(&reply.body).is_err());
}

#[test]
fn slow_calls_take_long_and_hanging_ones_end_with_the_simulator() {
    let cloud = start();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    cloud.fault(Fault::new("*", FaultKind::Slow(Duration::from_millis(120))));
    let begun = Instant::now();
    assert_eq!(try_call(&cloud, &role, LIST, &[], &[]).unwrap().status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(120));
    cloud.fault(Fault::new("*", FaultKind::Hang));
    let shared = std::sync::Arc::new(std::sync::Mutex::new(Some(cloud)));
    let (url, taker) = (shared.lock().unwrap().as_ref().unwrap().base_url(), std::sync::Arc::clone(&shared));
    let ender = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        drop(taker.lock().unwrap().take());
    });
    let mut stream = std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    std::io::Write::write_all(&mut stream, b"GET / HTTP/1.1\r\nhost: ims.aliyuncs.com\r\n\r\n").unwrap();
    let mut reply = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut reply);
    assert!(reply.is_empty());
    ender.join().unwrap();
}

#[test]
fn stale_reads_show_the_state_before_the_last_write_to_their_resource() {
    let cloud = start();
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    let read = || ims(&cloud, &role, "GetAccessKeyPolicyForAccount", &[]).json()["AccessKeyPolicy"].clone();
    for status in ["Inactive", "Active"] {
        let document = CLOSED.replace("\"Active\"", &format!("{status:?}"));
        ims(&cloud, &role, "SetAccessKeyPolicyForAccount", &[("AccessKeyPolicy", &document)]);
    }
    let (key, name) = ("LTAI5tExampleAlice000001", "alice@1234567890123456.onaliyun.com");
    let other = [("UserAccessKeyId", key), ("UserPrincipalName", name), ("AccessKeyPolicy", CLOSED)];
    ims(&cloud, &role, "SetAccessKeyPolicy", &other);
    cloud.fault(Fault::new("ims:Get*", FaultKind::StaleRead(Staleness::BeforeLastWrite)));
    assert_eq!(read(), CLOSED.replace("\"Active\"", "\"Inactive\""));
    cloud.fault(Fault::new("ims:Get*", FaultKind::StaleRead(Staleness::AtStart)));
    assert_eq!(read(), r#"{"Version":1,"Status":"Inactive","Statements":[]}"#);
    assert_eq!(read(), CLOSED);
}

#[test]
fn the_inbox_keeps_what_it_is_sent_and_can_fail() {
    let cloud = start();
    let post = || {
        let headers = [("host".into(), "127.0.0.1".into()), ("x-a".into(), "b".into())];
        let request =
            Request::new("POST", "/inbox/ops", "sign=1", headers.into(), Bytes::from("{\"text\":1}"));
        send(&cloud, &request, "sign=1").unwrap()
    };
    assert_eq!(post().body, r#"{"errcode":0,"errmsg":"ok"}"#);
    cloud.fault(Fault::new("inbox:ops", FaultKind::Http500));
    assert_eq!(post().status, 500);
    let kept = cloud.inbox();
    assert_eq!(kept.iter().map(|one| one.status).collect::<Vec<_>>(), [200, 500]);
    assert_eq!(
        (kept[0].name.as_str(), kept[0].query.as_str(), kept[0].body.as_str()),
        ("ops", "sign=1", "{\"text\":1}")
    );
    assert!(kept[0].headers.contains(&("x-a".into(), "b".into())));
    assert!(cloud.calls().is_empty());
}

#[test]
fn callers_are_checked() {
    let cloud = start();
    let root = root(&cloud);
    let code = |keys: &crate::Keys, more: &[(&str, &str)]| {
        let reply = try_call(&cloud, keys, LIST, &[], more).unwrap();
        (reply.status, reply.code())
    };
    let with = |id: &str, secret: &str, token: Option<&str>| crate::Keys {
        id: id.into(),
        secret: secret.into(),
        token: token.map(Into::into),
    };
    let role = cloud.credentials("hardening-root-key-revoke").unwrap();
    assert_eq!(code(&with(&root.id, "wrong", None), &[]), (400, "SignatureDoesNotMatch".into()));
    assert_eq!(code(&with("LTAI5tNobody", "a", None), &[]), (404, "InvalidAccessKeyId.NotFound".into()));
    assert_eq!(code(&with(&role.id, &role.secret, None), &[]), (400, "MissingSecurityToken".into()));
    let mismatch = (403, "InvalidSecurityToken.MismatchWithAccessKey".to_string());
    assert_eq!(code(&with(&role.id, &role.secret, Some("other")), &[]), mismatch);
    assert_eq!(code(&with(&root.id, &root.secret, Some("other")), &[]), mismatch);
    let carol = cloud.credentials("carol").unwrap();
    assert_eq!(code(&carol, &[]), (400, "InvalidAccessKeyId.Inactive".into()));
    let late = [("x-acs-date", "2026-01-01T00:00:00Z")];
    assert_eq!(code(&root, &late), (400, "InvalidTimeStamp.Expired".into()));
    let nonce = [("x-acs-signature-nonce", "same")];
    assert_eq!(code(&root, &nonce), (200, String::new()));
    assert_eq!(code(&root, &nonce), (400, "SignatureNonceUsed".into()));
}
