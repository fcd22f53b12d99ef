// The Internet checksum (RFC 1071), which lwIP computes for every packet in both directions.

#include <stdbool.h>
#include <stdint.h>

#include "lwip/arch.h"

// The ones' complement sum of pairs of bytes; the first byte of a pair is the less significant one.
uint16_t checksum(const void *data, int len) {
    const uint8_t *p = data;
    uint32_t sum = 0;
    // Each pair then has its bytes swapped, and so has the sum.
    bool odd = ((uintptr_t)p & 1) && len > 0;
    if (odd) {
        sum = *p++ << 8;
        len -= 1;
    }
    if (((uintptr_t)p & 2) && len >= 2) {
        sum += *(const uint16_t *)p;
        p += 2;
        len -= 2;
    }
    // A word holds two pairs; the carry of the upper pair goes around.
    for (; len >= 16; len -= 16) {
        __asm (
            "ldmia %[p]!, {r3, r4, r5, r12}\n"
            "adds %[sum], %[sum], r3\n"
            "adcs %[sum], %[sum], r4\n"
            "adcs %[sum], %[sum], r5\n"
            "adcs %[sum], %[sum], r12\n"
            "adc %[sum], %[sum], #0\n"
            : [p] "+r" (p), [sum] "+r" (sum) : : "r3", "r4", "r5", "r12", "cc", "memory");
    }
    for (; len >= 4; len -= 4) {
        uint32_t word = *(const uint32_t *)p;
        sum += word;
        sum += sum < word;
        p += 4;
    }
    sum = (sum & 0xffff) + (sum >> 16);
    if (len & 2) {
        sum += *(const uint16_t *)p;
        p += 2;
    }
    if (len & 1) {
        sum += *p;
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return odd ? __builtin_bswap16(sum) : sum;
}
