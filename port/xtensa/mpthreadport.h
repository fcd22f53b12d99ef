// Threads that take turns where they release the GIL.
#include <stddef.h>

typedef struct {
    volatile int locked;
} mp_thread_mutex_t;

void mp_thread_begin(void);
// Tells the collector of the stacks of all threads; the running one's lies between the two.
void mp_thread_gc_others(char *from, char *to);
