//! What the end-to-end tests stand on: real binaries, the simulator, and ways to break what lies between.

pub mod measure;
pub mod process;
pub mod world;
