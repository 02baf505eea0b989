//! How to talk to Alibaba Cloud: credentials, signatures, transport, retry, throttle, paging, errors. It
//! knows the protocols and nothing of security; what can be asked stands in `cloud`.
//!
//! The layers of one call, outermost first: [`Session::call`] → retry → throttle → sign → send. Signing is
//! inside retry, since each attempt needs its own nonce and date.
//!
//! ```no_run
//! # use shared::openapi::*;
//! # use shared::ambient::*;
//! # async fn demo(credentials: Credentials) -> Result<(), Error> {
//! #[derive(serde::Serialize)]
//! struct GetCallerIdentity {}
//! impl Action for GetCallerIdentity {
//!     const API: Api = Api::rpc("sts", "2015-04-01", "GetCallerIdentity", Host::Central("sts.aliyuncs.com"));
//!     type Response = serde_json::Value;
//! }
//! let client = Client::new(&Env::system(), Clock::system(), Random::system())?;
//! let me = client.session(credentials, None).call(&GetCallerIdentity {}).await?;
//! println!("{}", me.value["Arn"]);
//! # Ok(()) }
//! ```

mod action;
pub mod chain;
mod client;
mod credentials;
mod encode;
mod error;
mod oss;
mod paging;
mod reply;
mod retry;
#[cfg(test)]
pub(crate) mod scripted;
pub mod sign;
mod throttle;
mod transport;

pub use action::{Action, Answer, Api, Effect, Empty, Host, Rate, Style};
pub(crate) use client::AGENT;
pub use client::{Client, Session};
pub use credentials::Credentials;
pub use encode::{canonical_query, flatten, percent, percent_path};
pub use error::{Error, Kind, Refusal};
pub use oss::{Bucket, Object, document};
pub use paging::{Cursor, Paged};
pub use retry::RetryPolicy;
pub use throttle::Limiter;
pub(crate) use transport::safe_url;
pub use transport::{HttpTransport, Reply, Request, SendError, Target, Transport};
