// The board's network interface.
#ifndef MICROPY_INCLUDED_MPS2_NETWORK_LAN_H
#define MICROPY_INCLUDED_MPS2_NETWORK_LAN_H

// Called in PendSV now and then: notices a cable that is plugged in or pulled out.
void network_lan_check_link(void);

#endif // MICROPY_INCLUDED_MPS2_NETWORK_LAN_H
