// Random numbers from the host, or a repeatable sequence if a test asks for one.
#ifndef MICROPY_INCLUDED_MPS2_RNG_H
#define MICROPY_INCLUDED_MPS2_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Returns false if the host gives no random numbers; the buffer is then not random.
bool rng_fill(uint8_t *buf, size_t len);

// For callers that cannot report a failure; a failure ends QEMU.
uint32_t rng_get(void);

#endif // MICROPY_INCLUDED_MPS2_RNG_H
