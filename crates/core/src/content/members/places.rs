//! Names of archives and of what is in them. They are only said, never opened.

/// Bytes of a name that are said.
const LONGEST: usize = 1024;

/// An archive, and how much of it is opened.
pub struct Place {
    /// Its path inside the outermost archive; "" is that one.
    pub path: String,
    /// What its content is called when it is one compressed file.
    pub name: String,
    /// Levels that are opened, this one included.
    pub levels: u32,
}

impl Place {
    pub fn is_outermost(&self) -> bool {
        self.path.is_empty()
    }

    /// A file in it, should that be an archive.
    pub fn inside(&self, name: &str) -> Self {
        let path = if self.is_outermost() { name.to_owned() } else { format!("{}!{name}", self.path) };
        Self { path, name: stem(name).to_owned(), levels: self.levels - 1 }
    }
}

/// The name as it is said: no part leaves its root, no character moves the cursor.
pub fn label(name: &[u8]) -> String {
    let mut end = name.len().min(LONGEST);
    while end < name.len() && end > 0 && name[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    let text = String::from_utf8_lossy(&name[..end]);
    let parts = text.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    let parts: Vec<_> = parts.collect();
    let clean = parts.join("/").replace(|letter: char| letter.is_control(), "\u{fffd}");
    if clean.is_empty() { "(no name)".to_owned() } else { clean }
}

/// What a compressed file has in it: its last part, without the ending that says how it is compressed.
pub fn stem(name: &str) -> &str {
    let last = name.rsplit(['/', '\\', '!']).next().unwrap_or(name);
    match last.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ["gz", "bz2", "xz", "zst"].contains(&ending) => stem,
        _ if last.is_empty() => "(no name)",
        _ => last,
    }
}
