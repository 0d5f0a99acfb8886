// HPKE of RFC 9180 in base mode, one message: DHKEM(P-256, HKDF-SHA256),
// HKDF-SHA256, AES-256-GCM, with what every browser has. Names of values are
// the RFC's.
type Bytes = Uint8Array<ArrayBuffer>;

const text = (s: string): Bytes => new TextEncoder().encode(s);
const kem = join(text("KEM"), [0x00, 0x10]);
const suite = join(text("HPKE"), [0x00, 0x10, 0x00, 0x01, 0x00, 0x02]);

function join(...parts: ArrayLike<number>[]): Bytes {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
}

/** An empty key is one of zeros: WebCrypto takes no empty ones. */
async function hmac(key: Bytes, said: Bytes): Promise<Bytes> {
  const k = await crypto.subtle.importKey("raw", key.length ? key : new Uint8Array(32), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", k, said));
}

/** LabeledExtract. */
function extract(id: Bytes, salt: Bytes, label: string, ikm: Bytes): Promise<Bytes> {
  return hmac(salt, join(text("HPKE-v1"), id, text(label), ikm));
}

/** LabeledExpand, to 32 bytes at most. */
async function expand(id: Bytes, prk: Bytes, label: string, info: Bytes, n: number): Promise<Bytes> {
  return (await hmac(prk, join([0, n], text("HPKE-v1"), id, text(label), info, [1]))).slice(0, n);
}

/**
 * Opens what was sealed to a key pair of P-256. raw is its public half, 65
 * bytes, and own the other, good for deriveBits. Throws if it does not open.
 */
export async function openSealed(own: CryptoKey, raw: Bytes, enc: Bytes, info: string, sealed: Bytes): Promise<Bytes> {
  const none = new Uint8Array(0);
  const theirs = await crypto.subtle.importKey("raw", enc, { name: "ECDH", namedCurve: "P-256" }, false, []);
  const dh = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own, 256));
  const shared = await expand(kem, await extract(kem, none, "eae_prk", dh), "shared_secret", join(enc, raw), 32);
  const context = join([0], await extract(suite, none, "psk_id_hash", none), await extract(suite, none, "info_hash", text(info)));
  const secret = await extract(suite, shared, "secret", none);
  const key = await expand(suite, secret, "key", context, 32);
  return openGCM(key, await expand(suite, secret, "base_nonce", context, 12), sealed);
}

/** Opens AES-256-GCM; throws if it does not open. */
export async function openGCM(key: Bytes, nonce: Bytes, sealed: Bytes): Promise<Bytes> {
  const k = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, k, sealed));
}
