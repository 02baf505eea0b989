//! Where the configuration is: `HARDENING_CONFIG`.

use std::path::PathBuf;

use super::{Config, ConfigError};
use crate::openapi::{Bucket, Session};

/// What errors call the variable.
const VARIABLE: &str = "HARDENING_CONFIG";

/// Where to read the configuration from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    Path(PathBuf),
    /// An object in a bucket.
    Oss {
        /// The bucket.
        bucket: String,
        /// The object's key.
        key: String,
        /// The bucket's region; `None`: the home region.
        region: Option<String>,
    },
}

impl Source {
    /// Reads the value of `HARDENING_CONFIG`: a path, or `oss://bucket/key?region=cn-hangzhou`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(value: &str) -> Result<Self, ConfigError> {
        let wrong = |why: &str| {
            let accepted = "accepted: a path, or oss://bucket/key?region=REGION";
            ConfigError::new(VARIABLE, format!("{value:?}: {why}; {accepted}"))
        };
        if value.trim().is_empty() {
            return Err(wrong("it is empty"));
        }
        let Some(rest) = value.strip_prefix("oss://") else {
            if value.contains("://") {
                return Err(wrong("the scheme is not known"));
            }
            return Ok(Self::Path(value.into()));
        };
        let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
        let (bucket, key) = place.split_once('/').unwrap_or((place, ""));
        // Both become parts of a host name: nothing else may slip into it.
        let label = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if !label(bucket) {
            return Err(wrong("it names no bucket"));
        }
        if key.is_empty() {
            return Err(wrong("it names no object"));
        }
        let region = match query.map(|query| query.split_once('=')) {
            None => None,
            Some(Some(("region", region))) if label(region) => Some(region.to_owned()),
            Some(_) => return Err(wrong("after the '?' stands something else than region=REGION")),
        };
        Ok(Self::Oss { bucket: bucket.to_owned(), key: key.to_owned(), region })
    }

    /// Reads it. `session` is what a bucket is asked with.
    ///
    /// # Errors
    /// When it cannot be read, or is not a configuration.
    pub async fn load(&self, session: Option<&Session>) -> Result<Config, ConfigError> {
        let name = self.to_string();
        let unread = |why: String| ConfigError::new(&name, format!("cannot be read: {why}"));
        let bytes = match self {
            Self::Path(path) => std::fs::read(path).map_err(|error| unread(error.to_string()))?,
            Self::Oss { bucket, key, region } => {
                let session = session.ok_or_else(|| unread("there are no credentials".to_owned()))?;
                let session = match region {
                    Some(region) => session.in_region(region),
                    None => session.clone(),
                };
                let read = Bucket::new(session, bucket).read(key).await;
                let object = read.map_err(|error| unread(error.to_string()))?;
                object.ok_or_else(|| unread("there is no such object".to_owned()))?.to_vec()
            }
        };
        let text = String::from_utf8(bytes)
            .map_err(|error| ConfigError::new(&name, format!("is not UTF-8 text: {}", error.utf8_error())))?;
        Config::parse(&text, &name)
    }
}

/// As errors call it: the path or the object, without the region.
impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Oss { bucket, key, .. } => write!(f, "oss://{bucket}/{key}"),
        }
    }
}
