// lwIP's configuration. MicroPython's own options follow, which are not to be set twice.
#ifndef MICROPY_INCLUDED_MPS2_LWIPOPTS_H
#define MICROPY_INCLUDED_MPS2_LWIPOPTS_H

#include <stdint.h>

#define LWIP_NETIF_EXT_STATUS_CALLBACK 1
#define LWIP_IPV6 0

uint32_t rng_get(void);
#define LWIP_RAND() rng_get()

// Puts the headers behind Ethernet's at words.
#define ETH_PAD_SIZE (2)

// A whole window of received segments fits in the 10.5 kB that the controller has for them: QEMU
// drops what does not.
#define TCP_MSS (1460)
#define TCP_WND (6 * TCP_MSS)
#define TCP_SND_BUF (8 * TCP_MSS)
#define PBUF_POOL_SIZE (16)
// Two full send buffers, with what their segments cost.
#define MEM_SIZE (32 * 1024)
#define MEMP_NUM_TCP_SEG (64)
// A connection that was closed needs its place until the other side has closed, too.
#define MEMP_NUM_TCP_PCB (16)

#include "extmod/lwip-include/lwipopts_common.h"

// Not started by this port.
#undef LWIP_MDNS_RESPONDER
#define LWIP_MDNS_RESPONDER 0

#endif // MICROPY_INCLUDED_MPS2_LWIPOPTS_H
