//! Secrets in plain text.

#[cfg(test)]
mod tests;

use super::checks;

checks! {
    secret_in_plain_text: SECRET_IN_PLAIN_TEXT,
}
