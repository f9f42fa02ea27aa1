"""RabbitMQ: AMQP, verify_peer and fail_if_no_peer_cert."""
import os

from lab import Setup

CONFIGURATION = """
listeners.tcp = none
listeners.ssl.default = 127.0.0.1:{port}
ssl_options.cacertfile = {world.root}
ssl_options.certfile = {world.certificate}
ssl_options.keyfile = {world.key}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
ssl_options.versions.1 = tlsv1.3
ssl_options.versions.2 = tlsv1.2
log.console = true
"""


def start(lab):
    setup, room = Setup("rabbitmq_required", lab.port(), protocol="amqp"), lab.room("rabbitmq")
    path = room / "rabbitmq.conf"
    path.write_text(CONFIGURATION.format(room=room, world=lab.world, port=setup.port))
    distribution = lab.port()
    environment = {"RABBITMQ_CONFIG_FILE": str(path), "RABBITMQ_NODENAME": f"lab{setup.port}@localhost", "RABBITMQ_MNESIA_BASE": str(room), "RABBITMQ_LOG_BASE": str(room),
                   "RABBITMQ_ENABLED_PLUGINS_FILE": str(room / "plugins"), "RABBITMQ_DIST_PORT": str(distribution), "HOME": str(room),
                   "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-start_epmd false -erl_epmd_port " + str(distribution)}
    (room / "plugins").write_text("[].\n")
    lab.run("rabbitmq", ["/usr/lib/rabbitmq/bin/rabbitmq-server"], env=os.environ | environment)
    lab.listening(setup.port)
    return [setup]
