// The memory functions of Arm's run-time ABI (Arm IHI 0043, section 4.3.4). LLVM calls them when Rust
// copies memory, and a firmware without a C library does not have them. They are weak, so a C library's
// own functions take precedence.

#if defined(__ARM_EABI__)

#include <string.h>

#define WEAK __attribute__((weak))
#define ALIAS(name) __attribute__((weak, alias(#name)))

void __aeabi_memcpy(void *to, const void *from, size_t n);
void __aeabi_memmove(void *to, const void *from, size_t n);
void __aeabi_memset(void *to, size_t n, int value);
void __aeabi_memclr(void *to, size_t n);

WEAK void __aeabi_memcpy(void *to, const void *from, size_t n) {
    memcpy(to, from, n);
}

WEAK void __aeabi_memmove(void *to, const void *from, size_t n) {
    memmove(to, from, n);
}

// Its arguments have another order than those of memset().
WEAK void __aeabi_memset(void *to, size_t n, int value) {
    memset(to, value, n);
}

WEAK void __aeabi_memclr(void *to, size_t n) {
    memset(to, 0, n);
}

// The same functions for aligned memory.
void __aeabi_memcpy4(void *to, const void *from, size_t n) ALIAS(__aeabi_memcpy);
void __aeabi_memcpy8(void *to, const void *from, size_t n) ALIAS(__aeabi_memcpy);
void __aeabi_memmove4(void *to, const void *from, size_t n) ALIAS(__aeabi_memmove);
void __aeabi_memmove8(void *to, const void *from, size_t n) ALIAS(__aeabi_memmove);
void __aeabi_memset4(void *to, size_t n, int value) ALIAS(__aeabi_memset);
void __aeabi_memset8(void *to, size_t n, int value) ALIAS(__aeabi_memset);
void __aeabi_memclr4(void *to, size_t n) ALIAS(__aeabi_memclr);
void __aeabi_memclr8(void *to, size_t n) ALIAS(__aeabi_memclr);

#else

// C does not allow an empty translation unit.
typedef int mqtt_aeabi_unused;

#endif
