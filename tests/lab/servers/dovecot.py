"""dovecot: IMAP, POP3, ManageSieve and LMTP after STARTTLS. A certificate that does not verify is let into TLS and turned away at the login."""
import pwd

from lab import Setup

CONFIGURATION = """
base_dir = {room}/run
state_dir = {room}/state
log_path = {room}/dovecot.log
login_log_format_elements = user=<%u> %k
protocols = imap pop3 sieve lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{world.certificate}
ssl_key = <{world.key}
ssl_ca = <{world.root_and_crls}
ssl_verify_client_cert = yes
ssl_min_protocol = TLSv1.2
auth_ssl_require_client_cert = yes
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={room}/home
}}
mail_location = maildir:{room}/mail
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service managesieve-login {{
  chroot =
  inet_listener sieve {{
    port = {sieve}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
}}
"""


def start(lab):
    room, user = lab.room("dovecot"), pwd.getpwnam("dovecot")
    ports = {protocol: lab.port() for protocol in ("imap", "pop3", "sieve", "lmtp")}
    path = room / "dovecot.conf"
    path.write_text(CONFIGURATION.format(room=room, world=lab.world, user=user.pw_name, group="dovecot", **ports))
    lab.run("dovecot", ["dovecot", "-F", "-c", path])
    lab.listening(*ports.values())
    logins = [Setup(f"dovecot_{protocol}_login", ports[protocol], protocol=protocol, user="somebody") for protocol in ("imap", "pop3", "sieve")]
    return [*logins, *(Setup(f"dovecot_{protocol}", port, protocol=protocol) for protocol, port in ports.items())]
