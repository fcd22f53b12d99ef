# Modules to freeze into the firmware. It does not need micropython-lib.
include("$(MPY_DIR)/extmod/asyncio")
