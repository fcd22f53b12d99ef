#include <stddef.h>
#include <stdint.h>

void mp_hal_set_interrupt_char(char c);
// One of QEMU's services for this machine.
int simcall(int number, int a, const void *b, int c);
