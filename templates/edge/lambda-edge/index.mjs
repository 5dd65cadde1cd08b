// Made by bandari-validator edge lambda-edge. Make it anew after keys rotate; do not edit it.
//
// A Lambda@Edge function for CloudFront: it lets signed links through and refuses everything else. One function serves
// two events of the same distribution:
// - viewer-request comes before the cache is looked at, for every request. A good link goes on without its query, so
//   neither the cache key nor the origin request has one; anything else is answered 403, which CloudFront never caches.
// - viewer-response comes last, for answers from the cache, too. Headers set here reach the client but not the cache:
//   `Cache-Control: private` at the origin's side would tell CloudFront itself not to keep the file.
//
// Lambda@Edge has no environment variables, so the public keys stand in the code.

import { createPublicKey, verify as verifyEd25519 } from 'node:crypto';

const CONFIGURATION = {
  base: '{{ base }}',
  keySets: {
    '{{ key_set }}': [
{%- for key in keys %}
      '{{ key.public_key }}', // {{ key.name }}
{%- endfor %}
    ],
  },
  maxLifetimeSeconds: {{ max_lifetime_seconds }},
};

/** The rules of the format in the order in which they are checked, and what people are told who follow an old link. */
const RULES = {
  'method': 'the request method is neither `GET` nor `HEAD`',
  'path': 'the path is not a plain path of letters, digits and `.` `_` `~` `-`',
  'query-form': 'the query is not exactly `Expires`, `KeyName` and `Signature`, in this order',
  'expires-form': 'the value of `Expires` is not a Unix time of ten digits',
  'key-set-form': 'the value of `KeyName` is not a letter followed by up to 63 letters, digits, `_` or `-`',
  'signature-form': 'the value of `Signature` is not 64 bytes in 86 characters of base64url',
  'expired': 'the link has expired',
  'too-far-ahead': 'the link expires further ahead than this server allows',
  'unknown-key-set': 'the link names a key set that this server does not know',
  'signature': 'the signature was not made for this link by a key that this server trusts',
};

const MAX_PATH_LENGTH = 1024;
const PATH = /^(?:\/[A-Za-z0-9._~-]+)+$/;
const DOT_SEGMENT = /\/\.\.?(?:\/|$)/;
const QUERY = /^Expires=([^&]*)&KeyName=([^&]*)&Signature=([^&]*)$/;
const EXPIRES = /^[1-9][0-9]{9}$/;
const KEY_SET_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** As in the key sets of Media CDN, whose format this is. */
const MAX_KEYS = 3;

/**
 * Makes the check from `base`, `keySets` (by name, texts of public keys) and `maxLifetimeSeconds` (no limit without it):
 * a function of the method, the raw target (`/path?query`) and the time in Unix seconds. It gives the `path` to serve,
 * or the `rule` that was broken. Throws when a key is not fit for checking.
 */
export function verifierOf({ base, keySets, maxLifetimeSeconds = Infinity }) {
  // A map, because an object also knows names that nobody configured, such as `constructor`.
  const keysOf = new Map(Object.entries(keySets).map(([name, texts]) => [name, publicKeys(name, texts)]));

  return (method, target, now) => {
    if (method !== 'GET' && method !== 'HEAD') return { rule: 'method' };
    const [path, query] = splitAtFirst(target, '?');
    if (path.length > MAX_PATH_LENGTH || !PATH.test(path) || DOT_SEGMENT.test(path)) return { rule: 'path' };
    const values = QUERY.exec(query);
    if (!values) return { rule: 'query-form' };
    const [, expires, keySet, signatureText] = values;
    if (!EXPIRES.test(expires)) return { rule: 'expires-form' };
    if (!KEY_SET_NAME.test(keySet)) return { rule: 'key-set-form' };
    const signature = bytesOf(signatureText, 64);
    if (!signature) return { rule: 'signature-form' };
    if (now >= Number(expires)) return { rule: 'expired' };
    if (Number(expires) > now + maxLifetimeSeconds) return { rule: 'too-far-ahead' };
    const keys = keysOf.get(keySet);
    if (!keys) return { rule: 'unknown-key-set' };
    // Every character is ASCII by now, so the text is its bytes. Base comes from the configuration, never from `Host`.
    const message = Buffer.from(base + splitAtFirst(target, '&Signature=')[0], 'latin1');
    // OpenSSL refuses an S that is not reduced, but not an R of small order.
    const good = !isOfSmallOrder(yOf(signature.subarray(0, 32)))
      && keys.some((key) => verifyEd25519(null, message, key, signature));
    return good ? { path } : { rule: 'signature' };
  };
}

