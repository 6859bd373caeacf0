/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* Threads and descriptors that are there before anything is watched. */
#include "kernel.h"
#include "bpf.h"
#include "record.h"
#include "listing.h"
#include "blobs.h"
#include "process.h"
#include "files.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* The loader's library knows the names of no iterators: these stand for `iter.s/task` and `iter/task_file`. */
#ifdef REAL_NAMES
#define ITERATOR_THREADS "iter.s/task"
#define ITERATOR_FILES "iter/task_file"
#else
#define ITERATOR_THREADS "fentry.s/bpf_iter_task"
#define ITERATOR_FILES "fentry/bpf_iter_task_file"
#endif

/* What is deeper is read from /proc. */
#define PATH_DEPTH 64
#define HIERARCHY_DEPTH 32
#define MAX_GROUPS 256
/* As many of a process as the reader keeps. */
#define MAX_FILES 4096

/* The components of a path from its end to the root of its mounts. None when it is longer than paths are. */
GLOBAL int add_place(struct scratch *s, u32 tag, u32 deleted, u64 path_)
{
	struct path *path = (void *)path_;
	if (!s)
		return 0;
	u8 *start = room(s);
	if (!start)
		return 0;
	u32 base = s->used + sizeof(struct blob);
	s->length = 0;
	struct vfsmount *vfs = peek(path, mnt);
	struct dentry *dentry = peek(path, dentry);
	if (!vfs || !dentry)
		return 0;
	struct mount *mount = (void *)vfs - __builtin_preserve_field_info(((struct mount *)0)->mnt, 0);
	if (!peek(dentry, d_hash.pprev) && peek(dentry, d_parent) != dentry)
		s->head.flags |= deleted;
	for (int i = 0; i < PATH_DEPTH; i++) {
		struct dentry *parent = peek(dentry, d_parent);
		struct dentry *root = peek(mount, mnt.mnt_root);
		if (dentry == root || dentry == parent) {
			struct mount *above = peek(mount, mnt_parent);
			if (dentry != root && !s->length && base <= USED_MAX) {
				/* A file that lies nowhere, such as a memfd: it has a name, and counts as deleted. */
				long size = bpf_probe_read_kernel_str(&s->data[base], 256, peek(dentry, d_name.name));
				if (size > 1 && s->data[base] != '/') {
					s->length = size & 0x1ff;
					s->head.flags |= deleted;
				}
			}
			if (dentry != root || above == mount) {
				added(s, tag, s->length);
				return 0;
			}
			dentry = peek(mount, mnt_mountpoint);
			mount = above;
			continue;
		}
		u32 length = s->length, at = base + length;
		if (length > TEXT_MAX || at > USED_MAX)
			break;
		long size = bpf_probe_read_kernel_str(&s->data[at], 256, peek(dentry, d_name.name));
		if (size <= 0)
			break;
		s->length = length + (size & 0x1ff);
		dentry = parent;
	}
	s->head.flags |= FLAG_TRUNCATED;
	return 0;
}

/* The path of one cgroup, innermost component first, behind the number of its subsystem. */
GLOBAL int add_hierarchy(struct scratch *s, u32 number, u64 cgroup_)
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
	for (int i = 0; i < HIERARCHY_DEPTH; i++) {
		struct kernfs_node *parent = outer(node);
		if (!parent) {
			added(s, TAG_CGROUP, s->length);
			return 0;
		}
		u32 length = s->length, at = base + length;
		if (length > TEXT_MAX || at > USED_MAX)
			break;
		long size = bpf_probe_read_kernel_str(&s->data[at], 256, peek(node, name));
		if (size <= 0)
			break;
		s->length = length + (size & 0x1ff);
		node = parent;
	}
	s->head.flags |= FLAG_TRUNCATED;
	return 0;
}

/* The controllers that have a hierarchy of their own, and the unified one. */
INLINE void add_hierarchies(struct scratch *s, struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct cgroup *unified = set->dfl_cgrp;
	struct cgroup_root *root = peek(unified, root);
#define SUBSYSTEM(number, name)                                                                                       \
	if (enum_exists(enum cgroup_subsys_id, name)) {                                                               \
		struct cgroup *cgroup = cgroup_of(set, enum_value(enum cgroup_subsys_id, name));                      \
		if (cgroup && peek(cgroup, root) != root)                                                             \
			add_hierarchy(s, number, plain(s, cgroup));                                                   \
	}
	SUBSYSTEM(0, cpuset_cgrp_id)
	SUBSYSTEM(1, cpu_cgrp_id)
	SUBSYSTEM(2, cpuacct_cgrp_id)
	SUBSYSTEM(3, io_cgrp_id)
	SUBSYSTEM(4, memory_cgrp_id)
#undef SUBSYSTEM
	add_hierarchy(s, 5, plain(s, unified));
}

