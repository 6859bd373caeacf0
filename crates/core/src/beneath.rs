//! Single files below a folder, wherever their names point.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::io::Errno;

/// Opens a file below a folder without leaving it: by the kernel's own rule where it knows one, else part by part without links.
fn open_beneath(root: &OwnedFd, path: &str) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    match openat2(root, path, flags, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS) {
        Err(Errno::NOSYS | Errno::PERM) => {}
        Err(Errno::AGAIN) => {
            return openat2(root, path, flags, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS);
        }
        opened => return opened,
    }
    open_by_parts(root, path)
}

fn open_by_parts(root: &OwnedFd, path: &str) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NOFOLLOW;
    let mut parts = path.split('/').filter(|part| !matches!(*part, "" | ".")).peekable();
    let mut folder: Option<OwnedFd> = None;
    while let Some(part) = parts.next() {
        if part == ".." {
            return Err(Errno::XDEV);
        }
        let inside = if parts.peek().is_some() { OFlags::DIRECTORY } else { OFlags::empty() };
        folder = Some(openat(folder.as_ref().unwrap_or(root), part, flags | inside, Mode::empty())?);
    }
    folder.ok_or(Errno::NOENT)
}

/// The bytes of a regular file below `root`. None: there is none, or it is larger than `max_bytes`, or it lies outside.
pub fn read_beneath(root: &Path, path: &str, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    if path.contains('\0') {
        return Ok(None);
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = match openat(CWD, root, flags, Mode::empty()) {
        Ok(root) => root,
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let file = match open_beneath(&root, path.trim_start_matches('/')) {
        Ok(file) => File::from(file),
        Err(
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::XDEV | Errno::NAMETOOLONG | Errno::NXIO | Errno::ISDIR,
        ) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let meta = file.metadata()?;
    if !meta.is_file() || meta.len() > max_bytes {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0).saturating_add(1));
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= max_bytes).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// The way taken on kernels without `openat2` follows no links at all.
    #[test]
    fn opening_part_by_part() {
        let folder = std::env::temp_dir().join(format!("vigie-parts-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("a")).unwrap();
        std::fs::write(folder.join("a/file"), "x").unwrap();
        let _ = symlink("a", folder.join("way"));
        let _ = symlink("file", folder.join("a/link"));
        let root: OwnedFd = File::open(&folder).unwrap().into();
        assert!(open_by_parts(&root, "./a//file").is_ok());
        assert_eq!(open_by_parts(&root, "a/../a/file").unwrap_err(), Errno::XDEV);
        assert_eq!(open_by_parts(&root, "a/link").unwrap_err(), Errno::LOOP);
        assert!(open_by_parts(&root, "way/file").is_err());
        assert_eq!(open_by_parts(&root, "").unwrap_err(), Errno::NOENT);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
