//! Sending one request and getting one reply. Knows HTTP, nothing of OpenAPI.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use once_cell::sync::OnceCell;

use super::{Error, Kind};

/// Replies longer than this are cut off as broken: no API answers with so much.
const MAX_REPLY: usize = 64 << 20;

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A host of the cloud. The endpoint override, if any, decides where it really connects.
    Cloud(String),
    /// An address outside the cloud's API: a webhook. `scheme://host[:port]`, never overridden.
    Url(String),
    /// The same, for a service of this very machine that hands out credentials: never by way of a proxy.
    Link(String),
}

/// One HTTP request. Header names are lower case. `Debug` shows neither headers nor body: both hold secrets.
#[derive(Clone)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Where to.
    pub target: Target,
    /// The path, percent-encoded.
    pub path: String,
    /// The query, not yet encoded.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// How long the whole exchange may take.
    pub timeout: Duration,
}

impl Request {
    /// A request without query, headers or body, and ten seconds to finish.
    pub fn new(method: &str, target: Target, path: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            target,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Bytes::new(),
            timeout: Duration::from_secs(10),
        }
    }

    /// The host that the `Host` header and the signature name.
    pub fn host(&self) -> &str {
        match &self.target {
            Target::Cloud(host) => host,
            Target::Url(url) | Target::Link(url) => {
                url.split_once("://").map_or(url.as_str(), |(_, host)| host)
            }
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Sets a header, replacing what was there.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.headers.iter_mut().find(|(key, _)| key == name) {
            Some(slot) => slot.1 = value,
            None => self.headers.push((name.to_owned(), value)),
        }
    }

    /// Makes the body a form.
    pub fn set_form(&mut self, pairs: &[(String, String)]) {
        self.body = super::canonical_query(pairs).into();
        self.set("content-type", "application/x-www-form-urlencoded");
    }

    /// The pairs of a form body that [`Request::set_form`] made.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        String::from_utf8_lossy(&self.body)
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (decode(key), decode(value)))
            .collect()
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}{}", self.method, self.host(), self.path)
    }
}

/// One HTTP reply. Header names are lower case.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
}

impl Reply {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why no reply came.
#[derive(Debug, Clone)]
pub enum SendError {
    /// Nothing was sent.
    Connect(String),
    /// The time was up.
    Timeout,
    /// It broke after something may have been sent.
    Interrupted(String),
}

impl SendError {
    pub(crate) fn into_error(self, action: &str) -> Error {
        match self {
            Self::Connect(why) => Error::new(Kind::Connect, action, "Connect", why),
            Self::Timeout => Error::new(Kind::Timeout, action, "Timeout", "no answer in time"),
            Self::Interrupted(why) => Error::new(Kind::Interrupted, action, "Interrupted", why),
        }
    }
}

/// Whatever can carry a request. Tests wrap it to break it.
pub trait Transport: Send + Sync {
    /// Sends and waits for the whole reply.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>>;
}

/// HTTP/1.1 over rustls (ring, the roots compiled in), connections kept open between calls.
pub struct HttpTransport {
    http: reqwest::Client,
    /// Without a proxy; built when it is first needed, which in a function is never.
    link: OnceCell<reqwest::Client>,
    endpoint: Option<String>,
}

impl HttpTransport {
    /// With `endpoint`, every request to the cloud goes to that base URL, its `Host` header still naming the
    /// real host (`ALIBABA_CLOUD_ENDPOINT_URL`).
    ///
    /// # Errors
    /// When the URL is not one, or is plain `http` to anything but a loopback address.
    pub fn new(endpoint: Option<&str>) -> Result<Self, Error> {
        let endpoint = endpoint.map(|url| checked_url("ALIBABA_CLOUD_ENDPOINT_URL", url)).transpose()?;
        // Requests to an override must not leave by a proxy that the environment names.
        let http = client(endpoint.is_none()).map_err(|why| setting("HTTP", &why))?;
        Ok(Self { http, link: OnceCell::new(), endpoint })
    }

    fn client_for(&self, target: &Target) -> Result<&reqwest::Client, SendError> {
        match target {
            Target::Link(_) => self.link.get_or_try_init(|| client(false)).map_err(SendError::Connect),
            Target::Cloud(_) | Target::Url(_) => Ok(&self.http),
        }
    }

