# A device that gets commands and answers them from inside a callback.
#
#     device/NAME/command   {"id": 7, "do": "add", "args": [1, 2]}
#     device/NAME/response  {"id": 7, "result": 3}    or    {"id": 7, "error": "..."}
#
#     mosquitto_sub -t 'device/+/response' &
#     mosquitto_pub -q 1 -t device/board-1/command -m '{"id": 7, "do": "add", "args": [1, 2]}'

import json
import time

try:
    from typing import Any, Callable
except ImportError:  # on the board
    pass

import mqtt

HOST = "192.168.1.10"  # your broker
PORT = 1883
NAME = "board-1"

running = True


def add(*numbers: float) -> float:
    return sum(numbers)


def stop() -> str:
    global running
    running = False
    return "stopping"


COMMANDS: "dict[str, Callable[..., Any]]" = {"add": add, "stop": stop}


def on_command(client: mqtt.Client, payload: bytes, topic: str) -> None:
    response = {}
    try:
        command = json.loads(payload)
        response["id"] = command.get("id")
        response["result"] = COMMANDS[command["do"]](*command.get("args", ()))
    except Exception as error:
        # Any payload may arrive; the callback must not fail because of it.
        response["error"] = "%s: %s" % (type(error).__name__, error)
    # This waits for the handshake. The client queues the commands that arrive meanwhile.
    client.publish("device/%s/response" % NAME, json.dumps(response), qos=2)


def on_failure(client: mqtt.Client) -> int:
    time.sleep_ms(500)
    try:
        client.reconnect()
    except OSError as error:
        print("no connection:", error)
    return mqtt.RECOVERED


client = mqtt.Client(NAME, command_timeout=10000)
client.connect(HOST, 30, PORT, loop_failure=on_failure)
client.subscribe("device/%s/command" % NAME, on_command, qos=2)
print("ready")
while running:
    time.sleep_ms(100)
client.disconnect()
