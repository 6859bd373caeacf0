/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Which events of a wanted type no rule can match: they are not even put into the ring. Every test may say yes too
 * often and never no too often. */
#ifndef VIGIE_GATES_H
#define VIGIE_GATES_H

#define LOW 0x7f7f7f7f7f7f7f7full
#define HIGH 0x8080808080808080ull
/* The longest path that is looked at as a whole. */
#define SURE_PATH 256

/* The high bit of each byte that is zero. */
INLINE u64 zero_bytes(u64 word)
{
	return ~(((word & LOW) + LOW) | word | LOW);
}

/* Whether the path as passed is for certain the one that rules will see: absolute, with no component that is empty or
 * begins with a dot, and without two dots in a row. */
INLINE bool is_sure(const u8 *path, u32 length)
{
	const u64 *words = (const u64 *)path;
	u64 slash_before = 0, dot_before = 0;
	if (path[0] != '/' || length >= SURE_PATH)
		return false;
	for (u32 i = 0; i < SURE_PATH / 8; i++) {
		u64 word = words[i];
		u64 slashes = zero_bytes(word ^ 0x2f2f2f2f2f2f2f2full);
		u64 dots = zero_bytes(word ^ 0x2e2e2e2e2e2e2e2eull);
		/* Bytes run from low to high: what follows a slash is one byte higher. */
		if ((slashes | dots) & (slashes << 8 | slash_before) || dots & (dots << 8 | dot_before))
			return false;
		slash_before = slashes >> 56;
		dot_before = dots >> 56;
		if (8 * (i + 1) >= length)
			break;
	}
	return true;
}

INLINE u32 native_access(u32 flags)
{
	return 1u << (flags & 3);
}

#define UNKNOWN (1ull << 32)

/* Whether everything but the path allows the event. `flags` and `family` may be UNKNOWN. */
GLOBAL int meets(struct scratch *s, struct clause *clause, u64 flags, u64 family)
{
	if (!s || !clause)
		return 1;
	u32 tests = clause->tests, uid = s->head.uid;
	bool success = s->head.result >= 0;
	if ((tests & TEST_SUCCESS && !success) || (tests & TEST_FAILURE && success))
		return 0;
	if (tests & TEST_OPEN_FLAGS && flags != UNKNOWN && !((u32)flags & clause->open_flags) &&
	    !(native_access(flags) & clause->access_modes))
		return 0;
	if (tests & TEST_FAMILIES && family < 64 && !(clause->families >> family & 1))
		return 0;
	/* Threads of another user namespace are known by the numbers that they asked for. */
	if (tests & TEST_UIDS && !(s->head.flags & FLAG_USER_NS) && uid != clause->uids[0] && uid != clause->uids[1] && uid != clause->uids[2] &&
	    uid != clause->uids[3])
		return 0;
	return 1;
}

/* The clauses that everything but the path allows, a bit each in `s->met`: without branches, so that the verifier does
 * not follow every combination. */
INLINE void allow(struct scratch *s, struct gate *gate, u32 flags_arg, u64 family)
{
	u64 flags = flags_arg < 6 ? (u32)argument(s, flags_arg) : UNKNOWN;
	u32 clauses = gate->clauses;
	s->met = 0;
	for (u32 i = 0; i < MAX_CLAUSES; i++) {
		if (i >= clauses)
			break;
		s->met |= (u32)(meets(s, &gate->clause[i], flags, family) & 1) << i;
	}
}

INLINE bool begins_as_wanted(struct gate *gate, u32 met, const u8 *path)
{
	const u64 *words = (const u64 *)path;
	u64 first = words[0], second = words[1];
	u32 prefixes = gate->prefixes;
	for (u32 i = 0; i < MAX_PREFIXES; i++) {
		if (i >= prefixes)
			break;
		struct prefix *prefix = &gate->prefix[i];
		if (prefix->clauses & met && (first & prefix->mask[0]) == prefix->value[0] &&
		    (second & prefix->mask[1]) == prefix->value[1])
			return true;
	}
	return false;
}

/* Whether the event passes. The first capture of calls with a path test has been made and lies at the beginning. */
GLOBAL int passes_gate(struct scratch *s, u32 index, u32 flags_arg, u32 has_path, u64 family)
{
	struct gate *gate = bpf_map_lookup_elem(&gates, &index);
	if (!gate || !s)
		return 1;
	allow(s, gate, flags_arg, family);
	u32 met = s->met;
	if (!met)
		return 0;
	if (met & gate->pathless || !has_path)
		return 1;
	struct blob *blob = (struct blob *)s->data;
	u8 *path = s->data + sizeof(*blob);
	if (!s->used || blob->tag != 0 || !is_sure(path, blob->length))
		return 1;
	return begins_as_wanted(gate, met, path);
}

/* The address family of a socket call: of the socket, not of the address, which the process may have changed by now.
 * An address without family takes a connection apart, and counts as any. */
INLINE u64 family_of(struct scratch *s, struct recipe *recipe, struct task_struct *task)
{
	if (recipe->family_arg < 6)
		return (u32)argument(s, recipe->family_arg);
	u16 said = 1;
	if (recipe->address_arg > 5 || recipe->fd_arg > 5 ||
	    bpf_probe_read_user(&said, sizeof(said), (void *)argument(s, recipe->address_arg)) || !said)
		return UNKNOWN;
	struct sock *sk = socket_of(task, (s32)argument(s, recipe->fd_arg));
	return sk ? peek(sk, __sk_common.skc_family) : UNKNOWN;
}

INLINE bool passes(struct scratch *s, struct recipe *recipe, struct task_struct *task)
{
	return !recipe->gate || passes_gate(s, recipe->gate - 1, recipe->flags_arg, recipe->path,
					    family_of(s, recipe, task));
}

#endif
