/* The desktop's wall clock, settable without touching the machine's.
 *
 * Preloaded into every program of the desktop's user. A program that first asks for the time reads /run/clock, three
 * decimal numbers: the seconds to add to the real time, the moment at which the desktop's time began in seconds
 * since the epoch, and the real moment at which it did, in nanoseconds. Wall clocks are moved by the first, and the
 * absolute deadlines that are given in them are moved back; monotonic clocks are left alone. No locks, no shared
 * memory, nothing but arithmetic after that: libfaketime, which does more, stalls Chromium and VLC.
 *
 * The times of files are the kernel's, and so the machine's: a file manager would show the day on which a desktop
 * runs, and another second each time the same is done in it. A time from the desktop's own life is therefore told
 * as one in the second at which the desktop's time began. The later a change, the later it is told, in ever smaller
 * steps: what compares the times of two files, or of one file before and after, sees every change and their order,
 * and what shows them shows the same each time. Only what counts in whole seconds sees no change. Other times are
 * those that somebody has set, and are told as they are. Programs that ask the kernel by its own door, as those
 * without libc do, are told the machine's.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000L

static long shift; /* s */
static long start; /* s, the desktop's */
static long since; /* ns, the machine's; 0: never */
static int known;

static void read_clock(void)
{
    char text[96] = {0};
    char *rest = text;
    int file = open("/run/clock", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (read(file, text, sizeof text - 1) > 0) {
            shift = strtol(rest, &rest, 10);
            start = strtol(rest, &rest, 10);
            since = strtol(rest, &rest, 10);
        }
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
        read_clock(); \
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
        read_clock();
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

/* The time of a file as it is told. Half of the second is used up after 1000 s; what is 1 ms apart stays apart for
 * eight hours. */
static void tell(long *seconds, long *nanoseconds)
{
    struct timespec now;
    if (!since || *seconds < since / SECOND || syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) != 0)
        return;
    if (*seconds > now.tv_sec || (*seconds == now.tv_sec && *nanoseconds > now.tv_nsec))
        return;
    long life = *seconds * SECOND + *nanoseconds - since;
    if (life < 0)
        return;
    *seconds = start;
    *nanoseconds = (long)((double)life / ((double)life + 1000.0 * SECOND) * SECOND);
}

/* Both layouts, struct stat and struct stat64, are one on 64-bit machines. */
static int told(int result, struct stat *found)
{
    if (result == 0) {
        if (!known)
            read_clock();
        tell(&found->st_atim.tv_sec, &found->st_atim.tv_nsec);
        tell(&found->st_mtim.tv_sec, &found->st_mtim.tv_nsec);
        tell(&found->st_ctim.tv_sec, &found->st_ctim.tv_nsec);
    }
    return result;
}

/* By the kernel's own door again, for the same reason, and by the calls that libc uses: sandboxes know those. */
#define AT(folder, path, found, flags) \
    told(syscall(SYS_newfstatat, folder, path, found, flags), (struct stat *)found)
#define OPEN(file, found) told(syscall(SYS_fstat, file, found), (struct stat *)found)

#define STAT_FAMILY(suffix, layout) \
    int stat##suffix(const char *path, layout *found) { return AT(AT_FDCWD, path, found, 0); } \
    int lstat##suffix(const char *path, layout *found) { return AT(AT_FDCWD, path, found, AT_SYMLINK_NOFOLLOW); } \
    int fstat##suffix(int file, layout *found) { return OPEN(file, found); } \
    int fstatat##suffix(int folder, const char *path, layout *found, int flags) \
    { \
        return AT(folder, path, found, flags); \
    }

STAT_FAMILY(, struct stat)
STAT_FAMILY(64, struct stat64)

static void tell_statx(struct statx_timestamp *at)
{
    long seconds = at->tv_sec, nanoseconds = at->tv_nsec;
    tell(&seconds, &nanoseconds);
    at->tv_sec = seconds;
    at->tv_nsec = nanoseconds;
}

int statx(int folder, const char *restrict path, int flags, unsigned int mask, struct statx *restrict found)
{
    int result = syscall(SYS_statx, folder, path, flags, mask, found);
    if (result != 0 && errno == ENOSYS) { /* a sandbox that does not know it: libc has a way around */
        REAL(statx);
        result = next(folder, path, flags, mask, found);
    }
    if (result == 0) {
        if (!known)
            read_clock();
        tell_statx(&found->stx_atime);
        tell_statx(&found->stx_mtime);
        tell_statx(&found->stx_ctime);
        tell_statx(&found->stx_btime);
    }
    return result;
}
