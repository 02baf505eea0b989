//! A plain HTTP client: one connection a call.

use crate::request::{Request, encode};
use crate::signature::{Claim, sha256_hex};
use crate::{Account, Keys, Settings, Simulator, ids};
use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {}", self.body))
    }

    pub(super) fn code(&self) -> String {
        self.json()["Code"].as_str().unwrap_or_default().into()
    }
}

pub(super) fn start() -> Simulator {
    Simulator::start(Account::builtin(), Settings::default()).unwrap()
}

/// Root's credentials: made in the console, since the built-in account has none.
pub(super) fn root(cloud: &Simulator) -> Keys {
    let made = cloud.root_creates_key(crate::Variant::Ims);
    Keys { id: made.id, secret: made.secret, token: None }
}

pub(super) fn send(cloud: &Simulator, request: &Request, query: &str) -> std::io::Result<Reply> {
    let mut stream = TcpStream::connect(cloud.base_url().strip_prefix("http://").unwrap())?;
    let target = if query.is_empty() { request.path.clone() } else { format!("{}?{query}", request.path) };
    let mut text = format!("{} {target} HTTP/1.1\r\nconnection: close\r\n", request.method);
    for (name, value) in &request.headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("content-length: {}\r\n\r\n", request.body.len());
    stream.write_all(text.as_bytes())?;
    stream.write_all(&request.body)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status = head[9..12].parse().unwrap();
    Ok(Reply { status, head: head.to_lowercase(), body: body.into() })
}

/// A call signed with ACS3. `api` is `host/version/Action`; `more` are extra headers.
pub(super) fn try_call(
    cloud: &Simulator,
    keys: &Keys,
    api: &str,
    params: &[(&str, &str)],
    more: &[(&str, &str)],
) -> std::io::Result<Reply> {
    let [host, version, action] = api.split('/').collect::<Vec<_>>()[..] else { panic!("{api}") };
    let query: Vec<String> = params.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
    let query = query.join("&");
    let mut headers: BTreeMap<String, String> = [
        ("host", host),
        ("x-acs-version", version),
        ("x-acs-action", action),
        ("x-acs-content-sha256", &sha256_hex(b"")),
        ("x-acs-date", &ids::date(jiff::Timestamp::now())),
        ("x-acs-signature-nonce", &ids::random_hex(8)),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into();
    headers.extend(keys.token.iter().map(|token| ("x-acs-security-token".into(), token.clone())));
    headers.extend(more.iter().map(|(name, value)| ((*name).into(), (*value).into())));
    let signed: Vec<&str> = headers
        .keys()
        .map(String::as_str)
        .filter(|name| *name == "host" || name.starts_with("x-acs-"))
        .collect();
    let claim = format!("ACS3-HMAC-SHA256 Credential={},SignedHeaders={}", keys.id, signed.join(";"));
    sign(&mut headers, &claim, "POST", "/", &query, keys, Bytes::new());
    let request = Request::new("POST", "/", &query, headers, Bytes::new());
    send(cloud, &request, &query)
}

pub(super) fn sign(
    headers: &mut BTreeMap<String, String>,
    claim: &str,
    method: &str,
    path: &str,
    query: &str,
    keys: &Keys,
    body: Bytes,
) {
    headers.insert("authorization".into(), format!("{claim},Signature=0"));
    let request = Request::new(method, path, query, headers.clone(), body);
    let signature = Claim::read(&request).unwrap().expected(&keys.secret);
    headers.insert("authorization".into(), format!("{claim},Signature={signature}"));
}

pub(super) fn call(cloud: &Simulator, keys: &Keys, api: &str, params: &[(&str, &str)]) -> Reply {
    try_call(cloud, keys, api, params, &[]).unwrap()
}

pub(super) fn ims(cloud: &Simulator, keys: &Keys, action: &str, params: &[(&str, &str)]) -> Reply {
    call(cloud, keys, &format!("ims.aliyuncs.com/2019-08-15/{action}"), params)
}

/// An OSS call in cn-hangzhou, signed with OSS4. `target` is `bucket/key?query`.
pub(super) fn oss(
    cloud: &Simulator,
    keys: &Keys,
    method: &str,
    target: &str,
    more: &[(&str, &str)],
    body: &str,
) -> Reply {
    let (bucket, rest) = target.split_once('/').unwrap();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut headers: BTreeMap<String, String> = [
        ("host", format!("{bucket}.oss-cn-hangzhou.aliyuncs.com")),
        ("x-oss-date", stamp.clone()),
        ("x-oss-content-sha256", "UNSIGNED-PAYLOAD".into()),
    ]
    .map(|(name, value)| (name.into(), value))
    .into();
    headers.extend(keys.token.iter().map(|token| ("x-oss-security-token".into(), token.clone())));
    headers.extend(more.iter().map(|(name, value)| ((*name).into(), (*value).into())));
    let scope = format!("{}/{}/cn-hangzhou/oss/aliyun_v4_request", keys.id, &stamp[..8]);
    let claim = format!("OSS4-HMAC-SHA256 Credential={scope}");
    let (path, body) = (format!("/{path}"), Bytes::from(body.to_string()));
    sign(&mut headers, &claim, method, &path, query, keys, body.clone());
    send(cloud, &Request::new(method, &path, query, headers, body), query).unwrap()
}
