//! What there is to say and to do today, from what was read and what has been said before. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::checks::keys::{Stage, Use, due_at, stage, stage_by_age};
use shared::config::{Config, Severity};
use shared::report::exemption_for;
use shared::snapshot::{AccessKey, Snapshot, User};

use crate::ledger::{Due, Ledger, Notice, Told};
use crate::notice::{MARK, doomed, is_void, later};
use crate::protect::{ADMINISTRATORS_UNREAD, Protected};

/// Timers are not punctual: so much earlier still counts as the day.
const SLACK: SignedDuration = SignedDuration::from_mins(90);
/// A key made so long before another was due may be its successor.
const EARLY: SignedDuration = SignedDuration::from_hours(24 * 28);
/// Stages other than overdue and root are repeated this many times more seldom.
const SELDOM: i32 = 4;

/// What people are told about one key, or one user's keys.
#[derive(Debug, Clone)]
pub(crate) struct Item<'a> {
    /// What the ledger calls it.
    pub subject: String,
    /// Whose keys.
    pub user: &'a User,
    /// What about them.
    pub about: About<'a>,
    /// What the ledger remembers of it.
    pub mark: String,
    /// The how manyeth time it is said with this mark.
    pub times: u32,
    /// How urgent it is.
    pub severity: Severity,
    /// The key will be disabled then: this is the notice.
    pub disabled_on: Option<Timestamp>,
}

/// What about it.
#[derive(Debug, Clone)]
pub(crate) enum About<'a> {
    /// A key is at this stage.
    Key(&'a AccessKey, Stage),
    /// A user has several active keys.
    Several(Vec<&'a str>),
    /// This run has disabled it; the case to undo it by.
    Disabled(&'a AccessKey, String),
}

impl About<'_> {
    /// The check that an exemption from it names, and the resource, without the account.
    pub(crate) fn exempted_by(&self) -> (&'static str, &'static str) {
        match self {
            Self::Several(_) => ("several-access-keys", "user/USER"),
            Self::Disabled(..) | Self::Key(_, Stage::Idle | Stage::NeverUsed | Stage::Inactive) => {
                ("idle-access-key", "accesskey/KEY")
            }
            Self::Key(..) => ("old-access-key", "accesskey/KEY"),
        }
    }

    /// What comes first among what is equally urgent.
    fn rank(&self) -> u8 {
        match self {
            Self::Disabled(..) => 0,
            Self::Key(_, Stage::Overdue) => 1,
            Self::Key(_, Stage::Due) => 2,
            Self::Key(_, Stage::Idle | Stage::NeverUsed) => 3,
            Self::Key(_, Stage::Unknown { .. }) => 4,
            Self::Key(_, Stage::DueSoon { .. }) => 5,
            Self::Key(_, Stage::Inactive | Stage::Fine) => 6,
            Self::Several(_) => 7,
        }
    }
}

/// A key that may be disabled now: notice was given, and it was not used since.
#[derive(Debug, Clone)]
pub(crate) struct Candidate<'a> {
    pub user: &'a User,
    pub key: &'a AccessKey,
    pub notice: Notice,
}

/// A key that was due and has been replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rotated {
    pub key: String,
    pub user: String,
    /// From the day it was due.
    pub took: Duration,
}

/// The plan of one run.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// What is to be said, worst first.
    pub items: Vec<Item<'a>>,
    /// What may be disabled, longest waiting first, as many as one run may.
    pub candidates: Vec<Candidate<'a>>,
    /// How many more were left for later runs.
    pub postponed: usize,
    /// Keys by stage.
    pub stages: BTreeMap<&'static str, u64>,
    /// Keys that were rotated since the last run.
    pub rotated: Vec<Rotated>,
    /// The ledger to begin from: what no longer holds is gone, what is said in this run is not in it yet.
    pub ledger: Ledger,
}

/// The name of a stage, in marks, counts and replies.
pub(crate) fn stage_name(stage: &Stage) -> &'static str {
    match stage {
        Stage::Inactive => "inactive",
        Stage::Unknown { .. } => "unknown",
        Stage::NeverUsed => "never_used",
        Stage::Idle => "idle",
        Stage::Overdue => "overdue",
        Stage::Due => "due",
        Stage::DueSoon { .. } => "due_soon",
        Stage::Fine => "fine",
    }
}

fn severity(stage: &Stage, times: u32) -> Severity {
    match stage {
        Stage::Overdue if times > 1 => Severity::High,
        Stage::Overdue | Stage::Due | Stage::Idle | Stage::NeverUsed | Stage::Unknown { .. } => {
            Severity::Medium
        }
        Stage::Inactive | Stage::DueSoon { .. } | Stage::Fine => Severity::Low,
    }
}

/// Whether it is time to say it, and for the how manyeth time.
pub(crate) fn due_again(
    mark: &str,
    told: Option<&Told>,
    now: Timestamp,
    every: Option<SignedDuration>,
) -> Option<u32> {
    match told {
        Some(told) if told.mark == mark => {
            let again = every.is_some_and(|every| now.duration_since(told.at) + SLACK >= every);
            again.then_some(told.times + 1)
        }
        _ => Some(1),
    }
}

