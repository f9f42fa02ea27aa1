"""The hands of somebody who does what the remedy says and nothing else. Each row: what the remedy's text must say, and what is done
with the names, files and settings that it says. A world (world.py) has the files, the PKI and the servers."""
import re
import subprocess

# In the order in which a text is looked through; the first that fits is applied.
ROWS = []


def hand(pattern):
    def keep(function):
        ROWS.append((re.compile(pattern), function))
        return function
    return keep


def apply(text, world):
    """Does what the first fitting row says; returns its pattern, or None where no hand knows what the text asks for."""
    for pattern, function in ROWS:
        if match := pattern.search(text):
            function(world, **match.groupdict())
            return pattern.pattern
    return None


CERTIFICATE = r"(?P<ca>[\w .-]+?)"


@hand(r"If " + CERTIFICATE + r" is a root of yours, add its certificate to trust store \S+ \(file (?P<file>\S+)\)\. If it is an intermediate, "
      r"\S+ leaves it out: add it to the chain that (?P<target>\S+) sends")
def root_or_intermediate(world, ca, file, target):
    certificate = world.pki.find(ca)
    if certificate.is_root:
        world.append(file, certificate.text)
    else:
        world.server.chain.append(certificate.name)
        world.server.load()


@hand(r"Mend the file (?P<file>\S+) of trust store")
def mend_file(world, file):
    world.mend(file)


@hand(r"Add the certificate of " + CERTIFICATE + r" that issued .*\(key identifier (?P<key>[0-9a-f]+)\) to trust store \S+ \(file (?P<file>\S+)\)")
def add_by_key(world, ca, key, file):
    from pki import openssl
    for one in world.pki.by_name.values():
        if one.common_name == ca and key in openssl("x509", "-in", one.pem, "-noout", "-ext", "subjectKeyIdentifier").decode().lower().replace(":", ""):
            return world.append(file, one.text)
    raise AssertionError(f"no {ca} of key {key}")


@hand(r"Add (?:the root )?" + CERTIFICATE + r" to the client CAs of")
def add_client_ca(world, ca):
    world.server.client_cas.append(world.pki.find(ca).name)
    world.server.load()


@hand(r"Add (?:the root )?" + CERTIFICATE + r"(?: of trust store \S+(?: \(file \S+\))?)? to trust store \S+ \(file (?P<file>\S+)\)")
def add_to_store(world, ca, file):
    world.append(file, world.pki.find(ca).text)


@hand(r"Add the certificate of " + CERTIFICATE + r"(?: \(.*?\))? to the chain that \S+ sends")
def add_to_chain(world, ca):
    world.server.chain.append(world.pki.find(ca).name)
    world.server.load()


@hand(r"Add the certificate of the intermediate " + CERTIFICATE + r" to the certificate file of \S+ \((?P<file>\S+)\), behind the leaf")
@hand(r"Replace the intermediate " + CERTIFICATE + r", which expired on \S+, in the certificate file of \S+ \((?P<file>\S+)\)")
def into_identity(world, ca, file):
    found = world.pki.find(ca)
    if world.ended(found):
        found = world.pki.again(found.name, ends=1000)
    leaf = (world.folder / file).read_text().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"
    (world.folder / file).write_text(leaf + found.text)


@hand(r"Take (?P<ca>[\w .-]+?), and what it issued, out of trust store \S+ \(file (?P<file>\S+)\)")
def out_of_store(world, ca, file):
    world.remove(file, [one for one in world.pki.by_name.values() if one.common_name == ca or one.issuer and world.pki.by_name[one.issuer].common_name == ca])


@hand(r"Have \S+ send its chain without (?P<ca>[\w .-]+?) as issued by (?P<issuer>[\w .-]+?)\.$")
def out_of_chain(world, ca, issuer):
    for name in list(world.server.chain):
        one = world.pki.by_name[name]
        if one.common_name == ca and one.issuer and world.pki.by_name[one.issuer].common_name == issuer:
            world.server.chain.remove(name)
    world.server.load()


@hand(r"Issue the certificate of \S+ anew with the alternative name (?P<name>[\w.-]+\w)")
@hand(r"Issue the certificate of \S+ for (?P<name>[\w.-]+) too")
def issue_for_name(world, name):
    leaf = world.pki.by_name[world.server.leaf]
    world.pki.again(leaf.name, names=(*leaf.how["names"], f"DNS:{name}"))
    world.server.load()


