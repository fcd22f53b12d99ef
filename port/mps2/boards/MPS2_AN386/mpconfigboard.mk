# Arm MPS2 with application note 386: Cortex-M4 with a single-precision FPU.
QEMU_MACHINE = mps2-an386
MCU_NAME = Cortex-M4

CFLAGS_BOARD = -mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard -DMPS2_CORTEX_M4
MPY_CROSS_MARCH = armv7emsp
