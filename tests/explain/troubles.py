"""The troubles: each sets up a real server, or a file, with one thing wrong, and says which row of the table must speak."""
from servers import Haproxy, Nginx, SServer, Squid, Talker, free_port
from world import NAME

ALL = []


def trouble(cause):
    def keep(function):
        ALL.append((cause, function))
        return function
    return keep


def nginx_refuses(w, **more):
    w.serve(Nginx, **more)
    w.with_identity()


def haproxy_refuses(w, **more):
    w.serve(Haproxy, **more)
    w.with_identity()


# What the server sends, and what we trust.

@trouble("issuer_not_trusted")
def a_root_of_ours_is_not_in_the_store(w):
    w.pki.ca("other", "Other Root")
    w.stores["root.pem"] = ["other"]
    w.serve(SServer)


@trouble("issuer_not_trusted")
def an_intermediate_is_left_out(w):
    w.serve(SServer, chain=())


@trouble("issuer_not_trusted")
def a_leaf_directly_below_a_root_that_is_not_in_the_store(w):
    w.pki.ca("own", "Own Root")
    w.pki.issue("direct", NAME, "own", names=(f"DNS:{NAME}",), usage="serverAuth")
    w.serve(SServer, leaf="direct", chain=())


@trouble("root_in_another_store")
def the_root_is_in_another_store_of_ours(w):
    w.pki.ca("partner", "Partner Root")
    w.pki.issue("theirs", NAME, "partner", names=(f"DNS:{NAME}",), usage="serverAuth")
    w.stores["partner.pem"] = ["partner"]
    w.trust["partners"] = {"ca_files": ["partner.pem"]}
    w.serve(SServer, leaf="theirs", chain=())


@trouble("intermediate_left_out")
def the_intermediate_is_known_from_our_own_identity(w):
    w.serve(SServer, chain=())
    w.with_identity()


@trouble("intermediate_left_out")
def the_intermediate_is_known_from_another_store(w):
    w.stores["more.pem"] = ["issuing"]
    w.trust["more"] = {"ca_files": ["more.pem"]}
    w.serve(SServer, chain=())


@trouble("root_not_trusted")
def the_root_is_sent_and_not_trusted(w):
    w.pki.ca("own", "Own Root")
    w.pki.issue("direct", NAME, "own", names=(f"DNS:{NAME}",), usage="serverAuth")
    w.serve(SServer, leaf="direct", chain=("own",))


@trouble("self_signed")
def a_self_signed_certificate(w):
    w.pki.issue("alone", NAME, names=(f"DNS:{NAME}",), usage="serverAuth")
    w.serve(SServer, leaf="alone", chain=())


@trouble("trust_store_unreadable")
def a_trust_file_that_is_no_certificate(w):
    w.serve(SServer)
    w.stores = {}
    (w.folder / "root.pem").write_text("-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n")


@trouble("trust_store_unreadable")
def a_trust_file_that_is_missing(w):
    w.serve(SServer)
    w.stores = {}


@trouble("two_keys_of_one_name")
def two_roots_of_one_name(w):
    w.pki.ca("namesake", "Estate Root")
    w.pki.by_name["root"] = w.pki.by_name.pop("root")  # the one that issued is the last of that name
    w.stores["root.pem"] = ["namesake"]
    w.serve(SServer)


@trouble("anchor_not_root")
def a_store_with_the_intermediate_alone(w):
    w.stores["root.pem"] = ["issuing"]
    w.serve(SServer)


@trouble("expired_at_the_server")
def an_expired_leaf(w):
    w.pki.again("srv", begins=-30, ends=-2)
    w.serve(SServer)


@trouble("expired_at_the_server")
def an_expired_intermediate(w):
    w.pki.again("issuing", begins=-300, ends=-2)
    w.serve(SServer)


@trouble("expired_at_the_server")
def a_leaf_of_tomorrow(w):
    w.pki.again("srv", begins=2, ends=30)
    w.serve(SServer)


@trouble("expired_in_the_store")
def an_expired_root_in_the_store(w):
    w.pki.again("root", begins=-300, ends=-2)
    w.serve(SServer)


@trouble("faulty_certificate")
def a_leaf_for_clients_only(w):
    w.pki.again("srv", usage="clientAuth")
    w.serve(SServer)


@trouble("no_alternative_name")
def a_common_name_alone_and_another_one(w):
    w.pki.issue("cn", "cn.estate.test", "issuing", usage="serverAuth")
    w.serve(SServer, leaf="cn")


@trouble("another_name")
def another_name(w):
    w.pki.again("srv", names=("DNS:other.estate.test",))
    w.serve(SServer)


# What servers have against us.

@trouble("our_certificate_expired")
def our_certificate_expired_and_nginx(w):
    w.pki.again("cli", begins=-30, ends=-2)
    nginx_refuses(w, client_cas=["root"], depth=3)


@trouble("our_certificate_expired")
def our_certificate_expired_and_haproxy(w):
    w.pki.again("cli", begins=-30, ends=-2)
    haproxy_refuses(w, client_cas=["root"])


@trouble("our_intermediate_expired")
def our_intermediate_expired(w):
    w.pki.issue("srv2", NAME, "root", names=(f"DNS:{NAME}",), usage="serverAuth")
    w.pki.again("issuing", begins=-300, ends=-2)
    nginx_refuses(w, leaf="srv2", chain=(), client_cas=["root"], depth=3)


@trouble("our_intermediate_left_out")
def our_leaf_alone_and_nginx(w):
    w.identity_chain = []
    nginx_refuses(w, client_cas=["root"], depth=3)


