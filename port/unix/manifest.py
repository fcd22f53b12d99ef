# What is frozen into the interpreter. micropython-lib is not needed.
include("$(MPY_DIR)/extmod/asyncio")
