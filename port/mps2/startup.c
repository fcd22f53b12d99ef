// The way from reset to main(), and the fault handler: it prints the registers and ends QEMU with a
// failure.

#include "py/mpprint.h"
#include "py/mphal.h"
#include "semihosting.h"

extern uint32_t _sstack, _estack, _sidata, _sdata, _edata, _sbss, _ebss;
int main(void);
void Reset_Handler(void);
void SysTick_Handler(void);
void UART0_RX_Handler(void);
void ETHERNET_Handler(void);

// The registers that the processor pushes on entry to an exception (Armv7-M ARM, B1.5.6).
typedef struct {
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
} exception_frame_t;

__attribute__((used, noreturn)) static void report_fault(const exception_frame_t *frame) {
    static const char *const names[] = { "NMI", "hard fault", "memory fault", "bus fault", "usage fault" };
    uint32_t number = SCB->ICSR & SCB_ICSR_VECTACTIVE_Msk;
    const char *name = 2 <= number && number <= 6 ? names[number - 2] : "unexpected interrupt";
    mp_printf(&mp_plat_print, "\nFATAL: %s (exception %u)\n", name, (unsigned)number);
    mp_printf(&mp_plat_print, "  CFSR=%08x HFSR=%08x MMFAR=%08x BFAR=%08x\n",
        (unsigned)SCB->CFSR, (unsigned)SCB->HFSR, (unsigned)SCB->MMFAR, (unsigned)SCB->BFAR);
    if ((uint32_t *)frame < &_sstack || (uint32_t *)(frame + 1) > &_estack) {
        mp_printf(&mp_plat_print, "  sp=%08x: the stack has overflowed\n", (unsigned)(uintptr_t)frame);
    } else {
        mp_printf(&mp_plat_print, "  pc=%08x lr=%08x sp=%08x xpsr=%08x\n",
            (unsigned)frame->pc, (unsigned)frame->lr, (unsigned)(uintptr_t)frame, (unsigned)frame->xpsr);
        mp_printf(&mp_plat_print, "  r0=%08x r1=%08x r2=%08x r3=%08x r12=%08x\n",
            (unsigned)frame->r0, (unsigned)frame->r1, (unsigned)frame->r2, (unsigned)frame->r3, (unsigned)frame->r12);
    }
    semihosting_exit(false);
}

__attribute__((naked)) static void Fault_Handler(void) {
    __asm volatile (
        "mov r0, sp\n"
        "ldr r1, =_efault_stack\n"
        "mov sp, r1\n"
        "b report_fault\n"
        );
}

__attribute__((noreturn)) void Reset_Handler(void) {
    #if defined(__ARM_FP)
    SCB->CPACR |= 0xf << 20; // full access to the FPU (Armv7-M ARM, B3.2.20)
    __DSB();
    __ISB();
    #endif
    for (uint32_t *from = &_sidata, *to = &_sdata; to < &_edata;) {
        *to++ = *from++;
    }
    for (uint32_t *to = &_sbss; to < &_ebss;) {
        *to++ = 0;
    }
    main();
    semihosting_exit(false);
}

typedef void (*handler_t)(void);

typedef struct {
    uint32_t *stack;
    handler_t core[15];
    handler_t irq[MPS2_NUM_IRQS];
} vector_table_t;

__attribute__((section(".isr_vector"), used)) static const vector_table_t vectors = {
    .stack = &_estack,
    .core = { // of exceptions 1 to 15
        Reset_Handler, Fault_Handler, Fault_Handler, Fault_Handler, Fault_Handler, Fault_Handler,
        NULL, NULL, NULL, NULL,
        Fault_Handler, Fault_Handler, NULL, PendSV_Handler, SysTick_Handler,
    },
    .irq = {
        [0 ... MPS2_NUM_IRQS - 1] = Fault_Handler,
        [UART0_RX_IRQn] = UART0_RX_Handler,
        [ETHERNET_IRQn] = ETHERNET_Handler,
    },
};

// A library or an assertion calls this when it gives up.
void abort(void) {
    mps2_fatal("abort() was called");
}

void mps2_fatal(const char *what) {
    mp_printf(&mp_plat_print, "\nFATAL: %s\n", what);
    semihosting_exit(false);
}
