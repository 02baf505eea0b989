use proptest::prelude::*;

use super::super::{Config, Language, Mode};

fn error(text: &str) -> String {
    Config::parse(text, "h.yaml").map_or_else(|error| error.to_string(), |_| "accepted".to_owned())
}

#[test]
fn the_forms_of_yaml_that_people_write_are_read() {
    for text in [
        "language: zh\nroot_key:\n  mode: observe\n",
        "language: zh\r\nroot_key:\r\n  mode: observe\r\n",
        "\u{feff}# a comment\nlanguage: zh # another\n\n# a third\nroot_key: # a fourth\n  mode: observe\n",
        "{language: zh, root_key: {mode: observe}}",
        "{\"language\": \"zh\", \"root_key\": {\"mode\": \"observe\"}}",
        "{\n  language: zh, # in between\n  root_key: {mode: observe,},\n}",
        "---\nlanguage: 'zh'\nroot_key: {mode: \"observe\"}\n...\n",
        "%YAML 1.2\n---\nlanguage: zh\nroot_key: {mode: observe}\n",
        "language: |-\n  zh\nroot_key:\n  mode: >-\n    observe\n",
        "language:\tzh\nroot_key:\n    mode:\t observe\t\n",
        "? language\n: zh\n? root_key\n: mode: observe\n",
    ] {
        let config = Config::parse(text, "h.yaml").unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!((config.language, config.root_key.mode), (Language::Zh, Mode::Observe), "{text:?}");
    }
}

#[test]
fn scalars_mean_what_their_key_expects() {
    let owner = |text: &str| {
        let text =
            format!("exemptions: [{{check: a, resource: b, owner: {text}, reason: d, expires: 2027-01-01}}]");
        Config::parse(&text, "h.yaml").map(|config| config.exemptions[0].owner.clone())
    };
    for (text, read) in [
        ("123", "123"),
        ("0x1f", "0x1f"),
        ("true", "true"),
        ("1e3", "1e3"),
        ("'null'", "null"),
        ("\"~\"", "~"),
        ("'it''s'", "it's"),
        ("\"a\\tb\\u00e9\"", "a\tb\u{e9}"),
        ("two words", "two words"),
    ] {
        assert_eq!(owner(text).unwrap(), read, "{text}");
    }
    for nothing in ["", "~", "null", "Null", "NULL"] {
        assert!(owner(nothing).unwrap_err().what().contains("a value is missing"), "{nothing:?}");
    }
    for (text, expected) in [("true", true), ("'Yes'", true), ("on", true), ("FALSE", false), ("n", false)] {
        let config = Config::parse(&format!("root_key: {{quarantine: {text}}}"), "h.yaml").unwrap();
        assert_eq!(config.root_key.quarantine, expected, "{text}");
    }
}

#[test]
fn what_is_not_accepted_is_named_with_its_place() {
    let mut wrong = Vec::new();
    // An anchor or a tag is reported where the value begins that it belongs to.
    for (text, place, part) in [
        ("language: en\nlanguage: zh", "2:1", "\"language\" stands here twice"),
        ("root_key: {mode: revoke, mode: observe}", "1:26", "\"mode\" stands here twice"),
        ("root_key:\n  'mode': revoke\n  mode: observe", "3:3", "twice"),
        ("root_key: &a {mode: observe}", "1:14", "anchor"),
        ("language: &a en", "1:14", "anchor"),
        ("language: *a", "1:11", "alias"),
        ("break_glass: [*tokentokentoken]", "1:15", "alias"),
        ("language: !!str en", "1:17", "tag"),
        ("language: !secret en", "1:19", "tag"),
        ("root_key: !!map {mode: observe}", "1:17", "tag"),
        ("language: en\n---\nlanguage: zh", "2:1", "second document"),
        ("<<: {mode: observe}", "1:1", "unknown key"),
        ("? [a]\n: b", "1:3", "expected a key, found a list"),
        ("{[a]: b}", "1:2", "expected a key, found a list"),
        ("~: b", "1:1", "unknown key"),
        ("[version, 1]", "1:1", "expected a mapping, found a list"),
        ("words", "1:1", "expected a mapping, found a text"),
        ("break_glass: user/a", "1:14", "expected a list, found a text"),
        ("language: [en]", "1:11", "expected a text, found a list"),
        ("root_key: [{mode: observe}]", "1:11", "expected a mapping, found a list"),
        ("root_key:\n\tmode: observe", "2:2", "tabs"),
        ("language: 'en", "", "quote"),
        ("root_key: {mode: observe]", "1:11", "mismatched"),
        ("language: \"\\q\"", "1:11", "escape"),
        ("language: en\n  version: 1", "2:10", ""),
    ] {
        let error = error(text);
        if !(error.starts_with(&format!("h.yaml:{place}: ")) || place.is_empty())
            || !error.contains(part)
            || error.contains("tokentoken")
        {
            wrong.push(format!("{text:?}\n  {error}\n  instead of {place} {part}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_nested_without_end_is_refused() {
    for many in [17, 200, 100_000] {
        for text in [
            "[".repeat(many),
            "{a: ".repeat(many),
            format!("{}{}", "[".repeat(many), "]".repeat(many)),
            "- ".repeat(many),
            "? ".repeat(many),
            format!("notify: {}", "[{a: ".repeat(many)),
        ] {
            let error = error(&text);
            assert!(error.starts_with("h.yaml:") && error.len() < 200 && error != "accepted", "{error}");
        }
        let blocks: String = (0..many.min(300)).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert_ne!(error(&blocks), "accepted");
    }
}

proptest! {
    #[test]
    fn no_text_of_yaml_signs_makes_it_panic(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "root_key", "notify", "channels", "version", "language", "a", ":", ": ", "- ", "? ", "{", "}", "[",
                "]", ", ", "\n", "\r\n", "\n  ", "\n    ", "\t", "'", "\"", "\\", "|", ">", "|-\n", "#", " # ", "&a ",
                "*a", "!", "!!str ", "%", "%YAML 1.2\n", "---\n", "...\n", "\u{feff}", "\0", "\u{85}", "<<: ", "~",
            ]),
            0..24,
        ),
    ) {
        let text = parts.concat();
        if let Err(error) = Config::parse(&text, "h.yaml") {
            prop_assert!(!error.to_string().contains('\n'), "{:?}: {}", text, error);
            prop_assert!(error.line().is_some_and(|line| line > 0), "{:?}: {}", text, error);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = Config::parse(&String::from_utf8_lossy(&bytes), "h.yaml");
    }
}
