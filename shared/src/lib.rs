//! The library behind every hardening function: what at least two functions use.
//!
//! Two ways lead through it, both straight. An event goes `runtime` → `events` → (a pure decision in the
//! function) → `response` (record, act, read back) → `notify`. A command of `harden` enters at the same
//! place as the function binary does, so both run the same code. ARCHITECTURE.md maps the rooms.

pub mod ambient;
pub mod checks;
pub mod cloud;
pub mod collect;
pub mod config;
pub mod events;
pub mod log;
pub mod network;
pub mod notify;
pub mod openapi;
pub mod report;
pub mod response;
pub mod runtime;
pub mod secrets;
pub mod snapshot;
pub mod state;
