"""Keys that certificates are signed with or made out to: what goes into a certificate (`info`, SubjectPublicKeyInfo) and what signs
(`algorithm`, `sign`). Real keys come from the cryptography package; those that no library makes are put together here."""
import functools
import hashlib
import math
import os

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, ed448, padding, rsa

from peer.der import bits, integer, null, octets, oid, sequence

SHA1, SHA256, SHA384, SHA512, MD5 = hashes.SHA1(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512(), hashes.MD5()
ECDSA_WITH = {"sha1": "1.2.840.10045.4.1", "sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3", "sha512": "1.2.840.10045.4.3.4"}
RSA_WITH = {"md5": "1.2.840.113549.1.1.4", "sha1": "1.2.840.113549.1.1.5", "sha256": "1.2.840.113549.1.1.11"}


def public_info(key):
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


class Key:
    """`scheme` is the TLS SignatureScheme of the key; `tls_sign(scheme, data)` signs a CertificateVerify or a ServerKeyExchange."""
    scheme, algorithm, info = 0, b"", b""

    def sign(self, data):
        raise NotImplementedError

    def tls_sign(self, _scheme, data):
        return self.sign(data)


class Ec(Key):
    def __init__(self, curve=None, digest=SHA256, scheme=0x0403):
        self.key = ec.generate_private_key(curve or ec.SECP256R1())
        self.digest, self.scheme, self.info = digest, scheme, public_info(self.key)
        self.algorithm = sequence(oid(ECDSA_WITH[digest.name]))

    def sign(self, data):
        return self.key.sign(data, ec.ECDSA(self.digest))


class Edwards(Key):
    def __init__(self, kind, dotted, scheme):
        self.key, self.scheme = kind.generate(), scheme
        self.info, self.algorithm = public_info(self.key), sequence(oid(dotted))

    def sign(self, data):
        return self.key.sign(data)


def ed25519_key():
    return Edwards(ed25519.Ed25519PrivateKey, "1.3.101.112", 0x0807)


def ed448_key():
    return Edwards(ed448.Ed448PrivateKey, "1.3.101.113", 0x0808)


class Rsa(Key):
    def __init__(self, size=2048, digest=SHA256, key=None, scheme=0x0804):
        self.key = key or rsa.generate_private_key(65537, size)
        self.digest, self.scheme, self.info = digest, scheme, public_info(self.key)
        self.algorithm = sequence(oid(RSA_WITH[digest.name]), null())

    def sign(self, data):
        return self.key.sign(data, padding.PKCS1v15(), self.digest)

    def tls_sign(self, scheme, data):
        if scheme >> 8 != 8:
            return self.key.sign(data, padding.PKCS1v15(), {2: SHA1, 4: SHA256, 5: SHA384, 6: SHA512}[scheme >> 8])
        digest = {4: SHA256, 5: SHA384, 6: SHA512, 9: SHA256}[scheme & 0xFF]
        return self.key.sign(data, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)


class RsaPss(Rsa):
    """An RSA key that is only good for RSASSA-PSS (OID 1.2.840.113549.1.1.10)."""

    def __init__(self):
        super().__init__(scheme=0x0809)
        numbers = self.key.public_key().public_numbers()
        self.info = sequence(sequence(oid("1.2.840.113549.1.1.10")), bits(sequence(integer(numbers.n), integer(numbers.e))))


PRIMES = []  # of 1024 bits, shared by all keys: nobody here has a secret to keep


def primes(count, exponent):
    while len(found := [prime for prime in PRIMES if math.gcd(exponent, prime - 1) == 1]) < count:
        numbers = rsa.generate_private_key(65537, 2048).private_numbers()
        PRIMES.extend((numbers.p, numbers.q))
    return found[:count]


class ManyPrimes(Key):
    """RSA with a modulus of many 1024-bit primes: 16,384 bits in the time of a few small keys. Signs like any RSA key."""
    scheme = 0x0804

    def __init__(self, size, exponent=65537):
        self.primes, self.exponent = primes(size // 1024, exponent), exponent
        self.modulus = functools.reduce(lambda left, right: left * right, self.primes)
        self.size = self.modulus.bit_length()
        self.info = sequence(sequence(oid("1.2.840.113549.1.1.1"), null()), bits(sequence(integer(self.modulus), integer(exponent))))
        self.algorithm = sequence(oid(RSA_WITH["sha256"]), null())

    def raw(self, message):
        """message ^ d mod n, prime by prime (Garner)."""
        result, product = 0, 1
        for prime in self.primes:
            part = pow(message, pow(self.exponent, -1, prime - 1), prime)
            result += product * ((part - result) * pow(product, -1, prime) % prime)
            product *= prime
        return result.to_bytes((self.size + 7) // 8, "big")

    def sign(self, data):
        """PKCS #1 v1.5 with SHA-256."""
        info = sequence(sequence(oid("2.16.840.1.101.3.4.2.1"), null()), octets(hashlib.sha256(data).digest()))
        room = (self.size + 7) // 8
        return self.raw(int.from_bytes(b"\x00\x01" + b"\xff" * (room - len(info) - 3) + b"\x00" + info, "big"))

    def tls_sign(self, scheme, data):
        return self.pss(data) if scheme >> 8 == 8 else self.sign(data)

    def pss(self, data):
        """RFC 8017 9.1.1 with SHA-256 and a salt of its length."""
        bits_of, salt = self.size - 1, os.urandom(32)
        room = (bits_of + 7) // 8
        digest = hashlib.sha256(bytes(8) + hashlib.sha256(data).digest() + salt).digest()
        block = bytes(room - 66) + b"\x01" + salt
        mask, counter = b"", 0
        while len(mask) < len(block):
            mask += hashlib.sha256(digest + counter.to_bytes(4, "big")).digest()
            counter += 1
        masked = bytearray(left ^ right for left, right in zip(block, mask))
        masked[0] &= 0xFF >> (8 * room - bits_of)
        return self.raw(int.from_bytes(bytes(masked) + digest + b"\xbc", "big"))


class Dsa(Key):
    scheme = 0x0402

    def __init__(self):
        self.key = dsa.generate_private_key(1024)
        self.info, self.algorithm = public_info(self.key), sequence(oid("2.16.840.1.101.3.4.3.2"))

    def sign(self, data):
        return self.key.sign(data, SHA256)


class Unknown(Key):
    """A public key that nobody here can use: `info` as given, signatures that are none."""
    scheme = 0x0403

    def __init__(self, info, algorithm=b"", signature=b"\x00" * 64):
        self.info, self.algorithm, self.signature = info, algorithm, signature

    def sign(self, _):
        return self.signature


def ml_dsa_65():
    algorithm = sequence(oid("2.16.840.1.101.3.4.3.18"))
    return Unknown(sequence(algorithm, bits(os.urandom(1952))), algorithm, os.urandom(3309))


# GB/T 32918.5-2017: the base point of the SM2 curve is as good a public key as any.
SM2_G = bytes.fromhex("0432C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
                      "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0")


def sm2():
    return Unknown(sequence(sequence(oid("1.2.840.10045.2.1"), oid("1.2.156.10197.1.301")), bits(SM2_G)))


P256_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_G = bytes.fromhex("036B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296")


def explicit_curve(prime, a, b, generator, order, point):
    """SubjectPublicKeyInfo with ECParameters written out (X9.62), which RFC 5480 2.1.1 forbids."""
    size = (prime.bit_length() + 7) // 8
    field = sequence(oid("1.2.840.10045.1.1"), integer(prime))
    curve = sequence(octets(a.to_bytes(size, "big")), octets(b.to_bytes(size, "big")))
    parameters = sequence(integer(1), field, curve, octets(generator), integer(order), integer(1))
    return sequence(sequence(oid("1.2.840.10045.2.1"), parameters), bits(point))


def explicit_p256():
    """P-256, its parameters written out; the key is real."""
    key = Ec()
    point = key.key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    key.info = explicit_curve(P256_P, P256_P - 3, P256_B, P256_G, P256_N, point)
    return key


def endless_square_root():
    """CVE-2022-0778: a compressed generator over a modulus that is no prime sent BN_mod_sqrt() round and round."""
    prime, b = 697, 41
    return Unknown(explicit_curve(prime, 23, b, bytes.fromhex("020190"), 7, bytes.fromhex("020190")))
