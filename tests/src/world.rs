//! A function in this process against the simulator, with a hand on the clock, the network and the store.
