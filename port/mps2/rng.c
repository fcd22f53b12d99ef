// The board has no source of entropy, so it reads the host's /dev/urandom.
//
// A test that needs the same numbers in each run tells QEMU to put a seed (any number except 0) at _seed
// before the board starts. Only then are these numbers not secret:
//
//     -device loader,addr=0x203ffff8,data=42,data-len=8

#include "py/mphal.h"
#include "rng.h"
#include "semihosting.h"

#define HOST_ENTROPY "/dev/urandom"

extern const volatile uint64_t _seed;

// SplitMix64 gives a sequence without repetitions from any seed.
static uint8_t next_predictable_byte(void) {
    static uint64_t state;
    uint64_t x = _seed + (state += 0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

bool rng_fill(uint8_t *buf, size_t len) {
    if (_seed == 0) {
        return semihosting_read_file(HOST_ENTROPY, buf, len);
    }
    // lwIP draws numbers in PendSV, so this must not be interrupted.
    MICROPY_PY_PENDSV_ENTER;
    for (size_t i = 0; i < len; i++) {
        buf[i] = next_predictable_byte();
    }
    MICROPY_PY_PENDSV_EXIT;
    return true;
}

uint32_t rng_get(void) {
    uint32_t number;
    if (!rng_fill((uint8_t *)&number, sizeof(number))) {
        mps2_fatal("no random numbers: the host has no " HOST_ENTROPY);
    }
    return number;
}
