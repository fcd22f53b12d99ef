# The least cost of any client on a board: the same bytes as in board_mqtt.py, written to a socket and read
# from it.
import socket
import struct

packet = struct.pack(">BBH", 0x30, 2 + len(TOPIC) + SIZE, len(TOPIC)) + TOPIC.encode() + PAYLOAD
subscribe = struct.pack(">BBHH", 0x82, 5 + len(SOURCE), 1, len(SOURCE)) + SOURCE.encode() + b"\x00"
suback = bytearray(5)
message = bytearray(2 + 2 + len(SOURCE) + SIZE)
greeting = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x00\x00\x05bench"
connack = bytearray(4)
stamps = []


def connect():
    global sock
    sock = socket.socket()
    sock.connect(socket.getaddrinfo(HOST, PORT)[0][-1])
    sock.write(greeting)
    sock.readinto(connack)


def burst():
    sock.write(subscribe)
    sock.readinto(suback)
    time.sleep_ms(QUIET)
    for number in range(BURST):
        sock.readinto(message)
        if number == 0 or number == BURST - 1:
            stamps.append(time.ticks_cpu())


connect()
report("receive QoS 0, 64 B", per_message(stamps, burst))
report("publish QoS 0, 64 B", per_operation(lambda: sock.write(packet)))
sock.close()
report("connect", per_connect(connect, lambda: sock.close()))
