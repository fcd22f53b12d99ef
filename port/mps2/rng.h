// Random numbers: the host's, or a repeatable sequence where a test asks for one.
#ifndef MICROPY_INCLUDED_MPS2_RNG_H
#define MICROPY_INCLUDED_MPS2_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// False: there are none to be had, and the buffer's contents are not random.
bool rng_fill(uint8_t *buf, size_t len);

// For where there is no way to report a failure: it is fatal.
uint32_t rng_get(void);

#endif // MICROPY_INCLUDED_MPS2_RNG_H