@hand(r"Renew (?P<name>[\w .-]+?) at \S+: it is valid from")
@hand(r"Issue (?P<name>[\w.-]+) of \S+ anew, without what is found wrong here: (?P<what>\w+)")
def renew_leaf(world, name, what=None):
    certificate = world.pki.find(name)
    how = {"usage": "serverAuth"} if what == "wrong_purpose" else {}
    world.pki.again(certificate.name, **how)
    world.server.load()


@hand(r"out of date\. (?P<ca>[\w .-]+?) expired on \S+ and stands in trust store \S+ \(file (?P<file>\S+)\)\. Renew it there")
def renew_in_store(world, ca, file):
    old = world.pki.find(ca)
    world.remove(file, [old])
    world.append(file, world.pki.again(old.name, ends=3000).text)


@hand(r"Renew (?P<identity>\w+): its certificate is valid from")
@hand(r"Issue (?P<identity>\w+) with the extended key usage (?P<usage>\w+)")
def renew_identity(world, identity, usage=None):
    name = world.identity_leaf
    world.pki.again(name, **({"usage": usage} if usage else {}))
    world.write_identity()


@hand(r"Renew the revocation lists by which \S+ checks clients")
@hand(r"Give \S+ a revocation list \(CRL\) of each CA of our chain, or none at all \([^)]*\): (?P<cas>[\w .,-]+?)\. If")
def renew_lists(world, cas=None):
    names = [world.pki.find(ca).name for ca in cas.split(", ")] if cas else list(world.listed_issuers)
    world.server.crls = [world.pki.crl(name) for name in names]
    world.server.load()


@hand(r"Set `ssl_verify_depth (?P<depth>\d+)` or more")
def verify_depth(world, depth):
    world.server.more["depth"] = int(depth)
    world.server.load()


@hand(r"or set `proxy_protocol: (?P<version>v\d)` in module|then set `proxy_protocol: (?P<other>v\d)` in module")
def proxy_protocol(world, version=None, other=None):
    world.module["proxy_protocol"] = version or other


@hand(r"Set `protocol: (?P<protocol>\w+)` in module|Set `protocol: (?P<first>\w+)`, or")
def protocol(world, protocol=None, first=None):
    world.module["protocol"] = protocol or first


@hand(r"Correct the port of target|, or correct the port of target")
def correct_port(world, port=None):
    world.target["address"] = f"127.0.0.1:{world.tls_port()}"


@hand(r"Offer an identity: set `identity` in module")
def offer(world):
    world.module["identity"] = "w"


@hand(r"Remove `tls\.send_server_name: false`")
def send_name(world):
    del world.module["tls"]["send_server_name"]


@hand(r"Correct `http\.path` of module")
def correct_path(world):
    world.module["http"]["path"] = "/health"


@hand(r"Make (?P<target>\S+) (?:require and )?verify client certificates")
@hand(r"Turn client authentication on at (?P<target>\S+)")
@hand(r"turn on client authentication at (?P<target>\S+)")
def lock(world, target):
    world.server.more.pop("asks_only", None)
    world.server.client_cas = ["root"]
    world.server.load()


@hand(r"Mend the files of identity \S+: .*`(?P<command>openssl [^`]*)`")
def run_command(world, command):
    subprocess.run(command, shell=True, check=True, cwd=world.folder)


@hand(r"Mend the files of identity \S+: (?P<why>.*?)\. `mtls_exporter check-config`")
def mend_identity(world, why):
    world.write_identity()


@hand(r"Let \S+ speak TLS 1\.2 or later")
def newer_tls(world):
    world.server.more["words"] = ()
    world.server.load()


@hand(r"^The proxy wants a login and we have none\. Set `username` and `password_file` of the `proxy` of module")
@hand(r"^The proxy does not take our login\. Correct `username` and `password_file` of the `proxy` of module")
@hand(r"^The exporter cannot read the password for the proxy\. Let the exporter's user read `password_file` \S*proxy\.pass")
def give_the_right_login(world):
    (world.folder / "proxy.pass").write_text(world.proxy.login + "\n")
    world.module["proxy"].update(username="watcher", password_file="proxy.pass")


@hand(r"Let the rules of http://\S+ allow connections to")
def allow_in_the_proxy(world):
    world.proxy.forbidden.clear()
    world.proxy.load()


@hand(r"Start the proxy, or correct `url` of the `proxy` of module")
def start_the_proxy(world):
    world.proxy.load()
