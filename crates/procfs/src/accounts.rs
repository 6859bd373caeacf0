//! `/etc/passwd` and `/etc/group`.

use vigie_events::facts::{ListedGroup, ListedUser};

use crate::file::number;

/// The largest file that is read; what is beyond is not known.
pub const LARGEST: usize = 8 << 20;
/// The most entries that are read.
const MOST: usize = 65_536;
/// The longest text of an entry.
const LONGEST: usize = 1024;

/// Reads `name:password:uid:gid:comment:home:shell` lines; others are passed over.
pub fn users(text: &[u8]) -> Vec<ListedUser> {
    entries(text)
        .filter_map(|fields| {
            let [name, _, uid, gid, _, home, shell, ..] = fields[..] else { return None };
            let id = |text: &[u8]| number(text).and_then(|id| u32::try_from(id).ok());
            Some(ListedUser {
                uid: id(uid)?,
                gid: id(gid)?,
                name: name.to_vec(),
                home: home.to_vec(),
                shell: shell.to_vec(),
            })
        })
        .take(MOST)
        .collect()
}

/// Reads `name:password:gid:members` lines; others are passed over.
pub fn groups(text: &[u8]) -> Vec<ListedGroup> {
    entries(text)
        .filter_map(|fields| {
            let [name, _, gid, ..] = fields[..] else { return None };
            Some(ListedGroup { gid: number(gid)?.try_into().ok()?, name: name.to_vec() })
        })
        .take(MOST)
        .collect()
}

/// The fields of each entry that has a name and nothing overlong.
fn entries(text: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    text.split(|&byte| byte == b'\n').filter_map(|line| {
        let fields: Vec<&[u8]> = line.splitn(8, |&byte| byte == b':').collect();
        let fits = fields.iter().take(7).all(|field| field.len() <= LONGEST);
        let named = fields.first().is_some_and(|name| !name.is_empty() && name[0] != b'#');
        // The members of a group are not looked at, and may be long.
        (named && (fits || fields.len() == 4)).then_some(fields)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_other_lines() {
        let text = b"root:x:0:0:root:/root:/bin/sh\n# none\n\nshort:x:1\nbad:x:-1:0::/:/bin/sh\nme:x:7:8::/me:\nx";
        let listed = users(text);
        assert_eq!(
            listed.iter().map(|user| (&user.name[..], user.uid, user.gid)).collect::<Vec<_>>(),
            [(&b"root"[..], 0, 0), (b"me", 7, 8)]
        );
        assert_eq!((&listed[0].home[..], &listed[0].shell[..]), (&b"/root"[..], &b"/bin/sh"[..]));
        let text = format!("root:x:0:\nwheel:x:10:{}\nmany:x:99999999999:\n", "me,".repeat(1000));
        let listed = groups(text.as_bytes());
        assert_eq!(
            listed.iter().map(|group| (&group.name[..], group.gid)).collect::<Vec<_>>(),
            [(&b"root"[..], 0), (b"wheel", 10)]
        );
    }
}
