// The board's Ethernet controller, an SMSC LAN9118. This driver knows neither IP nor Python.
#ifndef MICROPY_INCLUDED_MPS2_LAN9118_H
#define MICROPY_INCLUDED_MPS2_LAN9118_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAN9118_MAC_LEN (6)
// The largest Ethernet frame, without its checksum.
#define LAN9118_MAX_FRAME (1514)
// Bytes before a received frame, so that the IP packet begins at a word.
#define LAN9118_RX_OFFSET (2)
// The number of words that hold a received frame.
#define LAN9118_RX_WORDS(len) ((LAN9118_RX_OFFSET + (len) + 3) / 4)

// Resets the controller and starts it, with its interrupt off. Returns false if there is no controller,
// or if it does not answer.
bool lan9118_start(void);
void lan9118_stop(void);

// Valid from power-up on.
void lan9118_get_mac(uint8_t mac[LAN9118_MAC_LEN]);
bool lan9118_link_is_up(void);

// Sends `len` bytes. Returns false if the controller cannot take a frame now.
bool lan9118_send(const void *frame, size_t len);

// PendSV calls `received`, with the interrupt off until lan9118_enable_interrupt.
void lan9118_set_handler(void (*received)(void));
// Acknowledge first, then receive: a frame that arrives in between raises the interrupt again.
void lan9118_acknowledge_interrupt(void);
void lan9118_enable_interrupt(void);
// The length of the next frame in bytes, without its checksum, or 0 if there is none. Drops bad frames.
size_t lan9118_next_frame(void);
// Reads that frame of `len` bytes. NULL drops it.
void lan9118_take_frame(uint32_t *to, size_t len);

#endif // MICROPY_INCLUDED_MPS2_LAN9118_H
