//! Names of commits: refs in files, refs in one file, and `HEAD`.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::bytes;
use super::object::Id;

/// Bytes of a file with one ref.
const LONGEST: u64 = 4096;
/// Bytes of the file with many.
const LARGEST: u64 = 512 << 20;
/// How often one ref can point at another.
const DEEPEST: usize = 8;
/// How deep folders of refs are entered, and how many entries are looked at.
const FOLDERS: usize = 32;
const MOST: usize = 4_000_000;

/// The refs of a repository.
pub struct Refs {
    /// Of the work tree, and of the whole repository.
    own: PathBuf,
    common: PathBuf,
    packed: HashMap<String, Id>,
}

/// What a file with a ref says.
enum Target {
    Object(Id),
    Ref(String),
}

impl Refs {
    /// own: the folder with `HEAD`. common: the one with `refs`; often the same. The error says what cannot be read.
    pub fn open(own: &Path, common: &Path) -> Result<Self, String> {
        let text = bytes::read(&common.join("packed-refs"), LARGEST)
            .map_err(|error| format!("its packed-refs cannot be read: {error}"))?;
        let mut packed = HashMap::new();
        for line in text.unwrap_or_default().split(|&sign| sign == b'\n') {
            let Some((id, name)) = memchr::memchr(b' ', line).map(|space| line.split_at(space)) else { continue };
            if let Some(id) = Id::from_hex(id) {
                packed.insert(String::from_utf8_lossy(name[1..].trim_ascii_end()).into_owned(), id);
            }
        }
        Ok(Self { own: own.to_owned(), common: common.to_owned(), packed })
    }

    /// The content of a ref's file. The error says why it is not one.
    fn file(path: &Path) -> Result<Option<Target>, String> {
        let Some(text) = bytes::read(path, LONGEST).map_err(|error| format!("cannot be read: {error}"))? else {
            return Ok(None);
        };
        let text = text.trim_ascii();
        if let Some(name) = text.strip_prefix(b"ref:") {
            return Ok(Some(Target::Ref(String::from_utf8_lossy(name.trim_ascii()).into_owned())));
        }
        Id::from_hex(text).map(|id| Some(Target::Object(id))).ok_or_else(|| "is no ref".into())
    }

    /// The object that a ref names, by its whole name. None: there is no such ref, or it is not born yet. The error
    /// completes "NAME …".
    pub fn find(&self, name: &str) -> Result<Option<Id>, String> {
        let mut name = name.to_owned();
        for _ in 0..DEEPEST {
            if name.split('/').any(|part| part.is_empty() || part.starts_with('.')) || name.contains('\0') {
                return Err(format!("points at {name:?}, which cannot be a ref"));
            }
            let folder = if name.starts_with("refs/") { &self.common } else { &self.own };
            // A folder of the name is no ref; its entries are.
            let path = folder.join(&name);
            let target = if path.is_dir() { None } else { Self::file(&path)? };
            match target {
                Some(Target::Object(id)) => return Ok(Some(id)),
                Some(Target::Ref(other)) => name = other,
                None => return Ok(self.packed.get(&name).copied()),
            }
        }
        Err("points at itself".into())
    }

    /// What `HEAD` names. None: nothing has been committed.
    pub fn head(&self) -> Result<Option<Id>, String> {
        self.find("HEAD")
    }

    /// A branch, tag or ref by its name, or an object by its whole id.
    pub fn resolve(&self, name: &str) -> Result<Option<Id>, String> {
        for form in ["refs/heads/", "refs/remotes/origin/", "refs/tags/", "refs/", ""] {
            if form.is_empty() && !name.starts_with("refs/") && name != "HEAD" {
                break;
            }
            if let Ok(Some(id)) = self.find(&format!("{form}{name}")) {
                return Ok(Some(id));
            }
        }
        Ok(Id::from_hex(name.as_bytes()))
    }

    /// All refs, and the `HEAD` of every work tree; what is wrong with one goes to `problems`.
    pub fn all(&self, problems: &mut Vec<String>) -> BTreeMap<String, Id> {
        let mut found: BTreeMap<String, Id> = self.packed.clone().into_iter().collect();
        let mut names = vec!["HEAD".to_owned()];
        let mut seen = 0;
        list(&self.common.join("refs"), "refs", 0, &mut seen, &mut names);
        if seen > MOST {
            problems.push(format!("refs: there are more than {MOST}; not all are read"));
        }
        for name in names {
            match self.find(&name) {
                Ok(Some(id)) => drop(found.insert(name, id)),
                Ok(None) => {}
                Err(what) => problems.push(format!("{name} {what}")),
            }
        }
        for entry in std::fs::read_dir(self.common.join("worktrees")).into_iter().flatten().flatten().take(1000) {
            let head = match Self::file(&entry.path().join("HEAD")) {
                Ok(Some(Target::Object(id))) => Some(id),
                Ok(Some(Target::Ref(_)) | None) => None, // a branch, which is a ref
                Err(_) => None,
            };
            found.extend(head.map(|id| (format!("worktrees/{}/HEAD", entry.file_name().to_string_lossy()), id)));
        }
        found
    }
}

/// Lists the files below a folder of refs.
fn list(folder: &Path, name: &str, depth: usize, seen: &mut usize, names: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        *seen += 1;
        if *seen > MOST {
            return;
        }
        let file = entry.file_name();
        let Some(file) = file.to_str().filter(|file| !file.starts_with('.') && !file.ends_with(".lock")) else {
            continue;
        };
        let name = format!("{name}/{file}");
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < FOLDERS => list(&entry.path(), &name, depth + 1, seen, names),
            Ok(kind) if kind.is_dir() => {}
            Ok(_) => names.push(name),
            Err(_) => {}
        }
    }
}
