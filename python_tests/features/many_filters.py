# Filters of all kinds over the topics t/0 to t/9, t/0/0 to t/9/9, and a function for each.
import mqtt
from on_target.support import stays, wait_until


def matches(filter, topic):
    """Section 4.7, for topics that do not begin with $."""
    filter, topic = filter.split("/"), topic.split("/")
    for i, level in enumerate(filter):
        if level == "#":
            return True
        if i == len(topic) or level not in ("+", topic[i]):
            return False
    return len(filter) == len(topic)


filters = ["t/#", "t/+", "t/+/#", "t/+/+", "+/+", "+/+/+", "+/#", "t"]
for i in range(10):
    filters += ["t/%d" % i, "t/%d/#" % i, "t/%d/+" % i, "t/+/%d" % i, "+/%d/+" % i, "+/%d" % i, "+/+/%d" % i]
filters += ["t/%d/%d" % (i, j) for i in range(10) for j in range(10)]
filters += ["t/%d/%d/#" % (i, i) for i in range(10)]
filters += ["t/+/+/#", "+/+/+/+", "t/+/+/+", "x/#", "t/x/#"]
filters += ["t/%d/x" % i for i in range(COUNT)]
filters = filters[:COUNT]
filters = [filters[i * 77 % COUNT] for i in range(COUNT)]  # 77 and 200 have no common factor
assert len(set(filters)) == COUNT

fired = []


def function_for(filter):
    def function(client, payload, topic):
        fired.append((filter, payload, topic))

    return function


client = mqtt.Client("many_filters")
assert client.connect(HOST, 60, PORT) == 0
for filter in filters:
    client.subscribe(filter, function_for(filter))
topics = ["t", "t/0", "t/9", "t/3/3", "t/3/4", "t/0/9", "t/5/x", "t/3/3/3", "x", "x/y"]
for topic in topics:
    expected = [(filter, topic.encode(), topic) for filter in filters if matches(filter, topic)]
    assert expected
    client.publish(topic, topic)
    wait_until(lambda: len(fired) >= len(expected))
    stays(lambda: len(fired) == len(expected), 20)
    assert fired == expected, (topic, fired, expected)
    fired.clear()
# Half of them go; the others keep their order.
for filter in filters[::2]:
    client.unsubscribe(filter)
for topic in topics:
    expected = [filter for filter in filters[1::2] if matches(filter, topic)]
    client.publish(topic, topic)
    wait_until(lambda: len(fired) >= len(expected))
    assert [filter for filter, _, _ in fired] == expected, topic
    fired.clear()
client.disconnect()
print("OK")
