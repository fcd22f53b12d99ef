"""ejabberd with its module for MQTT on a port of loopback, until it is ended:

    python ejabberd_broker.py PORT USER PASSWORD

It keeps everything in a folder of its own, and does not touch an ejabberd that the system runs.
"""

import glob
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from brokers import erlang

# Passwords are plain: there is one user, for minutes.
CONFIGURATION = """\
hosts: [localhost]
loglevel: warning
auth_method: [internal]
listen:
  - {{port: {port}, ip: 127.0.0.1, module: mod_mqtt, backlog: 1000}}
modules:
  mod_mqtt:
    access_publish: {{}}
    access_subscribe: {{}}
"""
REGISTER = (
    "case application:ensure_all_started(ejabberd) of "
    '{{ok, _}} -> ok = ejabberd_auth:try_register(<<"{user}">>, <<"localhost">>, <<"{password}">>);'
    "Failed -> io:format(standard_error, \"~p~n\", [Failed]), halt(1) end."
)


def main(port, user, password):
    [application, *_] = glob.glob("/usr/lib/*/ejabberd-*/ebin/ejabberd.app")
    with tempfile.TemporaryDirectory() as folder, erlang.port_mapper() as environment:
        folder = Path(folder)
        configuration = folder / "ejabberd.yml"
        configuration.write_text(CONFIGURATION.format(port=port))
        environment |= {
            "EJABBERD_CONFIG_PATH": str(configuration),
            "EJABBERD_LOG_PATH": str(folder / "ejabberd.log"),
            "ERL_LIBS": str(Path(application).parents[2]),
            "HOME": str(folder),
        }
        # Without a name: this Erlang connects to no other.
        mnesia = ["-mnesia", "dir", f'"{folder}"']
        register = REGISTER.format(user=user, password=password)
        command = ["erl", "-noshell", "-noinput", *mnesia, "-eval", register]
        erlang.run(command, environment)


if __name__ == "__main__":
    main(*sys.argv[1:])
