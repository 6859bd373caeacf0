//! Which files are wanted, compiled once from the globs of all analyzers.
//!
//! Most globs end in a plain name (`**/Cargo.lock`) or a plain extension (`**/*.jar`): two hash look-ups per file find the few
//! globs that can match, and the simplest forms need no pattern matching at all.

use std::collections::HashMap;
use std::sync::Arc;

use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};
use regex::{RegexSet, RegexSetBuilder};

use crate::content::Searcher;

/// What is made of a wanted file's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The bytes; a file beyond the limit is a problem.
    Bytes,
    /// The bytes; a file beyond the limit is left out.
    Keep,
    /// Build information of an executable. Wanted by mode or `.exe`, not by globs.
    Executable,
    /// The manifests in a ZIP archive.
    Archive,
    /// The packages of an rpm database.
    Rpm,
    /// The secrets in a file. Every file is wanted that `Secrets` does not pass over; globs do not apply.
    Secrets,
}

impl Kind {
    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "bytes" => Self::Bytes,
            "keep" => Self::Keep,
            "executable" => Self::Executable,
            "archive" => Self::Archive,
            "rpm" => Self::Rpm,
            "secrets" => Self::Secrets,
            _ => return None,
        })
    }
}

/// One rule: a file is wanted when any glob matches its path or any expression is found in it.
pub struct Rule {
    pub globs: Vec<String>,
    pub expressions: Vec<String>,
    pub kind: Kind,
}

/// A glob behind its gate.
enum Test {
    /// `**/name`, `**/*.ext`: the gate says everything.
    Always,
    /// Patterns without wildcards.
    Equal(String),
    Glob(GlobMatcher),
}

impl Test {
    fn passes(&self, path: &str) -> bool {
        match self {
            Self::Always => true,
            Self::Equal(whole) => whole == path,
            Self::Glob(glob) => glob.is_match(path),
        }
    }
}

type Gate = HashMap<String, Vec<(usize, Test)>>;

/// What looks for secrets, and the files in which it does not.
pub struct Secrets {
    pub searcher: Arc<Searcher>,
    /// Globs of paths, as in rules, and expressions that are found in paths.
    pub skipped: GlobSet,
    pub passed_over: RegexSet,
}

impl Secrets {
    /// Compiles. The error names the pattern that cannot be.
    pub fn new(searcher: Arc<Searcher>, skipped: &[String], passed_over: &[String]) -> Result<Self, String> {
        let mut globs = GlobSetBuilder::new();
        for glob in skipped {
            globs.add(compile(glob)?);
        }
        Ok(Self {
            searcher,
            skipped: globs.build().map_err(|error| error.to_string())?,
            passed_over: RegexSetBuilder::new(passed_over).build().map_err(|error| error.to_string())?,
        })
    }

    /// Of what is below `.git` only `GIT_CONFIG` comes here; the patterns that leave out all of it do not mean this file.
    fn wants(&self, path: &str) -> bool {
        is_git_config(path) || !self.skipped.is_match(path) && !self.passed_over.is_match(path)
    }
}

/// The one file in a folder that nobody looks into which is read for secrets: addresses in it hold passwords.
const GIT_CONFIG: &str = ".git/config";

/// Compiled rules. Shared by all readers of a scan.
pub struct Selection {
    kinds: Vec<Kind>,
    secrets: Option<(usize, Secrets)>,
    executables: Vec<usize>,
    names: Gate,
    extensions: Gate,
    open: GlobSet,
    open_rules: Vec<usize>,
    expressions: RegexSet,
    expression_rules: Vec<usize>,
    skip_files: GlobSet,
    skip_dirs: GlobSet,
    never: GlobSet,
}

/// Folders nobody looks into, wherever they lie or at the root.
const NEVER: [&str; 4] = ["**/.git", "proc", "sys", "dev"];

