# The parts that the module needs and MicroPython's qemu port lacks: milliseconds, soft timers, and the
# scheduler's static nodes. The port has no network either, so this build shows only that the module
# compiles, links and loads on the processor.

SRC_USERMOD_LIB_C += $(USERMOD_DIR)/clock.c shared/runtime/softtimer.c
CFLAGS_USERMOD += -DMICROPY_SCHEDULER_STATIC_NODES=1 -DMICROPY_PY_PENDSV_ENTER= -DMICROPY_PY_PENDSV_EXIT=
