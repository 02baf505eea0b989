//! Other doors: clusters, functions, images, shares, APIs, roles.

/// The checks of this area.
pub static CHECKS: &[&super::Check] = &[];
