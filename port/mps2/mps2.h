// The parts of an Arm MPS2 board that this port uses, in the images AN385 (Cortex-M3), AN386
// (Cortex-M4) and AN500 (Cortex-M7). The chapters named below are chapters of the image's application note
// (Arm DAI 0385, 0386, 0500). The images differ in the processor and in the address of the Ethernet
// controller.
#ifndef MICROPY_INCLUDED_MPS2_MPS2_H
#define MICROPY_INCLUDED_MPS2_MPS2_H

#include <stdint.h>

// Interrupts ("Interrupt mapping"); the negative ones are the processor's own.
typedef enum {
    NonMaskableInt_IRQn = -14,
    HardFault_IRQn = -13,
    MemoryManagement_IRQn = -12,
    BusFault_IRQn = -11,
    UsageFault_IRQn = -10,
    SVCall_IRQn = -5,
    DebugMonitor_IRQn = -4,
    PendSV_IRQn = -2,
    SysTick_IRQn = -1,
    UART0_RX_IRQn = 0,
    ETHERNET_IRQn = 13,
    MPS2_NUM_IRQS = 32,
} IRQn_Type;

// The description of the processor for CMSIS.
#define __NVIC_PRIO_BITS (3)
#define __Vendor_SysTickConfig (0)
#if defined(MPS2_CORTEX_M3)
#define __CM3_REV (0x0201)
#define __MPU_PRESENT (1)
#include "core_cm3.h"
#elif defined(MPS2_CORTEX_M4)
#define __CM4_REV (0x0001)
#define __MPU_PRESENT (1)
#define __FPU_PRESENT (1)
#include "core_cm4.h"
#elif defined(MPS2_CORTEX_M7)
#define __CM7_REV (0x0000)
#define __MPU_PRESENT (1)
#define __FPU_PRESENT (1)
#define __ICACHE_PRESENT (1)
#define __DCACHE_PRESENT (1)
#define __DTCM_PRESENT (1)
#include "core_cm7.h"
#else
#error "mpconfigboard.mk has to say which processor the board has"
#endif

// The clock of the processor and of SysTick ("Clocks": SYSCLK).
#define MPS2_SYSCLK_HZ (25000000)

// Priorities of interrupts; 0 is the most urgent. lwIP and soft timers run in PendSV, which every other
// interrupt may interrupt.
#define IRQ_PRI_SYSTICK (0)
#define IRQ_PRI_UART (2)
#define IRQ_PRI_ETHERNET (4)
#define IRQ_PRI_PENDSV (7)

// System control and I/O of the FPGA ("FPGA system control and I/O"): the counter counts up, once
// in PRESCALE + 1 cycles of SYSCLK.
typedef struct {
    uint32_t RESERVED0[6];
    volatile uint32_t COUNTER;
    volatile uint32_t PRESCALE;
} MPS2_FPGAIO_Type;

#define MPS2_FPGAIO ((MPS2_FPGAIO_Type *)0x40028000)

// A timer of the Cortex-M System Design Kit (Arm DDI 0479, "APB timer"): counts down with SYSCLK.
typedef struct {
    volatile uint32_t CTRL;
    volatile uint32_t VALUE;
    volatile uint32_t RELOAD;
} CMSDK_TIMER_Type;

#define CMSDK_TIMER_CTRL_ENABLE (1)

#define MPS2_TIMER0 ((CMSDK_TIMER_Type *)0x40000000)

// The UART of the Cortex-M System Design Kit (Arm DDI 0479, "APB UART").
typedef struct {
    volatile uint32_t DATA;
    volatile uint32_t STATE;
    volatile uint32_t CTRL;
    volatile uint32_t INTCLEAR;
    volatile uint32_t BAUDDIV;
} cmsdk_uart_t;

#define CMSDK_UART_STATE_TX_FULL (1u << 0)
#define CMSDK_UART_STATE_RX_FULL (1u << 1)
#define CMSDK_UART_CTRL_TX_ENABLE (1u << 0)
#define CMSDK_UART_CTRL_RX_ENABLE (1u << 1)
#define CMSDK_UART_CTRL_RX_INTERRUPT (1u << 3)
#define CMSDK_UART_INT_RX (1u << 1)

// "Memory map".
#define MPS2_UART0 ((cmsdk_uart_t *)0x40004000)
#ifndef MPS2_ETHERNET_BASE
#define MPS2_ETHERNET_BASE (0x40200000)
#endif

#endif // MICROPY_INCLUDED_MPS2_MPS2_H