fn compile(glob: &str) -> Result<Glob, String> {
    GlobBuilder::new(glob)
        .literal_separator(true)
        .backslash_escape(true)
        .empty_alternates(true)
        .build()
        .map_err(|error| format!("glob {glob:?}: {}", error.kind()))
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(['*', '?', '[', ']', '{', '}', '\\'])
}

/// Patterns of people: a leading `/` or `./` and a trailing `/` say nothing, `a/**` means `a` as well.
fn skips<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = pattern.as_ref();
        let mut clean = pattern.trim_end_matches('/');
        loop {
            let shorter = clean.trim_start_matches('/');
            let shorter = shorter.strip_prefix("./").unwrap_or(shorter);
            if shorter == clean {
                break;
            }
            clean = shorter;
        }
        if clean.is_empty() || clean == "." {
            continue;
        }
        set.add(compile(clean)?);
        if let Some(folder) = clean.strip_suffix("/**") {
            set.add(compile(folder)?);
        }
    }
    set.build().map_err(|error| error.to_string())
}

impl Selection {
    /// Compiles. The error names the pattern that cannot be.
    pub fn new(rules: &[Rule], skip_files: &[String], skip_dirs: &[String]) -> Result<Self, String> {
        let mut names = Gate::new();
        let mut extensions = Gate::new();
        let mut open = GlobSetBuilder::new();
        let (mut open_rules, mut expressions, mut expression_rules) = (Vec::new(), Vec::new(), Vec::new());
        for (index, rule) in rules.iter().enumerate() {
            for glob in rule.globs.iter().filter(|_| rule.kind != Kind::Executable) {
                let compiled = compile(glob)?;
                let last = glob.rsplit('/').next().unwrap_or(glob);
                if is_plain(last) {
                    let test = if glob.strip_prefix("**/") == Some(last) {
                        Test::Always
                    } else if is_plain(glob) {
                        Test::Equal(glob.clone())
                    } else {
                        Test::Glob(compiled.compile_matcher())
                    };
                    names.entry(last.to_owned()).or_default().push((index, test));
                    continue;
                }
                match last.rsplit_once('.') {
                    Some((stem, extension)) if is_plain(extension) && !stem.contains(['[', ']', '{', '}', '\\']) => {
                        let any = stem == "*" && glob.strip_prefix("**/") == Some(last);
                        let test = if any { Test::Always } else { Test::Glob(compiled.compile_matcher()) };
                        extensions.entry(extension.to_owned()).or_default().push((index, test));
                    }
                    _ => {
                        open.add(compiled);
                        open_rules.push(index);
                    }
                }
            }
            for expression in &rule.expressions {
                expressions.push(expression);
                expression_rules.push(index);
            }
        }
        Ok(Self {
            kinds: rules.iter().map(|rule| rule.kind).collect(),
            secrets: None,
            executables: rules
                .iter()
                .enumerate()
                .filter(|(_, rule)| rule.kind == Kind::Executable)
                .map(|(i, _)| i)
                .collect(),
            names,
            extensions,
            open: open.build().map_err(|error| error.to_string())?,
            open_rules,
            expressions: RegexSetBuilder::new(expressions).build().map_err(|error| error.to_string())?,
            expression_rules,
            skip_files: skips(skip_files)?,
            skip_dirs: skips(skip_dirs)?,
            never: skips(NEVER)?,
        })
    }

    /// The same with the search for secrets, which the first rule of that kind asks for.
    #[must_use]
    pub fn with_secrets(mut self, secrets: Secrets) -> Self {
        let rule = self.kinds.iter().position(|kind| *kind == Kind::Secrets);
        self.secrets = rule.map(|rule| (rule, secrets));
        self
    }

    /// What looks for secrets, if anybody asks for them.
    pub fn searcher(&self) -> Option<&Searcher> {
        self.secrets.as_ref().map(|(_, secrets)| &*secrets.searcher)
    }

    /// The kind of a rule.
    pub fn kind(&self, rule: usize) -> Kind {
        self.kinds[rule]
    }

