// The peer of all clients in the benchmark: a minimal broker, so that the benchmark measures the client.
//
//     peer                prints the loopback port on which it listens
//     peer CHAIN KEY      also prints a port with TLS; two files (PEM)
//
// It accepts every CONNECT and SUBSCRIBE, and acknowledges and counts published messages (QoS 1 and 2).
// It answers a SUBSCRIBE to `source/COUNT/SIZE` with COUNT messages of QoS 0, and a SUBSCRIBE to `sink` with
// none. It answers an UNSUBSCRIBE after it has read everything before, so a client that waits for the
// UNSUBACK knows that its messages have arrived.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER (256 * 1024)
// The peer sends the messages of a source in pieces of about this size.
#define BATCH (64 * 1024)
#define SUBACK_LEN (5)

enum {
    CONNECT = 1, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP,
    SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT,
};

static void fail(const char *what) {
    perror(what);
    exit(1);
}

// A connection; `ssl` is NULL without TLS.
struct link {
    int fd;
    SSL *ssl;
};

static ssize_t receive(struct link *link, uint8_t *data, size_t len) {
    return link->ssl == NULL ? recv(link->fd, data, len, 0) : SSL_read(link->ssl, data, (int)len);
}

static int send_all(struct link *link, const uint8_t *data, size_t len) {
    while (len > 0) {
        ssize_t n = link->ssl == NULL ? send(link->fd, data, len, 0) : SSL_write(link->ssl, data, (int)len);
        if (n < 0 && link->ssl == NULL && errno == EINTR) {
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

// Sends the SUBACK and the messages. The SUBACK is always in the same piece as the first messages.
static int source(struct link *link, const uint8_t suback[SUBACK_LEN], const uint8_t *topic, size_t topic_len) {
    char text[64] = {0};
    unsigned long count = 0, size = 0;
    memcpy(text, topic, topic_len < sizeof(text) - 1 ? topic_len : sizeof(text) - 1);
    if (sscanf(text, "source/%lu/%lu", &count, &size) != 2) {
        return send_all(link, suback, SUBACK_LEN);
    }
    size_t one = size + topic_len + 7;
    size_t per_batch = one < BATCH ? BATCH / one : 1;
    uint8_t *first = malloc(SUBACK_LEN + per_batch * one), *batch = first + SUBACK_LEN;
    if (first == NULL) {
        return -1;
    }
    memcpy(first, suback, SUBACK_LEN);
    size_t len = 0;
    for (size_t i = 0; i < per_batch; i++) {
        len += put_publish(batch + len, topic, topic_len, size);
    }
    size_t message = len / per_batch, n = count < per_batch ? count : per_batch;
    int result = send_all(link, first, SUBACK_LEN + n * message);
    while (result == 0 && count > n) {
        count -= n;
        n = count < per_batch ? count : per_batch;
        result = send_all(link, batch, n * message);
    }
    free(first);
    return result;
}

// Answers one packet; `body` begins after the fixed header.
static int answer(struct link *link, uint8_t first, const uint8_t *body, size_t len) {
    uint8_t ack[5] = {0};
    int kind = first >> 4, qos = first >> 1 & 3;
    size_t topic_len = len >= 2 ? (size_t)body[0] << 8 | body[1] : 0;
    switch (kind) {
        case CONNECT:
            return send_all(link, (const uint8_t[]) { CONNACK << 4, 2, 0, 0 }, 4);
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
            const uint8_t suback[SUBACK_LEN] = { SUBACK << 4, 3, body[0], body[1], 0 };
            return source(link, suback, body + 4, (size_t)body[2] << 8 | body[3]);
        }
        case PINGREQ:
            return send_all(link, (const uint8_t[]) { PINGRESP << 4, 0 }, 2);
        case DISCONNECT:
            return -1;
        default:
            return 0;
    }
    ack[1] = 2;
    return send_all(link, ack, 4);
}

static void serve(struct link *link) {
    uint8_t *buffer = malloc(BUFFER);
    size_t have = 0;
    for (;;) {
        ssize_t n = buffer == NULL ? 0 : receive(link, buffer + have, BUFFER - have);
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
            if (answer(link, buffer[at], buffer + at + 1 + digits, len) != 0) {
                goto end;
            }
            at += 1 + digits + len;
        }
        have -= at;
        memmove(buffer, buffer + at, have);
    }
end:
    free(buffer);
}

static void *run(void *arg) {
    struct link *link = arg;
    if (link->ssl == NULL || SSL_accept(link->ssl) == 1) {
        serve(link);
        if (link->ssl != NULL) {
            SSL_shutdown(link->ssl);
        }
    } else {
        // Shows why the handshake has failed.
        ERR_print_errors_fp(stderr);
    }
    SSL_free(link->ssl);
    close(link->fd);
    free(link);
    return NULL;
}

static void start(int fd, SSL_CTX *context) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        fail("memory");
    }
    link->fd = fd;
    if (context != NULL) {
        link->ssl = SSL_new(context);
        if (link->ssl == NULL || SSL_set_fd(link->ssl, fd) != 1) {
            fail("TLS");
        }
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, link) != 0) {
        fail("thread");
    }
    pthread_detach(thread);
}

// Listens on a free port, and prints it.
static int open_port(void) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) != 0 || listen(listener, 64) != 0) {
        fail("listen");
    }
    getsockname(listener, (struct sockaddr *)&address, &len);
    printf("%d\n", ntohs(address.sin_port));
    return listener;
}

int main(int argc, char **argv) {
    if (argc != 1 && argc != 3) {
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX *context = NULL;
    struct pollfd listeners[2] = { { .fd = open_port(), .events = POLLIN }, { .fd = -1, .events = POLLIN } };
    if (argc == 3) {
        context = SSL_CTX_new(TLS_server_method());
        if (context == NULL || SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1
            || SSL_CTX_use_PrivateKey_file(context, argv[2], SSL_FILETYPE_PEM) != 1) {
            ERR_print_errors_fp(stderr);
            return 1;
        }
        listeners[1].fd = open_port();
    }
    fflush(stdout);
    for (;;) {
        poll(listeners, 2, -1);
        for (int i = 0; i < 2; i++) {
            if (listeners[i].revents & POLLIN) {
                int fd = accept(listeners[i].fd, NULL, NULL);
                if (fd < 0) {
                    fail("accept");
                }
                start(fd, i == 1 ? context : NULL);
            }
        }
    }
}
