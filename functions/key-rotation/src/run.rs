//! One run: read → plan → act → tell → write down.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::checks::keys::{CHECKS, Stage};
use shared::checks::run as run_checks;
use shared::cloud::sts::GetCallerIdentity;
use shared::collect::{identities, unread};
use shared::config::{Disable, Severity};
use shared::notify::{Deliveries, Message, undo_command};
use shared::openapi::Session;
use shared::report::{Report, exempt, reply};
use shared::response::rotation::rotated_key;
use shared::response::standing_changes;
use shared::runtime::{Context, Failure};
use shared::snapshot::{Coverage, Read, Snapshot, Unread};
use shared::state::VARIABLE;
use tokio::time::Instant;

use crate::digest::{groups, uses};
use crate::disable::{Ended, case_id, disable};
use crate::figures::{self, figures};
use crate::ledger::{self, Ledger, Owed};
use crate::plan::{About, Item, Plan, plan};
use crate::protect::{Protected, administrators};
use crate::security::Said;
use crate::wording::{FUNCTION, Facts, digest, title, unrecorded};

/// Shares of the time left: reading ends after the first, disabling keys after the second, looking up uses after the third; the
/// rest is for telling.
const READ: f64 = 0.6;
const DISABLE: f64 = 0.4;
const LOOK_UP: f64 = 0.6;

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
            // It may have died, so this is no success: the platform tries again, and then there is nothing to do, or all of it.
            let why = "another run is at it, or has died without a word: try again when its time is over";
            return Err(Failure::new("AnotherRun", why));
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
    let (report, more, ledger) = Run { ctx, session, protected, round: held.round }.work(&held.ledger).await;
    // First what was said: a report that cannot be stored must not have it said again.
    held.release(&ledger, ctx.clock.now()).await?;
    Ok(reply(report, more, ctx.cases.store()).await?)
}

pub(crate) struct Run<'c> {
    pub ctx: &'c Context,
    session: &'c Session,
    protected: Protected,
    /// Which run it is; see [`ledger::Held::round`].
    pub round: u64,
}

/// A last use that reads older than it was known to be is no reading: what is told of it, and found by it, is UNKNOWN.
fn forget_stale(account: &mut Snapshot, coverage: &mut Coverage, ledger: &Ledger) {
    for user in &mut account.users {
        let Read::Read(keys) = &mut user.keys else { continue };
        for key in keys {
            let Read::Read(last) = &key.last_use else { continue };
            let known = ledger.used.get(&key.id).copied();
            if last.as_ref().map(|last| last.at) < known {
                let why = Unread::new(
                    "ims:GetAccessKeyLastUsed",
                    "Stale",
                    "it reads older than it was known to be",
                );
                coverage.miss(why.clone());
                key.last_use = Read::Unread(why);
            }
        }
    }
}

/// What became of a candidate, for people and for the reply.
#[derive(Clone)]
struct Acted {
    key: String,
    line: String,
    /// The owner is told of it, too.
    disabled: bool,
    /// It belongs to what could not be read.
    unread: bool,
}

/// What came of telling.
#[derive(Default)]
pub(crate) struct Telling {
    /// Message ids with what became of each.
    messages: Vec<Value>,
    /// Subjects that each channel has been told of.
    pub said_on: BTreeMap<String, BTreeSet<String>>,
    /// Digests that reached nobody.
    pub unreached: usize,
}

