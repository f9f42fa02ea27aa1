"""Keys and signatures of every kind: rows 53 to 58."""
from cryptography.hazmat.primitives.asymmetric import ec

from case import Case, Right, anonymous, failed
from cases.certificates import serves
from peer import keys
from peer.certificates import issue
from peer.keys import MD5, SHA1, SHA384, SHA512


def serves_12(chain, key, **fields):
    def behave(peer):
        peer.tls12(chain, key, **fields).accept(request=False)
    return behave


def unusable(**more):
    """The handshake cannot end well: the facts must be there all the same, and the stage says where it ended."""
    return failed("handshake", ("protocol_error", "certificate_unparsable", "no_shared_cipher", "key_too_small"), **{"certificates": 1, "valid": None} | more)


def either(**more):
    """Success or a clear reason, and the facts in any case."""
    return Right(**{"failure": ("", "handshake/protocol_error", "handshake/certificate_unparsable", "handshake/key_too_small"), "success": None} | more)


def cases(world):
    def leaf(key, **fields):
        return [world.server(key=key, **fields)]

    def served(key, **fields):
        return serves(leaf(key, **fields), key)

    edwards25519, edwards448, p384 = keys.ed25519_key(), keys.ed448_key(), keys.Ec(ec.SECP384R1(), SHA384, 0x0503)
    p521, brainpool, koblitz = keys.Ec(ec.SECP521R1(), SHA512, 0x0603), keys.Ec(ec.BrainpoolP256R1()), keys.Ec(ec.SECP256K1())
    p224 = keys.Ec(ec.SECP224R1())
    rsa, pss, rsa512, rsa1024, dsa = keys.Rsa(), keys.RsaPss(), keys.Rsa(512), keys.Rsa(1024), keys.Dsa()
    large, larger, wide = keys.ManyPrimes(16384), keys.ManyPrimes(17408), keys.ManyPrimes(4096, 2**64 + 13)
    explicit, endless, sm2, ml_dsa = keys.explicit_p256(), keys.endless_square_root(), keys.sm2(), keys.ml_dsa_65()
    md5 = keys.Rsa(digest=MD5)
    sha1_root = keys.Ec(digest=SHA1)
    sha1_root.key, sha1_root.info = world.root.key.key, world.root.key.info
    md5_ca = issue("MD5 CA", md5, world.root, authority=True)
    weak = anonymous(success=0, valid=False, broken=("chain",))
    return [
        Case("key_ed25519", "53", served(edwards25519), anonymous(leaf={"key": "ed25519"}), "plain"),
        Case("key_ed448", "53", served(edwards448), anonymous(leaf={"key": "ed448"}), "plain"),
        Case("key_p384", "53", served(p384), anonymous(leaf={"key": "ec:P-384"}), "plain"),
        Case("key_p521", "53", served(p521), anonymous(leaf={"key": "ec:P-521"}), "plain"),
        Case("key_brainpool", "53", serves_12(leaf(brainpool), brainpool), either(leaf={"key": "ec:brainpoolP256r1", "key_bits": 256}), "plain"),
        Case("key_secp256k1", "53", serves_12(leaf(koblitz), koblitz), either(leaf={"key": "ec:secp256k1", "key_bits": 256}), "plain"),
        Case("key_p224", "53", serves_12(leaf(p224), p224), either(leaf={"key": "ec:P-224"}), "plain"),
        Case("key_rsa", "53", served(rsa), anonymous(leaf={"key": "rsa:2048"}), "plain"),
        Case("key_rsa_pss", "53", served(pss), anonymous(leaf={"key_type": "rsa-pss", "key_bits": 2048}), "plain"),
        Case("key_dsa", "53", serves_12(leaf(dsa), dsa), unusable(leaf={"key_type": "dsa", "key_bits": 1024}), "plain"),
        Case("key_sm2", "53", served(sm2), either(success=0), "plain"),
        Case("key_rsa_512", "54", serves_12(leaf(rsa512), rsa512, suite=0xC02F, scheme=0x0401), either(success=0, verify_code=66, leaf={"key": "rsa:512"}), "plain"),
        Case("key_rsa_1024", "54", served(rsa1024), anonymous(success=0, valid=False, verify_code=66, leaf={"key": "rsa:1024"}, findings=("rsa_under_2048",)), "plain"),
        Case("key_rsa_16384", "55", served(large), either(leaf={"key": f"rsa:{large.size}"}), "plain", heavy=True),
        Case("key_rsa_17408", "55", served(larger), failed("handshake", ("certificate_unparsable", "protocol_error", "message_too_large"), certificates=(0, 1), valid=None), "plain", heavy=True),
        Case("key_rsa_wide_exponent", "55", served(wide), failed("handshake", ("protocol_error", "certificate_unparsable"), certificates=(0, 1), valid=None), "plain"),
        Case("key_ml_dsa_65", "56", served(ml_dsa), failed("handshake", ("certificate_unparsable", "protocol_error"), certificates=1, valid=None, leaf={"subject_common_name": "www.faults.test"}), "plain"),
        Case("explicit_curve", "57", serves(leaf(explicit), explicit), either(success=0), "plain"),
        Case("endless_square_root", "57", served(endless), failed("handshake", ("certificate_unparsable", "protocol_error"), certificates=(0, 1), valid=None, within=1.0), "plain"),
        Case("signed_with_sha1", "58", serves([world.server(signer=sha1_root)]),
             anonymous(success=0, valid=False, verify_code=68, findings=("sha1_or_md5_signature",)), "plain"),
        Case("signed_with_md5", "58", serves([world.server(issuer=md5_ca), md5_ca]), anonymous(success=0, valid=False, verify_code=68, certificates=2), "plain"),
        Case("signature_of_another", "58+", serves([world.server(signer=keys.Ec())]), weak, "plain"),
    ]