/// `rotation.repeat_every`.
pub(crate) fn repeat_every(config: &Config) -> SignedDuration {
    SignedDuration::try_from(config.rotation.repeat_every).unwrap_or(SignedDuration::MAX)
}

/// After what time a stage is announced again.
fn every(stage: &str, config: &Config) -> Option<SignedDuration> {
    match stage {
        soon if soon.starts_with("due_soon") => None,
        "overdue" => Some(repeat_every(config)),
        _ => Some(repeat_every(config) * SELDOM),
    }
}

/// Makes the plan.
pub(crate) fn plan<'a>(
    account: &'a Snapshot,
    config: &Config,
    before: &Ledger,
    protected: &Protected,
) -> Plan<'a> {
    let mut plan = Plan {
        items: Vec::new(),
        candidates: Vec::new(),
        postponed: 0,
        stages: BTreeMap::new(),
        rotated: Vec::new(),
        ledger: before.clone(),
    };
    let mut seen = BTreeSet::new();
    for user in &account.users {
        // What could not be read today keeps its place in the ledger.
        let Some(keys) = user.keys.known() else { continue };
        for key in keys {
            seen.insert(key.id.clone());
            plan.add_key(account, config, protected, user, key);
        }
        plan.add_several(account, config, protected, user, keys);
    }
    plan.settle(account, &seen);
    plan.items.sort_by(|a, b| {
        let order = |item: &Item<'_>| (Reverse(item.severity), item.about.rank());
        order(a).cmp(&order(b)).then_with(|| a.subject.cmp(&b.subject))
    });
    plan.candidates.sort_by(|a, b| a.notice.at.cmp(&b.notice.at).then_with(|| a.key.id.cmp(&b.key.id)));
    let all = plan.candidates.len();
    // Of administrators one at a time: whether another one can still act is read anew before the next.
    let mut one = false;
    plan.candidates.retain(|candidate| {
        !protected.is_administrator(candidate.user) || !std::mem::replace(&mut one, true)
    });
    plan.candidates.truncate(config.rotation.max_disabled_per_run as usize);
    plan.postponed = all - plan.candidates.len();
    plan
}

impl<'a> Plan<'a> {
    fn add_key(
        &mut self,
        account: &Snapshot,
        config: &Config,
        protected: &Protected,
        user: &'a User,
        key: &'a AccessKey,
    ) {
        let (limits, now) = (&config.rotation, account.taken_at);
        let accepted = |check| exemption_for(&config.exemptions, check, &account.key_arn(key), now).is_some();
        // Not being used is what an emergency key is for, and may be accepted; its age goes on.
        let may_be_idle =
            config.is_break_glass_user(&user.name, &account.account_id) || accepted("idle-access-key");
        let stage = match may_be_idle {
            true => stage_by_age(key, limits, now),
            false => stage(key, limits, now),
        };
        let is_accepted = match stage {
            Stage::Idle | Stage::NeverUsed | Stage::Fine => false,
            Stage::Inactive => accepted("idle-access-key"),
            _ => accepted("old-access-key"),
        };
        let counted = if is_accepted { "exempt" } else { stage_name(&stage) };
        *self.stages.entry(counted).or_default() += 1;
        if let (true, Some(made)) = (key.active, key.created.known())
            && due_at(*made, limits) <= now
        {
            let since = due_at(*made, limits);
            self.ledger.due.entry(key.id.clone()).or_insert_with(|| Due { user: user.name.clone(), since });
        }
        let stale = self.is_stale(key);
        let unread = key.active && (stale || matches!(Use::of(key, limits, now), Use::Unknown(_)));
        if unread && self.stays(&key.id, &stage, config, now) {
            return;
        }
        // What a rotation has disabled it watches, and deletes when nobody misses it.
        let rotated_out = stage == Stage::Inactive && protected.rotating.contains(&key.id);
        if stage == Stage::Fine || is_accepted || rotated_out {
            self.ledger.told.remove(&key.id);
            return;
        }
        let mut mark = match &stage {
            Stage::DueSoon { within } => format!("due_soon_{within}"),
            stage => stage_name(stage).to_owned(),
        };
        let mut disabled_on = None;
        let doomed = !stale
            && doomed(key, config, now)
            && !["old-access-key", "idle-access-key"].into_iter().any(accepted);
        let notice = self.ledger.told.get(&key.id).and_then(|told| told.notice.clone());
        let mut renewed = false;
        match (protected.why(account, user, &key.id, config).filter(|_| doomed), notice) {
            (None, Some(notice)) if doomed && !is_void(key, &notice) => {
                mark.push_str(MARK);
                disabled_on = Some(later(notice.at, limits.notice));
                // Not a minute before, however early the timer is: it was promised.
                if disabled_on.is_some_and(|on| on <= now) {
                    self.candidates.push(Candidate { user, key, notice });
                }
            }
            // New, or something has happened since: the time begins anew.
            (None, notice) if doomed => {
                mark.push_str(MARK);
                renewed = notice.is_some();
                disabled_on = Some(later(now, limits.notice));
            }
            // Whether it is protected is not known today: what was announced stands, and waits.
            (Some(ADMINISTRATORS_UNREAD), Some(notice)) if !is_void(key, &notice) => {
                mark.push_str(MARK);
                disabled_on = Some(later(notice.at, limits.notice));
            }
            _ => {
                if let Some(told) = self.ledger.told.get_mut(&key.id) {
                    told.notice = None;
                }
            }
        }
        let told = self.ledger.told.get(&key.id);
        let again = renewed.then(|| told.map_or(1, |told| told.times + 1));
        if let Some(times) = due_again(&mark, told, now, every(stage_name(&stage), config)).or(again) {
            self.items.push(Item {
                subject: key.id.clone(),
                user,
                severity: severity(&stage, times),
                about: About::Key(key, stage),
                mark,
                times,
                disabled_on,
            });
        }
    }

