//! Accounts made at random, against the truth that was written when they were made.

use std::collections::BTreeSet;

use simulator::{Size, generated};

use super::stage::{Fail, Stage};

/// Checks that the generator writes the truth about; its accounts have the builtin roles besides.
const OTHERS: [&str; 2] = ["role-trusts-anyone", "role-trusts-external-account"];

#[test]
fn findings_are_the_truth_of_generated_accounts() {
    for seed in 1..=3 {
        is_true(seed, Size::SMALL);
    }
}

#[test]
fn so_they_are_for_a_large_one() {
    is_true(7, Size { most_rules: 400, ..Size::LARGE });
}

#[track_caller]
fn is_true(seed: u64, size: Size) {
    let made = generated(seed, size);
    let stage = Stage::of(made.account, "");
    let night = stage.night();
    let mut found = night.fails();
    found.retain(|(check, ..)| !OTHERS.contains(&check.as_str()));
    let text = |text: &str| text.to_owned();
    let truth: BTreeSet<Fail> = made
        .truth
        .fails
        .iter()
        .map(|(check, arn, severity)| (text(check), arn.clone(), text(severity)))
        .collect();
    let missed: Vec<_> = truth.difference(&found).take(10).collect();
    let invented: Vec<_> = found.difference(&truth).take(10).collect();
    let unknowns = night.unknowns();
    assert!(
        missed.is_empty() && invented.is_empty() && unknowns.is_empty(),
        "seed {seed}: missed {missed:#?}, invented {invented:#?}, unknown {:#?}",
        &unknowns[..unknowns.len().min(10)]
    );
    assert!(truth.len() > 100, "{}", truth.len());
}
