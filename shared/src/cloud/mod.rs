//! The typed actions, one file per product: request, response, permission, rate. Adding an API is one struct.
//!
//! Parameters and answers follow the official SDK models and the API pages; where a page leaves a field open
//! it is optional here. A field that must be there to conclude anything is required: an answer without it is
//! an error, never an empty list.

pub mod actiontrail;
pub mod alb;
pub mod apigateway;
pub mod clickhouse;
pub mod cr;
pub mod cs;
pub mod ecs;
pub mod elasticsearch;
pub mod eventbridge;
pub mod fc;
pub mod global_whitelist;
pub mod ims;
pub mod kms;
pub mod mongodb;
pub mod nas;
mod network_policy;
pub mod nlb;
pub mod notation;
pub mod oos;
pub mod oss;
pub mod polardb;
pub mod ram;
pub mod rds;
pub mod redis;
pub mod ros;
pub mod shape;
pub mod slb;
pub mod sls;
pub mod sts;
pub mod user_data;
pub mod vpc;
mod wire;

pub use network_policy::{NetworkPolicy, PolicyError};
