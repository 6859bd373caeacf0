/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* The probe: what a system call was asked and what it answered, taken when it returns. */
#include "kernel.h"
#include "bpf.h"
#include "record.h"
#include "maps.h"
#include "blobs.h"
#include "process.h"
#include "files.h"
#include "captures.h"
#include "gates.h"

#define SIGSYS 31

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* ---- the call as the processor had it ---- */

#if defined(TARGET_X86)
#define TS_COMPAT 2

INLINE bool is_compat(struct task_struct *task)
{
	return task->thread_info.status & TS_COMPAT;
}

INLINE u32 native_number(struct pt_regs *regs)
{
	return regs->orig_ax;
}

INLINE void arguments(struct pt_regs *regs, bool compat, u64 *args)
{
	if (unlikely(compat)) {
		args[0] = (u32)regs->bx;
		args[1] = (u32)regs->cx;
		args[2] = (u32)regs->dx;
		args[3] = (u32)regs->si;
		args[4] = (u32)regs->di;
		args[5] = (u32)regs->bp;
		return;
	}
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->r10;
	args[4] = regs->r8;
	args[5] = regs->r9;
}
#else
#define TIF_32BIT 22

INLINE bool is_compat(struct task_struct *task)
{
	return task->thread_info.flags & 1ul << TIF_32BIT;
}

INLINE u32 native_number(struct pt_regs *regs)
{
	return regs->syscallno;
}

INLINE void arguments(struct pt_regs *regs, bool compat, u64 *args)
{
	args[0] = regs->orig_x0;
	args[1] = regs->regs[1];
	args[2] = regs->regs[2];
	args[3] = regs->regs[3];
	args[4] = regs->regs[4];
	args[5] = regs->regs[5];
	if (unlikely(compat))
		for (int i = 0; i < 6; i++)
			args[i] = (u32)args[i];
}
#endif

/* The native number of the call, or one that there is not. */
INLINE u32 call_number(struct pt_regs *regs, bool compat)
{
	u32 number = native_number(regs);
	if (likely(!compat))
		return number;
	u32 *native = bpf_map_lookup_elem(&compat_calls, &number);
	return native && *native ? *native - 1 : CALLS;
}

INLINE void fill(struct head *head, struct task_struct *task, struct pt_regs *regs, bool compat, u32 number, s64 result,
		 u16 event)
{
	const struct cred *cred = task->cred;
	head->ts = bpf_ktime_get_boot_ns();
	head->tid = task->pid;
	head->pid = task->tgid;
	head->event = event;
	head->nr = number;
	head->cpu = bpf_get_smp_processor_id();
	head->flags = (compat ? FLAG_COMPAT : 0) | (cred->user_ns->level ? FLAG_USER_NS : 0);
	head->blobs = 0;
	head->uid = cred->euid.val;
	head->result = compat ? (s64)(s32)result : result;
	arguments(regs, compat, head->args);
}

/* Whether seccomp answered in the place of the call: the result is then the call's own number, and the signal that
 * follows is already there. */
INLINE bool never_ran(struct task_struct *task, s64 result, u32 number)
{
	return unlikely(result == number) && task->pending.signal.sig[0] & 1ul << (SIGSYS - 1);
}

/* ---- the beginning of all system calls ---- */

SEC("tp_btf/sys_exit")
int sys_exit(u64 *ctx)
{
	struct pt_regs *regs = (void *)ctx[0];
	struct task_struct *task = bpf_get_current_task_btf();
	bool compat = is_compat(task);
	u32 number = call_number(regs, compat);
	struct recipe *recipe = bpf_map_lookup_elem(&recipes, &number);
	if (!recipe || !recipe->event)
		return 0;
	if (task->tgid == own_pid || never_ran(task, ctx[1], number))
		return 0;
	if (recipe->handler != HANDLER_SCALARS) {
		bpf_tail_call(ctx, &handlers, recipe->handler);
		return 0;
	}
	s64 result = ctx[1];
	u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	if (unlikely(shed(recipe->shed, waiting)))
		return 0;
	if (recipe->gate) {
		/* Gates of calls without a path ask for little: the outcome and the user. */
		u32 index = recipe->gate - 1;
		struct gate *gate = bpf_map_lookup_elem(&gates, &index);
		if (gate && gate->clauses == 1) {
			u32 tests = gate->clause[0].tests;
			if (compat)
				result = (s32)result;
			if ((tests & TEST_SUCCESS && result < 0) || (tests & TEST_FAILURE && result >= 0))
				return 0;
		}
	}
	struct head *head = bpf_ringbuf_reserve(&ring, sizeof(*head), 0);
	if (unlikely(!head)) {
		drop(recipe->counter);
		return 0;
	}
	fill(head, task, regs, compat, number, result, recipe->event);
	submit(head, waiting);
	return 0;
}

/* ---- one handler per kind of call ---- */

struct call {
	struct pt_regs *regs;
	struct task_struct *task;
	struct recipe *recipe;
	struct scratch *s;
	u64 waiting;
};

/* False when the event is not taken. */
INLINE bool take(struct call *call, u64 *ctx)
{
	call->regs = (void *)ctx[0];
	call->task = bpf_get_current_task_btf();
	bool compat = is_compat(call->task);
	u32 number = call_number(call->regs, compat);
	call->recipe = bpf_map_lookup_elem(&recipes, &number);
	call->s = begin();
	if (!call->recipe || !call->s)
		return false;
	call->waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	if (unlikely(shed(call->recipe->shed, call->waiting)))
		return false;
	fill(&call->s->head, call->task, call->regs, compat, number, ctx[1], call->recipe->event);
	return true;
}