/* Memory that no file system and no program has to fetch: reading any other could wait for whom it likes. */
struct plainness {
	u64 end;
	u64 plain;
};

#define MNT_READONLY 0x40
#define VM_UFFD_MISSING 0x200
#define VM_UFFD_WP 0x1000

static long look_at_area(struct task_struct *task, struct vm_area_struct *area, struct plainness *found)
{
	found->end = area->vm_end;
	found->plain = !area->vm_ops && !(area->vm_flags & (VM_UFFD_MISSING | VM_UFFD_WP));
	return 0;
}

/* The part of the process's own memory that holds its arguments or its environment, as much of it as is taken. As
 * /proc/PID/cmdline has it, arguments whose last byte is no NUL are one text, which may go on behind them. */
INLINE void add_own_of(struct scratch *s, struct task_struct *task, u16 tag, u64 from, u64 length)
{
	u8 *to = room(s);
	if (!to || !length)
		return;
	struct plainness area = {};
	if (bpf_find_vma(task, from, look_at_area, &area, 0) || !area.plain || area.end <= from) {
		s->head.flags |= FLAG_UNREAD;
		return;
	}
	u64 there = area.end - from;
	if (tag == TAG_ARGS && length <= there) {
		u8 last = 0;
		if (!bpf_copy_from_user_task(&last, 1, (void *)(from + length - 1), task, 0) && last) {
			s->head.flags |= FLAG_TITLE;
			length = there;
		}
	}
	if (length > TEXT_MAX)
		length = TEXT_MAX;
	if (length > there) {
		s->head.flags |= FLAG_UNREAD;
		return;
	}
	u32 size = length;
	asm volatile("%0 &= 8191" : "+r"(size));
	if (bpf_copy_from_user_task(to, size, (void *)from, task, 0)) {
		s->head.flags |= FLAG_UNREAD;
		return;
	}
	added(s, tag, size);
}

GLOBAL int is_member(u64 cred_, u32 gid)
{
	struct cred *cred = (void *)cred_;
	struct group_info *groups = peek(cred, group_info);
	if (peek(cred, fsgid.val) == gid)
		return 1;
	int count = peek(groups, ngroups);
	u64 first = (u64)__builtin_preserve_access_index(&groups->gid);
	for (int i = 0; i < MAX_GROUPS; i++) {
		u32 group = 0;
		if (i >= count || bpf_probe_read_kernel(&group, sizeof(group), (void *)(first + i * sizeof(group))))
			break;
		if (group == gid)
			return 1;
	}
	return 0;
}

/* The user exists in that namespace of users. */
INLINE bool is_mapped(struct user_namespace *ns, u32 uid)
{
	u32 count = peek(ns, uid_map.nr_extents);
	if (!peek(ns, level))
		return true;
	struct uid_gid_map map = {};
	bpf_probe_read_kernel(&map.extent, sizeof(map.extent), __builtin_preserve_access_index(&ns->uid_map.extent));
	for (u32 i = 0; i < 5; i++)
		if (i < count && uid - map.extent[i].lower_first < map.extent[i].count)
			return true;
	return false;
}

/* Whether the process may write to the file that it runs. */
INLINE bool writes_executable(struct scratch *s, struct task_struct *task, struct file *file)
{
	const struct cred *cred = task->cred;
	struct inode *inode = peek(file, f_inode);
	struct super_block *sb = peek(inode, i_sb);
	u32 mount_flags = peek(peek(file, f_path.mnt), mnt_flags);
	if (peek(sb, s_flags) & SB_RDONLY || mount_flags & MNT_READONLY || peek(inode, i_flags) & S_IMMUTABLE)
		return false;
	u16 mode = peek(inode, i_mode);
	u32 uid = peek(inode, i_uid.val);
	if (uid == cred->fsuid.val || mode & S_IWOTH)
		return true;
	if (mode & S_IWGRP && is_member(plain(s, (void *)cred), peek(inode, i_gid.val)))
		return true;
	u64 capabilities = 0;
	bpf_probe_read_kernel(&capabilities, 8, __builtin_preserve_access_index(&cred->cap_effective));
	return capabilities & (1ull << CAP_DAC_OVERRIDE | 1ull << CAP_FOWNER) && is_mapped(cred->user_ns, uid);
}

