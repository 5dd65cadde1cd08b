// Made by bandari-validator edge workers. Make it anew after keys rotate; do not edit it.
//
// Serves licensed packages to whoever brings a good signed link, and to nobody else. One module without dependencies
// for every platform with fetch handlers and WebCrypto: Cloudflare Workers, Deno, and by a few lines more Netlify,
// Vercel and Bunny. README.md tells how to put it up. The rules, their names and their order are those of
// bandari-signed-url's FORMAT.md.

{% include "edge/verifier.js" %}
// What is asked

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
