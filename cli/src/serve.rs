//! `harden serve`.
