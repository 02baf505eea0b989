//! How the demo looks: colours and a pause on a terminal, plain text in a pipe.

use std::cell::Cell;
use std::time::Duration;

use crate::output::{Paint, Style, line};

/// Where the demo is played.
pub(crate) struct Stage {
    paint: Paint,
    scenes: Cell<u32>,
    failed: Cell<u32>,
}

/// Text is broken at this width.
const WIDTH: usize = 100;

impl Stage {
    pub(crate) fn new() -> Self {
        Self { paint: Paint::stdout(), scenes: Cell::new(0), failed: Cell::new(0) }
    }

    /// Whether anything did not go as it should.
    pub(crate) fn failed(&self) -> bool {
        self.failed.get() > 0
    }

    pub(crate) fn title(&self, text: &str) {
        line("");
        line(&self.paint.text(Style::Bold, text));
    }

    pub(crate) fn scene(&self, text: &str) {
        self.pause();
        self.scenes.set(self.scenes.get() + 1);
        line("");
        line(&self.paint.text(Style::Cyan, &format!("{}. {text}", self.scenes.get())));
    }

    pub(crate) fn say(&self, text: &str) {
        for part in wrapped(text, WIDTH - 3) {
            line(&format!("   {part}"));
        }
    }

    pub(crate) fn fact(&self, name: &str, text: &str) {
        let mut parts = wrapped(text, WIDTH - 26).into_iter();
        let first = parts.next().unwrap_or_default();
        line(&format!("   {} {first}", self.paint.text(Style::Dim, &format!("{name:<22}"))));
        for part in parts {
            line(&format!("   {:<22} {part}", ""));
        }
    }

    /// Something that must hold, and what was seen.
    pub(crate) fn expect(&self, what: &str, holds: bool, seen: &str) {
        let mark = if holds {
            self.paint.text(Style::Green, "ok  ")
        } else {
            self.failed.set(self.failed.get() + 1);
            self.paint.text(Style::Red, "FAIL")
        };
        if 57 + seen.chars().count() <= WIDTH {
            let seen = self.paint.text(Style::Dim, seen);
            return line(&format!("   {mark} {what:<48} {seen}"));
        }
        line(&format!("   {mark} {what}"));
        for part in wrapped(seen, WIDTH - 11) {
            line(&format!("        {}", self.paint.text(Style::Dim, &part)));
        }
    }

    /// A message as people get it.
    pub(crate) fn message(&self, severity: &str, text: &str) {
        self.pause();
        let style = match severity {
            "critical" => Style::Red,
            "info" => Style::Green,
            _ => Style::Yellow,
        };
        for (index, row) in text.lines().enumerate() {
            for (number, part) in wrapped(row, WIDTH - 7).into_iter().enumerate() {
                let bar = self.paint.text(style, "|");
                // What belongs to a point of a list stands under it.
                let part = if number > 0 && row.starts_with("- ") { format!("  {part}") } else { part };
                let part = if index == 0 { self.paint.text(Style::Bold, &part) } else { part };
                line(&format!("   {bar} {part}"));
            }
        }
    }

    pub(crate) fn curtain(&self) {
        line("");
        if self.failed() {
            line(
                &self
                    .paint
                    .text(Style::Red, &format!("{} part(s) did not go as they should.", self.failed.get())),
            );
        } else {
            line("Try it on your account without changing anything: README.md, \"Rehearse\".");
        }
    }

    fn pause(&self) {
        if self.paint.is_on() {
            std::thread::sleep(Duration::from_millis(700));
        }
    }
}

/// Breaks at spaces; an empty row stays one. Text without spaces (Chinese, ids) is left as it is.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in text.split(' ') {
        let row = rows.last_mut().expect("there is always a row");
        if !row.is_empty() && row.chars().count() + 1 + word.chars().count() > width {
            rows.push(word.to_owned());
        } else {
            if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
        }
    }
    rows
}
