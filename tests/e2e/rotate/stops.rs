//! When a rotation must not go on, or must say so: nothing unread opens the way, nobody is cut off unseen, and what is not
//! ours is not touched.

use jiff::SignedDuration;
use serde_json::json;
use shared::response::rotation::{State, Stop};
use simulator::{Fault, FaultKind};

use super::stage::{OLD, OPERATOR, PROGRAM, Stage, Verb, expect, hours, is_rotated, kms, locked, named};

pub(super) fn play<T>(stage: &Stage, story: impl Future<Output = Result<T, String>>) -> T {
    stage.world.play(story).unwrap_or_else(|why| panic!("{why}"))
}

/// To the point at which the old key is due to be disabled.
async fn due(stage: &Stage) -> Result<String, String> {
    let process = stage.world.process();
    stage.run_again(&process, Verb::Go).await?;
    let new = stage.use_new();
    expect(&stage.run_again(&process, Verb::Go).await?, "waiting_for_old_key")?;
    stage.world.pass(hours(25));
    Ok(new)
}

async fn disabled(stage: &Stage) -> Result<String, String> {
    let new = due(stage).await?;
    expect(&stage.run_again(&stage.world.process(), Verb::Go).await?, "disabled")?;
    Ok(new)
}

pub(super) fn active(stage: &Stage, key: &str) -> Result<(), String> {
    match stage.status(key).as_deref() {
        Some("Active") => Ok(()),
        other => Err(format!("{key} is {other:?}")),
    }
}

pub(super) async fn stops(stage: &Stage, verb: Verb, part: &str) -> Result<Stop, String> {
    match stage.run(&stage.world.process(), verb).await {
        Err(stop) if stop.to_string().contains(part) => Ok(stop),
        other => Err(format!("{part:?} was expected: {other:?}")),
    }
}

#[test]
fn an_unread_last_use_never_leads_to_disabling() {
    let asks = ["ims:GetAccessKeyLastUsed", "actiontrail:GetAccessKeyLastUsedInfo"];
    let deny = |action: &str| Fault::new(action, FaultKind::Deny);
    let harms: Vec<Fault> = asks
        .iter()
        .flat_map(|ask| {
            // The first, the second or every call of it: one region, one key, or all.
            let kinds = [FaultKind::Http500, FaultKind::BadJson, FaultKind::Throttle { retry_after: None }];
            let kinds = kinds.into_iter().map(|kind| Fault::new(*ask, kind).forever());
            [
                deny(ask).times(1),
                deny(ask).after(1).times(1),
                deny(ask).after(3).times(1),
                deny(ask).forever(),
            ]
            .into_iter()
            .chain(kinds)
        })
        .filter(|fault| fault.action.starts_with("actiontrail") || fault.after < 2)
        .collect();
    for harm in harms {
        let stage = Stage::new(kms());
        play(&stage, async {
            due(&stage).await?;
            stage.world.sim.fault(harm.clone());
            let report = stage.run_again(&stage.world.process(), Verb::Go).await?;
            expect(&report, "unknown").map_err(|why| format!("{harm:?}: {why}"))?;
            active(&stage, OLD)?;
            stage.clear_faults();
            expect(&stage.run_again(&stage.world.process(), Verb::Go).await?, "disabled")
        });
    }
    // An answer that is none.
    let stage = Stage::new(kms());
    play(&stage, async {
        due(&stage).await?;
        stage.world.spoil("GetAccessKeyLastUsed", |answer| {
            answer["AccessKeyLastUsed"]["LastUsedDate"] = "yesterday".into();
        });
        expect(&stage.run_again(&stage.world.process(), Verb::Go).await?, "unknown")?;
        active(&stage, OLD)
    });
    // Keys that cannot be listed.
    let stage = Stage::new(kms());
    play(&stage, async {
        due(&stage).await?;
        stage.world.sim.fault(deny("ims:ListAccessKeys").forever());
        let stop = stops(&stage, Verb::Go, "ListAccessKeys").await?;
        active(&stage, OLD)?;
        if matches!(stop, Stop::Unread(_)) { Ok(()) } else { Err(format!("{stop:?}")) }
    });
}

