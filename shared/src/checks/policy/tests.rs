//! The evaluator against an obvious one: random small policies, and every request of a small world.

use std::net::IpAddr;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

const ACTIONS: &[&str] = &["oss:GetObject", "oss:PutObject", "oss:ListObjects"];
/// Addresses, one for each part that the ranges below cut the internet into, and whether that part is wide and public.
const ADDRESSES: &[(&str, bool)] = &[
    ("9.9.9.9", true),
    ("8.8.8.8", false),
    ("10.0.0.1", false),
    ("200.1.1.1", true),
    ("2600::1", true),
    ("fc00::1", false),
];
const RANGES: &[&str] =
    &["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8", "8.8.8.0/24", "::/0", "fc00::/7", "8.8.8.8"];

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = Value> {
    proptest::collection::vec(proptest::sample::select(texts), 1..3).prop_map(|texts| json!(texts))
}

fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let of = |operators: &'static [&'static str], key: &'static str, values: &'static [&'static str]| {
        (proptest::sample::select(operators), one_of(values))
            .prop_map(move |(operator, values)| (operator.to_owned(), key.to_owned(), values))
    };
    let strings: &[&str] = &["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"];
    prop_oneof![
        4 => of(&["IpAddress", "NotIpAddress"], "acs:SourceIp", RANGES),
        1 => of(&["Bool"], "acs:SecureTransport", &["true", "false"]),
        1 => of(strings, "acs:SourceVpc", &["vpc-1", "vpc-*", "*"]),
        1 => of(strings, "acs:UserAgent", &["a", "b", "a*", "*"]),
        1 => of(strings, "acs:AccessId", &["LTAI1", "LTAI*", "*"]),
        1 => of(&["DateLessThan", "DateGreaterThan"], "acs:CurrentTime", &["2020-01-01T00:00:00Z", "2030-01-01T00:00:00+08:00"]),
    ]
}

fn statement() -> impl Strategy<Value = Value> {
    let but = |name: &'static str, values: BoxedStrategy<Value>| {
        (prop_oneof![3 => Just(false), 1 => Just(true)], values)
            .prop_map(move |(but, values)| (format!("{}{name}", if but { "Not" } else { "" }), values))
    };
    (
        prop_oneof![3 => Just("Allow"), 2 => Just("Deny")],
        but("Principal", one_of(&["*", "*", "111"]).boxed()),
        but(
            "Action",
            one_of(&["*", "oss:*", "oss:Get*", "OSS:putobject", "oss:ListObjects", "oss:GetObject"]).boxed(),
        ),
        but(
            "Resource",
            one_of(&[
                "*",
                "acs:oss:*:*:x",
                "acs:oss:*:*:x/*",
                "acs:oss:*:1:x/a*",
                "acs:oss:*:*:x/*b",
                "acs:oss:*:*:x/ab",
                "acs:oss:*:*:y/*",
            ])
            .boxed(),
        ),
        proptest::collection::vec(condition(), 0..3),
    )
        .prop_map(|(effect, principal, action, resource, conditions)| {
            let mut block = Map::new();
            for (operator, key, values) in conditions {
                let keys = block.entry(operator).or_insert_with(|| json!({}));
                keys.as_object_mut().unwrap().insert(key, values);
            }
            let mut statement = json!({ "Effect": effect, "Condition": block });
            let fields = statement.as_object_mut().unwrap();
            fields.extend([principal, action, resource]);
            statement
        })
}

/// One request, whole.
struct Whole<'a> {
    signed: bool,
    secure: bool,
    vpc: Option<&'a str>,
    agent: Option<&'a str>,
    address: IpAddr,
    action: &'a str,
    resource: &'a str,
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn wild(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => {
            text.strip_prefix(start).is_some_and(|text| (0..=text.len()).any(|at| wild(rest, &text[at..])))
        }
    }
}

