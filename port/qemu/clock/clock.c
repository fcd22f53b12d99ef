// Milliseconds for MicroPython's qemu port, from QEMU's semihosting.

#include "py/mphal.h"
#include "shared/runtime/softtimer.h"

// Hundredths of a second since the start.
#define SYS_CLOCK (0x10)

static uintptr_t semihosting(uintptr_t operation, uintptr_t argument) {
    #if defined(__riscv)
    register uintptr_t a0 __asm__ ("a0") = operation;
    register uintptr_t a1 __asm__ ("a1") = argument;
    __asm volatile (
        ".option push\n"
        ".option norvc\n"
        ".align 4\n"
        "slli zero, zero, 0x1f\n"
        "ebreak\n"
        "srai zero, zero, 7\n"
        ".option pop\n"
        : "+r" (a0) : "r" (a1) : "memory");
    return a0;
    #else
    register uintptr_t r0 __asm__ ("r0") = operation;
    register uintptr_t r1 __asm__ ("r1") = argument;
    __asm volatile ("bkpt 0xab" : "+r" (r0) : "r" (r1) : "memory");
    return r0;
    #endif
}

mp_uint_t mp_hal_ticks_ms(void) {
    return semihosting(SYS_CLOCK, 0) * 10;
}

uint32_t soft_timer_get_ms(void) {
    return mp_hal_ticks_ms();
}

void soft_timer_schedule_at_ms(uint32_t ticks_ms) {
    // Only a read loop starts a timer, and without a network no read loop runs.
    (void)ticks_ms;
}
