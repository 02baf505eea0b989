//! An Alibaba Cloud account in a process.
//!
//! It speaks the real wire protocol on loopback HTTP and checks what the real cloud checks: signatures, tokens,
//! clocks, nonces, parameters, RAM policies, AccessKey network policies. It shares no code with the client,
//! so that neither can hide the other's errors.
//!
//! # Use
//!
//! ```
//! use simulator::{Account, Fault, FaultKind, Settings, Simulator, Variant};
//!
//! let cloud = Simulator::start(Account::builtin(), Settings::default())?;
//! // ALIBABA_CLOUD_ENDPOINT_URL; the Host header stays that of the real product.
//! let _url = cloud.base_url();
//! let _keys = cloud.credentials("hardening-root-key-revoke").expect("a role of the built-in account");
//!
//! // Something happens in the account, and EventBridge tells of it.
//! let made = cloud.root_creates_key(Variant::Ims);
//! let _event = Simulator::envelope(&made.event, &cloud.account_id());
//!
//! // The network is not always kind: the first reply to SetAccessKeyPolicy is lost, though it was done.
//! cloud.fault(Fault::new("ims:SetAccessKeyPolicy", FaultKind::Reset));
//!
//! // Afterwards: what was called, with which result, and who was locked out.
//! assert!(cloud.calls().iter().all(|call| call.unknown.is_empty()));
//! assert!(cloud.lockouts().is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A call comes from the address in its header `x-simulated-source-ip`, else from its credential's
//! `calls_from` in the account file, else from 203.0.113.10; from the VPC in `x-simulated-source-vpc`, if any.
//! Requests to `/inbox/<name>` are kept: a target for notifications.
//!
//! Large accounts, and what a scan must find in them, come from [`generated`]. A region is cut off by
//! [`Fault::in_region`]; [`FaultKind::RepeatedPage`], [`FaultKind::EndlessPages`] and [`FaultKind::Deleted`] try what
//! reads long lists. Documented request rates bind unless [`Settings::rate_limits`] is off.
//!
//! Days go by with [`Settings::ahead`], without waiting and without staling signatures. People act through the
//! methods of [`Simulator`] that are named after them, programs through [`Simulator::use_key`].
//!
//! # How it is built
//!
//! [`Simulator`] holds the state behind a mutex; a thread of its own serves HTTP. A request goes through
//! `cloud`: product and action by host and headers, then signature, network policy, parameters, RAM
//! policy, and the API itself. What the documents leave open is in [`Settings`].
//!
//! # To add a product
//!
//! Write `src/products/<name>.rs` with a `PRODUCT`: its hosts, its version, and its list of APIs, each with
//! required and optional parameters, the RAM action and resource it needs, and the function that answers. Add
//! the name to the list in `src/products.rs`. `ram.rs` is a short example. What it keeps goes into `Account`.
//! Parameters that exist but are not heeded are listed as unplayed: they are refused, and no fault of the client.

mod account;
mod caller;
mod clock;
mod cloud;
mod console;
mod endless;
mod error;
mod fault;
mod generate;
mod ids;
mod network_policy;
mod pace;
mod paging;
mod pattern;
mod permission;
mod product;
mod products;
mod programs;
mod record;
mod region;
mod regional;
mod request;
mod server;
mod settings;
mod signature;
mod simulator;
#[cfg(test)]
mod tests;
mod trail;
mod wildcard;
mod xml;

pub use account::{Account, AccountError};
pub use fault::{Fault, FaultKind, Staleness};
pub use generate::{Fail, Generated, Size, Stored, Truth, generated, stored};
pub use record::{Call, Delivery, Keys, Lockout, NewKey, RootKeyAction, Variant};
pub use settings::{
    EventsRegion, PolicyMissing, PolicyWithoutStatements, ReportEncoding, RoleWithoutUser, Settings,
};
pub use simulator::Simulator;
