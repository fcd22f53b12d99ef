# MQTT 5 at a broker that follows a script: a session that lives on, and refusals.
import asyncio

import mqtt
import mqtt_as
from on_target.awaiting import failing
from on_target.support import need_version_5

need_version_5()
settings = dict(mqtt_as.config, server=HOST, port=PORT, client_id=b"dropin-five", clean=False, clean_init=False)
properties = {0x11: 3600, 0x21: 5}


async def main():
    client = mqtt_as.MQTTClient(dict(settings, queue_len=4, mqttv5=True, mqttv5_con_props=properties))
    await client.connect()
    assert client.topic_alias_maximum == 3
    error = await failing(mqtt.MQTTException, client.subscribe("t", properties={0x0B: 7}))
    assert error.args == (0x87, "Not authorized: not here"), error.args
    # It returns when the broker has the message, over the second connection.
    await client.publish("t", "x", qos=1, properties={0x26: {"a": "b"}})
    error = await failing(mqtt.MQTTException, client.publish("t", "x", qos=1))
    assert error.args == (0x97, "Quota exceeded: no more"), error.args
    await client.disconnect()


asyncio.run(main())
print("OK")
