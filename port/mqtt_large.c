// Memory for large payloads, on a PC. See mqtt_vm_private.h.

#include "mqtt_vm_private.h"

#if MQTT_SEARCHES_ON

// The blocks that one byte of MicroPython's table describes.
#define BLOCKS_PER_BYTE (4)

// The last search: where it began, where it ended, both as indices into the table, and the bytes that it found.
static struct {
    size_t begin;
    size_t end;
    size_t size;
} last;

// MicroPython searches for a large block from the first gap on that a small object fits into. So it passes all
// blocks that were made since the last collection: half of the heap, on the average. This search goes on where
// the last one has ended, and finds the same place, because in front of it no gap is large enough.
void *mqtt_vm_new_large(size_t size) {
    size_t *const index = &MP_STATE_MEM(area).gc_last_free_atb_index;
    const size_t begin = *index;
    const size_t end = last.end;
    // A collection, and memory that is given back, move the index to the front. Then there may be larger gaps.
    const bool goes_on = size >= last.size && begin >= last.begin && begin < end;
    if (goes_on) {
        *index = end;
    }
    byte *found = m_malloc_maybe(size);
    if (goes_on && *index == end) {
        // Small objects still fill the gaps.
        *index = begin;
    }
    if (found == NULL) {
        last.end = 0;
        return m_malloc(size);
    }
    last.begin = *index;
    const size_t block = (found + size - MP_STATE_MEM(area).gc_pool_start) / MICROPY_BYTES_PER_GC_BLOCK;
    last.end = block / BLOCKS_PER_BYTE;
    last.size = size;
    return found;
}

#endif
