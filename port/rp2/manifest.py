# What is frozen into the firmware where micropython-lib is absent: the port's own modules.
freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