    /// Whether a file's mode can matter, so that it has to be asked for.
    pub fn wants_executables(&self) -> bool {
        !self.executables.is_empty()
    }

    /// Writes the indices of the rules that want this file, in order, into `wanted`. Skipped folders are not considered here.
    pub fn matches(&self, path: &str, mode: u32, wanted: &mut Vec<usize>) {
        wanted.clear();
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        if let Some(tests) = self.names.get(name) {
            wanted.extend(tests.iter().filter(|(_, test)| test.passes(path)).map(|(rule, _)| *rule));
        }
        if let Some(tests) = extension.and_then(|extension| self.extensions.get(extension)) {
            wanted.extend(tests.iter().filter(|(_, test)| test.passes(path)).map(|(rule, _)| *rule));
        }
        if !self.open_rules.is_empty() {
            wanted.extend(self.open.matches(path).into_iter().map(|glob| self.open_rules[glob]));
        }
        if !self.expression_rules.is_empty() {
            wanted.extend(self.expressions.matches(path).into_iter().map(|index| self.expression_rules[index]));
        }
        let secrets = self.secrets.as_ref().filter(|(_, secrets)| secrets.wants(path)).map(|(rule, _)| *rule);
        if is_git_config(path) {
            wanted.clear();
        } else if mode & 0o111 != 0 || extension.is_some_and(|extension| extension.eq_ignore_ascii_case("exe")) {
            wanted.extend(&self.executables);
        }
        wanted.extend(secrets);
        if wanted.is_empty() {
            return;
        }
        if self.skip_files.is_match(path) {
            wanted.clear();
            return;
        }
        wanted.sort_unstable();
        wanted.dedup();
    }

    /// Whether this folder, with all that is in it, is left out. The folders above it were judged before.
    pub fn skips_folder(&self, path: &str) -> bool {
        self.never.is_match(path) || self.skip_dirs.is_match(path)
    }

    /// Whether any folder above this path is left out.
    pub fn skips_above(&self, path: &str) -> bool {
        path.match_indices('/').any(|(end, _)| self.skips_folder(&path[..end]))
    }

    /// Whether somebody asked to leave out any folder above this path. In history no name is left out unasked.
    pub fn leaves_out_above(&self, path: &str) -> bool {
        path.match_indices('/').any(|(end, _)| self.skip_dirs.is_match(&path[..end]))
    }

    /// Whether a file is read for secrets although its folder, `.git`, is left out.
    pub fn wants_git_config(&self, path: &str) -> bool {
        let folder = path.strip_suffix("/config").filter(|_| is_git_config(path));
        self.secrets.is_some()
            && folder.is_some_and(|folder| !self.skip_dirs.is_match(folder) && !self.skips_above(folder))
    }
}

