//! What happens within one second, at the same time, or without anything to read with.

use std::time::Duration;

use e2e::world::{QUARANTINE, World, small};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use simulator::{EventsRegion, Fault, FaultKind, RootKeyAction, Settings, Variant};

use super::{by_event, escalations, later, outcome_later, respond};

/// Waits until enough of the present second is left: events are dated to the second.
fn early_in_a_second() {
    while Timestamp::now().subsec_millisecond() > 500 {
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn disabled_and_enabled_in_one_second_is_no_proof() {
    use RootKeyAction::{Active, Inactive};
    for order in [[Inactive, Active], [Active, Inactive]] {
        let world = World::new(small(), by_event(EventsRegion::Hangzhou), QUARANTINE);
        world.play(async {
            let (made, _) = respond(&world).await;
            early_in_a_second();
            for action in order {
                world.sim.root_sets_key(&made.id, action);
            }
            assert_eq!(outcome_later(&world, 16).await, "network_restricted", "{order:?}");
            assert_eq!(escalations(&world), 1, "{order:?}");
        });
    }
}

#[test]
fn a_count_that_was_never_above_none_proves_nothing() {
    let world = World::small();
    world.play(async {
        let deny = Fault::new("ims:GetAccountSecurityPracticeReport", FaultKind::Deny).forever();
        world.sim.fault(deny);
        let (made, _) = respond(&world).await;
        world.sim.clear_faults();
        world.sim.settings(|settings| settings.events_delay = Duration::from_secs(600));
        world.sim.root_sets_key(&made.id, RootKeyAction::Delete);
        assert_eq!(outcome_later(&world, 16).await, "network_restricted");
        assert_eq!(outcome_later(&world, 16).await, "network_restricted");
        assert_eq!(escalations(&world), 2);
        // The event comes in the end.
        world.sim.settings(|settings| settings.events_delay = Duration::ZERO);
        assert_eq!(outcome_later(&world, 16).await, "revoked");
    });
}

#[test]
fn a_single_reading_of_none_is_no_proof() {
    let world = World::new(small(), by_event(EventsRegion::Hangzhou), QUARANTINE);
    world.play(async {
        let (made, _) = respond(&world).await;
        let stale = FaultKind::StaleRead(simulator::Staleness::AtStart);
        world.sim.fault(Fault::new("ims:GetAccountSecurityPracticeReport", stale));
        assert_eq!(outcome_later(&world, 16).await, "network_restricted");
        assert_eq!(world.root_key_status(&made.id).as_deref(), Some("Active"));
    });
}

/// A replica that lags answers twice in a row as readily as once: two readings within a moment are one.
#[test]
fn two_readings_of_none_within_a_moment_are_no_proof() {
    let world = World::new(small(), by_event(EventsRegion::Hangzhou), QUARANTINE);
    world.play(async {
        let (made, _) = respond(&world).await;
        let stale = FaultKind::StaleRead(simulator::Staleness::AtStart);
        world.sim.fault(Fault::new("ims:GetAccountSecurityPracticeReport", stale).forever());
        assert_eq!(outcome_later(&world, 16).await, "network_restricted");
        world.sim.clear_faults();
        assert_eq!(outcome_later(&world, 16).await, "network_restricted");
        assert_eq!(world.root_key_status(&made.id).as_deref(), Some("Active"));
        assert_eq!(world.told("/outcome/revoked"), Vec::<String>::new());
    });
}

#[test]
fn many_sweeps_at_once_are_one() {
    let world = World::small();
    world.play(async {
        later(&world, 0).await;
        let made = world.sim.root_creates_key(Variant::Ims);
        world.wait(SignedDuration::from_mins(5));
        let processes: Vec<_> = (0..3).map(|_| world.process()).collect();
        let sweeps = async || join_all((0..12).map(|number| processes[number % 3].sweep())).await;
        for reply in sweeps().await {
            world.honest(&reply.unwrap(), &made.id).unwrap();
        }
        assert_eq!(world.cases(), [format!("root-key-{}", made.id)]);
        assert_eq!(world.told("/alert").len(), 1);
        assert!(!world.attackable(&made.id));
        for round in 1..=3 {
            world.wait(SignedDuration::from_mins(16));
            for reply in sweeps().await {
                world.honest(&reply.unwrap(), &made.id).unwrap();
            }
            assert_eq!(escalations(&world), round, "one reminder for twelve sweeps");
        }
    });
    world.belts().unwrap();
}

#[test]
fn without_a_credential_it_fails_and_goes_on_escalating() {
    let world = World::small();
    world.play(async {
        let _ = respond(&world).await;
        world.act_as(None);
        for round in 1..=2 {
            world.wait(SignedDuration::from_mins(16));
            let failure = world.process().sweep().await.unwrap_err();
            assert!(failure.to_string().contains("credential"), "{failure}");
            assert_eq!(escalations(&world), round);
        }
    });
}

#[test]
fn a_sweep_as_somebody_else_than_a_role_changes_nothing() {
    let world = World::new(small(), Settings::default(), QUARANTINE);
    let (before, (made, event)) = (world.policies(), world.root_key());
    world.act_as(Some("emergency-admin"));
    world.play(async {
        let reply = world.process().invoke(&event).await.unwrap();
        assert_eq!(reply["outcome"], "refused", "{reply}");
        later(&world, 16).await;
    });
    assert_eq!((world.writes().len(), world.policies()), (0, before), "{:?}", world.writes());
    assert_eq!(world.told("/alert").len(), 1);
    assert!(world.attackable(&made.id));
    world.belts().unwrap();
}
