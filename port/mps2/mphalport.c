// Time and the console.

#include "py/mphal.h"
#include "py/ringbuf.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "shared/runtime/interrupt_char.h"
#include "shared/runtime/softtimer.h"
#include "semihosting.h"

#define CYCLES_PER_US (MPS2_SYSCLK_HZ / 1000000)
#define US_PER_MS (1000)
#define NS_PER_S (1000000000ull)

volatile uint32_t mps2_ticks_ms;

static uint8_t stdin_array[512];
static ringbuf_t stdin_ringbuf = { stdin_array, sizeof(stdin_array), 0, 0 };

void mps2_init(void) {
    pendsv_init();

    MPS2_UART0->BAUDDIV = 16; // the smallest value; QEMU's speed does not depend on it
    MPS2_UART0->CTRL = CMSDK_UART_CTRL_TX_ENABLE | CMSDK_UART_CTRL_RX_ENABLE | CMSDK_UART_CTRL_RX_INTERRUPT;
    NVIC_SetPriority(UART0_RX_IRQn, IRQ_PRI_UART);
    NVIC_EnableIRQ(UART0_RX_IRQn);

    MPS2_FPGAIO->PRESCALE = CYCLES_PER_US - 1;
    MPS2_FPGAIO->COUNTER = 0;
    MPS2_TIMER0->RELOAD = UINT32_MAX;
    MPS2_TIMER0->VALUE = UINT32_MAX;
    MPS2_TIMER0->CTRL = CMSDK_TIMER_CTRL_ENABLE;
    SysTick->LOAD = CYCLES_PER_US * US_PER_MS - 1;
    SysTick->VAL = 0;
    NVIC_SetPriority(SysTick_IRQn, IRQ_PRI_SYSTICK);
    SysTick->CTRL = SysTick_CTRL_CLKSOURCE_Msk | SysTick_CTRL_TICKINT_Msk | SysTick_CTRL_ENABLE_Msk;
}

/******************************************************************************/
// Time.

// The counter measures time. SysTick only tells the port when to read it: on a busy PC, QEMU's ticks are
// late, and QEMU merges several into one.
//
// A sleep ends with the next tick, 1 ms away at most. A sleep that lasts much longer does so because the
// PC ran something else. The board's clock stands still for that time: otherwise a deadline of the program
// would pass while the program had no chance to meet it.
#define LONGEST_SLEEP_US (5000)
static uint32_t not_run_us;

static void count_sleep(uint32_t us) {
    if (us > LONGEST_SLEEP_US) {
        not_run_us += us - LONGEST_SLEEP_US;
    }
}

static uint32_t counted_to_us; // the counter's value at mps2_ticks_ms

static uint32_t uncounted_ms(void) {
    return (mp_hal_ticks_us() - counted_to_us) / US_PER_MS;
}

void SysTick_Handler(void) {
    uint32_t passed = uncounted_ms();
    bool due = soft_timer_next - mps2_ticks_ms - 1 < passed;
    counted_to_us += passed * US_PER_MS;
    mps2_ticks_ms += passed;
    if (due) {
        pendsv_schedule_dispatch(PENDSV_SOFT_TIMER, soft_timer_handler);
    }
}

mp_uint_t mp_hal_ticks_ms(void) {
    uint32_t state = mps2_disable_irq();
    uint32_t now = mps2_ticks_ms + uncounted_ms();
    mps2_enable_irq(state);
    return now;
}

mp_uint_t mp_hal_ticks_us(void) {
    return MPS2_FPGAIO->COUNTER - not_run_us;
}

static uint32_t cycles(void) {
    return UINT32_MAX - MPS2_TIMER0->VALUE;
}

// Stops while the processor sleeps, like the cycle counter of a real Cortex-M.
static uint32_t cycles_slept;

mp_uint_t mp_hal_ticks_cpu(void) {
    return cycles() - cycles_slept;
}

