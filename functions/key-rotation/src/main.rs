//! Key rotation. Started daily by a timer: tells owners which access keys are due, idle or forgotten, and security how the account
//! stands. May, if the configuration says so: disable a key, after notice, with undo. Never: delete.

fn main() -> std::process::ExitCode {
    shared::runtime::serve(key_rotation::handle)
}
