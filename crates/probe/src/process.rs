//! The events that tell of processes: fork, exec, exit.

use vigie_events::schema::Kind;

use crate::encode::Encoder;
use crate::flags::{self, Conversion};
use crate::wire::{Fields, Record, tag};

const CLONE_VM: u64 = 0x100;
const CLONE_VFORK: u64 = 0x4000;
/// The schema's bit for callers whose process numbers are not those of the host.
const CHILD_IN_PIDNS: u64 = 1 << 29;

const SUBSYSTEMS: [&[u8]; 5] = [b"cpuset=", b"cpu=", b"cpuacct=", b"io=", b"memory="];
const UNIFIED: u8 = 5;

/// `struct process_facts`.
#[derive(Default)]
pub struct Facts {
    pub tid: i32,
    pub pid: i32,
    pub ptid: i32,
    pub vtid: i32,
    pub vpid: i32,
    pub pgid: i32,
    pub vpgid: i32,
    pub sid: i32,
    pub uid: u32,
    pub gid: u32,
    pub loginuid: u32,
    pub tty: u32,
    pub file_limit: u64,
    pub faults_major: u64,
    pub faults_minor: u64,
    pub vm_size: u32,
    pub vm_rss: u32,
    pub vm_swap: u32,
    pub pidns_start: u64,
    pub start: u64,
    /// Inheritable, permitted, effective.
    pub caps: [u64; 3],
    pub exe_ino: u64,
    pub exe_ctime: u64,
    pub exe_mtime: u64,
    pub exe_flags: u32,
    pub in_pidns: bool,
    pub comm: [u8; 16],
}

impl Facts {
    pub fn read(blob: &[u8]) -> Facts {
        let mut fields = Fields(blob);
        let [tid, pid, ptid, vtid, vpid, pgid, vpgid, sid] = std::array::from_fn(|_| fields.i32());
        let [uid, gid, loginuid, tty] = std::array::from_fn(|_| fields.u32());
        let [file_limit, faults_major, faults_minor] = std::array::from_fn(|_| fields.u64());
        let [vm_size, vm_rss, vm_swap, _reserved] = std::array::from_fn(|_| fields.u32());
        let [pidns_start, start] = std::array::from_fn(|_| fields.u64());
        let caps = std::array::from_fn(|_| fields.u64());
        let [exe_ino, exe_ctime, exe_mtime] = std::array::from_fn(|_| fields.u64());
        let (exe_flags, in_pidns) = (fields.u32(), fields.u32() != 0);
        let comm = fields.bytes();
        Facts {
            tid,
            pid,
            ptid,
            vtid,
            vpid,
            pgid,
            vpgid,
            sid,
            uid,
            gid,
            loginuid,
            tty,
            file_limit,
            faults_major,
            faults_minor,
            vm_size,
            vm_rss,
            vm_swap,
            pidns_start,
            start,
            caps,
            exe_ino,
            exe_ctime,
            exe_mtime,
            exe_flags,
            in_pidns,
            comm,
        }
    }

    fn of(record: &Record<'_>) -> Facts {
        Facts::read(record.blob(tag::PROCESS).unwrap_or_default())
    }
}

/// Components, innermost first and each with its NUL, as a path. A name with one NUL more lies in no folder.
pub fn path(components: &[u8]) -> Vec<u8> {
    if let Some(name) = components.strip_suffix(b"\0\0").filter(|name| !name.is_empty()) {
        return name.to_vec();
    }
    let mut path = Vec::with_capacity(components.len() + 1);
    for component in components.split(|&byte| byte == 0).rev().filter(|component| !component.is_empty()) {
        path.push(b'/');
        path.extend_from_slice(component);
    }
    if path.is_empty() {
        path.push(b'/');
    }
    path
}

/// `subsystem=path` with a NUL each. A subsystem whose own hierarchy has the process at its root shows the unified one.
fn cgroups(record: &Record<'_>, out: &mut Encoder) {
    let blobs = || record.blobs().filter(|(tag, _)| *tag == tag::CGROUP).filter_map(|(_, blob)| blob.split_first());
    let unified = blobs().find(|(number, _)| **number == UNIFIED).map(|(_, components)| components);
    out.pieces(|to| {
        for (number, mut components) in blobs() {
            let Some(name) = SUBSYSTEMS.get(usize::from(*number)) else { continue };
            if components.iter().all(|&byte| byte == 0) {
                components = unified.unwrap_or(components);
            }
            to.extend_from_slice(name);
            to.extend_from_slice(&path(components));
            to.push(0);
        }
    });
}

