"""What code in a sandbox must not be able to do. Each attack is tried from
inside; printed is a JSON object: what became of each, by its name. That is the
name of the error, "done" where it worked, or "ended" with a signal's number
where the kernel ended it.

Arguments: the process id of the toolbox; a JSON object of what must not be
reached, names to ports of the loopback (6: of IPv6's) or names of abstract
sockets; then files of the host and of other sandboxes that must not be
readable."""

import ctypes
import errno
import fcntl
import json
import os
import platform
import signal
import socket
import struct
import sys
import termios

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
PTRACE_ATTACH, PR_GET_NO_NEW_PRIVS = 16, 39
CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET = 0x10000000, 0x00020000, 0x40000000
CLONE_NEWTIME = 0x80
TIOCLINUX = 0x541C
X32 = 0x40000000

# The numbers of system calls: x86-64, and the table that aarch64 shares.
CALLS = {
    "acct": (163, 89), "add_key": (248, 217), "bpf": (321, 280),
    "chroot": (161, 51), "clock_settime": (227, 112), "clone": (56, 220),
    "clone3": (435, 435), "delete_module": (176, 106),
    "fanotify_init": (300, 262), "finit_module": (313, 273),
    "fsmount": (432, 432), "fsopen": (430, 430), "getpid": (39, 172),
    "init_module": (175, 105), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "io_uring_setup": (425, 425),
    "ioctl": (16, 29), "kexec_load": (246, 104), "keyctl": (250, 219), "mount": (165, 40),
    "mount_setattr": (442, 442), "move_mount": (429, 429),
    "move_pages": (279, 239), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "open_tree": (428, 428),
    "perf_event_open": (298, 241), "personality": (135, 92),
    "pidfd_getfd": (438, 438), "pidfd_open": (434, 434),
    "pivot_root": (155, 41), "process_vm_readv": (310, 270),
    "ptrace": (101, 117), "quotactl": (179, 60), "reboot": (169, 142),
    "request_key": (249, 218), "sethostname": (170, 161),
    "setns": (308, 268), "setresuid": (117, 147), "socket": (41, 198), "settimeofday": (164, 170),
    "swapoff": (168, 225), "swapon": (167, 224), "syslog": (103, 116),
    "umount2": (166, 39), "unshare": (272, 97), "userfaultfd": (323, 282),
}
machine = 0 if platform.machine() == "x86_64" else 1
results = {}


def outcome(attack):
    """What became of it, in the words of the result."""
    try:
        attack()
        return "done"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))


def attack(name):
    """A decorator: tries the function in a process of its own, for some end
    the process that they succeed in."""
    def run(function):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            said = "wrong"
            try:
                said = outcome(function)
            finally:
                os.write(writer, said.encode())
                os._exit(0)
        os.close(writer)
        said = os.read(reader, 100).decode()
        os.close(reader)
        status = os.waitpid(pid, 0)[1]
        results[name] = said or "ended %d" % os.WTERMSIG(status)
        return function
    return run


def call(name, *arguments, extra=0):
    """A bare system call; raises the OSError that it gives."""
    if libc.syscall(ctypes.c_long(CALLS[name][machine] + extra),
                    *(ctypes.c_long(a) if isinstance(a, int) else a
                      for a in arguments)) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def try_call(label, name, *arguments, **more):
    attack(label)(lambda: call(name, *arguments, **more))


def try_open(label, path, flags=os.O_RDONLY):
    attack(label)(lambda: os.open(path, flags))


def try_socket(label, family, kind=socket.SOCK_STREAM, protocol=0):
    attack(label)(lambda: socket.socket(family, kind, protocol))


# The toolbox: memory, environment, descriptors.
toolbox = int(sys.argv[1])
for name in ("mem", "environ", "maps", "auxv", "stack"):
    try_open("toolbox: " + name, "/proc/%d/%s" % (toolbox, name))
