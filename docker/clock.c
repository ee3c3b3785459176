/* The desktop's wall clock, settable without touching the machine's.
 *
 * Preloaded into every program of the desktop's user. A program that first asks for the time reads /run/clock, a
 * decimal number: the seconds to add to the real time. Wall clocks are moved by it, and the absolute deadlines that
 * are given in them are moved back; monotonic clocks and the times of files are left alone. No locks, no shared
 * memory, nothing but arithmetic after that: libfaketime, which does more, stalls Chromium and VLC.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static long shift;
static int known;

static void read_shift(void)
{
    char text[32] = {0};
    int file = open("/run/clock", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (read(file, text, sizeof text - 1) > 0)
            shift = atol(text);
        close(file);
    }
    known = 1;
}

/* The function that this one stands before. The old versions of some have another layout of their data. */
static void *real(const char *name)
{
    void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
    return found ? found : dlsym(RTLD_NEXT, name);
}

#define REAL(name) \
    static __typeof__(&name) next; \
    if (!known) \
        read_shift(); \
    if (!next) \
        next = (__typeof__(&name))real(#name)

static int wall(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

/* A deadline in real time. One that counts from the machine's start is a small number, and stays. */
static struct timespec unshifted(const struct timespec *at)
{
    struct timespec moved = *at;
    if (moved.tv_sec > 500000000)
        moved.tv_sec -= shift;
    return moved;
}

/* By the kernel's own door: an allocator that asks for the time while it starts must not be led to dlsym, which
 * allocates (Thunderbird's would wait for itself). */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (!known)
        read_shift();
    int result = syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && wall(clock))
        now->tv_sec += shift;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec at;
    int result = clock_gettime(CLOCK_REALTIME, &at);
    (void)zone;
    now->tv_sec = at.tv_sec;
    now->tv_usec = at.tv_nsec / 1000;
    return result;
}

time_t time(time_t *out)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME_COARSE, &at);
    if (out)
        *out = at.tv_sec;
    return at.tv_sec;
}

int timespec_get(struct timespec *now, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left)
{
    REAL(clock_nanosleep);
    struct timespec at = flags & TIMER_ABSTIME && wall(clock) ? unshifted(wanted) : *wanted;
    return next(clock, flags, &at, left);
}

int timerfd_settime(int timer, int flags, const struct itimerspec *wanted, struct itimerspec *before)
{
    REAL(timerfd_settime);
    struct itimerspec moved = *wanted;
    if (flags & TFD_TIMER_ABSTIME)
        moved.it_value = unshifted(&wanted->it_value);
    return next(timer, flags, &moved, before);
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict at)
{
    REAL(pthread_cond_timedwait);
    struct timespec moved = unshifted(at);
    return next(condition, mutex, &moved);
}

int pthread_cond_clockwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, clockid_t clock,
                           const struct timespec *restrict at)
{
    REAL(pthread_cond_clockwait);
    struct timespec moved = unshifted(at);
    return next(condition, mutex, clock, &moved);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict at)
{
    REAL(pthread_mutex_timedlock);
    struct timespec moved = unshifted(at);
    return next(mutex, &moved);
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict at)
{
    REAL(pthread_rwlock_timedrdlock);
    struct timespec moved = unshifted(at);
    return next(lock, &moved);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict at)
{
    REAL(pthread_rwlock_timedwrlock);
    struct timespec moved = unshifted(at);
    return next(lock, &moved);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict at)
{
    REAL(sem_timedwait);
    struct timespec moved = unshifted(at);
    return next(semaphore, &moved);
}
