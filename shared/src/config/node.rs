//! The text of the file as a tree of nodes that know their place.
//!
//! Written out by hand over the parser's events, and not derived through serde-saphyr's deserializer: that
//! one costs every function binary about 550 KB, for anchors, tags, snippets and encodings which this small
//! file has no use for. The serializer behind [`Config::show`](super::Config::show) is reached by the command
//! line only, and so is not linked into the functions.

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, StrInput};

/// Mappings and lists within one another; the format itself needs four. It bounds the recursion below.
const DEEPEST: usize = 16;

/// A line and a column of the file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

/// What is wrong, and where. Becomes a `ConfigError` where the file's name is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) place: Place,
    pub(super) what: String,
}

/// A value of the file and where it begins.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    value: Value,
}

#[derive(Debug)]
enum Value {
    /// Nothing at all, or one of YAML's words for it.
    Null,
    /// Any other scalar. What it means is for its reader to say: `10` may be a name or a number.
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// The name of a key, and how its value gets into a `T`.
pub(super) type Key<T> = (&'static str, fn(&mut T, &Node) -> Result<(), Wrong>);

/// What a mapping is read into.
pub(super) trait Section: Sized + 'static {
    /// The keys that are known, in the order in which errors list them.
    const KEYS: &'static [Key<Self>];
    /// Those of them that have no default. A section without any may be left empty.
    const REQUIRED: &'static [&'static str] = &[];

    /// What it is before its keys are read. Every key in `REQUIRED` replaces what stands here.
    fn blank(place: Place) -> Self;
}

impl Node {
    /// Reads the only document of a text. `None` where there is not even an empty one.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, Wrong> {
        // An unknown alias is no other mistake than a known one.
        let mut options = granit_parser::options! {
            flow_nesting_limit: DEEPEST,
            block_nesting_limit: DEEPEST,
            emit_unresolved_aliases: true,
        };
        options.set_emit_comments(false);
        let mut events = Events(Parser::new_from_str_with_options(text, options));
        let mut root = None;
        loop {
            let (event, place) = events.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::DocumentStart(..) if root.is_some() => {
                    return Err(place.wrong("a second document begins here; accepted: one"));
                }
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                event => root = Some(events.node(event, place, 0)?),
            }
        }
    }

    /// The mapping's keys, read in the order of the file.
    pub(super) fn section<T: Section>(&self) -> Result<T, Wrong> {
        let mut section = T::blank(self.place);
        let entries = match &self.value {
            Value::Map(entries) => entries.as_slice(),
            // A section of which only the heading is left, with everything under it commented out.
            Value::Null if T::REQUIRED.is_empty() => &[],
            _ => return Err(self.expected("a mapping")),
        };
        let mut seen = Vec::new();
        for (key, value) in entries {
            let name = key.text()?;
            let Some((_, read)) = T::KEYS.iter().find(|(known, _)| *known == name) else {
                let known: Vec<_> = T::KEYS.iter().map(|(known, _)| *known).collect();
                return Err(key.wrong(format!("unknown key {name:?}; accepted here: {}", known.join(", "))));
            };
            if seen.contains(&name) {
                return Err(key.wrong(format!("the key {name:?} stands here twice")));
            }
            seen.push(name);
            read(&mut section, value)?;
        }
        match T::REQUIRED.iter().find(|required| !seen.contains(required)) {
            Some(missing) => Err(self.wrong(format!("the key {missing:?} is missing"))),
            None => Ok(section),
        }
    }

    /// The list's entries. No value is no entries.
    pub(super) fn list<T>(&self, read: fn(&Self) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
        match &self.value {
            Value::Null => Ok(Vec::new()),
            Value::List(items) => items.iter().map(read).collect(),
            _ => Err(self.expected("a list")),
        }
    }

    /// The text, as it stands there without its quotes.
    pub(super) fn text(&self) -> Result<&str, Wrong> {
        match &self.value {
            Value::Text(text) => Ok(text),
            Value::Null => Err(self.wrong("a value is missing")),
            _ => Err(self.expected("a text")),
        }
    }

    /// The same, where no value is an answer too.
    pub(super) fn text_or_none(&self) -> Result<Option<&str>, Wrong> {
        if matches!(self.value, Value::Null) { Ok(None) } else { self.text().map(Some) }
    }

    /// What the text means.
    pub(super) fn parse_text<T>(&self, read: fn(&str) -> Result<T, String>) -> Result<T, Wrong> {
        read(self.text()?).map_err(|why| self.wrong(why))
    }

    /// One of a few words.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, Wrong> {
        let text = self.text()?;
        words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.wrong(format!("{text:?} is not accepted here; one of: {}", words.join(", ")))
        })
    }

    /// A boolean. YAML 1.1's words for them are read as well, since that is what a person who writes `no`
    /// means by it.
    pub(super) fn boolean(&self) -> Result<bool, Wrong> {
        let text = match &self.value {
            Value::Text(text) => text.trim_matches([' ', '\t', '\r', '\n']),
            _ => "",
        };
        let any = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        match (any(["true", "yes", "y", "on"]), any(["false", "no", "n", "off"])) {
            (true, _) => Ok(true),
            (_, true) => Ok(false),
            // What stands there is not repeated, here and below: it may be a secret in the wrong line.
            _ => Err(self.wrong("not a boolean; accepted: true, false")),
        }
    }

    pub(super) fn wrong(&self, what: impl Into<String>) -> Wrong {
        self.place.wrong(what)
    }

    fn expected(&self, what: &str) -> Wrong {
        let found = match self.value {
            Value::Null => "nothing",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        };
        self.wrong(format!("expected {what}, found {found}"))
    }
}

