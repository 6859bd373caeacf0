// Programs that do what watchers stumble over, one a word on the command line: see tests/integration/test_watch_live_hostile.py.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define CANNOT 77  // what is needed is not there

static void touch(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT, 0644);
  if (fd < 0) _exit(1);
  close(fd);
}

// storm COUNT PROGRAM: that many processes, each another program.
static int storm(char **a) {
  char *argv[] = {a[1], NULL};
  for (int i = atoi(a[0]); i > 0; i--) {
    pid_t pid = vfork();
    if (pid == 0) { execv(a[1], argv); _exit(1); }
    if (pid < 0 || waitpid(pid, NULL, 0) < 0) return 1;
  }
  return 0;
}

// reuse FILE PROGRAM FILE: a process ends, the next one has its number.
static int reuse(char **a) {
  pid_t first = fork();
  if (first == 0) { execl(a[1], "first", a[0], NULL); _exit(1); }
  waitpid(first, NULL, 0);
  struct clone_args how = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&first, .set_tid_size = 1};
  pid_t again = syscall(SYS_clone3, &how, sizeof how);
  if (again == 0) { touch(a[2]); _exit(0); }
  if (again != first) return CANNOT;
  waitpid(again, NULL, 0);
  return 0;
}

// hold COUNT FIRST LAST: that many descriptors, one of the lowest and the highest of these files; the highest number is printed.
// A line that is read changes the modes of both files.
static int hold(char **a) {
  int first = open(a[1], O_WRONLY | O_CREAT, 0644), more = open("/dev/null", O_RDONLY), last;
  for (int i = atoi(a[0]); i > 6; i--)
    if (dup(more) < 0) return CANNOT;
  last = open(a[2], O_WRONLY | O_CREAT, 0644);
  printf("%d\n", last);
  fflush(stdout);
  while (getchar() != EOF)
    if (fchmod(first, 0640) || fchmod(last, 0640)) return 1;
  return 0;
}

static char changing[4096];
static volatile int done;

static void *change(void *end) {
  for (volatile char *at = end; !done; *at ^= 'a' ^ 'b') {}
  return NULL;
}

// race PATH COUNT: the last letter of the path changes between a and b while it is opened; how often which was opened is printed.
static int race(char **a) {
  pthread_t thread;
  struct stat first, found;
  long counts[2] = {0, 0};
  strcpy(changing, a[0]);
  stat(changing, &first);
  pthread_create(&thread, NULL, change, changing + strlen(changing) - 1);
  for (int i = atoi(a[1]); i > 0; i--) {
    int fd = open(changing, O_RDONLY);
    if (fd < 0 || fstat(fd, &found)) return 1;
    counts[found.st_ino != first.st_ino]++;
    close(fd);
  }
  done = 1;
  pthread_join(thread, NULL);
  printf("%ld %ld\n", counts[0], counts[1]);
  return 0;
}

// killed FILE: opening is what the filter kills for.
static int killed(char **a) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return CANNOT;
  return openat(AT_FDCWD, a[0], O_RDONLY) < 0;
}

// uring FILE: opened by the kernel's thread or in io_uring_enter, then its mode is changed by an ordinary call.
static int uring(char **a) {
  struct io_uring_params how = {0};
  int ring = syscall(SYS_io_uring_setup, 4, &how);
  if (ring < 0) return CANNOT;
  size_t size = how.sq_off.array + how.sq_entries * 4, room = how.cq_off.cqes + how.cq_entries * sizeof(struct io_uring_cqe);
  char *sq = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
  char *cq = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_CQ_RING);
  struct io_uring_sqe *sqe = mmap(NULL, 4 * sizeof *sqe, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
  if (sq == MAP_FAILED || cq == MAP_FAILED || sqe == MAP_FAILED) return CANNOT;
  *sqe = (struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)a[0], .open_flags = O_RDONLY};
  ((unsigned *)(sq + how.sq_off.array))[0] = 0;
  __atomic_store_n((unsigned *)(sq + how.sq_off.tail), 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1) return CANNOT;
  int fd = ((struct io_uring_cqe *)(cq + how.cq_off.cqes))->res;
  if (fd < 0) return CANNOT;
  if (fchmod(fd, 0640)) return 1;
  return usleep(500000);  // so that /proc can still be asked
}

static void *renamed_open(void *path) {
  prctl(PR_SET_NAME, "renamed");
  touch(path);
  return NULL;
}

// renamed FILE: a thread with a name of its own.
static int renamed(char **a) {
  pthread_t thread;
  pthread_create(&thread, NULL, renamed_open, a[0]);
  return pthread_join(thread, NULL);
}

// clone3 FILE
static int cloned(char **a) {
  struct clone_args how = {.exit_signal = SIGCHLD};
  pid_t pid = syscall(SYS_clone3, &how, sizeof how);
  if (pid == 0) { touch(a[0]); _exit(0); }
  return pid < 0 || waitpid(pid, NULL, 0) != pid;
}

static char *const further[] = {"argument-zero", "one", NULL};

// at PROGRAM: execveat of a descriptor, with no path.
static int at(char **a) {
  int fd = open(a[0], O_RDONLY | O_CLOEXEC);
  syscall(SYS_execveat, fd, "", further, environ, AT_EMPTY_PATH);
  return 1;
}

// memory PROGRAM: the same of a copy in memory.
static int memory(char **a) {
  char buffer[65536];
  ssize_t got;
  int from = open(a[0], O_RDONLY), fd = memfd_create("hidden", MFD_CLOEXEC);
  while ((got = read(from, buffer, sizeof buffer)) > 0)
    if (write(fd, buffer, got) != got) return 1;
  syscall(SYS_execveat, fd, "", further, environ, AT_EMPTY_PATH);
  return 1;
}

// big PROGRAM: arguments of a megabyte.
static int big(char **a) {
  static char *argv[12] = {"big"};
  for (int i = 1; i < 11; i++) {
    argv[i] = memset(malloc(100001), 'a' + i, 100001);
    argv[i][100000] = 0;
  }
  execve(a[0], argv, environ);
  return 1;
}

// jail FOLDER FILE: a root of its own.
static int jail(char **a) {
  if (chroot(a[0]) || chdir("/")) return 1;
  touch(a[1]);
  return 0;
}

static void *opener(void *path) {
  for (;;) close(open(path, O_RDONLY));
  return NULL;
}

// leaves FILE COUNT: processes whose threads are amid calls when all end.
static int leaves(char **a) {
  for (int i = atoi(a[1]); i > 0; i--) {
    pid_t pid = fork();
    if (pid == 0) {
      pthread_t threads[3];
      for (int t = 0; t < 3; t++) pthread_create(threads + t, NULL, opener, a[0]);
      usleep(500);
      syscall(SYS_exit_group, 7);
    }
    if (pid < 0 || waitpid(pid, NULL, 0) != pid) return 1;
  }
  return 0;
}

// open PATH: ends with why it failed.
static int opened(char **a) { return open(a[0], O_RDONLY) < 0 ? errno : 0; }

static const struct {
  const char *word;
  int (*does)(char **);
} words[] = {{"storm", storm}, {"reuse", reuse}, {"hold", hold}, {"race", race}, {"killed", killed}, {"uring", uring},
             {"renamed", renamed}, {"clone3", cloned}, {"at", at}, {"memory", memory}, {"big", big}, {"jail", jail},
             {"leaves", leaves}, {"open", opened}};

int main(int argc, char **argv) {
  for (size_t i = 0; argc > 2 && i < sizeof words / sizeof *words; i++)
    if (!strcmp(argv[1], words[i].word)) return words[i].does(argv + 2);
  return 2;
}
