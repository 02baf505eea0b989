//! A snapshot in a file.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use shared::snapshot::Snapshot;

/// What the file says it is.
const FORMAT: &str = "harden-snapshot";
/// The version of the format.
const VERSION: u32 = 1;

/// What was read, by which run. With the same checks and configuration it gives the same report, byte for byte.
pub(super) struct Saved {
    pub(super) run_id: String,
    pub(super) duration_ms: u64,
    pub(super) snapshot: Snapshot,
}

#[derive(Serialize)]
struct Written<'a> {
    format: &'static str,
    version: u32,
    run_id: &'a str,
    duration_ms: u64,
    snapshot: &'a Snapshot,
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

#[derive(Deserialize)]
struct Whole {
    run_id: String,
    duration_ms: u64,
    snapshot: Snapshot,
}

impl Saved {
    /// Writes it, readable for its owner only: it tells where the account is weak. It is written aside first, so that a file is whole or not there.
    pub(super) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let written = Written {
            format: FORMAT,
            version: VERSION,
            run_id: &self.run_id,
            duration_ms: self.duration_ms,
            snapshot: &self.snapshot,
        };
        let mut aside = path.as_os_str().to_owned();
        aside.push(".part");
        let saved = || -> anyhow::Result<()> {
            let mut file = BufWriter::new(private(Path::new(&aside))?);
            serde_json::to_writer(&mut file, &written)?;
            file.flush()?;
            drop(file);
            Ok(std::fs::rename(&aside, path)?)
        };
        saved().with_context(|| format!("cannot save the snapshot in {}", path.display()))
    }

    /// Reads one.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let place = || format!("{} is no snapshot that this version can read", path.display());
        let open = || {
            File::open(path).map(BufReader::new).with_context(|| format!("cannot read {}", path.display()))
        };
        let head: Head = serde_json::from_reader(open()?).with_context(place)?;
        if head.format != FORMAT || head.version != VERSION {
            let (format, version) = (head.format, head.version);
            return Err(anyhow::anyhow!("its format is {format:?} version {version}")).with_context(place);
        }
        let whole: Whole = serde_json::from_reader(open()?).with_context(place)?;
        Ok(Self { run_id: whole.run_id, duration_ms: whole.duration_ms, snapshot: whole.snapshot })
    }

    /// Whether a file says that it is one.
    pub(super) fn is_one(path: &Path) -> bool {
        let head = File::open(path).map(BufReader::new).map(serde_json::from_reader::<_, Head>);
        matches!(head, Ok(Ok(head)) if head.format == FORMAT)
    }
}

fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
