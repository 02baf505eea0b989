//! Where credentials come from on a laptop.
