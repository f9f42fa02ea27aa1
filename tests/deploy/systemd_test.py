#!/usr/bin/python3
"""systemd_test.py MTLS_EXPORTER: the units are sound, their exposure is what we say, and the exporter does its work, and tells the manager
so, under their limits. systemd is process 1 neither in CI nor in a container, so this test stands in for it: confined.py applies what
the unit says, as far as that goes without it."""
import http.server
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
from confined import NOBODY_IN_PARTICULAR, open_files
from unit import Unit

UNITS = os.path.join(HERE, "../../deploy/systemd")
SERVICE = "mtls_exporter.service"
PATIENCE = 20  # seconds to wait for anything


def fail(text):
    raise SystemExit("FAILED: " + text)


def run(*command, **options):
    return subprocess.run(command, text=True, capture_output=True, **options)


def staged_units(folder, program, *drop_ins):
    """The units as installed, with a program that exists."""
    os.makedirs(f"{folder}/{SERVICE}.d")
    for name in (SERVICE, "mtls_exporter.socket"):
        with open(f"{UNITS}/{name}") as unit, open(f"{folder}/{name}", "w") as copy:
            copy.write(unit.read().replace("/usr/bin/mtls_exporter", program))
    for name in drop_ins:
        with open(f"{UNITS}/{name}") as unit, open(f"{folder}/{SERVICE}.d/{name}", "w") as copy:
            copy.write(unit.read().replace("/usr/bin/mtls_exporter", program))
    return folder


def units_are_sound(work, program):
    for number, drop_ins in enumerate([(), ("socket.conf",), ("root-only-paths.conf",)]):
        folder = staged_units(f"{work}/verify-{number}", program, *drop_ins)
        for unit in (SERVICE, "mtls_exporter.socket"):
            verdict = run("systemd-analyze", "verify", "--man=no", f"{folder}/{unit}")
            ours = [line for line in (verdict.stdout + verdict.stderr).splitlines() if "mtls_exporter" in line]
            if verdict.returncode or ours:
                fail(f"systemd-analyze verify of {unit} with {drop_ins}: {verdict.stdout}{verdict.stderr}")
    broken = staged_units(f"{work}/verify-broken", program)
    with open(f"{broken}/{SERVICE}", "a") as unit:
        unit.write("[Service]\nProtectClok=yes\n")
    if "ProtectClok" not in run("systemd-analyze", "verify", "--man=no", f"{broken}/{SERVICE}").stderr:
        fail("systemd-analyze verify sees a mistake")


def exposure(work, program, name, limit, *drop_ins):
    folder = staged_units(f"{work}/exposure-{name}", program, *drop_ins)
    verdict = run("systemd-analyze", "security", "--offline=true", "--no-pager", f"{folder}/{SERVICE}")
    figure = float(re.search(r"Overall exposure level.*: ([0-9.]+)", verdict.stdout)[1])
    print(f"exposure, {name}: {figure}")
    if figure > limit:
        fail(f"exposure {figure} is above {limit}, {name}:\n{verdict.stdout}")


def the_account_is_made(work):
    """By the real systemd-sysusers and systemd-tmpfiles, in a folder."""
    root = f"{work}/root"
    os.makedirs(f"{root}/etc")
    for tool, file in (("systemd-sysusers", "sysusers"), ("systemd-tmpfiles", "tmpfiles")):
        options = ["--create"] if tool == "systemd-tmpfiles" else []
        made = run(tool, *options, f"--root={root}", f"{UNITS}/mtls_exporter.{file}")
        if made.returncode:
            fail(f"{tool}: {made.stderr}")
    account = [line for line in open(f"{root}/etc/passwd") if line.startswith("mtls_exporter:")][0]
    if not account.strip().endswith("nologin"):
        fail(f"the account cannot log in: {account}")
    if os.stat(f"{root}/etc/mtls_exporter/credentials").st_mode & 0o777 != 0o700:
        fail("only root looks into the folder of credentials")


# --- an estate of one server --------------------------------------------------------------------------------------

