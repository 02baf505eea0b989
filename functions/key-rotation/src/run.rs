//! One run: read → plan → act → tell → write down.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::checks::keys::{CHECKS, Stage};
use shared::checks::run as run_checks;
use shared::cloud::sts::GetCallerIdentity;
use shared::collect::identities;
use shared::config::{Disable, Severity};
use shared::notify::{Deliveries, Message};
use shared::openapi::Session;
use shared::report::{Report, exempt, reply};
use shared::runtime::{Context, Failure};
use shared::snapshot::Snapshot;
use tokio::time::Instant;

use crate::digest::{groups, uses};
use crate::disable::{Ended, disable};
use crate::figures::{self, figures};
use crate::ledger::{self, Ledger, Told};
use crate::plan::{About, Item, Plan, due_again, plan, repeat_every};
use crate::protect::{Protected, administrators};
use crate::wording::{FUNCTION, Facts, Summary, digest, summary, title, unrecorded};

/// Shares of the time left: reading ends after the first, looking up uses after the second; the rest is for telling.
const READ: f64 = 0.6;
const LOOK_UP: f64 = 0.6;
/// Where rehearsals of the rotation are on record.
const REHEARSALS: &str = "rotation/rehearsals";

/// The moment at which a share of the time left is over.
fn share(ctx: &Context, share: f64) -> Option<Instant> {
    let now = Instant::now();
    Some(now + ctx.deadline.saturating_duration_since(now).mul_f64(share))
}

/// Runs.
pub(crate) async fn run(ctx: &Context) -> Result<Value, Failure> {
    let Some(session) = &ctx.session else {
        let why =
            "the invocation brought no credential, and the environment has none: give the function a role";
        return Err(Failure::new("NoCredential", why));
    };
    let caller = session.call(&GetCallerIdentity {}).await?;
    let now = ctx.clock.now();
    let held = match ledger::take(ctx.cases.store(), &ctx.request_id, now, ctx.timeout).await {
        Ok(Some(held)) => held,
        Ok(None) => {
            let said =
                json!({ "function": FUNCTION, "outcome": "duplicate", "reason": "another run is at it" });
            return Ok(said);
        }
        Err(error) => {
            let message = unrecorded(Some(&caller.account_id), now, ctx.config.language, &error.to_string());
            let told = ctx.notifier.send(&message, Some(ctx.deadline)).await;
            ctx.log.error(
                "the ledger is not available",
                json!({ "why": error.to_string(), "told": told.delivered }),
            );
            return Err(error.into());
        }
    };
    let protected = Protected::by(&caller, session);
    let work = Run { ctx, session, protected }.work(&held.ledger);
    match work.await {
        Ok((reply, ledger)) => {
            held.release(&ledger, ctx.clock.now()).await?;
            Ok(reply)
        }
        Err(failure) => {
            let before = held.ledger.clone();
            // The next attempt need not wait for this one to be taken for dead.
            if let Err(error) = held.release(&before, ctx.clock.now()).await {
                ctx.log.warn("the ledger could not be released", json!({ "why": error.to_string() }));
            }
            Err(failure)
        }
    }
}

struct Run<'c> {
    ctx: &'c Context,
    session: &'c Session,
    protected: Protected,
}

/// What came of telling.
#[derive(Default)]
struct Telling {
    /// Message ids with what became of each.
    messages: Vec<Value>,
    /// Subjects that each channel has been told of.
    said_on: BTreeMap<String, BTreeSet<String>>,
    /// Digests that reached nobody.
    unreached: usize,
}

impl Telling {
    /// Notes a delivery; says whether nobody is owed it any more. What no channel wants is not owed.
    fn note(&mut self, message: &Message, deliveries: &Deliveries, subjects: &[&str]) -> bool {
        for channel in &deliveries.delivered {
            let said = self.said_on.entry(channel.clone()).or_default();
            said.extend(subjects.iter().map(|subject| (*subject).to_owned()));
        }
        self.messages.push(json!({
            "id": message.id, "title": message.title, "delivered": deliveries.delivered, "failed": deliveries.failed,
        }));
        deliveries.is_settled()
    }
}

