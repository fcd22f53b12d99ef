"""Bytes that no broker may send. Each row: when it comes, its bytes, and why it is wrong.

"first": in place of the CONNACK. "up": after an accepting CONNACK. The bytes suffice to tell:
nothing after them could make them right, so the client has to end the connection at once.
"""

from collections import namedtuple

Row = namedtuple("Row", "when data reason")

SERVER_SENT = {2: 0, 3: None, 4: 0, 5: 0, 6: 2, 7: 0, 9: 0, 11: 0, 13: 0}
NAMES = (
    "reserved CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP "
    "SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP DISCONNECT reserved"
).split()
# Well-formed bodies, so that the first byte alone is to blame.
BODIES = {2: "00 00", 3: "00 01 74", 9: "00 01 00", 13: "", 12: "", 14: ""}


def rows(when, table):
    """Lines of `hex bytes | reason`."""
    found = []
    for line in table.strip().splitlines():
        data, _, reason = line.partition("|")
        found.append(Row(when, bytes.fromhex(data.strip()), reason.strip()))
    return found


def first_bytes():
    """Every first byte that cannot be, before a body that could."""
    found = []
    for first in range(256):
        kind, flags = first >> 4, first & 15
        if kind == 3:
            if flags & 6 == 6:
                reason = "PUBLISH with QoS 3 [MQTT-3.3.1-4]"
            elif flags & 14 == 8:
                reason = "PUBLISH with DUP and QoS 0 [MQTT-3.3.1-2]"
            else:
                continue
        elif kind not in SERVER_SENT:
            reason = f"type {kind} ({NAMES[kind]}) does not come from a server"
        elif flags != SERVER_SENT[kind]:
            reason = f"{NAMES[kind]} with flags {flags:#x} [MQTT-2.2.2-2]"
        else:
            continue
        body = bytes.fromhex(BODIES.get(kind, "00 01"))
        found.append(Row("up", bytes([first, len(body)]) + body, reason))
    return found


FIRST = rows(
    "first",
    """
    20 02 00 06                | CONNACK code 6 is reserved
    20 02 00 07                | CONNACK code 7 is reserved
    20 02 00 10                | CONNACK code 16 is reserved
    20 02 00 7f                | CONNACK code 127 is reserved
    20 02 00 80                | CONNACK code 128 is reserved (a SUBACK's refusal)
    20 02 00 87                | CONNACK code 0x87 is one of MQTT 5
    20 02 00 ff                | CONNACK code 255 is reserved
    20 02 01 01                | CONNACK that refuses, with a session [MQTT-3.2.2-4]
    20 02 01 02                | CONNACK that refuses, with a session [MQTT-3.2.2-4]
    20 02 01 03                | CONNACK that refuses, with a session [MQTT-3.2.2-4]
    20 02 01 04                | CONNACK that refuses, with a session [MQTT-3.2.2-4]
    20 02 01 05                | CONNACK that refuses, with a session [MQTT-3.2.2-4]
    20 02 01 00                | CONNACK with a session, though a clean one was asked for
    20 02 02 00                | CONNACK with reserved flag 1
    20 02 03 00                | CONNACK with reserved flag 1 and a session
    20 02 04 00                | CONNACK with reserved flag 2
    20 02 08 00                | CONNACK with reserved flag 3
    20 02 10 00                | CONNACK with reserved flag 4
    20 02 20 00                | CONNACK with reserved flag 5
    20 02 40 00                | CONNACK with reserved flag 6
    20 02 80 00                | CONNACK with reserved flag 7
    20 02 ff 00                | CONNACK with all flags
    20 02 02 01                | CONNACK that refuses, with a reserved flag
    20 00                      | CONNACK of no bytes
    20 01 00                   | CONNACK of one byte
    20 03 00 00 00             | CONNACK of three bytes
    20 04 00 00 00 00          | CONNACK of four bytes
    20 05 00 00 02 00 00       | CONNACK of MQTT 5, with properties
    20 7f                      | CONNACK of 127 bytes
    20 83 00 00                | CONNACK whose length cannot end as 2
    20 82 01                   | CONNACK of 130 bytes
    20 ff ff ff ff             | CONNACK with a length of more than four bytes
    20 82 80 80 80             | CONNACK with a length of more than four bytes
    21 02 00 00                | CONNACK with flag 0
    22 02 00 00                | CONNACK with flag 1
    24 02 00 00                | CONNACK with flag 2
    28 02 00 00                | CONNACK with flag 3
    2f 02 00 00                | CONNACK with all flags
    30 03 00 01 74             | PUBLISH before CONNACK
    32 05 00 01 74 00 01       | PUBLISH, QoS 1, before CONNACK
    34 05 00 01 74 00 01       | PUBLISH, QoS 2, before CONNACK
    40 02 00 01                | PUBACK before CONNACK
    50 02 00 01                | PUBREC before CONNACK
    62 02 00 01                | PUBREL before CONNACK
    70 02 00 01                | PUBCOMP before CONNACK
    90 03 00 01 00             | SUBACK before CONNACK
    b0 02 00 01                | UNSUBACK before CONNACK
    d0 00                      | PINGRESP before CONNACK
    10 0c 00 04 4d 51 54 54 04 02 00 00 00 00 | a CONNECT as the answer to one
    00 00                      | reserved type 0 before CONNACK
    f0 00                      | reserved type 15 before CONNACK
    e0 00                      | DISCONNECT, which only MQTT 5's servers send
    48 54 54 50 2f 31 2e 31    | the answer of a web server
    53 53 48 2d 32 2e 30 2d    | the greeting of SSH
    15 03 01 00 02 02 46       | an alert of TLS
    32 32 30 20 73 6d 74 70    | the greeting of a mail server
    00                         | a zero byte
    ff                         | a byte of ones
    """,
)

