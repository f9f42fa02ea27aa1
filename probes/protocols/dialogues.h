// What the rows of the table say: one file each. `*_starttls` leads to TLS, `*_ask` asks after it.
#pragma once

#include "probes/protocols/protocol.h"

namespace probes::protocols {

using Upgrading = asio::awaitable<Upgrade>;
using Asking = asio::awaitable<Answer>;

Asking https(net::Stream& stream, Question question);  // HTTP/1.1, or HTTP/2 where ALPN chose it
Asking grpc_ask(net::Stream& stream, Question question);

Upgrading smtp_starttls(net::Stream& stream, const Question& question);
Upgrading lmtp_starttls(net::Stream& stream, const Question& question);
Asking smtp_ask(net::Stream& stream, Question question);
Asking lmtp_ask(net::Stream& stream, Question question);

Upgrading imap_starttls(net::Stream& stream, const Question& question);
Asking imap_ask(net::Stream& stream, Question question);

Upgrading pop3_starttls(net::Stream& stream, const Question& question);
Asking pop3_ask(net::Stream& stream, Question question);

Upgrading sieve_starttls(net::Stream& stream, const Question& question);
Asking sieve_ask(net::Stream& stream, Question question);

Upgrading nntp_starttls(net::Stream& stream, const Question& question);
Asking nntp_ask(net::Stream& stream, Question question);

Upgrading ftp_starttls(net::Stream& stream, const Question& question);
Asking ftp_ask(net::Stream& stream, Question question);

Upgrading irc_starttls(net::Stream& stream, const Question& question);
Asking irc_ask(net::Stream& stream, Question question);

Upgrading xmpp_client_starttls(net::Stream& stream, const Question& question);
Upgrading xmpp_server_starttls(net::Stream& stream, const Question& question);
Asking xmpp_client_ask(net::Stream& stream, Question question);
Asking xmpp_server_ask(net::Stream& stream, Question question);

Upgrading ldap_starttls(net::Stream& stream, const Question& question);
Asking ldap_ask(net::Stream& stream, Question question);

Upgrading postgres_starttls(net::Stream& stream, const Question& question);
Asking postgres_ask(net::Stream& stream, Question question);

Upgrading mysql_starttls(net::Stream& stream, const Question& question);
Asking mysql_ask(net::Stream& stream, Question question);

Upgrading rdp_starttls(net::Stream& stream, const Question& question);

Upgrading mssql_starttls(net::Stream& stream, const Question& question);
std::unique_ptr<net::Wire> mssql_wire(net::Socket& socket);

Asking mqtt_ask(net::Stream& stream, Question question);
Asking redis_ask(net::Stream& stream, Question question);
Asking amqp_ask(net::Stream& stream, Question question);

}  // namespace probes::protocols
