//! A store in a local folder. An object is a file that appears whole or not at all, whatever crashes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};

use super::{Backend, Operation, StateError};
use crate::ambient::Random;

/// How temporary files begin. No key's segment begins with a dot, so none can be taken for an object.
const TEMPORARY: &str = ".new-";

/// One folder. Its files are for their owner alone: a history of incidents is nobody else's business.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
    random: Random,
}

impl Folder {
    pub(super) fn new(root: PathBuf, random: Random) -> Self {
        Self { root, random }
    }

    fn path(&self, key: &str) -> PathBuf {
        key.split('/').fold(self.root.clone(), |path, segment| path.join(segment))
    }
}

impl Backend for Folder {
    fn url(&self, key: &str) -> String {
        super::location::file_url(&self.path(key))
    }

    fn create<'a>(&'a self, key: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<bool, StateError>> {
        let (path, nonce) = (self.path(key), self.random.hex());
        async move {
            aside(move || write(&path, &nonce, &bytes)).await.map_err(|(error, linked)| {
                if linked {
                    StateError::ambiguous(self.url(key), error.to_string())
                } else {
                    StateError::failed(Operation::Create, self.url(key), error.to_string())
                }
            })
        }
        .boxed()
    }

    fn read<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, StateError>> {
        let path = self.path(key);
        async move {
            match aside(move || fs::read(path)).await {
                Ok(bytes) => Ok(Some(bytes.into())),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(StateError::failed(Operation::Read, self.url(key), error.to_string())),
            }
        }
        .boxed()
    }

    fn list<'a>(&'a self, prefix: &'a str) -> BoxFuture<'a, Result<Vec<String>, StateError>> {
        let (folder, key) = match prefix.rsplit_once('/') {
            Some((folder, _)) => (self.path(folder), format!("{folder}/")),
            None => (self.root.clone(), String::new()),
        };
        let wanted = prefix.to_owned();
        async move {
            let mut keys = Vec::new();
            aside(move || walk(&folder, &key, &wanted, &mut keys).map(|()| keys))
                .await
                .map_err(|error| StateError::failed(Operation::List, self.url(prefix), error.to_string()))
        }
        .boxed()
    }
}

/// Runs what waits for the disk where it keeps nobody else waiting. It finishes even if its caller goes away.
async fn aside<T, F>(work: F) -> T
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Writes beside the final name and links it there: the link is the one step that either happens or does not,
/// and that fails if the name is taken. The flag of an error says whether the link had been made.
fn write(path: &Path, nonce: &str, bytes: &[u8]) -> Result<bool, (io::Error, bool)> {
    let before = |error| (error, false);
    let folder = path.parent().unwrap_or(Path::new("/"));
    make_folders(folder).map_err(before)?;
    let temporary = folder.join(format!("{TEMPORARY}{nonce}"));
    let mut file = private_file().open(&temporary).map_err(before)?;
    let linked =
        file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::hard_link(&temporary, path));
    // What cannot be removed does no harm: it is no object.
    let _ = fs::remove_file(&temporary);
    match linked {
        Ok(()) => sync_folder(folder).map(|()| true).map_err(|error| (error, true)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(before(error)),
    }
}

fn make_folders(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folders(parent)?;
        match private_folder().create(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => sync_folder(parent)?,
        }
    }
    Ok(())
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn private_folder() -> fs::DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes exist on Unix only"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// A new name is on the disk once its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened; the system writes names through by itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn walk(folder: &Path, key: &str, wanted: &str, keys: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        // A name that is no text, or is hidden, was not put there by this store.
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let key = format!("{key}{name}");
        if entry.file_type()?.is_dir() {
            if key.starts_with(wanted) || wanted.starts_with(&format!("{key}/")) {
                walk(&entry.path(), &format!("{key}/"), wanted, keys)?;
            }
        } else if key.starts_with(wanted) {
            keys.push(key);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(root: &Path) -> Folder {
        Folder::new(root.join("deep/store"), Random::system())
    }

    #[tokio::test]
    async fn what_a_crash_left_behind_is_no_object() {
        let place = tempfile::tempdir().unwrap();
        let folder = folder(place.path());
        assert!(folder.create("cases/one", Bytes::from_static(b"1")).await.unwrap());
        fs::write(folder.root.join("cases/.new-half-written"), b"{").unwrap();
        assert_eq!(folder.list("").await.unwrap(), ["cases/one"]);
        assert_eq!(folder.list("cases/").await.unwrap(), ["cases/one"]);
        let names = fs::read_dir(folder.root.join("cases")).unwrap().count();
        assert!(!folder.create("cases/one", Bytes::from_static(b"2")).await.unwrap());
        assert_eq!(fs::read_dir(folder.root.join("cases")).unwrap().count(), names, "cleans up after itself");
        assert_eq!(folder.read("cases/one").await.unwrap().unwrap(), "1");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn files_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = tempfile::tempdir().unwrap();
        let folder = folder(place.path());
        folder.create("a/b", Bytes::new()).await.unwrap();
        let mode = |path: &str| fs::metadata(folder.root.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(""), mode("a"), mode("a/b")), (0o700, 0o700, 0o600));
    }

    #[tokio::test]
    async fn errors_name_the_place_and_the_reason() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("deep"), b"a file where a folder should be").unwrap();
        let folder = folder(place.path());
        let error = folder.create("a", Bytes::new()).await.unwrap_err();
        let expected = format!("cannot write file://{}/deep/store/a: ", place.path().display());
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert!(!error.maybe_done());
        let error = folder.read("a").await.unwrap_err();
        assert!(error.to_string().starts_with("cannot read file:///"), "{error}");
    }
}
