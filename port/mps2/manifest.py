# What is frozen into the firmware. micropython-lib is not needed.
include("$(MPY_DIR)/extmod/asyncio")
