/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What passes between the probe and its reader: kept in step with src/wire.rs. */
#ifndef VIGIE_RECORD_H
#define VIGIE_RECORD_H

#define CALLS 512
#define MAX_CAPTURES 4
#define MAX_GATES 64
#define MAX_CLAUSES 16
#define MAX_PREFIXES 32

/* What is copied from the memory of the process, per call. */
enum capture_kind {
	CAPTURE_TEXT = 1,	/* up to a NUL */
	CAPTURE_FIXED = 2,	/* max bytes */
	CAPTURE_RESULT = 3,	/* result many bytes, when it is positive */
	CAPTURE_SENT = 4,	/* result many bytes, or argument many when it failed */
	CAPTURE_LENGTH = 5,	/* argument many items of unit bytes */
	CAPTURE_POINTED = 6,	/* as many bytes as the 32-bit number says that an argument points to */
	CAPTURE_VECTOR_IN = 7,	/* an iovec array that the call filled */
	CAPTURE_VECTOR_OUT = 8, /* an iovec array that the call took from */
	CAPTURE_MESSAGE_IN = 9, /* a struct msghdr that the call filled */
	CAPTURE_MESSAGE_OUT = 10,
};

struct capture {
	u8 kind, arg, length_arg, unit;
	u16 max;
	u16 reserved;
};

enum handler {
	HANDLER_SCALARS = 0, /* result and arguments say it all */
	HANDLER_MEMORY = 1,
	HANDLER_OPEN = 2,
	HANDLER_SOCKET = 3,
	HANDLER_CLONE = 4,
	HANDLER_EXEC = 5,
	HANDLER_RESOURCES = 6,
	HANDLERS = 7,
};

/* How a call becomes a record. */
struct recipe {
	u16 event; /* the schema's id; 0: nobody wants it */
	u8 handler, counter, shed;
	u8 gate; /* index + 1; 0: all events */
	u8 captures;
	u8 fd_arg;    /* the socket or pipe it is about; RESULT_FD: the result */
	u8 flags_arg; /* the open flags' argument; NO_ARG: none */
	u8 path;      /* which capture is the path that gates look at, + 1 */
	u8 address_arg; /* a sockaddr; gates look at the family of its socket, fd_arg; NO_ARG: none */
	u8 family_arg;	/* the family itself; NO_ARG: none */
	u8 reserved[4];
	struct capture capture[MAX_CAPTURES];
};

#define NO_ARG 255
#define RESULT_FD 254

#define TEST_SUCCESS 1
#define TEST_FAILURE 2
#define TEST_OPEN_FLAGS 4
#define TEST_PATHS 8
#define TEST_FAMILIES 16
#define TEST_UIDS 32

struct clause {
	u32 tests;
	u32 open_flags;	  /* native bits, any of them */
	u32 access_modes; /* bit per O_ACCMODE */
	u32 uids[5];
	u64 families; /* bit per AF_*, up to 63 */
};

struct prefix {
	u64 value[2], mask[2];
	u32 clauses; /* bit per clause */
	u32 reserved;
};

struct gate {
	u32 clauses, prefixes;
	u32 pathless; /* the clauses without a test of the path, a bit each */
	u32 reserved;
	struct clause clause[MAX_CLAUSES];
	struct prefix prefix[MAX_PREFIXES];
};

#define FLAG_COMPAT 1	 /* a 32-bit program */
#define FLAG_TRUNCATED 2 /* memory was longer than what is taken */
#define FLAG_UNREAD 4	 /* memory could not be read */
#define FLAG_USER_NS 8	 /* not of the first user namespace */

struct head {
	u64 ts; /* since boot, in ns */
	u32 tid, pid;
	u16 event, nr, cpu, flags;
	u32 blobs; /* bytes behind the arguments */
	u32 uid;   /* effective */
	s64 result;
	u64 args[6];
};

/* Behind the arguments: blobs of tag, length and bytes. 0 to 5 is the memory of that capture. */
enum tag {
	TAG_FILE = 16,
	TAG_SOCKET = 17,
	TAG_PROCESS = 18,
	TAG_ARGS = 19,
	TAG_ENV = 20,
	TAG_EXE_PATH = 21,  /* components, innermost first, each with its NUL */
	TAG_CGROUP = 22,    /* a byte for the subsystem, then components likewise */
	TAG_FILE_NAME = 23, /* what exec was asked for, as the kernel took it */
	TAG_CONTROL = 25,
	TAG_ADDRESS = 26,
	TAG_MEMORY = 27,
	TAG_PATH = 28, /* of a file, like TAG_EXE_PATH */
	TAG_BACKLOG = 30,
	TAG_SIZE = 31,
};

struct blob {
	u16 tag, length;
};

struct file_facts {
	u64 ino;
	u32 dev; /* the kernel's own encoding */
	u32 mode; /* f_mode */
	u32 layer; /* of an overlay: 0 none, 1 upper, 2 lower */
	u32 inode_mode;
};

struct socket_facts {
	u16 family;
	u16 local_port, remote_port; /* host order */
	u16 path_length;
	u8 local[16], remote[16];
	u64 local_pointer, peer_pointer;
	u8 path[108];
	u8 reserved[4];
};

struct memory_facts {
	u32 vm_size, vm_rss, vm_swap, reserved; /* kB */
};

#define EXE_WRITABLE 1
#define EXE_UPPER_LAYER 2
#define EXE_FROM_MEMFD 4
#define EXE_LOWER_LAYER 8

struct process_facts {
	s32 tid, pid, ptid, vtid, vpid, pgid, vpgid, sid;
	u32 uid, gid, loginuid, tty;
	u64 file_limit, faults_major, faults_minor;
	struct memory_facts memory;
	u64 pidns_start; /* since boot, in ns; of the reaper of the task's namespace */
	u64 start;
	u64 cap_inheritable, cap_permitted, cap_effective;
	u64 exe_ino, exe_ctime, exe_mtime;
	u32 exe_flags;
	u32 in_pidns; /* the task's namespace, or that of its children, is not the first */
	char comm[16];
};

enum counter {
	COUNTER_EVENTS,
	COUNTER_CLONE_FORK,
	COUNTER_EXECVE,
	COUNTER_OPEN,
	COUNTER_CONNECT,
	COUNTER_CLOSE,
	COUNTER_DIR_FILE,
	COUNTER_PROC,
	COUNTER_OTHER,
	COUNTER_SCRATCH,
	COUNTER_PAGE_FAULTS,
	COUNTER_SHED_1,
	COUNTER_SHED_2,
	COUNTER_SHED_3,
	COUNTERS = 16,
};

struct counters {
	u64 count[COUNTERS];
};

#endif
