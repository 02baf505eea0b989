//! Taking a case's changes back, where they still stand as we left them.

use std::collections::BTreeMap;

use super::change::account_policy;
use super::quarantine::{revert_all, standing_changes};
use super::{Case, CaseError, Change, Pace, Reverted, What};
use crate::cloud::NetworkPolicy;
use crate::openapi::Session;

/// What undoing a case found and did.
#[derive(Debug, Clone, Default)]
pub struct Undone {
    /// Changes taken back, or found gone.
    pub undone: Vec<String>,
    /// Changes that somebody else has changed since: left alone.
    pub left: Vec<String>,
    /// Changes that could not be taken back, and why.
    pub failed: Vec<(String, String)>,
}

/// Takes back what stands of `case`: first the account-level policy; the pins only when the account has been read
/// not to be closed, since a pin is all that keeps its key working while it is. A disabled root key is not enabled
/// again: that is for whoever holds root to decide.
///
/// # Errors
/// When the store fails.
pub async fn undo(case: &Case, session: &Session, pace: &Pace) -> Result<Undone, CaseError> {
    let mut report = Undone::default();
    let mut pins = BTreeMap::new();
    let mut account = None;
    for (id, change) in standing_changes(case) {
        match change {
            Change::AccountKeyPolicy { .. } => account = Some((id, change)),
            Change::KeyPolicy { .. } => {
                pins.insert(id, change);
            }
            Change::KeyStatus { user: None, .. } => {
                report.left.push(format!("{id}: a root key is not enabled again by this tool"));
            }
            Change::KeyStatus { .. } | Change::EventRule { .. } => {
                pins.insert(id, change);
            }
        }
    }
    if let Some((id, change)) = account {
        match change.revert(session, pace).await {
            Reverted::Restored => {
                case.write(What::Undone { changes: vec![id.clone()], how: "undone".to_owned() }).await?;
                report.undone.push(id);
            }
            Reverted::Left => {
                let how = "somebody else changed it since: left as it is".to_owned();
                case.write(What::Undone { changes: vec![id.clone()], how }).await?;
                report.left.push(id);
            }
            Reverted::Failed(error) => report.failed.push((id, error.to_string())),
        }
    }
    if pins.is_empty() {
        return Ok(report);
    }
    let guards_a_key = pins.values().any(|change| matches!(change, Change::KeyPolicy { .. }));
    let closed = if guards_a_key { closed(session).await } else { None };
    if let Some(why) = closed {
        report.failed.extend(pins.into_keys().map(|id| (id, why.clone())));
        return Ok(report);
    }
    let reverted = revert_all(session, case, pace, pins, "undone").await?;
    report.undone.extend(reverted.done);
    report.left.extend(reverted.left);
    let unread = |id| (id, "it could not be read back as it was before".to_owned());
    report.failed.extend(reverted.failed.into_iter().map(unread));
    Ok(report)
}

/// Why pins must stay, if they must.
async fn closed(session: &Session) -> Option<String> {
    match account_policy(session).await {
        Ok(policy) if !policy.same(&NetworkPolicy::nowhere()) => None,
        Ok(_) => Some("kept: the account is closed, and the pin is what keeps this key working".to_owned()),
        Err(error) => Some(format!("kept: whether the account is closed could not be read: {error}")),
    }
}
