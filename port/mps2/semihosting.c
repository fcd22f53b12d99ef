// "Semihosting for AArch32 and AArch64" (Arm IHI 0100): r0 holds the number of the operation, r1 the
// address of its arguments; the result comes back in r0.

#include <string.h>

#include "semihosting.h"

#define SYS_OPEN (0x01)
#define SYS_CLOSE (0x02)
#define SYS_READ (0x06)
#define SYS_TIME (0x11)
#define SYS_EXIT (0x18)

#define OPEN_MODE_RB (1)

// Reasons for SYS_EXIT: the first means success, any other means failure.
#define ADP_STOPPED_APPLICATION_EXIT (0x20026)
#define ADP_STOPPED_RUN_TIME_ERROR_UNKNOWN (0x20023)

static intptr_t semihosting_call(uintptr_t operation, const void *args) {
    register uintptr_t r0 __asm ("r0") = operation;
    register const void *r1 __asm ("r1") = args;
    __asm volatile ("bkpt 0xab" : "+r" (r0) : "r" (r1) : "memory");
    return r0;
}

uint32_t semihosting_time(void) {
    return semihosting_call(SYS_TIME, NULL);
}

bool semihosting_read_file(const char *path, void *buf, size_t len) {
    const uintptr_t open_args[] = { (uintptr_t)path, OPEN_MODE_RB, strlen(path) };
    intptr_t file = semihosting_call(SYS_OPEN, open_args);
    if (file == -1) {
        return false;
    }
    // The result is the number of bytes that the host did not read.
    const uintptr_t read_args[] = { file, (uintptr_t)buf, len };
    bool done = semihosting_call(SYS_READ, read_args) == 0;
    const uintptr_t close_args[] = { file };
    semihosting_call(SYS_CLOSE, close_args);
    return done;
}

void semihosting_exit(bool success) {
    // On a 32-bit processor, r1 holds the reason itself, not the address of arguments.
    semihosting_call(SYS_EXIT, (const void *)(success ? ADP_STOPPED_APPLICATION_EXIT : ADP_STOPPED_RUN_TIME_ERROR_UNKNOWN));
    for (;;) {
    }
}
