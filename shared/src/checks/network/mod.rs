//! The network: ports that are open to the internet, and what stands behind them.

/// The checks of this area.
pub static CHECKS: &[&super::Check] = &[];
