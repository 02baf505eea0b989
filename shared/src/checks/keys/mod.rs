//! Access keys: how old, how idle, how many, and who looks after them.

mod stage;
#[cfg(test)]
mod tests;

pub(crate) use stage::ago;
pub use stage::{Stage, Use, due_at, stage, stage_by_age};

use super::checks;

checks! {
    console_and_key_user: CONSOLE_AND_KEY_USER,
    idle_access_key: IDLE_ACCESS_KEY,
    idle_keys_stay_enabled: IDLE_KEYS_STAY_ENABLED,
    old_access_key: OLD_ACCESS_KEY,
    root_access_key: ROOT_ACCESS_KEY,
    self_managed_access_keys: SELF_MANAGED_ACCESS_KEYS,
    several_access_keys: SEVERAL_ACCESS_KEYS,
}
