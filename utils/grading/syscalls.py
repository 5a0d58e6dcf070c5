"""The second wall of a sandbox: system calls that the kernel refuses there.

Allowed is what is not named here. Named is what a learner's program has no use for and what faults in kernels were
reached through, or what would hold memory that no limit counts. Names that a kernel or a machine does not have are
passed over.
"""

import errno
import functools
import socket
import tempfile

REFUSED = {
    "other processes": "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd move_pages "
    "migrate_pages",
    "mounts": "mount umount umount2 pivot_root chroot fsopen fsconfig fsmount fspick open_tree open_tree_attr "
    "move_mount mount_setattr name_to_handle_at open_by_handle_at quotactl quotactl_fd swapon swapoff fanotify_init",
    "namespaces": "unshare setns",
    "keys": "keyctl add_key request_key",
    "the kernel's engines": "bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register vmsplice",
    "the kernel itself": "kexec_load kexec_file_load init_module finit_module delete_module create_module reboot "
    "syslog acct personality lookup_dcookie nfsservctl uselib _sysctl sysfs",
    "the machine": "settimeofday clock_settime clock_adjtime adjtimex stime sethostname setdomainname iopl ioperm "
    "vhangup modify_ldt vm86 vm86old",
    "memory outside every limit": "memfd_create memfd_secret shmget shmat shmctl semget semop semtimedop semctl "
    "msgget msgsnd msgrcv msgctl mq_open",
}
# CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
NAMESPACES = 0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
UNKNOWN = -1  # how the library calls a name that it has never heard of; others may be negative too
TERMINAL_INPUT = 0x5412, 0x541C  # TIOCSTI and TIOCLINUX type on the terminal of whoever started the program


@functools.cache
def program() -> bytes:
    """The filter as the kernel reads it, for `bwrap --seccomp`. ImportError or OSError without pyseccomp's library."""
    import pyseccomp as sc

    refuse = sc.ERRNO(errno.EPERM)
    filter_ = sc.SyscallFilter(sc.ALLOW)

    def rule(action, name, *arguments):
        if sc.resolve_syscall(sc.Arch.NATIVE, name) != UNKNOWN:
            filter_.add_rule(action, name, *arguments)

    for name in " ".join(REFUSED.values()).split():
        rule(refuse, name)
    for flag in NAMESPACES:
        rule(refuse, "clone", sc.Arg(0, sc.MASKED_EQ, flag, flag))
    # the flags of clone3 lie in memory, out of the filter's sight; without it libc falls back to clone
    rule(sc.ERRNO(errno.ENOSYS), "clone3")
    for request in TERMINAL_INPUT:
        rule(refuse, "ioctl", sc.Arg(1, sc.MASKED_EQ, 0xFFFFFFFF, request))
    for name in ("socket", "socketpair"):
        rule(refuse, name, sc.Arg(0, sc.NE, socket.AF_UNIX))
    with tempfile.TemporaryFile() as file:
        filter_.export_bpf(file)
        file.seek(0)
        return file.read()
