//! The role of an ECS instance, from its metadata service in hardened mode (IMDSv2: ECS documentation,
//! "Instance metadata"). The plain mode is not asked: every instance answers the hardened one.

use std::time::Duration;

use serde_json::Value;

use super::sts::temporary;
use super::{Miss, is_true};
use crate::ambient::Env;
use crate::openapi::{Client, Credentials, Kind, Reply, Request, Target, percent};

/// A link-local service: the same address on every instance.
const SERVICE: &str = "http://100.100.100.200";
const ROLES: &str = "/latest/meta-data/ram/security-credentials/";
/// It answers within milliseconds, or it is not there.
const TIMEOUT: Duration = Duration::from_secs(1);
/// The session token is used at once and forgotten.
const TOKEN_SECONDS: &str = "60";

/// As `ALIBABA_CLOUD_ECS_METADATA` (the role's name) and `ALIBABA_CLOUD_ECS_METADATA_DISABLED` say.
pub(super) async fn from_env(client: &Client, env: &Env) -> Result<Credentials, Miss> {
    if is_true(env, "ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
        return Err(Miss::Absent("ALIBABA_CLOUD_ECS_METADATA_DISABLED is true".to_owned()));
    }
    credentials(client, env.get("ALIBABA_CLOUD_ECS_METADATA")).await
}

/// The instance's role; without a name, the one that the instance has.
pub(super) async fn credentials(client: &Client, role: Option<&str>) -> Result<Credentials, Miss> {
    let header = ("x-aliyun-ecs-metadata-token-ttl-seconds", TOKEN_SECONDS);
    let token = text(&ask(client, "PUT", "/latest/api/token", header).await?)?;
    let token = ("x-aliyun-ecs-metadata-token", token.as_str());
    let role = match role {
        Some(role) => role.to_owned(),
        None => text(&ask(client, "GET", ROLES, token).await?)?,
    };
    let reply = ask(client, "GET", &format!("{ROLES}{}", percent(&role)), token).await?;
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let success = body.get("Code").and_then(Value::as_str) == Some("Success");
    let found = temporary(&body).filter(|_| success);
    found.ok_or_else(|| {
        Miss::Broken(Kind::Decode, format!("the metadata service has no credentials for the role {role:?}"))
    })
}

async fn ask(client: &Client, method: &str, path: &str, header: (&str, &str)) -> Result<Reply, Miss> {
    let mut request = Request::new(method, Target::Link(SERVICE.to_owned()), path);
    request.set(header.0, header.1);
    request.timeout = TIMEOUT;
    let reply = client.send(request).await.map_err(|failure| {
        let error = failure.into_error("metadata");
        Miss::Absent(format!("the metadata service does not answer ({})", error.message()))
    })?;
    match reply.status {
        200 => Ok(reply),
        404 if path.starts_with(ROLES) => Err(Miss::Absent("the instance has no such role".to_owned())),
        status => Err(Miss::Absent(format!("the metadata service answers {path} with HTTP {status}"))),
    }
}

/// The first line of an answer. An empty one cannot be used for anything.
fn text(reply: &Reply) -> Result<String, Miss> {
    let text = String::from_utf8_lossy(&reply.body);
    let line = text.trim().lines().next().unwrap_or_default().to_owned();
    // It becomes a header or part of a path.
    if line.is_empty() || !line.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Miss::Absent("the metadata service gives no usable answer".to_owned()));
    }
    Ok(line)
}
