use proptest::prelude::*;

use super::*;
use crate::ambient::Env;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, "h.yaml")
}

/// The example of the contract, every key of it.
const FULL: &str = r#"version: 1
language: zh
trusted_networks: [203.0.113.0/24, 198.51.100.7, "2001:db8::/32"]
break_glass: [user/emergency-admin, "acs:ram::1234567890123456:role/breaker"]
root_key:
  mode: observe
  quarantine: true
  max_pinned_keys: 20
  repeat_every: 30m
rotation:
  rotate_after: 12w
  remind_before: [14d, 24h]
  idle_after: 30d
  disable: overdue
  max_disabled_per_run: 0
notify:
  channels:
    - {name: ops, type: webhook, url: "http://127.0.0.1:8080/hook", min_severity: high, secret: hush-hush}
    - name: robot
      type: dingtalk
      url_env: ROBOT_URL
      secret_env: ROBOT_SECRET
      fallback: true
      at_all: true
exemptions:
  - {check: public-bucket, resource: "acs:oss:*:*:website", owner: web-team, reason: public site, expires: 2027-06-30}
"#;

#[test]
fn every_key_is_read() {
    let config = parse(FULL).unwrap();
    let days = |days: u64| Duration::from_secs(days * 86_400);
    assert_eq!(config.language, Language::Zh);
    let networks: Vec<_> = config.trusted_networks.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["203.0.113.0/24", "198.51.100.7/32", "2001:db8::/32"]);
    assert!(config.break_glass[0].is(PrincipalKind::User, "Emergency-Admin", "1"));
    assert!(!config.break_glass[0].is(PrincipalKind::Role, "emergency-admin", "1"));
    assert!(config.break_glass[1].is(PrincipalKind::Role, "breaker", "1234567890123456"));
    assert!(!config.break_glass[1].is(PrincipalKind::Role, "breaker", "6543210987654321"));
    let root_key = RootKey {
        mode: Mode::Observe,
        quarantine: true,
        max_pinned_keys: 20,
        repeat_every: Duration::from_secs(1800),
    };
    assert_eq!(config.root_key, root_key);
    assert_eq!(config.rotation.rotate_after, days(84));
    assert_eq!(config.rotation.remind_before, [days(14), days(1)]);
    assert_eq!(config.rotation.disable, Disable::Overdue);
    assert_eq!(config.rotation.max_disabled_per_run, 0);
    let [ops, robot] = config.notify.channels.as_slice() else { panic!("two channels") };
    assert_eq!((ops.min_severity, ops.fallback), (Severity::High, false));
    assert_eq!((robot.min_severity, robot.fallback, robot.at_all), (Severity::Low, true, true));
    assert_eq!(robot.place(), Place { line: 19, column: 7 });
    assert_eq!(config.exemptions[0].expires, jiff::civil::date(2027, 6, 30));
}

