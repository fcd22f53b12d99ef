// The functions of the C library that the module needs on Linux. A native module is linked with nothing,
// so they call the kernel themselves.

#if defined(__linux__) && defined(__x86_64__)

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's set of signals.
#define SET_SIZE (8)

static long call6(long number, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile ("syscall"
                      : "=a" (result)
                      : "a" (number), "D" (a), "S" (b), "d" (c), "r" (r10), "r" (r8), "r" (r9)
                      : "rcx", "r11", "memory");
    return result;
}

static long call3(long number, long a, long b, long c) {
    return call6(number, a, b, c, 0, 0, 0);
}

int poll(struct pollfd *fds, nfds_t n, int timeout) {
    return call3(SYS_poll, (long)fds, n, timeout);
}

int shutdown(int fd, int how) {
    return call3(SYS_shutdown, fd, how, 0);
}

int close(int fd) {
    return call3(SYS_close, fd, 0, 0);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t size) {
    return call6(SYS_setsockopt, fd, level, option, (long)value, size, 0);
}

long natmod_futex(const unsigned *word, int operation, unsigned value, const struct timespec *timeout) {
    return call6(SYS_futex, (long)word, operation, value, (long)timeout, 0, 0);
}

int sigemptyset(sigset_t *set) {
    *(unsigned long *)set = 0;
    return 0;
}

int sigaddset(sigset_t *set, int signal) {
    *(unsigned long *)set |= 1UL << (signal - 1);
    return 0;
}

int sigismember(const sigset_t *set, int signal) {
    return *(const unsigned long *)set >> (signal - 1) & 1;
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *before) {
    return -call6(SYS_rt_sigprocmask, how, (long)set, (long)before, SET_SIZE, 0, 0);
}

int sigpending(sigset_t *set) {
    return call3(SYS_rt_sigpending, (long)set, SET_SIZE, 0);
}

int sigwait(const sigset_t *set, int *signal) {
    long taken = call6(SYS_rt_sigtimedwait, (long)set, 0, 0, SET_SIZE, 0, 0);
    if (taken < 0) {
        return -taken;
    }
    *signal = taken;
    return 0;
}

#else

// C does not allow an empty translation unit.
typedef int natmod_linux_unused;

#endif