// The host's clock gives whole seconds. At the first request the board sets its own clock to the middle
// of the host's second, and then counts by itself: the error is half a second at most, and the time does
// not jump. The board sets its clock again only if the host's clock was set or the PC was suspended.
uint64_t mp_hal_time_ns(void) {
    static uint64_t time_ns;
    static uint32_t counted_to_us;

    uint64_t host_ns = semihosting_time() * NS_PER_S + NS_PER_S / 2;
    uint32_t now_us = mp_hal_ticks_us();
    time_ns += (uint32_t)(now_us - counted_to_us) * 1000ull;
    counted_to_us = now_us;
    if (time_ns + NS_PER_S < host_ns || time_ns > host_ns + NS_PER_S) {
        time_ns = host_ns;
    }
    return time_ns;
}

void mps2_wait_for_interrupt(void) {
    // WFI also returns for a pending interrupt that is masked. So the board does not miss an interrupt that
    // arrives between the check and the sleep.
    uint32_t state = mps2_disable_irq();
    if (MP_STATE_VM(sched_state) != MP_SCHED_PENDING && MP_STATE_MAIN_THREAD(mp_pending_exception) == MP_OBJ_NULL) {
        __DSB();
        uint32_t begin = cycles();
        uint32_t begin_us = MPS2_FPGAIO->COUNTER;
        __WFI();
        cycles_slept += cycles() - begin;
        // Before the tick is handled, which goes by this.
        count_sleep(MPS2_FPGAIO->COUNTER - begin_us);
    }
    mps2_enable_irq(state);
}

void mp_hal_delay_ms(mp_uint_t ms) {
    uint32_t start = mp_hal_ticks_ms();
    mp_event_handle_nowait();
    // One more tick, because the current one is not complete.
    while (ms != 0 && mp_hal_ticks_ms() - start <= ms) {
        mp_event_wait_ms(1);
    }
}

void mp_hal_delay_us(mp_uint_t us) {
    uint32_t start = mp_hal_ticks_us();
    while (mp_hal_ticks_us() - start < us) {
    }
}

/******************************************************************************/
// The console.

void UART0_RX_Handler(void) {
    MPS2_UART0->INTCLEAR = CMSDK_UART_INT_RX;
    while (MPS2_UART0->STATE & CMSDK_UART_STATE_RX_FULL) {
        if (ringbuf_free(&stdin_ringbuf) == 0) {
            // The byte stays in the UART, and so do all later bytes, a Ctrl-C included, until the program
            // reads. QEMU's UART loses none.
            MPS2_UART0->CTRL &= ~CMSDK_UART_CTRL_RX_INTERRUPT;
            return;
        }
        int c = MPS2_UART0->DATA & 0xff;
        if (c == mp_interrupt_char) {
            mp_sched_keyboard_interrupt();
        } else {
            ringbuf_put(&stdin_ringbuf, c);
        }
    }
}

// Takes in the bytes that did not fit when UART0_RX_Handler ran.
static void resume_input(void) {
    uint32_t state = mps2_disable_irq();
    if (!(MPS2_UART0->CTRL & CMSDK_UART_CTRL_RX_INTERRUPT)) {
        MPS2_UART0->CTRL |= CMSDK_UART_CTRL_RX_INTERRUPT;
        UART0_RX_Handler();
    }
    mps2_enable_irq(state);
}

uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags) {
    uintptr_t ret = 0;
    if ((poll_flags & MP_STREAM_POLL_RD) && ringbuf_avail(&stdin_ringbuf) > 0) {
        ret |= MP_STREAM_POLL_RD;
    }
    if (poll_flags & MP_STREAM_POLL_WR) {
        ret |= MP_STREAM_POLL_WR;
    }
    return ret;
}

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        int c = ringbuf_get(&stdin_ringbuf);
        resume_input();
        if (c != -1) {
            return c;
        }
        mp_event_wait_indefinite();
    }
}

// Works without interrupts, so that the fault handler can use it.
mp_uint_t mp_hal_stdout_tx_strn(const char *str, size_t len) {
    for (size_t i = 0; i < len; i++) {
        while (MPS2_UART0->STATE & CMSDK_UART_STATE_TX_FULL) {
        }
        MPS2_UART0->DATA = (uint8_t)str[i];
    }
    return len;
}
