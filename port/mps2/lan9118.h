// The board's Ethernet controller, an SMSC LAN9118. Knows nothing of IP and of Python.
#ifndef MICROPY_INCLUDED_MPS2_LAN9118_H
#define MICROPY_INCLUDED_MPS2_LAN9118_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAN9118_MAC_LEN (6)
// The largest Ethernet frame, without its checksum.
#define LAN9118_MAX_FRAME (1514)
// Bytes in front of a received frame, so that the packet in it begins at a word.
#define LAN9118_RX_OFFSET (2)
// The words in which a received frame comes.
#define LAN9118_RX_WORDS(len) ((LAN9118_RX_OFFSET + (len) + 3) / 4)

// Resets the controller and starts it, with its interrupt off. False: there is none, or it does
// not answer.
bool lan9118_start(void);
void lan9118_stop(void);

// Good from power-up on.
void lan9118_get_mac(uint8_t mac[LAN9118_MAC_LEN]);
bool lan9118_link_is_up(void);

// `len` is in bytes. False: the controller takes no frame now.
bool lan9118_send(const void *frame, size_t len);

// For PendSV. The interrupt is off when `received` is called, until lan9118_enable_interrupt.
void lan9118_set_handler(void (*received)(void));
// Take note first, receive then: what comes in between raises the interrupt again.
void lan9118_acknowledge_interrupt(void);
void lan9118_enable_interrupt(void);
// The bytes of the next frame, without its checksum; 0: there is none. Bad ones are thrown away.
size_t lan9118_next_frame(void);
// That frame, of `len` bytes. NULL throws it away.
void lan9118_take_frame(uint32_t *to, size_t len);

#endif // MICROPY_INCLUDED_MPS2_LAN9118_H