#[test]
fn nothing_is_enough() {
    for text in
        ["", "\n", "# only a comment\n", "---\n", "\u{feff}version: 1", "rotation:\nnotify:\n  channels:\n"]
    {
        let config = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(config.root_key, RootKey::default(), "{text:?}");
        assert_eq!(config.rotation, Rotation::default(), "{text:?}");
        assert!(config.notify.channels.is_empty(), "{text:?}");
    }
    let config = Config::default();
    assert_eq!((config.root_key.mode, config.root_key.quarantine), (Mode::Revoke, false));
    assert_eq!(config.root_key.repeat_every, Duration::from_secs(900));
    assert_eq!(config.rotation.disable, Disable::Never);
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let channel = "name: a, type: webhook, url: 'https://a.example'";
    let mut wrong = Vec::new();
    for (text, place, parts) in [
        ("colour: red\n", "1:1", vec!["unknown key \"colour\"", "trusted_networks"]),
        (
            "version: 1\nroot_key:\n  quarantin: true\n",
            "3:3",
            vec!["\"quarantin\"", "quarantine", "repeat_every"],
        ),
        ("version: 2", "1:10", vec!["\"2\"", "accepted: 1"]),
        ("language: de", "1:11", vec!["\"de\"", "en, zh"]),
        ("root_key:\n  mode: kill", "2:9", vec!["\"kill\"", "revoke, observe"]),
        ("root_key: {quarantine: maybe}", "1:24", vec!["true", "false"]),
        ("root_key: {max_pinned_keys: many}", "1:29", vec!["\"many\"", "whole number"]),
        ("root_key: {max_pinned_keys: 0}", "1:29", vec!["at least 1"]),
        ("root_key: {repeat_every: 15}", "1:26", vec!["\"15\"", "15m"]),
        ("root_key: {repeat_every: 30s}", "1:26", vec!["30s", "at least 1m"]),
        ("root_key: observe", "1:11", vec!["mapping"]),
        ("rotation:\n  remind_before: [14d, soon]", "2:24", vec!["\"soon\"", "90d"]),
        ("rotation: {rotate_after: 0d}", "1:26", vec!["\"0d\"", "at least 1s"]),
        ("rotation: {rotate_after: 99999999999999999d}", "1:26", vec!["too long"]),
        ("rotation: {disable: always}", "1:21", vec!["never, overdue, idle"]),
        ("trusted_networks: [10.0.0.0/33]", "1:20", vec!["\"10.0.0.0/33\"", "203.0.113.0/24"]),
        ("trusted_networks:\n  - 10.0.0.1/8", "2:5", vec!["10.0.0.0/8"]),
        ("trusted_networks: [0.0.0.0/0]", "1:20", vec!["whole internet"]),
        ("break_glass: [alice]", "1:15", vec!["\"alice\"", "user/NAME"]),
        ("break_glass: ['user/alice@corp.onaliyun.com']", "1:15", vec!["user/NAME"]),
        ("break_glass: ['group/admins']", "1:15", vec!["user/NAME"]),
        ("break_glass: ['acs:ram::x:user/a']", "1:15", vec!["acs:ram::ACCOUNT:user/NAME"]),
        ("exemptions: [{check: a, resource: b, owner: c, reason: d}]", "1:", vec!["\"expires\" is missing"]),
        (
            "exemptions: [{check: a, resource: b, owner: '', reason: d, expires: 2027-01-01}]",
            "1:45",
            vec!["empty"],
        ),
        (
            "exemptions: [{check: a, resource: b, owner: c, reason: d, expires: 30.6.2027}]",
            "1:68",
            vec!["2027-06-30"],
        ),
        (
            "exemptions: [{check: a, resource: b, owner: c, reason: d, expires: 2027-02-30}]",
            "1:68",
            vec!["not a date"],
        ),
        ("version: 1\nversion: 1", "2:1", vec!["\"version\"", "twice"]),
        ("language: en\nroot_key: [", "2:", vec![]),
        ("notify: {channels: [{name: a}]}", "1:", vec!["\"type\" is missing"]),
        ("notify: {channels: [{name: a, type: pigeon}]}", "1:37", vec!["pigeon", "webhook, dingtalk"]),
        ("notify: {channels: [{name: a, type: webhook}]}", "1:21", vec!["\"a\"", "url_env"]),
        ("notify: {channels: [{name: a, type: webhook, colour: b}]}", "1:46", vec!["colour", "min_severity"]),
        (
            "notify: {channels: [{name: a, type: webhook, url: 'http://10.0.0.1/x'}]}",
            "1:21",
            vec!["loopback"],
        ),
        ("notify: {channels: [{name: a, type: webhook, url: 'ftp://h/x'}]}", "1:21", vec!["scheme"]),
        ("notify: {channels: [{name: a, type: webhook, url: 'https://u:p@h/x'}]}", "1:21", vec!["user name"]),
        ("notify: {channels: [{name: a, type: webhook, url: nowhere}]}", "1:21", vec!["not a URL"]),
        (
            "notify: {channels: [{name: a, type: webhook, url_env: 'A B'}]}",
            "1:21",
            vec!["url_env", "letters"],
        ),
        (&format!("notify: {{channels: [{{{channel}, url_env: A}}]}}"), "1:21", vec!["exclude"]),
        (
            &format!("notify: {{channels: [{{{channel}, secret: a, secret_env: A}}]}}"),
            "1:21",
            vec!["exclude"],
        ),
        (&format!("notify: {{channels: [{{{channel}, secret: ''}}]}}"), "1:21", vec!["empty"]),
        (&format!("notify: {{channels: [{{{channel}, at_all: true}}]}}"), "1:21", vec!["dingtalk only"]),
        (
            &format!("notify:\n  channels:\n  - {{{channel}}}\n  - {{{channel}}}"),
            "4:5",
            vec!["taken", "line 3"],
        ),
        (
            &format!(
                "notify:\n  channels:\n  - {{{channel}, fallback: true}}\n  - {{{}, fallback: true}}",
                channel.replace("name: a", "name: b")
            ),
            "4:5",
            vec!["fallback", "\"a\""],
        ),
    ] {
        let error = parse(text).map_or_else(|error| error.to_string(), |_| "accepted".to_owned());
        let named = parts.iter().all(|part| error.contains(part)) && !error.contains('\n');
        if !named || !error.starts_with(&format!("h.yaml:{place}")) {
            wrong.push(format!("{text}\n  {error}\n  instead of {place} {parts:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_error_and_no_debug_shows_a_secret() {
    let config = parse(FULL).unwrap();
    let hidden = ["hush-hush", "/hook", "tokentokentoken"];
    let mut shown = vec![format!("{config:?}"), config.show(), serde_json::to_string(&config).unwrap()];
    for text in [
        "url: 'ftp://h/send?access_token=tokentokentoken'",
        "url: 'http://h/send?access_token=tokentokentoken'",
        "url: 'https://h:99999999/?access_token=tokentokentoken'",
        "url: [tokentokentoken]",
        "url: {tokentokentoken: a}",
        "url_env: 'https://h/?access_token=tokentokentoken'",
        "url_env: A, secret: {a: tokentokentoken}",
        "url_env: A, secret: [tokentokentoken",
        "url_env: A, secret: tokentokentoken, colour: red",
        "url_env: A, secret: tokentokentoken, fallback: perhaps",
    ] {
        let error =
            parse(&format!("notify: {{channels: [{{name: a, type: dingtalk, {text}}}]}}")).unwrap_err();
        shown.push(format!("{error} {error:?}"));
    }
    let env: Env = [("ROBOT_URL", "tokentokentoken"), ("ROBOT_SECRET", "hush-hush")].into_iter().collect();
    shown.push(config.notify.channels[1].endpoint(&env).unwrap_err());
    let env: Env =
        [("ROBOT_URL", "https://h/x?a=tokentokentoken"), ("ROBOT_SECRET", "hush-hush")].into_iter().collect();
    shown.push(format!("{:?}", config.notify.channels[1].endpoint(&env).unwrap()));
    for text in shown {
        assert!(hidden.iter().all(|secret| !text.contains(secret)), "{text}");
    }
    assert!(config.show().contains("http://127.0.0.1:8080/***"), "{}", config.show());
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let config = parse(FULL).unwrap();
    let why = config.notify.channels[1].endpoint(&Env::default()).unwrap_err();
    assert_eq!(why, "url_env: the environment variable ROBOT_URL is not set");
    let env: Env = [("ROBOT_URL", "https://h/x")].into_iter().collect();
    let why = config.notify.channels[1].endpoint(&env).unwrap_err();
    assert_eq!(
        config.wrong(&config.notify.channels[1], &why).to_string(),
        "h.yaml:19:7: channel \"robot\": secret_env: the environment variable ROBOT_SECRET is not set"
    );
}

#[test]
fn durations() {
    for (text, seconds) in
        [("30s", 30), ("15m", 900), ("24h", 86_400), ("90d", 7_776_000), ("2w", 1_209_600), ("0090s", 90)]
    {
        assert_eq!(value::parse_span(text), Ok(Duration::from_secs(seconds)), "{text}");
    }
    for text in [
        "",
        "d",
        "15",
        "15 m",
        "-1d",
        "+1d",
        "1.5h",
        "1h30m",
        "15M",
        "1y",
        "٣d",
        "0s",
        "18446744073709551615w",
    ] {
        assert!(value::parse_span(text).is_err(), "{text}");
    }
}

#[test]
fn severities_are_ordered_and_spelt_as_in_reports() {
    let all = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    assert!(all.is_sorted());
    for severity in all {
        assert_eq!(serde_json::to_value(severity).unwrap(), severity.as_str());
    }
}

#[test]
fn a_source_is_a_path_or_an_object() {
    let oss = |region: Option<&str>| Source::Oss {
        bucket: "conf".into(),
        key: "a/h.yaml".into(),
        region: region.map(Into::into),
    };
    assert_eq!(Source::parse("oss://conf/a/h.yaml").unwrap(), oss(None));
    assert_eq!(Source::parse("oss://conf/a/h.yaml?region=cn-beijing").unwrap(), oss(Some("cn-beijing")));
    assert_eq!(Source::parse("/etc/h.yaml").unwrap(), Source::Path("/etc/h.yaml".into()));
    for wrong in [
        "",
        "http://a/b",
        "oss://",
        "oss://conf",
        "oss://conf/",
        "oss:///key",
        "oss://a.evil.example#/k",
        "oss://conf/k?zone=a",
        "oss://conf/k?region=evil.example/",
        "oss://conf/k?region=",
    ] {
        let error = Source::parse(wrong).unwrap_err().to_string();
        assert!(error.starts_with("HARDENING_CONFIG: ") && error.contains("oss://bucket/key"), "{error}");
    }
}

#[tokio::test]
async fn a_file_is_read_and_errors_name_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.yaml");
    let source = Source::parse(path.to_str().unwrap()).unwrap();
    let missing = source.load(None).await.unwrap_err().to_string();
    assert!(missing.starts_with(&format!("{}: cannot be read", path.display())), "{missing}");
    std::fs::write(&path, "language: zh\n").unwrap();
    assert_eq!(source.load(None).await.unwrap().language, Language::Zh);
    std::fs::write(&path, "\ncolour: red\n").unwrap();
    let wrong = source.load(None).await.unwrap_err();
    assert_eq!((wrong.name(), wrong.line(), wrong.column()), (path.to_str().unwrap(), Some(2), Some(1)));
    std::fs::write(&path, b"\xff").unwrap();
    assert!(source.load(None).await.unwrap_err().what().contains("UTF-8"));
    let object = Source::parse("oss://conf/h.yaml").unwrap().load(None).await.unwrap_err();
    assert_eq!(object.to_string(), "oss://conf/h.yaml: cannot be read: there are no credentials");
}

fn a_span() -> impl Strategy<Value = String> {
    (1u64..3600, prop::sample::select(vec!["s", "m", "h", "d"])).prop_map(|(n, unit)| format!("{n}{unit}"))
}

fn a_text() -> impl Strategy<Value = String> {
    // YAML's own words and signs among them; what parses as text must show as the same text.
    prop_oneof![
        "[ -~]{0,12}[!-~]",
        "\\PC{0,8}[a-z]",
        Just("null".to_owned()),
        Just("yes".to_owned()),
        Just("1e3".to_owned()),
        Just("*".to_owned()),
        Just("#".to_owned()),
    ]
}

proptest! {
    #[test]
    fn what_is_shown_parses_again_to_the_same(
        zh in any::<bool>(),
        networks in prop::collection::vec((any::<u32>(), 1u8..=32), 0..4),
        people in prop::collection::vec("(acs:ram::[0-9]{16}:)?(user|role)/[a-zA-Z0-9._-]{1,12}", 0..4),
        (rotate, repeat) in (a_span(), 1u32..500),
        remind in prop::collection::vec(a_span(), 0..4),
        (pinned, disabled, quarantine) in (1u32.., any::<u32>(), any::<bool>()),
        names in prop::collection::btree_set(a_text(), 0..4),
        secret in prop::option::of(a_text()),
        texts in prop::collection::vec(a_text(), 4),
    ) {
        let quoted = |text: &String| serde_json::to_string(text).unwrap();
        let networks: Vec<_> = networks.into_iter().map(|(bits, prefix)| {
            ipnet::Ipv4Net::new(bits.into(), prefix).unwrap().trunc().to_string()
        }).collect();
        let channels: Vec<_> = names.iter().enumerate().map(|(at, name)| format!(
            "{{name: {}, type: {}, url: 'https://host-{at}.example/long-and-secret', min_severity: {}, fallback: {}{}}}",
            quoted(name), ["webhook", "dingtalk"][at % 2], ["info", "critical"][at % 2], at == 2,
            secret.as_ref().map(|secret| format!(", secret: {}", quoted(secret))).unwrap_or_default(),
        )).collect();
        let text = format!(
            "language: {}\ntrusted_networks: [{}]\nbreak_glass: [{}]\n\
             root_key: {{repeat_every: {repeat}m, max_pinned_keys: {pinned}, quarantine: {quarantine}}}\n\
             rotation: {{rotate_after: {rotate}, remind_before: [{}], max_disabled_per_run: {disabled}}}\n\
             notify: {{channels: [{}]}}\n\
             exemptions: [{{check: {}, resource: {}, owner: {}, reason: {}, expires: 2027-06-30}}]\n",
            if zh { "zh" } else { "en" }, networks.join(", "), people.join(", "), remind.join(", "),
            channels.join(", "), quoted(&texts[0]), quoted(&texts[1]), quoted(&texts[2]), quoted(&texts[3]),
        );
        let config = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let shown = config.show();
        prop_assert!(!shown.contains("long-and-secret"));
        let again = parse(&shown).unwrap_or_else(|error| panic!("{error}\n{shown}"));
        prop_assert_eq!(&again.trusted_networks, &config.trusted_networks);
        prop_assert_eq!(&again.break_glass, &config.break_glass);
        prop_assert_eq!(&again.root_key, &config.root_key);
        prop_assert_eq!(&again.rotation, &config.rotation);
        prop_assert_eq!(&again.exemptions, &config.exemptions);
        prop_assert_eq!(again.show(), shown);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let _ = parse(&text);
        let _ = Source::parse(&text);
        let _ = value::parse_span(&text);
        let _ = text.parse::<Principal>();
    }
}
