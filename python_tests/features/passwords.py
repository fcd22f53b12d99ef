import mqtt
from on_target.support import expect_errno


def failure(client):
    print("a loop ran")


def attempt(*credentials):
    """The return code of one client, used again and again."""
    client.set_username_pw(*credentials)
    code = client.connect(HOST, 60, PORT, loop_failure=failure)
    assert client.get_return_code() == code
    assert client.connected() is (code == 0)
    if code:
        expect_errno(107, client.publish, "t")
        assert client.reconnect() == code
    client.disconnect()
    return code


client = mqtt.Client("passwords")
REFUSED = (mqtt.RC_REFUSED_BADUSRPWD, mqtt.RC_REFUSED_NOAUTH)
assert client.connect(HOST, 60, PORT) in REFUSED
assert attempt("ann", "wrong") in REFUSED
assert attempt("ann", "secret") == mqtt.RC_ACCEPTED
assert attempt("ann") in REFUSED
assert attempt("bob", "secret") in REFUSED
assert attempt(b"ann", b"secret") == mqtt.RC_ACCEPTED
assert attempt("jörg", "pässword") == mqtt.RC_ACCEPTED
assert attempt(None) in REFUSED
# Credentials that are set while connected are for the next connection.
assert client.get_return_code() in REFUSED
client.set_username_pw("ann", "secret")
assert client.reconnect() == 0
client.set_username_pw("ann", "wrong")
assert client.connected()
client.publish("still/connected", "", 1)
assert client.reconnect() in REFUSED
assert not client.connected()
client.disconnect()
print("OK")