CONNACKS = rows(
    "up",
    """
    20 02 00 00                | a second CONNACK
    20 02 01 00                | a second CONNACK, with a session
    20 02 00 01                | a second CONNACK, that refuses
    20 02 00 05                | a second CONNACK, that refuses
    20 02 00 06                | a second CONNACK, with a reserved code
    20 00                      | CONNACK of no bytes
    20 01 00                   | CONNACK of one byte
    20 03 00 00 00             | CONNACK of three bytes
    """,
)

PUBLISHES = rows(
    "up",
    """
    30 00                      | PUBLISH of no bytes
    30 01 00                   | PUBLISH without a whole length of the topic
    30 02 00 00                | PUBLISH without a topic [MQTT-4.7.3-1]
    30 03 00 00 78             | PUBLISH with an empty topic [MQTT-4.7.3-1]
    30 08 00 00 70 61 79 6c 6f 61 | PUBLISH with an empty topic [MQTT-4.7.3-1]
    30 02 00 01                | PUBLISH whose topic does not fit
    30 03 00 02 74             | PUBLISH whose topic does not fit
    30 03 00 ff 74             | PUBLISH whose topic does not fit
    30 03 01 00 74             | PUBLISH whose topic does not fit
    30 03 ff ff 74             | PUBLISH whose topic does not fit
    30 05 00 04 74 74 74       | PUBLISH whose topic is one byte longer than the packet
    30 85 00 01 00 74 74 74    | PUBLISH whose topic does not fit, with a length in two bytes
    30 03 7f                   | PUBLISH whose topic does not fit, seen from one byte
    32 00                      | PUBLISH, QoS 1, of no bytes
    32 02 00 00                | PUBLISH, QoS 1, without a topic
    32 03 00 01 74             | PUBLISH, QoS 1, without an identifier
    32 04 00 01 74 00          | PUBLISH, QoS 1, with half an identifier
    32 04 00 00 00 01          | PUBLISH, QoS 1, with an empty topic
    32 05 00 00 00 01 78       | PUBLISH, QoS 1, with an empty topic and a payload
    32 05 00 02 74 74 00       | PUBLISH, QoS 1, with half an identifier
    32 05 00 03 74 74 74       | PUBLISH, QoS 1, whose topic takes the identifier's place
    32 05 00 01 74 00 00       | PUBLISH, QoS 1, with identifier 0 [MQTT-2.3.1-1]
    3a 05 00 01 74 00 00       | PUBLISH, QoS 1 and DUP, with identifier 0
    33 05 00 01 74 00 00       | PUBLISH, QoS 1 and RETAIN, with identifier 0
    34 00                      | PUBLISH, QoS 2, of no bytes
    34 02 00 01                | PUBLISH, QoS 2, whose topic does not fit
    34 03 00 01 74             | PUBLISH, QoS 2, without an identifier
    34 04 00 01 74 00          | PUBLISH, QoS 2, with half an identifier
    34 05 00 01 74 00 00       | PUBLISH, QoS 2, with identifier 0 [MQTT-2.3.1-1]
    3c 05 00 01 74 00 00       | PUBLISH, QoS 2 and DUP, with identifier 0
    34 06 00 01 74 00 00 78    | PUBLISH, QoS 2, with identifier 0 and a payload
    30 03 00 01 00             | topic is U+0000 [MQTT-4.7.3-2]
    30 05 00 03 61 00 62       | topic has U+0000 in the middle [MQTT-1.5.3-2]
    30 05 00 03 61 62 00       | topic has U+0000 at the end [MQTT-1.5.3-2]
    30 05 00 03 00 61 62       | topic has U+0000 at the front [MQTT-1.5.3-2]
    30 03 00 01 23             | topic is # [MQTT-3.3.2-2]
    30 03 00 01 2b             | topic is + [MQTT-3.3.2-2]
    30 05 00 03 61 2f 23       | topic is a/# [MQTT-3.3.2-2]
    30 05 00 03 61 2f 2b       | topic is a/+ [MQTT-3.3.2-2]
    30 05 00 03 2b 2f 61       | topic is +/a [MQTT-3.3.2-2]
    30 05 00 03 61 23 62       | topic has # in the middle
    30 05 00 03 61 2b 62       | topic has + in the middle
    32 07 00 03 61 2f 23 00 01 | topic with #, QoS 1
    34 07 00 03 61 2f 2b 00 01 | topic with +, QoS 2
    30 03 00 01 80             | topic is a lone continuation byte [MQTT-1.5.3-1]
    30 03 00 01 bf             | topic is a lone continuation byte
    30 03 00 01 c3             | topic ends in a sequence of two
    30 04 00 02 e2 82          | topic ends in a sequence of three
    30 05 00 03 f0 9f 98       | topic ends in a sequence of four
    30 04 00 02 c3 28          | second byte of a sequence is none
    30 05 00 03 e2 28 a1       | second byte of a sequence is none
    30 05 00 03 e2 82 28       | third byte of a sequence is none
    30 06 00 04 f0 28 8c bc    | second byte of a sequence is none
    30 06 00 04 f0 90 28 bc    | third byte of a sequence is none
    30 06 00 04 f0 90 8c 28    | fourth byte of a sequence is none
    30 04 00 02 c0 80          | U+0000 in two bytes, as Java has it
    30 04 00 02 c0 af          | / in two bytes
    30 04 00 02 c1 bf          | U+007F in two bytes
    30 05 00 03 e0 80 af       | / in three bytes
    30 05 00 03 e0 80 a3       | # in three bytes
    30 05 00 03 e0 9f bf       | U+07FF in three bytes
    30 06 00 04 f0 80 80 af    | / in four bytes
    30 06 00 04 f0 8f bf bf    | U+FFFF in four bytes
    30 05 00 03 ed a0 80       | surrogate U+D800 [MQTT-1.5.3-1]
    30 05 00 03 ed ad bf       | surrogate U+DB7F
    30 05 00 03 ed ae 80       | surrogate U+DB80
    30 05 00 03 ed af bf       | surrogate U+DBFF
    30 05 00 03 ed b0 80       | surrogate U+DC00
    30 05 00 03 ed bf bf       | surrogate U+DFFF
    30 08 00 06 ed a0 bd ed b8 80 | U+1F600 as two surrogates (CESU-8)
    30 06 00 04 f4 90 80 80    | U+110000, past the last
    30 06 00 04 f5 80 80 80    | a first byte of UTF-8 that cannot be
    30 06 00 04 f7 bf bf bf    | a first byte of UTF-8 that cannot be
    30 07 00 05 f8 88 80 80 80 | a sequence of five
    30 08 00 06 fc 84 80 80 80 80 | a sequence of six
    30 03 00 01 fe             | FE is in no UTF-8
    30 03 00 01 ff             | FF is in no UTF-8
    30 04 00 02 ff fe          | a byte order mark of UTF-16
    30 05 00 03 61 ff 62       | FF in the middle of a topic
    32 05 00 01 ff 00 01       | topic is not UTF-8, QoS 1
    34 05 00 01 ff 00 01       | topic is not UTF-8, QoS 2
    30 85 00 00 03 61 00 62    | topic has U+0000, with a length in two bytes
    30 ff ff ff ff             | PUBLISH with a length of more than four bytes
    30 80 80 80 80             | PUBLISH with a length of more than four bytes
    30 80 80 80 80 01          | PUBLISH with a length of five bytes
    30 ff ff ff ff 7f          | PUBLISH with a length of five bytes
    31 00                      | PUBLISH with RETAIN of no bytes
    31 02 00 00                | PUBLISH with RETAIN without a topic
    31 03 00 01 00             | PUBLISH with RETAIN, topic is U+0000
    """,
)


