//! Patterns of actions, resources and values.

/// A text in which `*` stands for any run of characters and `?` for one, or one that means itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::checks) struct Pattern {
    text: String,
    wild: bool,
}

impl Pattern {
    /// One with wildcards.
    pub(in crate::checks) fn wild(text: &str) -> Self {
        Self { text: text.to_owned(), wild: true }
    }

    /// One without: the key of an object may have stars in it.
    pub(in crate::checks) fn literal(text: &str) -> Self {
        Self { text: text.to_owned(), wild: false }
    }

    /// Whether it matches a whole text.
    pub(super) fn matches(&self, text: &str) -> bool {
        if self.wild { like(&self.text, text) } else { self.text == text }
    }

    /// The same, whatever the case.
    pub(super) fn matches_any_case(&self, text: &str) -> bool {
        if self.wild {
            like(&self.text.to_ascii_lowercase(), &text.to_ascii_lowercase())
        } else {
            self.text.eq_ignore_ascii_case(text)
        }
    }

    /// Texts that it matches: its wildcards stand for each of `fillings`. One text where it has none.
    pub(in crate::checks) fn examples(&self, fillings: &[&str]) -> Vec<String> {
        if !self.wild || !self.is_wild() {
            return vec![self.text.clone()];
        }
        fillings.iter().map(|filling| self.text.replace('?', FRESH).replace('*', filling)).collect()
    }

    /// The text itself, where it names one thing.
    pub(in crate::checks) fn one(&self) -> Option<&str> {
        (!self.wild || !self.is_wild()).then_some(self.text.as_str())
    }

    fn is_wild(&self) -> bool {
        self.text.contains(['*', '?'])
    }
}

/// A text that nobody has written into a policy: one character, so that it also stands for a `?`.
pub(in crate::checks) const FRESH: &str = "~";

/// Whether a pattern with wildcards matches a whole text. Linear in space, and never worse than the product of the lengths in time.
pub(super) fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(one) if *one == '?' || *one == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                // The last star takes one character more.
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition itself.
    fn defined(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) => {
                defined(rest, text) || text.split_first().is_some_and(|(_, text)| defined(pattern, text))
            }
            (Some((one, pattern)), Some((other, text))) => {
                (*one == b'?' || one == other) && defined(pattern, text)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matching_is_as_defined(pattern in "[ab*?]{0,7}", text in "[ab]{0,8}") {
            prop_assert_eq!(like(&pattern, &text), defined(pattern.as_bytes(), text.as_bytes()));
        }

        #[test]
        fn examples_match(pattern in "[ab*?/]{0,7}") {
            let pattern = Pattern::wild(&pattern);
            for example in pattern.examples(&["", FRESH, "/"]) {
                prop_assert!(pattern.matches(&example));
            }
        }
    }

    #[test]
    fn a_literal_star_is_a_star() {
        assert!(Pattern::literal("a*").matches("a*") && !Pattern::literal("a*").matches("ab"));
        assert!(Pattern::wild("oss:get*").matches_any_case("OSS:GetObject"));
        assert!(!Pattern::wild("oss:get*").matches("oss:GetObject"));
    }
}
