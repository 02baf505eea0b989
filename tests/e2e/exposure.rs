//! Exposure scan: everything that the internet can reach, nothing that it cannot, and UNKNOWN where it could not be read.

#![allow(clippy::unwrap_used)]

mod faults;
mod nights;
mod stage;
mod truth;
