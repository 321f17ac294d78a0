// The filter of system calls of an encoder: a short list of what it may not do, since what programs
// and their libraries need changes from year to year. A refused call fails with EPERM, which a
// program can report; nothing is killed.
#include "cprocess.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#endif

// The low half of an argument; both architectures are little-endian.
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + 8 * (n))
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define FAIL(reason) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (reason))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
// Goes on behind the next `skip` instructions unless the loaded word is `value`.
#define UNLESS_IS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
// Goes on behind the next `skip` instructions unless the loaded word has one of `bits`.
#define UNLESS_HAS(bits, skip) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, (skip))
#define REFUSE(call) UNLESS_IS((call), 1), FAIL(EPERM)
// Says that a call was carried out, which it was not.
#define IGNORE(call) UNLESS_IS((call), 1), FAIL(0)

// Calls that headers of a distribution may not know.
#define FCHMODAT2 452
#define MEMFD_SECRET 447
#define SETXATTRAT 463
#define REMOVEXATTRAT 466
// Flags of clone that ask for new namespaces.
#define NAMESPACES 0x7E020000
// On x86-64, calls of the x32 kind have this bit in their number.
#define FOREIGN 0x40000000

// The network, and other processes behind sockets; rings would carry sockets past this filter.
#define NO_SOCKETS REFUSE(SYS_socket), REFUSE(SYS_socketpair), REFUSE(SYS_io_uring_setup)
// Nothing leads out of the group of processes that is killed at the end.
#define NO_ESCAPE \
    REFUSE(SYS_setsid), REFUSE(SYS_setpgid), REFUSE(SYS_unshare), REFUSE(SYS_setns)
// Nothing leads into other processes.
#define NO_REACH \
    REFUSE(SYS_ptrace), REFUSE(SYS_process_vm_readv), REFUSE(SYS_process_vm_writev), \
        REFUSE(SYS_pidfd_getfd)

// What would stay when the program has gone, or is counted to nobody: memory that is no address
// space, memory and queues shared by name.
#define NO_REMAINS \
    REFUSE(SYS_memfd_create), REFUSE(MEMFD_SECRET), REFUSE(SYS_shmget), REFUSE(SYS_semget), \
        REFUSE(SYS_msgget), REFUSE(SYS_mq_open)
// Modes, owners and times of the user's files, which Landlock knows nothing of, stay as they are.
// Copying a file sets them too, so a program is not told.
#define NO_MARKS \
    IGNORE(SYS_fchmod), IGNORE(SYS_fchmodat), IGNORE(FCHMODAT2), IGNORE(SYS_fchown), \
        IGNORE(SYS_fchownat), IGNORE(SYS_utimensat)
#ifdef SYS_chmod
#define NO_OLD_MARKS \
    IGNORE(SYS_chmod), IGNORE(SYS_chown), IGNORE(SYS_lchown), IGNORE(SYS_utime), \
        IGNORE(SYS_utimes), IGNORE(SYS_futimesat),
#else
#define NO_OLD_MARKS
#endif
#define UNKNOWN(call) UNLESS_IS((call), 1), FAIL(EOPNOTSUPP)
#define NO_ATTRIBUTES \
    UNKNOWN(SYS_setxattr), UNKNOWN(SYS_lsetxattr), UNKNOWN(SYS_fsetxattr), UNKNOWN(SETXATTRAT), \
        UNKNOWN(SYS_removexattr), UNKNOWN(SYS_lremovexattr), UNKNOWN(SYS_fremovexattr), \
        UNKNOWN(REMOVEXATTRAT)

bool mspd_filter_is_known(void) {
#ifdef NATIVE
    uint32_t action = SECCOMP_RET_ERRNO;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
#else
    return false;
#endif
}

int mspd_filter(bool forks) {
#ifdef NATIVE
    const uint32_t fork = forks ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM;
    struct sock_filter program[] = {
        LOAD(offsetof(struct seccomp_data, arch)),
        UNLESS_IS(NATIVE, 1),
        BPF_STMT(BPF_JMP | BPF_JA, 1),
        FAIL(EPERM),
        LOAD(offsetof(struct seccomp_data, nr)),
        UNLESS_HAS(FOREIGN, 1),
        FAIL(EPERM),
        NO_SOCKETS,
        NO_ESCAPE,
        NO_REACH,
        NO_REMAINS,
        NO_MARKS,
        NO_OLD_MARKS
        NO_ATTRIBUTES,
#ifdef SYS_fork
        UNLESS_IS(SYS_fork, 1),
        BPF_STMT(BPF_RET | BPF_K, fork),
        UNLESS_IS(SYS_vfork, 1),
        BPF_STMT(BPF_RET | BPF_K, fork),
#endif
        // The flags of clone3 lie in memory, out of sight: without it, libraries call clone.
        UNLESS_IS(SYS_clone3, 1),
        FAIL(ENOSYS),
        // A process may change its own limits, and nobody else's.
        UNLESS_IS(SYS_prlimit64, 4),
        LOAD(ARGUMENT(0)),
        UNLESS_IS(0, 1),
        ALLOW,
        FAIL(EPERM),
        // Threads share the memory of their process; what does not is a new process.
        UNLESS_IS(SYS_clone, 6),
        LOAD(ARGUMENT(0)),
        UNLESS_HAS(NAMESPACES, 1),
        FAIL(EPERM),
        UNLESS_HAS(CLONE_THREAD, 1),
        ALLOW,
        BPF_STMT(BPF_RET | BPF_K, fork),
        ALLOW,
    };
    struct sock_fprog filter = {sizeof program / sizeof program[0], program};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0 ? 0 : errno;
#else
    (void)forks;
    return ENOSYS;
#endif
}
