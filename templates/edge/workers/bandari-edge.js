// Made by bandari-validator edge workers. Make it anew after keys rotate; do not edit it.
//
// Serves licensed packages to whoever brings a good signed link, and to nobody else. One module without dependencies
// for every platform with fetch handlers and WebCrypto: Cloudflare Workers, Deno, and by a few lines more Netlify,
// Vercel and Bunny. README.md tells how to put it up. The rules, their names and their order are those of
// bandari-signed-url's FORMAT.md.

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

let site; // What `configure` made of SITE: keys are imported once and kept.

const edge = {
  /** `env` is what Cloudflare and the adapters give; Deno gives something else in its place and is asked itself. */
  async fetch(request, env) {
    let settings;
    try {
      site ??= await configure(SITE);
      settings = readSettings(env?.PACKAGES || env?.ORIGIN || !globalThis.Deno ? env : denoVariables());
    } catch (error) {
      return failed(500, "This server is not configured.", error);
    }
    // Text, not `new URL()`, which would fold away what was not signed. What stands before the path is not looked at.
    const target = /^[a-z]+:\/\/[^/?#]*(.*)$/is.exec(request.url)?.[1] ?? "";
    const now = Math.floor(Date.now() / 1000);
    let path, rule;
    try {
      ({ path, rule } = await verify({ site, method: request.method, target, now }));
    } catch (error) {
      return failed(500, "The link cannot be checked.", error); // What else would become of it is the platform's to say.
    }
    if (rule) return text(403, `Refused (${rule}): ${REFUSALS[rule]}.`);
    try {
      // From here on the path is all that is left of the target: no query reaches a cache, an origin or a log.
      const found = await (settings.packages ? fromBucket : fromOrigin)(settings, path, request);
      return await answer(found, path);
    } catch (error) {
      return failed(502, "The file cannot be read.", error);
    }
  },
};
export default edge;

const denoVariables = () => ({
  ORIGIN: Deno.env.get("ORIGIN"),
  ORIGIN_AUTHORIZATION: Deno.env.get("ORIGIN_AUTHORIZATION"),
});

/** Where the files are: an R2 bucket, or the address of a server that has them under the paths of the links. */
function readSettings(env) {
  const { PACKAGES: packages, ORIGIN: origin } = env ?? {};
  const authorization = env?.ORIGIN_AUTHORIZATION?.trim();
  if (packages) return { packages };
  if (!origin) throw new Error("neither a bucket `PACKAGES` nor an address `ORIGIN` is configured");
  if (!/^https?:\/\/[^/?#@\s]+(\/[^/?#\s]+)*$/.test(origin)) {
    throw new Error("`ORIGIN` is no address such as `https://files.example.org`, without `/` at its end");
  }
  // Neither value is repeated here, nor by a runtime that cannot send it: passwords may be in them.
  if (authorization && !/^[ -~]+$/.test(authorization)) {
    throw new Error("`ORIGIN_AUTHORIZATION` is not one line of ASCII");
  }
  return { origin, authorization };
}

// What is checked

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
    imported.set(name, await Promise.all(keys.map(importKey)));
  }
  return { base, keySets: imported, maxLifetimeSeconds };
}

