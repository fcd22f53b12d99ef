// Driver for the SMSC LAN9118. Section numbers refer to its datasheet; "AN" is SMSC's application
// note 12.12, "LAN9118 Family Programmer Reference Guide".

#include "py/mphal.h"
#include "lan9118.h"

// System control and status registers (section 5.3), and the ports of the FIFOs (5.1, 5.2).
typedef struct {
    volatile uint32_t RX_DATA_FIFO;
    uint32_t reserved0[7];
    volatile uint32_t TX_DATA_FIFO; // 0x20
    uint32_t reserved1[7];
    volatile uint32_t RX_STATUS_FIFO; // 0x40
    volatile uint32_t RX_STATUS_FIFO_PEEK;
    volatile uint32_t TX_STATUS_FIFO;
    volatile uint32_t TX_STATUS_FIFO_PEEK;
    volatile uint32_t ID_REV; // 0x50
    volatile uint32_t IRQ_CFG;
    volatile uint32_t INT_STS;
    volatile uint32_t INT_EN;
    uint32_t reserved2;
    volatile uint32_t BYTE_TEST; // 0x64
    volatile uint32_t FIFO_INT;
    volatile uint32_t RX_CFG;
    volatile uint32_t TX_CFG; // 0x70
    volatile uint32_t HW_CFG;
    volatile uint32_t RX_DP_CTRL;
    volatile uint32_t RX_FIFO_INF;
    volatile uint32_t TX_FIFO_INF; // 0x80
    volatile uint32_t PMT_CTRL;
    uint32_t reserved3[7];
    volatile uint32_t MAC_CSR_CMD; // 0xa4
    volatile uint32_t MAC_CSR_DATA;
    volatile uint32_t AFC_CFG;
} lan9118_t;

_Static_assert(offsetof(lan9118_t, AFC_CFG) == 0xac, "");

#define LAN9118 ((lan9118_t *)MPS2_ETHERNET_BASE)

#define ID_LAN9118 (0x0118)
#define BYTE_TEST_VALUE (0x87654321)
#define IRQ_CFG_IRQ_EN (1u << 8)
#define IRQ_CFG_ACTIVE_HIGH (1u << 4)
#define IRQ_CFG_PUSH_PULL (1u << 0)
// FIFO_INT signals that the RX status FIFO has more entries than this.
#define INT_RSFL (1u << 3)
#define TX_CFG_TX_ON (1u << 1)
#define RX_CFG_DATA_OFFSET(bytes) ((bytes) << 8)
#define HW_CFG_MUST_BE_ONE (1u << 20)
// 5 kB of the 16 kB of memory are for sending; the other 10.5 kB hold received frames (5.3.9).
#define HW_CFG_TX_FIFO_5K (5u << 16)
#define HW_CFG_SOFT_RESET (1u << 0)
// The recommended thresholds of flow control (5.3.22).
#define AFC_CFG_RECOMMENDED (0x006e3740)

// TX commands (3.12.2): A describes the buffer, B the frame.
#define TX_CMD_A_START_OFFSET(bytes) ((bytes) << 16)
#define TX_CMD_A_FIRST_SEGMENT (1u << 13)
#define TX_CMD_A_LAST_SEGMENT (1u << 12)

// RX status (3.13.3).
#define RX_STATUS_ERROR (1u << 15)
#define RX_STATUS_LENGTH(status) ((status) >> 16 & 0x3fff)
#define FRAME_CHECKSUM_LEN (4)

// Registers of the MAC (5.4); MAC_CSR_CMD accesses them (5.3.20).
enum { MAC_CR = 1, MAC_ADDRH, MAC_ADDRL, MAC_MII_ACC = 6, MAC_MII_DATA };
#define MAC_CSR_BUSY (1u << 31)
#define MAC_CSR_READ (1u << 30)
#define MAC_CR_FULL_DUPLEX (1u << 20)
#define MAC_CR_ALL_MULTICAST (1u << 19)
#define MAC_CR_TX_EN (1u << 3)
#define MAC_CR_RX_EN (1u << 2)
#define MII_ACC_PHY (1u << 11) // the internal PHY has address 1
#define MII_ACC_REGISTER(n) ((n) << 6)
#define MII_ACC_WRITE (1u << 1)
#define MII_ACC_BUSY (1u << 0)

