//! What a value is not: a placeholder, a reference, a path.

/// How many different characters it has.
pub(super) fn distinct(value: &str) -> usize {
    value.chars().collect::<std::collections::BTreeSet<_>>().len()
}

/// `8-4-4-4-12` hexadecimal digits.
pub(super) fn is_uuid(value: &str) -> bool {
    let lengths: Vec<usize> = value.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && value.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Words that stand where a secret is to be put in.
const STAND_INS: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "changeit",
    "password",
    "passwd",
    "pass",
    "secret",
    "token",
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "empty",
    "example",
    "placeholder",
    "todo",
    "tbd",
    "redacted",
    "hidden",
    "masked",
    "dummy",
    "string",
    "required",
    "optional",
    "default",
    "auto",
    "generated",
    "unset",
    "files",
    "compat",
    "systemd",
    "n/a",
];

/// How references to other places begin: vaults, parameter stores, files, variables.
const REFERENCES: &[&str] = &[
    "$", "%", "kms:", "kms/", "secret:", "secrets:", "secrets/", "vault:", "vault/", "ref:", "ref+", "arn:",
    "acs:", "ssm:", "oos:", "ros:", "env:", "file:", "op://", "sm://", "awssm://", "enc(", "enc[", "!vault",
    "!secret", "!env", "!getatt", "!ref", "!sub", "fn::", "aliyun::", "/", "./", "../", "~/", "@", "&", "*",
];

/// What templates and programs look like.
const TEMPLATES: &[&str] =
    &["${", "$(", "{{", "<%", "%(", "#{", "****", "xxxx", "os.environ", "process.env", "getenv", "resolve:"];

/// Whether a value is a secret of somebody, rather than what stands for one.
pub(super) fn is_real(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    let bracketed = [('<', '>'), ('[', ']'), ('{', '}'), ('(', ')')]
        .iter()
        .any(|(open, close)| value.starts_with(*open) && value.ends_with(*close));
    let bare = lower.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    value.chars().count() >= 4
        && distinct(value) >= 3
        && !bracketed
        && !STAND_INS.contains(&bare)
        && !REFERENCES.iter().any(|start| lower.starts_with(start))
        && !TEMPLATES.iter().any(|part| lower.contains(part))
        && !["your", "insert", "replace", "enter", "my-", "my_", "put-", "example"]
            .iter()
            .any(|start| bare.starts_with(start))
        && !(lower.ends_with(')') && lower.contains('('))
}

/// Whether it is made of words and numbers, as names and paths are: `prod/db/password-2024`.
fn is_made_of_words(value: &str) -> bool {
    let is_word = |part: &str| {
        let rest = part.get(1..).unwrap_or_default();
        let cased = rest.bytes().all(|byte| byte.is_ascii_lowercase())
            || part.bytes().all(|byte| byte.is_ascii_uppercase());
        let word = part.bytes().all(|byte| byte.is_ascii_alphabetic()) && cased;
        word || part.trim_start_matches(['v', 'V']).bytes().all(|byte| byte.is_ascii_digit())
    };
    value.split(|c: char| !c.is_ascii_alphanumeric()).all(is_word)
}

/// Whether it is long and mixed enough to have been drawn, not chosen: no word, no number, no path.
pub(super) fn is_drawn(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+/=~:".contains(&byte);
    value.len() >= 16
        && value.bytes().all(plain)
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !value.contains("://")
        && !value.contains("//")
        && distinct(value) >= 8
        && !is_uuid(value)
        && !is_made_of_words(value)
}
