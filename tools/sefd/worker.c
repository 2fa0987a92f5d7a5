/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The thread for work beside the event loop.
 */
#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <systemd/sd-event.h>

#include "daemon.h"

struct queue {
    struct job *first, **end;
};

struct worker {
    pthread_t thread;
    pthread_mutex_t mutex; /* of the queues and `ending` */
    pthread_cond_t more;
    struct queue waiting, done;
    bool ending;
    int event; /* counts what is done */
    sd_event_source *source;
};

static void put(struct queue *queue, struct job *job)
{
    job->next = NULL;
    *queue->end = job;
    queue->end = &job->next;
}

static struct job *take(struct queue *queue)
{
    struct job *job = queue->first;
    if (job) {
        queue->first = job->next;
        if (!queue->first)
            queue->end = &queue->first;
    }
    return job;
}

static void *work(void *data)
{
    struct worker *worker = data;
    pthread_mutex_lock(&worker->mutex);
    while (!worker->ending) {
        struct job *job = take(&worker->waiting);
        if (!job) {
            pthread_cond_wait(&worker->more, &worker->mutex);
            continue;
        }
        pthread_mutex_unlock(&worker->mutex);
        job->run(job);
        pthread_mutex_lock(&worker->mutex);
        put(&worker->done, job);
        (void) eventfd_write(worker->event, 1);
    }
    pthread_mutex_unlock(&worker->mutex);
    return NULL;
}

static int on_done(sd_event_source *source, int fd, uint32_t events, void *data)
{
    struct worker *worker = data;
    struct job *job;
    eventfd_t count;
    (void) source;
    (void) events;
    (void) eventfd_read(fd, &count);
    pthread_mutex_lock(&worker->mutex);
    while ((job = take(&worker->done))) {
        pthread_mutex_unlock(&worker->mutex);
        job->done(job);
        pthread_mutex_lock(&worker->mutex);
    }
    pthread_mutex_unlock(&worker->mutex);
    return 0;
}

static void free_worker(struct worker *worker)
{
    sd_event_source_disable_unref(worker->source);
    if (worker->event >= 0)
        close(worker->event);
    pthread_cond_destroy(&worker->more);
    pthread_mutex_destroy(&worker->mutex);
    free(worker);
}

static int create(struct daemon *daemon, struct worker **ret)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return -ENOMEM;
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->more, NULL);
    worker->waiting.end = &worker->waiting.first;
    worker->done.end = &worker->done.first;
    worker->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int r = worker->event < 0 ? -errno
                              : sd_event_add_io(daemon->event, &worker->source, worker->event,
                                    EPOLLIN, on_done, worker);
    if (r >= 0)
        r = -pthread_create(&worker->thread, NULL, work, worker);
    if (r < 0) {
        free_worker(worker);
        return r;
    }
    *ret = worker;
    return 0;
}

int worker_submit(struct daemon *daemon, struct job *job)
{
    int r = daemon->worker ? 0 : create(daemon, &daemon->worker);
    if (r < 0)
        return r;
    struct worker *worker = daemon->worker;
    pthread_mutex_lock(&worker->mutex);
    put(&worker->waiting, job);
    pthread_cond_signal(&worker->more);
    pthread_mutex_unlock(&worker->mutex);
    return 0;
}

void worker_destroy(struct worker *worker)
{
    struct job *job;
    if (!worker)
        return;
    pthread_mutex_lock(&worker->mutex);
    worker->ending = true;
    pthread_cond_signal(&worker->more);
    pthread_mutex_unlock(&worker->mutex);
    pthread_join(worker->thread, NULL);
    while ((job = take(&worker->done)) || (job = take(&worker->waiting)))
        job->done(job);
    free_worker(worker);
}