INLINE void add_captures(struct call *call, u32 from)
{
	for (u32 i = from; i < MAX_CAPTURES; i++)
		if (i < call->recipe->captures)
			add_capture(call->s, *(u64 *)&call->recipe->capture[i], i);
}

SEC("tp_btf/sys_exit")
int memory_call(u64 *ctx)
{
	struct call call;
	if (!take(&call, ctx))
		return 0;
	if (call.recipe->captures)
		add_capture(call.s, *(u64 *)&call.recipe->capture[0], 0);
	if (!passes(call.s, call.recipe, call.task))
		return 0;
	add_captures(&call, 1);
	/* pipes: the inode of the first end that the call wrote to memory */
	struct blob *blob = (struct blob *)call.s->data;
	if (call.recipe->fd_arg == RESULT_FD && call.s->used > 8 && call.s->head.result >= 0) {
		struct file *file = file_of(call.task, *(s32 *)(blob + 1));
		if (file)
			add_file(call.s, file);
	}
	finish(call.s, call.recipe->counter, call.waiting);
	return 0;
}

/* A folder that was opened always passes: later calls name files relative to it, when it may be too late to ask. */
INLINE bool opened_directory(struct call *call)
{
	struct file *file = call->s->head.result < 0 ? NULL : file_of(call->task, call->s->head.result);
	return file && (peek(peek(file, f_inode), i_mode) & S_IFMT) == S_IFDIR;
}

SEC("tp_btf/sys_exit")
int open_call(u64 *ctx)
{
	struct call call;
	if (!take(&call, ctx))
		return 0;
	if (call.recipe->captures)
		add_capture(call.s, *(u64 *)&call.recipe->capture[0], 0);
	if (!passes(call.s, call.recipe, call.task) && !opened_directory(&call))
		return 0;
	add_captures(&call, 1);
	if (call.s->head.result >= 0) {
		struct file *file = file_of(call.task, call.s->head.result);
		if (file) {
			add_file(call.s, file);
			/* Opened by a handle, or the text was taken away: there is no name but the kernel's. */
			if (!call.recipe->path || call.s->head.flags & FLAG_UNREAD)
				add_path(call.s, TAG_PATH, plain(call.s, file));
		}
	}
	finish(call.s, call.recipe->counter, call.waiting);
	return 0;
}

SEC("tp_btf/sys_exit")
int socket_call(u64 *ctx)
{
	struct call call;
	if (!take(&call, ctx) || !passes(call.s, call.recipe, call.task))
		return 0;
	s64 fd = call.recipe->fd_arg == RESULT_FD ? call.s->head.result : (s32)argument(call.s, call.recipe->fd_arg);
	if (call.recipe->fd_arg == RESULT_FD && fd >= 0)
		add_backlog(call.s, socket_of(call.task, (s32)call.s->head.args[0]));
	add_socket(call.s, plain(call.s, socket_of(call.task, fd)));
	add_captures(&call, 0);
	finish(call.s, call.recipe->counter, call.waiting);
	return 0;
}

SEC("tp_btf/sys_exit")
int resources_call(u64 *ctx)
{
	struct call call;
	if (!take(&call, ctx) || !passes(call.s, call.recipe, call.task))
		return 0;
	add_memory_blob(call.s, call.task);
	finish(call.s, call.recipe->counter, call.waiting);
	return 0;
}

/* Both halves of a fork: the caller's return, and the child's. */
SEC("tp_btf/sys_exit")
int clone_call(u64 *ctx)
{
	struct call call;
	if (!take(&call, ctx))
		return 0;
	add_captures(&call, 0);
	add_process(call.s, call.task);
	if (call.s->head.result >= 0 && call.task->mm) {
		add_own(call.s, TAG_ARGS, call.task->mm->arg_start, call.task->mm->arg_end);
		add_cgroups(call.s, call.task);
	}
	finish(call.s, call.recipe->counter, call.waiting);
	return 0;
}

/* Texts of an array of pointers, one after the other. */
INLINE void add_pointers(struct scratch *s, u16 tag, u64 array, bool compat)
{
	u32 base = s->used + sizeof(struct blob);
	s->length = 0;
	for (u32 i = 0; i < 20; i++) {
		u64 pointer = 0;
		if (bpf_probe_read_user(&pointer, compat ? 4 : 8, (void *)(array + i * (compat ? 4 : 8))) || !pointer)
			break;
		u32 length = s->length, at = base + length;
		if (length >= TEXT_MAX || at > USED_MAX)
			break;
		long size = bpf_probe_read_user_str(&s->data[at], TEXT_MAX, (void *)pointer);
		if (size <= 0)
			break;
		s->length = length + (size & 0x1fff);
	}
	if (base <= USED_MAX)
		added(s, tag, s->length > TEXT_MAX ? TEXT_MAX : s->length);
}

/* An exec that failed; one that succeeded is told by `exec` below. */
SEC("tp_btf/sys_exit")
int exec_call(u64 *ctx)
{
	struct call call;
	if ((s64)ctx[1] >= 0 || !take(&call, ctx))
		return 0;
	bool compat = call.s->head.flags & FLAG_COMPAT;
	u32 first = call.recipe->flags_arg == NO_ARG ? 1 : 2;
	add_captures(&call, 0);
	add_process(call.s, call.task);
	if (call.task->mm && call.task->mm->exe_file)
		add_path(call.s, TAG_EXE_PATH, plain(call.s, call.task->mm->exe_file));
	add_pointers(call.s, TAG_ARGS, argument(call.s, first), compat);
	add_pointers(call.s, TAG_ENV, argument(call.s, first + 1), compat);
	add_cgroups(call.s, call.task);
	finish(call.s, call.recipe->counter, call.waiting);
	return 0;
}

#include "points.h"
