/* SPDX-License-Identifier: Apache-2.0 OR MIT OR GPL-2.0-only */
/* What the kernel knows of the descriptors of a call. */
#ifndef VIGIE_FILES_H
#define VIGIE_FILES_H

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFDIR 0040000
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10

INLINE struct file *file_of(struct task_struct *task, s64 fd)
{
	struct files_struct *files = task->files;
	if (!files)
		return NULL;
	struct fdtable *table = files->fdt;
	if (fd < 0 || fd >= table->max_fds)
		return NULL;
	struct file **all = table->fd, *file = NULL;
	bpf_probe_read_kernel(&file, sizeof(file), (void *)all + fd * sizeof(void *));
	return file;
}

INLINE void add_file(struct scratch *s, struct file *file)
{
	struct file_facts *to = (void *)room(s);
	if (!to || !file)
		return;
	struct inode *inode = peek(file, f_inode);
	struct super_block *sb = peek(inode, i_sb);
	to->ino = peek(inode, i_ino);
	to->dev = peek(sb, s_dev);
	to->mode = peek(file, f_mode);
	to->layer = layer_of(inode, sb);
	to->inode_mode = peek(inode, i_mode);
	added(s, TAG_FILE, sizeof(*to));
}

INLINE struct sock *socket_of(struct task_struct *task, s64 fd)
{
	struct file *file = file_of(task, fd);
	if (!file || (peek(peek(file, f_inode), i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	struct socket *socket = peek(file, private_data);
	return socket ? peek(socket, sk) : NULL;
}

INLINE u16 swapped(u16 port)
{
	return __builtin_bswap16(port);
}

INLINE void add_unix(struct socket_facts *to, struct sock *sk)
{
	struct unix_sock *own = (void *)sk;
	struct sock *peer = peek(own, peer);
	to->local_pointer = (u64)sk;
	to->peer_pointer = (u64)peer;
	/* The path of the one that has a name: the peer of a client, else the socket itself. */
	struct unix_sock *other = (void *)peer;
	struct unix_address *address = peer ? peek(other, addr) : NULL;
	if (!address)
		address = peek(own, addr);
	if (!address)
		return;
	/* Behind the length and the family. */
	s32 length = peek(address, len) - 2;
	if (length <= 0)
		return;
	if (length > 108)
		length = 108;
	u32 size = length;
	asm volatile("%0 &= 127" : "+r"(size));
	if (size > 108)
		return;
	bpf_probe_read_kernel(to->path, size,
			      (void *)__builtin_preserve_access_index(&address->name) + 2);
	to->path_length = size;
}

GLOBAL int add_socket(struct scratch *s, u64 sk_)
{
	struct sock *sk = (void *)sk_;
	if (!s || !sk)
		return 0;
	struct socket_facts *to = (void *)room(s);
	if (!to)
		return 0;
	__builtin_memset(to, 0, sizeof(*to));
	u16 family = peek(sk, __sk_common.skc_family);
	to->family = family;
	if (family == AF_INET || family == AF_INET6) {
		struct inet_sock *inet = (void *)sk;
		to->local_port = swapped(peek(inet, inet_sport));
		to->remote_port = swapped(peek(sk, __sk_common.skc_dport));
	}
	if (family == AF_INET) {
		struct inet_sock *inet = (void *)sk;
		u32 local = peek(sk, __sk_common.skc_rcv_saddr), remote = peek(sk, __sk_common.skc_daddr);
		if (!local)
			local = peek(inet, inet_saddr);
		__builtin_memcpy(to->local, &local, 4);
		__builtin_memcpy(to->remote, &remote, 4);
	} else if (family == AF_INET6) {
		bpf_probe_read_kernel(to->local, 16,
				      __builtin_preserve_access_index(&sk->__sk_common.skc_v6_rcv_saddr));
		bpf_probe_read_kernel(to->remote, 16, __builtin_preserve_access_index(&sk->__sk_common.skc_v6_daddr));
	} else if (family == AF_UNIX) {
		add_unix(to, sk);
	}
	added(s, TAG_SOCKET, sizeof(*to));
	return 0;
}

INLINE void add_backlog(struct scratch *s, struct sock *listener)
{
	u32 *to = (void *)room(s);
	if (!to || !listener)
		return;
	to[0] = peek(listener, sk_ack_backlog);
	to[1] = peek(listener, sk_max_ack_backlog);
	added(s, TAG_BACKLOG, 8);
}

#endif
