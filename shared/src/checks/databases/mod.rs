//! Databases: which of them the internet can reach, and how they are kept.

/// The checks of this area.
pub static CHECKS: &[&super::Check] = &[];
