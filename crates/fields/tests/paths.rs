//! The paths of calls on the file system, one case per rule of what the peer does.

mod moment;

use moment::{Moment, directory, file};
use vigie_events::build::EventBuilder;
use vigie_events::id;

const ALL: [&str; 6] =
    ["fs.path.name", "fs.path.nameraw", "fs.path.source", "fs.path.sourceraw", "fs.path.target", "fs.path.targetraw"];

#[track_caller]
fn name(moment: &Moment, full: &str, raw: &str) {
    moment.says("fs.path.name", full);
    moment.says("fs.path.nameraw", raw);
    moment.lacks(&ALL[2..]);
}

#[track_caller]
fn pair(moment: &Moment, source: [&str; 2], target: [&str; 2]) {
    moment.says("fs.path.source", source[0]);
    moment.says("fs.path.sourceraw", source[1]);
    moment.says("fs.path.target", target[0]);
    moment.says("fs.path.targetraw", target[1]);
    moment.lacks(&ALL[..2]);
}

#[test]
fn calls_with_one_path() {
    for id in [
        id::MKDIR_X,
        id::RMDIR_X,
        id::UNLINK_X,
        id::CHOWN_X,
        id::LCHOWN_X,
        id::UMOUNT_X,
        id::UMOUNT2_X,
        id::CHMOD_X,
        id::QUOTACTL_X,
    ] {
        let event = |path: &[u8]| EventBuilder::new(id).i64(0).text(path).absents(8);
        name(&Moment::new(event(b"a/../b")), "/home/u/b", "a/../b");
        name(&Moment::new(event(b"/a//b/")), "/a/b", "/a//b/");
    }
    let chdir = EventBuilder::new(id::CHDIR_X).i64(0).text(b"/x");
    Moment::new(chdir).lacks(&ALL);
}

#[test]
fn without_a_thread_only_what_was_passed() {
    let mkdir = EventBuilder::new(id::MKDIR_X).i64(0).text(b"a").u32(0);
    let moment = Moment::nobodys(mkdir);
    moment.says("fs.path.nameraw", "a");
    moment.lacks(&["fs.path.name"]);
}

#[test]
fn only_what_succeeded() {
    let mkdir = |result: i64| EventBuilder::new(id::MKDIR_X).i64(result).text(b"/a").u32(0);
    Moment::new(mkdir(-17)).lacks(&ALL);
    Moment::new(mkdir(1)).lacks(&ALL);
    let open = |fd: i64| EventBuilder::new(id::OPEN_X).i64(fd).text(b"a").u32(1).u32(0);
    name(&Moment::new(open(3)), "/home/u/a", "a");
    Moment::new(open(-1)).lacks(&ALL);
    // Other errors pass, as with the peer.
    name(&Moment::new(open(-13)), "/home/u/a", "a");
}

#[test]
fn opened_relative_paths_are_the_descriptor_s() {
    let openat = |id: u16, path: &[u8]| EventBuilder::new(id).i64(3).i64(7).text(path).u32(1).u32(0);
    for id in [id::OPENAT_X, id::OPENAT2_X] {
        let opened = Moment::new(openat(id, b"x")).opened(3, file("/srv/x")).about(3);
        name(&opened, "/srv/x", "x");
        name(&Moment::new(openat(id, b"x")).about(3), "<UNKNOWN>", "x");
        name(&Moment::new(openat(id, b"/y/../x")).opened(3, file("/srv/x")).about(3), "/x", "/y/../x");
    }
}

#[test]
fn directories_by_descriptor() {
    for id in [id::MKDIRAT_X, id::UNLINKAT_X, id::FCHMODAT_X, id::FCHOWNAT_X] {
        let event = |dirfd: i64| EventBuilder::new(id).i64(0).i64(dirfd).text(b"x/y").absents(3);
        name(&Moment::new(event(7)).opened(7, directory("/srv")), "/srv/x/y", "x/y");
        name(&Moment::new(event(7)).opened(7, file("/srv")), "<UNKNOWN>x/y", "x/y");
        name(&Moment::new(event(7)), "<UNKNOWN>x/y", "x/y");
        name(&Moment::new(event(-100)), "<UNKNOWN>x/y", "x/y");
    }
}

#[test]
fn paths_of_descriptors() {
    for id in [id::FCHMOD_X, id::FCHOWN_X] {
        let event = || EventBuilder::new(id).i64(0).i64(3).absents(2);
        name(&Moment::new(event()).opened(3, file("/x/y")).about(3), "/x/y", "/x/y");
        // As `fd.name` of a descriptor that nobody knows.
        name(&Moment::new(event()).about(3), "", "");
        Moment::nobodys(event()).about(3).lacks(&ALL);
    }
}

#[test]
fn renames_and_links() {
    let two = |id: u16| EventBuilder::new(id).i64(0).text(b"old").text(b"/new");
    pair(&Moment::new(two(id::RENAME_X)), ["/home/u/old", "old"], ["/new", "/new"]);
    // The source of a link is its new name.
    pair(&Moment::new(two(id::LINK_X)), ["/new", "/new"], ["/home/u/old", "old"]);
    // Parameters of symlink: target, linkpath.
    pair(&Moment::new(two(id::SYMLINK_X)), ["/new", "/new"], ["/home/u/old", "old"]);
    pair(&Moment::new(two(id::MOUNT_X).text(b"ext4").u32(0)), ["/home/u/old", "old"], ["/new", "/new"]);
}

#[test]
fn renames_and_links_by_descriptor() {
    let four = |id: u16| EventBuilder::new(id).i64(0).i64(7).text(b"old").i64(-100).text(b"new").u32(0);
    let moment = |id: u16| Moment::new(four(id)).opened(7, directory("/srv"));
    pair(&moment(id::RENAMEAT2_X), ["/srv/old", "old"], ["/home/u/new", "new"]);
    pair(&Moment::new(four(id::RENAMEAT2_X)), ["<UNKNOWN>old", "old"], ["/home/u/new", "new"]);
    // Directories of these do not count.
    pair(&moment(id::RENAMEAT_X), ["/home/u/old", "old"], ["/home/u/new", "new"]);
    pair(&moment(id::LINKAT_X), ["/home/u/new", "new"], ["/home/u/old", "old"]);
    let symlinkat = |dirfd: i64| EventBuilder::new(id::SYMLINKAT_X).i64(0).text(b"to").i64(dirfd).text(b"link");
    let at = Moment::new(symlinkat(7)).opened(7, directory("/srv"));
    pair(&at, ["/srv/link", "link"], ["<UNKNOWN>to", "to"]);
    pair(&Moment::new(symlinkat(-100)), ["<UNKNOWN>link", "link"], ["<UNKNOWN>to", "to"]);
}