impl Whole<'_> {
    /// The field, or its Not: whether the one that is there selects.
    fn selects(&self, statement: &Value, name: &str, is: impl Fn(&str) -> bool) -> bool {
        match statement.get(name) {
            Some(values) => texts(values).into_iter().any(is),
            None => !texts(&statement[format!("Not{name}")]).into_iter().any(is),
        }
    }

    fn meets(&self, operator: &str, key: &str, values: &[&str]) -> bool {
        let now = now().to_string();
        let secure = self.secure.to_string();
        let text = match key {
            "acs:SecureTransport" => Some(secure.as_str()),
            "acs:SourceVpc" => self.vpc,
            "acs:UserAgent" => self.agent,
            "acs:AccessId" => self.signed.then_some("LTAIstranger"),
            "acs:CurrentTime" => Some(now.as_str()),
            _ => None,
        };
        let is = |value: &str| match operator {
            "IpAddress" | "NotIpAddress" => match value.parse::<ipnet::IpNet>() {
                Ok(net) => net.contains(&self.address),
                Err(_) => value.parse::<IpAddr>().unwrap() == self.address,
            },
            "DateLessThan" => text.is_some_and(|text| text < value),
            "DateGreaterThan" => text.is_some_and(|text| text > value),
            operator if operator.ends_with("Like") => text.is_some_and(|text| wild(value, text)),
            _ => text == Some(value),
        };
        values.iter().any(|value| is(value)) != operator.contains("Not")
    }

    fn applies(&self, statement: &Value) -> bool {
        let conditions = statement["Condition"].as_object().unwrap();
        self.selects(statement, "Principal", |name| name == "*")
            && self.selects(statement, "Action", |it| wild(&it.to_lowercase(), &self.action.to_lowercase()))
            && self.selects(statement, "Resource", |it| wild(it, self.resource))
            && conditions.iter().all(|(operator, keys)| {
                keys.as_object()
                    .unwrap()
                    .iter()
                    .all(|(key, values)| self.meets(operator, key, &texts(values)))
            })
    }

    fn is_allowed(&self, statements: &[Value]) -> bool {
        let is = |effect: &str| statements.iter().any(|it| it["Effect"] == effect && self.applies(it));
        is("Allow") && !is("Deny")
    }
}

/// Whether somebody from a wide and public part of the internet may do an action on something below `x`.
fn obviously_open(statements: &[Value], action: &str) -> bool {
    let mut keys = vec!["acs:oss:r:1:x".to_owned()];
    let letters = ["", "a", "b", "c"];
    for (one, two) in letters.iter().flat_map(|one| letters.iter().map(move |two| (one, two))) {
        for three in letters {
            keys.push(format!("acs:oss:r:1:x/{one}{two}{three}"));
        }
    }
    keys.retain(|key| key != "acs:oss:r:1:x/" && (action == "oss:ListObjects") != key.contains('/'));
    keys.sort();
    keys.dedup();
    ADDRESSES.iter().filter(|(_, is_wide)| *is_wide).any(|(address, _)| {
        [None, Some("vpc-theirs")].iter().any(|vpc| {
            [None, Some("a"), Some("b"), Some("ac"), Some("c")].iter().any(|agent| {
                [(true, true), (true, false), (false, true), (false, false)].iter().any(|(signed, secure)| {
                    keys.iter().any(|resource| {
                        let address = address.parse().unwrap();
                        let (signed, secure, vpc, agent) = (*signed, *secure, *vpc, *agent);
                        Whole { signed, secure, vpc, agent, address, action, resource }.is_allowed(statements)
                    })
                })
            })
        })
    })
}

fn now() -> Timestamp {
    "2026-11-24T02:00:00Z".parse().unwrap()
}

fn document(statements: &[Value]) -> Document {
    Document::parse(&json!({ "Version": "1", "Statement": statements }).to_string(), Kind::Resource).unwrap()
}

