// The board's network interface.
#ifndef MICROPY_INCLUDED_MPS2_NETWORK_LAN_H
#define MICROPY_INCLUDED_MPS2_NETWORK_LAN_H

// PendSV calls this regularly. It notices that somebody has plugged in or pulled out the cable.
void network_lan_check_link(void);

#endif // MICROPY_INCLUDED_MPS2_NETWORK_LAN_H
