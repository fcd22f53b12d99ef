# The interpreter runs, and has the modules that the other scripts build on.
import asyncio  # noqa: F401 - it is there
import socket
import sys

print(sys.version)
socket.getaddrinfo(HOST, PORT)
print("OK")
