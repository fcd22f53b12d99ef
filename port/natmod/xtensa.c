// The functions that an ESP32 or ESP32-S3 needs besides.

#include "mqtt_vm_private.h"

#if defined(__xtensa__)

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)

// The firmware's, whose address is in the table. It must return to the function that calls this
// one, so this one opens no window of registers. A call leaves a9 to the function that is called.
_Static_assert(offsetof(mp_fun_table_t, setjmp_) == NATMOD_SETJMP_PLACE, "the place of setjmp() in the table");
__asm__(
    ".section .text.natmod_setjmp,\"ax\",@progbits\n"
    ".literal .Lnatmod_links, mqtt_links\n"
    ".global natmod_setjmp\n"
    ".p2align 2\n"
    "natmod_setjmp:\n"
    "l32r a9, .Lnatmod_links\n"
    "l32i a9, a9, 0\n"
    "l32i a9, a9, " TEXT(NATMOD_SETJMP_PLACE) "\n"
    "jx a9\n"
    );

// The compiler has no instruction for a trap on this processor, and calls this function in its place.
MP_NORETURN void abort(void) {
    mqtt_vm_panic();
}

#else

// C does not allow an empty translation unit.
typedef int natmod_xtensa_unused;

#endif
