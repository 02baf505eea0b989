//! Secrets in plain text.

/// The checks of this area.
pub static CHECKS: &[&super::Check] = &[];
