//! The live state, and the way of a request through it: identify, authenticate, check, do, record.

use crate::account::Account;
use crate::caller::{Caller, key_may_call};
use crate::error::ApiError;
use crate::fault::{Fault, FaultKind, Faults, Staleness};
use crate::ids;
use crate::network_policy::NetworkPolicy;
use crate::product::{self, Answer, Api, Asked, Effect, Exchange, Product, Reply};
use crate::products::PRODUCTS;
use crate::record::{Call, Delivery, Lockout};
use crate::request::Request;
use crate::settings::Settings;
use crate::signature::Claim;
use crate::trail::Trail;
use jiff::Timestamp;
use serde_json::json;
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::time::Instant;

/// Everything that one simulator holds. Lives behind a mutex.
pub(crate) struct Cloud {
    pub(crate) account: Account,
    pub(crate) settings: Settings,
    pub(crate) faults: Faults,
    pub(crate) calls: Vec<Call>,
    pub(crate) inbox: Vec<Delivery>,
    pub(crate) trail: Trail,
    /// How often the credential report that is being made was asked for.
    pub(crate) report_polls: u32,
    pub(crate) nonces: HashSet<(String, String)>,
    /// When LookupEvents was called within the last second.
    pub(crate) lookups: VecDeque<Instant>,
    /// Replaced network policies, for reads that lag: by key id, "" for the account.
    pub(crate) replaced_policies: HashMap<String, Vec<(Instant, Option<NetworkPolicy>)>>,
    at_start: Account,
    /// The account as it was before the last write to a resource.
    before_write: HashMap<String, Account>,
    last_written: Option<String>,
    watched: Vec<Watched>,
    pub(crate) lockouts: Vec<Lockout>,
}

struct Watched {
    key_id: String,
    source: String,
    allowed: bool,
}

/// A request whose product and action are known, or not.
pub(crate) struct Identified {
    pub(crate) request: Request,
    product: Option<&'static Product>,
    /// The action, or why there is none.
    action: Result<String, ApiError>,
    pub(crate) fault: Option<Fault>,
    request_id: String,
}

impl Identified {
    /// `product:action`, as far as they are known.
    fn name(&self) -> String {
        let product = self.product.map_or("", |product| product.name);
        format!("{product}:{}", self.action.as_deref().unwrap_or(""))
    }
}

impl Cloud {
    pub(crate) fn new(account: Account, settings: Settings) -> Self {
        let mut cloud = Self {
            at_start: account.clone(),
            account,
            settings,
            faults: Faults::default(),
            calls: Vec::new(),
            inbox: Vec::new(),
            trail: Trail::default(),
            report_polls: 0,
            nonces: HashSet::new(),
            lookups: VecDeque::new(),
            replaced_policies: HashMap::new(),
            before_write: HashMap::new(),
            last_written: None,
            watched: Vec::new(),
            lockouts: Vec::new(),
        };
        cloud.complete_report();
        cloud.at_start = cloud.account.clone();
        cloud
    }

    /// First half: which API is it, and which fault is it to meet?
    pub(crate) fn identify(&mut self, mut request: Request) -> Identified {
        let found = PRODUCTS.iter().find_map(|p| (p.serves)(&request.host).map(|region| (*p, region)));
        let (product, action) = match found {
            Some((product, region)) => {
                request.region.clone_from(&region);
                request.host_region = region;
                (Some(product), (product.identify)(product, &mut request))
            }
            None => {
                let message = format!("The host {:?} is that of no product.", request.host);
                (None, Err(ApiError::gateway(404, "InvalidProduct.NotFound", message)))
            }
        };
        let request_id = ids::request_id();
        let mut identified = Identified { request, product, action, fault: None, request_id };
        identified.fault = self.faults.take(&identified.name());
        identified
    }

    /// Second half: the reply, before a fault spoils it.
    pub(crate) fn perform(&mut self, identified: &Identified) -> Reply {
        let Identified { request, product, action, fault, request_id } = identified;
        let name = identified.name();
        let (_, short) = name.split_once(':').unwrap_or_default();
        let mut call = Call {
            time: Timestamp::now(),
            action: name.clone(),
            params: crate::record::without_secrets(&request.params),
            unknown: Vec::new(),
            key_id: String::new(),
            scheme: "",
            region: request.region.clone(),
            host: request.host.clone(),
            status: 0,
            code: String::new(),
            fault: fault.as_ref().map(|fault| fault.kind.word()),
            request_id: request_id.clone(),
            source_ip: String::new(),
        };
        let exchange = Exchange {
            request,
            request_id,
            product: product.map_or("", |product| product.service),
            action: short,
        };
        let result = match (product, action) {
            (Some(product), Ok(action)) => self.serve(product, action, fault.as_ref(), request, &mut call),
            (_, Err(error)) => Err(error.clone()),
            (None, Ok(_)) => unreachable!("an action is identified by its product"),
        };
        let reply = match result {
            Ok(Answer::Json(value)) => {
                Reply::object(200, &format!("{}Response", exchange.action), value, &exchange)
            }
            Ok(Answer::Raw(mut reply)) => {
                let header = product.map_or("x-acs-request-id", |product| product.request_id_header);
                reply.headers.push((header, request_id.clone()));
                reply
            }
            Err(error) => {
                let error = product.map_or(error.clone(), |product| (product.translate)(error));
                call.code.clone_from(&error.code);
                product.map_or(product::refuse as fn(&_, &_) -> _, |product| product.refuse)(
                    &error, &exchange,
                )
            }
        };
        call.status = reply.status;
        self.calls.push(call);
        reply
    }