#[test]
fn a_key_in_use_is_waited_for() {
    let stage = Stage::new(kms());
    play(&stage, async {
        let process = stage.world.process();
        stage.run_again(&process, Verb::Go).await?;
        // Weeks without the new key being used: nothing happens.
        stage.world.pass(hours(24 * 30));
        expect(&stage.run_again(&process, Verb::Go).await?, "waiting_for_new_key")?;
        stage.use_new();
        // Every use of the old one starts the wait again.
        for _ in 0..3 {
            stage.world.pass(hours(20));
            if !stage.use_old() {
                return Err("the old key does not work".to_owned());
            }
            expect(&stage.run_again(&process, Verb::Go).await?, "waiting_for_old_key")?;
        }
        stage.world.pass(hours(23));
        // The new one is used all the time; its first use counts.
        stage.use_new();
        expect(&stage.run_again(&process, Verb::Go).await?, "waiting_for_old_key")?;
        stage.world.pass(hours(2));
        expect(&stage.run_again(&process, Verb::Go).await?, "disabled")
    });
}

#[test]
fn failing_calls_are_told_and_keep_the_key_from_being_deleted() {
    let stage = Stage::new(kms());
    play(&stage, async {
        disabled(&stage).await?;
        stage.world.pass(hours(2));
        assert!(!stage.use_old(), "the old key is disabled");
        stage.world.pass(hours(1));
        let report = stage.run_again(&stage.world.process(), Verb::Go).await?;
        let State::Disabled { watched, missed: true, .. } = &report.state else {
            return Err(format!("{report:?}"));
        };
        let call = watched.failed.first().ok_or("no call")?;
        let seen = (&*call.service, &*call.event, &*call.address, &*call.code);
        if seen != ("Ecs", "DescribeInstances", PROGRAM, "InvalidAccessKeyId.Inactive")
            || watched.failed.len() != 1
        {
            return Err(format!("{watched:?}"));
        }
        stage.world.pass(hours(24 * 30));
        stops(&stage, Verb::Delete, "it was needed after it was disabled").await?;
        // When the trail has forgotten it, the record has not.
        stage.world.pass(hours(24 * 90));
        stops(&stage, Verb::Delete, "it was needed after it was disabled").await?;
        // Undone, it works, and is not disabled again at once.
        let undone = stage.world.process().undo(&format!("rotation-{OLD}")).await?;
        if undone.undone.len() != 1 {
            return Err(format!("{undone:?}"));
        }
        active(&stage, OLD)?;
        expect(&stage.run_again(&stage.world.process(), Verb::Go).await?, "waiting_for_old_key")?;
        active(&stage, OLD)?;
        stage.world.pass(hours(25));
        let report = stage.run_again(&stage.world.process(), Verb::Go).await?;
        expect(&report, "disabled")?;
        stage.world.pass(hours(24 * 8));
        let report = stage.run_again(&stage.world.process(), Verb::Delete).await?;
        if is_rotated(&report) { Ok(()) } else { Err(format!("{report:?}")) }
    });
}