impl Run<'_> {
    async fn work(mut self, before: &Ledger) -> Result<(Value, Ledger), Failure> {
        let (ctx, config) = (self.ctx, &*self.ctx.config);
        let (began, started_at) = (Instant::now(), ctx.clock.now());
        let reading = self.session.until(share(ctx, READ));
        let account = identities(&reading, &self.protected.account_id, started_at).await;
        if config.rotation.disable != Disable::Never {
            match administrators(&reading).await {
                Ok(all) => self.protected.administrators = Some(all),
                Err(error) => ctx.log.warn(
                    "administrators could not be read: no key is disabled in this run",
                    json!({ "why": error.to_string() }),
                ),
            }
        }
        let mut plan = plan(&account, config, before, &self.protected);
        let mut ledger = std::mem::take(&mut plan.ledger);
        let acted = self.disable(&mut plan, &mut ledger).await;
        let figures = figures(&account, &plan, config);

        let mut telling = Telling::default();
        let overdue = self.tell_owners(&mut plan, &mut ledger, &mut telling, &account).await;
        let root_news = self.root_news(&account, &ledger);
        let unread_news = self.unread_news(&account, &ledger);
        if !telling.messages.is_empty() || root_news.is_some() || unread_news.is_some() || !acted.is_empty() {
            let said = Said {
                account: &account,
                figures: &figures,
                overdue,
                acted: acted.clone(),
                root: root_news.is_some(),
            };
            if self.tell_security(said, &mut telling).await {
                for (subject, news) in [("root", root_news), ("unread", unread_news)] {
                    ledger.told.extend(news.map(|news| (subject.to_owned(), news)));
                }
            }
        }
        if account.root_keys.known() == Some(&0) {
            ledger.told.remove("root");
        }
        if account.coverage.is_whole() {
            ledger.told.remove("unread");
        }
        self.keep(&figures).await;

        let mut findings = run_checks(CHECKS, &account, config);
        exempt(&mut findings, &config.exemptions, started_at);
        let mut report = Report {
            version: 1,
            function: FUNCTION.to_owned(),
            run_id: ctx.request_id.clone(),
            account_id: account.account_id.clone(),
            started_at,
            duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            coverage: account.coverage.clone(),
            summary: Report::summarise(&findings),
            findings,
        };
        ledger.first_seen = report.carry_first_seen(&before.first_seen);
        let more = json!({
            "stages": figures.stages, "figures": figures, "messages": telling.messages, "disabled": acted,
            "postponed": plan.postponed,
        });
        Ok((reply(report, more, ctx.cases.store()).await?, ledger))
    }

    /// Disables what notice was given for. Says what became of each, a line for people.
    async fn disable(&self, plan: &mut Plan<'_>, ledger: &mut Ledger) -> Vec<String> {
        let mut lines = Vec::new();
        for candidate in std::mem::take(&mut plan.candidates) {
            let (id, user) = (&candidate.key.id, &candidate.user.name);
            let line = match disable(self.ctx, self.session, &candidate).await {
                Ok(Ended::Disabled(case)) => {
                    plan.items.retain(|item| item.subject != *id);
                    let line = format!("{id} ({user}): disabled, read back. harden undo {case}");
                    plan.items.insert(
                        0,
                        Item {
                            subject: id.clone(),
                            user: candidate.user,
                            about: About::Disabled(candidate.key, case),
                            // What the next run will find.
                            mark: "inactive".to_owned(),
                            times: 1,
                            severity: Severity::Medium,
                            disabled_on: None,
                        },
                    );
                    line
                }
                Ok(Ended::Left(why)) => {
                    // Whatever it was, the time begins anew.
                    if let Some(told) = ledger.told.get_mut(id) {
                        told.notice = None;
                    }
                    format!("{id} ({user}): left as it is: {why}")
                }
                Err(error) => format!("{id} ({user}): left as it is: {error}"),
            };
            self.ctx.log.info("disable", json!({ "line": line }));
            lines.push(line);
        }
        lines
    }

    /// Sends each owner a digest. Returns the overdue keys among what was said, with their lines.
    async fn tell_owners(
        &self,
        plan: &mut Plan<'_>,
        ledger: &mut Ledger,
        telling: &mut Telling,
        account: &Snapshot,
    ) -> Vec<(String, String)> {
        let (ctx, config) = (self.ctx, &*self.ctx.config);
        let groups = groups(std::mem::take(&mut plan.items), config);
        let looking = self.session.until(share(ctx, LOOK_UP));
        let uses = uses(&looking, &groups).await;
        let cases = self.own_cases(&groups).await;
        let facts = Facts {
            language: config.language,
            account_id: &account.account_id,
            now: account.taken_at,
            config,
            uses: &uses,
            cases: &cases,
        };
        let mut overdue = Vec::new();
        for group in &groups {
            let message = digest(&facts, group);
            let channel = group.owner.channel.as_deref();
            let deliveries = ctx.notifier.send_to(channel, &message, Some(ctx.deadline)).await;
            let subjects: Vec<&str> = group.items.iter().map(|item| item.subject.as_str()).collect();
            if telling.note(&message, &deliveries, &subjects) {
                for item in &group.items {
                    ledger.say(item, account.taken_at);
                }
            } else {
                telling.unreached += 1;
                ctx.log
                    .error("nobody was told", json!({ "message": message.id, "failed": deliveries.failed }));
            }
            let is_overdue = |item: &&Item<'_>| matches!(item.about, About::Key(_, Stage::Overdue));
            overdue.extend(
                group.items.iter().filter(is_overdue).map(|item| (item.subject.clone(), title(item, &facts))),
            );
        }
        overdue
    }

    /// Keys of this function's own cases, where a disabled key is to be told of: then undoing is a step worth naming.
    async fn own_cases(&self, groups: &[crate::digest::Group<'_>]) -> BTreeSet<String> {
        let wanted = groups
            .iter()
            .flat_map(|group| &group.items)
            .any(|item| matches!(item.about, About::Key(_, Stage::Inactive)));
        if !wanted {
            return BTreeSet::new();
        }
        // Unread costs only the hint.
        self.ctx.cases.ids(true).await.unwrap_or_default().into_iter().collect()
    }

    /// Whether root's keys are to be mentioned, and how that is remembered.
    fn root_news(&self, account: &Snapshot, ledger: &Ledger) -> Option<Told> {
        let count = *account.root_keys.known()?;
        (count > 0).then(|| self.news("root", format!("root_{count}"), account, ledger))?
    }

    /// Whether failed reads are news. The reasons count, not how often each came.
    fn unread_news(&self, account: &Snapshot, ledger: &Ledger) -> Option<Told> {
        if account.coverage.is_whole() {
            return None;
        }
        let reasons: BTreeSet<String> =
            account.coverage.failures.iter().map(|why| format!("{}:{}", why.action, why.code)).collect();
        let mark = reasons.into_iter().collect::<Vec<_>>().join(",");
        self.news("unread", mark, account, ledger)
    }

    fn news(&self, subject: &str, mark: String, account: &Snapshot, ledger: &Ledger) -> Option<Told> {
        let every = Some(repeat_every(&self.ctx.config));
        let times = due_again(&mark, ledger.told.get(subject), account.taken_at, every)?;
        Some(Told { mark, at: account.taken_at, times, notice: None })
    }

    /// Tells security, on each of its channels what that channel has not been told by a digest. Says whether anybody was reached.
    async fn tell_security(&self, said: Said<'_>, telling: &mut Telling) -> bool {
        let ctx = self.ctx;
        let rehearsed = self.rehearsed().await;
        let draw = |channel: &str, telling: &Telling| {
            let known = telling.said_on.get(channel);
            let overdue =
                said.overdue.iter().filter(|(key, _)| known.is_none_or(|known| !known.contains(key)));
            Summary {
                account: said.account,
                figures: said.figures,
                now: said.account.taken_at,
                language: ctx.config.language,
                root: said.root,
                overdue: overdue.map(|(_, line)| line.clone()).collect(),
                acted: said.acted.clone(),
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
    async fn rehearsed(&self) -> Option<jiff::Timestamp> {
        let last = self.ctx.cases.store().series(REHEARSALS).last::<Value>().await.ok()??;
        last.1.get("at")?.as_str()?.parse().ok()
    }

    /// Keeps the figures of this run. A trend with a gap is no reason to fail.
    async fn keep(&self, figures: &figures::Figures) {
        let series = self.ctx.cases.store().series(figures::SERIES);
        let kept = async {
            let number = series.last::<Value>().await?.map_or(0, |(number, _)| number);
            series.append(number + 1, figures).await
        };
        if let Err(error) = kept.await {
            self.ctx.log.warn("the figures could not be kept", json!({ "why": error.to_string() }));
        }
    }
}

/// What security is told of.
struct Said<'a> {
    account: &'a Snapshot,
    figures: &'a figures::Figures,
    overdue: Vec<(String, String)>,
    acted: Vec<String>,
    root: bool,
}
