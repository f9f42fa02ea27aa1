"""MariaDB: an account with REQUIRE X509, and one without. A certificate that does not verify is refused in TLS."""
import os
import pwd
import subprocess

from lab import Setup

ACCOUNTS = """use mysql;
create user 'required'@'127.0.0.1' require x509;
create user 'anybody'@'127.0.0.1';
flush privileges;
"""


def start(lab):
    owner = pwd.getpwnam("nobody")
    room, port = lab.room("mariadb"), lab.port()
    os.chown(room, owner.pw_uid, owner.pw_gid)
    (room / "accounts.sql").write_text(ACCOUNTS)
    settings = {"datadir": room / "data", "port": port, "bind-address": "127.0.0.1", "socket": room / "s.sock", "ssl-ca": lab.world.root_and_partner,
                "ssl-cert": lab.world.certificate, "ssl-key": lab.world.key, "tls-version": "TLSv1.2,TLSv1.3", "user": "nobody",
                "skip-name-resolve": "1", "innodb-flush-log-at-trx-commit": "0", "init-file": room / "accounts.sql", "skip-log-bin": "1"}
    subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={room / 'data'}", "--user=nobody", "--skip-test-db", "--auth-root-authentication-method=normal"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lab.world.key.chmod(0o644)  # read after it has become nobody
    lab.run("mariadb", ["mariadbd", "--no-defaults", *(f"--{name}={value}" for name, value in settings.items())])
    lab.listening(port)
    return [Setup("mariadb_" + user, port, protocol="mysql", user=user) for user in ("required", "anybody")] + [Setup("mariadb", port, protocol="mysql")]