    fn serve(
        &mut self,
        product: &'static Product,
        action: &str,
        fault: Option<&Fault>,
        request: &Request,
        call: &mut Call,
    ) -> Result<Answer, ApiError> {
        let claim = Claim::read(request)?;
        call.key_id.clone_from(&claim.key_id);
        call.scheme = claim.scheme;
        let api = product.apis.iter().find(|api| api.name == action);
        let authenticated = self.authenticate(request, &claim);
        if let (Err(error), Some(api)) = (&authenticated, api) {
            self.record_if_disabled(product, api, request, &claim.key_id, error, &call.request_id);
        }
        let caller = authenticated?;
        call.source_ip = caller.source.to_string();
        let Some(api) = api else {
            let message = "Specified api is not found, please check your url and method.";
            return Err(ApiError::gateway(404, "InvalidAction.NotFound", message));
        };
        call.unknown = api.unknown(&request.params);
        let asked = Asked { request, caller: &caller, stale: false };
        let result =
            self.check(product, api, &asked, fault).and_then(|()| self.act(product, api, &asked, fault));
        if api.effect == Effect::Write {
            let refused = result.as_ref().err();
            if refused.is_none_or(|error| error.status < 500 && !error.code.starts_with("Throttling")) {
                let response = match &result {
                    Ok(Answer::Json(value)) => Some(value),
                    _ => None,
                };
                self.record_call(product, api, &asked, response, refused, &call.request_id);
            }
        }
        if api.effect != Effect::Read && result.is_ok() {
            self.note_lockouts(&call.action, &caller.key_id);
        }
        result
    }

    /// Everything that may refuse a call before it is done.
    fn check(
        &mut self,
        product: &Product,
        api: &Api,
        asked: &Asked,
        fault: Option<&Fault>,
    ) -> Result<(), ApiError> {
        let caller = asked.caller;
        if product.key_policies {
            self.admit(caller)?;
        }
        let now = self.now();
        self.trail.used(&caller.key_id, product.service, api.name, &caller.source.to_string(), now);
        let params = &asked.request.params;
        if let Some(name) = api.unknown(params).first() {
            let message = format!("The parameter {name} is not one of {}:{}.", product.name, api.name);
            return Err(ApiError::gateway(400, format!("InvalidParameter.{name}"), message));
        }
        if let Some(name) = api.missing(params) {
            let message = format!("{name} is mandatory for this action.");
            return Err(ApiError::gateway(400, format!("Missing{name}"), message));
        }
        match fault.map(|fault| &fault.kind) {
            Some(FaultKind::Throttle { retry_after }) => {
                return Err(ApiError { retry_after: *retry_after, ..ApiError::throttled() });
            }
            Some(FaultKind::Deny) => return Err(ApiError::no_permission()),
            _ => {}
        }
        match api.needs {
            Some(action) if !self.may(caller, action, &(api.resource)(self, asked)) => {
                Err(ApiError::no_permission())
            }
            _ => Ok(()),
        }
    }

    /// Does the call, unless a fault has it fail before, and keeps the state before a write.
    fn act(
        &mut self,
        product: &Product,
        api: &Api,
        asked: &Asked,
        fault: Option<&Fault>,
    ) -> Result<Answer, ApiError> {
        let kind = fault.map(|fault| &fault.kind);
        let http = match kind {
            Some(FaultKind::Http500) => Some(ApiError::gateway(
                500,
                "InternalError",
                "The request processing has failed due to some unknown error.",
            )),
            Some(FaultKind::Http503) => Some(ApiError::gateway(
                503,
                "ServiceUnavailable",
                "The request has failed due to a temporary failure of the server.",
            )),
            _ => None,
        };
        let before = fault.is_some_and(|fault| fault.before);
        let loses_reply = matches!(
            kind,
            Some(FaultKind::Hang | FaultKind::Reset | FaultKind::Truncate | FaultKind::BadJson)
        );
        if before && (http.is_some() || loses_reply) {
            return http.map_or_else(|| Ok(json!({}).into()), Err);
        }
        let resource = format!("{} {}", product.name, (api.resource)(self, asked));
        let result = match (api.effect, kind) {
            (Effect::Read, Some(FaultKind::StaleRead(age))) => self.stale(*age, &resource, api, asked),
            (Effect::Read, _) => (api.answer)(self, asked),
            _ => {
                let account = self.account.clone();
                let result = (api.answer)(self, asked);
                if result.is_ok() {
                    self.keep(&resource, account);
                }
                result
            }
        };
        match http {
            Some(error) if result.is_ok() => Err(error),
            _ => result,
        }
    }