fn answer(document: &Document, action: &str) -> Answer {
    let config = Config::default();
    let asker = Asker { callers: &[Caller::Anonymous, Caller::Stranger], now: now(), config: &config };
    let below = document.names_below("x").into_iter().map(|key| vec![format!("acs:oss:r:1:x/{key}")]);
    let resources: Vec<Spelled> =
        if action == "oss:ListObjects" { vec![vec!["acs:oss:r:1:x".to_owned()]] } else { below.collect() };
    asker.ask(document, &[action], &resources)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn as_the_obvious_evaluator(statements in proptest::collection::vec(statement(), 0..5)) {
        let document = document(&statements);
        for action in ACTIONS {
            let answer = answer(&document, action);
            prop_assert!(!matches!(answer, Answer::Undecided(_)), "{:?}", answer);
            prop_assert_eq!(matches!(answer, Answer::Open(_)), obviously_open(&statements, action), "{}", action);
        }
    }

    /// A statement that may not be there: what is decided all the same is so with it and without it, and what is not differs or was open to doubt.
    #[test]
    fn a_doubt_is_between_both_answers(
        statements in proptest::collection::vec(statement(), 1..5),
        which in any::<proptest::sample::Index>(),
    ) {
        let with = document(&statements);
        let at = which.index(statements.len());
        let (mut without, mut doubted) = (with.clone(), with.clone());
        without.statements.remove(at);
        doubted.statements[at] = doubted.statements[at].clone().doubted("not read");
        for action in ACTIONS {
            let is_open = |document| matches!(answer(document, action), Answer::Open(_));
            let both = (is_open(&with), is_open(&without));
            match answer(&doubted, action) {
                Answer::Open(_) => prop_assert_eq!(both, (true, true)),
                Answer::Closed => prop_assert_eq!(both, (false, false)),
                Answer::Undecided(reasons) => prop_assert!(both.0 != both.1 && reasons.contains("not read")),
            }
        }
    }

    /// One more Allow closes nothing, one more Deny opens nothing, and the order means nothing.
    #[test]
    fn allows_open_and_denies_close(
        statements in proptest::collection::vec(statement(), 0..4),
        more in statement(),
    ) {
        let longer: Vec<Value> = [more.clone()].into_iter().chain(statements.clone()).collect();
        let turned: Vec<Value> = longer.iter().rev().cloned().collect();
        for action in ACTIONS {
            let is_open = |statements: &[Value]| matches!(answer(&document(statements), action), Answer::Open(_));
            let (before, after) = (is_open(&statements), is_open(&longer));
            let allows = more["Effect"] == "Allow";
            prop_assert!((!allows || after || !before) && (allows || before || !after));
            prop_assert_eq!(after, is_open(&turned));
        }
    }
}

#[test]
fn reasons_are_those_that_matter() {
    let allow = |condition: Value| json!({ "Effect": "Allow", "Principal": "*", "Action": "oss:*", "Resource": "*", "Condition": condition });
    let unclear = allow(json!({ "StringEquals": { "acs:New": "x" } }));
    let other = json!({ "Effect": "Allow", "Principal": "*", "Action": "ecs:*", "Resource": "*",
        "Condition": { "Odd": { "acs:New": "x" } } });
    let Answer::Undecided(reasons) = answer(&document(&[other, unclear]), "oss:GetObject") else { panic!() };
    assert_eq!(
        reasons.into_iter().collect::<Vec<_>>(),
        [r#"statement 2: StringEquals acs:New ["x"] cannot be decided"#]
    );
}

#[test]
fn choices_are_bounded() {
    let keys = ["acs:UserAgent", "acs:Referer", "oss:Prefix", "oss:Delimiter"];
    let values: Vec<String> = (0..40).map(|n| format!("v{n}*")).collect();
    let block: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), json!(values))).collect();
    let statement = json!({ "Effect": "Allow", "Principal": "*", "Action": "oss:*", "Resource": "*",
        "Condition": { "StringLike": block } });
    let document = document(&[statement]);
    assert!(request::requests(&document, &[Caller::Anonymous]).len() <= 512);
    // What was not tried is not known: no Pass.
    assert!(matches!(answer(&document, "oss:GetObject"), Answer::Undecided(_)));
}
