//! Exposure scan. Started nightly by a timer: finds what the internet can reach, by which path, compares with the last night, and says
//! what changed. May: read. Never: change anything.

fn main() -> std::process::ExitCode {
    shared::runtime::serve(exposure_scan::handle)
}
