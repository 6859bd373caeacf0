//! Which container a cgroup path belongs to.
