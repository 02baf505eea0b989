//! Who calls, and whether they may: credentials, signature, AccessKey network policy, RAM policy.

use crate::account::{AccessKey, Account, KeyHolder, KeyStatus};
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::network_policy::NetworkPolicy;
use crate::permission::{self, Document};
use crate::request::Request;
use crate::settings::Settings;
use crate::signature::Claim;
use jiff::Timestamp;
use std::net::{IpAddr, Ipv4Addr};

/// Where calls come from when nothing says otherwise: an address for documentation (RFC 5737).
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 10));

/// Whose credentials they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    Root,
    User(String),
    Role { role: String, session: String },
}

/// The authenticated sender of a request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) key_id: String,
    pub(crate) principal: Principal,
    pub(crate) source: IpAddr,
    pub(crate) vpc: Option<String>,
    session_policy: Option<Document>,
}

/// Credentials as the account has them.
struct Credential<'a> {
    secret: &'a str,
    token: Option<&'a str>,
    principal: Principal,
    expires: Option<&'a str>,
    disabled: bool,
    policy: Option<&'a Document>,
    calls_from: (Option<IpAddr>, Option<&'a str>),
}

fn credential<'a>(account: &'a Account, id: &str) -> Option<Credential<'a>> {
    if let Some((holder, key)) = account.key(id) {
        return Some(Credential {
            secret: &key.secret,
            token: None,
            principal: match holder {
                KeyHolder::Root => Principal::Root,
                KeyHolder::User(name) => Principal::User(name),
            },
            expires: None,
            disabled: key.status == KeyStatus::Inactive,
            policy: None,
            calls_from: (key.calls_from, key.calls_from_vpc.as_deref()),
        });
    }
    let (role, session) = account.session(id)?;
    Some(Credential {
        secret: &session.secret,
        token: Some(&session.token),
        principal: Principal::Role { role: role.name.clone(), session: session.name.clone() },
        expires: session.expires.as_deref(),
        disabled: false,
        policy: session.policy.as_ref(),
        calls_from: (session.calls_from, session.calls_from_vpc.as_deref()),
    })
}

impl Credential<'_> {
    /// Who calls with it, and from where.
    fn caller(self, key_id: &str, request: &Request) -> Caller {
        let named: Option<IpAddr> = request.header("x-simulated-source-ip").and_then(|ip| ip.parse().ok());
        let vpc = request.header("x-simulated-source-vpc");
        Caller {
            key_id: key_id.into(),
            principal: self.principal,
            source: named.or(self.calls_from.0).unwrap_or(ELSEWHERE),
            vpc: vpc.or(if named.is_none() { self.calls_from.1 } else { None }).map(Into::into),
            session_policy: self.policy.cloned(),
        }
    }
}

impl Cloud {
    /// Who calls with a disabled key; None if it is not disabled. Not authenticated: for the trail only.
    pub(crate) fn disabled_caller(&self, key_id: &str, request: &Request) -> Option<Caller> {
        let found = credential(&self.account, key_id).filter(|found| found.disabled)?;
        Some(found.caller(key_id, request))
    }

    /// Checks a claim: the key, its token, the clock, the signature, the nonce, in this order.
    pub(crate) fn authenticate(&mut self, request: &Request, claim: &Claim) -> Result<Caller, ApiError> {
        let gateway = ApiError::gateway;
        let Some(found) = credential(&self.account, &claim.key_id) else {
            return Err(gateway(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."));
        };
        if found.disabled {
            return Err(ApiError::key_disabled());
        }
        match (found.token, claim.token.as_deref().filter(|token| !token.is_empty())) {
            (None, None) => {}
            (Some(_), None) => {
                let message = "The SecurityToken of the temporary credentials is mandatory.";
                return Err(gateway(400, "MissingSecurityToken", message));
            }
            (Some(expected), Some(token)) if expected == token => {}
            _ => {
                let message = "Specified SecurityToken mismatch with the AccessKey.";
                return Err(gateway(403, "InvalidSecurityToken.MismatchWithAccessKey", message));
            }
        }
        let ends = found.expires.and_then(|at| at.parse::<Timestamp>().ok());
        if ends.is_some_and(|at| at <= self.now()) {
            return Err(gateway(403, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."));
        }
        // The machine's time, not the account's: clients sign by it.
        if claim.time.duration_until(Timestamp::now()).abs() > claim.window {
            let message = "Specified time stamp or date value is expired.";
            return Err(gateway(400, "InvalidTimeStamp.Expired", message));
        }
        if !claim.is_signed_with(found.secret) {
            let message = format!(
                "Specified signature is not matched with our calculation. server string to sign is:{}",
                claim.string_to_sign
            );
            return Err(ApiError::gateway(400, "SignatureDoesNotMatch", message));
        }
        let caller = found.caller(&claim.key_id, request);
        if let Some(nonce) = &claim.nonce
            && !self.nonces.insert((claim.key_id.clone(), nonce.clone()))
        {
            return Err(gateway(400, "SignatureNonceUsed", "Specified signature nonce was used already."));
        }
        Ok(caller)
    }

    /// Checks the AccessKey network policies. They do not bind role sessions.
    pub(crate) fn admit(&self, caller: &Caller) -> Result<(), ApiError> {
        let Some((_, key)) = self.account.key(&caller.key_id) else { return Ok(()) };
        let vpc = caller.vpc.as_deref();
        match refusing_level(&self.account, &self.settings, key, caller.source, vpc) {
            None => Ok(()),
            Some(level) => {
                let message = format!(
                    "The {level}-level AccessKey network access policy does not allow calls from {}.",
                    caller.source
                );
                Err(ApiError::new(403, "Forbidden.AccessKeyNetworkPolicy", message))
            }
        }
    }

    /// Whether the caller's RAM policies allow an action. Root may do everything.
    pub(crate) fn may(&self, caller: &Caller, action: &str, resource: &str) -> bool {
        let attached = match &caller.principal {
            Principal::Root => return true,
            Principal::User(name) => self.account.user(name).map(|user| &user.policies),
            Principal::Role { role, .. } => self.account.role(role).map(|role| &role.policies),
        };
        let Some(names) = attached else { return false };
        permission::allows(self.account.documents(names), action, resource)
            && caller
                .session_policy
                .as_ref()
                .is_none_or(|bound| permission::allows([bound], action, resource))
    }
}

/// Which level refuses a permanent key's calls from there, if any: its own policy if Active, else the
/// account's.
fn refusing_level(
    account: &Account,
    settings: &Settings,
    key: &AccessKey,
    source: IpAddr,
    vpc: Option<&str>,
) -> Option<&'static str> {
    let active = |policy: Option<&'_ NetworkPolicy>| policy.is_some_and(NetworkPolicy::is_active);
    let account_level = account.access_key_policy.as_deref();
    let (level, policy) = match key.policy.as_ref() {
        own if active(own) => ("key", own),
        _ if active(account_level) => ("account", account_level),
        _ => return None,
    };
    let admits = |policy: &NetworkPolicy| policy.admits(source, vpc, settings.policy_without_statements);
    if policy.is_none_or(admits) { None } else { Some(level) }
}

/// Whether a permanent key may call from there: it is Active and no network policy refuses it.
pub(crate) fn key_may_call(
    account: &Account,
    settings: &Settings,
    key: &AccessKey,
    source: IpAddr,
    vpc: Option<&str>,
) -> bool {
    key.status == KeyStatus::Active && refusing_level(account, settings, key, source, vpc).is_none()
}
