//! Refusals, before they are written in the manner of a product.

/// An API error: HTTP status, code and message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Header x-acs-retry-after, in milliseconds.
    pub(crate) retry_after: Option<u64>,
    /// Refused by the gateway, before the product was asked: always told by the HTTP status.
    pub(crate) by_gateway: bool,
    /// What the product tells beside the message: names and values.
    pub(crate) details: Vec<(&'static str, String)>,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            retry_after: None,
            by_gateway: false,
            details: Vec::new(),
        }
    }

    /// A refusal of the gateway: signatures, clocks, parameters, flow control.
    pub(crate) fn gateway(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { by_gateway: true, ..Self::new(status, code, message) }
    }

    /// 400: the value of a parameter is wrong.
    pub(crate) fn invalid(parameter: &str, why: impl std::fmt::Display) -> Self {
        let message = format!("The specified parameter {parameter} is invalid: {why}.");
        Self::new(400, format!("InvalidParameter.{parameter}"), message)
    }

    /// 404: there is no such thing.
    pub(crate) fn not_exist(entity: &str, what: &str) -> Self {
        let message = format!("The {} does not exist: {what}.", entity.to_lowercase().replace('.', " "));
        Self::new(404, format!("EntityNotExist.{entity}"), message)
    }

    /// 403: RAM says no (RAM, IMS, STS, ActionTrail; other products rename it).
    pub(crate) fn no_permission() -> Self {
        let message = "You are not authorized to do this action. You should be authorized by RAM.";
        Self::new(403, "NoPermission", message)
    }

    /// 400: the key that signed is Inactive.
    pub(crate) fn key_disabled() -> Self {
        Self::gateway(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
    }

    /// 400: flow control.
    pub(crate) fn throttled() -> Self {
        Self::gateway(400, "Throttling.User", "Request was denied due to user flow control.")
    }
}
