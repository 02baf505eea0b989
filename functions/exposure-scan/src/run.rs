//! One night: read → judge → compare → tell → write down.

use serde_json::{Value, json};
use shared::cloud::sts::GetCallerIdentity;
use shared::collect::{Extent, Progress, exposure};
use shared::report::{Report, judge, reply};
use shared::runtime::{Context, Failure};
use tokio::time::Instant;

use crate::record::Kept;
use crate::wording::{Facts, night, unrecorded};
use crate::{FUNCTION, checks};

/// The share of the time that reading may take; the rest is for judging and telling.
const READ: f64 = 0.8;

/// Runs.
pub(crate) async fn run(ctx: &Context) -> Result<Value, Failure> {
    let Some(session) = &ctx.session else {
        let why =
            "the invocation brought no credential, and the environment has none: give the function a role";
        return Err(Failure::new("NoCredential", why));
    };
    let caller = session.call(&GetCallerIdentity {}).await?;
    let started_at = ctx.clock.now();
    let store = ctx.cases.store();
    let kept = match Kept::read(store).await {
        Ok(kept) => kept,
        Err(error) => {
            let why = error.to_string();
            let message = unrecorded(&caller.account_id, started_at, ctx.config.language, &why);
            let told = ctx.notifier.send(&message, Some(ctx.deadline)).await;
            ctx.log.error("the record is not available", json!({ "why": why, "told": told.delivered }));
            return Err(error.into());
        }
    };

    let began = Instant::now();
    let reading = ctx.deadline.saturating_duration_since(began).mul_f64(READ);
    let extent = Extent { object_sample: ctx.config.exposure.object_sample, ..Extent::default() };
    let account = exposure(
        &session.until(Some(began + reading)),
        &caller.account_id,
        started_at,
        &extent,
        &Progress::default(),
    )
    .await;
    let (mut report, register) =
        judge(FUNCTION, &ctx.request_id, &account, &checks(), &ctx.config, began.elapsed());
    // The snapshot of a large account is by far the largest thing here, and is not needed any more.
    drop(account);
    kept.record.known.date(&mut report.findings);

    let news = kept.record.news(&report, &register);
    let (messages, told) = if news.worth_telling {
        tell(ctx, &report, &register, &news, kept.number).await
    } else {
        (Vec::new(), true)
    };
    let changes = json!({
        "new": news.changes.new.len(), "fixed": news.changes.fixed.len(),
        "open": news.changes.open.len(), "unseen": news.changes.unseen.len(),
    });
    if !kept.write(&kept.record.after(&report, news, told)).await? {
        // What it found was told; what was told stands in the other's record, or is told again.
        return Err(Failure::new("AnotherRun", "another run has written its record meanwhile"));
    }
    report.duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let more = json!({ "changes": changes, "register": register, "messages": messages });
    Ok(reply(report, more, store).await?)
}

/// Tells people; says whether nobody is owed it any more.
async fn tell(
    ctx: &Context,
    report: &Report,
    register: &shared::report::Register,
    news: &crate::record::News,
    round: u64,
) -> (Vec<Value>, bool) {
    let facts = Facts { report, register, news, round, language: ctx.config.language };
    let message = night(&facts);
    let deliveries = ctx.notifier.send(&message, Some(ctx.deadline)).await;
    let said = json!({
        "id": message.id, "title": message.title, "delivered": deliveries.delivered, "failed": deliveries.failed,
    });
    (vec![said], deliveries.is_settled())
}