    fn base(&self, target: &Target) -> String {
        match (target, &self.endpoint) {
            (Target::Cloud(_), Some(endpoint)) => endpoint.clone(),
            (Target::Cloud(host), None) => format!("https://{host}"),
            (Target::Url(url) | Target::Link(url), _) => url.clone(),
        }
    }

    async fn exchange(&self, request: Request) -> Result<Reply, SendError> {
        let mut url = format!("{}{}", self.base(&request.target), request.path);
        if !request.query.is_empty() {
            url.push('?');
            url.push_str(&super::encode::canonical_query_bare(&request.query));
        }
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|error| SendError::Connect(error.to_string()))?;
        let mut builder =
            self.client_for(&request.target)?.request(method, url).header("host", request.host());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let mut response = builder.body(request.body).send().await.map_err(|error| sorted(&error))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| sorted(&error))? {
            if body.len() + chunk.len() > MAX_REPLY {
                return Err(SendError::Interrupted(format!("the reply is longer than {MAX_REPLY} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body: body.into() })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Reply, SendError>> {
        Box::pin(async move {
            let timeout = request.timeout;
            tokio::time::timeout(timeout, self.exchange(request)).await.unwrap_or(Err(SendError::Timeout))
        })
    }
}

/// HTTP/1.1 over rustls; with `proxies`, by those that the environment names.
fn client(proxies: bool) -> Result<reqwest::Client, String> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        // A frozen instance wakes to connections long dead on the other side: do not keep them long.
        .pool_idle_timeout(Duration::from_secs(20))
        .http1_only();
    if !proxies {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| error.to_string())
}

/// The chain of causes without the URL, whose query is nobody's business.
fn sorted(error: &reqwest::Error) -> SendError {
    let mut why = String::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if !why.is_empty() {
            why.push_str(": ");
        }
        why.push_str(&cause.to_string());
        source = cause.source();
    }
    if error.is_connect() || error.is_builder() {
        SendError::Connect(why)
    } else if error.is_timeout() {
        SendError::Timeout
    } else {
        SendError::Interrupted(why)
    }
}

fn setting(name: &str, why: &str) -> Error {
    Error::new(Kind::Setting, name, "Setting", why)
}

/// The endpoint override as a base URL without a closing slash.
fn checked_url(name: &str, url: &str) -> Result<String, Error> {
    safe_url(url).map_err(|why| setting(name, &why))?;
    Ok(url.trim_end_matches('/').to_owned())
}

/// Accepts `https` anywhere and `http` to a loopback address: what is sent is secret on its way.
///
/// # Errors
/// Anything else; the reason never repeats the URL, which may hold a token.
pub(crate) fn safe_url(url: &str) -> Result<reqwest::Url, String> {
    let url = reqwest::Url::parse(url).map_err(|error| format!("not a URL ({error})"))?;
    let loopback = match url.host_str() {
        Some("localhost") => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        None => return Err("it names no host".to_owned()),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err("plain http is accepted to a loopback address only; use https".to_owned()),
        _ => return Err("the scheme is not accepted; use https".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a user name or password in it would not be sent".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_loopback_only() {
        for (url, fine) in [
            ("http://127.0.0.1:9555", true),
            ("http://[::1]:9555/", true),
            ("http://localhost:1", true),
            ("https://gateway.example.com/base/", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example.com", false),
            ("ftp://127.0.0.1", false),
            ("127.0.0.1:9555", false),
        ] {
            assert_eq!(checked_url("X", url).is_ok(), fine, "{url}");
        }
        assert_eq!(checked_url("X", "https://a/b/").unwrap(), "https://a/b");
    }

    #[test]
    fn a_request_does_not_show_what_it_carries() {
        let mut request = Request::new("POST", Target::Cloud("ims.aliyuncs.com".into()), "/");
        request.set("x-acs-security-token", "hidden");
        request.query.push(("SecurityToken".into(), "hidden".into()));
        assert_eq!(format!("{request:?}"), "POST ims.aliyuncs.com/");
    }
}