/// `argv[0]`, and what follows it.
fn program<'r>(record: &Record<'r>) -> Option<(&'r [u8], &'r [u8])> {
    let all = record.blob(tag::ARGS).filter(|all| !all.is_empty())?;
    let end = memchr(all).unwrap_or(all.len());
    Some((&all[..end], all.get(end + 1..).unwrap_or_default()))
}

fn memchr(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|&byte| byte == 0)
}

/// Texts one after the other; the last has its NUL even if it was cut off.
fn texts(bytes: &[u8], out: &mut Encoder) {
    out.pieces(|to| {
        to.extend_from_slice(bytes);
        if let Some(last) = bytes.last().filter(|last| **last != 0) {
            debug_assert_ne!(*last, 0);
            to.push(0);
        }
    });
}

/// The part that all of these events have in common: executable, arguments, numbers, memory.
fn common(record: &Record<'_>, facts: &Facts, named: bool, out: &mut Encoder) {
    out.i64(record.result);
    match program(record).filter(|_| named) {
        Some((exe, args)) => {
            out.text(exe);
            texts(args, out);
        }
        None => {
            out.absent();
            out.absent();
        }
    }
    out.i64(facts.tid.into());
    out.i64(facts.pid.into());
    out.i64(facts.ptid.into());
    out.absent(); // the working directory is known from before
    out.u64(facts.file_limit);
    out.u64(facts.faults_major);
    out.u64(facts.faults_minor);
    out.u32(facts.vm_size);
    out.u32(facts.vm_rss);
    out.u32(facts.vm_swap);
    out.text(&facts.comm);
    cgroups(record, out);
}

/// clone, clone3, fork, vfork, of the caller and of the child. `name`: of the call.
pub fn clone(record: &Record<'_>, name: &str, out: &mut Encoder) {
    let facts = Facts::of(record);
    common(record, &facts, record.result >= 0, out);
    let native = match name {
        "clone" => record.args[0],
        "clone3" => record.blob(0).map_or(0, |blob| Fields(blob).u64()),
        "vfork" => CLONE_VFORK | CLONE_VM,
        _ => 0,
    };
    let mut flags = flags::convert(Conversion::Clone, native);
    if facts.in_pidns {
        flags |= CHILD_IN_PIDNS;
    }
    out.number(Kind::Flags32, flags);
    out.u32(facts.uid);
    out.u32(facts.gid);
    out.i64(facts.vtid.into());
    out.i64(facts.vpid.into());
    out.u64(facts.pidns_start);
}

/// execve and execveat: a success with the new image, a failure with the old one and what was asked for.
pub fn exec(record: &Record<'_>, filename: bool, out: &mut Encoder) {
    let facts = Facts::of(record);
    common(record, &facts, true, out);
    texts(record.blob(tag::ENV).unwrap_or_default(), out);
    out.u32(facts.tty);
    out.i64(facts.vpgid.into());
    out.u32(facts.loginuid);
    out.u32(facts.exe_flags);
    for capabilities in facts.caps {
        out.u64(capabilities);
    }
    out.u64(facts.exe_ino);
    out.u64(facts.exe_ctime);
    out.u64(facts.exe_mtime);
    out.u32(facts.uid);
    match record.blob(tag::EXE_PATH) {
        Some(components) => out.text(&path(components)),
        None => out.absent(),
    }
    out.i64(facts.pgid.into());
    out.u32(facts.gid);
    if filename {
        match record.blob(tag::FILE_NAME).or_else(|| record.blob(0)) {
            Some(name) => out.text(name),
            None => out.absent(),
        }
    }
}

/// procexit: the wait status and its parts, and who takes over the children.
pub fn exit(record: &Record<'_>, out: &mut Encoder) {
    let status = record.result;
    out.i64(status);
    out.i64(status >> 8 & 0xff);
    out.u8((status & 0x7f) as u8);
    out.u8(u8::from(status & 0x80 != 0));
    out.i64(i64::from(record.args[0] as i32));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_turned_round() {
        assert_eq!(path(b"bash\0bin\0usr\0"), b"/usr/bin/bash");
        assert_eq!(path(b"memfd:x\0\0"), b"memfd:x");
        assert_eq!(path(b""), b"/");
        assert_eq!(path(b"\0"), b"/");
    }
}