def identified():
    """The packets of nothing but an identifier."""
    found = []
    for first, name in ((0x40, "PUBACK"), (0x50, "PUBREC"), (0x62, "PUBREL"), (0x70, "PUBCOMP"), (0xB0, "UNSUBACK")):
        head = f"{first:02x}"
        found += rows(
            "up",
            f"""
            {head} 02 00 00          | {name} with identifier 0 [MQTT-2.3.1-1]
            {head} 00                | {name} of no bytes
            {head} 01 00             | {name} of one byte
            {head} 03 00 01 00       | {name} of three bytes, as in MQTT 5
            {head} 04 00 01 00 00    | {name} of four bytes, as in MQTT 5
            {head} 7f                | {name} of 127 bytes
            {head} 82 01             | {name} of 130 bytes
            {head} ff ff ff ff       | {name} with a length of more than four bytes
            {head} 82 80 80 80 00    | {name} with a length of five bytes
            """,
        )
    return found


SUBACKS = rows(
    "up",
    """
    90 00                      | SUBACK of no bytes
    90 01 00                   | SUBACK of one byte
    90 02 00 01                | SUBACK without a return code
    90 03 00 00 00             | SUBACK with identifier 0 [MQTT-2.3.1-1]
    90 03 00 00 80             | SUBACK with identifier 0 that refuses
    90 03 00 01 03             | SUBACK with QoS 3 [MQTT-3.9.3-2]
    90 03 00 01 04             | SUBACK with return code 4 [MQTT-3.9.3-2]
    90 03 00 01 10             | SUBACK with return code 16
    90 03 00 01 40             | SUBACK with return code 64
    90 03 00 01 7f             | SUBACK with return code 127
    90 03 00 01 81             | SUBACK with return code 129
    90 03 00 01 87             | SUBACK with a reason of MQTT 5
    90 03 00 01 ff             | SUBACK with return code 255
    90 ff ff ff ff             | SUBACK with a length of more than four bytes
    90 83 80 80 80 00          | SUBACK with a length of five bytes
    """,
)