@trouble("our_intermediate_left_out")
def our_leaf_alone_and_haproxy(w):
    w.identity_chain = []
    haproxy_refuses(w, client_cas=["root"])


@trouble("root_not_at_the_server")
def nginx_trusts_the_issuing_authority_alone(w):
    nginx_refuses(w, client_cas=["issuing"], depth=3)


@trouble("root_not_at_the_server")
def haproxy_trusts_the_issuing_authority_alone(w):
    haproxy_refuses(w, client_cas=["issuing"])


@trouble("chain_too_long")
def nginx_allows_one_intermediate(w):
    w.pki.ca("teams", "Estate Teams", "issuing", ends=900)
    w.pki.issue("deep", "watcher", "teams", usage="clientAuth")
    w.identity_leaf, w.identity_chain = "deep", ["teams", "issuing"]
    nginx_refuses(w, client_cas=["root"])


@trouble("server_list_lapsed")
def a_lapsed_revocation_list_at_haproxy(w):
    haproxy_refuses(w, client_cas=["root"], crls=[w.pki.crl("root"), w.pki.crl("issuing", lapsed=True)])


@trouble("server_list_incomplete")
def haproxy_has_no_list_of_the_root(w):
    haproxy_refuses(w, client_cas=["root"], crls=[w.pki.crl("issuing")])


@trouble("server_list_incomplete")
def a_lapsed_revocation_list_at_nginx(w):
    nginx_refuses(w, client_cas=["root"], depth=3, crls=[w.pki.crl("root"), w.pki.crl("issuing", lapsed=True)])


@trouble("authority_not_at_the_server")
def nginx_trusts_somebody_else(w):
    w.pki.ca("other", "Other Root")
    nginx_refuses(w, client_cas=["other"], depth=3)


@trouble("authority_not_at_the_server")
def haproxy_trusts_somebody_else(w):
    w.pki.ca("other", "Other Root")
    haproxy_refuses(w, client_cas=["other"])


@trouble("not_for_clients")
def our_certificate_is_for_servers_and_nginx(w):
    w.pki.again("cli", usage="serverAuth")
    nginx_refuses(w, client_cas=["root"], depth=3)


@trouble("not_for_clients")
def our_certificate_is_for_servers_and_haproxy(w):
    w.pki.again("cli", usage="serverAuth")
    haproxy_refuses(w, client_cas=["root"])


@trouble("no_identity")
def nobody_is_offered(w):
    w.module["client_auth"] = {"expect": "optional"}
    w.serve(Haproxy, client_cas=["root"])
    w.write_identity()


# Our own files.

@trouble("identity_unusable")
def the_key_of_another(w):
    w.serve(Haproxy, client_cas=["root"])
    w.with_identity()
    (w.folder / "w.key").write_text(w.pki.by_name["srv"].key.read_text())


@trouble("identity_unusable")
def a_certificate_file_that_is_missing(w):
    w.serve(Haproxy, client_cas=["root"])
    w.with_identity()
    (w.folder / "w.pem").unlink()


# What stands in the way before that.

@trouble("proxy_wants_login")
def a_proxy_wants_a_login(w):
    w.serve(SServer)
    w.behind(Squid(w.folder / "proxy", login="secret"))


@trouble("proxy_refuses_login")
def the_password_for_the_proxy_is_an_old_one(w):
    w.serve(SServer)
    (w.folder / "proxy.pass").write_text("old\n")
    w.behind(Squid(w.folder / "proxy", login="secret"), username="watcher", password_file="proxy.pass")


@trouble("proxy_password_unread")
def the_file_of_the_proxys_password_is_not_there(w):
    w.serve(SServer)
    w.behind(Squid(w.folder / "proxy", login="secret"), username="watcher", password_file="proxy.pass")


@trouble("proxy_by_reason")
def the_proxys_rules_forbid_the_server(w):
    w.serve(SServer)
    w.behind(Squid(w.folder / "proxy", forbidden=["127.0.0.1"]))


@trouble("proxy_by_reason")
def the_proxy_is_down(w):
    w.serve(SServer)
    w.behind(Squid(w.folder / "proxy"))
    w.proxy.stop()


@trouble("protocol_to_set")
def a_mail_server(w):
    w.serve(Talker, greeting="220 mail.estate.test ESMTP\r\n", starttls=True)


@trouble("protocol_to_set")
def an_imap_server(w):
    w.serve(Talker, greeting="* OK IMAP4rev1 ready\r\n", starttls=True)


@trouble("port_without_tls")
def an_ssh_server(w):
    w.serve(Talker, greeting="SSH-2.0-OpenSSH_9.2\r\n")
    w.serve(SServer)


@trouble("port_without_tls")
def plain_http(w):
    w.serve(Nginx, plain=True)
    w.serve(SServer)


@trouble("by_reason")
def nobody_listens(w):
    w.target["address"] = f"127.0.0.1:{free_port()}"
    w.serve(SServer)


@trouble("by_reason")
def the_wrong_path(w):
    w.module["http"] = {"path": "/", "accepted_status": ["2xx"]}
    w.serve(Nginx, status=503)


@trouble("by_reason")
def a_server_that_wants_the_proxy_protocol(w):
    w.serve(Nginx, proxy_protocol=True)


@trouble("by_reason")
def a_server_of_old_versions_only(w):
    w.serve(SServer, words=("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"))


# The door.

@trouble("door_open")
def a_door_that_takes_anybody(w):
    w.arguments = ["--knock"]
    w.serve(SServer, asks_only=True)
    w.with_identity()


@trouble("door_none")
def no_door_at_all(w):
    w.arguments = ["--knock"]
    w.serve(Nginx, depth=3)
    w.with_identity()
