//! The fault matrix: every call of a response and of a sweep fails in every way, at first and at every later attempt, and
//! so does every operation of the store. Never a lockout, never `revoked` or `network_restricted` unproved, always an
//! alert, and the next sweep carries on.

mod undo;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use e2e::world::{Process, StoreFault, World};
use jiff::SignedDuration;
use serde_json::Value;
use shared::cloud::sts::GetCallerIdentity;
use shared::response::What;
use shared::state::Operation;
use simulator::{Fault, FaultKind, NewKey, RootKeyAction, Simulator, Staleness, Variant};

const INBOX: &str = "inbox:security";
/// The `repeat_every` of the configuration, and a little.
const NEXT_SWEEP: SignedDuration = SignedDuration::from_mins(16);
/// How long, in real time, an answer is waited for that never comes, or comes too late. Only an answer's lateness counts:
/// in the world's own time it is as late as the client's patience is long.
const IMPATIENT: Duration = Duration::from_millis(80);
const LATE: Duration = Duration::from_millis(20);
const TOO_LATE: Duration = Duration::from_millis(250);

/// What goes wrong.
#[derive(Debug, Clone)]
enum Harm {
    Call(Fault),
    Store { operation: Operation, fault: StoreFault, after: u32, times: u32 },
}

/// When it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
enum When {
    Delivery,
    Sweep,
}

#[derive(Debug, Clone)]
struct Case {
    harm: Harm,
    when: When,
    variant: Variant,
    /// How long, in real time, an answer is waited for where one never comes, or comes too late.
    patience: Duration,
}

impl Case {
    fn new(number: usize, harm: Harm, when: When) -> Self {
        let variant = if number.is_multiple_of(2) { Variant::Ims } else { Variant::Ram };
        Self { harm, when, variant, patience: IMPATIENT }
    }

    /// The same with more time for the answers that do come.
    fn slower(&self) -> Self {
        let mut slower = self.clone();
        slower.patience *= 8;
        if let Harm::Call(Fault { kind: FaultKind::Slow(time), .. }) = &mut slower.harm {
            *time *= 8;
        }
        slower
    }

    /// Whether answers have to be given up for it.
    fn silent(&self) -> bool {
        let Harm::Call(fault) = &self.harm else { return false };
        match fault.kind {
            FaultKind::Hang => true,
            FaultKind::Slow(time) => time >= TOO_LATE,
            _ => false,
        }
    }

    fn forever(&self) -> bool {
        match &self.harm {
            Harm::Call(fault) => fault.times.is_none(),
            Harm::Store { times, .. } => *times > 1,
        }
    }

    fn of_inbox(&self) -> bool {
        matches!(&self.harm, Harm::Call(fault) if fault.action == INBOX)
    }
}

fn is_write(action: &str) -> bool {
    ["ims:Set", "ims:Update"].iter().any(|verb| action.starts_with(verb))
}

/// What the client cannot tell from another kind (500, a reset) or is no trouble for it. The calls of a sweep, which are
/// all among those of a response, are spared these: a quarter of the time for nothing new.
fn is_twin(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::Http503 | FaultKind::Truncate | FaultKind::Throttle { retry_after: Some(_) })
        || *kind == FaultKind::Slow(LATE)
}

/// All faults of an action: every kind, at the first attempt only, at all attempts of the first call and not after, at
/// every attempt, and at every attempt but the first; of a write, done as well as not done.
fn faults(action: &str) -> Vec<Fault> {
    let mut kinds = vec![
        FaultKind::Throttle { retry_after: None },
        FaultKind::Throttle { retry_after: Some(2000) },
        FaultKind::Deny,
        FaultKind::Http500,
        FaultKind::Http503,
        FaultKind::Slow(LATE),
        FaultKind::Slow(TOO_LATE),
        FaultKind::Hang,
        FaultKind::Reset,
        FaultKind::Truncate,
        FaultKind::BadJson,
    ];
    if !is_write(action) && action != INBOX {
        kinds.push(FaultKind::StaleRead(Staleness::AtStart));
        kinds.push(FaultKind::StaleRead(Staleness::BeforeLastWrite));
    }
    let mut faults = Vec::new();
    for kind in kinds {
        let attempts = if matches!(kind, FaultKind::Throttle { .. }) { 8 } else { 4 };
        let either = is_write(action) && !matches!(kind, FaultKind::Throttle { .. } | FaultKind::Deny);
        let fault = Fault::new(action, kind);
        let sides = if either { vec![fault.clone().before(), fault.done_first()] } else { vec![fault] };
        for fault in sides {
            faults.extend([
                fault.clone(),
                fault.clone().times(attempts),
                fault.clone().forever(),
                fault.after(1).forever(),
            ]);
        }
    }
    faults
}

/// One story: what happened in it so far.
struct Story<'w> {
    world: &'w World,
    made: NewKey,
    event: Value,
    able: Vec<(String, bool)>,
    before: Value,
}

