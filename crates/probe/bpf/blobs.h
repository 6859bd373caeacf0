/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Putting a record's blobs together in the scratch memory, which each program has of its own. */
#ifndef VIGIE_BLOBS_H
#define VIGIE_BLOBS_H

/* A pointer that the verifier knows the type of, as a plain number. */
INLINE u64 plain(struct scratch *s, void *pointer)
{
	s->pointer = (u64)pointer;
	return s->pointer;
}

/* Where the next blob's bytes go; NULL when no more is taken. */
INLINE u8 *room(struct scratch *s)
{
	u32 used = s->used;
	if (used > USED_MAX) {
		s->head.flags |= FLAG_TRUNCATED;
		return NULL;
	}
	return &s->data[used] + sizeof(struct blob);
}

/* The blob whose bytes were just written to `room`. */
INLINE void added(struct scratch *s, u16 tag, u32 length)
{
	u32 used = s->used;
	if (used > USED_MAX)
		return;
	struct blob *blob = (struct blob *)&s->data[used];
	blob->tag = tag;
	blob->length = length;
	s->used = used + sizeof(*blob) + ((length + 3) & ~3u);
}

#endif
