"""Apache httpd: for a whole virtual host, and per <Location>: TLS 1.2 renegotiation, TLS 1.3 post-handshake authentication."""
import os

from lab import Setup

CONFIGURATION = """
ServerRoot /usr/lib/apache2
PidFile {room}/httpd.pid
ErrorLog {room}/error.log
LogLevel warn
ServerName lab.test
{user}
Mutex file:{room} default
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule socache_shmcb_module modules/mod_socache_shmcb.so
LoadModule ssl_module modules/mod_ssl.so
StartServers 1
ServerLimit 4
ThreadsPerChild 32
MaxRequestWorkers 128
DocumentRoot {room}/www
<Directory {room}/www>
  Require all granted
</Directory>
Listen 127.0.0.1:{required}
Listen 127.0.0.1:{location}
SSLSessionCache none
<VirtualHost *:{required}>
  {tls}
  SSLVerifyClient require
  SSLVerifyDepth 3
</VirtualHost>
<VirtualHost *:{location}>
  {tls}
  <Location /private/>
    SSLVerifyClient require
    SSLVerifyDepth 3
  </Location>
</VirtualHost>
"""

# The partner's CA is trusted, but only the root's name is sent.
TLS = """SSLEngine on
  SSLProtocol +TLSv1.2 +TLSv1.3
  SSLCertificateFile {world.certificate}
  SSLCertificateKeyFile {world.key}
  SSLCACertificateFile {world.root_and_partner}
  SSLCADNRequestFile {world.root}
  SSLCARevocationFile {world.crls}
  SSLCARevocationCheck chain"""


def start(lab):
    room = lab.room("apache")
    (room / "www" / "private").mkdir(parents=True)
    for page in (room / "www" / "index.html", room / "www" / "private" / "page"):
        page.write_text("ok\n")
    setups = [Setup("apache_required", lab.port()), Setup("apache_location", lab.port(), path="/private/page")]
    required, location = (setup.port for setup in setups)
    path = room / "httpd.conf"
    path.write_text(CONFIGURATION.format(room=room, tls=TLS.format(world=lab.world), required=required, location=location,
                                         user="User www-data\nGroup www-data" if os.geteuid() == 0 else ""))
    for folder in (lab.folder, room, room / "www", room / "www" / "private"):
        folder.chmod(0o755)  # the workers are another user
    lab.run("apache", ["apache2", "-DFOREGROUND", "-f", path])
    lab.listening(required, location)
    return setups
