//! What a product is made of: the hosts it answers at, its APIs with their parameters and permissions, and
//! the manner in which it answers. The products themselves are in [`crate::products`].

use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ApiError;
use crate::request::{Request, decode};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Parameters that every OpenAPI call may carry beside the API's own (OpenAPI, "Common parameters").
const COMMON: [&str; 11] = [
    "Action",
    "Version",
    "Format",
    "AccessKeyId",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "SignatureNonce",
    "Timestamp",
    "SecurityToken",
    "RegionId",
];

/// One product.
pub(crate) struct Product {
    /// The name in the call log and in fault patterns: `ims`.
    pub(crate) name: &'static str,
    /// The name in events: `Ims`.
    pub(crate) service: &'static str,
    pub(crate) version: &'static str,
    /// Whether this host is the product's, and which region it names.
    pub(crate) serves: fn(host: &str) -> Option<Option<String>>,
    /// The action that a request asks for. Fills the request's own parameters.
    pub(crate) identify: fn(&'static Product, &mut Request) -> Result<String, ApiError>,
    /// The product's own status and code for an error, where it has one.
    pub(crate) translate: fn(ApiError) -> ApiError,
    /// How the product says no.
    pub(crate) refuse: fn(&ApiError, &Exchange) -> Reply,
    pub(crate) request_id_header: &'static str,
    /// Whether AccessKey network policies bind its callers. Not EventBridge, for one (RAM user guide).
    pub(crate) key_policies: bool,
    /// Whether its events are kept in the region of global services.
    pub(crate) global: bool,
    /// Whether its calls are management events: those on data are not what LookupEvents shows.
    pub(crate) management: bool,
    pub(crate) apis: &'static [Api],
}

/// What a reply needs to know of the request.
pub(crate) struct Exchange<'a> {
    pub(crate) request: &'a Request,
    pub(crate) request_id: &'a str,
    pub(crate) product: &'a str,
    pub(crate) action: &'a str,
}

impl Exchange<'_> {
    /// RPC 1.0 answers in XML where JSON is not asked for (OpenAPI, "Format", default XML).
    fn wants_xml(&self) -> bool {
        self.request.field("Signature").is_some()
            && !self.request.field("Format").is_some_and(|format| format.eq_ignore_ascii_case("json"))
    }
}

/// What an API is told when it is called.
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request,
    pub(crate) caller: &'a Caller,
    /// Whether an older state is shown on purpose: then read lags do not matter.
    pub(crate) stale: bool,
}

impl Asked<'_> {
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.request.param(name)
    }

    /// A required parameter: it is there, since the gateway checked.
    pub(crate) fn required(&self, name: &str) -> &str {
        self.request.param(name).unwrap_or_default()
    }
}

/// What an API does to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    /// Changes the account and is recorded by the trail.
    Write,
    /// Changes data or makes credentials; the trail's management events leave it out.
    DataWrite,
}

pub(crate) type Handler = fn(&mut Cloud, &Asked) -> Result<Answer, ApiError>;
type Resource = fn(&Cloud, &Asked) -> String;

/// One API.
pub(crate) struct Api {
    pub(crate) name: &'static str,
    pub(crate) effect: Effect,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    /// Parameters that the API has and the simulator does not play.
    unplayed: &'static [&'static str],
    /// How many calls a region takes in so many seconds, as documented.
    pub(crate) rate: Option<Rate>,
    /// Method and path pattern of a resource-oriented (ROA) API; None: RPC.
    route: Option<(&'static str, &'static str)>,
    /// The RAM action that it needs; None: every caller may.
    pub(crate) needs: Option<&'static str>,
    /// The resource that the RAM action is checked against.
    pub(crate) resource: Resource,
    pub(crate) answer: Handler,
}

impl Api {
    const fn new(name: &'static str, effect: Effect, answer: Handler) -> Self {
        Self {
            name,
            effect,
            required: &[],
            optional: &[],
            unplayed: &[],
            rate: None,
            route: None,
            needs: None,
            resource: |_, _| "*".into(),
            answer,
        }
    }

    pub(crate) const fn read(name: &'static str, answer: Handler) -> Self {
        Self::new(name, Effect::Read, answer)
    }

    pub(crate) const fn write(name: &'static str, answer: Handler) -> Self {
        Self::new(name, Effect::Write, answer)
    }

    pub(crate) const fn data_write(name: &'static str, answer: Handler) -> Self {
        Self::new(name, Effect::DataWrite, answer)
    }

