#include "copier.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "strbuf.h"
#include "tree_copy.h"

#define PLACE "copies"
#define LINKS ".links"

struct dl_copier {
  int data_fd, wake_fd; /* not owned */
  dl_trash *trash;      /* likewise */
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t filled;
  pthread_cond_t told; /* a job that asked may go, or was refused */
  atomic_bool stop;
  dl_copy_job *waiting; /* in the order in which they came */
  dl_copy_job *running;
  dl_copy_job *done;
};

/* Frees a job that was taken; NULL is fine. */
void dl_copy_job_free(dl_copy_job *job) {
  if (!job)
    return;
  free(job->key);
  free(job->from_in);
  free(job->into);
  free(job->source);
  free(job->error);
  free(job);
}

static void append(dl_copy_job **list, dl_copy_job *job) {
  while (*list)
    list = &(*list)->next;
  *list = job;
  job->next = NULL;
}

/* Throws away what is left of a copy. Where the disk is so full that it cannot
 * be moved, what is in it stays until the next start. */
static void discard(dl_copier *copier, const char *key) {
  dl_strbuf links = {0};
  dl_strbuf_addf(&links, "%s%s", key, LINKS);
  dl_trash_take(copier->trash, PLACE, key);
  if (!links.failed)
    dl_trash_take(copier->trash, PLACE, links.data);
  dl_strbuf_free(&links);
}

