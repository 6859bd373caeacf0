/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What the programs share with the loader and with each other. */
#ifndef VIGIE_MAPS_H
#define VIGIE_MAPS_H

/* A record is put together here when its size is not known before. */
#define USED_MAX 24576
#define COPY_MAX 16384
#define TEXT_MAX 4096

struct scratch {
	u32 used;
	u32 met; /* clauses of a gate */
	/* How much a loop has added so far: in memory, so that the verifier does not tell its rounds apart. */
	volatile u32 length;
	u32 reserved;
	u64 vector[2 * 64]; /* iovec entries while they are read */
	volatile u64 pointer;
	struct head head;
	u8 data[USED_MAX + COPY_MAX + 64];
};

struct {
	MAP_NUMBER(type, BPF_MAP_TYPE_RINGBUF);
	MAP_NUMBER(max_entries, 8 << 20);
} ring SEC(".maps");

struct {
	MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
	MAP_NUMBER(max_entries, CALLS);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct recipe);
} recipes SEC(".maps");

/* The native number of a call of a 32-bit program, + 1. */
struct {
	MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
	MAP_NUMBER(max_entries, CALLS);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u32);
} compat_calls SEC(".maps");

struct {
	MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
	MAP_NUMBER(max_entries, MAX_GATES);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct gate);
} gates SEC(".maps");

/* One for each processor (the loader sets how many): values of per-processor maps may not be as large. */
struct {
	MAP_NUMBER(type, BPF_MAP_TYPE_ARRAY);
	MAP_NUMBER(max_entries, 2);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct scratch);
} scratches SEC(".maps");

struct {
	MAP_NUMBER(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	MAP_NUMBER(max_entries, 1);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct counters);
} counts SEC(".maps");

struct {
	MAP_NUMBER(type, BPF_MAP_TYPE_PROG_ARRAY);
	MAP_NUMBER(max_entries, HANDLERS);
	MAP_NUMBER(key_size, 4);
	MAP_NUMBER(value_size, 4);
} handlers SEC(".maps");

/* Written once, before the programs are loaded. */
const volatile u32 own_pid = 0;
const volatile u32 snap_length = 80;
const volatile u32 wake_shift = 20; /* the bits of an eighth of the ring */
const volatile u64 shed_at_1 = 4 << 20;
const volatile u64 shed_at_2 = 5 << 20;
const volatile u64 shed_at_3 = 6 << 20;
const volatile u32 page_kb = 4;

INLINE void count(enum counter counter)
{
	u32 zero = 0;
	struct counters *counters = bpf_map_lookup_elem(&counts, &zero);
	if (counters)
		counters->count[counter]++;
}

/* The event was wanted and could not be taken. */
INLINE void drop(u8 counter)
{
	u32 zero = 0;
	struct counters *counters = bpf_map_lookup_elem(&counts, &zero);
	if (counters && counter < COUNTERS) {
		counters->count[COUNTER_EVENTS]++;
		counters->count[counter]++;
	}
}

/* Whether this event is given up because the ring is filling. */
INLINE bool shed(u8 level, u64 waiting)
{
	if (likely(!level || waiting < shed_at_1))
		return false;
	if (level == 1) {
		count(COUNTER_SHED_1);
		return true;
	}
	if (level == 2 && waiting >= shed_at_2) {
		count(COUNTER_SHED_2);
		return true;
	}
	if (level == 3 && waiting >= shed_at_3) {
		count(COUNTER_SHED_3);
		return true;
	}
	return false;
}

/* The reader is woken seldom, each time an eighth more of the ring has filled: it looks by itself every few
 * milliseconds, and a wake-up costs more than an event. */
INLINE u64 wakes(u64 waiting, u32 size)
{
	return (waiting + size) >> wake_shift != waiting >> wake_shift ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

INLINE struct scratch *begin(void)
{
	u32 processor = bpf_get_smp_processor_id();
	struct scratch *s = bpf_map_lookup_elem(&scratches, &processor);
	if (s)
		s->used = 0;
	else
		drop(COUNTER_SCRATCH);
	return s;
}

/* Delivers a record that is head alone. */
INLINE void submit(struct head *head, u64 waiting)
{
	bpf_ringbuf_submit(head, wakes(waiting, sizeof(*head)));
	count(COUNTER_EVENTS);
}

INLINE void finish(struct scratch *s, u8 counter, u64 waiting)
{
	u32 used = s->used;
	if (used > USED_MAX + COPY_MAX) {
		drop(COUNTER_SCRATCH);
		return;
	}
	s->head.blobs = used;
	if (bpf_ringbuf_output(&ring, &s->head, sizeof(s->head) + used, wakes(waiting, sizeof(s->head) + used)))
		drop(counter);
	else
		count(COUNTER_EVENTS);
}

#endif
