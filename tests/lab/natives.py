"""The protocols' own clients: what psql, mariadb, ldapwhoami and Python's mail and FTP libraries see of a cell. None of our code is asked."""
import ftplib
import imaplib
import os
import poplib
import smtplib
import ssl
import subprocess

from clients import Seen, files

TIMEOUT = 20


def context(world, tls, identity):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(world.root)
    made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1_2 if tls == "1.2" else ssl.TLSVersion.TLSv1_3
    if files(world, identity):
        made.load_cert_chain(*files(world, identity))
    return made


def smtp(world, setup, tls, identity, kind=smtplib.SMTP):
    with kind("localhost", setup.port, timeout=TIMEOUT) as client:
        client.starttls(context=context(world, tls, identity))
        code, text = client.ehlo()
        return Seen("accepted" if code == 250 else "rejected", note=f"{code} {text!r}")


def lmtp(world, setup, tls, identity):
    return smtp(world, setup, tls, identity, smtplib.LMTP)


def imap(world, setup, tls, identity):
    client = imaplib.IMAP4("localhost", setup.port, timeout=TIMEOUT)
    client.starttls(context(world, tls, identity))
    if not setup.user:
        return Seen("accepted", note=str(client.noop()))
    return login(lambda: client.login(setup.user, ""))


def pop3(world, setup, tls, identity):
    client = poplib.POP3("localhost", setup.port, timeout=TIMEOUT)
    client.stls(context(world, tls, identity))
    if not setup.user:
        return Seen("accepted", note=str(client.capa()))
    return login(lambda: (client.user(setup.user), client.pass_("")))


def login(tried):
    """A password that is wrong is no refusal of a certificate."""
    try:
        return Seen("accepted", note=str(tried()))
    except (imaplib.IMAP4.error, poplib.error_proto) as problem:
        return Seen("rejected" if "certificate" in str(problem) else "accepted", note=str(problem))


def ftp(world, setup, tls, identity):
    with ftplib.FTP_TLS(context=context(world, tls, identity), timeout=TIMEOUT) as client:
        client.connect("localhost", setup.port)
        client.auth()
        return Seen("accepted", note=client.sendcmd("NOOP"))


def command(argv, accepted, refused, **environment):
    """By what the program prints; None where it says neither."""
    done = subprocess.run([*map(str, argv)], capture_output=True, text=True, timeout=TIMEOUT, env=os.environ | environment, check=False)
    said = done.stdout + done.stderr
    verdict = "accepted" if any(one in said for one in accepted) else "rejected" if any(one in said for one in refused) else None
    return Seen(verdict, note=said.strip()[-200:])


def postgres(world, setup, tls, identity):
    version = f"TLSv{tls}"
    certificate, key = files(world, identity) or ("/nonexistent", "/nonexistent")
    where = (f"host=127.0.0.1 port={setup.port} user={setup.user} dbname=postgres sslmode=require sslcert={certificate} sslkey={key} "
             f"ssl_min_protocol_version={version} ssl_max_protocol_version={version}")
    return command(["psql", where, "-c", "select 1"], ["does not exist"], ["certificate", "alert"])


def mysql(world, setup, tls, identity):
    argv = ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{setup.port}", f"-u{setup.user or 'nobody'}", "--ssl", f"--tls-version=TLSv{tls}", "-e", "select 1"]
    if files(world, identity):
        certificate, key = files(world, identity)
        argv += [f"--ssl-cert={certificate}", f"--ssl-key={key}"]
    return command(argv, ["1\n1"], ["ERROR 1045", "SSL", "TLS", "ERROR 2026", "ERROR 2013"]) if setup.user else Seen()


def ldap(world, setup, tls, identity):
    certificate, key = files(world, identity) or ("", "")
    settings = {"LDAPTLS_CACERT": str(world.root), "LDAPTLS_CERT": str(certificate), "LDAPTLS_KEY": str(key)}
    return command(["ldapwhoami", "-ZZ", "-Y", "EXTERNAL", "-Q", "-H", f"ldap://127.0.0.1:{setup.port}"], ["dn:"], ["Can't contact", "Connect error", "(49)"], **settings)


ALL = {"smtp": smtp, "lmtp": lmtp, "imap": imap, "pop3": pop3, "ftp": ftp, "postgres": postgres, "mysql": mysql, "ldap": ldap}


def ask(world, setup, tls, identity):
    """What the protocol's own client sees; Seen() where there is none here."""
    own = ALL.get(setup.protocol)
    if own is None:
        return Seen()
    try:
        return own(world, setup, tls, identity)
    except (OSError, EOFError, ssl.SSLError, smtplib.SMTPException, imaplib.IMAP4.error, poplib.error_proto, ftplib.Error) as problem:
        return Seen("rejected", note=f"{type(problem).__name__}: {problem}")
