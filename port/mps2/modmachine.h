#ifndef MICROPY_INCLUDED_MPS2_MODMACHINE_H
#define MICROPY_INCLUDED_MPS2_MODMACHINE_H

// At power-up and after a hard reset: finds out which it was.
void machine_init(void);
// At the end of a soft reset.
void machine_deinit(void);

#endif // MICROPY_INCLUDED_MPS2_MODMACHINE_H
