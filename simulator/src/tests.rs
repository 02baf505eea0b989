//! The whole simulator over HTTP, with a client of its own that signs with the code which verifies: the
//! vectors in `signature/tests.rs` hold that code.

mod access_keys;
mod buckets;
mod client;
mod clock;
mod console;
mod credential_report;
mod databases;
mod doors;
mod faults;
mod kms;
mod network;
mod products;
mod simple_log;
mod users;
mod wire;