// Registers of the PHY (5.5).
enum { PHY_BASIC_CONTROL, PHY_BASIC_STATUS };
#define PHY_CONTROL_AUTONEGOTIATE (1u << 12)
#define PHY_CONTROL_RESTART (1u << 9)
#define PHY_STATUS_LINK (1u << 2)

#define WORDS(bytes) (((bytes) + 3) / 4)

// Longer than any operation of the controller takes.
#define TIMEOUT_US (10000)

static void (*received_handler)(void);

static bool wait_while(volatile uint32_t *reg, uint32_t bits) {
    uint32_t start = mp_hal_ticks_us();
    while (*reg & bits) {
        if (mp_hal_ticks_us() - start > TIMEOUT_US) {
            return false;
        }
    }
    return true;
}

static uint32_t mac_read(uint32_t reg) {
    LAN9118->MAC_CSR_CMD = MAC_CSR_BUSY | MAC_CSR_READ | reg;
    wait_while(&LAN9118->MAC_CSR_CMD, MAC_CSR_BUSY);
    return LAN9118->MAC_CSR_DATA;
}

static void mac_write(uint32_t reg, uint32_t value) {
    LAN9118->MAC_CSR_DATA = value;
    LAN9118->MAC_CSR_CMD = MAC_CSR_BUSY | reg;
    wait_while(&LAN9118->MAC_CSR_CMD, MAC_CSR_BUSY);
}

static void phy_access(uint32_t command) {
    uint32_t start = mp_hal_ticks_us();
    mac_write(MAC_MII_ACC, MII_ACC_PHY | command | MII_ACC_BUSY);
    while ((mac_read(MAC_MII_ACC) & MII_ACC_BUSY) && mp_hal_ticks_us() - start < TIMEOUT_US) {
    }
}

static uint32_t phy_read(uint32_t reg) {
    phy_access(MII_ACC_REGISTER(reg));
    return mac_read(MAC_MII_DATA);
}

static void phy_write(uint32_t reg, uint32_t value) {
    mac_write(MAC_MII_DATA, value);
    phy_access(MII_ACC_REGISTER(reg) | MII_ACC_WRITE);
}

bool lan9118_start(void) {
    if (LAN9118->BYTE_TEST != BYTE_TEST_VALUE || LAN9118->ID_REV >> 16 != ID_LAN9118) {
        return false;
    }
    LAN9118->HW_CFG = HW_CFG_SOFT_RESET;
    if (!wait_while(&LAN9118->HW_CFG, HW_CFG_SOFT_RESET)) {
        return false;
    }
    LAN9118->HW_CFG = HW_CFG_MUST_BE_ONE | HW_CFG_TX_FIFO_5K;
    LAN9118->AFC_CFG = AFC_CFG_RECOMMENDED;
    LAN9118->FIFO_INT = 0;
    LAN9118->INT_EN = 0;
    LAN9118->INT_STS = 0xffffffff;
    LAN9118->IRQ_CFG = IRQ_CFG_IRQ_EN | IRQ_CFG_ACTIVE_HIGH | IRQ_CFG_PUSH_PULL;
    LAN9118->RX_CFG = RX_CFG_DATA_OFFSET(LAN9118_RX_OFFSET); // and each frame ends at a word
    LAN9118->TX_CFG = TX_CFG_TX_ON;
    phy_write(PHY_BASIC_CONTROL, PHY_CONTROL_AUTONEGOTIATE | PHY_CONTROL_RESTART);
    mac_write(MAC_CR, MAC_CR_FULL_DUPLEX | MAC_CR_ALL_MULTICAST | MAC_CR_TX_EN | MAC_CR_RX_EN);

    NVIC_SetPriority(ETHERNET_IRQn, IRQ_PRI_ETHERNET);
    NVIC_EnableIRQ(ETHERNET_IRQn);
    return true;
}

void lan9118_stop(void) {
    NVIC_DisableIRQ(ETHERNET_IRQn);
    LAN9118->INT_EN = 0;
    mac_write(MAC_CR, 0);
}

void lan9118_get_mac(uint8_t mac[LAN9118_MAC_LEN]) {
    MICROPY_PY_PENDSV_ENTER;
    uint32_t low = mac_read(MAC_ADDRL);
    uint32_t high = mac_read(MAC_ADDRH);
    MICROPY_PY_PENDSV_EXIT;
    for (size_t i = 0; i < 4; i++) {
        mac[i] = low >> 8 * i;
    }
    mac[4] = high;
    mac[5] = high >> 8;
}

