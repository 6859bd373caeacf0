/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What is told of a process when it is forked, replaced, and when it ends. */
#ifndef VIGIE_PROCESS_H
#define VIGIE_PROCESS_H

#define OVERLAY_MAGIC 0x794c7630
#define MAX_DEPTH 48
#define CGROUP_DEPTH 6

INLINE void add_memory(struct memory_facts *to, struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	if (!mm)
		return;
	s64 pages = 0, swap = 0;
	if (field_exists(struct mm_struct___older, rss_stat.count)) {
		struct mm_struct___older *older = (void *)mm;
		pages = peek(older, rss_stat.count[0].counter) + peek(older, rss_stat.count[1].counter) +
			peek(older, rss_stat.count[3].counter);
		swap = peek(older, rss_stat.count[2].counter);
	} else {
		pages = peek(mm, rss_stat[0].count) + peek(mm, rss_stat[1].count) + peek(mm, rss_stat[3].count);
		swap = peek(mm, rss_stat[2].count);
	}
	to->vm_size = mm->total_vm * page_kb;
	to->vm_rss = pages > 0 ? pages * page_kb : 0;
	to->vm_swap = swap > 0 ? swap * page_kb : 0;
}

INLINE void add_memory_blob(struct scratch *s, struct task_struct *task)
{
	struct memory_facts *to = (void *)room(s);
	if (!to)
		return;
	__builtin_memset(to, 0, sizeof(*to));
	add_memory(to, task);
	added(s, TAG_MEMORY, sizeof(*to));
}

/* The number of a process, group or session in the namespace of that level; 0 when it lies outside. */
INLINE s32 own_number(struct pid *pid, u32 level)
{
	if (!pid || level > 32 || level > peek(pid, level))
		return 0;
	/* The array's real length is not in the type. */
	u64 at = (u64)__builtin_preserve_access_index(&pid->numbers[0]) + level * size_of(struct upid);
	struct upid *there = (void *)at;
	return peek(there, nr);
}

