//! Names of values: flags, enumerations, errors, signals, capabilities, system calls, as in `tables/values.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// One table of names. The order is that in which names are tried and printed.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub entries: Vec<(&'static str, u64)>,
}

impl Table {
    /// The value of a name.
    pub fn value(&self, name: &str) -> Option<u64> {
        self.entries.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The first name of a value.
    pub fn name_of(&self, value: u64) -> Option<&'static str> {
        self.entries.iter().find(|(_, known)| *known == value).map(|(name, _)| *name)
    }
}

static TABLES: LazyLock<HashMap<&'static str, Table>> = LazyLock::new(|| {
    let mut tables: HashMap<&'static str, Table> = HashMap::new();
    for line in include_str!("tables/values.tsv").lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (name, entry, value) = (columns.next().unwrap_or(""), columns.next().unwrap_or(""), columns.next());
        let value = value.and_then(|text| text.parse().ok()).unwrap_or(0);
        tables.entry(name).or_insert_with(|| Table { name, entries: Vec::new() }).entries.push((entry, value));
    }
    tables
});

/// The table of a name: one of the schema's, or `errno`, `signal`, `capability`, `syscall`.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.get(name)
}

/// `ENOENT` for 2.
pub fn errno_name(number: u64) -> Option<&'static str> {
    table("errno")?.name_of(number)
}

/// `SIGKILL` for 9.
pub fn signal_name(number: u64) -> Option<&'static str> {
    table("signal")?.name_of(number)
}

/// The name of a system call from the drivers' own numbering, which is the same on every architecture.
pub fn syscall_name(code: u64) -> Option<&'static str> {
    table("syscall")?.name_of(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_of_errors_signals_and_flags() {
        assert_eq!(errno_name(2), Some("ENOENT"));
        assert_eq!(errno_name(11), Some("EAGAIN"));
        assert_eq!(signal_name(9), Some("SIGKILL"));
        assert_eq!(syscall_name(5), Some("open"));
        assert_eq!(table("file_flags").and_then(|flags| flags.value("O_DIRECTORY")), Some(1024));
    }

    #[test]
    fn every_value_is_a_number() {
        for line in include_str!("tables/values.tsv").lines().skip(1) {
            assert!(line.split('\t').nth(2).is_some_and(|value| value.parse::<u64>().is_ok()), "{line}");
        }
    }
}
