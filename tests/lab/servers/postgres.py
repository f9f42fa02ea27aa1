"""PostgreSQL: `clientcert=verify-ca` with trust, and the method cert; what TLS lets in is refused in the startup phase."""
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from lab import Setup

HBA = """hostssl all required 127.0.0.1/32 trust clientcert=verify-ca
hostssl all mapped 127.0.0.1/32 cert
hostssl all anybody 127.0.0.1/32 trust
"""


def start(lab):
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    owner = pwd.getpwnam("postgres")
    room, port = lab.room("postgres"), lab.port()
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    os.chown(room, owner.pw_uid, owner.pw_gid)
    data = room / "data"
    subprocess.run([programs / "initdb", "-D", data, "-A", "trust", "-N"], check=True, stdout=subprocess.DEVNULL, cwd=room, **as_owner)
    for name, source in {"server.crt": lab.world.certificate, "server.key": lab.world.key, "root.crt": lab.world.root_and_partner,
                         "root.crl": lab.world.crls}.items():
        shutil.copy(source, data / name)
        os.chmod(data / name, 0o600)
        os.chown(data / name, owner.pw_uid, owner.pw_gid)
    (data / "pg_hba.conf").write_text(HBA)
    settings = {"ssl": "on", "ssl_ca_file": "root.crt", "ssl_crl_file": "root.crl", "listen_addresses": "127.0.0.1", "port": port,
                "unix_socket_directories": room, "fsync": "off"}
    lab.run("postgres", [programs / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())], cwd=room, **as_owner)
    lab.listening(port)
    # No such role exists: that is said to whom the server has let in.
    return [Setup(f"postgres_{user}", port, protocol="postgres", user=user) for user in ("required", "mapped", "anybody")]
