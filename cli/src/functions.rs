//! The functions there are: what each needs, which events it wants, and how it is called.

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use shared::openapi::Api;
use shared::runtime::{Context, Failure};

/// One function.
pub(crate) struct Function {
    /// Its name, as the binary and s.yaml have it.
    pub(crate) name: &'static str,
    /// Every action it calls.
    pub(crate) needs: fn() -> Vec<Api>,
    /// The pattern of the events it is started by.
    pub(crate) pattern: Option<&'static str>,
    /// Runs it.
    pub(crate) handle: fn(Context, Bytes) -> LocalBoxFuture<'static, Result<Value, Failure>>,
}

/// All of them.
pub(crate) const FUNCTIONS: &[Function] = &[
    Function {
        name: "root-key-revoke",
        needs: root_key_revoke::needs,
        pattern: Some(root_key_revoke::EVENT_PATTERN),
        handle: |ctx, event| Box::pin(root_key_revoke::handle(ctx, event)),
    },
    Function {
        name: key_rotation::FUNCTION,
        needs: key_rotation::needs,
        pattern: None,
        handle: |ctx, event| Box::pin(key_rotation::handle(ctx, event)),
    },
    Function {
        name: exposure_scan::FUNCTION,
        needs: exposure_scan::needs,
        pattern: None,
        handle: |ctx, event| Box::pin(exposure_scan::handle(ctx, event)),
    },
];

/// The function of that name.
pub(crate) fn find(name: &str) -> anyhow::Result<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name).ok_or_else(|| {
        let names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
        anyhow::anyhow!("there is no function {name:?}; there are: {}", names.join(", "))
    })
}
