//! Where a store lives: what `HARDENING_STATE` says.

use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::{Memory, StateError, key};
use crate::ambient::Env;

/// The variable that says where the store lives.
pub const VARIABLE: &str = "HARDENING_STATE";

/// What a path keeps in a `file:` URL is everything that cannot be misread.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'?').add(b'<').add(b'>');

/// A place for a store.
#[derive(Debug, Clone)]
pub enum Location {
    /// In this process. Clones share what is stored, so keep one for the life of the process.
    Memory(Memory),
    /// A folder, by its absolute path. It is made when the first object is.
    Folder(PathBuf),
    /// A prefix in an OSS bucket.
    Bucket {
        /// The bucket's name.
        bucket: String,
        /// What all keys begin with, without a slash at either end; may be empty.
        prefix: String,
        /// The bucket's region id; `None`: the session's.
        region: Option<String>,
    },
}

impl Location {
    /// A new, empty store in memory.
    pub fn memory() -> Self {
        Self::Memory(Memory::default())
    }

    /// What `HARDENING_STATE` says, if it says anything. `memory:` is a new, empty one each time.
    ///
    /// # Errors
    /// As [`Location::parse`].
    pub fn from_env(env: &Env) -> Result<Option<Self>, StateError> {
        env.get(VARIABLE).map(Self::parse).transpose()
    }

    /// Reads one of
    /// - `memory:`
    /// - `file:///path/to/folder`: an absolute path; percent-encoded characters are decoded
    /// - `oss://bucket`, `oss://bucket/prefix`, both with or without `?region=cn-hangzhou`
    ///
    /// # Errors
    /// Anything else; the error names the variable and what was wrong.
    pub fn parse(text: &str) -> Result<Self, StateError> {
        let parsed = if text == "memory:" {
            Ok(Self::memory())
        } else if let Some(path) = text.strip_prefix("file:") {
            folder(path)
        } else if let Some(rest) = text.strip_prefix("oss://") {
            bucket(rest)
        } else {
            Err("memory:, file:///path or oss://bucket/prefix?region=... is expected".to_owned())
        };
        parsed.map_err(|why| StateError::Setting { variable: VARIABLE, why: format!("{text:?}: {why}") })
    }

    /// The default of commands that a person runs: `cloud-hardening` in the user's data folder, which is
    /// `$XDG_DATA_HOME` if that is an absolute path (XDG Base Directory Specification), else
    /// `$HOME/.local/share`.
    ///
    /// # Errors
    /// When neither variable names an absolute path.
    pub fn user_default(env: &Env) -> Result<Self, StateError> {
        let absolute = |name| env.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let data = absolute("XDG_DATA_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".local").join("share")))
            .ok_or_else(|| StateError::Setting {
                variable: VARIABLE,
                why: "not set, and neither XDG_DATA_HOME nor HOME says where your data folder is".to_owned(),
            })?;
        Ok(Self::Folder(data.join("cloud-hardening")))
    }
}

/// As `HARDENING_STATE` would say it.
impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory(_) => f.write_str("memory:"),
            Self::Folder(path) => f.write_str(&file_url(path)),
            Self::Bucket { bucket, prefix, region } => {
                write!(f, "oss://{bucket}")?;
                if !prefix.is_empty() {
                    write!(f, "/{prefix}")?;
                }
                region.as_ref().map_or(Ok(()), |region| write!(f, "?region={region}"))
            }
        }
    }
}

pub(super) fn file_url(path: &Path) -> String {
    format!("file://{}", utf8_percent_encode(&path.to_string_lossy(), PATH))
}

fn folder(path: &str) -> Result<Location, String> {
    let Some(path) = path.strip_prefix("//").filter(|path| path.starts_with('/')) else {
        return Err("file:// is followed by an absolute path: file:///var/lib/hardening".to_owned());
    };
    if path.contains(['?', '#']) {
        return Err("a file URL has no query; write ? as %3F and # as %23".to_owned());
    }
    let path = percent_decode_str(path).decode_utf8().map_err(|_| "the path is not UTF-8".to_owned())?;
    if path.contains('\0') {
        return Err("the path holds a NUL".to_owned());
    }
    Ok(Location::Folder(PathBuf::from(&*path)))
}

fn bucket(rest: &str) -> Result<Location, String> {
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    // The name becomes part of a host name that credentials are sent to. Rules: OSS, "Bucket naming".
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(3..=63).contains(&bucket.len())
        || !bucket.bytes().all(inner)
        || bucket.starts_with('-')
        || bucket.ends_with('-')
    {
        return Err(format!("{bucket:?} is not a bucket's name: 3 to 63 of a-z 0-9 -, no - at the ends"));
    }
    let prefix = prefix.trim_end_matches('/');
    if !prefix.is_empty() {
        key::check_key(prefix).map_err(|error| error.to_string())?;
    }
    let mut region = None;
    for (name, value) in query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    {
        if name != "region" {
            return Err(format!("{name:?} is not understood; only region is"));
        }
        if region.is_some() {
            return Err("the region is given twice".to_owned());
        }
        if value.is_empty() || !value.bytes().all(inner) {
            return Err(format!("{value:?} is not a region id, such as cn-hangzhou"));
        }
        region = Some(value.to_owned());
    }
    Ok(Location::Bucket { bucket: bucket.to_owned(), prefix: prefix.to_owned(), region })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_accepted_reads_the_same_again() {
        for (text, again) in [
            ("memory:", "memory:"),
            ("file:///var/lib/hardening", "file:///var/lib/hardening"),
            ("file:///home/me/my%20data", "file:///home/me/my%20data"),
            ("file:///home/me/my data", "file:///home/me/my%20data"),
            ("oss://hardening-state", "oss://hardening-state"),
            ("oss://hardening-state/", "oss://hardening-state"),
            ("oss://hardening-state/a/b/?region=cn-beijing", "oss://hardening-state/a/b?region=cn-beijing"),
        ] {
            assert_eq!(Location::parse(text).unwrap().to_string(), again);
        }
    }

    #[test]
    fn an_error_names_the_variable_and_what_was_wrong() {
        for (text, part) in [
            ("memory", "is expected"),
            ("/var/lib/x", "is expected"),
            ("file:relative", "absolute path"),
            ("file://host/path", "absolute path"),
            ("file:///a?b", "no query"),
            ("oss://", "not a bucket's name"),
            ("oss://UPPER/x", "not a bucket's name"),
            ("oss://evil.example.com/x", "not a bucket's name"),
            ("oss://state/../x", "begins with a dot"),
            ("oss://state/x?region=", "not a region id"),
            ("oss://state/x?region=cn.evil.com", "not a region id"),
            ("oss://state/x?zone=a", "\"zone\" is not understood"),
        ] {
            let error = Location::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("HARDENING_STATE: {text:?}: ")), "{error}");
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_person_s_own_folder_is_the_default() {
        let at = |pairs: &[(&str, &str)]| {
            Location::user_default(&pairs.iter().copied().collect()).map(|location| location.to_string())
        };
        assert_eq!(at(&[("HOME", "/home/me")]).unwrap(), "file:///home/me/.local/share/cloud-hardening");
        let both = [("HOME", "/home/me"), ("XDG_DATA_HOME", "/data")];
        assert_eq!(at(&both).unwrap(), "file:///data/cloud-hardening");
        let relative = [("HOME", "/home/me"), ("XDG_DATA_HOME", "data")];
        assert_eq!(at(&relative).unwrap(), "file:///home/me/.local/share/cloud-hardening");
        assert!(at(&[]).unwrap_err().to_string().starts_with("HARDENING_STATE: not set"));
    }
}
