"""amqtt on a port of loopback, until it is ended:  python amqtt_broker.py PORT USER PASSWORD"""

import asyncio
import sys
import tempfile

from amqtt.broker import Broker
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher


async def main(port, user, password):
    # A session of somebody without a name is not kept.
    with tempfile.NamedTemporaryFile("w") as passwords:
        print(user, PasswordHash((Argon2Hasher(),)).hash(password), sep=":", file=passwords, flush=True)
        config = {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"amqtt.plugins.authentication.FileAuthPlugin": {"password_file": passwords.name}},
        }
        await Broker(config).start()
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1]), *sys.argv[2:]))
