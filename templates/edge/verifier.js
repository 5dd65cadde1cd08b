{#- The check of a link in JavaScript with WebCrypto: a part of the modules for workers and for Lambda@Edge. -#}
const SITE = {
  // What stands before the path of every signed link. Never taken from a request, which could claim any other.
  base: "{{ base }}",
  keySets: {
    "{{ key_set }}": [
{%- for key in keys %}
      "{{ key.public_key }}", // {{ key.name }}
{%- endfor %}
    ],
  },
  maxLifetimeSeconds: {{ max_lifetime_seconds }},
};

/** Why a link is refused, by rule. The texts are for people who follow an old link, and hold nothing of it. */
const REFUSALS = {
  "method": "the request method is neither `GET` nor `HEAD`",
  "path": "the path is not a plain path of letters, digits and `.` `_` `~` `-`",
  "query-form": "the query is not exactly `Expires`, `KeyName` and `Signature`, in this order",
  "expires-form": "the value of `Expires` is not a Unix time of ten digits",
  "key-set-form": "the value of `KeyName` is not a letter followed by up to 63 letters, digits, `_` or `-`",
  "signature-form": "the value of `Signature` is not 64 bytes in 86 characters of base64url",
  "expired": "the link has expired",
  "too-far-ahead": "the link expires further ahead than this server allows",
  "unknown-key-set": "the link names a key set that this server does not know",
  "signature": "the signature was not made for this link by a key that this server trusts",
};

/**
 * Gives `{ path }` when the link is good and `{ rule }`, the first broken one, when not. `target` is the path and query
 * as they came, `now` is in Unix seconds, `site` is what `configure` gave.
 */
export async function verify({ site, method, target, now }) {
  if (method !== "GET" && method !== "HEAD") return { rule: "method" };
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const isPlain = path.length <= 1024 && /^(\/[A-Za-z0-9._~-]+)+$/.test(path) && !/\/\.\.?(\/|$)/.test(path);
  if (!isPlain) return { rule: "path" };
  const query = /^(Expires=([^&]*)&KeyName=([^&]*))&Signature=([^&]*)$/.exec(mark < 0 ? "" : target.slice(mark + 1));
  if (!query) return { rule: "query-form" };
  const [, signed, expires, keySet, signature] = query;
  if (!/^[1-9][0-9]{9}$/.test(expires)) return { rule: "expires-form" };
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(keySet)) return { rule: "key-set-form" };
  // The last of 86 characters holds four bits more than 64 bytes have. They are 0, or there were 16 spellings.
  if (!/^[A-Za-z0-9_-]{85}[AQgw]$/.test(signature)) return { rule: "signature-form" };
  if (now >= Number(expires)) return { rule: "expired" };
  if (Number(expires) > now + site.maxLifetimeSeconds) return { rule: "too-far-ahead" };
  const keys = site.keySets.get(keySet);
  if (!keys) return { rule: "unknown-key-set" };
  // The text as it came, with the base of this site in front; nothing is put together anew.
  const message = new TextEncoder().encode(`${site.base}${path}?${signed}`);
  const bytes = fromBase64url(signature);
  for (const key of keys) {
    const isGood = await crypto.subtle.verify("Ed25519", key, bytes, message);
    // That S is reduced is WebCrypto's to see; not every one of them looks at the order of R, the first half.
    if (isGood && !hasSmallOrder(bytes.slice(0, 32))) return { path };
  }
  return { rule: "signature" };
}

/** Checks a site and imports its keys. A `maxLifetimeSeconds` that is not there is no limit. */
export async function configure({ base, keySets, maxLifetimeSeconds = Infinity }) {
  if (!/^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$/.test(base)) {
    throw new Error(`the base is \`${base}\`, expected one such as \`https://packages.example.org\``);
  }
  const imported = new Map(); // Not an object, in which a key set named `constructor` would be found.
  for (const [name, keys] of Object.entries(keySets)) {
    const distinct = new Set(keys.map((key) => key.replace("=", ""))).size;
    if (keys.length < 1 || keys.length > 3 || distinct !== keys.length) {
      throw new Error(`key set \`${name}\`: found ${keys.length} keys, expected one to three different ones`);
    }
    imported.set(name, await Promise.all(keys.map((key, place) => importKey(key, `key set \`${name}\`, key ${place + 1}`))));
  }
  return { base, keySets: imported, maxLifetimeSeconds };
}

/** `place` says which key it is. The key itself is not repeated: a private key pasted by mistake has the same form. */
async function importKey(key, place) {
  const isText = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]=?$/.test(key);
  if (!isText) throw new Error(`${place}: expected 32 bytes in 43 characters of base64url`);
  const bytes = fromBase64url(key);
  if (hasSmallOrder(bytes) || !isPoint(bytes)) {
    throw new Error(`${place}: found a weak key, with which made-up signatures would be good, or none at all`);
  }
  return crypto.subtle.importKey("raw", bytes, "Ed25519", false, ["verify"]);
}

const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

// Points of edwards25519 (RFC 8032, section 5.1): 32 bytes are y, the last byte first, and above it the sign of x.
const P = 2n ** 255n - 19n;
const yOf = (bytes) => bytes.reduceRight((number, byte) => number * 256n + BigInt(byte), 0n) % 2n ** 255n;

const ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
/** The points whose order divides 8, by their y: 1 has order 1, -1 has 2, 0 has 4, the last two have 8. */
const SMALL_ORDERS = [1n, P - 1n, 0n, ORDER_8, P - ORDER_8];
const hasSmallOrder = (bytes) => SMALL_ORDERS.includes(yOf(bytes) % P);

/** Whether y is reduced and the curve has a point with it: (y² - 1) / (dy² + 1), d = -121665/121666, is a square. */
function isPoint(bytes) {
  const y = yOf(bytes);
  // A product is a square when the quotient is one. By Euler's criterion.
  let square = (121666n * (y * y - 1n) * (121666n - 121665n * y * y)) % P;
  let power = 1n;
  for (let exponent = (P - 1n) / 2n; exponent > 0n; exponent /= 2n, square = (square * square) % P) {
    if (exponent % 2n === 1n) power = (power * square) % P;
  }
  return y < P && (power + P) % P === 1n;
}