impl<'w> Story<'w> {
    /// Root makes a key, and somebody uses it.
    async fn begin(world: &'w World, variant: Variant) -> Self {
        let (able, before) = (world.able(), world.policies());
        let made = world.sim.root_creates_key(variant);
        let event = Simulator::envelope(&made.event, &world.sim.account_id());
        let keys = world.sim.credentials(&made.id).expect("the key that was made");
        // Whether it works is the simulator's business: it counts as a use.
        let _ = world.process().session(keys).call(&GetCallerIdentity {}).await;
        Self { world, made, event, able, before }
    }

    fn case(&self) -> String {
        format!("root-key-{}", self.made.id)
    }

    /// What must hold at every moment.
    fn check(&self, at: &str, reply: Option<&Value>) -> Result<(), String> {
        let said = |why: String| format!("{at}: {why}");
        self.world.belts().map_err(said)?;
        if self.world.able() != self.able {
            return Err(said(format!("who may call: {:?}", self.world.able())));
        }
        if let Some(reply) = reply {
            self.world.honest(reply, &self.made.id).map_err(said)?;
        }
        let entries = self.world.entries(&self.case());
        let intended: BTreeSet<String> = entries
            .iter()
            .filter_map(|entry| match &entry.what {
                What::Intended { changes } => Some(changes.iter().map(shared::response::Change::id)),
                _ => None,
            })
            .flatten()
            .collect();
        for call in self.world.sim.calls() {
            let key = call.params.get("UserAccessKeyId").cloned().unwrap_or_default();
            let change = match call.action.as_str() {
                "ims:SetAccessKeyPolicyForAccount" => "account-key-policy".to_owned(),
                "ims:SetAccessKeyPolicy" => format!("key-policy:{key}"),
                "ims:UpdateAccessKey" => format!("key-status:{key}"),
                write if is_write(write) => return Err(said(format!("an unknown change: {call:?}"))),
                _ => continue,
            };
            if !intended.contains(&change) {
                return Err(said(format!("{change} without a stored intent, of {intended:?}")));
            }
        }
        Ok(())
    }

    async fn deliver(&self, at: &str, process: &Process) -> Result<(), String> {
        let reply = process.invoke(&self.event).await;
        self.check(at, reply.as_ref().ok())
    }

    /// A sweep, and what it says of the case, or its failure.
    async fn sweep(&self, at: &str) -> Result<String, String> {
        self.world.wait(NEXT_SWEEP);
        let reply = self.world.process().sweep().await;
        self.check(at, reply.as_ref().ok())?;
        Ok(match reply {
            Ok(reply) => {
                let cases = reply["cases"].as_array().cloned().unwrap_or_default();
                let outcome = cases.iter().find(|said| said["case"] == self.case());
                outcome.map_or_else(
                    || reply.to_string(),
                    |said| said["outcome"].as_str().unwrap_or_default().to_owned(),
                )
            }
            Err(failure) => failure.to_string(),
        })
    }

    fn alerted(&self) -> bool {
        self.world.messages().iter().any(|(_, kind, _)| kind == "alert")
    }

    /// Sweeps until one says so, three times at most.
    async fn sweep_until(&self, outcome: &str) -> Result<(), String> {
        let mut said = Vec::new();
        for number in 1..=3 {
            said.push(self.sweep(&format!("sweep {number} for {outcome}")).await?);
            if said.last().is_some_and(|last| last == outcome) {
                return Ok(());
            }
        }
        Err(format!("three sweeps without {outcome}: {said:?}"))
    }
}

fn harm(world: &World, case: &Case) {
    match &case.harm {
        Harm::Call(fault) => world.sim.fault(fault.clone()),
        Harm::Store { operation, fault, after, times } => {
            world.store_fault(*operation, *fault, *after, *times)
        }
    }
    if case.silent() {
        world.patience(case.patience);
    }
}

async fn story(world: &World, case: &Case) -> Result<(), String> {
    let story = Story::begin(world, case.variant).await;
    if case.when == When::Delivery {
        harm(world, case);
    }
    story.deliver("delivery", &world.process()).await?;
    if !case.of_inbox() && !story.alerted() {
        return Err("no alert with the first delivery".to_owned());
    }
    if case.when == When::Sweep {
        harm(world, case);
    }
    if case.when == When::Sweep || case.forever() {
        story.sweep("a sweep in trouble").await?;
    }
    world.clear_faults();
    world.patience(Duration::from_secs(20));
    if matches!(case.harm, Harm::Store { .. }) {
        // What failed for the store is delivered again; a dead run's lease is waited for.
        story.deliver("redelivery", &world.process()).await?;
        if world.attackable(&story.made.id) {
            return Err("the redelivery did not complete it".to_owned());
        }
    }
    story.sweep_until("network_restricted").await?;
    if !story.alerted() || world.told("/alert").is_empty() {
        return Err("no alert after a sweep without faults".to_owned());
    }
    world.sim.root_sets_key(&story.made.id, RootKeyAction::Inactive);
    let said = story.sweep("sweep after the disable").await?;
    if said != "revoked" {
        return Err(format!("not revoked after the disable: {said}"));
    }
    let undone = world.process().undo(&story.case()).await?;
    if !undone.failed.is_empty() || world.policies() != story.before {
        return Err(format!("undo left a trace: {undone:?} {}", world.policies()));
    }
    story.check("undo", None)
}

