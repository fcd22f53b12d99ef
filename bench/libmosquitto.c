// The tasks of the benchmark with libmosquitto and its background loop:
//
//     libmosquitto PORT publish COUNT SIZE QOS THREADS
//     libmosquitto PORT receive COUNT SIZE
//     libmosquitto PORT connect COUNT
//
// It prints the seconds that a task takes. If the environment variable BENCH_CA names the file of a trusted
// authority, it uses TLS.

#include <mosquitto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int connected, answered, threads, qos;
static long received, wanted, count;
static int size;
static char *payload;
// By packet identifier: acknowledged.
static char done[65536];

static void fail(const char *what, int code) {
    fprintf(stderr, "%s: %s\n", what, mosquitto_strerror(code));
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void set(int *flag) {
    pthread_mutex_lock(&mutex);
    *flag = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static void await(int *flag) {
    pthread_mutex_lock(&mutex);
    while (!*flag) {
        pthread_cond_wait(&changed, &mutex);
    }
    pthread_mutex_unlock(&mutex);
}

static void on_connect(struct mosquitto *m, void *self, int code) {
    (void)m;
    (void)self;
    if (code != 0) {
        fail("connect", MOSQ_ERR_CONN_REFUSED);
    }
    set(&connected);
}

static void on_unsubscribe(struct mosquitto *m, void *self, int id) {
    (void)m;
    (void)self;
    (void)id;
    set(&answered);
}

static void on_publish(struct mosquitto *m, void *self, int id) {
    (void)m;
    (void)self;
    if (qos > 0) {
        pthread_mutex_lock(&mutex);
        done[id & 0xffff] = 1;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
    }
}

static void on_message(struct mosquitto *m, void *self, const struct mosquitto_message *message) {
    (void)m;
    (void)self;
    if (message->payloadlen == size && ++received == wanted) {
        set(&answered);
    }
}

static struct mosquitto *dial(int port) {
    struct mosquitto *m = mosquitto_new(NULL, true, NULL);
    connected = 0;
    mosquitto_connect_callback_set(m, on_connect);
    mosquitto_unsubscribe_callback_set(m, on_unsubscribe);
    mosquitto_publish_callback_set(m, on_publish);
    mosquitto_message_callback_set(m, on_message);
    mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
    const char *ca = getenv("BENCH_CA");
    int code = ca == NULL ? 0 : mosquitto_tls_set(m, ca, NULL, NULL, NULL, NULL);
    if (code != 0) {
        fail("TLS", code);
    }
    mosquitto_loop_start(m);
    code = mosquitto_connect(m, "127.0.0.1", port, 60);
    if (code != 0) {
        fail("connect", code);
    }
    await(&connected);
    return m;
}

static void hang_up(struct mosquitto *m) {
    mosquitto_disconnect(m);
    mosquitto_loop_stop(m, false);
    mosquitto_destroy(m);
}

// Publishes one at a time: the next one when the handshake of the last is complete.
static void *publish(void *m) {
    for (long i = 0; i < count / threads; i++) {
        int id;
        int code = mosquitto_publish(m, &id, "bench/topic", size, payload, qos, false);
        if (code != 0) {
            fail("publish", code);
        }
        if (qos > 0) {
            pthread_mutex_lock(&mutex);
            while (!done[id]) {
                pthread_cond_wait(&changed, &mutex);
            }
            done[id] = 0;
            pthread_mutex_unlock(&mutex);
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc < 4) {
        return 2;
    }
    int port = atoi(argv[1]);
    count = atol(argv[3]);
    mosquitto_lib_init();
    double begin = now();
    if (strcmp(argv[2], "connect") == 0) {
        for (long i = 0; i < count; i++) {
            hang_up(dial(port));
        }
    } else if (strcmp(argv[2], "publish") == 0 && argc == 7) {
        size = atoi(argv[4]);
        qos = atoi(argv[5]);
        threads = atoi(argv[6]);
        payload = malloc((size_t)size);
        memset(payload, 'x', (size_t)size);
        struct mosquitto *m = dial(port);
        pthread_t thread[64];
        begin = now();
        for (int i = 1; i < threads; i++) {
            pthread_create(&thread[i], NULL, publish, m);
        }
        publish(m);
        for (int i = 1; i < threads; i++) {
            pthread_join(thread[i], NULL);
        }
        mosquitto_unsubscribe(m, NULL, "bench/topic");
        await(&answered);
        begin = now() - begin;
        hang_up(m);
        printf("%.9f\n", begin);
        return 0;
    } else if (strcmp(argv[2], "receive") == 0 && argc == 5) {
        size = atoi(argv[4]);
        wanted = count;
        struct mosquitto *m = dial(port);
        char topic[64];
        snprintf(topic, sizeof(topic), "source/%ld/%d", count, size);
        begin = now();
        mosquitto_subscribe(m, NULL, topic, 0);
        await(&answered);
        begin = now() - begin;
        hang_up(m);
        printf("%.9f\n", begin);
        return 0;
    } else {
        return 2;
    }
    printf("%.9f\n", now() - begin);
    return 0;
}
