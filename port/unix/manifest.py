# Modules to freeze into the interpreter. It does not need micropython-lib.
include("$(MPY_DIR)/extmod/asyncio")
# The client for asyncio.
freeze("../python", "mqtt_aio.py")
