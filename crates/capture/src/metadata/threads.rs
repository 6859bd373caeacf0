//! The list of threads, versions 1 to 9.

use vigie_events::facts::ListedThread;

use crate::cursor::Cursor;

/// Reads entries while at least four bytes remain; less is padding. `None` when an entry is damaged.
pub fn read(body: &[u8], version: u8, threads: &mut Vec<ListedThread>, most: usize) -> Option<()> {
    let mut fields = Cursor::new(body);
    while fields.left() >= 4 {
        let thread = if version >= 9 {
            let mut entry = fields.entry(true)?;
            let mut thread = read_thread(&mut entry, version)?;
            read_tail(&mut entry, &mut thread);
            thread
        } else {
            read_thread(&mut fields, version)?
        };
        if threads.len() < most {
            threads.push(thread);
        }
    }
    Some(())
}

fn read_thread(fields: &mut Cursor<'_>, version: u8) -> Option<ListedThread> {
    let mut thread =
        ListedThread { tid: fields.i64()?, pid: fields.i64()?, ptid: fields.i64()?, ..ListedThread::default() };
    if version >= 6 {
        thread.sid = fields.i64()?;
    }
    if version >= 8 {
        thread.vpgid = fields.i64()?;
    }
    thread.comm = fields.text()?;
    thread.exe = fields.text()?;
    if version >= 7 {
        thread.exepath = fields.text()?;
    }
    thread.args = fields.text()?;
    thread.cwd = fields.text()?;
    thread.fdlimit = fields.i64()?;
    thread.flags = fields.u32()?;
    thread.uid = fields.u32()?;
    thread.gid = fields.u32()?;
    if version >= 2 {
        thread.vmsize_kb = fields.u32()?;
        thread.vmrss_kb = fields.u32()?;
        thread.vmswap_kb = fields.u32()?;
        thread.pfmajor = fields.u64()?;
        thread.pfminor = fields.u64()?;
    }
    if version >= 3 {
        thread.env = fields.text()?;
    }
    (thread.vtid, thread.vpid) = (thread.tid, thread.pid);
    if version >= 4 {
        thread.vtid = fields.i64()?;
        thread.vpid = fields.i64()?;
        thread.cgroups = fields.text()?;
    }
    if version >= 5 {
        thread.root = fields.text()?;
    }
    Some(thread)
}

/// The length of the tail that older writers of version 9 have, which does not begin with the time and the terminal.
const OLD_TAIL: usize = 29;

/// Reads in order what is there; the rest keeps its defaults.
fn read_tail(fields: &mut Cursor<'_>, thread: &mut ListedThread) -> Option<()> {
    if fields.left() > OLD_TAIL {
        thread.pidns_init_start_ts = fields.u64()?;
        thread.tty = fields.u32()?;
    }
    thread.loginuid = fields.u32()?;
    thread.exe_writable = fields.flag()?;
    thread.cap_inheritable = fields.u64()?;
    thread.cap_permitted = fields.u64()?;
    thread.cap_effective = fields.u64()?;
    thread.exe_upper_layer = fields.flag()?;
    thread.exe_ino = fields.u64()?;
    thread.exe_ctime = fields.u64()?;
    thread.exe_mtime = fields.u64()?;
    thread.exe_from_memfd = fields.flag()?;
    thread.exe_lower_layer = fields.flag()?;
    thread.pgid = fields.i64()?;
    Some(())
}