static int make_folder(int parent, const char *format, const char *key) {
  dl_strbuf path = {0};
  int fd = -1;
  dl_strbuf_addf(&path, format, key);
  errno = ENOMEM;
  if (!path.failed && mkdirat(parent, path.data, 0700) == 0)
    fd = openat(parent, path.data,
                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  dl_strbuf_free(&path);
  return fd;
}

/* Moves the whole copy to its place. */
static int place(dl_copier *copier, const dl_copy_job *job) {
  dl_strbuf made = {0}, target = {0};
  int rc = -1;
  dl_strbuf_addf(&made, PLACE "/%s", job->key);
  dl_strbuf_addf(&target, "%s/%s", job->into, job->key);
  errno = ENOMEM;
  if (!made.failed && !target.failed)
    rc = renameat(copier->data_fd, made.data, copier->data_fd, target.data);
  dl_strbuf_free(&made);
  dl_strbuf_free(&target);
  return rc;
}

static int open_source(const dl_copier *copier, const dl_copy_job *job) {
  dl_strbuf path = {0};
  int fd = -1;
  dl_strbuf_addf(&path, "%s/%s", job->from_in, job->source);
  errno = ENOMEM;
  if (!path.failed)
    fd = openat(copier->data_fd, path.data,
                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  dl_strbuf_free(&path);
  return fd;
}

/* Notes what went wrong; NULL: nothing, and what was said against it meanwhile
 * came too late. The first reason is the one. */
static void note(dl_copier *copier, dl_copy_job *job, const char *why) {
  pthread_mutex_lock(&copier->lock);
  if (!why) {
    free(job->error);
    job->error = NULL;
  }
  else if (!job->error)
    job->error = strdup(why);
  pthread_mutex_unlock(&copier->lock);
}

static void perform(dl_copier *copier, dl_copy_job *job) {
  dl_tree_copy copy = {.limit = job->limit, .stop = &job->stop};
  int from = open_source(copier, job);
  int to = -1, rc = -1;
  copy.links_fd = -1;
  if (from >= 0)
    to = make_folder(copier->data_fd, PLACE "/%s", job->key);
  if (to >= 0)
    copy.links_fd = make_folder(copier->data_fd, PLACE "/%s" LINKS, job->key);
  if (copy.links_fd >= 0 && dl_tree_copy_into(&copy, from, to) == 0)
    rc = place(copier, job);
  if (rc == 0)
    note(copier, job, NULL);
  else
    note(copier, job, copy.why ? copy.why : strerror(errno));
  job->bytes = copy.bytes;
  dl_tree_copy_end(&copy);
  dl_fd_close(&from);
  dl_fd_close(&to);
  dl_fd_close(&copy.links_fd);
  discard(copier, job->key);
}

static void tell(const dl_copier *copier) {
  uint64_t one = 1;
  (void)!write(copier->wake_fd, &one, sizeof one);
}

/* Waits until the sandbox stands still, if it is one. Locked. */
static void ask(dl_copier *copier, dl_copy_job *job) {
  if (strcmp(job->from_in, "sandboxes") != 0)
    return;
  job->phase = DL_COPY_ASKS;
  tell(copier);
  while (job->phase == DL_COPY_ASKS && !atomic_load(&job->stop))
    pthread_cond_wait(&copier->told, &copier->lock);
}

/* One job. Locked, but while it copies. */
static void serve(dl_copier *copier, dl_copy_job *job) {
  copier->waiting = job->next;
  copier->running = job;
  ask(copier, job);
  if (!atomic_load(&job->stop)) {
    pthread_mutex_unlock(&copier->lock);
    perform(copier, job);
    pthread_mutex_lock(&copier->lock);
  }
  job->phase = DL_COPY_NONE;
  copier->running = NULL;
  append(&copier->done, job);
  tell(copier);
}

static void *work(void *arg) {
  dl_copier *copier = arg;
  pthread_mutex_lock(&copier->lock);
  while (!atomic_load(&copier->stop)) {
    dl_copy_job *job = copier->waiting;
    if (!job) {
      pthread_cond_wait(&copier->filled, &copier->lock);
      continue;
    }
    serve(copier, job);
  }
  pthread_mutex_unlock(&copier->lock);
  return NULL;
}

/* Throws away what a server that was killed has left half done. */
static int sweep(int data_fd, dl_trash *trash) {
  int fd =
      openat(data_fd, PLACE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *list = fd < 0 ? NULL : fdopendir(fd);
  struct dirent *entry;
  if (!list) {
    dl_fd_close(&fd);
    return -1;
  }
  while ((entry = readdir(list))) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      dl_trash_take(trash, PLACE, entry->d_name);
  }
  closedir(list);
  return 0;
}

/* Begins; who takes finished jobs is told by the eventfd `wake_fd`. All that is
 * given must outlive it. NULL with errno. */
dl_copier *dl_copier_open(int data_fd, dl_trash *trash, int wake_fd) {
  dl_copier *copier = calloc(1, sizeof *copier);
  if (!copier || sweep(data_fd, trash)) {
    free(copier);
    return NULL;
  }
  copier->data_fd = data_fd;
  copier->trash = trash;
  copier->wake_fd = wake_fd;
  pthread_mutex_init(&copier->lock, NULL);
  pthread_cond_init(&copier->filled, NULL);
  pthread_cond_init(&copier->told, NULL);
  errno = pthread_create(&copier->thread, NULL, work, copier);
  if (errno == 0)
    return copier;
  free(copier);
  return NULL;
}

static void free_all(dl_copy_job *job) {
  while (job) {
    dl_copy_job *next = job->next;
    dl_copy_job_free(job);
    job = next;
  }
}

/* Breaks off what is under way and forgets the rest. NULL is fine. */
void dl_copier_close(dl_copier *copier) {
  if (!copier)
    return;
  atomic_store(&copier->stop, true);
  pthread_mutex_lock(&copier->lock);
  if (copier->running)
    atomic_store(&copier->running->stop, true);
  pthread_cond_signal(&copier->filled);
  pthread_cond_signal(&copier->told);
  pthread_mutex_unlock(&copier->lock);
  pthread_join(copier->thread, NULL);
  free_all(copier->waiting);
  free_all(copier->done);
  pthread_mutex_destroy(&copier->lock);
  pthread_cond_destroy(&copier->filled);
  pthread_cond_destroy(&copier->told);
  free(copier);
}

/* Asks for a copy of the directory FROM_IN/SOURCE as INTO/KEY, of at most
 * `limit` bytes. 0, or -1 without memory. */
int dl_copier_add(dl_copier *copier, const char *key, const char *from_in,
                  const char *source, const char *into, int64_t limit) {
  dl_copy_job *job = calloc(1, sizeof *job);
  if (!job)
    return -1;
  job->from_in = strdup(from_in);
  job->key = strdup(key);
  job->source = strdup(source);
  job->into = strdup(into);
  job->limit = limit;
  if (!job->from_in || !job->key || !job->source || !job->into) {
    dl_copy_job_free(job);
    return -1;
  }
  pthread_mutex_lock(&copier->lock);
  append(&copier->waiting, job);
  pthread_cond_signal(&copier->filled);
  pthread_mutex_unlock(&copier->lock);
  return 0;
}

static bool find(dl_copier *copier, const char *key, const char *source) {
  const dl_copy_job *lists[3];
  const dl_copy_job *job;
  bool found = false;
  size_t i;
  pthread_mutex_lock(&copier->lock);
  lists[0] = copier->waiting;
  lists[1] = copier->running;
  lists[2] = copier->done;
  for (i = 0; !found && i < 3; i++) {
    for (job = lists[i]; !found && job; job = i == 1 ? NULL : job->next)
      found = (key && strcmp(job->key, key) == 0) ||
              (source && strcmp(job->source, source) == 0);
  }
  pthread_mutex_unlock(&copier->lock);
  return found;
}

/* Whether that copy was asked for and not taken yet. */
bool dl_copier_has(dl_copier *copier, const char *key) {
  return find(copier, key, NULL);
}

/* Whether some copy of that source was. */
bool dl_copier_reads(dl_copier *copier, const char *source) {
  return find(copier, NULL, source);
}

/* How far a copy of that sandbox is. */
dl_copy_phase dl_copier_phase(dl_copier *copier, const char *source) {
  dl_copy_phase phase = DL_COPY_NONE;
  pthread_mutex_lock(&copier->lock);
  if (copier->running && strcmp(copier->running->source, source) == 0)
    phase = copier->running->phase;
  pthread_mutex_unlock(&copier->lock);
  return phase;
}

/* The sandbox stands still, or does not run: what asked may begin. */
void dl_copier_go(dl_copier *copier, const char *source) {
  dl_copy_job *job;
  pthread_mutex_lock(&copier->lock);
  job = copier->running;
  if (job && job->phase == DL_COPY_ASKS && strcmp(job->source, source) == 0) {
    job->phase = DL_COPY_READS;
    pthread_cond_signal(&copier->told);
  }
  pthread_mutex_unlock(&copier->lock);
}

/* The sandbox does not stand still (any longer): the copy that asked, or is
 * being made, ends with that error. */
void dl_copier_refuse(dl_copier *copier, const char *source, const char *why) {
  dl_copy_job *job;
  pthread_mutex_lock(&copier->lock);
  job = copier->running;
  if (job && job->phase != DL_COPY_NONE && strcmp(job->source, source) == 0) {
    if (!job->error)
      job->error = strdup(why);
    atomic_store(&job->stop, true);
    pthread_cond_signal(&copier->told);
  }
  pthread_mutex_unlock(&copier->lock);
}

/* The next job that is done, to be freed; NULL if there is none. */
dl_copy_job *dl_copier_take(dl_copier *copier) {
  dl_copy_job *job;
  pthread_mutex_lock(&copier->lock);
  job = copier->done;
  if (job)
    copier->done = job->next;
  pthread_mutex_unlock(&copier->lock);
  return job;
}
