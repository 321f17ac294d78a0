// Pipes to programs; and limits, descriptors, capabilities and files of a process that is about to
// become an encoder.
// The constants of Landlock stand here because the headers of a distribution may be older than its
// kernel; the kernel refuses none that its version knows.
#define _GNU_SOURCE
#include "cprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int mspd_pipe(int ends[2], bool waits) {
    return pipe2(ends, O_CLOEXEC | (waits ? 0 : O_NONBLOCK)) == 0 ? 0 : errno;
}

bool mspd_has_ended(int process) {
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return true;
    return info.si_pid == process;
}

int mspd_close_from(int first) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) return 0;
#endif
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return errno;
    for (rlim_t descriptor = (rlim_t)first; descriptor < limit.rlim_cur; descriptor++) {
        close((int)descriptor);
    }
    return 0;
}

int mspd_die_with(int parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return errno;
    return getppid() == parent ? 0 : ESRCH;
}

static int limit_to(int resource, uint64_t value) {
    struct rlimit limit = {value, value};
    struct rlimit before;
    if (getrlimit(resource, &before) == 0 && before.rlim_max < value) {
        limit.rlim_cur = limit.rlim_max = before.rlim_max;
    }
    return setrlimit(resource, &limit) == 0 ? 0 : errno;
}

int mspd_limit(uint64_t memory, uint64_t file, uint64_t descriptors, uint64_t processes) {
    int failure = limit_to(RLIMIT_AS, memory);
    if (failure == 0) failure = limit_to(RLIMIT_FSIZE, file);
    if (failure == 0) failure = limit_to(RLIMIT_NOFILE, descriptors);
    if (failure == 0) failure = limit_to(RLIMIT_CORE, 0);
    if (failure == 0 && processes > 0) failure = limit_to(RLIMIT_NPROC, processes);
    return failure;
}

int mspd_drop_privileges(void) {
    // Only who has capabilities may take them out of the set that execve brings; others have none.
    for (int capability = 0; capability < 64; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) break;
    }
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    if (syscall(SYS_capset, &header, none) != 0) return errno;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
}

// MARK: Landlock

enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
enum { VERSION_FLAG = 1, RULE_PATH_BENEATH = 1 };
enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_ALL_1 = (1 << 13) - 1,
    FS_REFER = 1 << 13,
    FS_TRUNCATE = 1 << 14,
    NET_TCP = 3,
    SCOPE_SOCKETS_AND_SIGNALS = 3,
};

struct ruleset {
    uint64_t files, network, scope;
};

struct beneath {
    uint64_t allowed;
    int32_t folder;
} __attribute__((packed));

int mspd_landlock_version(void) {
    long version = syscall(CREATE_RULESET, NULL, 0, VERSION_FLAG);
    return version > 0 ? (int)version : 0;
}

static int allow(int rules, const char *path, uint64_t access) {
    struct beneath beneath = {access, open(path, O_PATH | O_CLOEXEC)};
    if (beneath.folder < 0) return errno;
    int failure = 0;
    if (syscall(ADD_RULE, rules, RULE_PATH_BENEATH, &beneath, 0) != 0) failure = errno;
    close(beneath.folder);
    return failure;
}

int mspd_landlock(const char *writable) {
    int version = mspd_landlock_version();
    if (version < 1) return ENOSYS;
    struct ruleset ruleset = {FS_ALL_1, 0, 0};
    if (version >= 2) ruleset.files |= FS_REFER;
    if (version >= 3) ruleset.files |= FS_TRUNCATE;
    if (version >= 4) ruleset.network = NET_TCP;
    if (version >= 6) ruleset.scope = SCOPE_SOCKETS_AND_SIGNALS;
    int rules = (int)syscall(CREATE_RULESET, &ruleset, sizeof ruleset, 0);
    if (rules < 0) return errno;
    uint64_t file = FS_READ_FILE | FS_WRITE_FILE | (ruleset.files & FS_TRUNCATE);
    int failure = allow(rules, "/", FS_EXECUTE | FS_READ_FILE | FS_READ_DIR);
    if (failure == 0) failure = allow(rules, writable, ruleset.files);
    if (failure == 0) failure = allow(rules, "/dev/null", file);
    if (failure == 0 && syscall(RESTRICT_SELF, rules, 0) != 0) failure = errno;
    close(rules);
    return failure;
}