    /// Answers a read from an older state.
    fn stale(
        &mut self,
        age: Staleness,
        resource: &str,
        api: &Api,
        asked: &Asked,
    ) -> Result<Answer, ApiError> {
        let old = match age {
            Staleness::AtStart => Some(&self.at_start),
            Staleness::BeforeLastWrite => self
                .before_write
                .get(resource)
                .or(self.last_written.as_ref().and_then(|last| self.before_write.get(last))),
        };
        let Some(mut old) = old.cloned() else { return (api.answer)(self, asked) };
        std::mem::swap(&mut self.account, &mut old);
        let result = (api.answer)(self, &Asked { stale: true, ..*asked });
        std::mem::swap(&mut self.account, &mut old);
        result
    }

    /// Keeps the state as it was before a write to a resource.
    pub(crate) fn keep(&mut self, resource: &str, account: Account) {
        self.before_write.insert(resource.into(), account);
        self.last_written = Some(resource.into());
    }

    /// Whether a permanent key, or a role session, could call now from there.
    pub(crate) fn may_call(&self, key_id: &str, source: IpAddr, vpc: Option<&str>) -> bool {
        match self.account.key(key_id) {
            Some((_, key)) => key_may_call(&self.account, &self.settings, key, source, vpc),
            None => self.account.session(key_id).is_some_and(|(_, session)| {
                let ends = session.expires.as_ref().and_then(|at| at.parse::<Timestamp>().ok());
                ends.is_none_or(|at| at > self.now())
            }),
        }
    }

    /// Starts to watch these pairs instead of those before.
    pub(crate) fn watch(&mut self, pairs: Vec<(String, String)>) {
        self.lockouts.clear();
        self.watched =
            pairs.into_iter().map(|(key_id, source)| Watched { allowed: false, key_id, source }).collect();
        let now = self.who_may_call();
        self.watched.iter_mut().zip(now).for_each(|(watched, allowed)| watched.allowed = allowed);
    }

    /// Notes which watched keys a write has just shut out or let in again.
    pub(crate) fn note_lockouts(&mut self, action: &str, by: &str) {
        let now = self.who_may_call();
        for (watched, allowed) in self.watched.iter_mut().zip(now) {
            if watched.allowed != allowed {
                watched.allowed = allowed;
                self.lockouts.push(Lockout {
                    time: Timestamp::now(),
                    key_id: watched.key_id.clone(),
                    source_ip: watched.source.clone(),
                    allowed,
                    action: action.into(),
                    by: by.into(),
                });
            }
        }
    }

    fn who_may_call(&self) -> Vec<bool> {
        if self.watched.is_empty() {
            return Vec::new();
        }
        // One pass over the account, since there may be as many pairs as keys.
        let users = self.account.users.iter().flat_map(|user| &user.keys);
        let keys: HashMap<&str, _> =
            self.account.root.keys.iter().chain(users).map(|key| (key.id.as_str(), key)).collect();
        let may = |watched: &Watched| {
            let (Ok(source), Some(key)) = (watched.source.parse(), keys.get(watched.key_id.as_str())) else {
                return watched.source.parse().is_ok_and(|ip| self.may_call(&watched.key_id, ip, None));
            };
            key_may_call(&self.account, &self.settings, key, source, None)
        };
        self.watched.iter().map(may).collect()
    }

    /// The principal's ARN and the fields of GetCallerIdentity and of events: id and display name.
    pub(crate) fn principal_ids(&self, caller: &Caller) -> (String, String) {
        use crate::caller::Principal;
        let account = &self.account.account_id;
        match &caller.principal {
            Principal::Root => (account.clone(), "root".into()),
            Principal::User(name) => {
                let id = self.account.user(name).map_or("", |user| &user.id);
                (id.into(), name.clone())
            }
            Principal::Role { role, session } => {
                let id = self.account.role(role).map_or("", |role| &role.id);
                (format!("{id}:{session}"), format!("{role}:{session}"))
            }
        }
    }
}
