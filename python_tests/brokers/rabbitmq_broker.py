"""RabbitMQ with its plugin for MQTT on a port of loopback, until it is ended:

    python rabbitmq_broker.py PORT USER PASSWORD

It keeps everything in a folder of its own, and does not touch a RabbitMQ that the system runs.
"""

import glob
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from brokers import erlang
from harness.loopback import HeldPort

CONFIGURATION = """\
listeners.tcp = none
mqtt.listeners.tcp.1 = 127.0.0.1:{port}
mqtt.allow_anonymous = false
default_user = {user}
default_pass = {password}
loopback_users = none
log.console = true
log.file = false
"""


def main(port, user, password):
    [server] = glob.glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server")
    with tempfile.TemporaryDirectory() as folder, erlang.port_mapper() as environment, HeldPort() as distribution:
        folder = Path(folder)
        configuration = folder / "rabbitmq.conf"
        configuration.write_text(CONFIGURATION.format(port=port, user=user, password=password))
        plugins = folder / "plugins"
        plugins.write_text("[rabbitmq_mqtt].\n")
        environment |= {
            "HOME": str(folder),
            # So the shell script becomes Erlang, which ends with us.
            "RABBITMQ_ALLOW_INPUT": "true",
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_CONFIG_FILE": str(configuration),
            "RABBITMQ_DIST_PORT": str(distribution.number),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_MNESIA_BASE": str(folder),
            "RABBITMQ_NODENAME": "interoperability@localhost",
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{erlang.LOOPBACK} -noinput",
        }
        erlang.run([server], environment)


if __name__ == "__main__":
    main(*sys.argv[1:])
