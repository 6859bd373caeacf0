//! The table of fields, as in `tables/fields.tsv`; `catalog` binds names to it.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::{container, evt, evt_args, fd, fdlist, fs_path, k8s_audit, process, user};

/// Which module answers for a field; the high byte of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    Evt,
    EvtArgs,
    Process,
    User,
    Fd,
    Fdlist,
    FsPath,
    Container,
    K8sAudit,
    Static,
    Util,
}

/// One row of the table.
#[derive(Debug)]
pub struct FieldRow {
    /// The peer's name of the class: `evt`, `process`, `k8s`, …
    pub class: &'static str,
    pub name: &'static str,
    /// The type as the peer prints it: `string`, `int64`, …
    pub type_name: &'static str,
    /// `index`, `key`, `dotname`, joined by `|`; ends with `?` when it may be left out; empty when there is none.
    pub argument: &'static str,
    pub is_list: bool,
    /// `deprecated`, `table_only`, `hidden`, `no_rhs`, `no_transformer`, `filter_only`, `print_only`,
    /// `format_suggested`.
    pub flags: Vec<&'static str>,
    pub description: &'static str,
    /// `Field::id`.
    pub id: u16,
}

impl FieldRow {
    pub fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }
}

/// Declares a class's fields: an enum of them, and both ways between it and names.
macro_rules! fields {
    ($($variant:ident = $name:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Which { $($variant),* }

        const ALL: &[(&str, Which)] = &[$(($name, Which::$variant)),*];

        /// The number of a field of this class.
        pub(crate) fn number(name: &str) -> Option<u8> {
            ALL.iter().position(|(known, _)| *known == name).and_then(|index| u8::try_from(index).ok())
        }

        fn which(number: u8) -> Option<Which> {
            ALL.get(usize::from(number)).map(|(_, which)| *which)
        }
    };
}
pub(crate) use fields;

static ROWS: LazyLock<Vec<FieldRow>> = LazyLock::new(|| {
    include_str!("tables/fields.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(read).collect()
});

static BY_NAME: LazyLock<HashMap<&'static str, usize>> =
    LazyLock::new(|| ROWS.iter().enumerate().map(|(index, row)| (row.name, index)).collect());

static ELSEWHERE: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    include_str!("tables/elsewhere.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .collect()
});

/// All fields, in the peer's order of classes.
pub fn rows() -> &'static [FieldRow] {
    &ROWS
}

/// Where a name that is no field would come from: a plugin's name, `removed`, or `unmeasured`.
pub(crate) fn elsewhere(name: &str) -> Option<&'static str> {
    ELSEWHERE.get(name).copied()
}

/// The row of a name.
pub fn row(name: &str) -> Option<&'static FieldRow> {
    BY_NAME.get(name).map(|&index| &ROWS[index])
}

fn read(line: &'static str) -> Option<FieldRow> {
    let mut columns = line.split('\t');
    let mut column = || columns.next().unwrap_or("");
    let (class, name, type_name, argument, list, flags) = (column(), column(), column(), column(), column(), column());
    let description = column();
    Some(FieldRow {
        class,
        name,
        type_name,
        argument,
        is_list: list == "list",
        flags: flags.split('|').filter(|flag| !flag.is_empty()).collect(),
        description,
        id: id_of(class, name)?,
    })
}

fn id_of(class: &str, name: &str) -> Option<u16> {
    let (class, number) = match class {
        "evt" => match evt_args::number(name) {
            Some(number) => (Class::EvtArgs, number),
            None => (Class::Evt, evt::number(name)?),
        },
        "process" if name.starts_with("proc.is_container_") => (Class::Container, container::number(name)?),
        "process" => (Class::Process, process::number(name)?),
        "user" | "group" => (Class::User, user::number(name)?),
        "fd" => (Class::Fd, fd::number(name)?),
        "fdlist" => (Class::Fdlist, fdlist::number(name)?),
        "fs.path" => (Class::FsPath, fs_path::number(name)?),
        "container" | "k8s" => (Class::Container, container::number(name)?),
        "ka" | "json" | "jevt" => (Class::K8sAudit, k8s_audit::number(name)?),
        "static" => (Class::Static, 0),
        "util" => (Class::Util, 0),
        _ => return None,
    };
    Some(u16::from(class as u8) << 8 | u16::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_an_id_of_its_own() {
        let lines = include_str!("tables/fields.tsv").lines().filter(|line| !line.starts_with('#'));
        let without: Vec<&str> = lines.filter(|line| read(line).is_none()).collect();
        assert!(without.is_empty(), "{without:#?}");
        let mut ids: Vec<u16> = rows().iter().map(|row| row.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), rows().len());
    }
}
