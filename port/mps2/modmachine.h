#ifndef MICROPY_INCLUDED_MPS2_MODMACHINE_H
#define MICROPY_INCLUDED_MPS2_MODMACHINE_H

// Finds the reason of a reset: power-up or a hard reset.
void machine_init(void);
// Called at the end of a soft reset.
void machine_deinit(void);

#endif // MICROPY_INCLUDED_MPS2_MODMACHINE_H
