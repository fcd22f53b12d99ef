# Modules to freeze into the firmware if micropython-lib is absent: the port's own.
freeze("$(PORT_DIR)/modules")
include("$(MPY_DIR)/extmod/asyncio")
# The client for asyncio.
freeze("../python", "mqtt_aio.py")
