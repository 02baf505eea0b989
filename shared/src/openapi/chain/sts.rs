//! Becoming a role (STS, 2015-04-01).

use serde::Serialize;
use serde_json::Value;

use super::Miss;
use crate::ambient::Env;
use crate::openapi::{
    Action, Api, Client, Credentials, Effect, Error, Host, Kind, Rate, Reply, Request, Target,
};

/// How the audit log names our sessions where nobody has chosen a name.
const SESSION_NAME: &str = "cloud-hardening";
const VERSION: &str = "2015-04-01";

/// `AssumeRole`, at the host for all regions or, `REGIONAL`, at the one of a region.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRole<'a, const REGIONAL: bool> {
    role_arn: &'a str,
    role_session_name: &'a str,
    duration_seconds: u32,
    policy: Option<&'a str>,
    external_id: Option<&'a str>,
}

impl<const REGIONAL: bool> Action for AssumeRole<'_, REGIONAL> {
    // It makes a session and changes nothing in the account: safe to repeat.
    const API: Api = Api::rpc("sts", VERSION, "AssumeRole", host(REGIONAL)).needs("sts:AssumeRole");
    /// Taken apart by hand: a decoder's error would repeat what it could not decode.
    type Response = Value;
}

const fn host(regional: bool) -> Host {
    if regional { Host::Regional("sts") } else { Host::Central("sts.aliyuncs.com") }
}

/// A role to become.
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session_name: Option<String>,
    /// How long the session lasts.
    pub(super) seconds: u32,
    /// Narrows what the session may do.
    pub(super) policy: Option<String>,
    /// Where to ask; `None`: the host for all regions.
    pub(super) region: Option<String>,
}

/// An hour where the profile says nothing; a wrong number is for STS to refuse.
pub(super) fn expiry(seconds: Option<i64>) -> u32 {
    seconds.filter(|seconds| *seconds > 0).and_then(|seconds| seconds.try_into().ok()).unwrap_or(3600)
}

impl Role {
    fn session_name(&self) -> &str {
        self.session_name.as_deref().unwrap_or(SESSION_NAME)
    }

    /// The region, fit to be part of a host name.
    fn checked_region(&self) -> Result<Option<&str>, Miss> {
        let Some(region) = self.region.as_deref() else { return Ok(None) };
        if region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            Ok(Some(region))
        } else {
            Err(Miss::setting(format!("{region:?} is not a region id to ask STS in")))
        }
    }

    /// Becomes the role in the name of `own`.
    pub(super) async fn assume(
        &self,
        client: &Client,
        own: Credentials,
        external_id: Option<&str>,
    ) -> Result<Credentials, Miss> {
        let session = client.session(own, None);
        let body = match self.checked_region()? {
            Some(region) => session.in_region(region).call(&self.request::<true>(external_id)).await?,
            None => session.call(&self.request::<false>(external_id)).await?,
        };
        Ok(issued("sts:AssumeRole", &body.value)?)
    }

    fn request<'a, const REGIONAL: bool>(&'a self, external_id: Option<&'a str>) -> AssumeRole<'a, REGIONAL> {
        AssumeRole {
            role_arn: &self.arn,
            role_session_name: self.session_name(),
            duration_seconds: self.seconds,
            policy: self.policy.as_deref(),
            external_id,
        }
    }
}

/// A role to become with the token of an identity provider (RRSA: a pod's service account).
pub(super) struct Federation {
    pub(super) role: Role,
    pub(super) provider: String,
    pub(super) token_file: String,
}

impl Federation {
    pub(super) fn from_env(env: &Env) -> Result<Self, Miss> {
        let need = |name: &str| {
            env.get(name).map(str::to_owned).ok_or_else(|| Miss::Absent(format!("{name} is not set")))
        };
        Ok(Self {
            // Asked first: the role alone is set for other purposes, too.
            token_file: need("ALIBABA_CLOUD_OIDC_TOKEN_FILE")?,
            provider: need("ALIBABA_CLOUD_OIDC_PROVIDER_ARN")?,
            role: Role {
                arn: need("ALIBABA_CLOUD_ROLE_ARN")?,
                session_name: env.get("ALIBABA_CLOUD_ROLE_SESSION_NAME").map(str::to_owned),
                seconds: expiry(None),
                policy: None,
                region: env.get("ALIBABA_CLOUD_STS_REGION").map(str::to_owned),
            },
        })
    }

    /// `AssumeRoleWithOIDC`, which is not signed: the token is the proof.
    pub(super) async fn credentials(&self, client: &Client) -> Result<Credentials, Miss> {
        const LABEL: &str = "sts:AssumeRoleWithOIDC";
        let unreadable = |why: String| Miss::setting(format!("cannot read {}: {why}", self.token_file));
        let token =
            std::fs::read_to_string(&self.token_file).map_err(|error| unreadable(error.to_string()))?;
        let token = token.trim();
        if token.is_empty() {
            return Err(unreadable("the file is empty".to_owned()));
        }
        let region = self.role.checked_region()?;
        let name = host(region.is_some()).name(region.unwrap_or_default());
        let mut request = Request::new("POST", Target::Cloud(name), "/");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        request.query = vec![
            pair("Action", "AssumeRoleWithOIDC"),
            pair("Version", VERSION),
            pair("Format", "JSON"),
            pair("Timestamp", &client.clock().now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ];
        let mut form = vec![
            pair("RoleArn", &self.role.arn),
            pair("OIDCProviderArn", &self.provider),
            pair("OIDCToken", token),
            pair("RoleSessionName", self.role.session_name()),
            pair("DurationSeconds", &self.role.seconds.to_string()),
        ];
        form.extend(self.role.policy.as_deref().map(|policy| pair("Policy", policy)));
        request.set_form(&form);
        request.set("accept", "application/json");
        // Nothing is signed. The token stands in for the secret, so that errors are cleaned of it.
        let session = client.session(Credentials::key("", token), None);
        let limit = (Rate::per_second(5), false, LABEL);
        let mut found = None;
        let mut read = |reply: Reply| answered(LABEL, &reply).map(|credentials| found = Some(credentials));
        session.attempts(limit, "", Effect::Read, &request, &|_, _| {}, &mut read).await?;
        Ok(found.ok_or_else(|| Error::new(Kind::Decode, LABEL, "Decode", "no answer was read"))?)
    }
}

fn answered(label: &str, reply: &Reply) -> Result<Credentials, Error> {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if reply.is_success() {
        return issued(label, &body);
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let status = format!("HTTP {}", reply.status);
    let code = if text("Code").is_empty() { &status } else { text("Code") };
    Err(Error::from_reply(label, reply.status, code, text("Message"), text("RequestId")))
}

/// The credentials in an answer: `{"Credentials": {"AccessKeyId": ...}}`.
fn issued(label: &str, body: &Value) -> Result<Credentials, Error> {
    let found = body.get("Credentials").and_then(temporary);
    found.ok_or_else(|| Error::new(Kind::Decode, label, "Decode", "the answer holds no credentials"))
}

/// `AccessKeyId`, `AccessKeySecret` and `SecurityToken`, all of them.
pub(super) fn temporary(from: &Value) -> Option<Credentials> {
    let text = |name: &str| from.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(Credentials::sts(text("AccessKeyId")?, text("AccessKeySecret")?, text("SecurityToken")?))
}
