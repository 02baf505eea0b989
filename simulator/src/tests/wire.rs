//! Calls that are no RPC: OSS in any region, ROA products, Simple Log Service.

use super::client::{Reply, send, sign};
use crate::request::Request;
use crate::signature::{Claim, sha256_hex};
use crate::{Keys, Simulator, ids};
use bytes::Bytes;
use std::collections::BTreeMap;

fn headers(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

/// A read of OSS, signed with OSS4. `target` is `host/path?query`.
pub(super) fn get_oss(cloud: &Simulator, keys: &Keys, target: &str) -> Reply {
    let (host, path, query) = split(target);
    let endpoint = host.strip_suffix(".aliyuncs.com").unwrap();
    let region = endpoint.rsplit_once("oss-").unwrap().1;
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut headers =
        headers(&[("host", host), ("x-oss-date", &stamp), ("x-oss-content-sha256", "UNSIGNED-PAYLOAD")]);
    let scope = format!("{}/{}/{region}/oss/aliyun_v4_request", keys.id, &stamp[..8]);
    let claim = format!("OSS4-HMAC-SHA256 Credential={scope}");
    sign(&mut headers, &claim, "GET", &path, query, keys, Bytes::new());
    send(cloud, &Request::new("GET", &path, query, headers, Bytes::new()), query).unwrap()
}

/// A read of a ROA product, signed with ACS3. `target` is `host/path?query`.
pub(super) fn get_roa(cloud: &Simulator, keys: &Keys, version: &str, target: &str) -> Reply {
    let (host, path, query) = split(target);
    let mut headers = headers(&[
        ("host", host),
        ("x-acs-version", version),
        ("x-acs-content-sha256", &sha256_hex(b"")),
        ("x-acs-date", &ids::date(jiff::Timestamp::now())),
        ("x-acs-signature-nonce", &ids::random_hex(8)),
    ]);
    let signed: Vec<&str> = headers.keys().map(String::as_str).collect();
    let claim = format!("ACS3-HMAC-SHA256 Credential={},SignedHeaders={}", keys.id, signed.join(";"));
    sign(&mut headers, &claim, "GET", &path, query, keys, Bytes::new());
    send(cloud, &Request::new("GET", &path, query, headers, Bytes::new()), query).unwrap()
}

/// A read of Simple Log Service, signed with V4. `target` is `host/path?query`.
pub(super) fn get_log(cloud: &Simulator, keys: &Keys, target: &str) -> Reply {
    let (host, path, query) = split(target);
    let region = host.strip_suffix(".log.aliyuncs.com").unwrap().rsplit('.').next().unwrap();
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut headers = headers(&[
        ("host", host),
        ("x-log-apiversion", "0.6.0"),
        ("x-log-bodyrawsize", "0"),
        ("x-log-date", &stamp),
        ("x-log-content-sha256", &sha256_hex(b"")),
    ]);
    headers.extend(keys.token.iter().map(|token| ("x-acs-security-token".into(), token.clone())));
    let scope = format!("{}/{}/{region}/sls/aliyun_v4_request", keys.id, &stamp[..8]);
    sign(
        &mut headers,
        &format!("SLS4-HMAC-SHA256 Credential={scope}"),
        "GET",
        &path,
        query,
        keys,
        Bytes::new(),
    );
    send(cloud, &Request::new("GET", &path, query, headers, Bytes::new()), query).unwrap()
}

/// The same, signed with V1.
pub(super) fn get_log_v1(cloud: &Simulator, keys: &Keys, target: &str) -> Reply {
    let (host, path, query) = split(target);
    let date = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut headers = headers(&[
        ("host", host),
        ("x-log-apiversion", "0.6.0"),
        ("x-log-signaturemethod", "hmac-sha256"),
        ("x-log-bodyrawsize", "0"),
        ("date", &date),
        ("authorization", &format!("LOG {}:0", keys.id)),
    ]);
    let unsigned = Request::new("GET", &path, query, headers.clone(), Bytes::new());
    let signature = Claim::read(&unsigned).unwrap().expected(&keys.secret);
    headers.insert("authorization".into(), format!("LOG {}:{signature}", keys.id));
    send(cloud, &Request::new("GET", &path, query, headers, Bytes::new()), query).unwrap()
}

fn split(target: &str) -> (&str, String, &str) {
    let (host, rest) = target.split_once('/').unwrap();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (host, format!("/{path}"), query)
}
