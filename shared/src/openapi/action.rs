//! What can be asked: one struct per API, its fields the parameters.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// One API: what it is called, where it lives, what it may cost, what it needs.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    /// The product's code, lower case: `ims`.
    pub product: &'static str,
    /// The API version: `2019-08-15`.
    pub version: &'static str,
    /// The action: `UpdateAccessKey`.
    pub name: &'static str,
    /// Where it is sent.
    pub host: Host,
    /// RPC or ROA.
    pub style: Style,
    /// Whether it changes anything, and whether it may be repeated.
    pub effect: Effect,
    /// The RAM action the caller must be allowed, with the product's RAM code: `ram:UpdateAccessKey`. `None`
    /// where the documentation asks for no permission.
    pub permission: Option<&'static str>,
    /// How often it may be called, per account and region (the product's quota page, or our own default).
    pub rate: Rate,
    /// Whether all regions count against one window.
    pub rate_shared: bool,
    /// Whether the answer is an envelope whose `Success` decides, even on HTTP 200 (EventBridge).
    pub envelope: bool,
}

/// Where an API lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// One host for all regions.
    Central(&'static str),
    /// `{prefix}.{region}.aliyuncs.com`.
    Regional(&'static str),
    /// The same, but for regions that the endpoint list of the product gives another host.
    RegionalBut(&'static str, &'static [(&'static str, &'static str)]),
    /// The same, but for the regions that are served by `{prefix}.aliyuncs.com`: as the endpoint map of the product's SDK says.
    Mixed(&'static str, &'static [&'static str]),
    /// `oss-{region}.aliyuncs.com`, with the bucket in front of it.
    ObjectStore,
    /// `{region}.log.aliyuncs.com`, with the project in front of it.
    LogService,
}

impl Host {
    /// The host name for a region.
    pub fn name(self, region: &str) -> String {
        match self {
            Self::Central(host) => host.to_owned(),
            Self::RegionalBut(prefix, elsewhere) => {
                match elsewhere.iter().find(|(name, _)| *name == region) {
                    Some((_, host)) => (*host).to_owned(),
                    None => Self::Regional(prefix).name(region),
                }
            }
            Self::Mixed(prefix, central) if central.contains(&region) => format!("{prefix}.aliyuncs.com"),
            Self::Regional(prefix) | Self::Mixed(prefix, _) => format!("{prefix}.{region}.aliyuncs.com"),
            Self::ObjectStore => format!("oss-{region}.aliyuncs.com"),
            Self::LogService => format!("{region}.log.aliyuncs.com"),
        }
    }

    /// Whether each region has its own.
    pub fn is_regional(self) -> bool {
        !matches!(self, Self::Central(_))
    }
}

/// The shapes of OpenAPI, and the two services that have a protocol and signatures of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Everything is a parameter, the path is `/`.
    Rpc,
    /// RPC whose parameters travel in the body as a form, as the metadata says of a few (and of long ones).
    RpcForm,
    /// A method and a path; parameters in the query (`GET`, `DELETE`) or as JSON in the body.
    Roa(&'static str),
    /// The object store: `GET` a path, OSS4 signatures, XML.
    ObjectStore,
    /// The log service: `GET` a path, its own signatures, JSON.
    LogService,
}

/// What a call does to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes something; doing it twice is the same as once, so it may be tried again.
    Write,
    /// Changes something anew each time: tried again only when it certainly did not arrive.
    WriteOnce,
}

/// So many calls in each such time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Calls in one window.
    pub calls: u32,
    /// The window.
    pub per: Duration,
}

impl Rate {
    /// Calls a second.
    pub const fn per_second(calls: u32) -> Self {
        Self { calls, per: Duration::from_secs(1) }
    }
}

impl Api {
    /// An RPC API that reads. Refine it with the methods below.
    pub const fn rpc(product: &'static str, version: &'static str, name: &'static str, host: Host) -> Self {
        Self {
            product,
            version,
            name,
            host,
            style: Style::Rpc,
            effect: Effect::Read,
            permission: None,
            // Our own choice where no quota page exists (alibaba-cloud-apis.md, section 7): unverified.
            rate: Rate::per_second(5),
            rate_shared: false,
            envelope: false,
        }
    }

    /// A ROA API that reads.
    pub const fn roa(
        product: &'static str,
        version: &'static str,
        name: &'static str,
        host: Host,
        method: &'static str,
    ) -> Self {
        let mut api = Self::rpc(product, version, name, host);
        api.style = Style::Roa(method);
        api
    }

    /// A read of the object store. No quota per API is published; a bucket takes far more than this
    /// (alibaba-cloud-apis.md, section 7).
    pub const fn oss(name: &'static str) -> Self {
        let mut api = Self::rpc("oss", "2019-05-17", name, Host::ObjectStore);
        api.style = Style::ObjectStore;
        api.rate = Rate::per_second(200);
        api
    }

    /// A read of the log service.
    pub const fn log(name: &'static str) -> Self {
        let mut api = Self::rpc("log", "2020-12-30", name, Host::LogService);
        api.style = Style::LogService;
        api
    }

    /// Parameters travel in the body.
    pub const fn form(mut self) -> Self {
        self.style = Style::RpcForm;
        self
    }

    /// It changes something, idempotently.
    pub const fn writes(mut self) -> Self {
        self.effect = Effect::Write;
        self
    }

    /// It changes something, and again each time.
    pub const fn writes_once(mut self) -> Self {
        self.effect = Effect::WriteOnce;
        self
    }

    /// The RAM action it needs.
    pub const fn needs(mut self, permission: &'static str) -> Self {
        self.permission = Some(permission);
        self
    }

    /// How often it may be called.
    pub const fn limit(mut self, rate: Rate) -> Self {
        self.rate = rate;
        self
    }

    /// Its rate is the account's, not a region's.
    pub const fn shared_by_regions(mut self) -> Self {
        self.rate_shared = true;
        self
    }

    /// The answer is an envelope with `Success`.
    pub const fn envelope(mut self) -> Self {
        self.envelope = true;
        self
    }

    /// `ims:UpdateAccessKey`: how errors, reports and steps name it.
    pub fn label(&self) -> String {
        format!("{}:{}", self.product, self.name)
    }
}

/// One request, typed. `None` fields are not sent.
pub trait Action: Serialize + Sync {
    /// What it calls.
    const API: Api;
    /// What comes back.
    type Response: DeserializeOwned + Send;

    /// The path of a request that has one, its segments percent-encoded.
    fn path(&self) -> String {
        "/".to_owned()
    }

    /// What stands in front of the host name: a bucket, a log project.
    fn subdomain(&self) -> Option<&str> {
        None
    }

    /// Makes the answer of the body of a success: JSON, where the action does not say otherwise.
    ///
    /// # Errors
    /// What was not understood.
    fn parse(body: &[u8]) -> Result<Self::Response, String> {
        serde_json::from_slice(body).map_err(|error| error.to_string())
    }
}

/// What came back, and the request id to quote to the provider's support.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// The parsed body.
    pub value: T,
    /// `x-acs-request-id`, or the body's `RequestId`; empty if neither was there.
    pub request_id: String,
}

impl<T> std::ops::Deref for Answer<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// The answer of an API that has nothing to say.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub struct Empty {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_follow_the_rule_but_for_exceptions() {
        let host = Host::RegionalBut("slb", &[("cn-hangzhou", "slb.aliyuncs.com")]);
        assert_eq!(host.name("cn-hangzhou"), "slb.aliyuncs.com");
        assert_eq!(host.name("cn-beijing"), "slb.cn-beijing.aliyuncs.com");
        assert!(host.is_regional() && !Host::Central("ram.aliyuncs.com").is_regional());
    }

    #[test]
    fn some_regions_share_the_central_host() {
        let host = Host::Mixed("rds", &["cn-hangzhou"]);
        assert_eq!(host.name("cn-hangzhou"), "rds.aliyuncs.com");
        assert_eq!(host.name("eu-central-1"), "rds.eu-central-1.aliyuncs.com");
    }
}
