//! Folders on disk, with what does not belong to them.
#![allow(clippy::unwrap_used)]

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vigie_core::beneath::read_beneath;
use vigie_core::folder::FolderReader;
use vigie_core::found::{Content, Found};
use vigie_core::layer::Walked;
use vigie_core::limits::{Limits, ReadError};
use vigie_core::selection::{Kind, Rule, Selection};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("vigie-folder-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn selection(globs: &[&str], kind: Kind) -> Arc<Selection> {
    let globs = globs.iter().map(|glob| (*glob).to_owned()).collect();
    Arc::new(Selection::new(&[Rule { globs, expressions: vec![], kind }], &[], &["skipped".into()]).unwrap())
}

fn read(root: &Path, selection: Arc<Selection>, limits: &Limits) -> Result<(Vec<Found>, Walked), ReadError> {
    let mut reader = FolderReader::open(root, selection, limits, 3)?;
    let mut all = Vec::new();
    loop {
        let batch = reader.next_batch()?;
        if batch.is_empty() {
            all.sort_by(|left: &Found, right: &Found| left.path.cmp(&right.path));
            return Ok((all, reader.finish()?));
        }
        all.extend(batch);
    }
}

fn names(found: &[Found]) -> Vec<&str> {
    found.iter().map(|found| found.path.as_str()).collect()
}

#[test]
fn regular_files_are_read_and_nothing_else() {
    let folder = Folder::new();
    for path in ["x", "a/b/x", "skipped/x", "a/skipped/x", "proc/x", "a/.git/x", "a/y"] {
        folder.write(path, path);
    }
    symlink("a/y", folder.0.join("x2")).unwrap();
    symlink("a", folder.0.join("c")).unwrap();
    symlink("/etc/passwd", folder.0.join("a/x")).unwrap();
    drop(std::os::unix::net::UnixListener::bind(folder.0.join("a/b/x2")).unwrap());
    let (found, walked) = read(&folder.0, selection(&["**/x", "**/x2"], Kind::Bytes), &Limits::default()).unwrap();
    assert_eq!(names(&found), ["a/b/x", "a/skipped/x", "x"]);
    assert!(matches!(&found[0].content, Some(Content::Bytes(bytes)) if bytes == b"a/b/x"));
    assert_eq!((found[0].size, walked.files, walked.problems.len()), (5, 4, 0));
    assert_eq!(walked.size, 5 + 11 + 1);
}

#[test]
fn many_files_arrive_once() {
    let folder = Folder::new();
    for number in 0..1500 {
        folder.write(&format!("{}/{}/x{number}", number % 7, number % 40), "x");
    }
    let (found, walked) = read(&folder.0, selection(&["**/x*"], Kind::Bytes), &Limits::default()).unwrap();
    let mut paths = names(&found);
    paths.dedup();
    assert_eq!((paths.len(), walked.files), (1500, 1500));
    // A reader nobody listens to ends.
    drop(FolderReader::open(&folder.0, selection(&["**/x*"], Kind::Bytes), &Limits::default(), 3).unwrap());
}

#[test]
fn a_single_file_is_its_own_root() {
    let folder = Folder::new();
    let path = folder.write("deep/x", "one");
    let (found, walked) = read(&path, selection(&["**/x"], Kind::Bytes), &Limits::default()).unwrap();
    assert_eq!((names(&found), walked.files), (vec!["x"], 1));
    assert!(matches!(
        read(&folder.0.join("none"), selection(&[], Kind::Bytes), &Limits::default()),
        Err(ReadError::Io(_))
    ));
    let other = read(Path::new("/dev/null"), selection(&[], Kind::Bytes), &Limits::default());
    assert!(matches!(other, Err(ReadError::Damaged(_))));
}

#[test]
fn what_cannot_be_opened_is_said() {
    let folder = Folder::new();
    let file = folder.write("a/x", "secret");
    folder.write("b/x", "closed");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o0)).unwrap();
    std::fs::set_permissions(folder.0.join("b"), PermissionsExt::from_mode(0o0)).unwrap();
    let (found, walked) = read(&folder.0, selection(&["**/x"], Kind::Bytes), &Limits::default()).unwrap();
    if std::fs::File::open(&file).is_ok() {
        assert_eq!(names(&found), ["a/x", "b/x"]); // root may read everything
    } else {
        assert_eq!(found[0].problem.as_deref(), Some("cannot be read: permission denied"));
        assert_eq!(walked.problems, [("b".to_owned(), "this folder cannot be read: permission denied".to_owned())]);
    }
    std::fs::set_permissions(folder.0.join("b"), PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn limits() {
    let folder = Folder::new();
    for name in ["a", "b", "c"] {
        folder.write(name, "12345");
    }
    let all = || selection(&["**"], Kind::Bytes);
    let error = |limits: Limits| read(&folder.0, all(), &limits).unwrap_err().to_string();
    assert!(error(Limits { max_entries: 2, ..Limits::default() }).contains("more than 2 entries"));
    assert!(error(Limits { max_bytes: 14, ..Limits::default() }).contains("larger than 14 bytes"));
    assert!(error(Limits { deadline: Some(std::time::Instant::now()), ..Limits::default() }).contains("time limit"));
    let (found, _) = read(&folder.0, all(), &Limits { max_file: 4, ..Limits::default() }).unwrap();
    assert!(found.iter().all(|found| found.content.is_none() && found.problem.is_some()));
}

#[test]
fn folders_too_deep_are_said() {
    let folder = Folder::new();
    folder.write(&("d/".repeat(450) + "x"), "x");
    folder.write(&("e/".repeat(390) + "x"), "x");
    let (found, walked) = read(&folder.0, selection(&["**/x"], Kind::Bytes), &Limits::default()).unwrap();
    assert_eq!(found.len(), 1);
    assert!(walked.problems[0].1.contains("folders deep"));
}

#[test]
fn reading_beneath_never_leaves() {
    let folder = Folder::new();
    folder.write("root/a/file", "inside");
    folder.write("outside", "outside");
    let root = folder.0.join("root");
    symlink("../../outside", root.join("a/up")).unwrap();
    symlink(folder.0.join("outside"), root.join("absolute")).unwrap();
    symlink("..", root.join("parent")).unwrap();
    symlink("a/file", root.join("link")).unwrap();
    symlink("a", root.join("way")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    let read = |path: &str| read_beneath(&root, path, 6).unwrap().map(|bytes| String::from_utf8(bytes).unwrap());
    for path in ["a/file", "/a/file", "./a/../a/file", "link", "way/file"] {
        assert_eq!(read(path).as_deref(), Some("inside"), "{path}");
    }
    for path in [
        "a/up",
        "absolute",
        "parent/outside",
        "../outside",
        "a/../../outside",
        "a",
        "",
        "none",
        "a/file/x",
        "loop",
        "a\0b",
    ] {
        assert_eq!(read(path), None, "{path}");
    }
    assert!(read_beneath(&root, "a/file", 5).unwrap().is_none());
    assert!(read_beneath(&folder.0.join("none"), "a", 5).unwrap().is_none());
}