#[test]
fn a_late_use_counts_as_a_failing_call() {
    let stage = Stage::new(kms());
    play(&stage, async {
        disabled(&stage).await?;
        stage.world.pass(hours(5));
        let later = jiff::Timestamp::now() + hours(25 + 4);
        stage.world.spoil("GetAccessKeyLastUsedInfo", move |answer| {
            if answer["AccessKeyId"] == OLD {
                answer["UsedTimestamp"] = later.as_millisecond().into();
                answer["ServiceName"] = "Oss".into();
            }
        });
        let report = stage.run_again(&stage.world.process(), Verb::Go).await?;
        let State::Disabled { watched, missed: true, .. } = &report.state else {
            return Err(format!("{report:?}"));
        };
        match &watched.late_use {
            Some(used) if used.service.as_deref() == Some("Oss") => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
}

#[test]
fn deleting_is_refused_when_it_should_be() {
    let stage = Stage::new(kms());
    play(&stage, async {
        stops(&stage, Verb::Delete, "nothing is under way").await?;
        due(&stage).await?;
        stops(&stage, Verb::Delete, "this rotation has not disabled it").await?;
        active(&stage, OLD)?;
        expect(&stage.run_again(&stage.world.process(), Verb::Go).await?, "disabled")?;
        stage.world.pass(hours(24 * 6));
        stops(&stage, Verb::Delete, "may be deleted from").await?;
        stage.world.pass(hours(48));
        for ask in
            ["actiontrail:LookupEvents", "ims:GetAccessKeyLastUsed", "actiontrail:GetAccessKeyLastUsedInfo"]
        {
            for times in [1, u32::MAX] {
                stage.world.sim.fault(Fault::new(ask, FaultKind::Deny).times(times));
                let stop = stops(&stage, Verb::Delete, ask).await?;
                if !matches!(stop, Stop::Unread(_)) {
                    return Err(format!("{stop:?}"));
                }
                stage.clear_faults();
            }
        }
        if stage.status(OLD).as_deref() != Some("Inactive") {
            return Err(format!("{:?}", stage.keys()));
        }
        // Somebody disabled the new key: the old one may be needed.
        let new = stage.handed_over().ok_or("no key")?.0;
        stage.world.sim.set_user_key_status("alice", &new, false);
        stops(&stage, Verb::Delete, "has been disabled").await?;
        stage.world.sim.set_user_key_status("alice", &new, true);
        // Somebody enabled the old one.
        stage.world.sim.set_user_key_status("alice", OLD, true);
        stops(&stage, Verb::Delete, "somebody enabled it again").await?;
        stage.world.sim.set_user_key_status("alice", OLD, false);
        let report = stage.run_again(&stage.world.process(), Verb::Delete).await?;
        if is_rotated(&report) { Ok(()) } else { Err(format!("{report:?}")) }
    });
    let deleted: Vec<_> =
        stage.world.sim.calls().into_iter().filter(|call| call.action == "ims:DeleteAccessKey").collect();
    assert_eq!(deleted.len(), 1);
    assert!(deleted[0].params["UserPrincipalName"].starts_with("alice@"), "{deleted:?}");
}

#[test]
fn who_must_not_be_touched_is_refused_before_anything_is_changed() {
    let refused = |stage: &Stage, user: &'static str, part: &'static str| {
        play(stage, async {
            match stage.run_for(&stage.world.process(), Verb::Go, user).await {
                Err(Stop::Refused(why) | Stop::Look(why)) if why.contains(part) => Ok(()),
                other => Err(format!("{user}: {part:?} was expected: {other:?}")),
            }
        });
        assert_eq!(stage.world.writes(), [] as [String; 0], "{user}");
        assert!(stage.world.cases().is_empty(), "{user}: no case is opened");
    };
    let stage = Stage::new(kms());
    refused(&stage, "emergency-admin", "break-glass");
    refused(&stage, "Emergency-Admin", "break-glass");
    refused(&stage, "operator", "signed with");
    refused(&stage, "nobody", "no RAM user");
    refused(&stage, "root", "no RAM user");
    stage.world.sim.set_user_key_status("alice", OLD, false);
    refused(&stage, "alice", "no active access key");
    stage.world.sim.set_user_key_status("alice", OLD, true);
    let second = stage.world.sim.user_creates_key("alice").id;
    refused(&stage, "alice", "holds 2 access keys already");
    stage.world.sim.set_user_key_status("alice", &second, false);
    refused(&stage, "alice", "is disabled: if nobody misses it, delete it");
}

#[test]
fn a_user_who_becomes_break_glass_is_left_alone() {
    let stage = Stage::new(kms());
    play(&stage, async {
        due(&stage).await?;
        stage.world.configure("break_glass: [user/alice]");
        stops(&stage, Verb::Go, "break-glass").await?;
        active(&stage, OLD)
    });
    assert_eq!(stage.keys().len(), 2);
}

#[test]
fn the_key_of_the_command_is_not_disabled() {
    let mut stage = Stage::new(kms());
    stage.terms.quiet = SignedDuration::ZERO;
    play(&stage, async {
        stage.run_again(&stage.world.process(), Verb::Go).await?;
        stage.use_new();
        stage.world.pass(hours(1));
        stage.world.act_as(Some(OLD));
        stops(&stage, Verb::Go, "signed with").await?;
        active(&stage, OLD)?;
        stage.world.act_as(Some(OPERATOR));
        stage.world.pass(hours(1));
        expect(&stage.run_again(&stage.world.process(), Verb::Go).await?, "disabled")
    });
}

#[test]
fn two_runs_at_a_time_do_not_meddle() {
    let stage = Stage::new(kms());
    play(&stage, async {
        let (one, other) = (stage.world.process(), stage.world.process());
        let both = futures_util::future::join(stage.run(&one, Verb::Go), stage.run(&other, Verb::Go)).await;
        for done in [both.0, both.1] {
            let done = done.map_err(|stop| stop.to_string())?;
            expect(&done, "waiting_for_new_key").map_err(|why| format!("{why} {}", named(&done)))?;
        }
        if locked(&stage.made).len() == 1 { Ok(()) } else { Err(format!("{:?}", stage.keys())) }
    });
    let opened = stage.world.cases();
    assert_eq!(json!(opened), json!([format!("rotation-{OLD}")]));
}
