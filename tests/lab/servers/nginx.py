"""nginx: one process, one server block per set-up. It completes every handshake and refuses afterwards (HTTP 400, close)."""
import os

from lab import Setup

STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"

# name -> (what the server block says, what is special in asking)
HTTP = {
    "nginx_required": ("ssl_verify_client on; location / { return 200 ok; }", {}),
    "nginx_required_h2": ("ssl_verify_client on; location / { return 200 ok; }", {"alpn": "h2"}),
    "nginx_crl": ("ssl_verify_client on; ssl_crl {crls}; location / { return 200 ok; }", {}),
    "nginx_depth": ("ssl_verify_client on; ssl_verify_depth 1; location / { return 200 ok; }", {}),
    "nginx_optional": ("ssl_verify_client optional; location / { return 200 ok; }", {}),
    "nginx_off": ("ssl_verify_client off; location / { return 200 ok; }", {}),
    "nginx_optional_403": (
        "ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; } location / { return 200 ok; }", {}),
    "nginx_optional_403_named": (
        "ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; } location / { return 200 ok; }",
        {"refused_status": "403"}),
    "nginx_optional_302": (
        "ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 302 /login; } location / { return 200 ok; }",
        {}),
    "nginx_optional_495_200": (
        "ssl_verify_client optional; error_page 495 =200 /sorry; location / { return 200 ok; } location = /sorry { return 200 sorry; }",
        {}),
}

STREAMS = {"nginx_stream_silent": "silent", "nginx_stream_talking": "talking"}

CONFIGURATION = """
daemon off;
pid {room}/nginx.pid;
error_log {room}/error.log warn;
worker_processes 1;
{user}
load_module {stream_module};
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {room}/body; proxy_temp_path {room}/proxy; fastcgi_temp_path {room}/fastcgi;
  uwsgi_temp_path {room}/uwsgi; scgi_temp_path {room}/scgi;
  {tls}
{http}
}}
stream {{
  {tls}
{stream}
}}
"""

# The partner's CA is trusted, but only the root's name is sent.
TLS = """ssl_certificate {world.certificate}; ssl_certificate_key {world.key}; ssl_protocols TLSv1.2 TLSv1.3;
  ssl_client_certificate {world.root}; ssl_trusted_certificate {world.root_and_partner}; """


def start(lab):
    room, world, setups, http, stream = lab.room("nginx"), lab.world, [], [], []
    for name, (block, asking) in HTTP.items():
        setups.append(Setup(name, lab.port(), **asking))
        depth = "" if "ssl_verify_depth" in block else "ssl_verify_depth 3; "
        http2 = " http2" if asking.get("alpn") == "h2" else ""
        http.append(f"  server {{ listen 127.0.0.1:{setups[-1].port} ssl{http2} backlog=512; {depth}"
                    + block.replace("{crls}", str(world.crls)) + " }")
    for name, backend in STREAMS.items():
        setups.append(Setup(name, lab.port(), protocol="tls"))
        stream.append(f"  server {{ listen 127.0.0.1:{setups[-1].port} ssl backlog=512; ssl_verify_client on; ssl_verify_depth 3; "
                      f"proxy_pass 127.0.0.1:{getattr(lab, backend)}; }}")
    path = room / "nginx.conf"
    path.write_text(CONFIGURATION.format(room=room, stream_module=STREAM, tls=TLS.format(world=world), http="\n".join(http),
                                         stream="\n".join(stream), user="user root;" if os.geteuid() == 0 else ""))
    lab.run("nginx", ["nginx", "-p", room, "-e", room / "error.log", "-c", path])
    lab.listening(*(setup.port for setup in setups))
    return setups
