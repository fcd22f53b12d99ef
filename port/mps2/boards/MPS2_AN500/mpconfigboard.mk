# Arm MPS2 with application note 500: Cortex-M7. The firmware uses single precision only.
QEMU_MACHINE = mps2-an500
MCU_NAME = Cortex-M7

CFLAGS_BOARD = -mthumb -mcpu=cortex-m7 -mfpu=fpv5-sp-d16 -mfloat-abi=hard -DMPS2_CORTEX_M7 \
	-DMPS2_ETHERNET_BASE=0xa0000000
MPY_CROSS_MARCH = armv7emsp
