//! The credential report: asked for, waited for, fetched.

use std::time::Duration;

use jiff::Timestamp;

use super::unread;
use crate::cloud::ims::{GenerateCredentialReport, GetCredentialReport};
use crate::openapi::{Kind, Session};
use crate::snapshot::{CredentialReport, Read, Unread};

/// How often, and in what steps, a report that is being made is asked for.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(2);

/// Has a report made, waits a while for it, and fetches it. The service makes a new one at most every four hours, so it may be that
/// old; if none can be made, the one that is there is taken, and why is said as well.
pub(super) async fn credential_report(session: &Session) -> (Read<CredentialReport>, Option<Unread>) {
    let mut tries = 0;
    let (pages, unmade) = loop {
        tries += 1;
        let made = session.call(&GenerateCredentialReport {}).await;
        if tries < TRIES && made.as_ref().is_ok_and(|made| made.is_under_way()) {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        match session.all(GetCredentialReport::default()).await {
            Ok(pages) => break (pages, made.err()),
            // Made, and not there yet.
            Err(error) if error.kind() == Kind::NotFound && made.is_ok() && tries < TRIES => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return (Read::Unread(unread(made.as_ref().err().unwrap_or(&error))), None),
        }
    };
    let generated_at =
        pages.iter().find_map(|page| page.generated_time.as_deref()?.parse::<Timestamp>().ok());
    let report = CredentialReport::parse(pages.iter().map(|page| page.content.as_str()), generated_at)
        .map_err(|error| Unread::new("ims:GetCredentialReport", "Decode", error.to_string()));
    (report.into(), unmade.as_ref().map(unread))
}