OTHERS = rows(
    "up",
    """
    d0 01 00                   | PINGRESP of one byte
    d0 02 00 00                | PINGRESP of two bytes
    d0 7f                      | PINGRESP of 127 bytes
    d0 81 00 00                | PINGRESP whose length cannot end as 0
    d0 ff ff ff ff             | PINGRESP with a length of more than four bytes
    d0 80 80 80 80             | PINGRESP with a length of more than four bytes
    d0 00 00                   | a zero byte after PINGRESP
    d0 00 d0 00 ff             | a byte of ones after two PINGRESP
    d0 00 20 02 00 00          | a second CONNACK after PINGRESP
    30 03 00 01 74 00 00       | zero bytes after PUBLISH
    30 03 00 01 74 36 03 00 01 74 | PUBLISH with QoS 3 after a good one
    32 05 00 01 74 00 01 32 05 00 01 74 00 00 | identifier 0 after a good PUBLISH
    34 05 00 01 74 00 01 62 02 00 00 | PUBREL with identifier 0 after a good PUBLISH
    40 02 00 01 40 02 00 00    | PUBACK with identifier 0 after one for nothing
    e0 00                      | DISCONNECT, which only MQTT 5's servers send
    e0 02 8e 00                | DISCONNECT of MQTT 5: another client took the session
    f0 00                      | AUTH of MQTT 5
    f0 02 18 00                | AUTH of MQTT 5
    82 06 00 01 00 01 74 00    | SUBSCRIBE from a server
    a2 05 00 01 00 01 74       | UNSUBSCRIBE from a server
    c0 00                      | PINGREQ from a server
    10 0c 00 04 4d 51 54 54 04 02 00 00 00 00 | CONNECT from a server
    """,
)

ROWS = [*FIRST, *CONNACKS, *PUBLISHES, *identified(), *SUBACKS, *OTHERS, *first_bytes()]
