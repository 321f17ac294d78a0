// A few lines for what Swift cannot call: above all how a process that is about to become an
// encoder gives up what an encoder does not need. Those functions work on the calling process, for
// good and over execve; they return 0 or an errno, and none allocates.
#ifndef MSPD_CPROCESS_H
#define MSPD_CPROCESS_H

#include <stdbool.h>
#include <stdint.h>

/// Makes a pipe (reading end first) that no other program gets; without `waits` neither end blocks.
int mspd_pipe(int ends[2], bool waits);

/// Whether a child has ended; it stays to be waited for.
bool mspd_has_ended(int process);

/// Closes all descriptors from `first` on.
int mspd_close_from(int first);

/// Has the process killed when the thread that started it ends; ESRCH when `parent` is gone.
int mspd_die_with(int parent);

/// Sets limits that cannot be raised again: bytes of address space and of a file, descriptors, and
/// (unless 0) processes of the user; no core files.
int mspd_limit(uint64_t memory, uint64_t file, uint64_t descriptors, uint64_t processes);

/// Gives up all capabilities, also those that a later execve would bring.
int mspd_drop_privileges(void);

/// The version of Landlock that the kernel has; 0 for none.
int mspd_landlock_version(void);

/// From here on files are written below `writable` and in /dev/null only; no TCP, and no signals to
/// processes outside, where the kernel's version knows of these.
int mspd_landlock(const char *writable);

/// Whether the kernel filters system calls.
bool mspd_filter_is_known(void);

/// From here on there are no sockets, no other group or namespace of processes, no reaching into
/// processes and no memory or queues beside address space; modes, owners and times of files stay as
/// they are, whatever is answered. Without `forks` no new processes either, only threads.
int mspd_filter(bool forks);

#endif
