//! Root-key response.
fn main() {}
