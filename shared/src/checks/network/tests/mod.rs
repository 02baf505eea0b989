//! The checks on the cases that other scanners get wrong, alone and in pairs, and on each way from the internet to an instance.

mod account;
mod balancers;
mod groups;
mod size;
mod unread;
mod ways;
