//! The vectors in vectors.json were computed with the official SDKs, those named `doc` and `rpc_get` published
//! by Alibaba Cloud.

use super::*;
use crate::request::encode;
use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeMap;

fn vector(name: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    assert!(all[name].is_object(), "{name}");
    all[name].clone()
}

fn texts(value: &Value) -> Vec<(String, String)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap().into())).collect()
}

fn query(value: &Value) -> String {
    let members = value.as_object().into_iter().flatten();
    let pairs: Vec<String> = members
        .map(|(name, value)| format!("{}={}", encode(name), encode(value.as_str().unwrap())))
        .collect();
    pairs.join("&")
}

fn request(vector: &Value, headers: Vec<(String, String)>, query: &str) -> Request {
    let body = vector["body"].as_str().unwrap_or_default().to_string();
    Request::new(
        vector["method"].as_str().unwrap_or("GET"),
        vector["path"].as_str().unwrap_or("/"),
        query,
        headers.into_iter().collect(),
        Bytes::from(body),
    )
}

#[test]
fn rpc1_vectors() {
    for name in ["rpc_get", "rpc_post_odd"] {
        let vector = vector(name);
        let signature = vector["signature"].as_str().unwrap();
        let fields = format!("{}&Signature={}", query(&vector["params"]), encode(signature));
        let sent = if vector["method"] == "POST" {
            let form = ("content-type".to_string(), "application/x-www-form-urlencoded".to_string());
            let with_body = serde_json::json!({"method": "POST", "body": fields});
            request(&with_body, vec![form], "")
        } else {
            request(&vector, Vec::new(), &fields)
        };
        let claim = Claim::read(&sent).unwrap();
        assert_eq!((claim.scheme, claim.key_id.as_str()), ("rpc1", "testid"));
        assert_eq!(claim.expected("testsecret"), signature, "{name}");
        assert!(claim.is_signed_with("testsecret") && !claim.is_signed_with("other"));
    }
}

#[test]
fn roa1_vector() {
    let vector = vector("roa");
    let mut headers = texts(&vector["headers"]);
    let signature = vector["signature"].as_str().unwrap();
    headers.push(("authorization".into(), format!("acs ak:{signature}")));
    let sent = request(&vector, headers, &query(&vector["query"]));
    assert_eq!(roa1::string_to_sign(&sent), vector["string_to_sign"].as_str().unwrap());
    let claim = Claim::read(&sent).unwrap();
    assert_eq!(claim.time.to_string(), "2016-02-23T12:46:24Z");
    assert!(claim.is_signed_with("testsecret"));
}

#[test]
fn acs3_vectors() {
    for name in ["acs3_doc", "acs3_form_sts", "acs3_roa_encoded"] {
        let vector = vector(name);
        let mut headers = texts(&vector["headers"]);
        headers.push(("authorization".into(), vector["authorization"].as_str().unwrap().into()));
        let claim = Claim::read(&request(&vector, headers, &query(&vector["query"]))).unwrap();
        assert_eq!(claim.key_id, vector["ak"].as_str().unwrap());
        assert!(claim.is_signed_with(vector["secret"].as_str().unwrap()), "{name}");
    }
}

#[test]
fn oss4_vectors() {
    for name in ["oss4_list_buckets", "oss4_bucket_acl", "oss4_policy_sts", "oss4_put_object_addl"] {
        let vector = vector(name);
        let url = vector["url"].as_str().unwrap().strip_prefix("https://").unwrap();
        let (host, rest) = url.split_once('/').unwrap();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut headers = texts(&vector["out_headers"]);
        headers.push(("host".into(), host.into()));
        let sent = Request::new(
            vector["method"].as_str().unwrap(),
            &format!("/{path}"),
            query,
            headers.into_iter().collect(),
            Bytes::new(),
        );
        let claim = Claim::read(&sent).unwrap();
        assert_eq!(claim.string_to_sign, vector["string_to_sign"].as_str().unwrap(), "{name}");
        assert!(claim.is_signed_with("sk"), "{name}");
    }
}

#[test]
fn simple_log_service_vectors() {
    for (name, scheme) in
        [("sls4_list", "sls4"), ("sls4_logs", "sls4"), ("sls1_list", "log1"), ("sls1_post", "log1")]
    {
        let vector = vector(name);
        let claim =
            Claim::read(&request(&vector, texts(&vector["headers"]), &query(&vector["query"]))).unwrap();
        assert_eq!((claim.scheme, claim.key_id.as_str()), (scheme, "ak"));
        assert!(claim.is_signed_with("sk") && !claim.is_signed_with("other"), "{name}");
        let other = request(&vector, texts(&vector["headers"]), "offset=1");
        assert!(!Claim::read(&other).unwrap().is_signed_with("sk"), "{name}: the query is signed");
        let mut headers = texts(&vector["headers"]);
        headers.push(("x-log-extra".into(), "1".into()));
        let other = request(&vector, headers, &query(&vector["query"]));
        assert!(!Claim::read(&other).unwrap().is_signed_with("sk"), "{name}: x-log headers are signed");
    }
    let vector = vector("sls1_post");
    let spoiled = serde_json::json!({"method": "POST", "path": "/logstores/ls/logs", "body": "{}"});
    let error = Claim::read(&request(&spoiled, texts(&vector["headers"]), "")).unwrap_err();
    assert_eq!(error.code, "SignatureDoesNotMatch");
}

/// A signed request with one thing wrong.
fn refused(change: impl FnOnce(&mut BTreeMap<String, String>, &mut Bytes)) -> String {
    let vector = vector("acs3_form_sts");
    let mut headers: BTreeMap<String, String> = texts(&vector["headers"]).into_iter().collect();
    headers.insert("authorization".into(), vector["authorization"].as_str().unwrap().into());
    let mut body = Bytes::from(vector["body"].as_str().unwrap().to_string());
    change(&mut headers, &mut body);
    match Claim::read(&Request::new("POST", "/", "", headers, body)) {
        Err(error) => error.code,
        Ok(claim) if claim.is_signed_with("sk") => "accepted".into(),
        Ok(_) => "SignatureDoesNotMatch".into(),
    }
}

#[test]
fn every_part_counts() {
    assert_eq!(refused(|_, _| ()), "accepted");
    assert_eq!(refused(|_, body| *body = Bytes::from("Status=Active")), "SignatureDoesNotMatch");
    let set = |name: &'static str, value: &'static str| {
        move |headers: &mut BTreeMap<String, String>, _: &mut Bytes| {
            headers.insert(name.into(), value.into());
        }
    };
    assert_eq!(refused(set("x-acs-region-id", "cn-hangzhou")), "IncompleteSignature");
    assert_eq!(refused(set("host", "ram.aliyuncs.com")), "SignatureDoesNotMatch");
    assert_eq!(refused(set("x-acs-action", "DeleteAccessKey")), "SignatureDoesNotMatch");
    assert_eq!(refused(set("x-acs-date", "2026-11-23 00:00:00")), "InvalidTimeStamp.Format");
    assert_eq!(refused(set("authorization", "ACS3-HMAC-SHA256 Credential=a")), "IncompleteSignature");
    assert_eq!(refused(set("authorization", "Bearer a")), "IncompleteSignature");
    assert_eq!(refused(set("user-agent", "anything")), "accepted");
}