attack("toolbox: descriptors")(lambda: os.listdir("/proc/%d/fd" % toolbox))
attack("toolbox: a descriptor")(lambda: os.open("/proc/%d/fd/3" % toolbox, 0))
attack("toolbox: root")(lambda: os.readlink("/proc/%d/root" % toolbox))
try_call("toolbox: ptrace", "ptrace", PTRACE_ATTACH, toolbox, 0, 0)
memory = ctypes.create_string_buffer(8)
vector = struct.pack("PN", ctypes.addressof(memory), 8)
try_call("toolbox: process_vm_readv", "process_vm_readv", toolbox, vector, 1,
         vector, 1, 0)


@attack("toolbox: pidfd_getfd")
def take_descriptor():
    call("pidfd_getfd", os.pidfd_open(toolbox), 3, 0)


# Keys.
try_call("add_key", "add_key", b"user", b"a", b"b", 1, -3)
try_call("request_key", "request_key", b"user", b"a", 0, -3)
try_call("keyctl: read", "keyctl", 11, -3, 0, 0)
try_call("keyctl: join", "keyctl", 1, 0)

# Parts of the kernel.
zeros = ctypes.create_string_buffer(4096)
try_call("bpf", "bpf", 0, zeros, 72)
try_call("perf_event_open", "perf_event_open", zeros, 0, -1, -1, 0)
try_call("userfaultfd", "userfaultfd", 1)
try_call("io_uring_setup", "io_uring_setup", 1, zeros)
try_call("io_uring_enter", "io_uring_enter", 0, 0, 0, 0, 0, 0)
try_call("io_uring_register", "io_uring_register", 0, 0, 0, 0)
try_call("fanotify_init", "fanotify_init", 0, 0)
try_call("move_pages", "move_pages", 0, 0, 0, 0, 0, 0)
try_call("syslog", "syslog", 10, 0, 0)

# Sockets.
try_socket("AF_VSOCK", 40)
try_socket("AF_PACKET", 17, socket.SOCK_RAW)
try_socket("AF_ALG", 38, socket.SOCK_SEQPACKET)
try_socket("AF_XDP", 44, socket.SOCK_RAW)
try_socket("AF_BLUETOOTH", 31, socket.SOCK_RAW)
try_socket("AF_AX25", 3)
try_socket("AF_KEY", 15, socket.SOCK_RAW, 2)
try_socket("AF_UNSPEC", 0)
try_socket("a raw IPv4 socket", socket.AF_INET, socket.SOCK_RAW, 1)
try_socket("a raw IPv6 socket", socket.AF_INET6, socket.SOCK_RAW, 58)


try_call("a family with a high bit", "socket", 1 << 32 | 3, 1, 0)

# The network: of the host, of others, and of the sandbox itself.
def try_connect(label, family, address):
    attack(label)(lambda: socket.socket(family).connect(address))


for name, place in json.loads(sys.argv[2]).items():
    if isinstance(place, str):
        try_connect(name, socket.AF_UNIX, "\0" + place)
    elif name.endswith("6"):
        try_connect(name, socket.AF_INET6, ("::1", int(place)))
    else:
        try_connect(name, socket.AF_INET, ("127.0.0.1", int(place)))


