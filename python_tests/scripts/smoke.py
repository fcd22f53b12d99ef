# The interpreter runs, and has what the other scripts build on.
import sys
import asyncio
import socket

print(sys.version)
socket.getaddrinfo(HOST, PORT)
print("OK")
