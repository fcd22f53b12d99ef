# What MicroPython's qemu port lacks for the module: milliseconds, soft timers, and the scheduler's
# static nodes. It has no network, either: what is built with this shows that the module compiles,
# links and loads on a processor.

SRC_USERMOD_LIB_C += $(USERMOD_DIR)/clock.c shared/runtime/softtimer.c
CFLAGS_USERMOD += -DMICROPY_SCHEDULER_STATIC_NODES=1 -DMICROPY_PY_PENDSV_ENTER= -DMICROPY_PY_PENDSV_EXIT=
