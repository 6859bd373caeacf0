/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Copying what the arguments of a call point to. */
#ifndef VIGIE_CAPTURES_H
#define VIGIE_CAPTURES_H

INLINE void add_text(struct scratch *s, u16 tag, const void *text)
{
	u8 *to = room(s);
	if (!to)
		return;
	long length = bpf_probe_read_user_str(to, TEXT_MAX, text);
	if (length <= 0 || length > TEXT_MAX) {
		if (text)
			s->head.flags |= FLAG_UNREAD;
		return;
	}
	if (length == TEXT_MAX)
		s->head.flags |= FLAG_TRUNCATED;
	added(s, tag, length);
}

INLINE void add_bytes(struct scratch *s, u16 tag, const void *from, u64 length)
{
	u8 *to = room(s);
	if (!to)
		return;
	if (length > COPY_MAX - 1)
		length = COPY_MAX - 1;
	u32 size = length;
	asm volatile("%0 &= 16383" : "+r"(size));
	if (bpf_probe_read_user(to, size, from)) {
		if (from)
			s->head.flags |= FLAG_UNREAD;
		return;
	}
	added(s, tag, size);
}

struct user_vector {
	u64 base, length;
};

struct user_message {
	u64 name;
	u32 name_length, reserved;
	u64 vector, vectors, control, control_length;
	u32 flags;
};

/* More bytes behind those that a blob has by now. Not 0 when no more are taken. */
GLOBAL int add_piece(struct scratch *s, u64 from, u64 size, u64 limit)
{
	if (!s)
		return 1;
	u32 length = s->length, at = s->used + sizeof(struct blob) + length;
	if (length >= limit || at > USED_MAX)
		return 1;
	u32 bytes = size > limit - length ? limit - length : size;
	asm volatile("%0 &= 8191" : "+r"(bytes));
	if (bpf_probe_read_user(&s->data[at], bytes, (void *)from)) {
		s->head.flags |= FLAG_UNREAD;
		return 1;
	}
	s->length = length + bytes;
	return 0;
}

/* The bytes behind an iovec array, up to `limit`, as one blob, and before it the sum of all its lengths. */
GLOBAL int add_vector(struct scratch *s, u32 tag, u64 vector, u64 entries, u64 limit)
{
	u64 sum = 0;
	if (!s)
		return 0;
	if (limit > 8191)
		limit = 8191;
	if (entries > 64) {
		entries = 64;
		s->head.flags |= FLAG_TRUNCATED;
	}
	u32 size = entries * 16;
	asm volatile("%0 &= 2047" : "+r"(size));
	if (size > sizeof(s->vector) || bpf_probe_read_user(s->vector, size, (void *)vector)) {
		s->head.flags |= FLAG_UNREAD;
		return 0;
	}
	for (u32 i = 0; i < 64; i++) {
		if (i >= entries)
			break;
		sum += s->vector[2 * i + 1];
	}
	u64 *to = (void *)room(s);
	if (!to)
		return 0;
	*to = sum;
	added(s, TAG_SIZE, sizeof(sum));
	s->length = 0;
	for (u32 i = 0; i < 16; i++)
		if (i >= entries || add_piece(s, s->vector[2 * i], s->vector[2 * i + 1], limit))
			break;
	added(s, tag, s->length);
	return 0;
}

INLINE u64 least(u64 a, u64 b)
{
	return a < b ? a : b;
}

GLOBAL int add_message(struct scratch *s, u32 tag, u64 at, u64 limit)
{
	if (!s)
		return 0;
	struct user_message message = {};
	if (bpf_probe_read_user(&message, sizeof(message), (void *)at)) {
		s->head.flags |= FLAG_UNREAD;
		return 0;
	}
	add_vector(s, tag, message.vector, message.vectors, limit);
	if (message.name && message.name_length)
		add_bytes(s, TAG_ADDRESS, (void *)message.name, least(message.name_length, 128));
	if (message.control && message.control_length)
		add_bytes(s, TAG_CONTROL, (void *)message.control, least(message.control_length, 1024));
	return 0;
}

INLINE u64 argument(struct scratch *s, u32 index)
{
	if (index > 5)
		return 0;
	/* The compiler knows by now that this changes nothing; the verifier does not. */
	asm volatile("%0 &= 7" : "+r"(index));
	return s->head.args[index];
}

/* `packed`: the bytes of a struct capture. */
GLOBAL int add_capture(struct scratch *s, u64 packed, u32 tag)
{
	if (!s)
		return 0;
	union {
		u64 packed;
		struct capture capture;
	} both = {.packed = packed};
	struct capture *capture = &both.capture;
	void *from = (void *)argument(s, capture->arg);
	s64 result = s->head.result;
	u64 snap = snap_length, length = 0;
	switch (capture->kind) {
	case CAPTURE_TEXT:
		add_text(s, tag, from);
		return 0;
	case CAPTURE_FIXED:
		length = capture->max;
		break;
	case CAPTURE_RESULT:
		length = result > 0 ? least(result, capture->max ? capture->max : snap) : 0;
		break;
	case CAPTURE_SENT:
		length = least(result >= 0 ? result : argument(s, capture->length_arg), snap);
		break;
	case CAPTURE_LENGTH:
		length = argument(s, capture->length_arg);
		length = least(length > 65535 ? 65535 : length * capture->unit, capture->max ? capture->max : snap);
		break;
	case CAPTURE_POINTED: {
		u32 said = 0;
		bpf_probe_read_user(&said, sizeof(said), (void *)argument(s, capture->length_arg));
		length = least(said, capture->max);
		break;
	}
	case CAPTURE_VECTOR_IN:
		add_vector(s, tag, (u64)from, (u32)argument(s, capture->length_arg),
			   result > 0 ? least(result, snap) : 0);
		return 0;
	case CAPTURE_VECTOR_OUT:
		add_vector(s, tag, (u64)from, (u32)argument(s, capture->length_arg),
			   result >= 0 ? least(result, snap) : snap);
		return 0;
	case CAPTURE_MESSAGE_IN:
		if (result >= 0)
			add_message(s, tag, (u64)from, least(result, snap));
		return 0;
	case CAPTURE_MESSAGE_OUT:
		add_message(s, tag, (u64)from, result >= 0 ? least(result, snap) : snap);
		return 0;
	default:
		return 0;
	}
	if (length)
		add_bytes(s, tag, from, length);
	return 0;
}

#endif
