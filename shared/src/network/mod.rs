//! The network, as it works: sets of addresses and ports, and who is let in. Pure: no I/O, no clock.
//!
//! Everything that could not be read is carried as two bounds: what is certainly let in, and what possibly is.

mod addresses;
mod bounds;
mod exposure;
mod first_match;
mod frontdoor;
mod openness;
mod ports;
mod ranges;
mod rulebook;
mod subnet_guard;

pub use addresses::{AddressSet, INTERNET, Share};
pub use bounds::Bounds;
pub use exposure::{Exposure, GroupReach, Path};
pub use frontdoor::Frontdoor;
pub use openness::{Openness, Threshold};
pub use ports::{Opening, PortMap, PortSet};
pub use ranges::{Number, Ranges};
pub use rulebook::{Admitted, Clients, Destination, Nic, Question, Rulebook};