fn is_git_config(path: &str) -> bool {
    path.strip_suffix(GIT_CONFIG).is_some_and(|above| above.is_empty() || above.ends_with('/'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn one(glob: &str) -> Selection {
        Selection::new(&[Rule { globs: vec![glob.into()], expressions: vec![], kind: Kind::Bytes }], &[], &[]).unwrap()
    }

    fn hits(selection: &Selection, path: &str, mode: u32) -> Vec<usize> {
        let mut wanted = vec![99];
        selection.matches(path, mode, &mut wanted);
        wanted
    }

    #[test]
    fn globs_stay_inside_a_folder_name_unless_doubled() {
        for (glob, path, expected) in [
            ("**/Cargo.lock", "Cargo.lock", true),
            ("**/Cargo.lock", "a/b/Cargo.lock", true),
            ("**/Cargo.lock", "a/XCargo.lock", false),
            ("**/*.jar", "x.jar", true),
            ("**/*.jar", "a/b.c.jar", true),
            ("**/*.jar", "a.jar/b", false),
            ("**/*.jar", ".jar", true),
            ("*.jar", "x.jar", true),
            ("*.jar", "a/x.jar", false),
            ("etc/os-release", "etc/os-release", true),
            ("etc/os-release", "a/etc/os-release", false),
            ("etc/*-release", "etc/alpine-release", true),
            ("etc/*-release", "etc/a/b-release", false),
            ("var/lib/dpkg/status.d/*", "var/lib/dpkg/status.d/tzdata", true),
            ("var/lib/dpkg/status.d/*", "var/lib/dpkg/status.d/a/b", false),
            ("**/*.dist-info/METADATA", "usr/lib/a.dist-info/METADATA", true),
            ("**/*.dist-info/METADATA", "a.dist-info/METADATA", true),
            ("**/*.dist-info/METADATA", "a.dist-info/x/METADATA", false),
            ("**/requirements*.txt", "requirements.txt", true),
            ("**/requirements*.txt", "a/requirements-dev.v2.txt", true),
            ("**/requirements*.txt", "a/dev-requirements.txt", false),
            ("**/*requirements*.txt", "a/dev-requirements.txt", true),
            ("**/*.{csproj,fsproj}", "a/b.fsproj", true),
            ("**/{a,b}/c", "x/b/c", true),
            ("**/package.js[o]n", "package.json", true),
            ("**/x.???", "x.txt", true),
            ("a/**", "a/b/c", true),
            ("a/**/c", "a/c", true),
        ] {
            assert_eq!(!hits(&one(glob), path, 0o644).is_empty(), expected, "{glob} on {path}");
        }
    }

    #[test]
    fn executables_are_told_by_mode_or_exe() {
        let rule = |kind| Rule { globs: vec!["**/*".into()], expressions: vec![], kind };
        let selection = Selection::new(&[rule(Kind::Executable), rule(Kind::Keep)], &[], &[]).unwrap();
        assert_eq!(hits(&selection, "usr/bin/x", 0o755), [0, 1]);
        assert_eq!(hits(&selection, "usr/bin/x", 0o644), [1]);
        assert_eq!(hits(&selection, "X.EXE", 0o644), [0, 1]);
    }

    #[test]
    fn expressions_are_searched_in_the_path() {
        let rule = Rule { globs: vec![], expressions: vec!["req.*\\.in$".into(), "in".into()], kind: Kind::Bytes };
        let selection = Selection::new(&[rule], &[], &[]).unwrap();
        assert_eq!(hits(&selection, "a/req-dev.in", 0o644), [0]);
        assert_eq!(hits(&selection, "a/req-dev.out", 0o644), []);
    }

    #[test]
    fn skipping() {
        let all = Rule { globs: vec!["**".into()], expressions: vec![], kind: Kind::Bytes };
        let skip_dirs = ["/opt/", "./node_modules/**", "**/target"].map(String::from);
        let selection = Selection::new(&[all], &["**/*.skip".into(), "/a/b".into()], &skip_dirs).unwrap();
        for (path, skipped) in [
            ("opt/x", true),
            ("opt2/x", false),
            ("a/opt/x", false),
            ("node_modules/x", true),
            ("a/node_modules/x", false),
            ("target/x", true),
            ("a/target/deep/er/x", true),
            ("proc/1/maps", true),
            ("a/proc/x", false),
            ("a/.git/config", true),
            (".git/config", true),
            (".gitignore", false),
        ] {
            assert_eq!(selection.skips_above(path), skipped, "{path}");
        }
        assert!(hits(&selection, "x/y.skip", 0).is_empty());
        assert!(hits(&selection, "a/b", 0).is_empty());
        assert_eq!(hits(&selection, "a/bc", 0), [0]);
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let rule = |glob: &str, expression: &str| Rule {
            globs: vec![glob.into()],
            expressions: vec![expression.into()],
            kind: Kind::Bytes,
        };
        assert!(Selection::new(&[rule("a[", "x")], &[], &[]).err().unwrap().contains("\"a[\""));
        assert!(Selection::new(&[rule("a", "x(")], &[], &[]).err().unwrap().contains("x("));
    }
}
