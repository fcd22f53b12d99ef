// lwIP's configuration. The include at the end adds MicroPython's own options; do not set those here.
#ifndef MICROPY_INCLUDED_MPS2_LWIPOPTS_H
#define MICROPY_INCLUDED_MPS2_LWIPOPTS_H

#include <stdint.h>

#define LWIP_NETIF_EXT_STATUS_CALLBACK 1
#define LWIP_IPV6 0

uint32_t rng_get(void);
#define LWIP_RAND() rng_get()

// Aligns the headers behind the Ethernet header to words.
#define ETH_PAD_SIZE (2)

// A whole window of received segments fits into the controller's 10.5 kB for received frames. QEMU drops
// frames that do not fit.
#define TCP_MSS (1460)
#define TCP_WND (6 * TCP_MSS)
#define TCP_SND_BUF (8 * TCP_MSS)
// A connection that nobody reads keeps its window in these, one for each segment, however short. Two such
// connections must leave some to the others, whose answers would be dropped otherwise.
#define PBUF_POOL_SIZE (64)
// Two full send buffers, with the overhead of their segments.
#define MEM_SIZE (32 * 1024)
#define MEMP_NUM_TCP_SEG (64)
// A closed connection keeps its entry until the other side has closed it, too.
#define MEMP_NUM_TCP_PCB (16)

// lwIP takes its first local port at random. Its own macro allows the last port, 0xffff, after which lwIP goes on
// to port 0, and the first connection fails with ENOBUFS.
#define TCP_LOCAL_PORT_RANGE_START (0xc000)
#define TCP_LOCAL_PORT_RANGE_END (0xffff)
#define TCP_ENSURE_LOCAL_PORT_RANGE(port) ((u16_t)(((port) & 0x3ffe) | TCP_LOCAL_PORT_RANGE_START))

#include "extmod/lwip-include/lwipopts_common.h"

// This port does not start the mDNS responder.
#undef LWIP_MDNS_RESPONDER
#define LWIP_MDNS_RESPONDER 0

#endif // MICROPY_INCLUDED_MPS2_LWIPOPTS_H
