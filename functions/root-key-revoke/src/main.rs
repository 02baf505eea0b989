//! Root-key response. Started by EventBridge when the root account creates an access key, and by a timer that
//! follows up open cases. May: disable a key, set AccessKey network policies. Never: delete.

fn main() -> std::process::ExitCode {
    shared::runtime::serve(root_key_revoke::handle)
}
