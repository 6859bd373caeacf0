//! The body of one block while it is written, and the entries of the lists of a host.

use std::net::IpAddr;

use vigie_events::address::End;
use vigie_events::facts::{Interface, ListedFd, ListedFdKind, ListedGroup, ListedThread, ListedUser, Machine};

use crate::metadata::descriptors::{FILE_V2, IPV4, IPV4_SERVER, IPV6, IPV6_SERVER, UNIX, UNKNOWN};

const HOSTNAME: usize = 128;
/// The type of descriptors of which only a name is known.
const UNSUPPORTED: u8 = 10;

/// Bytes to which fields are appended.
#[derive(Default)]
pub struct Record {
    bytes: Vec<u8>,
}

impl Record {
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    pub fn pad(&mut self, length: usize) {
        self.bytes.resize(length, 0);
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub fn u8(&mut self, number: u8) -> &mut Self {
        self.bytes(&[number])
    }

    pub fn u16(&mut self, number: u16) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    pub fn u32(&mut self, number: u32) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    pub fn u64(&mut self, number: u64) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    pub fn i64(&mut self, number: i64) -> &mut Self {
        self.bytes(&number.to_le_bytes())
    }

    /// Text of more bytes than its length can say is cut.
    pub fn text(&mut self, text: &[u8]) -> &mut Self {
        let text = &text[..text.len().min(usize::from(u16::MAX))];
        self.u16(text.len() as u16).bytes(text)
    }

    /// An entry that begins with its own length.
    fn entry(&mut self, counts_itself: bool, write: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.u32(0);
        write(self);
        let length = self.bytes.len() - start - if counts_itself { 0 } else { 4 };
        // An entry is some texts and numbers, far below four gigabytes.
        self.bytes[start..start + 4].copy_from_slice(&(length as u32).to_le_bytes());
    }

    pub fn machine(&mut self, machine: &Machine) {
        let mut hostname = [0; HOSTNAME];
        let length = machine.hostname.len().min(HOSTNAME - 1);
        hostname[..length].copy_from_slice(&machine.hostname[..length]);
        self.u32(machine.cpus).u64(machine.memory_bytes).u64(machine.max_pid).bytes(&hostname);
        self.u64(machine.boot_ts).u64(machine.flags).u64(0).u64(0);
    }

    pub fn interface(&mut self, interface: &Interface) {
        let addresses = [interface.address, interface.netmask, interface.broadcast];
        let wide = addresses.iter().any(IpAddr::is_ipv6);
        let kind = if wide { 2 } else { 1 } + if interface.link_speed.is_some() { 0 } else { 2 };
        let name = &interface.name[..interface.name.len().min(usize::from(u16::MAX))];
        self.entry(false, |entry| {
            entry.u16(kind).u16(name.len() as u16);
            for address in addresses {
                entry.address(address, wide);
            }
            if let Some(speed) = interface.link_speed {
                entry.u64(speed);
            }
            entry.bytes(name);
        });
    }

    pub fn user(&mut self, user: &ListedUser) {
        self.entry(true, |entry| {
            entry.u8(0).u32(user.uid).u32(user.gid).text(&user.name).text(&user.home).text(&user.shell);
        });
    }

    pub fn group(&mut self, group: &ListedGroup) {
        self.entry(true, |entry| {
            entry.u8(1).u32(group.gid).text(&group.name);
        });
    }

    pub fn thread(&mut self, thread: &ListedThread) {
        self.entry(true, |entry| {
            entry.i64(thread.tid).i64(thread.pid).i64(thread.ptid).i64(thread.sid).i64(thread.vpgid);
            entry.text(&thread.comm).text(&thread.exe).text(&thread.exepath).text(&thread.args).text(&thread.cwd);
            entry.i64(thread.fdlimit).u32(thread.flags).u32(thread.uid).u32(thread.gid);
            entry.u32(thread.vmsize_kb).u32(thread.vmrss_kb).u32(thread.vmswap_kb);
            entry.u64(thread.pfmajor).u64(thread.pfminor);
            entry.text(&thread.env).i64(thread.vtid).i64(thread.vpid).text(&thread.cgroups).text(&thread.root);
            entry.u64(thread.pidns_init_start_ts).u32(thread.tty).u32(thread.loginuid).u8(thread.exe_writable.into());
            entry.u64(thread.cap_inheritable).u64(thread.cap_permitted).u64(thread.cap_effective);
            entry.u8(thread.exe_upper_layer.into());
            entry.u64(thread.exe_ino).u64(thread.exe_ctime).u64(thread.exe_mtime);
            entry.u8(thread.exe_from_memfd.into()).u8(thread.exe_lower_layer.into()).i64(thread.pgid);
        });
    }

    /// The type follows from what is known, so that what is written can be read.
    pub fn descriptor(&mut self, fd: &ListedFd) {
        self.entry(true, |entry| {
            entry.i64(fd.fd).u64(fd.ino);
            match &fd.what {
                ListedFdKind::Unknown => {
                    entry.u8(UNKNOWN);
                }
                ListedFdKind::Socket { source, destination, l4proto } => {
                    let wide = source.ip.is_ipv6() || destination.ip.is_ipv6();
                    entry.u8(if wide { IPV6 } else { IPV4 }).address(source.ip, wide).address(destination.ip, wide);
                    entry.u16(source.port).u16(destination.port).u8(*l4proto);
                }
                ListedFdKind::Listening { local: End { ip, port }, l4proto } => {
                    entry.u8(if ip.is_ipv6() { IPV6_SERVER } else { IPV4_SERVER });
                    entry.address(*ip, ip.is_ipv6()).u16(*port).u8(*l4proto);
                }
                ListedFdKind::Unix { source, destination, path } => {
                    entry.u8(UNIX).u64(*source).u64(*destination).text(path);
                }
                ListedFdKind::File { open_flags, name, dev } => {
                    entry.u8(FILE_V2).u32(*open_flags).text(name).u32(*dev);
                }
                ListedFdKind::Named(name) => {
                    let named =
                        !matches!(fd.type_id, UNKNOWN | IPV4 | IPV6 | IPV4_SERVER | IPV6_SERVER | UNIX | FILE_V2);
                    entry.u8(if named { fd.type_id } else { UNSUPPORTED }).text(name);
                }
            }
        });
    }

    /// Where others of an entry are IPv6, IPv4 is mapped.
    fn address(&mut self, address: IpAddr, wide: bool) -> &mut Self {
        match address {
            IpAddr::V4(address) if wide => self.bytes(&address.to_ipv6_mapped().octets()),
            IpAddr::V4(address) => self.bytes(&address.octets()),
            IpAddr::V6(address) => self.bytes(&address.octets()),
        }
    }
}
