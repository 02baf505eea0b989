//! harden
fn main() {}
