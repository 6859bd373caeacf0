//! Users and groups: of the host, and of containers by their id.

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
