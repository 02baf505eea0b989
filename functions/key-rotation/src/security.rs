//! What security is told: root's keys and failed reads when they are news, and a summary on each channel that leaves out what the
//! channel has just heard.

use std::collections::BTreeSet;

use jiff::Timestamp;
use shared::notify::Message;
use shared::response::rotation::{last_success, rehearsals};
use shared::snapshot::{Coverage, Snapshot};

use crate::figures::Figures;
use crate::ledger::{Ledger, Owed, Told, Trend};
use crate::plan::{due_again, repeat_every};
use crate::run::{Run, Telling};
use crate::wording::{Summary, summary};

/// What security is told of.
pub(crate) struct Said<'a> {
    pub account: &'a Snapshot,
    pub coverage: &'a Coverage,
    pub figures: &'a Figures,
    pub owed: &'a Owed,
    pub before: Option<&'a Trend>,
    /// Keys that this run disabled: their owners are told the same.
    pub disabled: BTreeSet<&'a str>,
    pub root: bool,
}

impl Run<'_> {
    /// Whether root's keys are to be mentioned, and how that is remembered.
    pub(crate) fn root_news(&self, account: &Snapshot, ledger: &Ledger) -> Option<Told> {
        let count = account.known_root_keys()?;
        (count > 0).then(|| self.news("root", format!("root_{count}"), account.taken_at, ledger))?
    }

    /// Whether failed reads are news. The reasons count, not how often each came.
    pub(crate) fn unread_news(&self, coverage: &Coverage, now: Timestamp, ledger: &Ledger) -> Option<Told> {
        if coverage.is_whole() {
            return None;
        }
        let reasons: BTreeSet<String> =
            coverage.failures.iter().map(|why| format!("{}:{}", why.action, why.code)).collect();
        let mark = reasons.into_iter().collect::<Vec<_>>().join(",");
        self.news("unread", mark, now, ledger)
    }

    fn news(&self, subject: &str, mark: String, now: Timestamp, ledger: &Ledger) -> Option<Told> {
        let every = Some(repeat_every(&self.ctx.config));
        let times = due_again(&mark, ledger.told.get(subject), now, every)?;
        Some(Told { mark, at: now, times, notice: None })
    }

    /// Tells security, on each of its channels what that channel has not been told by a digest. Says whether anybody was reached.
    pub(crate) async fn tell_security(&self, said: Said<'_>, telling: &mut Telling) -> bool {
        let ctx = self.ctx;
        let rehearsed = self.rehearsed().await;
        let draw = |channel: &str, telling: &Telling| {
            let known = telling.said_on.get(channel);
            let heard = |key: &str| known.is_some_and(|known| known.contains(key));
            let overdue = said.owed.overdue.iter().filter(|(key, _)| !heard(key));
            let acted = said
                .owed
                .acted
                .iter()
                .filter(|(key, _)| !(heard(key) && said.disabled.contains(key.as_str())));
            Summary {
                account: said.account,
                coverage: said.coverage,
                figures: said.figures,
                now: said.account.taken_at,
                round: self.round,
                language: ctx.config.language,
                root: said.root,
                overdue: overdue.map(|(_, line)| line.clone()).collect(),
                acted: acted.map(|(_, line)| line.clone()).collect(),
                rotated: said.owed.rotated.values().copied().collect(),
                before: said.before.filter(|before| before.at < said.account.taken_at),
                unreached: telling.unreached,
                rehearsed,
            }
        };
        // How urgent it is must not depend on what a channel has heard already.
        let severity = draw("", telling).severity();
        let channels: Vec<String> =
            ctx.notifier.channels_for(severity).into_iter().map(str::to_owned).collect();
        let mut reached = false;
        for channel in &channels {
            let message = Message { severity, ..summary(&draw(channel, telling), channel) };
            let deliveries = ctx.notifier.send_to_only(channel, &message, Some(ctx.deadline)).await;
            reached |= deliveries.reached_someone();
            telling.note(&message, &deliveries, &[]);
        }
        if !reached {
            let message = Message { severity, ..summary(&draw("", telling), "fallback") };
            let deliveries = ctx.notifier.send_to(None, &message, Some(ctx.deadline)).await;
            reached = telling.note(&message, &deliveries, &[]);
        }
        reached
    }

    /// When the rotation was last rehearsed with success, if that is on record.
    async fn rehearsed(&self) -> Option<Timestamp> {
        let all = rehearsals(self.ctx.cases.store()).await.unwrap_or_default();
        last_success(&all, self.account_id())
    }
}