bool lan9118_link_is_up(void) {
    MICROPY_PY_PENDSV_ENTER;
    // The bit stays clear after a link failure until a read, so read twice.
    phy_read(PHY_BASIC_STATUS);
    uint32_t status = phy_read(PHY_BASIC_STATUS);
    MICROPY_PY_PENDSV_EXIT;
    return status & PHY_STATUS_LINK;
}

// The port of a FIFO repeats in the seven words behind it (5.1), so one instruction can move a burst.
#define BURST (8)

static void fill_tx_fifo(const uint32_t *from, size_t words) {
    for (; words >= BURST; words -= BURST) {
        __asm volatile (
            "ldmia %[from]!, {r2-r6, r8, r9, r12}\n"
            "stmia %[fifo], {r2-r6, r8, r9, r12}\n"
            : [from] "+r" (from) : [fifo] "r" (&LAN9118->TX_DATA_FIFO)
            : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r12", "memory");
    }
    for (; words > 0; words--) {
        LAN9118->TX_DATA_FIFO = *from++;
    }
}

static void empty_rx_fifo(uint32_t *to, size_t words) {
    for (; words >= BURST; words -= BURST) {
        __asm volatile (
            "ldmia %[fifo], {r2-r6, r8, r9, r12}\n"
            "stmia %[to]!, {r2-r6, r8, r9, r12}\n"
            : [to] "+r" (to) : [fifo] "r" (&LAN9118->RX_DATA_FIFO)
            : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r12", "memory");
    }
    for (; words > 0; words--) {
        *to++ = LAN9118->RX_DATA_FIFO;
    }
}

bool lan9118_send(const void *frame, size_t len) {
    // The controller skips the bytes of the first word that are not part of the frame.
    size_t offset = (uintptr_t)frame & 3;
    size_t words = WORDS(offset + len);
    // The frame needs two more words for its commands. Bits 15:0 count the free bytes (5.3.12).
    uint32_t start = mp_hal_ticks_us();
    uint32_t info;
    while (((info = LAN9118->TX_FIFO_INF) & 0xffff) < 8 + 4 * words) {
        if (mp_hal_ticks_us() - start > TIMEOUT_US) {
            return false;
        }
    }
    // The driver does not use the status of earlier frames, but their FIFO must not fill up. Bits 23:16
    // count its entries.
    for (uint32_t entries = info >> 16 & 0xff; entries > 0; entries--) {
        (void)LAN9118->TX_STATUS_FIFO;
    }
    LAN9118->TX_DATA_FIFO = TX_CMD_A_START_OFFSET(offset) | TX_CMD_A_FIRST_SEGMENT | TX_CMD_A_LAST_SEGMENT | len;
    LAN9118->TX_DATA_FIFO = len;
    fill_tx_fifo((const uint32_t *)((uintptr_t)frame - offset), words);
    return true;
}

void lan9118_set_handler(void (*received)(void)) {
    received_handler = received;
}

void ETHERNET_Handler(void) {
    LAN9118->INT_EN = 0;
    pendsv_schedule_dispatch(PENDSV_LAN, received_handler);
}

void lan9118_acknowledge_interrupt(void) {
    LAN9118->INT_STS = INT_RSFL;
}

void lan9118_enable_interrupt(void) {
    LAN9118->INT_EN = INT_RSFL;
}

size_t lan9118_next_frame(void) {
    // Bits 23:16 count the waiting frames (5.3.11).
    while (LAN9118->RX_FIFO_INF >> 16 & 0xff) {
        uint32_t status = LAN9118->RX_STATUS_FIFO;
        size_t len = RX_STATUS_LENGTH(status) - FRAME_CHECKSUM_LEN;
        if (!(status & RX_STATUS_ERROR) && len - 1 < LAN9118_MAX_FRAME) {
            return len;
        }
        lan9118_take_frame(NULL, len);
    }
    return 0;
}

void lan9118_take_frame(uint32_t *to, size_t len) {
    size_t words = WORDS(LAN9118_RX_OFFSET + len + FRAME_CHECKSUM_LEN);
    if (to != NULL) {
        size_t wanted = LAN9118_RX_WORDS(len);
        empty_rx_fifo(to, wanted);
        words -= wanted;
    }
    for (; words > 0; words--) {
        (void)LAN9118->RX_DATA_FIFO;
    }
}
