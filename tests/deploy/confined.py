"""confined.py UNIT[,DROP-IN] SOCKET CREDENTIALS PIDFILE -- COMMAND...: runs COMMAND as systemd would run the service of UNIT, as far as that is possible
where systemd is not process 1. Started as root by systemd_test.py, inside bubblewrap's mount namespace, which stands for ProtectSystem=,
ProtectHome=, PrivateTmp=, PrivateDevices=. From here come User= (an unprivileged number), UMask=, the limits, the capabilities,
NoNewPrivileges=, SystemCallFilter= with its error number, RestrictAddressFamilies=, RestrictNamespaces=, MemoryDenyWriteExecute=, the
watchdog, the sockets and the credentials. Not covered: PrivateUsers=, ProtectProc=, KeyringMode=, the control group."""
import ctypes
import errno
import os
import resource
import socket
import subprocess
import sys

import seccomp  # Debian: python3-seccomp

sys.path.insert(0, os.path.dirname(__file__))
from unit import Unit

NOBODY_IN_PARTICULAR = 64999
PR_CAPBSET_DROP, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, PR_SET_KEEPCAPS = 24, 47, 2, 8
CAP_DAC_READ_SEARCH = 2
LAST_CAP = int(open("/proc/sys/kernel/cap_last_cap").read())
libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def system_calls(word):
    """The calls of a set like @system-service, as this systemd defines it."""
    if not word.startswith("@"):
        return {word}
    found = set()
    text = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", word], check=True, text=True, capture_output=True).stdout
    for line in text.splitlines()[1:]:
        name = line.strip()
        if name and not name.startswith("#"):
            found |= system_calls(name)
    return found


def allowed_calls(unit):
    allowed = set()
    for line in unit.all("Service", "SystemCallFilter"):
        words = set().union(*(system_calls(word) for word in line.lstrip("~").split()))
        allowed = allowed - words if line.startswith("~") else allowed | words
    return allowed | system_calls("@default")


def system_call_filter(unit):
    denied = seccomp.ERRNO(getattr(errno, unit.one("Service", "SystemCallErrorNumber")))
    rules = seccomp.SyscallFilter(denied)
    for call in allowed_calls(unit) | {"execve"}:
        try:
            if call == "socket":
                families = unit.one("Service", "RestrictAddressFamilies").split()
                for family in families:
                    rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(0, seccomp.EQ, getattr(socket, family)))
            elif call in ("mmap", "mprotect", "pkey_mprotect") and unit.one("Service", "MemoryDenyWriteExecute") == "yes":
                write_execute = 6 if call == "mmap" else 4
                for refused in range(8):  # every combination of read, write and execute but the forbidden ones
                    if refused & write_execute != write_execute:
                        rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(2, seccomp.MASKED_EQ, 7, refused))
            elif call in ("unshare", "setns"):
                continue  # RestrictNamespaces=yes
            else:
                rules.add_rule(seccomp.ALLOW, call)
        except (RuntimeError, OSError):
            pass  # a call of another architecture
    return rules


def open_files(unit):
    """LimitNOFILE=, as far as this machine lets its root go."""
    wanted, (_, hard) = int(unit.one("Service", "LimitNOFILE")), resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


class CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class CapData(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def drop_privileges(kept):
    for capability in range(LAST_CAP + 1):
        if capability not in kept:
            check(libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))
    check(libc.prctl(PR_SET_KEEPCAPS, 1 if kept else 0, 0, 0, 0))
    os.setgroups([])
    os.setresgid(*[NOBODY_IN_PARTICULAR] * 3)
    os.setresuid(*[NOBODY_IN_PARTICULAR] * 3)
    mask = sum(1 << capability for capability in kept)
    header, data = CapHeader(0x20080522, 0), (CapData * 2)(CapData(mask, mask, mask), CapData(0, 0, 0))
    check(libc.capset(ctypes.byref(header), ctypes.byref(data)))
    for capability in kept:
        check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def main():
    unit_file, listening, credentials, pid_file = sys.argv[1:5]
    command = sys.argv[sys.argv.index("--") + 1:]
    with open(pid_file, "w") as file:
        file.write(str(os.getpid()))
    unit = Unit(*unit_file.split(","))
    files = open_files(unit)
    rules = system_call_filter(unit)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(int(unit.one("Service", "UMask"), 8))
    capabilities = unit.one("Service", "CapabilityBoundingSet").split()
    if set(capabilities) - {"CAP_DAC_READ_SEARCH"}:
        sys.exit("confined.py knows only CAP_DAC_READ_SEARCH")
    drop_privileges([CAP_DAC_READ_SEARCH] if capabilities else [])
    seconds = int(unit.one("Service", "WatchdogSec").removesuffix("s"))
    os.environ.update(WATCHDOG_USEC=str(seconds * 1_000_000), WATCHDOG_PID=str(os.getpid()), CREDENTIALS_DIRECTORY=credentials)
    if listening != "-":
        os.dup2(int(listening), 3, inheritable=True)
        os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    rules.load()  # with no_new_privs
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
