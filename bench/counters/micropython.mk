# The benchmark's part of a board's firmware: see modcounters.c.

SRC_USERMOD_C += $(USERMOD_DIR)/modcounters.c
LDFLAGS_USERMOD += -Wl,--wrap=gc_alloc -Wl,--wrap=gc_realloc
