//! How events of older writers become events of the current schema, as in `tables/conversions.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Where a parameter of the new event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The parameter of that index of the event itself.
    Old(u8),
    /// The parameter of that index of the enter event stored for the thread; when there is none, no bytes with
    /// `empty`, else the default of the kind.
    Enter { index: u8, empty: bool },
    /// No bytes.
    Empty,
    /// Zero of the kind's size; all ones for users and groups.
    Default,
    /// Computed: the old container event's fields as the newer one's JSON.
    Computed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Keep the enter event for its thread and drop it.
    Store,
    /// Deliver as it is.
    Pass,
    StoreAndPass,
    /// Append parameters.
    Append,
    /// Become an event of that id that has just the parameters listed.
    Become(u16),
}

#[derive(Debug)]
pub struct Conversion {
    pub action: Action,
    pub params: Vec<From>,
}

static CONVERSIONS: LazyLock<HashMap<(u16, u8), Conversion>> = LazyLock::new(|| {
    include_str!("tables/conversions.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(read).collect()
});

/// What happens to an event of that id that has so many parameters. `None` when no rule fits.
pub fn conversion(id: u16, params: usize) -> Option<&'static Conversion> {
    CONVERSIONS.get(&(id, u8::try_from(params).ok()?))
}

fn read(line: &str) -> Option<((u16, u8), Conversion)> {
    let columns: Vec<&str> = line.split('\t').collect();
    let action = match columns[2] {
        "store_enter" => Action::Store,
        "pass" => Action::Pass,
        "store_and_pass" => Action::StoreAndPass,
        "add_params" => Action::Append,
        "change_type" => Action::Become(columns[3].parse().ok()?),
        _ => return None,
    };
    let params = columns[4].split_whitespace().map(read_from).collect::<Option<Vec<From>>>()?;
    Some(((columns[0].parse().ok()?, columns[1].parse().ok()?), Conversion { action, params }))
}

fn read_from(text: &str) -> Option<From> {
    let (place, empty) = text.strip_suffix("|empty").map_or((text, false), |place| (place, true));
    Some(match place.split_once(':') {
        None if place == "empty" => From::Empty,
        None if place == "default" => From::Default,
        Some(("old", index)) => From::Old(index.parse().ok()?),
        Some(("enter", index)) => From::Enter { index: index.parse().ok()?, empty },
        Some(("callback", _)) => From::Computed,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_understood() {
        assert_eq!(CONVERSIONS.len(), include_str!("tables/conversions.tsv").lines().count() - 1);
        let link = conversion(105, 1).unwrap();
        assert_eq!(link.action, Action::Become(309));
        assert_eq!(link.params[1], From::Enter { index: 0, empty: true });
    }
}
