//! From night to night: what is new, what is fixed, what is accepted, and what could not be read.