INLINE u64 nanoseconds(struct timespec64 time)
{
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

INLINE void add_inode_times(struct process_facts *to, struct inode *inode)
{
	if (field_exists(struct inode, i_ctime_sec)) {
		/* The highest bit of the nanoseconds is a flag of the file system. */
		to->exe_ctime = peek(inode, i_ctime_sec) * 1000000000ull + (peek(inode, i_ctime_nsec) & 0x7fffffff);
		to->exe_mtime = peek(inode, i_mtime_sec) * 1000000000ull + peek(inode, i_mtime_nsec);
		return;
	}
	struct inode___older *older = (void *)inode;
	if (field_exists(struct inode___sixsix, __i_ctime)) {
		struct inode___sixsix *sixsix = (void *)inode;
		to->exe_ctime = nanoseconds(peek(sixsix, __i_ctime));
	} else {
		to->exe_ctime = nanoseconds(peek(older, i_ctime));
	}
	to->exe_mtime = nanoseconds(peek(older, i_mtime));
}

/* The layer of an overlay that a file lies in: an overlay's inode is followed by the dentry of the upper layer. */
INLINE u32 layer_of(struct inode *inode, struct super_block *sb)
{
	if (peek(sb, s_magic) != OVERLAY_MAGIC)
		return 0;
	void *upper = NULL;
	bpf_probe_read_kernel(&upper, sizeof(upper), (void *)inode + size_of(struct inode));
	return upper ? 1 : 2;
}

#define S_IWOTH 2
#define S_IWGRP 020
#define CAP_DAC_OVERRIDE 1
#define CAP_FOWNER 3
#define SB_RDONLY 1
#define S_IMMUTABLE 8

INLINE void add_executable(struct process_facts *to, struct task_struct *task, struct file *file)
{
	struct inode *inode = peek(file, f_inode);
	if (!inode)
		return;
	struct super_block *sb = peek(inode, i_sb);
	to->exe_ino = peek(inode, i_ino);
	add_inode_times(to, inode);
	u32 layer = layer_of(inode, sb);
	if (layer == 1)
		to->exe_flags |= EXE_UPPER_LAYER;
	else if (layer == 2)
		to->exe_flags |= EXE_LOWER_LAYER;
	/* the name of a memfd's file begins with "memfd:" */
	struct dentry *dentry = peek(file, f_path.dentry);
	const unsigned char *name = peek(dentry, d_name.name);
	u64 begin = 0;
	bpf_probe_read_kernel(&begin, 6, name);
	if (begin == 0x3a64666d656dull)
		to->exe_flags |= EXE_FROM_MEMFD;
	const struct cred *cred = task->cred;
	u16 mode = peek(inode, i_mode);
	bool may = peek(inode, i_uid.val) == cred->fsuid.val || mode & (S_IWGRP | S_IWOTH) ||
		   to->cap_effective & (1ull << CAP_DAC_OVERRIDE | 1ull << CAP_FOWNER);
	if (may && !(peek(sb, s_flags) & SB_RDONLY) && !(peek(inode, i_flags) & S_IMMUTABLE))
		to->exe_flags |= EXE_WRITABLE;
}

/* Fills in everything of a process but what lies in its own memory. */
NOINLINE int add_process(struct scratch *s, struct task_struct *task)
{
	struct process_facts *to = (void *)room(s);
	if (!to)
		return 0;
	__builtin_memset(to, 0, sizeof(*to));
	struct signal_struct *signal = task->signal;
	struct pid *thread_pid = task->thread_pid;
	u32 level = thread_pid ? peek(thread_pid, level) : 0;
	to->tid = task->pid;
	to->pid = task->tgid;
	to->ptid = task->real_parent->pid;
	to->vtid = own_number(thread_pid, level);
	to->vpid = own_number(peek(signal, pids[PIDTYPE_TGID]), level);
	struct pid *group = peek(signal, pids[PIDTYPE_PGID]), *session = peek(signal, pids[PIDTYPE_SID]);
	to->pgid = own_number(group, 0);
	to->vpgid = own_number(group, level);
	to->sid = own_number(session, level);
	const struct cred *cred = task->cred;
	to->uid = cred->euid.val;
	to->gid = cred->egid.val;
	to->loginuid = task->loginuid.val;
	struct tty_struct *tty = peek(signal, tty);
	if (tty) {
		struct tty_driver *driver = peek(tty, driver);
		u32 minor = peek(driver, minor_start) + peek(tty, index);
		to->tty = (minor & 0xff) | peek(driver, major) << 8 | (minor & ~0xffu) << 12;
	}
	to->file_limit = peek(signal, rlim[7].rlim_cur);
	to->faults_major = task->maj_flt;
	to->faults_minor = task->min_flt;
	add_memory(&to->memory, task);
	to->start = task->start_boottime;
	if (thread_pid && level <= 32) {
		u64 at = (u64)__builtin_preserve_access_index(&thread_pid->numbers[0]) + level * size_of(struct upid);
		struct upid *there = (void *)at;
		struct pid_namespace *ns = peek(there, ns);
		struct task_struct *reaper = peek(ns, child_reaper);
		if (level > 0 && reaper)
			to->pidns_start = peek(reaper, start_boottime);
	}
	to->in_pidns = level > 0;
	if (task->nsproxy) {
		struct pid_namespace *children = task->nsproxy->pid_ns_for_children;
		if (children && peek(children, level) != level)
			to->in_pidns = 1;
	}
	bpf_probe_read_kernel(&to->cap_inheritable, 8, __builtin_preserve_access_index(&cred->cap_inheritable));
	bpf_probe_read_kernel(&to->cap_permitted, 8, __builtin_preserve_access_index(&cred->cap_permitted));
	bpf_probe_read_kernel(&to->cap_effective, 8, __builtin_preserve_access_index(&cred->cap_effective));
	bpf_probe_read_kernel(to->comm, sizeof(to->comm), __builtin_preserve_access_index(&task->comm));
	if (task->mm && task->mm->exe_file)
		add_executable(to, task, task->mm->exe_file);
	added(s, TAG_PROCESS, sizeof(*to));
	return 0;
}

/* The components of a path from the file to the root of its mounts, innermost first. A file that lies in no folder
 * (a memfd) has its name and another NUL. */
GLOBAL int add_path(struct scratch *s, u32 tag, u64 file_)
{
	struct file *file = (void *)file_;
	if (!s)
		return 0;
	u8 *start = room(s);
	if (!start)
		return 0;
	u32 base = s->used + sizeof(struct blob);
	s->length = 0;
	struct vfsmount *vfs = peek(file, f_path.mnt);
	struct dentry *dentry = peek(file, f_path.dentry);
	struct mount *mount = (void *)vfs - __builtin_preserve_field_info(((struct mount *)0)->mnt, 0);
	bool lone = false;
	for (int i = 0; i < MAX_DEPTH; i++) {
		struct dentry *parent = peek(dentry, d_parent);
		struct dentry *root = peek(mount, mnt.mnt_root);
		if (dentry == root || dentry == parent) {
			struct mount *above = peek(mount, mnt_parent);
			if (dentry != root) {
				lone = true;
				break;
			}
			if (above == mount)
				break;
			dentry = peek(mount, mnt_mountpoint);
			mount = above;
			continue;
		}
		u32 at = base + s->length;
		if (at > USED_MAX)
			break;
		long size = bpf_probe_read_kernel_str(&s->data[at], 256, peek(dentry, d_name.name));
		if (size <= 0)
			break;
		s->length += size & 0x1ff;
		dentry = parent;
	}
	if (lone && base <= USED_MAX && !s->length) {
		long size = bpf_probe_read_kernel_str(&s->data[base], 256, peek(dentry, d_name.name));
		if (size > 0)
			s->length = (size & 0x1ff) + 1;
		u32 last = base + s->length - 1;
		if (last <= USED_MAX)
			s->data[last] = 0;
	}
	added(s, tag, s->length);
	return 0;
}

INLINE struct kernfs_node *outer(struct kernfs_node *node)
{
	struct kernfs_node___older *older = (void *)node;
	return field_exists(struct kernfs_node, __parent) ? peek(node, __parent) : peek(older, parent);
}

/* The path of one cgroup, innermost component first, behind the number of its subsystem. */
GLOBAL int add_cgroup(struct scratch *s, u32 number, u64 cgroup_)
{
	struct cgroup *cgroup = (void *)cgroup_;
	if (!s)
		return 0;
	u8 *start = room(s);
	if (!start)
		return 0;
	*start = number;
	u32 base = s->used + sizeof(struct blob);
	s->length = 1;
	struct kernfs_node *node = peek(cgroup, kn);
	for (int i = 0; i < CGROUP_DEPTH; i++) {
		struct kernfs_node *parent = outer(node);
		u32 at = base + s->length;
		if (!parent || at > USED_MAX)
			break;
		long size = bpf_probe_read_kernel_str(&s->data[at], 256, peek(node, name));
		if (size <= 0)
			break;
		s->length += size & 0x1ff;
		node = parent;
	}
	added(s, TAG_CGROUP, s->length);
	return 0;
}

INLINE struct cgroup *cgroup_of(struct css_set *set, u32 index)
{
	struct cgroup_subsys_state *state = NULL;
	if (index >= 16)
		return NULL;
	bpf_probe_read_kernel(&state, sizeof(state),
			      (void *)__builtin_preserve_access_index(&set->subsys[0]) + index * sizeof(void *));
	return state ? peek(state, cgroup) : NULL;
}

/* The unified hierarchy's path stands for every controller that lives there: a controller that is not enabled below
 * shows an outer path. */
INLINE void add_cgroups(struct scratch *s, struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct cgroup *unified = set->dfl_cgrp;
	struct cgroup_root *root = peek(unified, root);
#define SUBSYSTEM(number, name)                                                                                       \
	if (enum_exists(enum cgroup_subsys_id, name)) {                                                               \
		struct cgroup *cgroup = cgroup_of(set, enum_value(enum cgroup_subsys_id, name));                      \
		if (cgroup)                                                                                           \
			add_cgroup(s, number, plain(s, peek(cgroup, root) == root ? unified : cgroup));                         \
	}
	SUBSYSTEM(0, cpuset_cgrp_id)
	SUBSYSTEM(1, cpu_cgrp_id)
	SUBSYSTEM(2, cpuacct_cgrp_id)
	SUBSYSTEM(3, io_cgrp_id)
	SUBSYSTEM(4, memory_cgrp_id)
#undef SUBSYSTEM
	add_cgroup(s, 5, plain(s, unified));
}

/* The part of the process's own memory that holds its arguments or its environment. */
INLINE void add_own(struct scratch *s, u16 tag, unsigned long from, unsigned long to)
{
	u8 *room_ = room(s);
	if (!room_)
		return;
	u64 length = to - from;
	if (length > TEXT_MAX) {
		length = TEXT_MAX;
		s->head.flags |= FLAG_TRUNCATED;
	}
	u32 size = length;
	asm volatile("%0 &= 8191" : "+r"(size));
	if (size == 0 || bpf_probe_read_user(room_, size, (void *)from)) {
		/* The page at the end may not be there yet: what lies before it is. */
		u64 page = (from | 4095) + 1 - from;
		size = page < length ? page : 0;
		asm volatile("%0 &= 4095" : "+r"(size));
		s->head.flags |= FLAG_UNREAD;
		if (size == 0 || bpf_probe_read_user(room_, size, (void *)from))
			return;
	}
	added(s, tag, size);
}

#endif