    pub(crate) const fn required(self, required: &'static [&'static str]) -> Self {
        Self { required, ..self }
    }

    pub(crate) const fn optional(self, optional: &'static [&'static str]) -> Self {
        Self { optional, ..self }
    }

    /// Parameters that exist and are refused, since answers would not heed them.
    pub(crate) const fn unplayed(self, unplayed: &'static [&'static str]) -> Self {
        Self { unplayed, ..self }
    }

    /// A documented limit of the account in a region.
    pub(crate) const fn rate(self, calls: u32, seconds: u32) -> Self {
        Self { rate: Some(Rate { calls, seconds }), ..self }
    }

    /// Whether the API has a parameter of this name.
    pub(crate) fn takes(&self, name: &str) -> bool {
        self.required.contains(&name) || self.optional.contains(&name)
    }

    /// The first parameter that was sent and that the simulator does not play.
    pub(crate) fn refused(&self, params: &BTreeMap<String, String>) -> Option<&'static str> {
        let sent = |list: &str| params.keys().any(|name| name.split('.').next() == Some(list));
        self.unplayed.iter().find(|name| sent(name)).copied()
    }

    /// For ROA products: `{name}` in the path is the parameter of that name.
    #[cfg_attr(not(test), expect(dead_code, reason = "no ROA product is played yet"))]
    pub(crate) const fn route(self, method: &'static str, path: &'static str) -> Self {
        Self { route: Some((method, path)), ..self }
    }

    pub(crate) const fn needs(self, action: &'static str, resource: Resource) -> Self {
        Self { needs: Some(action), resource, ..self }
    }

    /// Parameters that were sent and that the API does not have.
    pub(crate) fn unknown(&self, params: &BTreeMap<String, String>) -> Vec<String> {
        let known = |name: &str| {
            let list = name.split('.').next().unwrap_or(name);
            self.takes(list) || self.unplayed.contains(&list)
        };
        params.keys().filter(|name| !known(name)).cloned().collect()
    }

    /// The first required parameter that was not sent.
    pub(crate) fn missing(&self, params: &BTreeMap<String, String>) -> Option<&'static str> {
        let sent = |name: &str| {
            params.iter().any(|(key, value)| {
                !value.is_empty()
                    && (key == name || key.strip_prefix(name).is_some_and(|k| k.starts_with('.')))
            })
        };
        self.required.iter().find(|name| !sent(name)).copied()
    }
}

/// So many calls in a window of so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) calls: u32,
    pub(crate) seconds: u32,
}

/// A successful answer.
pub(crate) enum Answer {
    /// A JSON object; the request id is added.
    Json(Value),
    /// The same, already written: for answers so long that it matters.
    Text(String),
    /// Anything else.
    Raw(Reply),
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

/// What goes back over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status, headers: vec![("content-type", content_type.into())], body: body.into() }
    }

    /// An object that is already written, without its request id.
    pub(crate) fn written(status: u16, root: &str, text: &str, exchange: &Exchange) -> Self {
        match text.strip_suffix('}') {
            Some(start) if !exchange.wants_xml() => {
                let comma = if start.ends_with('{') { "" } else { "," };
                let id = exchange.request_id;
                let body = format!("{start}{comma}\"RequestId\":\"{id}\"}}");
                let mut reply = Self::new(status, "application/json;charset=utf-8", body);
                reply.headers.push(("x-acs-request-id", id.into()));
                reply
            }
            _ => Self::object(status, root, serde_json::from_str(text).unwrap_or_default(), exchange),
        }
    }

    /// JSON, or XML for a caller of RPC 1.0 that did not ask for JSON.
    pub(crate) fn object(status: u16, root: &str, mut value: Value, exchange: &Exchange) -> Self {
        value["RequestId"] = exchange.request_id.into();
        let mut reply = if exchange.wants_xml() {
            Self::new(status, "text/xml;charset=utf-8", crate::xml::document(root, &value))
        } else {
            Self::new(status, "application/json;charset=utf-8", value.to_string())
        };
        reply.headers.push(("x-acs-request-id", exchange.request_id.into()));
        reply
    }
}

impl Answer {
    /// The object, unless the answer is no JSON.
    pub(crate) fn object(self) -> Result<Value, Self> {
        match self {
            Self::Json(value) => Ok(value),
            Self::Text(text) => serde_json::from_str(&text).map_err(|_| Self::Text(text)),
            Self::Raw(_) => Err(self),
        }
    }
}

/// The error of an OpenAPI product.
pub(crate) fn refuse(error: &ApiError, exchange: &Exchange) -> Reply {
    let body = json!({
        "HostId": exchange.request.host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": format!(
            "https://api.aliyun.com/troubleshoot?q={}&product={}&requestId={}",
            error.code, exchange.product, exchange.request_id
        ),
    });
    let mut reply = Reply::object(error.status, "Error", body, exchange);
    if let Some(wait) = error.retry_after {
        reply.headers.push(("x-acs-retry-after", wait.to_string()));
    }
    reply
}

