# A client that only reads, while the server changes its keys before each of COUNT messages; then it sends one.
# DRIVER names the reader: the client's own loop, or asyncio.
from on_target.secure import context_of_kind
from on_target.support import Record, wait_until

record = Record()
wanted = [("tls/keys", b"%d" % number) for number in range(COUNT)]


def with_loop():
    import mqtt

    client = mqtt.Client("keys", command_timeout=20000)
    client.connect(HOST, 0, PORT, context_of_kind())
    client.subscribe("tls/keys", record)
    wait_until(lambda: len(record) == COUNT)
    client.publish("tls/keys", "done")
    client.disconnect()


async def with_asyncio():
    import mqtt_aio

    client = mqtt_aio.Client("keys", command_timeout=20000)
    await client.connect(HOST, 0, PORT, context_of_kind())
    async with client.messages("tls/keys") as messages:
        while len(record) < COUNT:
            message = await messages.__anext__()
            record(client, message.payload, message.topic)
    await client.publish("tls/keys", "done")
    await client.disconnect()


if DRIVER == "asyncio":
    import asyncio

    asyncio.run(with_asyncio())
else:
    with_loop()
assert record.messages == wanted, record.messages
print("OK")
