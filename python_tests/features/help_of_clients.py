# Prints the text of help() for the class and for a client.
import sys

import mqtt

try:
    help
except NameError:
    print("SKIP no help()")
    sys.exit()

help(mqtt.Client)
print("and")
help(mqtt.Client("help"))
print("OK")