    /// Whether a key reads as if it had been used less than is known. Remembers what is known.
    fn is_stale(&mut self, key: &AccessKey) -> bool {
        let Some(last) = key.last_use.known() else { return false };
        let last = last.as_ref().map(|last| last.at);
        let known = self.ledger.used.get(&key.id).copied();
        if let (Some(last), true) = (last, last > known) {
            self.ledger.used.insert(key.id.clone(), last);
        }
        last < known
    }

    /// Whether a key of which something could not be read stays where it was: what was said of its use is neither withdrawn
    /// nor news, until it is time to speak of it again.
    fn stays(&self, key: &str, by_age: &Stage, config: &Config, now: Timestamp) -> bool {
        let Some(told) = self.ledger.told.get(key) else { return false };
        let name = told.mark.strip_suffix(MARK).unwrap_or(&told.mark);
        let of_use = name != told.mark || matches!(name, "idle" | "never_used");
        let hides = matches!(by_age, Stage::Unknown { .. }) && name != "unknown";
        let due = due_again(&told.mark, Some(told), now, every(name, config)).is_some();
        (of_use || hides) && (!due || *by_age == Stage::Fine)
    }

    fn add_several(
        &mut self,
        account: &Snapshot,
        config: &Config,
        protected: &Protected,
        user: &'a User,
        keys: &'a [AccessKey],
    ) {
        let subject = format!("user/{}", user.name);
        let active: Vec<&str> = keys.iter().filter(|key| key.active).map(|key| key.id.as_str()).collect();
        let (arn, now) = (account.user_arn(user), account.taken_at);
        // During a rotation two are as it should be.
        let rotating = active.iter().any(|key| protected.rotating.contains(*key));
        if active.len() < 2
            || rotating
            || exemption_for(&config.exemptions, "several-access-keys", &arn, now).is_some()
        {
            self.ledger.told.remove(&subject);
            return;
        }
        let mark = format!("several:{}", active.join(","));
        let every = Some(repeat_every(config) * SELDOM);
        if let Some(times) = due_again(&mark, self.ledger.told.get(&subject), now, every) {
            self.items.push(Item {
                subject,
                user,
                about: About::Several(active),
                mark,
                times,
                severity: Severity::Low,
                disabled_on: None,
            });
        }
    }

    /// What became of keys that were due, or are not there any more. Unread is not gone.
    fn settle(&mut self, account: &Snapshot, seen: &BTreeSet<String>) {
        let users: BTreeMap<&str, &User> =
            account.users.iter().map(|user| (user.name.as_str(), user)).collect();
        let keys: BTreeMap<&str, (&User, &AccessKey)> =
            account.keys().map(|(user, key)| (key.id.as_str(), (user, key))).collect();
        let due = std::mem::take(&mut self.ledger.due);
        for (id, due) in due {
            let owner = users.get(due.user.as_str());
            let (gone, ended) = match keys.get(id.as_str()) {
                Some((_, key)) if key.active => (false, None),
                Some((_, key)) => (true, key.changed),
                None => match owner {
                    Some(user) => (user.keys.known().is_some(), None),
                    None => (account.users_unread.is_none(), None),
                },
            };
            if !gone {
                self.ledger.due.insert(id, due);
                continue;
            }
            // Replaced, not only removed: a younger key of the same user works.
            let replaced =
                owner.and_then(|user| user.keys.known()).into_iter().flatten().any(|key| {
                    key.active && key.created.known().is_some_and(|made| *made > due.since - EARLY)
                });
            if replaced {
                let end = ended.unwrap_or(account.taken_at);
                let took = Duration::try_from(end.duration_since(due.since)).unwrap_or_default();
                self.rotated.push(Rotated { key: id, user: due.user, took });
            }
        }
        let whole =
            account.users_unread.is_none() && account.users.iter().all(|user| user.keys.known().is_some());
        if whole {
            self.ledger.used.retain(|key, _| seen.contains(key));
            self.ledger.told.retain(|subject, _| match subject.as_str() {
                "root" | "unread" => true,
                subject => match subject.strip_prefix("user/") {
                    Some(name) => users.contains_key(name),
                    None => seen.contains(subject),
                },
            });
        }
    }
}