fn attempt(case: &Case) -> Result<(), String> {
    let world = World::small();
    world.play(story(&world, case))
}

/// Runs every case in a world of its own; the failures, in the order of the cases.
fn run(cases: &[Case]) -> Vec<String> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some((number, case)) = {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    cases.get(number).map(|case| (number, case))
                } {
                    let mut ended = attempt(case);
                    if ended.is_err() && case.silent() {
                        // On a busy machine others than the one that is meant may have been too late.
                        ended = attempt(&case.slower());
                    }
                    if let Err(why) = ended {
                        failed
                            .lock()
                            .expect("no case panics while it reports")
                            .push((number, format!("{case:?}\n    {why}")));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().expect("no case panicked");
    failed.sort();
    failed.into_iter().map(|(_, why)| why).collect()
}

fn report(what: &str, cases: &[Case], least: usize) {
    let begun = Instant::now();
    let failed = run(cases);
    #[expect(clippy::print_stdout, reason = "the matrix says how many cases ran")]
    {
        println!("{what}: {} cases in {:.1?}, {} failed", cases.len(), begun.elapsed(), failed.len());
    }
    assert!(cases.len() >= least, "only {} cases", cases.len());
    assert!(failed.is_empty(), "{} of {} cases failed:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

/// What a response without faults, and the sweeps until the end, call; and how many entries they leave.
fn clean() -> (BTreeSet<String>, BTreeSet<String>, u32) {
    let world = World::small();
    world.play(async {
        let story = Story::begin(&world, Variant::Ims).await;
        let ours = || {
            let calls = world.sim.calls().into_iter().filter(|call| call.key_id.starts_with("STS."));
            calls.map(|call| call.action).collect::<BTreeSet<_>>()
        };
        story.deliver("delivery", &world.process()).await.expect("nothing fails");
        let (mut response, entries) = (ours(), world.entries(&story.case()).len() as u32);
        response.insert(INBOX.to_owned());
        world.sim.clear_calls();
        story.sweep_until("network_restricted").await.expect("nothing fails");
        (response, ours(), entries)
    })
}

#[test]
fn every_call_fails_in_every_way() {
    let (response, sweep, _) = clean();
    assert!(sweep.is_subset(&response), "a sweep calls more than a response: {sweep:?}");
    for action in [
        INBOX,
        "ims:UpdateAccessKey",
        "ims:SetAccessKeyPolicyForAccount",
        "actiontrail:GetAccessKeyLastUsedIps",
    ] {
        assert!(response.contains(action), "{action} is not among {response:?}");
    }
    let of = |actions: &BTreeSet<String>, when| -> Vec<(Fault, When)> {
        let faults = actions.iter().flat_map(|action| faults(action));
        faults
            .filter(|fault| when == When::Delivery || !is_twin(&fault.kind))
            .map(|fault| (fault, when))
            .collect()
    };
    let all = of(&response, When::Delivery).into_iter().chain(of(&sweep, When::Sweep));
    let cases: Vec<Case> =
        all.enumerate().map(|(number, (fault, when))| Case::new(number, Harm::Call(fault), when)).collect();
    report("fault matrix", &cases, 700);
}

#[test]
fn every_operation_of_the_store_fails() {
    let (_, _, entries) = clean();
    let mut harms = Vec::new();
    for (operation, ops) in [(Operation::Create, entries + 2), (Operation::Read, 4), (Operation::List, 3)] {
        let mut ways = vec![StoreFault::Fails];
        if operation == Operation::Create {
            ways.extend([StoreFault::DoneUnheard, StoreFault::LostUnheard]);
        }
        for fault in ways {
            for times in [1, u32::MAX] {
                for after in 0..ops {
                    harms.push((Harm::Store { operation, fault, after, times }, When::Delivery));
                }
                // A sweep reads every entry, and writes few.
                let ops = if operation == Operation::Read { entries } else { 6 };
                for after in 0..ops {
                    harms.push((Harm::Store { operation, fault, after, times }, When::Sweep));
                }
            }
        }
    }
    let cases: Vec<Case> =
        harms.into_iter().enumerate().map(|(number, (harm, when))| Case::new(number, harm, when)).collect();
    report("store matrix", &cases, 150);
}
