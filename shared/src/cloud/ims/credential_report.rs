//! The credential report: a table of all identities, made by the service at most every four hours.

use serde::{Deserialize, Serialize};

use super::{WRITES, api};
use crate::openapi::{Action, Api, Cursor, Paged};

/// Has a report made. One that is younger than four hours is kept.
#[derive(Debug, Clone, Serialize)]
pub struct GenerateCredentialReport {}

impl Action for GenerateCredentialReport {
    // It changes nothing in the account, so it needs no record: it is a read that takes a while.
    const API: Api = api("GenerateCredentialReport").limit(WRITES).needs("ram:GenerateCredentialReport");
    type Response = ReportState;
}

/// How far it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReportState {
    state: Option<String>,
}

impl ReportState {
    /// Whether it is being made. The words for one that is ready differ (`COMPLETED`, `COMPLETE`); those for one that is not
    /// do not.
    pub fn is_under_way(&self) -> bool {
        matches!(self.state.as_deref(), Some("STARTED" | "INPROGRESS"))
    }
}

/// The last report, in pages.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetCredentialReport {
    /// Rows in a page, at most 3501, which is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
    /// Where the page starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

impl Action for GetCredentialReport {
    const API: Api = api("GetCredentialReport").needs("ram:GetCredentialReport");
    type Response = CredentialReportPage;
}

/// A page of the report, as encoded text.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CredentialReportPage {
    /// CSV, in base64; the documented sample is base32.
    pub content: String,
    /// When the report was made.
    pub generated_time: Option<String>,
    /// `"true"` or `"false"`; some SDKs say a boolean.
    #[serde(default)]
    is_truncated: Option<serde_json::Value>,
    next_token: Option<String>,
}

impl Paged for GetCredentialReport {
    type Item = CredentialReportPage;

    fn start_at(&mut self, cursor: Cursor) {
        if let Cursor::Marker(token) = cursor {
            self.next_token = Some(token);
        }
    }

    fn take(&self, page: CredentialReportPage, _: u64) -> (Vec<CredentialReportPage>, Option<Cursor>) {
        let truncated = match &page.is_truncated {
            Some(serde_json::Value::Bool(truncated)) => *truncated,
            Some(serde_json::Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        };
        let next = Cursor::marker(truncated, page.next_token.clone());
        (vec![page], next)
    }
}