async function importKey(key) {
  const isText = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]=?$/.test(key);
  if (!isText) throw new Error(`public key \`${key}\`: expected 32 bytes in 43 characters of base64url`);
  const bytes = fromBase64url(key);
  if (hasSmallOrder(bytes) || !isPoint(bytes)) {
    throw new Error(`public key \`${key}\` is weak, so that made-up signatures would be good, or none at all`);
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

// What is served

/**
 * From R2, whose keys are the paths without the first `/`. Reads of a bucket pass no cache. The range is worked out
 * here: R2 answers one that it cannot read, or not satisfy, in ways of its own.
 */
async function fromBucket({ packages }, path, request) {
  const key = path.slice(1);
  const head = await packages.head(key);
  if (!head) return new Response(null, { status: 404 });
  const headers = { "Accept-Ranges": "bytes", "ETag": head.httpEtag, "Last-Modified": head.uploaded.toUTCString() };
  const known = request.headers.get("If-None-Match");
  const isKnown = known?.trim() === "*" || known?.includes(head.httpEtag);
  if (isKnown) return new Response(null, { status: 304, headers });
  if (request.method === "HEAD") return new Response(null, { headers: { ...headers, "Content-Length": head.size } });
  const ifRange = request.headers.get("If-Range") ?? head.httpEtag;
  const range = ifRange === head.httpEtag ? readRange(request.headers.get("Range"), head.size) : null;
  if (range && range.length <= 0) {
    return new Response(null, { status: 416, headers: { ...headers, "Content-Range": `bytes */${head.size}` } });
  }
  // The object of that head; none of a file that was put in its place just now.
  const object = await packages.get(key, { onlyIf: { etagMatches: head.etag }, ...(range ? { range } : {}) });
  if (!object?.body) throw new Error(`\`${key}\` changed while it was read`);
  if (!range) return new Response(object.body, { headers: { ...headers, "Content-Length": head.size } });
  headers["Content-Range"] = `bytes ${range.offset}-${range.offset + range.length - 1}/${head.size}`;
  return new Response(object.body, { status: 206, headers: { ...headers, "Content-Length": range.length } });
}

/** Servers ignore a `Range` that they cannot read, and may ignore several at once (RFC 9110, section 14.2). */
const ONE_RANGE = /^bytes=([0-9]{0,15})-([0-9]{0,15})$/;

/** The bytes that a `Range` asks for, less than one when it cannot be satisfied. `null` is the whole file. */
function readRange(header, size) {
  const [, first, last] = ONE_RANGE.exec(header ?? "") ?? ["", "", ""];
  if ((!first && !last) || (first && last && Number(last) < Number(first))) return null;
  const offset = first ? Number(first) : Math.max(size - Number(last), 0);
  const end = first && last ? Math.min(Number(last) + 1, size) : size;
  return { offset, length: end - offset };
}

/**
 * From another server. On Cloudflare this looks into its cache, under an address without a query; its own rules keep
 * archives there. What needs an authorization passes the cache by: where the origin is a host of the same zone, the
 * cache would hand the file to whoever knows the origin's address.
 */
function fromOrigin({ origin, authorization }, path, request) {
  const headers = new Headers({ "Accept-Encoding": "identity" });
  // Nothing else of the client's, least of all its cookies. Several ranges would come as a multipart body.
  for (const name of ["If-Modified-Since", "If-None-Match", "If-Range", "Range"]) {
    const value = request.headers.get(name);
    if (value !== null && (name !== "Range" || ONE_RANGE.test(value))) headers.set(name, value);
  }
  if (authorization) headers.set("Authorization", authorization);
  const cache = authorization ? { cache: "no-store" } : {};
  return fetch(origin + path, { method: request.method, headers, redirect: "manual", ...cache });
}

/** What a client gets of what was found: never an error page, a redirect or a cookie of the origin's. */
async function answer(found, path) {
  const isEncoded = (found.headers.get("Content-Encoding") ?? "identity") !== "identity";
  const isFile = (found.status === 200 || found.status === 206) && !isEncoded;
  if (!isFile) await found.body?.cancel(); // Nobody would read it, and the connection would stay open.
  if (![200, 206, 304, 416].includes(found.status) || isEncoded) {
    if (found.status === 404) return text(404, "There is no such file.");
    throw new Error(`the origin answers \`${path}\` with ${isEncoded ? "encoded content" : found.status}`);
  }
  const headers = new Headers({ "Referrer-Policy": "no-referrer" });
  const passed = ["Accept-Ranges", "Content-Range", "ETag", "Last-Modified", ...(isFile ? ["Content-Length"] : [])];
  for (const name of passed) {
    if (found.headers.has(name)) headers.set(name, found.headers.get(name));
  }
  headers.set("Cache-Control", found.status === 416 ? "no-store" : "private, no-transform");
  if (isFile) {
    // Joomla otherwise names the file after the whole link, and does not see that it is a zip. Nothing to escape here.
    headers.set("Content-Disposition", `attachment; filename="${path.slice(path.lastIndexOf("/") + 1)}"`);
    headers.set("Content-Type", "application/octet-stream");
  }
  return new Response(isFile ? found.body : null, { status: found.status, headers });
}

function text(status, sentence) {
  const headers = {
    "Cache-Control": "no-store",
    "Content-Type": "text/plain; charset=utf-8",
    "Referrer-Policy": "no-referrer",
  };
  return new Response(`${sentence}\n`, { status, headers });
}

/** The cause is for the log alone. No text of a cause holds a query. */
function failed(status, sentence, error) {
  console.error(`bandari-edge: ${error.message}`);
  return text(status, sentence);
}
