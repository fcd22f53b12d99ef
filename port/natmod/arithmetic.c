// Arithmetic that GCC and LLVM take for granted on an ESP32 or ESP32-S3. Debian's GCC has it for another way of
// calling functions alone.

#include <stdint.h>

#if defined(__xtensa__)

// GCC compiles for a processor without division.
#define DIVISION(name, type, instruction) \
    type name(type a, type b) { \
        type result; \
        __asm__ (instruction " %0, %1, %2" : "=a" (result) : "a" (a), "a" (b)); \
        return result; \
    }

DIVISION(__udivsi3, unsigned, "quou")
DIVISION(__umodsi3, unsigned, "remu")

// The emulated processors of the tests cannot multiply to 64 bits, so LLVM must not.
uint64_t __muldi3(uint64_t a, uint64_t b) {
    uint32_t a_low = a, b_low = b;
    uint32_t low = (a_low & 0xffff) * (b_low & 0xffff);
    uint32_t middle = (a_low >> 16) * (b_low & 0xffff) + (low >> 16);
    uint32_t other = (a_low & 0xffff) * (b_low >> 16) + (middle & 0xffff);
    uint32_t high = (a_low >> 16) * (b_low >> 16) + (middle >> 16) + (other >> 16);
    high += a_low * (uint32_t)(b >> 32) + (uint32_t)(a >> 32) * b_low;
    return (uint64_t)high << 32 | other << 16 | (low & 0xffff);
}

// For the dates of certificates: it need not be fast.
uint64_t __udivdi3(uint64_t a, uint64_t b) {
    uint64_t quotient = 0, rest = 0;
    for (int bit = 0; bit < 64; bit++) {
        rest = rest << 1 | a >> 63;
        a <<= 1;
        quotient <<= 1;
        if (rest >= b) {
            rest -= b;
            quotient |= 1;
        }
    }
    return quotient;
}

uint64_t __umoddi3(uint64_t a, uint64_t b) {
    return a - __udivdi3(a, b) * b;
}

#else

// C does not allow an empty translation unit.
typedef int natmod_arithmetic_unused;

#endif
