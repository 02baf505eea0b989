//! Every vector of `signature-vectors.json`, which the official SDKs computed.

use serde_json::Value;

use super::*;
use crate::openapi::transport::{Request, Target};
use crate::openapi::{Credentials, canonical_query};

const VECTORS: &str = include_str!("../../../testdata/signature-vectors.json");

fn vector(name: &str) -> Value {
    serde_json::from_str::<Value>(VECTORS).unwrap()[name].clone()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let Some(object) = value.as_object() else { return Vec::new() };
    object.iter().map(|(key, value)| (key.to_lowercase(), value.as_str().unwrap().to_owned())).collect()
}

/// As [`pairs`], with the names as they are: parameters.
fn parameters(value: &Value) -> Vec<(String, String)> {
    let Some(object) = value.as_object() else { return Vec::new() };
    object.iter().map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect()
}

fn stamp(now: &str, nonce: &str) -> Stamp {
    Stamp { now: now.parse().unwrap(), nonce: nonce.to_owned() }
}

#[test]
fn rpc_1_0() {
    for name in ["rpc_get", "rpc_post_odd"] {
        let v = vector(name);
        let signature = rpc1::signature(
            &text(&v, "method"),
            &parameters(&v["params"]),
            &Credentials::key("testid", text(&v, "secret")),
        );
        assert_eq!(signature, text(&v, "signature"), "{name}");
    }
}

#[test]
fn rpc_1_0_as_it_is_sent() {
    let mut request = Request::new("GET", Target::Cloud("ims.aliyuncs.com".into()), "/");
    request.query = vec![("UserAccessKeyId".into(), "LTAI".into())];
    let credentials = Credentials::sts("STS.id", "sk", "tok+/=");
    rpc1(&mut request, "UpdateAccessKey", "2019-08-15", &credentials, &stamp("2026-11-23T00:00:00Z", "n"));
    assert!(request.query.is_empty(), "nothing secret in the URL");
    let mut sent = request.form();
    let position = sent.iter().position(|(name, _)| name == "Signature").unwrap();
    let (_, signature) = sent.remove(position);
    assert_eq!(signature, rpc1::signature("POST", &sent, &credentials));
    assert!(sent.contains(&("SecurityToken".into(), "tok+/=".into())));
}

#[test]
fn roa_1_0() {
    let v = vector("roa");
    let mut request = Request::new("GET", Target::Cloud("cs.aliyuncs.com".into()), text(&v, "path"));
    request.query = parameters(&v["query"]);
    request.set("content-type", "application/json");
    let credentials = Credentials::key("ak", text(&v, "secret"));
    roa1(&mut request, "2015-12-15", &credentials, &stamp("2016-02-23T12:46:24Z", "n1"));
    assert_eq!(roa1::string_to_sign(&request), text(&v, "string_to_sign"));
    assert_eq!(request.header("authorization").unwrap(), format!("acs ak:{}", text(&v, "signature")));
}

#[test]
fn acs3_all() {
    for name in ["acs3_doc", "acs3_form_sts", "acs3_roa_encoded"] {
        let v = vector(name);
        let headers = &v["headers"];
        let host = text(headers, "host");
        let mut request = Request::new(&text(&v, "method"), Target::Cloud(host), text(&v, "path"));
        request.query = parameters(&v["query"]);
        request.body = text(&v, "body").into();
        if let Some(kind) = headers["content-type"].as_str() {
            request.set("content-type", kind);
        }
        let credentials = match headers["x-acs-security-token"].as_str() {
            Some(token) => Credentials::sts(text(&v, "ak"), text(&v, "secret"), token),
            None => Credentials::key(text(&v, "ak"), text(&v, "secret")),
        };
        let at = stamp(&text(headers, "x-acs-date"), &text(headers, "x-acs-signature-nonce"));
        acs3(
            &mut request,
            &text(headers, "x-acs-action"),
            &text(headers, "x-acs-version"),
            &credentials,
            &at,
        );
        assert_eq!(request.header("authorization").unwrap(), text(&v, "authorization"), "{name}");
        for (key, value) in pairs(headers).into_iter().filter(|(key, _)| key != "host") {
            assert_eq!(request.header(&key), Some(value.as_str()), "{name} {key}");
        }
    }
}

