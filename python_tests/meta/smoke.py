# The interpreter runs, and has what the other scripts build on.
import asyncio
import socket
import sys

print(sys.version)
socket.getaddrinfo(HOST, PORT)
print("OK")
