//! Real binaries, started and spoken to as Function Compute does.
