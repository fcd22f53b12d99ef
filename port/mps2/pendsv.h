// Work that interrupts defer: it runs in PendSV, one piece at a time, before the interrupted program
// continues.
#ifndef MICROPY_INCLUDED_MPS2_PENDSV_H
#define MICROPY_INCLUDED_MPS2_PENDSV_H

typedef enum {
    PENDSV_SOFT_TIMER,
    PENDSV_LAN,
    PENDSV_NUM_SLOTS,
} pendsv_slot_t;

typedef void (*pendsv_dispatch_t)(void);

void pendsv_init(void);

// Any interrupt may call this. A function that is scheduled twice before it runs, runs once.
void pendsv_schedule_dispatch(pendsv_slot_t slot, pendsv_dispatch_t function);

void PendSV_Handler(void);

#endif // MICROPY_INCLUDED_MPS2_PENDSV_H
