//! The profiles that `aliyun configure` writes.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::sts::{Federation, Role, expiry};
use super::{Miss, is_true, metadata};
use crate::ambient::Env;
use crate::openapi::{Client, Credentials};

#[derive(Deserialize)]
struct Configuration {
    current: Option<String>,
    #[serde(default)]
    profiles: Vec<Profile>,
}

/// One profile. It has no `Debug`: half of it is secret.
#[derive(Deserialize)]
struct Profile {
    name: String,
    mode: Option<String>,
    access_key_id: Option<String>,
    access_key_secret: Option<String>,
    sts_token: Option<String>,
    ram_role_arn: Option<String>,
    ram_session_name: Option<String>,
    ram_role_name: Option<String>,
    expired_seconds: Option<i64>,
    sts_region: Option<String>,
    policy: Option<String>,
    external_id: Option<String>,
    oidc_provider_arn: Option<String>,
    oidc_token_file: Option<String>,
}

/// The profile that `ALIBABA_CLOUD_PROFILE` names, else the current one.
pub(super) async fn current(client: &Client, env: &Env) -> Result<Credentials, Miss> {
    if is_true(env, "ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
        return Err(Miss::Absent("ALIBABA_CLOUD_CLI_PROFILE_DISABLED is true".to_owned()));
    }
    if let Some(name) = env.get("ALIBABA_CLOUD_PROFILE") {
        return named(client, env, name).await.map_err(Miss::demanded);
    }
    let path = path(env)?;
    let configuration = read(&path)?;
    let Some(name) = given(&configuration.current) else {
        return Err(Miss::Absent(format!("{} names no current profile", path.display())));
    };
    pick(&configuration, name, &path)?.credentials(client, env).await
}

/// The profile of that name.
pub(super) async fn named(client: &Client, env: &Env, name: &str) -> Result<Credentials, Miss> {
    let path = path(env)?;
    pick(&read(&path)?, name, &path)?.credentials(client, env).await
}

fn path(env: &Env) -> Result<PathBuf, Miss> {
    let home = env.get("HOME").or_else(|| env.get("USERPROFILE"));
    let home = home.ok_or_else(|| Miss::Absent("HOME is not set".to_owned()))?;
    Ok(Path::new(home).join(".aliyun").join("config.json"))
}

fn read(path: &Path) -> Result<Configuration, Miss> {
    let place = path.display();
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Miss::Absent(format!("{place} does not exist")),
        _ => Miss::setting(format!("cannot read {place}: {error}")),
    })?;
    // The parser's own words may repeat a value.
    serde_json::from_slice(&bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Miss::setting(format!("{place} is not understood (at line {line}, column {column})"))
    })
}

fn pick<'a>(configuration: &'a Configuration, name: &str, path: &Path) -> Result<&'a Profile, Miss> {
    let found = configuration.profiles.iter().find(|profile| profile.name == name);
    found.ok_or_else(|| Miss::setting(format!("{} has no profile {name:?}", path.display())))
}

fn given(field: &Option<String>) -> Option<&str> {
    field.as_deref().filter(|value| !value.is_empty())
}

impl Profile {
    async fn credentials(&self, client: &Client, env: &Env) -> Result<Credentials, Miss> {
        match given(&self.mode).unwrap_or_default() {
            // What the tool writes before anyone has given it a key.
            "AK" if given(&self.access_key_id).is_none() && given(&self.access_key_secret).is_none() => {
                Err(Miss::Absent(format!("profile {:?} has no access key", self.name)))
            }
            "AK" => Ok(Credentials::key(
                self.need("access_key_id", &self.access_key_id)?,
                self.need("access_key_secret", &self.access_key_secret)?,
            )),
            "StsToken" => self.session(),
            "RamRoleArn" => {
                let own = if given(&self.sts_token).is_some() {
                    self.session()?
                } else {
                    let id = self.need("access_key_id", &self.access_key_id)?;
                    Credentials::key(id, self.need("access_key_secret", &self.access_key_secret)?)
                };
                let role = Role {
                    arn: self.need("ram_role_arn", &self.ram_role_arn)?.to_owned(),
                    session_name: given(&self.ram_session_name).map(str::to_owned),
                    seconds: expiry(self.expired_seconds),
                    policy: given(&self.policy).map(str::to_owned),
                    region: self.region(env),
                };
                role.assume(client, own, given(&self.external_id)).await
            }
            "EcsRamRole" => {
                metadata::credentials(client, given(&self.ram_role_name)).await.map_err(Miss::demanded)
            }
            "OIDC" => {
                let or_env = |field: &'static str, value: &Option<String>, name: &str| {
                    let value = given(value).or_else(|| env.get(name)).map(str::to_owned);
                    value.ok_or_else(|| self.lacks(field))
                };
                let federation = Federation {
                    role: Role {
                        arn: or_env("ram_role_arn", &self.ram_role_arn, "ALIBABA_CLOUD_ROLE_ARN")?,
                        session_name: given(&self.ram_session_name)
                            .or_else(|| env.get("ALIBABA_CLOUD_ROLE_SESSION_NAME"))
                            .map(str::to_owned),
                        seconds: expiry(self.expired_seconds),
                        policy: given(&self.policy).map(str::to_owned),
                        region: self.region(env),
                    },
                    provider: or_env(
                        "oidc_provider_arn",
                        &self.oidc_provider_arn,
                        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
                    )?,
                    token_file: or_env(
                        "oidc_token_file",
                        &self.oidc_token_file,
                        "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
                    )?,
                };
                federation.credentials(client).await
            }
            other => Err(Miss::setting(format!(
                "profile {:?} has the mode {other:?}; understood are AK, StsToken, RamRoleArn, EcsRamRole and OIDC",
                self.name
            ))),
        }
    }

    fn session(&self) -> Result<Credentials, Miss> {
        Ok(Credentials::sts(
            self.need("access_key_id", &self.access_key_id)?,
            self.need("access_key_secret", &self.access_key_secret)?,
            self.need("sts_token", &self.sts_token)?,
        ))
    }

    fn region(&self, env: &Env) -> Option<String> {
        given(&self.sts_region).or_else(|| env.get("ALIBABA_CLOUD_STS_REGION")).map(str::to_owned)
    }

    fn need<'a>(&self, field: &'static str, value: &'a Option<String>) -> Result<&'a str, Miss> {
        given(value).ok_or_else(|| self.lacks(field))
    }

    fn lacks(&self, field: &'static str) -> Miss {
        Miss::setting(format!("profile {:?} has no {field}", self.name))
    }
}
