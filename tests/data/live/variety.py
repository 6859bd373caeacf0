"""Many forms of the calls that rules look at, so that a filter that cuts too much shows. Its argument is a folder."""

import contextlib
import ctypes
import os
import socket
import sys

WORK = sys.argv[1]
LIBC = ctypes.CDLL(None, use_errno=True)
OPEN, CREAT, OPENAT2, MACHINE = 2, 85, 437, os.uname().machine


def tried(call, *arguments, **named):
    with contextlib.suppress(OSError, ValueError):
        return call(*arguments, **named)


def opened(path, flags, mode=0o600, folder=None):
    fd = tried(os.open, path, flags, mode, dir_fd=folder)
    if fd is not None:
        os.close(fd)


FLAGS = [
    os.O_RDONLY,
    os.O_WRONLY,
    os.O_RDWR,
    os.O_WRONLY | os.O_APPEND,
    os.O_RDONLY | os.O_NOFOLLOW,
    os.O_RDONLY | os.O_DIRECTORY,
    os.O_PATH,
    os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK,
]


def sensitive():
    etc, root = os.open("/etc", os.O_RDONLY), os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    os.chdir("/etc")
    forms = [
        "/etc/shadow",
        "//etc//shadow",
        "/etc/./shadow",
        "/etc/../etc/shadow",
        "/etc/../etc/../etc/shadow",
        "shadow",
    ]
    forms += [
        "./shadow",
        "../etc/shadow",
        "../../../../etc/shadow",
        "/proc/self/root/etc/shadow",
        "/proc/self/cwd/shadow",
    ]
    forms += [
        "/etc/shadow/",
        "/etc/shadow-",
        "/etc/shado",
        "/etc/pam.d/../shadow",
        "/etc/pam.conf",
        "/etc/sudoers",
        "/etc/pam.d/su",
    ]
    forms += [f"/etc/{'./' * count}shadow" for count in (10, 30, 60, 120, 127, 128, 250, 500, 1000)]
    forms += [f"/etc/{'/' * count}shadow" for count in (100, 118, 119, 120, 246, 250, 255)]
    for form in forms:
        for flags in FLAGS:
            opened(form, flags)
    for flags in FLAGS:
        opened("shadow", flags, folder=etc)
        opened("etc/shadow", flags, folder=root)
        opened("../etc/shadow", flags, folder=etc)
        opened("", flags, folder=etc)
        for path in (b"/etc/shadow", b"../etc/shadow"):
            if MACHINE == "x86_64":
                LIBC.close(LIBC.syscall(OPEN, path, flags, 0))
            how = (ctypes.c_uint64 * 3)(flags, 0, 0)
            LIBC.close(LIBC.syscall(OPENAT2, etc, path, how, 24))
    os.chdir(WORK)
    for path in ("/no/such/folder", "/root/.ssh/id_rsa", "../../root/.ssh/x", "/etc/nothing/../../etc/x"):
        for flags in FLAGS:
            opened(path, flags)
    os.fchdir(etc)
    opened("shadow", os.O_RDONLY)
    copy = os.dup(etc)
    opened("shadow", os.O_RDONLY, folder=copy)
    pid = os.fork()
    if pid == 0:
        opened("shadow", os.O_RDONLY, folder=copy)
        os._exit(0)
    os.waitpid(pid, 0)
    for fd in (copy, etc, root):
        os.close(fd)


def written():
    create = os.O_CREAT | os.O_WRONLY
    names = [
        ".bashrc",
        ".bash_history",
        ".profile",
        "auth.log",
        "syslog",
        "x.log",
        "release_agent",
        "id_rsa",
        ".zshrc",
        "authorized_keys",
    ]
    names += [f"{'d' * count}/syslog" for count in (90, 100, 101, 110, 120, 200, 240)]
    os.chdir(WORK)
    for name in names:
        if "/" in name:
            os.mkdir(name.split("/")[0])  # noqa: PTH102 - relative to a folder
        for flags in (
            create,
            create | os.O_TRUNC,
            create | os.O_EXCL,
            os.O_RDWR | os.O_TRUNC,
            os.O_RDONLY,
            os.O_WRONLY,
        ):
            opened(f"{WORK}/{name}", flags)
            opened(name, flags)
        if MACHINE == "x86_64":
            LIBC.close(LIBC.syscall(CREAT, name.encode(), 0o600))
        tried(os.chmod, name, 0o4755)
        tried(os.chmod, name, 0o644)
        tried(os.truncate, name, 0)
        tried(os.link, name, f"{name}.link")
        tried(os.symlink, name, f"{name}.symlink")
        tried(os.rename, f"{name}.link", f"{name}.moved")
        tried(os.unlink, f"{name}.moved")
        tried(os.unlink, name)
        tried(os.unlink, name)
    for target in ("/etc", "/etc/", "/etc/shadow", "/etc/shadow/", "//etc", "/root", "/bin", "etc"):
        tried(os.symlink, target, "link")
        tried(os.unlink, "link")
        tried(os.link, target, "link")
        tried(os.unlink, "link")
    for name in (
        "/dev/vigie-variety",
        "/etc/vigie-variety",
        "/root/vigie-variety",
        "/usr/bin/vigie-variety",
        "/vigie-variety",
    ):
        opened(name, create)
        tried(os.rename, name, f"{name}2")
        tried(os.unlink, f"{name}2")
        tried(os.mkdir, name)
        tried(os.rmdir, name)


def network():
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK):
            made = tried(socket.socket, family, kind)
            if made is not None:
                made.close()
    for family, address in (
        (socket.AF_INET, ("127.0.0.1", 443)),
        (socket.AF_INET, ("127.0.0.1", 22)),
        (socket.AF_INET, ("0.0.0.0", 80)),
        (socket.AF_INET6, ("::1", 443)),
        (socket.AF_INET6, ("::ffff:127.0.0.1", 443)),
        (socket.AF_UNIX, f"{WORK}/no-socket"),
        (socket.AF_UNIX, "\0vigie-variety"),
    ):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(family, kind) as one:
                one.setblocking(False)
                tried(one.connect, address)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        pid = os.fork()
        if pid == 0:
            for number in (0, 1, 2, 9):
                os.dup2(client.fileno(), number)
            os.dup(client.fileno())
            os._exit(0)
        os.waitpid(pid, 0)


def processes():
    for request in (0, 16, 4, 0x4206):
        pid = os.fork()
        if pid == 0:
            LIBC.ptrace(request, os.getpid(), 0, 0)
            os._exit(0)
        os.waitpid(pid, 0)
    for call in (
        lambda: os.setuid(33),
        lambda: os.setuid(0),
        lambda: LIBC.unshare(0x10000000),
        lambda: LIBC.unshare(0x20000),
    ):
        pid = os.fork()
        if pid == 0:
            call()
            tried(os.setuid, 0)
            os._exit(0)
        os.waitpid(pid, 0)


sensitive()
written()
network()
processes()
