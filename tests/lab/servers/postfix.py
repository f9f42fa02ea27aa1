"""postfix: SMTP after STARTTLS, a client certificate required (smtpd_tls_req_ccert), and asked for."""
import os
import shutil

from lab import Setup

MAIN = """
compatibility_level = 3.6
queue_directory = {room}/queue
data_directory = {room}/data
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
mydestination = lab.test
myhostname = lab.test
maillog_file = /dev/stdout
smtpd_peername_lookup = no
smtpd_tls_chain_files = {world.key}, {world.certificate}
smtpd_tls_CAfile = {world.root_and_partner}
smtpd_tls_security_level = encrypt
smtpd_tls_ask_ccert = yes
smtpd_tls_session_cache_database =
smtpd_tls_loglevel = 1
"""

MASTER = """
127.0.0.1:{required} inet n - n - - smtpd -o smtpd_tls_req_ccert=yes
127.0.0.1:{asked} inet n - n - - smtpd
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


def start(lab):
    room = lab.room("postfix")
    setups = [Setup("postfix_required", lab.port(), protocol="smtp"), Setup("postfix_asked", lab.port(), protocol="smtp")]
    conf = room / "conf"
    for folder in (conf, room / "queue", room / "data"):
        folder.mkdir()
    shutil.chown(room / "data", "postfix", "postfix")
    (conf / "main.cf").write_text(MAIN.format(room=room, world=lab.world))
    (conf / "master.cf").write_text(MASTER.format(required=setups[0].port, asked=setups[1].port))
    for folder in ("pid", "public", "private", "maildrop", "incoming", "active", "deferred", "defer", "bounce", "corrupt", "flush", "hold", "saved", "trace"):
        (room / "queue" / folder).mkdir()
        if folder != "pid":
            shutil.chown(room / "queue" / folder, "postfix", "postdrop" if folder == "public" else "root")
    lab.run("postfix", ["/usr/lib/postfix/sbin/master", "-c", conf, "-d"], env=os.environ | {"MAIL_CONFIG": str(conf)})
    lab.listening(*(setup.port for setup in setups))
    return setups
