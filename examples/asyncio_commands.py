# A device that gets commands one after the other and answers them, with asyncio.
#
#     device/NAME/command   {"id": 7, "do": "wait", "ms": 100}
#     device/NAME/response  {"id": 7, "result": "done"}    or    {"id": 7, "error": "..."}

import asyncio
import json

import mqtt_aio

HOST = "192.168.1.10"  # your broker
PORT = 1883
NAME = "board-1"


async def main() -> None:
    client = mqtt_aio.Client(NAME, host=HOST, port=PORT, keepalive=30)
    async with client, client.messages("device/%s/command" % NAME, qos=2) as commands:
        print("ready")
        async for message in commands:
            response = {}
            try:
                command = json.loads(message.payload)
                response["id"] = command.get("id")
                if command["do"] == "wait":
                    await asyncio.sleep_ms(command["ms"])
                response["result"] = "done"
            except (ValueError, KeyError, AttributeError, TypeError) as error:
                # Any payload may arrive.
                response["error"] = repr(error)
            await client.publish("device/%s/response" % NAME, json.dumps(response), qos=2)
            if response.get("id") == "stop":
                break


asyncio.run(main())
