//! What an invocation that failed replies.

use std::fmt;

use serde::Serialize;

use crate::config::ConfigError;
use crate::events::EventError;
use crate::openapi;
use crate::response::CaseError;
use crate::state::StateError;

/// The failure of one invocation, replied as `{"errorType", "errorMessage"}`. It is shown to the caller and stored
/// in logs: no secret belongs in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What kind of failure: one word for programs.
    pub error_type: String,
    /// What was wrong and where: a sentence for people.
    pub error_message: String,
}

impl Failure {
    /// A failure of this type, told in this message.
    pub fn new(error_type: impl Into<String>, error_message: impl Into<String>) -> Self {
        Self { error_type: error_type.into(), error_message: error_message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.error_message)
    }
}

impl std::error::Error for Failure {}

/// The type is the service's own code (`NoPermission`), or ours for a failure on the way (`Timeout`).
impl From<openapi::Error> for Failure {
    fn from(error: openapi::Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new("InvalidConfig", error.to_string())
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        Self::new("StateUnavailable", error.to_string())
    }
}

impl From<CaseError> for Failure {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::State(error) => error.into(),
            CaseError::Lost(_) => Self::new("CaseLost", error.to_string()),
        }
    }
}

impl From<EventError> for Failure {
    fn from(error: EventError) -> Self {
        Self::new("InvalidEvent", error.to_string())
    }
}
