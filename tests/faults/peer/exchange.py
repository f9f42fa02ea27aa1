"""Key exchange: X25519 and the NIST curves."""
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519

X25519, P256, P384, P521 = 29, 23, 24, 25
CURVES = {P256: ec.SECP256R1(), P384: ec.SECP384R1(), P521: ec.SECP521R1()}
POINT = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


class Exchange:
    """Our half of a key exchange: `share` is what we send."""

    def __init__(self, group):
        self.group = group
        self.private = x25519.X25519PrivateKey.generate() if group == X25519 else ec.generate_private_key(CURVES[group])
        self.share = self.private.public_key().public_bytes(*(RAW if group == X25519 else POINT))

    def secret(self, theirs):
        if self.group == X25519:
            return self.private.exchange(x25519.X25519PublicKey.from_public_bytes(theirs))
        return self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVES[self.group], theirs))
