//! The custom runtime of Function Compute: an HTTP server, and what one invocation gets.
//!
//! A function's main is one call of [`serve`]. `harden` and tests run the same server inside their own process with
//! [`listen`], or call a handler without any server with a context from [`Host::context`].
//!
//! Nothing but the port is looked at before the server listens: the platform waits for it at every cold start.

mod failure;
mod host;
mod panics;
mod request;
mod server;
#[cfg(test)]
mod tests;

pub use failure::Failure;
pub use host::{Context, Host, Invocation};
pub use panics::log_panics;
pub use request::MAX_BODY;
pub use server::{listen, signalled};

use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;

use bytes::Bytes;
use serde_json::Value;

use crate::ambient::Env;
use crate::log::Log;

/// Where the platform expects a server that was told nothing else.
const DEFAULT_PORT: u16 = 9000;

/// Runs a function until the platform stops it: `handle` gets the body of each invocation. Invocations run
/// concurrently on one thread. Exit code 0 after a stop, 1 when the port cannot be had, 2 when a setting is wrong.
pub fn serve<H, F>(handle: H) -> ExitCode
where
    H: Fn(Context, Bytes) -> F + 'static,
    F: Future<Output = Result<Value, Failure>> + 'static,
{
    let port = match port(&Env::system()) {
        Ok(port) => port,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::from(2);
        }
    };
    // All addresses: the platform does not come by way of the loopback.
    let started = bind(port).and_then(|listener| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        log_panics(Log::stdout);
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            listen(listener, Host::system(), handle, server::signalled()).await;
            Ok::<_, std::io::Error>(())
        })?;
        // A name lookup may still sit in a thread of its own; nobody waits for it.
        runtime.shutdown_background();
        Ok(())
    });
    match started {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot listen on 0.0.0.0:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bind(port: u16) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// `FC_SERVER_PORT`, else `FC_CUSTOM_LISTEN_PORT`, else 9000.
fn port(env: &Env) -> Result<u16, String> {
    let named =
        ["FC_SERVER_PORT", "FC_CUSTOM_LISTEN_PORT"].into_iter().find_map(|name| Some((name, env.get(name)?)));
    let Some((name, value)) = named else { return Ok(DEFAULT_PORT) };
    match value.trim().parse() {
        Ok(port) if port != 0 => Ok(port),
        _ => Err(format!("{name}: {value:?} is not a port: a number from 1 to 65535")),
    }
}
