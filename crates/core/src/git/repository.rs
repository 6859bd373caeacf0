//! Where the parts of a repository are.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::bytes;
use super::config::Format;
use super::object::{Id, SHA1, SHA256};
use super::refs::Refs;
use super::store::Store;
use crate::limits::Limits;

/// Bytes of the small files that say where the others are.
const LONGEST: u64 = 64 << 10;
/// Bytes of a repository's settings, and of the list of commits at which a shallow clone ends.
const LARGEST: u64 = 64 << 20;

/// An opened repository.
pub struct Repository {
    pub store: Store,
    pub refs: Refs,
    /// Bytes of an id.
    pub width: usize,
    /// Commits whose parents were left out on purpose.
    pub shallow: HashSet<Id>,
    /// Objects may be missing on purpose.
    pub partial: bool,
}

/// A file that names a folder, which is taken from where the file lies.
fn pointer(file: &Path, prefix: &str) -> Result<Option<PathBuf>, String> {
    let read = bytes::read(file, LONGEST).map_err(|error| format!("{}: cannot be read: {error}", file.display()))?;
    let Some(text) = read else { return Ok(None) };
    let text = String::from_utf8_lossy(&text);
    let Some(target) = text.trim_end().strip_prefix(prefix).map(str::trim).filter(|target| !target.is_empty()) else {
        return Err(format!("{}: does not name a folder", file.display()));
    };
    Ok(Some(file.parent().unwrap_or(Path::new("")).join(target)))
}

/// The folder with `HEAD`, of a work tree, a bare repository, or a `.git` folder itself.
fn own_folder(path: &Path) -> Result<PathBuf, String> {
    let inner = path.join(".git");
    if inner.is_dir() {
        return Ok(inner);
    }
    if inner.is_file() {
        return pointer(&inner, "gitdir:")?.ok_or_else(|| "it has vanished".into());
    }
    let bare = path.join("HEAD").exists() && path.join("objects").is_dir();
    let linked = path.join("HEAD").exists() && path.join("commondir").is_file();
    if bare || linked { Ok(path.to_owned()) } else { Err("it is no git repository".into()) }
}

impl Repository {
    /// The repository of a work tree (its top), or a bare one. The error says why it cannot be read.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, String> {
        let own = own_folder(path)?;
        let common = pointer(&own.join("commondir"), "")?.unwrap_or_else(|| own.clone());
        if !common.join("objects").is_dir() {
            return Err(format!("{} holds no objects", common.display()));
        }
        let config = bytes::read(&common.join("config"), LARGEST);
        let config = config.map_err(|error| format!("its config cannot be read: {error}"))?.unwrap_or_default();
        let format = Format::new(&String::from_utf8_lossy(&config))?;
        let width = if format.sha256 { SHA256 } else { SHA1 };
        let shallow = bytes::read(&common.join("shallow"), LARGEST);
        let shallow = shallow.map_err(|error| format!("its list of shallow commits cannot be read: {error}"))?;
        Ok(Self {
            store: Store::open(&common.join("objects"), width, limits),
            refs: Refs::open(&own, &common)?,
            width,
            shallow: shallow.unwrap_or_default().split(|&sign| sign == b'\n').filter_map(Id::from_hex).collect(),
            partial: format.partial,
        })
    }
}
