//! What an object may be called. The same names must do for a file system and for OSS.

use super::StateError;

/// Leaves room under the shortest limit there is: 255 bytes for a file name.
const LONGEST_SEGMENT: usize = 200;
/// OSS takes 1023 bytes; the store's own prefix needs some of them.
const LONGEST_KEY: usize = 800;

/// Makes one segment of a key out of any text: what may not stand there is percent-encoded. Different texts
/// give different segments. A text of more than 200 bytes once encoded makes a segment that is refused.
///
/// ```
/// assert_eq!(shared::state::segment("acs:ram::1:user/alice"), "acs%3Aram%3A%3A1%3Auser%2Falice");
/// ```
pub fn segment(text: &str) -> String {
    use std::fmt::Write as _;
    let mut made = String::with_capacity(text.len());
    for (at, byte) in text.bytes().enumerate() {
        if plain(byte) && (byte != b'.' || at > 0) {
            made.push(char::from(byte));
        } else {
            let _ = write!(made, "%{byte:02X}");
        }
    }
    made
}

fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

pub(super) fn check_key(key: &str) -> Result<(), StateError> {
    check(key, key)
}

/// A prefix is any beginning of a key: nothing, `cases/`, `cases/2026-`.
pub(super) fn check_prefix(prefix: &str) -> Result<(), StateError> {
    match prefix.strip_suffix('/').unwrap_or(prefix) {
        "" if prefix.is_empty() => Ok(()),
        rest => check(prefix, rest),
    }
}

fn check(whole: &str, key: &str) -> Result<(), StateError> {
    let bad = |why| Err(StateError::Key { key: whole.to_owned(), why });
    if key.len() > LONGEST_KEY {
        return bad("it is longer than 800 bytes");
    }
    for segment in key.split('/') {
        if segment.is_empty() {
            return bad("a segment is empty");
        }
        // Names with a leading dot are left to the folder's temporary files; this bars `.` and `..`, too.
        if segment.starts_with('.') {
            return bad("a segment begins with a dot");
        }
        if segment.len() > LONGEST_SEGMENT {
            return bad("a segment is longer than 200 bytes");
        }
        if !segment.bytes().all(|byte| plain(byte) || byte == b'%') {
            return bad("a segment has other characters than A-Z a-z 0-9 . _ - %");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        for fine in ["a", "cases/2026-11-23/00000001.json", "a..b", "A_b-c.d", "a%2Fb"] {
            assert!(check_key(fine).is_ok(), "{fine}");
        }
        for bad in ["", "/a", "a/", "a//b", "..", "a/../b", "a/.b", "a b", "a\\b", "a:b", "ä", "a\0b"] {
            assert!(check_key(bad).is_err(), "{bad}");
        }
        assert!(check_key(&"x".repeat(201)).is_err());
        assert!(check_key(&"abcdefghi/".repeat(81)[..809]).is_err());
        for fine in ["", "a", "a/", "a/b", "a/b-"] {
            assert!(check_prefix(fine).is_ok(), "{fine}");
        }
        for bad in ["/", "//", "../", "a//"] {
            assert!(check_prefix(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_makes_a_segment_of_its_own(a in ".{1,20}", b in ".{1,20}") {
            prop_assert!(check_key(&segment(&a)).is_ok());
            prop_assert_eq!(a == b, segment(&a) == segment(&b));
        }
    }
}
