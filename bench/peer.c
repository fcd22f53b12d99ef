// The other side of the benchmark: what a broker does, and no more, so that the client is what
// is measured. One program for all clients.
//
//     peer                       prints the port of loopback that it listens on
//
// It takes every CONNECT and SUBSCRIBE, acknowledges what is published (QoS 1 and 2) and counts it.
// A SUBSCRIBE to `source/COUNT/SIZE` is answered with so many messages of QoS 0, a SUBSCRIBE to
// `sink` with none. An UNSUBSCRIBE is answered when everything before it was taken in, so a client
// that waits for its UNSUBACK knows that its messages have arrived.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER (256 * 1024)
// Messages of a source are put together in pieces of about this size.
#define BATCH (64 * 1024)

enum {
    CONNECT = 1, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP,
    SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT,
};

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int send_all(int fd, const uint8_t *data, size_t len) {
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return -1;
        }
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

// One message of `size` bytes on the topic of the subscription.
static size_t put_publish(uint8_t *out, const uint8_t *topic, size_t topic_len, size_t size) {
    uint8_t *p = out;
    size_t left = 2 + topic_len + size;
    *p++ = PUBLISH << 4;
    do {
        *p++ = (uint8_t)((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
        left >>= 7;
    } while (left > 0);
    *p++ = (uint8_t)(topic_len >> 8);
    *p++ = (uint8_t)topic_len;
    memcpy(p, topic, topic_len);
    p += topic_len;
    memset(p, 'x', size);
    return (size_t)(p + size - out);
}

static int source(int fd, const uint8_t *topic, size_t topic_len) {
    char text[64] = {0};
    unsigned long count = 0, size = 0;
    memcpy(text, topic, topic_len < sizeof(text) - 1 ? topic_len : sizeof(text) - 1);
    if (sscanf(text, "source/%lu/%lu", &count, &size) != 2) {
        return 0;
    }
    size_t one = size + topic_len + 7;
    size_t per_batch = one < BATCH ? BATCH / one : 1;
    uint8_t *batch = malloc(per_batch * one);
    int result = batch == NULL ? -1 : 0;
    size_t len = 0;
    for (size_t i = 0; result == 0 && i < per_batch; i++) {
        len += put_publish(batch + len, topic, topic_len, size);
    }
    size_t message = len / per_batch;
    while (result == 0 && count > 0) {
        size_t n = count < per_batch ? count : per_batch;
        result = send_all(fd, batch, n * message);
        count -= n;
    }
    free(batch);
    return result;
}

// Answers one packet; `body` begins after the fixed header.
static int answer(int fd, uint8_t first, const uint8_t *body, size_t len) {
    uint8_t ack[5] = {0};
    int kind = first >> 4, qos = first >> 1 & 3;
    size_t topic_len = len >= 2 ? (size_t)body[0] << 8 | body[1] : 0;
    switch (kind) {
        case CONNECT:
            return send_all(fd, (const uint8_t[]) { CONNACK << 4, 2, 0, 0 }, 4);
        case PUBLISH:
            if (qos == 0) {
                return 0;
            }
            ack[0] = (uint8_t)((qos == 1 ? PUBACK : PUBREC) << 4);
            memcpy(ack + 2, body + 2 + topic_len, 2);
            break;
        case PUBREL:
            ack[0] = PUBCOMP << 4;
            memcpy(ack + 2, body, 2);
            break;
        case UNSUBSCRIBE:
            ack[0] = UNSUBACK << 4;
            memcpy(ack + 2, body, 2);
            break;
        case SUBSCRIBE: {
            uint8_t suback[5] = { SUBACK << 4, 3, body[0], body[1], 0 };
            return send_all(fd, suback, 5) != 0 ? -1
                : source(fd, body + 4, (size_t)body[2] << 8 | body[3]);
        }
        case PINGREQ:
            return send_all(fd, (const uint8_t[]) { PINGRESP << 4, 0 }, 2);
        case DISCONNECT:
            return -1;
        default:
            return 0;
    }
    ack[1] = 2;
    return send_all(fd, ack, 4);
}

static void *serve(void *arg) {
    int fd = (int)(intptr_t)arg;
    uint8_t *buffer = malloc(BUFFER);
    size_t have = 0;
    for (;;) {
        ssize_t n = buffer == NULL ? 0 : recv(fd, buffer + have, BUFFER - have, 0);
        if (n <= 0) {
            break;
        }
        have += (size_t)n;
        size_t at = 0;
        for (;;) {
            size_t len = 0, digits = 0;
            while (digits < 4 && at + 1 + digits < have) {
                uint8_t digit = buffer[at + 1 + digits];
                len |= (size_t)(digit & 0x7f) << (7 * digits++);
                if (!(digit & 0x80)) {
                    break;
                }
            }
            if (digits == 0 || buffer[at + digits] & 0x80 || at + 1 + digits + len > have) {
                break;
            }
            if (answer(fd, buffer[at], buffer + at + 1 + digits, len) != 0) {
                goto end;
            }
            at += 1 + digits + len;
        }
        have -= at;
        memmove(buffer, buffer + at, have);
    }
end:
    free(buffer);
    close(fd);
    return NULL;
}

int main(void) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) != 0 || listen(listener, 64) != 0) {
        fail("listen");
    }
    getsockname(listener, (struct sockaddr *)&address, &len);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) {
            fail("accept");
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) != 0) {
            fail("thread");
        }
        pthread_detach(thread);
    }
}
