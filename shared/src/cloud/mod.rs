//! The typed actions, one file per product: request, response, permission, rate. Adding an API is one struct.
//!
//! Parameters and answers follow the official SDK models and the API pages; where a page leaves a field open
//! it is optional here. A field that must be there to conclude anything is required: an answer without it is
//! an error, never an empty list.

pub mod actiontrail;
pub mod alb;
pub mod ecs;
pub mod eventbridge;
pub mod ims;
pub mod kms;
mod network_policy;
pub mod nlb;
pub mod notation;
pub mod ram;
pub mod shape;
pub mod slb;
pub mod sts;
pub mod vpc;

pub use network_policy::{NetworkPolicy, PolicyError};