def ask_network(kind, body):
    """A change of the network: the kernel's answer as an exception."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.send(struct.pack("=IHHII", 16 + len(body), kind, 0x405, 1, 0) + body)
        error = struct.unpack_from("=i", s.recv(1000), 16)[0]
        if error:
            raise OSError(-error, "")


@attack("a route")
def add_route():
    ask_network(24, struct.pack("=BBBBBBBBI", socket.AF_INET, 0, 0, 0, 254, 4,
                                0, 6, 0))


@attack("an interface")
def add_interface():
    ask_network(16, struct.pack("=BxHiII", 0, 0, 1, 0, 1))


try_open("a tap device", "/dev/net/tun", os.O_RDWR)

# Namespaces and the file tree.
try_call("unshare: user", "unshare", CLONE_NEWUSER)
try_call("unshare: mounts", "unshare", CLONE_NEWNS)
try_call("unshare: network", "unshare", CLONE_NEWNET)
try_call("unshare: time", "unshare", CLONE_NEWTIME)
try_call("clone: user", "clone", CLONE_NEWUSER | signal.SIGCHLD, 0, 0, 0, 0)
try_call("clone3", "clone3", zeros, 88)
attack("setns")(lambda: call("setns", os.open("/proc/self/ns/net", 0), 0))
try_call("mount", "mount", b"none", b"/tmp", b"tmpfs", 0, 0)
try_call("remount", "mount", b"none", b"/usr", b"", 0x20, 0)
try_call("umount", "umount2", b"/tmp", 2)
try_call("chroot", "chroot", b"/tmp")
try_call("pivot_root", "pivot_root", b"/tmp", b"/tmp")
try_call("fsopen", "fsopen", b"tmpfs", 0)
try_call("fsmount", "fsmount", 0, 0, 0)
try_call("open_tree", "open_tree", -100, b"/", 1)
try_call("move_mount", "move_mount", 0, b"", 0, b"", 0)
try_call("mount_setattr", "mount_setattr", -100, b"/", 0, zeros, 32)
try_call("name_to_handle_at", "name_to_handle_at", -100, b"/", zeros, zeros, 0)
try_call("open_by_handle_at", "open_by_handle_at", -100, zeros, 0)

# The machine.
try_call("acct", "acct", 0)
try_call("clock_settime", "clock_settime", 0, struct.pack("qq", 1, 0))
try_call("settimeofday", "settimeofday", struct.pack("qq", 1, 0), 0)
try_call("kexec_load", "kexec_load", 0, 0, 0, 0)
try_call("init_module", "init_module", zeros, 1, b"")
try_call("finit_module", "finit_module", 0, b"", 0)
try_call("delete_module", "delete_module", b"a", 0)
try_call("quotactl", "quotactl", 0, 0, 0, 0)
try_call("reboot", "reboot", 0xfee1dead, 672274793, 0)
try_call("sethostname", "sethostname", b"a", 1)
try_call("swapon", "swapon", b"/tmp/a", 0)
try_call("swapoff", "swapoff", b"/tmp/a")
try_open("sysctl", "/proc/sys/kernel/core_pattern", os.O_WRONLY)
try_open("memory of the machine", "/dev/mem")
try_open("messages of the kernel", "/dev/kmsg")

# Rights.
try_call("setresuid", "setresuid", 0, 0, 0)
try_call("personality: executable data", "personality", 0x0400000)
try_call("personality: page zero", "personality", 0x0100000)
try_call("personality: the highest bit", "personality", 0x80400000)
if machine == 0:
    try_call("a call of x32", "getpid", extra=X32)


@attack("set-user-id")
def set_user_id():
    if not os.statvfs("/usr").f_flag & os.ST_NOSUID:
        return
    if libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1:
        raise PermissionError(errno.EPERM, "")


# Words put into the input of a terminal.
master, slave = os.openpty()
attack("TIOCSTI")(lambda: fcntl.ioctl(slave, termios.TIOCSTI, b"a"))
try_call("TIOCSTI with a high bit", "ioctl", slave, 1 << 32 | termios.TIOCSTI,
         b"a")
attack("TIOCLINUX")(lambda: fcntl.ioctl(slave, TIOCLINUX, b"\x03"))


# Files.
for number, path in enumerate(sys.argv[3:]):
    try_open("file %d" % (number + 1), path)
for name in ("/root", "/etc/shadow", "/var/lib", "/boot", "/sys"):
    try_open(name, name)
for name in ("/", "/usr", "/etc", "/opt/daytona"):
    try_open("write in " + name, os.path.join(name, "new"),
             os.O_WRONLY | os.O_CREAT)
try_open("write to the program", "/opt/daytona/daytona-local", os.O_WRONLY)

print(json.dumps(results))
