# Arm MPS2 with application note 385: Cortex-M3.
QEMU_MACHINE = mps2-an385
MCU_NAME = Cortex-M3

CFLAGS_BOARD = -mthumb -mcpu=cortex-m3 -mfloat-abi=soft -DMPS2_CORTEX_M3
MPY_CROSS_MARCH = armv7m
