//! Log lines: JSON, one a line, each with the request id, as the contract of Function Compute's logs wants
//! them. A value that is secret never reaches here: what is logged are names, counts, codes and messages
//! that were scrubbed when they came in.

use std::io::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

/// Writes the lines of one invocation.
#[derive(Clone)]
pub struct Log {
    request_id: Arc<str>,
    sink: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Log {
    /// To standard output, which Function Compute collects.
    pub fn stdout(request_id: &str) -> Self {
        Self::to(request_id, |line| {
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        })
    }

    /// To standard error: commands keep standard output for their result.
    pub fn stderr(request_id: &str) -> Self {
        Self::to(request_id, |line| {
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        })
    }

    /// Nowhere.
    pub fn silent() -> Self {
        Self::to("", |_| {})
    }

    /// Wherever a test wants them.
    pub fn to(request_id: &str, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { request_id: request_id.into(), sink: Arc::new(sink) }
    }

    /// The request id that each line carries.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// A line that is not JSON: the start and end marks of the platform.
    pub fn mark(&self, text: &str) {
        (self.sink)(text);
    }

    /// Something worth knowing later. `fields` is an object.
    pub fn info(&self, message: &str, fields: Value) {
        self.line("info", message, fields);
    }

    /// Something that a person should look at.
    pub fn warn(&self, message: &str, fields: Value) {
        self.line("warn", message, fields);
    }

    /// Something that failed.
    pub fn error(&self, message: &str, fields: Value) {
        self.line("error", message, fields);
    }

    fn line(&self, level: &str, message: &str, fields: Value) {
        let mut line = json!({ "level": level, "requestId": &*self.request_id, "message": message });
        if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
            for (name, value) in fields {
                line.entry(name).or_insert(value);
            }
        }
        (self.sink)(&line.to_string());
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Log")
    }
}
