//! The few settings of a repository that say how it is kept.

/// How a repository is kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Format {
    /// Its ids are SHA-256.
    pub sha256: bool,
    /// Objects that are not here are elsewhere.
    pub partial: bool,
}

/// Extensions that change nothing for one who reads.
const HARMLESS: [&str; 6] =
    ["noop", "noop-v1", "preciousobjects", "worktreeconfig", "relativeworktrees", "compatobjectformat"];

/// Settings by section and name, both in small letters, in order.
fn settings(text: &str) -> impl Iterator<Item = (String, String, String)> + '_ {
    let mut section = String::new();
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if let Some(head) = line.strip_prefix('[') {
            section = head.split(']').next().unwrap_or_default().trim().to_ascii_lowercase();
            return None;
        }
        if line.is_empty() || line.starts_with(['#', ';']) {
            return None;
        }
        let (name, value) = line.split_once('=').unwrap_or((line, "true"));
        let value = value.split(['#', ';']).next().unwrap_or_default().trim().trim_matches('"');
        Some((section.clone(), name.trim().to_ascii_lowercase(), value.to_ascii_lowercase()))
    })
}

impl Format {
    /// From the text of a repository's `config`. The error says why it cannot be read.
    pub fn new(config: &str) -> Result<Self, String> {
        let mut format = Self::default();
        let mut version = 0_u32;
        let mut unknown = None;
        for (section, name, value) in settings(config) {
            match (&*section, &*name, &*value) {
                ("core", "repositoryformatversion", value) => {
                    version = value.parse().map_err(|_| format!("its format version {value:?} is not known"))?;
                }
                ("extensions", "objectformat", "sha1") | ("extensions", "refstorage", "files") => {}
                ("extensions", "objectformat", "sha256") => format.sha256 = true,
                ("extensions", "partialclone", _) => format.partial = true,
                (section, "promisor", "true") if section.starts_with("remote ") => format.partial = true,
                ("extensions", "refstorage", value) => {
                    return Err(format!(
                        "its refs are kept as {value:?}, which is not read; git refs migrate \
                                        --ref-format=files changes that"
                    ));
                }
                ("extensions", name, _) if HARMLESS.contains(&name) => {}
                ("extensions", name, value) => unknown = Some(format!("{name} = {value}")),
                _ => {}
            }
        }
        match (version, unknown) {
            (0, _) => Ok(format),
            (1, None) => Ok(format),
            (1, Some(extension)) => Err(format!("its extension {extension:?} is not known")),
            (version, _) => Err(format!("its format version {version} is not known")),
        }
    }
}
