//! Writing to a person: results to standard output, the rest to standard error; colour only on a terminal that wants it.

use std::io::{IsTerminal as _, Write as _};

/// A line of the result.
pub(crate) fn line(text: &str) {
    // A closed pipe is the reader's way of having had enough.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A line beside the result.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Something went wrong: one line, whatever a service may have put into its message.
pub(crate) fn problem(text: &str) {
    note(&format!("harden: {}", text.lines().map(str::trim).collect::<Vec<_>>().join(" ")));
}

/// How a text is to look, where looks are possible.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Cyan,
}

/// Text styles for standard output: escape codes on a terminal, nothing in a pipe or with `NO_COLOR`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    /// As standard output is.
    pub(crate) fn stdout() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self(std::io::stdout().is_terminal() && !plain && !dumb)
    }

    /// For what goes into a file.
    pub(crate) fn off() -> Self {
        Self(false)
    }

    /// Whether somebody is watching.
    pub(crate) fn is_on(self) -> bool {
        self.0
    }

    /// The text in that style.
    pub(crate) fn text(self, style: Style, text: &str) -> String {
        if !self.0 {
            return text.to_owned();
        }
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Red => "1;31",
            Style::Green => "32",
            Style::Yellow => "33",
            Style::Cyan => "36",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}
