//! The file as a tree whose every node knows its place, read with the parser alone.
//!
//! Why not through serde-saphyr, which writes the file (`Config::show`): its deserialiser, with the visitors of
//! every struct over it and the drawing of snippets, costs about 550 KB in the binary of each function, and a
//! function's binary is what a cold start loads. Of YAML, a configuration needs neither anchors nor tags.

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::Place;

/// Deeper than the format goes, and shallow enough for any stack.
const DEEPEST: usize = 16;

/// What is wrong, and where. Says nothing of a value that may be a secret.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) place: Place,
    pub(super) what: String,
}

/// A value of the file.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Null,
    Text(String),
    List(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

/// A mapping whose keys are all known, and stand there once.
pub(super) struct Mapping<'a> {
    place: Place,
    entries: Vec<(&'a str, &'a Node)>,
}

/// Reads a text of one document; `None` when there is nothing in it.
pub(super) fn parse(text: &str) -> Result<Option<Node>, Wrong> {
    // What stands behind a '*' may be a secret that lacks its quotes: the parser's own error would show it.
    let mut options = granit_parser::options! { emit_unresolved_aliases: true };
    // Another dependency may have switched comments on for the whole build.
    options.set_emit_comments(false);
    let mut reader = Reader { parser: Parser::new_from_str_with_options(text, options) };
    let mut root = None;
    loop {
        let (event, place) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(root),
            Event::StreamStart | Event::DocumentEnd => {}
            Event::DocumentStart(..) if root.is_some() => {
                return Err(wrong(place, "a second document begins here; accepted: one"));
            }
            Event::DocumentStart(..) => {}
            event => root = Some(reader.node(event, place, 0)?),
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Place), Wrong> {
        match self.parser.next_event() {
            Some(Ok((event, Span { start, .. }))) => Ok((event, place(start.line(), start.col()))),
            Some(Err(error)) => Err(unreadable(&error)),
            None => Ok((Event::StreamEnd, Place::default())),
        }
    }

    fn node(&mut self, event: Event<'a>, place: Place, depth: usize) -> Result<Node, Wrong> {
        if depth > DEEPEST {
            return Err(wrong(place, format!("nested too deep; accepted: {DEEPEST} levels")));
        }
        let (Event::Scalar(_, _, anchor, ref tag)
        | Event::SequenceStart(_, anchor, ref tag)
        | Event::MappingStart(_, anchor, ref tag)) = event
        else {
            return Err(wrong(
                place,
                "an alias is not accepted; write the value out, or quote a leading '*'",
            ));
        };
        if anchor != 0 {
            return Err(wrong(place, "an anchor is not accepted; quote a leading '&'"));
        }
        if tag.is_some() {
            return Err(wrong(place, "a tag is not accepted; quote a leading '!'"));
        }
        let kind = match event {
            Event::Scalar(text, ScalarStyle::Plain, ..)
                if matches!(&*text, "" | "~" | "null" | "Null" | "NULL") =>
            {
                Kind::Null
            }
            Event::Scalar(text, ..) => Kind::Text(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break Kind::List(items),
                        (event, place) => items.push(self.node(event, place, depth + 1)?),
                    }
                }
            }
            _ => {
                let mut entries = Vec::new();
                loop {
                    let (event, place) = self.next()?;
                    if event == Event::MappingEnd {
                        break Kind::Mapping(entries);
                    }
                    let key = self.node(event, place, depth + 1)?;
                    let (event, place) = self.next()?;
                    entries.push((key, self.node(event, place, depth + 1)?));
                }
            }
        };
        Ok(Node { place, kind })
    }
}

fn unreadable(error: &ScanError) -> Wrong {
    let info = error.info();
    let at = error.marker();
    wrong(place(at.line(), at.col()), info.lines().next().unwrap_or_default())
}

/// The parser counts lines from 1 and columns from 0.
fn place(line: usize, column: usize) -> Place {
    Place { line: line as u64, column: column as u64 + 1 }
}

fn wrong(place: Place, what: impl Into<String>) -> Wrong {
    Wrong { place, what: what.into() }
}

impl Node {
    /// Something else is wrong with it.
    pub(super) fn wrong(&self, what: impl Into<String>) -> Wrong {
        wrong(self.place, what)
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// What it says, a number or a boolean as it is spelt.
    pub(super) fn text(&self) -> Result<&str, Wrong> {
        match &self.kind {
            Kind::Text(text) => Ok(text),
            Kind::Null => Err(self.wrong("a value is missing")),
            _ => Err(self.expected("a text")),
        }
    }

    pub(super) fn list(&self) -> Result<&[Node], Wrong> {
        match &self.kind {
            Kind::List(items) => Ok(items),
            _ => Err(self.expected("a list")),
        }
    }

    /// Its entries, when no other key than these stands there, and none twice.
    pub(super) fn mapping(&self, accepted: &[&str]) -> Result<Mapping<'_>, Wrong> {
        self.checked(|node, key| {
            if accepted.contains(&key) {
                return Ok(());
            }
            let accepted = accepted.join(", ");
            Err(node.wrong(format!("unknown key {key:?}; accepted here: {accepted}")))
        })
    }

    /// Its entries, whatever their keys, none twice.
    pub(super) fn entries(&self) -> Result<Vec<(&str, &Node)>, Wrong> {
        self.checked(|_, _| Ok(())).map(|mapping| mapping.entries)
    }

    fn checked(&self, accept: impl Fn(&Node, &str) -> Result<(), Wrong>) -> Result<Mapping<'_>, Wrong> {
        let Kind::Mapping(found) = &self.kind else { return Err(self.expected("a mapping")) };
        let mut entries = Vec::new();
        for (node, value) in found {
            let key = match &node.kind {
                Kind::Text(key) => key.as_str(),
                Kind::Null => "",
                _ => return Err(node.expected("a key")),
            };
            accept(node, key)?;
            if entries.iter().any(|(other, _)| *other == key) {
                return Err(node.wrong(format!("the key {key:?} stands here twice")));
            }
            entries.push((key, value));
        }
        Ok(Mapping { place: self.place, entries })
    }

    fn expected(&self, what: &str) -> Wrong {
        let found = match self.kind {
            Kind::Null => "nothing",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        };
        self.wrong(format!("expected {what}, found {found}"))
    }
}

impl<'a> Mapping<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(found, _)| *found == key).map(|(_, value)| *value)
    }

    pub(super) fn required(&self, key: &str) -> Result<&'a Node, Wrong> {
        self.get(key).ok_or_else(|| wrong(self.place, format!("the key {key:?} is missing")))
    }

    /// Reads the key's value over the default, where there is one.
    pub(super) fn read<T>(
        &self,
        key: &str,
        into: &mut T,
        how: impl FnOnce(&Node) -> Result<T, Wrong>,
    ) -> Result<(), Wrong> {
        if let Some(node) = self.get(key) {
            *into = how(node)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
