/* System calls of a chosen kind in a loop, and what they cost this program: the work that live watching is measured with.
 *
 *     live_work open PATH COUNT             openat and close of PATH
 *     live_work absent PATH COUNT           openat of PATH, which is not there
 *     live_work paced PATH SECONDS RATE     the same, RATE pairs a second, 0 for as many as can be
 *     live_work getppid|lseek - COUNT       a call that costs next to nothing by itself
 *     live_work mix PATH COUNT              what a server does: files, pipes, sockets, folders, a child now and then
 *     live_work churn PATH SECONDS          children that open files and end, every eighth starts a program
 *
 * Prints: loops, CPU nanoseconds (user and system, children included), wall nanoseconds.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long of_children(void)
{
	struct rusage usage;
	getrusage(RUSAGE_CHILDREN, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000LL +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000LL;
}

static void open_and_close(const char *path)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		perror(path);
		exit(1);
	}
	close(fd);
}

/* As much in each millisecond as the rate asks for; what a late millisecond missed is made up for. */
static long paced(const char *path, long seconds, long rate)
{
	long long begun = now(CLOCK_MONOTONIC), elapsed;
	struct timespec pause = { 0, 500000 };
	long done = 0;
	while ((elapsed = now(CLOCK_MONOTONIC) - begun) < seconds * 1000000000LL) {
		long due = rate ? (long)(elapsed / 1e9 * rate) : done + 1000;
		if (due > done + 1000)
			due = done + 1000; /* the clock is looked at now and then */
		else if (rate)
			nanosleep(&pause, NULL);
		for (; done < due; done++)
			open_and_close(path);
	}
	return done;
}

static void child(const char *path, int files, int program)
{
	pid_t pid = fork();
	if (pid == 0) {
		for (int i = 0; i < files; i++)
			open_and_close(path);
		if (program)
			execl("/bin/true", "true", "live_work", (char *)NULL);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void mix(const char *path, long round)
{
	char data[64];
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	int ends[2], fd = openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (read(fd, data, sizeof(data)) < 0 || lseek(fd, 0, SEEK_SET) < 0 || write(fd, "some data", 9) < 0)
		exit(1);
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	close(copy);
	close(fd);
	if (pipe2(ends, O_CLOEXEC) == 0) {
		close(ends[0]);
		close(ends[1]);
	}
	int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	connect(udp, (struct sockaddr *)&address, sizeof(address));
	close(udp);
	if (round % 16 == 0) {
		mkdir("folder-of-live-work", 0700);
		rmdir("folder-of-live-work");
	}
	if (round % 256 == 0)
		child(path, 2, round % 1024 == 0);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	const char *kind = argv[1], *path = argv[2];
	long count = atol(argv[3]), rate = argc > 4 ? atol(argv[4]) : 0, done = count;
	long long wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	if (!strcmp(kind, "open")) {
		for (long i = 0; i < count; i++)
			open_and_close(path);
	} else if (!strcmp(kind, "absent")) {
		for (long i = 0; i < count; i++)
			if (openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC) >= 0)
				return 1;
	} else if (!strcmp(kind, "paced")) {
		done = paced(path, count, rate);
	} else if (!strcmp(kind, "getppid")) {
		for (long i = 0; i < count; i++)
			syscall(SYS_getppid);
	} else if (!strcmp(kind, "lseek")) {
		int fd = open("/dev/zero", O_RDONLY);
		for (long i = 0; i < count; i++)
			lseek(fd, 0, SEEK_SET);
	} else if (!strcmp(kind, "mix")) {
		for (long i = 0; i < count; i++)
			mix(path, i);
	} else if (!strcmp(kind, "churn")) {
		long long end = wall + count * 1000000000LL;
		for (done = 0; now(CLOCK_MONOTONIC) < end; done++)
			child(path, 20, done % 8 == 0);
	} else {
		return 2;
	}
	cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu + of_children();
	wall = now(CLOCK_MONOTONIC) - wall;
	printf("%ld %lld %lld\n", done, cpu, wall);
	return 0;
}
