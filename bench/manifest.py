# Modules to freeze into a board's firmware for the benchmark: umqtt.simple, so that the board need not
# compile it.
include("$(PORT_DIR)/manifest.py")
package("umqtt", files=("simple.py",), base_path="../build/bench/micropython-umqtt.simple-1.3.4")
