//! `harden rotate`: from the second key to the deletion of the first, interrupted everywhere; and when it must not go on.

mod aborts;
mod command;
mod crashes;
mod faults;
mod orphans;
mod rehearsals;
mod stage;
mod stops;
