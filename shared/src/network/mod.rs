//! The network, as it works: sets of addresses and ports, and who is let in. Pure: no I/O, no clock.
//!
//! Everything that could not be read is carried as two bounds: what is certainly let in, and what possibly is.

mod addresses;
mod openness;
mod ports;
mod ranges;

pub use addresses::{AddressSet, INTERNET, Share};
pub use openness::Openness;
pub use ports::{Opening, PortMap, PortSet};
pub use ranges::{Number, Ranges};
