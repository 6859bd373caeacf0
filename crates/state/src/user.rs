//! Users and groups: of the host, and of containers by their id.

use vigie_events::facts::{ListedGroup, ListedUser};

use crate::map::Map;

use crate::Bytes;

/// The most users, and the most groups, kept over all containers.
pub const MAX_ACCOUNTS: usize = 65_536;

/// The name, home or shell of an account that is known without it.
pub const UNTOLD: &str = "<NA>";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
    pub name: Bytes,
    pub home: Bytes,
    pub shell: Bytes,
}

/// Accounts by container id (empty for the host) and number.
#[derive(Debug, Default)]
pub struct Accounts {
    users: Map<Bytes, Map<u32, User>>,
    groups: Map<Bytes, Map<u32, Bytes>>,
    count: usize,
    /// Accounts not taken up because the tables were full.
    pub refused: u64,
}

impl Accounts {
    pub fn user(&self, container: &[u8], uid: u32) -> Option<&User> {
        self.users.get(container)?.get(&uid)
    }

    pub fn group(&self, container: &[u8], gid: u32) -> Option<&Bytes> {
        self.groups.get(container)?.get(&gid)
    }

    /// Takes a user up. Names that begin with `+` or `-` are compatibility entries of the C library and are left out.
    pub fn add_user(&mut self, container: Bytes, user: User) {
        if matches!(user.name.first(), Some(b'+' | b'-')) || self.full() {
            return;
        }
        self.count += usize::from(self.users.entry(container).or_default().insert(user.uid, user).is_none());
    }

    pub fn add_group(&mut self, container: Bytes, gid: u32, name: Bytes) {
        if matches!(name.first(), Some(b'+' | b'-')) || self.full() {
            return;
        }
        self.count += usize::from(self.groups.entry(container).or_default().insert(gid, name).is_none());
    }

    pub fn remove_user(&mut self, container: &[u8], uid: u32) {
        let Some(users) = self.users.get_mut(container) else { return };
        self.count -= usize::from(users.remove(&uid).is_some());
        if users.is_empty() {
            self.users.remove(container);
        }
    }

    pub fn remove_group(&mut self, container: &[u8], gid: u32) {
        let Some(groups) = self.groups.get_mut(container) else { return };
        self.count -= usize::from(groups.remove(&gid).is_some());
        if groups.is_empty() {
            self.groups.remove(container);
        }
    }

    /// The users of the host, in the order of their numbers.
    pub(crate) fn users_of_host(&self) -> Vec<ListedUser> {
        let mut users: Vec<&User> = self.users.get(&b""[..]).into_iter().flat_map(Map::values).collect();
        users.sort_unstable_by_key(|user| user.uid);
        let listed = users.into_iter().map(|user| ListedUser {
            uid: user.uid,
            gid: user.gid,
            name: user.name.to_vec(),
            home: user.home.to_vec(),
            shell: user.shell.to_vec(),
        });
        listed.collect()
    }

    /// The groups of the host, in the order of their numbers.
    pub(crate) fn groups_of_host(&self) -> Vec<ListedGroup> {
        let groups = self.groups.get(&b""[..]).into_iter().flatten();
        let mut listed: Vec<ListedGroup> =
            groups.map(|(&gid, name)| ListedGroup { gid, name: name.to_vec() }).collect();
        listed.sort_unstable_by_key(|group| group.gid);
        listed
    }

    /// Forgets the accounts of a container, or of the host.
    pub(crate) fn forget(&mut self, container: &[u8]) {
        let users = self.users.remove(container).map_or(0, |users| users.len());
        let groups = self.groups.remove(container).map_or(0, |groups| groups.len());
        self.count -= users + groups;
    }

    /// Forgets the accounts of all containers.
    pub(crate) fn forget_containers(&mut self) {
        self.users.retain(|container, _| container.is_empty());
        self.groups.retain(|container, _| container.is_empty());
        self.count =
            self.users.values().map(Map::len).sum::<usize>() + self.groups.values().map(Map::len).sum::<usize>();
    }

    pub(crate) fn is_half_full(&self) -> bool {
        self.count >= MAX_ACCOUNTS / 2
    }

    /// A container sees the accounts of the host.
    pub fn copy_host_to(&mut self, container: &Bytes) {
        let users: Vec<User> = self.users_of(b"").cloned().collect();
        let groups: Vec<(u32, Bytes)> = self.groups_of(b"").map(|(gid, name)| (gid, name.clone())).collect();
        for user in users {
            self.add_user(container.clone(), user);
        }
        for (gid, name) in groups {
            self.add_group(container.clone(), gid, name);
        }
    }

    /// The containers of which accounts are known.
    pub fn containers(&self) -> impl Iterator<Item = &Bytes> {
        let grouped = self.groups.keys().filter(|id| !self.users.contains_key(&id[..]));
        self.users.keys().chain(grouped).filter(|id| !id.is_empty())
    }

    /// The users of a container, in no order.
    pub fn users_of(&self, container: &[u8]) -> impl Iterator<Item = &User> {
        self.users.get(container).into_iter().flat_map(Map::values)
    }

    /// The groups of a container, in no order: number and name.
    pub fn groups_of(&self, container: &[u8]) -> impl Iterator<Item = (u32, &Bytes)> {
        self.groups.get(container).into_iter().flatten().map(|(&gid, name)| (gid, name))
    }

    /// How many users and groups are known.
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn full(&mut self) -> bool {
        let full = self.count >= MAX_ACCOUNTS;
        self.refused += u64::from(full);
        full
    }
}

impl std::borrow::Borrow<[u8]> for Bytes {
    fn borrow(&self) -> &[u8] {
        self
    }
}
