/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What no system call returns from: exec, exit, signals, switches, page faults. */
#ifndef VIGIE_POINTS_H
#define VIGIE_POINTS_H

/* The settings of tracepoints stand behind those of the calls, in the last places. */
enum tracepoint {
	POINT_EXEC = CALLS - 1,
	POINT_EXIT = CALLS - 2,
	POINT_SWITCH = CALLS - 3,
	POINT_SIGNAL = CALLS - 4,
	POINT_FAULT = CALLS - 5,
	POINT_CHILD = CALLS - 6,
};

INLINE struct recipe *recipe_of(u32 point)
{
	struct recipe *recipe = bpf_map_lookup_elem(&recipes, &point);
	return recipe && recipe->event ? recipe : NULL;
}

INLINE void fill_point(struct head *head, struct task_struct *task, u16 event)
{
	const struct cred *cred = task->cred;
	__builtin_memset(head, 0, sizeof(*head));
	head->ts = bpf_ktime_get_boot_ns();
	head->tid = task->pid;
	head->pid = task->tgid;
	head->event = event;
	head->cpu = bpf_get_smp_processor_id();
	head->uid = cred->euid.val;
}

/* A record that is head alone, in the ring already; NULL when nobody wants it or it cannot be taken. */
INLINE struct head *reserve_point(u32 point, struct task_struct *task, u64 *waiting)
{
	struct recipe *recipe = recipe_of(point);
	if (!recipe)
		return NULL;
	*waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	if (shed(recipe->shed, *waiting))
		return NULL;
	struct head *head = bpf_ringbuf_reserve(&ring, sizeof(*head), 0);
	if (!head) {
		drop(recipe->counter);
		return NULL;
	}
	fill_point(head, task, recipe->event);
	return head;
}

SEC("tp_btf/sched_process_exec")
int exec(u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct linux_binprm *binary = (void *)ctx[2];
	struct recipe *recipe = recipe_of(POINT_EXEC);
	struct scratch *s = begin();
	if (!recipe || !s)
		return 0;
	u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	fill_point(&s->head, task, recipe->event);
	add_process(s, task);
	struct mm_struct *mm = task->mm;
	if (mm) {
		if (mm->exe_file)
			add_path(s, TAG_EXE_PATH, plain(s, mm->exe_file));
		add_own(s, TAG_ARGS, mm->arg_start, mm->arg_end);
		add_own(s, TAG_ENV, mm->env_start, mm->env_end);
	}
	add_cgroups(s, task);
	u8 *to = room(s);
	if (to) {
		long size = bpf_probe_read_kernel_str(to, TEXT_MAX, binary->filename);
		if (size > 0 && size <= TEXT_MAX)
			added(s, TAG_FILE_NAME, size);
	}
	finish(s, recipe->counter, waiting);
	return 0;
}

/* Who will be the parent of the children of a process that ends: what the kernel is about to choose. */
INLINE s32 reaper_of(struct task_struct *task)
{
	struct list_head *children = (void *)__builtin_preserve_access_index(&task->children);
	struct list_head *first = NULL;
	bpf_probe_read_kernel(&first, sizeof(first), children);
	if (!first || first == children)
		return 0;
	struct pid *pid = task->thread_pid;
	if (!pid)
		return -1;
	u32 level = peek(pid, level);
	if (level > 32)
		return -1;
	u64 at = (u64)__builtin_preserve_access_index(&pid->numbers[0]) + level * size_of(struct upid);
	struct upid *there = (void *)at;
	struct task_struct *reaper = peek(peek(there, ns), child_reaper);
	/* another thread of the process, or a subreaper: the reader knows both as well as the kernel */
	if (peek(task->signal, nr_threads) > 1)
		return -1;
	return reaper ? peek(reaper, pid) : -1;
}

SEC("tp_btf/sched_process_exit")
int exit(u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	u64 waiting;
	struct head *head = reserve_point(POINT_EXIT, task, &waiting);
	if (!head)
		return 0;
	head->result = task->exit_code;
	head->args[0] = reaper_of(task);
	submit(head, waiting);
	return 0;
}

SEC("tp_btf/signal_deliver")
int signal(u64 *ctx)
{
	struct kernel_siginfo *info = (void *)ctx[1];
	u64 waiting;
	struct head *head = reserve_point(POINT_SIGNAL, bpf_get_current_task_btf(), &waiting);
	if (!head)
		return 0;
	head->args[0] = ctx[0];
	/* The sender stands behind number, errno and code, in the union's first place. */
	u32 sender = 0;
	s32 code = info ? peek(info, si_code) : 0;
	if (info && code <= 0)
		bpf_probe_read_kernel(&sender, sizeof(sender), (void *)info + 16);
	head->args[1] = sender;
	submit(head, waiting);
	return 0;
}

SEC("tp_btf/sched_switch")
int sched_switch(u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1], *next = (void *)ctx[2];
	struct recipe *recipe = recipe_of(POINT_SWITCH);
	struct scratch *s = begin();
	if (!recipe || !s)
		return 0;
	u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	if (shed(recipe->shed, waiting))
		return 0;
	fill_point(&s->head, task, recipe->event);
	s->head.args[0] = next->pid;
	s->head.args[1] = task->maj_flt;
	s->head.args[2] = task->min_flt;
	add_memory_blob(s, task);
	finish(s, recipe->counter, waiting);
	return 0;
}

INLINE int fault(u64 *ctx)
{
	u64 waiting;
	struct head *head = reserve_point(POINT_FAULT, bpf_get_current_task_btf(), &waiting);
	if (!head)
		return 0;
	head->args[0] = ctx[0];
	/* The registers that the fault interrupted have another layout on each processor: the instruction is not told. */
	head->args[2] = ctx[2];
	submit(head, waiting);
	return 0;
}

SEC("tp_btf/page_fault_user")
int fault_user(u64 *ctx)
{
	return fault(ctx);
}

SEC("tp_btf/page_fault_kernel")
int fault_kernel(u64 *ctx)
{
	return fault(ctx);
}

#if defined(TARGET_ARM64)
/* Here a child does not pass the end of system calls on its way out. */
SEC("tp_btf/sched_process_fork")
int child(u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];
	struct recipe *recipe = recipe_of(POINT_CHILD);
	struct scratch *s = begin();
	if (!recipe || !s)
		return 0;
	u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	fill_point(&s->head, task, recipe->event);
	add_process(s, task);
	if (task->mm)
		add_own(s, TAG_ARGS, task->mm->arg_start, task->mm->arg_end);
	add_cgroups(s, task);
	finish(s, recipe->counter, waiting);
	return 0;
}
#endif

#endif