/// What most products say when RAM refuses (OpenAPI, common error codes).
pub(crate) fn forbidden_by_ram(error: ApiError) -> ApiError {
    if error.code != "NoPermission" {
        return error;
    }
    let message =
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.";
    ApiError { code: "Forbidden.RAM".into(), message: message.into(), ..error }
}

/// Hosts by the rule of the official SDKs: `<name>.aliyuncs.com`, `<name>.<region>.aliyuncs.com`, and those
/// with `-vpc` or `-internal` after the name.
pub(crate) fn named_host(names: &[&str], host: &str) -> Option<Option<String>> {
    let labels: Vec<&str> = host.strip_suffix(".aliyuncs.com")?.split('.').collect();
    let name = labels[0].strip_suffix("-vpc").or(labels[0].strip_suffix("-internal")).unwrap_or(labels[0]);
    match labels[1..] {
        _ if !names.contains(&name) => None,
        [] => Some(None),
        [region] => Some(Some(region.into())),
        _ => None,
    }
}

/// The action of an RPC or ROA request, from headers (ACS3) or fields (1.0), or from method and path.
pub(crate) fn identify(product: &'static Product, request: &mut Request) -> Result<String, ApiError> {
    let by_header =
        |header: &str, field: &str| request.header(header).or(request.field(field)).map(String::from);
    let version = by_header("x-acs-version", "Version");
    let mut action = by_header("x-acs-action", "Action");
    let fields: Vec<_> = request.fields().cloned().collect();
    for (name, value) in fields {
        if name == "RegionId" {
            request.region = Some(value);
        } else if !COMMON.contains(&name.as_str()) && request.params.insert(name.clone(), value).is_some() {
            return Err(ApiError::gateway(400, "InvalidParameter", format!("{name} is given twice.")));
        }
    }
    if request.path.len() > 1 {
        let routed = product.apis.iter().find_map(|api| {
            let (method, pattern) = api.route?;
            let found = path_params(pattern, &request.path).filter(|_| method == request.method)?;
            Some((api.name, found))
        });
        if let Some((name, found)) = routed {
            request.params.extend(found);
            action = Some(name.into());
        }
    }
    let Some(action) = action else {
        return Err(ApiError::gateway(400, "MissingAction", "Action is mandatory for this action."));
    };
    match version {
        Some(version) if version == product.version => Ok(action),
        Some(version) => {
            let message = format!("Specified parameter Version is not valid: {version}.");
            Err(ApiError::gateway(400, "InvalidVersion", message))
        }
        None => Err(ApiError::gateway(400, "MissingVersion", "Version is mandatory for this action.")),
    }
}

/// The parameters in a path, if it is of this pattern.
fn path_params(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    if pattern.len() != path.len() {
        return None;
    }
    let mut found = Vec::new();
    for (wanted, given) in pattern.into_iter().zip(path) {
        match wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => found.push((name.into(), decode(given))),
            None if wanted == given => {}
            None => return None,
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_name_product_and_region() {
        let of = |host| named_host(&["ims", "eventbridge-console"], host);
        assert_eq!(of("ims.aliyuncs.com"), Some(None));
        assert_eq!(of("eventbridge-console.cn-hangzhou.aliyuncs.com"), Some(Some("cn-hangzhou".into())));
        assert_eq!(of("ims-vpc.cn-hangzhou.aliyuncs.com"), Some(Some("cn-hangzhou".into())));
        assert_eq!(of("ram.aliyuncs.com"), None);
        assert_eq!(of("ims.example.com"), None);
    }

    #[test]
    fn paths_are_matched_segment_by_segment() {
        let of = |path| path_params("/2023-03-30/functions/{name}/triggers", path);
        let found = of("/2023-03-30/functions/my%20func/triggers");
        assert_eq!(found, Some(vec![("name".into(), "my func".into())]));
        assert_eq!(of("/2023-03-30/functions/a/b/triggers"), None);
        assert_eq!(of("/2023-03-31/functions/a/triggers"), None);
    }

    #[test]
    fn lists_count_as_their_first_part() {
        let api = Api::read("A", |_, _| Ok(json!({}).into())).required(&["B"]).optional(&["C"]);
        let params = |names: &[&str]| names.iter().map(|n| ((*n).into(), "1".into())).collect();
        assert_eq!(api.missing(&params(&["C"])), Some("B"));
        assert_eq!(api.missing(&params(&["B.1.Key"])), None);
        assert_eq!(api.unknown(&params(&["B", "C.1", "D", "Cc"])), ["Cc", "D"]);
        assert!(api.route("GET", "/a").route.is_some());
    }
}
