use serde_json::json;

use super::*;
use crate::cloud::ims::KeyStatus;

const OLD: &str = "LTAI5tOld";
const NEW: &str = "LTAI5tNew";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

/// Entries a second apart.
fn entries(whats: Vec<What>) -> Vec<Entry> {
    whats
        .into_iter()
        .zip(0..)
        .map(|(what, second)| Entry { at: at(second), run: "run".into(), what })
        .collect()
}

fn step(step: &str, result: &str, data: Value) -> What {
    let (code, message, request_id) = Default::default();
    What::Step { step: step.into(), result: result.into(), code, message, request_id, data }
}

fn change(key: &str) -> What {
    let (before, after) = (KeyStatus::Active, KeyStatus::Inactive);
    let change = Change::KeyStatus { user: Some("alice@1".into()), key: key.into(), before, after };
    What::Intended { changes: vec![change] }
}

fn id(key: &str) -> Vec<String> {
    vec![format!("key-status:{key}")]
}

fn made() -> Vec<What> {
    vec![
        step("create_key", "intended", json!({ "known": [OLD] })),
        step("create_key", "made", json!({ "key": NEW })),
    ]
}

fn handed() -> Vec<What> {
    let mut whats = made();
    whats.push(step("hand_over", "intended", json!({ "key": NEW, "to": "terminal" })));
    whats.push(step("hand_over", "done", json!({ "key": NEW })));
    whats
}

fn disabled() -> Vec<What> {
    let mut whats = handed();
    whats.push(step("first_use", "seen", json!({ "key": NEW, "at": at(4).to_string() })));
    whats.push(change(OLD));
    whats.push(What::Proved { changes: id(OLD) });
    whats
}

fn folded(whats: Vec<What>) -> (Record, Next) {
    let record = Record::of(&entries(whats), OLD);
    let next = record.next(OLD);
    (record, next)
}

#[test]
fn each_step_leads_to_the_next() {
    assert_eq!(folded(vec![]).1, Next::Create);
    let (record, next) = folded(made()[..1].to_vec());
    assert_eq!(next, Next::Resolve(record.creating.unwrap()));
    assert!(matches!(folded(made()).1, Next::Recover(made) if made.handing.is_none()));
    let handing = folded(handed()[..3].to_vec()).1;
    assert!(matches!(handing, Next::Recover(made) if made.handing == Some((at(2), Destination::Terminal))));
    assert!(matches!(folded(handed()).1, Next::Gate(made) if made.handed == Some(at(3))));
    let (record, next) = folded(disabled());
    assert!(matches!(next, Next::Watch(_)));
    assert_eq!(
        (record.first_use, record.disabling, record.disabled),
        (Some(at(4)), Some(at(5)), Some(at(6)))
    );
}

#[test]
fn the_end_is_written_down_and_put_away() {
    let mut whats = disabled();
    whats.push(step("delete_key", "intended", json!({ "key": OLD })));
    let (record, next) = folded(whats.clone());
    assert!(record.deleting.contains(OLD) && matches!(next, Next::Watch(_)), "nothing is deleted by itself");
    whats.push(step("delete_key", "done", json!({ "key": OLD })));
    // That the change is crossed off does not make it one that was taken back.
    whats.push(What::Undone { changes: id(OLD), how: "the key was deleted".into() });
    assert_eq!(folded(whats.clone()).1, Next::Conclude);
    whats.push(step("conclude", "rotated", Value::Null));
    assert_eq!(folded(whats).1, Next::Archive(End::Rotated));
}

#[test]
fn a_key_whose_secret_is_lost_is_deleted_and_another_is_made() {
    for found in [
        vec![made()[0].clone(), step("create_key", "found", json!({ "key": NEW }))],
        [made(), vec![step("discard", "lost", json!({ "key": NEW }))]].concat(),
    ] {
        assert_eq!(folded(found.clone()).1, Next::Discard(NEW.into()));
        let mut whats = found;
        whats.push(change(NEW));
        whats.push(What::Proved { changes: id(NEW) });
        whats.push(step("delete_key", "intended", json!({ "key": NEW })));
        assert_eq!(folded(whats.clone()).1, Next::Discard(NEW.into()), "until it is read to be gone");
        whats.push(step("delete_key", "done", json!({ "key": NEW })));
        let (record, next) = folded(whats);
        assert_eq!(next, Next::Create);
        assert!(record.gone.contains(NEW) && record.disabled.is_none());
    }
    for over in ["refused", "not_made"] {
        let whats = vec![made()[0].clone(), step("create_key", over, Value::Null)];
        assert_eq!(folded(whats).1, Next::Create);
    }
}

#[test]
fn an_undo_starts_the_wait_anew() {
    let mut whats = disabled();
    whats.push(step("watch", "failing", Value::Null));
    assert!(folded(whats.clone()).0.failing);
    whats.push(What::Undone { changes: id(OLD), how: "undone".into() });
    let (record, next) = folded(whats);
    assert!(matches!(next, Next::Gate(_)));
    assert_eq!((record.put_back, record.failing), (Some(at(8)), false));
    // A refusal changed nothing.
    let mut whats = disabled();
    whats.pop();
    whats.push(What::Undone { changes: id(OLD), how: REFUSED.into() });
    let (record, _) = folded(whats);
    assert_eq!((record.put_back, record.disabling), (None, None));
}

#[test]
fn an_abort_comes_before_going_on_but_after_cleaning_up() {
    let begun = || step("abort", "begun", Value::Null);
    for whats in [vec![], made(), handed(), disabled()] {
        assert_eq!(folded([whats, vec![begun()]].concat()).1, Next::Abort);
    }
    let unresolved = vec![made()[0].clone(), begun()];
    assert!(matches!(folded(unresolved).1, Next::Resolve(_)));
    let orphan = [made(), vec![begun(), step("discard", "abort", json!({ "key": NEW }))]].concat();
    assert_eq!(folded(orphan).1, Next::Discard(NEW.into()));
    let ended = vec![begun(), step("conclude", "aborted", Value::Null)];
    assert_eq!(folded(ended).1, Next::Archive(End::Aborted));
}

#[test]
fn another_keys_steps_are_not_the_new_ones() {
    let mut whats = made();
    whats.push(step("hand_over", "done", json!({ "key": "LTAI5tOther" })));
    whats.push(step("first_use", "seen", json!({ "key": "LTAI5tOther", "at": at(4).to_string() })));
    let (record, next) = folded(whats);
    assert!(matches!(next, Next::Recover(_)) && record.first_use.is_none());
}
