"""Sleeps, with its arguments where others would have to fetch them: argv[1] is "userfault" or "file"."""

import ctypes
import fcntl
import mmap
import struct
import sys
import tempfile
import time
from pathlib import Path

PR_SET_MM, PR_SET_MM_MAP = 35, 14
SYS_USERFAULTFD = {"x86_64": 323, "aarch64": 282}
UFFDIO_API, UFFDIO_REGISTER = 0xC018AA3F, 0xC020AA00

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


if sys.argv[1] == "file":
    with tempfile.TemporaryFile() as file:
        file.write(b"from a file\0" + bytes(mmap.PAGESIZE))
        file.flush()
        area = mmap.mmap(file.fileno(), mmap.PAGESIZE)
else:
    area = mmap.mmap(-1, mmap.PAGESIZE)
start = ctypes.addressof(ctypes.c_char.from_buffer(area))
if sys.argv[1] == "userfault":
    import platform

    fd = checked(libc.syscall(SYS_USERFAULTFD[platform.machine()], 0))
    fcntl.ioctl(fd, UFFDIO_API, bytearray(struct.pack("<3Q", 0xAA, 0, 0)))
    fcntl.ioctl(fd, UFFDIO_REGISTER, bytearray(struct.pack("<4Q", start, mmap.PAGESIZE, 1, 0)))
fields = [0, 0, *Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()]
code, data = [int(fields[at]) for at in (25, 26)], [int(fields[at]) for at in (44, 45)]
heap, stack, env = int(fields[46]), int(fields[27]), [int(fields[at]) for at in (49, 50)]
libc.sbrk.restype = ctypes.c_void_p
arguments = [start, start + 100]
places = struct.pack("<12Q2I", *code, *data, heap, libc.sbrk(0), stack, *arguments, *env, 0, 0, 0xFFFFFFFF)
checked(libc.prctl(PR_SET_MM, PR_SET_MM_MAP, ctypes.c_char_p(places), ctypes.c_ulong(len(places)), 0))
libc.prctl(15, b"ready", 0, 0, 0)
time.sleep(300)
