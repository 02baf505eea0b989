//! Key rotation: every key found and staged, every message once, nobody forgotten, and no key disabled that must not be.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod advice;
mod crashes;
mod deployed;
mod disabling;
mod faults;
mod month;
mod owners;
mod population;
mod random;
mod stage;
mod unread;
