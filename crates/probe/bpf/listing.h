/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What the iterators write about threads and descriptors that are there already: kept in step with src/iterate/. */
#ifndef VIGIE_LISTING_H
#define VIGIE_LISTING_H

#define LISTING_VERSION 1

enum listed {
	LISTED_THREAD = 1,
	LISTED_FILE = 2,
};

/* Flags beside those of records: FLAG_TRUNCATED, FLAG_UNREAD. */
#define FLAG_EXE_DELETED 0x100
#define FLAG_CWD_DELETED 0x200
#define FLAG_ROOT_DELETED 0x400
/* The process has overwritten its arguments with a text that may be longer. */
#define FLAG_TITLE 0x800

/* Before the blobs. */
struct listing_head {
	u16 version;
	u16 kind;
	u16 flags;
	u16 reserved;
	u32 blobs; /* bytes behind this */
	u32 reserved2;
};

enum listing_tag {
	TAG_CWD = 40,
	TAG_ROOT = 41,
	TAG_LISTED_THREAD = 42,
	TAG_LISTED_FILE = 43,
	TAG_NAME = 44, /* of a descriptor, as its link in /proc has it */
};

/* What a list tells beyond `struct process_facts`. */
struct listed_thread {
	u64 ended_faults_minor, ended_faults_major; /* of the process's threads that ended */
	s32 parent; /* the process, not its thread */
	u32 exe_writable;
};

struct listed_file {
	s32 pid;
	u32 fd, flags, close_on_exec;
	s32 pidfd, older_pidfd; /* the process that it stands for, if it does: since 6.9, and before */
	u16 socket_type, socket_protocol;
	u32 socket_state;
};

/* A record never grows beyond what the kernel holds for one reading: 32 KiB. */
#define USED_MAX 24576
#define TEXT_MAX 4096
#define RECORD_MAX 32000

struct scratch {
	u32 used;
	/* How much a loop has added so far: in memory, so that the verifier does not tell its rounds apart. */
	volatile u32 length;
	volatile u64 pointer;
	/* The process whose descriptors are listed, the last one of them, and how many were. */
	s32 pid;
	u32 fd, count, reserved;
	struct listing_head head;
	u8 data[USED_MAX + 8192 + 64];
};

/* One, since one reader reads one list at a time: who may sleep may not use what belongs to a processor. */
struct {
	MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
	MAP_NUMBER(max_entries, 1);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct scratch);
} desk SEC(".maps");

/* Pages are counted; the reader knows their size. */
#define page_kb 1

INLINE struct scratch *begin(enum listed kind)
{
	u32 zero = 0;
	struct scratch *s = bpf_map_lookup_elem(&desk, &zero);
	if (!s)
		return NULL;
	s->used = 0;
	s->head.version = LISTING_VERSION;
	s->head.kind = kind;
	s->head.flags = 0;
	return s;
}

INLINE void finish(struct scratch *s, struct seq_file *to)
{
	u32 used = s->used;
	if (used > RECORD_MAX)
		return;
	s->head.blobs = used;
	bpf_seq_write(to, &s->head, sizeof(s->head) + used);
}

#endif