impl Place {
    fn wrong(self, what: impl Into<String>) -> Wrong {
        Wrong { place: self, what: what.into() }
    }
}

/// The parser's events, each with its place.
struct Events<'a>(Parser<'a, StrInput<'a>>);

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Place), Wrong> {
        match self.0.next_event() {
            Some(Ok((event, span))) => Ok((event, begin(&span))),
            Some(Err(error)) => Err(unreadable(&error)),
            None => Err(Place::default().wrong("the text ends too early")),
        }
    }

    /// The node that begins with this event.
    fn node(&mut self, event: Event<'a>, place: Place, depth: usize) -> Result<Node, Wrong> {
        if event.is_alias() || event.anchor_id().is_some() {
            return Err(place.wrong("anchors (&) and aliases (*) are not accepted; write the value out"));
        }
        if event.tag().is_some() {
            return Err(place.wrong("tags (!) are not accepted; write the value alone"));
        }
        // The parser counts lists and mappings in brackets and those by indentation each on its own.
        if depth > DEEPEST {
            return Err(too_deep(place));
        }
        let value = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..)
                if matches!(&*text, "" | "~" | "null" | "Null" | "NULL") =>
            {
                Value::Null
            }
            Event::Scalar(text, ..) => Value::Text(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                while let Some(item) = self.child(depth)? {
                    items.push(item);
                }
                Value::List(items)
            }
            Event::MappingStart(..) => {
                let mut entries = Vec::new();
                while let Some(key) = self.child(depth)? {
                    if !matches!(key.value, Value::Text(_)) {
                        return Err(key.expected("the name of a key"));
                    }
                    let value = self.child(depth)?.ok_or_else(|| key.wrong("a value is missing"))?;
                    entries.push((key, value));
                }
                Value::Map(entries)
            }
            _ => return Err(place.wrong("expected a value")),
        };
        Ok(Node { place, value })
    }

    /// The next node within a list or a mapping; `None` at its end.
    fn child(&mut self, depth: usize) -> Result<Option<Node>, Wrong> {
        match self.next()? {
            (Event::SequenceEnd | Event::MappingEnd, _) => Ok(None),
            (event, place) => self.node(event, place, depth + 1).map(Some),
        }
    }
}

fn begin(span: &Span) -> Place {
    at(span.start.line(), span.start.col())
}

/// The parser counts lines from 1, columns from 0.
fn at(line: usize, column: usize) -> Place {
    Place { line: line as u64, column: column as u64 + 1 }
}

fn unreadable(error: &ScanError) -> Wrong {
    let place = at(error.marker().line(), error.marker().col());
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => too_deep(place),
        kind => place.wrong(format!("not YAML: {kind}")),
    }
}

fn too_deep(place: Place) -> Wrong {
    place.wrong(format!("nested too deeply; accepted: {DEEPEST} levels"))
}

#[cfg(test)]
mod tests;
