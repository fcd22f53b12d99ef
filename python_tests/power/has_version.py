# Whether the module has the version of the protocol.
import mqtt
from on_target.support import speak

speak(mqtt.Client("version"), PROTOCOL)
print("OK")
