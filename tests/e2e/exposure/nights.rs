//! From night to night: what is new, what is fixed, what is accepted, and what could not be read.

use simulator::{Account, Fault, FaultKind};

use super::stage::Stage;

/// The forgotten instance of the builtin account, open on port 22 by its group.
const OPEN: &str = "sg-bp1example00000test";

#[test]
fn the_first_night_tells_all_and_the_second_nothing() {
    let stage = Stage::of(Account::builtin(), "");
    let first = stage.night();
    assert_eq!(first.told.len(), 1, "{}", first.text());
    assert!(first.text().contains("findings at first sight") && first.text().contains(OPEN));
    assert_eq!(first.unknowns(), Vec::<String>::new());
    let second = stage.night();
    assert_eq!((second.told.len(), &second.reply["changes"]["new"]), (0, &0.into()), "{}", second.text());
    // A week after the first, what is still open is said again.
    let later: Vec<usize> = (0..6).map(|_| stage.night().told.len()).collect();
    assert_eq!(later, [0, 0, 0, 0, 0, 1]);
}

#[test]
fn what_is_gone_is_fixed_and_keeps_quiet_after() {
    let stage = Stage::of(Account::builtin(), "");
    let first = stage.night();
    let since = first.reply["started_at"].clone();
    assert!(stage.world.sim.delete_resource("i-bp1example0test"));
    assert!(stage.world.sim.delete_resource(OPEN));
    let second = stage.night();
    assert_eq!(second.told.len(), 1);
    let text = second.text();
    assert!(text.contains("fixed") && text.contains(OPEN) && text.contains("gone"), "{text}");
    let old =
        second.reply["findings"].as_array().unwrap().iter().find(|one| one["status"] == "FAIL").unwrap();
    assert_eq!(old["first_seen"], since, "since when is carried from night to night");
    assert_eq!(stage.night().told.len(), 0);
}

#[test]
fn a_night_that_cannot_see_says_so_first_and_calls_nothing_fixed() {
    let stage = Stage::of(Account::builtin(), "");
    stage.night();
    stage.world.sim.fault(Fault::new("ecs:*", FaultKind::Deny).in_region("cn-hangzhou").forever());
    let blind = stage.night();
    assert_eq!((&blind.reply["changes"]["fixed"], blind.told.len()), (&0.into(), 1));
    assert!(blind.reply["changes"]["unseen"].as_u64() > Some(0));
    let summary = blind.told[0]["summary"].as_str().unwrap();
    assert!(summary.starts_with("Not everything could be read"), "{summary}");
    assert!(summary.contains("cn-hangzhou"), "{summary}");
    // The same blindness is said once; that it is over is said, too, and nothing is new by that.
    assert_eq!(stage.night().told.len(), 0);
    stage.world.clear_faults();
    let again = stage.night();
    assert_eq!((&again.reply["changes"]["new"], again.told.len()), (&0.into(), 1), "{}", again.text());
    assert!(again.text().contains("could be read again"), "{}", again.text());
}

#[test]
fn what_no_channel_took_is_told_the_next_night() {
    let stage = Stage::of(Account::builtin(), "");
    stage.world.sim.fault(Fault::new("inbox:security", FaultKind::Reset).forever());
    let unheard = stage.night();
    assert!(
        unheard.reply["messages"][0]["delivered"].as_array().unwrap().is_empty(),
        "{}",
        unheard.reply["messages"]
    );
    stage.world.clear_faults();
    let heard = stage.night();
    assert!(heard.text().contains(OPEN), "{}", heard.text());
    assert_eq!(stage.night().told.len(), 0);
}

#[test]
fn what_is_accepted_is_announced_before_it_ends_and_a_finding_after() {
    let stage = Stage::of(Account::builtin(), "");
    let day = |days: i64| {
        let at = stage.world.now() + jiff::SignedDuration::from_hours(24 * days);
        at.strftime("%Y-%m-%d").to_string()
    };
    let config = format!(
        "exemptions:
  - {{check: open-ssh, resource: '*:securitygroup/{OPEN}', owner: carol, reason: test, expires: {}}}
  - {{check: 'exposed-*', resource: '*:instance/i-bp1example0web1', ports: [80, 443], owner: shop, reason: site, expires: {}}}
  - {{check: public-bucket, resource: '*:nothing-like-it', owner: bob, reason: old, expires: {}}}",
        day(1),
        day(300),
        day(300)
    );
    stage.world.configure(&config);
    let first = stage.night();
    let status = |night: &super::stage::Night, check: &str, end: &str| {
        let said = night.said();
        said.iter().find(|((one, arn), _)| one == check && arn.ends_with(end)).map(|(_, how)| how.clone())
    };
    assert_eq!(status(&first, "open-ssh", OPEN).as_deref(), Some("EXEMPT"));
    assert_eq!(status(&first, "exposed-instance", "i-bp1example0web1").as_deref(), Some("EXEMPT"));
    assert!(
        first.text().contains("Ends on") && first.text().contains("Covers nothing any more"),
        "{}",
        first.text()
    );
    assert_eq!(stage.night().told.len(), 0, "said once");
    let after = stage.night();
    assert_eq!(status(&after, "open-ssh", OPEN).as_deref(), Some("FAIL"));
    assert!(after.text().contains("findings again") && after.text().contains("1 new"), "{}", after.text());
}
