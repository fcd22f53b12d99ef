#ifndef MICROPY_INCLUDED_MPS2_MPHALPORT_H
#define MICROPY_INCLUDED_MPS2_MPHALPORT_H

#include "mps2.h"
#include "pendsv.h"

// The milliseconds counted so far; soft timers use this clock.
extern volatile uint32_t mps2_ticks_ms;

void mps2_init(void);

// Prints a line to the console and ends QEMU with a failure.
__attribute__((noreturn)) void mps2_fatal(const char *what);

// Sleeps until the next interrupt, for at most 1 ms.
void mps2_wait_for_interrupt(void);

static inline uint32_t mps2_disable_irq(void) {
    uint32_t state = __get_PRIMASK();
    __disable_irq();
    return state;
}

static inline void mps2_enable_irq(uint32_t state) {
    __set_PRIMASK(state);
}

// Blocks interrupts of this priority and of less urgent priorities.
static inline uint32_t mps2_raise_irq_priority(uint32_t priority) {
    uint32_t state = __get_BASEPRI();
    __set_BASEPRI_MAX(priority << (8 - __NVIC_PRIO_BITS));
    __ISB();
    return state;
}

static inline void mps2_restore_irq_priority(uint32_t state) {
    __set_BASEPRI(state);
}

#define MICROPY_BEGIN_ATOMIC_SECTION() mps2_disable_irq()
#define MICROPY_END_ATOMIC_SECTION(state) mps2_enable_irq(state)

// Blocks PendSV, which runs soft timers and the network's receive path.
#define MICROPY_PY_PENDSV_ENTER uint32_t atomic_state = mps2_raise_irq_priority(IRQ_PRI_PENDSV)
#define MICROPY_PY_PENDSV_REENTER atomic_state = mps2_raise_irq_priority(IRQ_PRI_PENDSV)
#define MICROPY_PY_PENDSV_EXIT mps2_restore_irq_priority(atomic_state)

#define MICROPY_PY_LWIP_ENTER MICROPY_PY_PENDSV_ENTER;
#define MICROPY_PY_LWIP_REENTER MICROPY_PY_PENDSV_REENTER;
#define MICROPY_PY_LWIP_EXIT MICROPY_PY_PENDSV_EXIT;

// SysTick wakes the processor, so a timeout needs no other timer.
#define MICROPY_INTERNAL_WFE(TIMEOUT_MS) mps2_wait_for_interrupt()

void mp_hal_set_interrupt_char(int c);

#endif // MICROPY_INCLUDED_MPS2_MPHALPORT_H
