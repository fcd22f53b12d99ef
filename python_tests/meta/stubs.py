# The module against its stubs: names, values, parameters.
import mqtt
from on_target.support import expect

own = [name for name in dir(mqtt) if not (name.startswith("__") and name != "__version__")]
assert sorted(own) == sorted(NAMES + [name for name, _ in CONSTANTS]), own
for name, value in CONSTANTS:
    found = getattr(mqtt, name)
    if value is None:
        assert isinstance(found, str), name
    else:
        assert found == value and type(found) is type(value), name
own = [name for name in dir(mqtt.Client("names")) if not name.startswith("_")]
assert sorted(own) == METHODS, own

client = mqtt.Client("stubs")
delivery = client.publish("stubs", qos=1, wait=False)
own = ["Delivery." + name for name in dir(delivery) if not name.startswith("__")]
assert sorted(own) == sorted(name for name, *_ in CALLS if name.startswith("Delivery.")), own


class Odd:
    """Of no type that a parameter can have, and false."""

    def __bool__(self):
        return False


# A wrong type is found after all arguments have found their parameters.
for name, parameters, named_only in CALLS:
    if name == "new":
        call = mqtt.Client
    elif name.startswith("Delivery."):
        call = getattr(delivery, name[len("Delivery.") :])
    else:
        call = getattr(client, name) if name in METHODS else getattr(mqtt, name)
    names = [parameter for parameter, _ in parameters]
    required = [parameter for parameter, default in parameters if default is None]
    for count in range(len(required)):
        # Named one by one, in the order of the positions.
        error = expect(TypeError, call, *([Odd()] * count))
        assert "'%s' argument required" % required[count] in str(error), (name, error)
    if names:
        try:
            call(**{parameter: Odd() for parameter in names})
        except Exception as error:
            # Of its own, and not that of the table of parameters.
            assert "extra" not in str(error) and "required" not in str(error), (name, error)
        else:
            raise AssertionError("%s takes everything" % name)
        error = expect(TypeError, call, *([Odd()] * (len(names) - len(named_only) + 1)))
        assert "extra positional" in str(error), (name, error)
print("OK")
