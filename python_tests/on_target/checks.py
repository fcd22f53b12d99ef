"""Checks of any broker. Each prints a line, "ok NAME" or "no NAME"; one that fails does not end the others."""

import sys

import mqtt
from on_target.support import Record, wait_until

COMMAND = 20000
checks = []


def check(function):
    """Adds a function to the checks; its name, with spaces, is that of the check."""
    checks.append(function)
    return function


def connect(client, keepalive=30, **options):
    """Connects to the broker, which has to accept."""
    code = client.connect(HOST, keepalive, PORT, **options)
    assert code == mqtt.RC_ACCEPTED, code


def barrier(client, topic):
    """Returns when everything that was sent to the client before has come."""
    record = Record()
    client.subscribe(topic + "/barrier", record, 1)
    client.publish(topic + "/barrier", "", qos=1)
    wait_until(lambda: len(record))
    client.unsubscribe(topic + "/barrier")


def run_checks():
    for function in checks:
        name = function.__name__.replace("_", " ")
        try:
            function()
            print("ok", name)
        except Exception as error:
            sys.print_exception(error)
            print("no", name)
