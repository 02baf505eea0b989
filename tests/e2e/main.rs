//! End to end. One binary of many modules, so that it links once.

mod bad_input;
mod belts;
mod cli;
mod contract;
mod exposure;
mod faults;
mod repeats;
mod rotate;
mod rotation;
mod samples;
mod sweeps;
mod words;