INLINE void add_listed(struct scratch *s, struct task_struct *task)
{
	struct listed_thread *to = (void *)room(s);
	if (!to)
		return;
	__builtin_memset(to, 0, sizeof(*to));
	struct signal_struct *signal = task->signal;
	to->ended_faults_minor = peek(signal, min_flt);
	to->ended_faults_major = peek(signal, maj_flt);
	to->parent = task->real_parent->tgid;
	struct mm_struct *mm = task->mm;
	if (mm && mm->exe_file)
		to->exe_writable = writes_executable(s, task, mm->exe_file);
	added(s, TAG_LISTED_THREAD, sizeof(*to));
}

/* meta, task */
SEC(ITERATOR_THREADS)
int list_threads(u64 *ctx)
{
	struct bpf_iter_meta *meta = (void *)ctx[0];
	struct task_struct *task = (void *)ctx[1];
	struct scratch *s = begin(LISTED_THREAD);
	if (!task || !s)
		return 0;
	add_process(s, task);
	add_listed(s, task);
	add_hierarchies(s, task);
	if (task->pid == task->tgid) {
		struct mm_struct *mm = task->mm;
		struct fs_struct *fs = task->fs;
		if (mm && mm->exe_file)
			add_place(s, TAG_EXE_PATH, FLAG_EXE_DELETED,
				  plain(s, __builtin_preserve_access_index(&mm->exe_file->f_path)));
		if (fs) {
			add_place(s, TAG_CWD, FLAG_CWD_DELETED, plain(s, __builtin_preserve_access_index(&fs->pwd)));
			add_place(s, TAG_ROOT, FLAG_ROOT_DELETED, plain(s, __builtin_preserve_access_index(&fs->root)));
		}
		if (mm) {
			u64 from = mm->arg_start, env = mm->env_start;
			u64 length = mm->arg_end - from, env_length = mm->env_end - env;
			add_own_of(s, task, TAG_ARGS, from, length);
			add_own_of(s, task, TAG_ENV, env, env_length);
		}
	}
	finish(s, meta->seq);
	return 0;
}

INLINE u32 closes_on_exec(struct task_struct *task, u32 fd)
{
	struct files_struct *files = task->files;
	if (!files)
		return 0;
	struct fdtable *table = files->fdt;
	if (fd >= table->max_fds)
		return 0;
	u64 bits = 0;
	bpf_probe_read_kernel(&bits, sizeof(bits), (void *)table->close_on_exec + fd / 64 * 8);
	return bits >> (fd & 63) & 1;
}

/* meta, task, fd, file */
SEC(ITERATOR_FILES)
int list_files(u64 *ctx)
{
	struct bpf_iter_meta *meta = (void *)ctx[0];
	struct task_struct *task = (void *)ctx[1];
	u32 fd = *(u32 *)&ctx[2];
	struct file *file = (void *)ctx[3];
	struct scratch *s = begin(LISTED_FILE);
	if (!task || !file || !s)
		return 0;
	/* Threads with a table of their own are told of by their main thread only. */
	s32 pid = task->tgid;
	if (task->pid != pid)
		return 0;
	if (s->pid != pid) {
		s->pid = pid;
		s->count = 0;
		s->fd = fd + 1;
	}
	/* The kernel asks again for one that did not fit in. */
	if (s->fd != fd) {
		s->fd = fd;
		s->count++;
	}
	if (s->count > MAX_FILES)
		return 0;
	struct listed_file *to = (void *)room(s);
	if (!to)
		return 0;
	__builtin_memset(to, 0, sizeof(*to));
	struct inode *inode = file->f_inode;
	void *private = file->private_data;
	to->pid = pid;
	to->fd = fd;
	to->flags = file->f_flags;
	to->close_on_exec = closes_on_exec(task, fd);
	to->pidfd = own_number(inode->i_private, 0);
	to->older_pidfd = own_number(private, 0);
	struct sock *sk = NULL;
	bool is_socket = (inode->i_mode & S_IFMT) == S_IFSOCK;
	if (is_socket && private) {
		struct socket *socket = private;
		sk = peek(socket, sk);
		to->socket_type = peek(sk, sk_type);
		to->socket_protocol = peek(sk, sk_protocol);
		to->socket_state = peek(sk, __sk_common.skc_state);
	}
	added(s, TAG_LISTED_FILE, sizeof(*to));
	add_file(s, file);
	if (sk) {
		add_socket(s, plain(s, sk));
	} else {
		u8 *name = room(s);
		if (!name)
			return 0;
		long length = bpf_d_path(&file->f_path, (char *)name, TEXT_MAX);
		if (length > 0 && length <= TEXT_MAX)
			added(s, TAG_NAME, length);
		else
			s->head.flags |= FLAG_TRUNCATED;
	}
	finish(s, meta->seq);
	return 0;
}