/** What stands before and behind the first `mark`; behind is empty where there is none. */
function splitAtFirst(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** Decodes base64url in its one spelling: lax decoders, as Node's is, take 16 of a signature. */
function bytesOf(text, length) {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === length && bytes.toString('base64url') === text ? bytes : null;
}

/** The keys of a set. Node takes any 32 bytes for a public key, and weak ones accept made-up signatures. */
function publicKeys(name, texts) {
  const unpadded = texts.map((text) => text.replace(/^([^=]{43})=$/, '$1'));
  if (unpadded.length < 1 || unpadded.length > MAX_KEYS || new Set(unpadded).size !== unpadded.length) {
    throw new Error(`key set ${name}: found ${texts.length} public keys, expected 1 to ${MAX_KEYS} different ones`);
  }
  return unpadded.map((x, index) => {
    const bytes = bytesOf(x, 32);
    if (!bytes || !isStrong(yOf(bytes))) {
      throw new Error(`key set ${name}: public key ${index + 1} is none that was made from a private key`);
    }
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  });
}

// The curve is -x² + y² = 1 + d·x²·y² modulo p (RFC 8032, section 5.1). A point is written as its y, little-endian, and
// the sign of its x in the highest bit.
const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** The y coordinate of a point, as it is written: not reduced modulo p. */
function yOf(point) {
  return BigInt(`0x${Buffer.from(point).reverse().toString('hex')}`) & (2n ** 255n - 1n);
}

/** Whether eight times the point is the neutral one: y is ±1 (order 1 and 2), 0 (order 4) or doubles to 0 (order 8). */
function isOfSmallOrder(y) {
  const square = (y * y) % P;
  return (y * (square - 1n) * (D * square * square + 2n * square - 1n)) % P === 0n;
}

/** Whether y is reduced, belongs to a point of the curve, and this has not small order. */
function isStrong(y) {
  const square = (y * y) % P;
  // x² is (y² - 1) / (d·y² + 1): a square exactly if their product is one, by Euler's criterion.
  const hasX = power((square - 1n) * (D * square + 1n), (P - 1n) / 2n) === 1n;
  return y < P && hasX && !isOfSmallOrder(y);
}

function power(base, exponent) {
  let result = 1n;
  for (let factor = ((base % P) + P) % P; exponent > 0n; exponent >>= 1n, factor = (factor * factor) % P) {
    if (exponent & 1n) result = (result * factor) % P;
  }
  return result;
}

// Made when the function is loaded: with an unfit key it does not start, and CloudFront answers 50x to everything.
const verify = verifierOf(CONFIGURATION);

/** What CloudFront calls. Nothing of a request is logged: the query is a permission until it expires. */
export async function handler(event) {
  const { config, request, response } = event.Records[0].cf;
  switch (config.eventType) {
    case 'viewer-request':
      return checked(request, Math.floor(Date.now() / 1000));
    case 'viewer-response':
      return asDownload(response, request.uri);
    default:
      throw new Error(`associated with ${config.eventType}, expected viewer-request and viewer-response`);
  }
}

/** The request that goes on, or the refusal. CloudFront gives path and query apart, the query without its `?`. */
function checked(request, now) {
  const { path, rule } = verify(request.method, `${request.uri}?${request.querystring}`, now);
  if (rule) return refusal(rule, request.method);
  // The path of the text that was checked, whatever CloudFront took for the path.
  return { ...request, uri: path, querystring: '' };
}

function refusal(rule, method) {
  return {
    status: '403',
    statusDescription: 'Forbidden',
    headers: headers({
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
    }),
    ...(method === 'HEAD' ? {} : { body: `Refused (${rule}): ${RULES[rule]}.\n` }),
  };
}

/** The answer with what makes it a download. CloudFront skips this for errors of the origin. */
function asDownload(response, path) {
  const name = path.slice(path.lastIndexOf('/') + 1);
  // Several ranges at once come with the text that divides them in their type.
  const isMultipart = response.headers['content-type']?.[0].value.startsWith('multipart/byteranges');
  return {
    ...response,
    headers: {
      ...response.headers,
      ...headers({
        ...(isMultipart ? {} : { 'Content-Type': 'application/octet-stream' }),
        'Content-Disposition': `attachment; filename="${name}"`,
        'Cache-Control': 'private, no-transform',
        'Referrer-Policy': 'no-referrer',
      }),
    },
  };
}

/** Headers in the form of Lambda@Edge: by their name in lower case, a list of names as written and values. */
function headers(values) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key.toLowerCase(), [{ key, value }]]));
}
