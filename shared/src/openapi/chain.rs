//! Where credentials come from on a laptop, a build machine or a server: the places where the official tools
//! look. Function Compute hands them over with each invocation and needs none of this.
//!
//! In this order, and the first that is set up is taken:
//! 1. the environment: `ALIBABA_CLOUD_ACCESS_KEY_ID`, `_SECRET`, `ALIBABA_CLOUD_SECURITY_TOKEN`
//! 2. a profile of `~/.aliyun/config.json`: `ALIBABA_CLOUD_PROFILE`, else the current one
//! 3. OIDC (RRSA): `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`, `ALIBABA_CLOUD_OIDC_TOKEN_FILE`
//! 4. the role of the ECS instance, from its metadata service
//!
//! A place that is set up but does not work ends the search: a tool that judges and changes an account must
//! not quietly go on as somebody else. Names and modes are those of the official credentials library for Go.

mod metadata;
mod profile;
mod sts;
#[cfg(test)]
mod tests;

use super::{Client, Credentials, Error, Kind};
use crate::ambient::Env;

/// Why a place gave no credentials.
enum Miss {
    /// Nothing is set up there.
    Absent(String),
    /// Something is, and it does not work.
    Broken(Kind, String),
}

impl Miss {
    fn setting(why: impl Into<String>) -> Self {
        Self::Broken(Kind::Setting, why.into())
    }

    fn why(&self) -> &str {
        match self {
            Self::Absent(why) | Self::Broken(_, why) => why,
        }
    }

    /// What someone has asked for by name must be there.
    fn demanded(self) -> Self {
        match self {
            Self::Absent(why) => Self::setting(why),
            broken @ Self::Broken(..) => broken,
        }
    }
}

impl From<Error> for Miss {
    fn from(error: Error) -> Self {
        Self::Broken(error.kind(), error.to_string())
    }
}

/// The places, in order.
#[derive(Debug, Clone, Copy)]
enum Place {
    Environment,
    Profile,
    Oidc,
    Instance,
}

impl Place {
    const ALL: [Self; 4] = [Self::Environment, Self::Profile, Self::Oidc, Self::Instance];

    fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Profile => "profile",
            Self::Oidc => "OIDC",
            Self::Instance => "ECS instance role",
        }
    }

    async fn look(self, client: &Client, env: &Env) -> Result<Credentials, Miss> {
        match self {
            Self::Environment => environment(env),
            Self::Profile => profile::current(client, env).await,
            Self::Oidc => sts::Federation::from_env(env)?.credentials(client).await,
            Self::Instance => metadata::from_env(client, env).await,
        }
    }
}

/// Looks for credentials. With `profile`, in that profile of `~/.aliyun/config.json` and nowhere else. Takes a
/// second when there is nothing: only a time-out tells that this machine is no ECS instance.
///
/// # Errors
/// When there are none, or those that are set up do not work. The message lists where was looked and why each
/// place did not do; it holds no secret.
pub async fn find(client: &Client, env: &Env, profile: Option<&str>) -> Result<Credentials, Error> {
    if let Some(name) = profile {
        return profile::named(client, env, name).await.map_err(|miss| failure(&[], miss.demanded()));
    }
    let mut absent = Vec::new();
    for place in Place::ALL {
        match place.look(client, env).await {
            Ok(credentials) => return Ok(credentials),
            Err(Miss::Absent(why)) => absent.push(format!("{}: {why}", place.name())),
            Err(Miss::Broken(kind, why)) => {
                return Err(failure(&absent, Miss::Broken(kind, format!("{}: {why}", place.name()))));
            }
        }
    }
    Err(failure(&[], Miss::Absent(absent.join("; "))))
}

/// The credentials in the environment: a key id and a secret, with a session token if they are temporary.
pub fn from_env(env: &Env) -> Option<Credentials> {
    environment(env).ok()
}

fn environment(env: &Env) -> Result<Credentials, Miss> {
    const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
    const SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
    match (env.get(ID), env.get(SECRET), env.get("ALIBABA_CLOUD_SECURITY_TOKEN")) {
        (Some(id), Some(secret), None) => Ok(Credentials::key(id, secret)),
        (Some(id), Some(secret), Some(token)) => Ok(Credentials::sts(id, secret, token)),
        (Some(_), None, _) => Err(Miss::setting(format!("{ID} is set, but {SECRET} is not"))),
        (None, Some(_), _) => Err(Miss::setting(format!("{SECRET} is set, but {ID} is not"))),
        (None, None, _) => Err(Miss::Absent(format!("{ID} is not set"))),
    }
}

fn is_true(env: &Env, name: &str) -> bool {
    env.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn failure(absent: &[String], miss: Miss) -> Error {
    match &miss {
        Miss::Absent(_) => Error::new(
            Kind::Credential,
            "credentials",
            "NoCredentials",
            format!("none were found. {}", miss.why()),
        ),
        Miss::Broken(kind, why) => {
            let before = if absent.is_empty() {
                String::new()
            } else {
                format!(" (before that: {})", absent.join("; "))
            };
            Error::new(*kind, "credentials", "UnusableCredentials", format!("{why}{before}"))
        }
    }
}
