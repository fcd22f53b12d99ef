# A variant of MicroPython's unix port with the GIL on, for use out of tree:
#
#   make -C ports/unix VARIANT_DIR=<here> USER_C_MODULES=<the folder above port/>

FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py

# Berkeley DB is a submodule that nothing here needs.
MICROPY_PY_BTREE = 0

ifeq ($(MICROPY_PY_THREAD_GIL),0)
# MicroPython 1.26 and later.
MICROPY_PY_THREAD_GIL = 1
else
# 1.25: with MICROPY_PY_THREAD=1 the port's Makefile fixes the GIL at 0, so threads are switched
# on without it. With a GIL, locks of this version must be told to be recursive, too.
MICROPY_PY_THREAD = 0
CFLAGS += -DMICROPY_PY_THREAD=1 -DMICROPY_PY_THREAD_GIL=1 -DMICROPY_PY_THREAD_RECURSIVE_MUTEX=1
LDFLAGS_EXTRA += -lpthread
endif
