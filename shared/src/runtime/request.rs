//! Reading a request: what is asked for, and its body.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::{Method, Request};

use super::Failure;

/// The largest body that is accepted, in bytes: the platform's own limit for a synchronous invocation (32 MB).
pub const MAX_BODY: usize = 32 << 20;
/// Of a larger body, as much again is read and dropped, so that the caller comes to read the reply and the connection
/// stays usable. Beyond it the connection is closed.
const MAX_DROPPED: usize = 32 << 20;

/// What the platform can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Invoke,
    Initialize,
    PreStop,
}

impl Kind {
    /// The word of the platform's log marks.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Invoke => "Invoke",
            Self::Initialize => "Initialize",
            Self::PreStop => "PreStop",
        }
    }

    fn at(path: &str) -> Option<(Self, Method)> {
        match path {
            "/invoke" => Some((Self::Invoke, Method::POST)),
            "/initialize" => Some((Self::Initialize, Method::POST)),
            "/pre-stop" => Some((Self::PreStop, Method::GET)),
            _ => None,
        }
    }

    /// The path must be one of ours; between those, `x-fc-control-path` decides. With `/http-invoke` in it, somebody has
    /// put an HTTP trigger before the function: what comes that way is no event.
    pub(super) fn of<B>(request: &Request<B>) -> Result<Self, Failure> {
        let unknown = || {
            Failure::new(
                "NotFound",
                "not a path of this server: POST /invoke, POST /initialize, GET /pre-stop",
            )
        };
        let asked = Self::at(request.uri().path()).ok_or_else(unknown)?;
        let (kind, method) = match request.headers().get("x-fc-control-path") {
            Some(path) => path.to_str().ok().and_then(Self::at).ok_or_else(unknown)?,
            None => asked,
        };
        if *request.method() == method {
            Ok(kind)
        } else {
            Err(Failure::new("MethodNotAllowed", format!("only {method} is answered here")))
        }
    }
}

/// The whole body.
///
/// # Errors
/// A body that is too large or breaks off.
pub(super) async fn read(mut body: Incoming) -> Result<Bytes, Failure> {
    let too_large = || {
        Failure::new(
            "PayloadTooLarge",
            format!("the body is larger than {MAX_BODY} bytes, the most that is accepted"),
        )
    };
    if body.size_hint().lower() > (MAX_BODY + MAX_DROPPED) as u64 {
        return Err(too_large());
    }
    let mut whole = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::new("BodyIncomplete", "the body broke off before its end"))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length <= MAX_BODY {
            whole.extend_from_slice(&data);
        } else if length <= MAX_BODY + MAX_DROPPED {
            whole = BytesMut::new();
        } else {
            return Err(too_large());
        }
    }
    if length > MAX_BODY { Err(too_large()) } else { Ok(whole.freeze()) }
}
