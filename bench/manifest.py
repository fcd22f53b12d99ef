# What is frozen into the benchmark's firmware of a board: umqtt.simple, as this module is.
include("$(PORT_DIR)/manifest.py")
package("umqtt", files=("simple.py",), base_path="../build/bench/micropython-umqtt.simple-1.3.4")