def certificates(folder):
    def openssl(*arguments):
        made = run("openssl", *arguments, cwd=folder)
        if made.returncode:
            fail("openssl: " + made.stderr)
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Estate CA", "-days", "30")
    for name, extensions in (("server", "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth"), ("client", "extendedKeyUsage=clientAuth")):
        with open(f"{folder}/{name}.ext", "w") as file:
            file.write(extensions + "\n")
        openssl("req", *new_key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "20", "-out", f"{name}.pem",
                "-extfile", f"{name}.ext")


class Silent(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a refused client is what the test wants


def mtls_server(folder):
    server = QuietServer(("127.0.0.1", 0), Silent)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=f"{folder}/ca.pem")
    context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


# --- the service manager ----------------------------------------------------------------------------------------

class Manager:
    """Starts ExecStart= under the unit's limits and listens to what it says."""

    def __init__(self, work, program, etc, drop_ins=(), credentials=True, options="", command=None):
        self.folder = tempfile.mkdtemp(dir=work)
        os.chmod(self.folder, 0o755)
        for name in ("run", "credentials"):
            os.mkdir(f"{self.folder}/{name}")
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(f"{self.folder}/run/notify")
        os.chmod(f"{self.folder}/run/notify", 0o777)
        self.notify.settimeout(PATIENCE)
        files = [f"{UNITS}/{SERVICE}"] + [f"{UNITS}/{name}" for name in drop_ins]
        self.unit = Unit(*files)
        if credentials:
            self.hand_over_credentials(etc)
        self.web = socket.create_server(("127.0.0.1", 0))
        self.port = self.web.getsockname()[1]
        os.set_inheritable(self.web.fileno(), True)
        start = self.unit.one("Service", "ExecStart").replace("$MTLS_EXPORTER_OPTIONS", options).split()
        mounts = [("/usr", "/usr"), ("/etc/ssl", "/etc/ssl"), ("/etc/ld.so.cache", "/etc/ld.so.cache"), ("/etc/passwd", "/etc/passwd"), ("/etc/hosts", "/etc/hosts"),
                  (etc, "/etc/mtls_exporter"),
                  (program, "/program"), (HERE, "/tests"), (UNITS, "/units"), (f"{self.folder}/credentials", f"/run/credentials/{SERVICE}")]
        sandbox = ["bwrap", "--die-with-parent", "--tmpfs", "/tmp", "--dev", "/dev", "--proc", "/proc"]
        for link in ("bin", "lib", "lib64"):
            sandbox += ["--symlink", f"usr/{link}", f"/{link}"]
        for parent in ("/etc", "/run", "/run/credentials"):
            sandbox += ["--perms", "0755", "--dir", parent]
        for source, place in mounts:
            sandbox += ["--ro-bind", source, place]
        sandbox += ["--bind", f"{self.folder}/run", "/run/manager", "--setenv", "NOTIFY_SOCKET", "/run/manager/notify"]
        sandbox += ["--setenv", "PYTHONDONTWRITEBYTECODE", "1", "--cap-add", "ALL", "--remount-ro", "/"]
        inside = [f"/units/{os.path.basename(file)}" for file in files]
        listening = str(self.web.fileno()) if "--web.systemd-socket" in start else "-"
        if listening == "-":
            self.web.close()
            start.append(f"--web.listen-address=127.0.0.1:{self.port}")
        start[0] = "/program"
        self.log = open(f"{self.folder}/log", "w+")
        self.process = subprocess.Popen(
            sandbox + ["--", "/usr/bin/python3", "/tests/confined.py", ",".join(inside), listening, f"/run/credentials/{SERVICE}", "/run/manager/pid", "--"] + (command or start),
            pass_fds=[self.web.fileno()] if listening != "-" else [], stdout=self.log, stderr=self.log)
        self.web.close()

    def hand_over_credentials(self, etc):
        """LoadCredential=ID:FOLDER: each file of it, readable for the service's user only."""
        name, folder = self.unit.one("Service", "LoadCredential").split(":")
        folder = folder.replace("/etc/mtls_exporter", etc)
        for file in os.listdir(folder):
            copy = f"{self.folder}/credentials/{name}_{file}"
            shutil.copy(f"{folder}/{file}", copy)
            os.chown(copy, NOBODY_IN_PARTICULAR, NOBODY_IN_PARTICULAR)
            os.chmod(copy, 0o400)

    @property
    def pid(self):
        return int(open(f"{self.folder}/run/pid").read())

    def text_of_log(self):
        self.log.seek(0)
        return self.log.read()

    def hear(self, wanted):
        """Waits for a message that begins so; returns those before it, and it."""
        heard = []
        while not heard or not heard[-1].startswith(wanted):
            try:
                heard.append(self.notify.recv(4096).decode())
            except TimeoutError:
                fail(f"the manager hears {wanted}; it heard {heard}\n{self.text_of_log()}")
        return heard

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=PATIENCE) as answer:
            return answer.read().decode()

    def shows(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while not re.search(f"^{pattern}$", self.metrics(), re.MULTILINE):
            if time.monotonic() > deadline:
                lines = [line for line in self.metrics().splitlines() if line.startswith("mtls_") and not line.startswith("mtls_exporter_probe_results")]
                fail("\n".join([f"/metrics has {pattern}", *lines, self.text_of_log()]))
            time.sleep(0.05)

    def status(self):
        return dict(line.rstrip("\n").split(":\t", 1) for line in open(f"/proc/{self.pid}/status") if ":\t" in line)

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        self.hear("STOPPING=1")
        if self.process.wait(PATIENCE) != 0:
            fail("it ends with 0: " + self.text_of_log())


def configuration(etc, port, key, more=""):
    with open(f"{etc}/next", "w") as file:
        file.write(f"""defaults: {{interval: 1s, timeout: 1s, trust: estate, identity: client}}
trust: {{estate: {{ca_files: [ca.pem]}}}}
identities: {{client: {{certificate_file: client.pem, key_file: {key}, trust: estate}}}}
modules: {{https: {{protocol: https}}}}
targets:
  - {{name: one, address: "localhost:{port}", module: https}}
{more}""")
    os.replace(f"{etc}/next", f"{etc}/mtls_exporter.yml")


def confinement_confines(work, program, etc):
    """The stand-in is worth something: what the unit forbids fails under it."""
    forbidden = {"a netlink socket": "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
                 "a user namespace": "import os, ctypes; 0 == ctypes.CDLL(None, use_errno=True).unshare(0x10000000) or (_ for _ in ()).throw(OSError(ctypes.get_errno(), 'unshare'))",
                 "a mapping to write and execute": "import mmap; mmap.mmap(-1, 4096, prot=7)",
                 "a file to write": "open('/etc/mtls_exporter/new', 'w')",
                 "root's file": "open('/etc/mtls_exporter/credentials/client.key')",
                 "more files": "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (65537, 65537))"}
    manager = Manager(work, program, etc, command=["/usr/bin/python3", "-c", "import socket; socket.socket()"])
    if manager.process.wait(PATIENCE) != 0:
        fail("the sandbox allows what the unit allows: " + manager.text_of_log())
    for what, script in forbidden.items():
        manager = Manager(work, program, etc, command=["/usr/bin/python3", "-c", script])
        manager.process.wait(PATIENCE)
        log = manager.text_of_log()
        if "confined.py" in log or not re.search(r"PermissionError|Read-only file system|\[Errno 1\]|not allowed to raise|exceeds", log):
            fail(f"the sandbox refuses {what}: {log}")


def serves_under_the_limits(work, program, etc, port):
    configuration(etc, port, f"/run/credentials/{SERVICE}/estate_client.key")
    manager = Manager(work, program, etc)
    if not re.search(r"STATUS=watching 1 targets on 127\.0\.0\.1:\d+$", manager.hear("READY=1")[-1]):
        fail("READY says what is watched, and where")
    manager.metrics()  # answers as soon as it is ready
    status = manager.status()
    if (status["Uid"].split()[0], int(status["CapEff"], 16), status["NoNewPrivs"], status["Seccomp"]) != (str(NOBODY_IN_PARTICULAR), 0, "1", "2"):
        fail(f"it runs under the limits: {status}")
    manager.shows(r'mtls_identity_usable\{identity="client"\} 1')
    manager.shows(r'mtls_client_certificate_accepted\{target="one".*\} 1')
    manager.shows(f"process_max_fds {open_files(manager.unit)}")
    manager.shows(r"process_start_time_seconds [1-9].*")
    manager.hear("WATCHDOG=1")
    configuration(etc, port, f"/run/credentials/{SERVICE}/estate_client.key", f'  - {{name: two, address: "localhost:{port}", module: https}}\n')
    os.kill(manager.pid, signal.SIGHUP)
    manager.hear("RELOADING=1")
    if "watching 2 targets" not in manager.hear("READY=1")[-1]:
        fail("the end of a reload says what is watched now")
    manager.shows(r'mtls_client_certificate_accepted\{target="two".*\} 1')
    configuration(etc, port, f"/run/credentials/{SERVICE}/estate_client.key", f'  - {{name: three, address: "localhost:{port}", module: https}}\n')
    manager.shows(r'mtls_client_certificate_accepted\{target="three".*\} 1')  # watched, without a signal
    manager.stop()


def serves_on_systemds_socket(work, program, etc, port):
    configuration(etc, port, f"/run/credentials/{SERVICE}/estate_client.key")
    manager = Manager(work, program, etc, drop_ins=["socket.conf"])
    manager.hear("READY=1")
    manager.shows(r'mtls_client_certificate_accepted\{target="one".*\} 1')
    manager.stop()


def reads_roots_files_with_the_drop_in_only(work, program, etc, port):
    configuration(etc, port, "/etc/mtls_exporter/credentials/client.key")
    for drop_ins, usable in (((), 0), (("root-only-paths.conf",), 1)):
        manager = Manager(work, program, etc, drop_ins=drop_ins, credentials=False)
        manager.hear("READY=1")
        manager.shows(r'mtls_identity_usable\{identity="client"\} ' + str(usable))
        manager.stop()


def a_wrong_configuration_is_no_start(work, program, etc):
    with open(f"{etc}/mtls_exporter.yml", "w") as file:
        file.write("targets: [{adress: x}]\n")
    manager = Manager(work, program, etc)
    code = manager.process.wait(PATIENCE)
    if str(code) not in manager.unit.one("Service", "RestartPreventExitStatus").split():
        fail(f"exit {code} of a wrong configuration is not tried again")
    manager.notify.setblocking(False)
    try:
        fail(f"it is not ready: {manager.notify.recv(4096)}")
    except BlockingIOError:
        pass


def main():
    program = os.path.realpath(sys.argv[1])
    if os.geteuid() != 0:
        print("skipped: to run a service under a unit's limits needs root")
        sys.exit(77)
    os.umask(0o022)
    with tempfile.TemporaryDirectory() as work:
        os.chmod(work, 0o755)
        units_are_sound(work, program)
        exposure(work, program, "as installed", 1.5)
        exposure(work, program, "with socket.conf", 1.5, "socket.conf")
        exposure(work, program, "with root-only-paths.conf", 1.7, "root-only-paths.conf")
        the_account_is_made(work)
        etc = f"{work}/etc"
        os.makedirs(f"{etc}/credentials", 0o755)
        certificates(etc)
        port = mtls_server(etc)
        os.rename(f"{etc}/client.key", f"{etc}/credentials/client.key")
        os.chmod(f"{etc}/credentials/client.key", 0o600)
        os.chmod(f"{etc}/credentials", 0o700)
        confinement_confines(work, program, etc)
        serves_under_the_limits(work, program, etc, port)
        serves_on_systemds_socket(work, program, etc, port)
        reads_roots_files_with_the_drop_in_only(work, program, etc, port)
        a_wrong_configuration_is_no_start(work, program, etc)
    print("the units are sound, and the exporter serves under their limits")


main()
