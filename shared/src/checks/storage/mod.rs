//! OSS buckets: who can read them, and how they are kept.

/// The checks of this area.
pub static CHECKS: &[&super::Check] = &[];