#[test]
fn oss4_all() {
    for name in ["oss4_list_buckets", "oss4_bucket_acl", "oss4_policy_sts", "oss4_put_object_addl"] {
        let v = vector(name);
        let url = text(&v, "url");
        let rest = url.strip_prefix("https://").unwrap();
        let (host, path_and_query) = rest.split_once('/').unwrap();
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let mut request = Request::new(&text(&v, "method"), Target::Cloud(host.into()), format!("/{path}"));
        let decode =
            |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
        request.query = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(key, value)| (decode(key), decode(value)))
            .collect();
        for (key, value) in pairs(&v["in_headers"]) {
            request.set(&key, value);
        }
        let (bucket, key) = (text(&v, "bucket"), text(&v, "key"));
        let resource = match (bucket.as_str(), key.as_str()) {
            ("", _) => Resource::Service,
            (bucket, "") => Resource::Bucket(bucket),
            (bucket, key) => Resource::Object(bucket, key),
        };
        let additional: Vec<String> = v["additional"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        let additional: Vec<&str> = additional.iter().map(String::as_str).collect();
        let credentials = match v["token"].as_str() {
            Some(token) => Credentials::sts("ak", "sk", token),
            None => Credentials::key("ak", "sk"),
        };
        oss4(
            &mut request,
            "cn-hangzhou",
            resource,
            &additional,
            &credentials,
            &stamp("2026-11-23T00:00:00Z", ""),
        );
        for (key, value) in pairs(&v["out_headers"]) {
            assert_eq!(request.header(&key), Some(value.as_str()), "{name} {key}");
        }
    }
}

#[test]
fn sls_v4() {
    for (name, path) in [("sls4_list", "/logstores"), ("sls4_logs", "/logstores/ls/logs")] {
        let v = vector(name);
        let headers = &v["headers"];
        let method = if text(&v, "body").is_empty() { "GET" } else { "POST" };
        let mut request = Request::new(method, Target::Cloud(text(headers, "Host")), path);
        request.query = parameters(&v["params"]);
        request.body = text(&v, "body").into();
        request.set("content-type", text(headers, "Content-Type"));
        let credentials = match headers["x-acs-security-token"].as_str() {
            Some(token) => Credentials::sts("ak", "sk", token),
            None => Credentials::key("ak", "sk"),
        };
        sls4(&mut request, "cn-hangzhou", &credentials, &stamp("2026-11-23T00:00:00Z", ""));
        assert_eq!(request.header("authorization").unwrap(), text(&v, "authorization"), "{name}");
    }
}

#[test]
fn sls_v1() {
    for (name, method, path, query, body) in [
        ("sls1_list", "GET", "/logstores", vec![("offset", "0"), ("size", "100")], ""),
        ("sls1_post", "POST", "/logstores/ls/logs", vec![], "{\"query\":\"*\"}"),
    ] {
        let v = vector(name);
        let headers = &v["headers"];
        let mut request =
            Request::new(method, Target::Cloud("prj.cn-hangzhou.log.aliyuncs.com".into()), path);
        request.query = query.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        request.body = body.into();
        for name in ["Content-Type", "Content-MD5"] {
            if let Some(value) = headers[name].as_str() {
                request.set(&name.to_lowercase(), value);
            }
        }
        let credentials = match headers["x-acs-security-token"].as_str() {
            Some(token) => Credentials::sts("ak", "sk", token),
            None => Credentials::key("ak", "sk"),
        };
        sls1(&mut request, &credentials, &stamp("2026-11-23T00:00:00Z", ""));
        assert_eq!(request.header("authorization").unwrap(), text(headers, "Authorization"), "{name}");
    }
}

#[test]
fn every_vector_is_reproduced_above() {
    let all = serde_json::from_str::<Value>(VECTORS).unwrap();
    let here = include_str!("vectors.rs");
    for name in all.as_object().unwrap().keys() {
        assert!(here.contains(&format!("\"{name}\"")), "{name} is not tested");
    }
    assert!(canonical_query(&[]).is_empty());
}
