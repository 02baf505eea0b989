//! What at least two functions use.