impl Telling {
    /// Notes a delivery; says whether nobody is owed it any more. What no channel wants is not owed.
    pub(crate) fn note(&mut self, message: &Message, deliveries: &Deliveries, subjects: &[&str]) -> bool {
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
    pub(crate) fn account_id(&self) -> &str {
        &self.protected.account_id
    }

    async fn work(mut self, before: &Ledger) -> (Report, Value, Ledger) {
        let (ctx, config) = (self.ctx, &*self.ctx.config);
        let (began, started_at) = (Instant::now(), ctx.clock.now());
        let reading = self.session.until(share(ctx, READ));
        let mut account = identities(&reading, &self.protected.account_id, started_at).await;
        let mut coverage = std::mem::take(&mut account.coverage);
        forget_stale(&mut account, &mut coverage, before);
        if config.rotation.disable != Disable::Never {
            match administrators(&reading).await {
                Ok(all) => self.protected.administrators = Some(all),
                Err(error) => coverage.miss(unread(&error)),
            }
        }
        // Unread costs a hint, and keeps a rotated key from being disabled no worse than its use does.
        let cases = ctx.cases.ids(false).await.unwrap_or_default();
        self.protected.rotating = cases.iter().filter_map(|id| rotated_key(id)).map(str::to_owned).collect();
        let mut plan = plan(&account, config, before, &self.protected);
        let mut ledger = std::mem::take(&mut plan.ledger);
        let acted = self.disable(&mut plan, &mut ledger, &mut coverage).await;
        let figures = figures(&account, &plan, config, coverage.failed);

        ledger.owed.rotated.extend(plan.rotated.iter().map(|one| (one.key.clone(), one.took.as_secs())));
        ledger.remember(&figures);

        let mut telling = Telling::default();
        let (overdue, made_good) = self.tell_owners(&mut plan, &mut ledger, &mut telling, &account).await;
        let of_acts: Vec<&Acted> = acted.iter().chain(&made_good).filter(|one| !one.unread).collect();
        ledger.owed.overdue.extend(overdue);
        ledger.owed.acted.extend(of_acts.iter().map(|one| (one.key.clone(), one.line.clone())));
        let root_news = self.root_news(&account, &ledger);
        let unread_news = self.unread_news(&coverage, started_at, &ledger);
        let news = root_news.is_some() || unread_news.is_some() || !ledger.owed.is_empty();
        if !telling.messages.is_empty() || news {
            let said = Said {
                account: &account,
                coverage: &coverage,
                figures: &figures,
                owed: &ledger.owed,
                before: ledger.trend.first(),
                disabled: of_acts.iter().filter(|one| one.disabled).map(|one| one.key.as_str()).collect(),
                root: root_news.is_some(),
            };
            if self.tell_security(said, &mut telling).await {
                ledger.owed = Owed::default();
                for (subject, news) in [("root", root_news), ("unread", unread_news)] {
                    ledger.told.extend(news.map(|news| (subject.to_owned(), news)));
                }
            }
        }
        if account.root_keys.known() == Some(&0) {
            ledger.told.remove("root");
        }
        if coverage.is_whole() {
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
            coverage,
            summary: Report::summarise(&findings),
            findings,
        };
        ledger.first_seen = report.carry_first_seen(&before.first_seen);
        let lines: Vec<String> = acted.into_iter().map(|one| one.line).collect();
        let more = json!({
            "stages": figures.stages, "figures": figures, "messages": telling.messages, "disabled": lines,
            "postponed": plan.postponed,
        });
        (report, more, ledger)
    }

    /// Disables what notice was given for. Says what became of each.
    async fn disable(&self, plan: &mut Plan<'_>, ledger: &mut Ledger, coverage: &mut Coverage) -> Vec<Acted> {
        let session = self.session.until(share(self.ctx, DISABLE));
        let state = self.ctx.env.get(VARIABLE);
        let mut all = Vec::new();
        for candidate in std::mem::take(&mut plan.candidates) {
            let (id, user) = (&candidate.key.id, &candidate.user.name);
            let ended = disable(self.ctx, &session, &candidate).await;
            let (disabled, unread) =
                (matches!(ended, Ok(Ended::Disabled(_))), matches!(ended, Ok(Ended::Unread(_))));
            let said = match ended {
                Ok(Ended::Disabled(case)) => {
                    plan.items.retain(|item| item.subject != *id);
                    let said = format!("disabled, read back. {}", undo_command(state, &case));
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
                    said
                }
                Ok(Ended::Left(why)) => {
                    // Whatever it was, the time begins anew.
                    ledger.withdraw(id);
                    format!("left as it is: {why}")
                }
                Ok(Ended::Unread(why)) => {
                    coverage.miss(why.clone());
                    format!("left as it is for now, since it could not be read anew: {why}")
                }
                // What was announced stands, and is tried again.
                Ok(Ended::Refused(why)) => format!("could not be disabled: {why}"),
                Ok(Ended::Unproved(why)) => {
                    let undo = undo_command(state, &case_id(id));
                    format!("may be disabled, which could not be read back: {why}. {undo}")
                }
                Err(error) => format!("whether it was disabled is not on record: {error}"),
            };
            let line = format!("{id} ({user}): {said}");
            self.ctx.log.info("disable", json!({ "line": line }));
            all.push(Acted { key: id.clone(), line, disabled, unread });
        }
        all
    }

    /// Sends each owner a digest. Returns the overdue keys among what was said, with their lines, and those that a run disabled which
    /// did not come to tell of it.
    async fn tell_owners(
        &self,
        plan: &mut Plan<'_>,
        ledger: &mut Ledger,
        telling: &mut Telling,
        account: &Snapshot,
    ) -> (Vec<(String, String)>, Vec<Acted>) {
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
            round: self.round,
            rotating: &self.protected.rotating,
            state: ctx.env.get(VARIABLE),
        };
        let (mut overdue, mut made_good) = (Vec::new(), Vec::new());
        for group in &groups {
            let message = digest(&facts, group);
            let channel = group.owner.channel.as_deref();
            let deliveries = ctx.notifier.send_to(channel, &message, Some(ctx.deadline)).await;
            let subjects: Vec<&str> = group.items.iter().map(|item| item.subject.as_str()).collect();
            if telling.note(&message, &deliveries, &subjects) {
                // A notice is for its owner: one that came to others only is given again tomorrow.
                let addressed = match channel {
                    Some(channel) => deliveries.delivered.iter().any(|took| took == channel),
                    None => deliveries.reached_someone(),
                };
                let delivered = addressed.then(|| ctx.clock.now());
                for item in group.items.iter().filter(|item| addressed || item.disabled_on.is_none()) {
                    ledger.say(item, account.taken_at, delivered);
                }
            } else {
                telling.unreached += 1;
                ctx.log
                    .error("nobody was told", json!({ "message": message.id, "failed": deliveries.failed }));
            }
            for item in &group.items {
                let key = item.subject.clone();
                match item.about {
                    About::Key(_, Stage::Overdue) => overdue.push((key, title(item, &facts))),
                    About::Key(_, Stage::Inactive) if item.times == 1 && cases.contains(&key) => {
                        let user = &item.user.name;
                        let undo = undo_command(facts.state, &case_id(&key));
                        let line = format!("{key} ({user}): disabled. {undo}");
                        made_good.push(Acted { key, line, disabled: true, unread: false });
                    }
                    _ => {}
                }
            }
        }
        (overdue, made_good)
    }

    /// Which of the disabled keys that are to be told of were disabled by this function, and not put back since.
    async fn own_cases(&self, groups: &[crate::digest::Group<'_>]) -> BTreeSet<String> {
        let inactive: Vec<&str> = groups
            .iter()
            .flat_map(|group| &group.items)
            .filter(|item| matches!(item.about, About::Key(_, Stage::Inactive)))
            .map(|item| item.subject.as_str())
            .collect();
        if inactive.is_empty() {
            return BTreeSet::new();
        }
        // Unread costs only the hint.
        let known: BTreeSet<String> =
            self.ctx.cases.ids(true).await.unwrap_or_default().into_iter().collect();
        let mut own = BTreeSet::new();
        for key in inactive.into_iter().filter(|key| known.contains(&case_id(key))) {
            let case = self.ctx.cases.load(&case_id(key)).await.ok().flatten();
            if case.is_some_and(|case| !standing_changes(&case).is_empty()) {
                own.insert(key.to_owned());
            }
        }
        own
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
