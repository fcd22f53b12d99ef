#include "py/mphal.h"
#include "pendsv.h"

static volatile pendsv_dispatch_t dispatch_table[PENDSV_NUM_SLOTS];

void pendsv_init(void) {
    NVIC_SetPriority(PendSV_IRQn, IRQ_PRI_PENDSV);
}

void pendsv_schedule_dispatch(pendsv_slot_t slot, pendsv_dispatch_t function) {
    dispatch_table[slot] = function;
    SCB->ICSR = SCB_ICSR_PENDSVSET_Msk;
}

void PendSV_Handler(void) {
    for (size_t slot = 0; slot < PENDSV_NUM_SLOTS; slot++) {
        // Cleared before the function runs, so that an interrupt during its run schedules it again.
        pendsv_dispatch_t function = dispatch_table[slot];
        if (function != NULL) {
            dispatch_table[slot] = NULL;
            function();
        }
    }
}
