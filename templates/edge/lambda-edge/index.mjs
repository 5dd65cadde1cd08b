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

import { webcrypto as crypto } from "node:crypto";

{% include "edge/verifier.js" %}
// What CloudFront asks

// Made when the function is loaded: with an unfit key it does not start, and CloudFront answers 50x to everything.
const site = await configure(SITE);

/** What CloudFront calls. Nothing of a request is logged: the query is a permission until it expires. */
export async function handler(event) {
  const { config, request, response } = event.Records[0].cf;
  switch (config.eventType) {
    case "viewer-request":
      return await checked(request, Math.floor(Date.now() / 1000));
    case "viewer-response":
      return asDownload(response, request.uri);
    default:
      throw new Error(`associated with ${config.eventType}, expected viewer-request and viewer-response`);
  }
}

/** The request that goes on, or the refusal. CloudFront gives path and query apart, the query without its `?`. */
async function checked(request, now) {
  const target = `${request.uri}?${request.querystring}`;
  const { path, rule } = await verify({ site, method: request.method, target, now });
  if (rule) return refusal(rule, request.method);
  // The path of the text that was checked, whatever CloudFront took for the path.
  return { ...request, uri: path, querystring: "" };
}

function refusal(rule, method) {
  return {
    status: "403",
    statusDescription: "Forbidden",
    headers: headers({
      "Content-Type": "text/plain; charset=utf-8",
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
    }),
    ...(method === "HEAD" ? {} : { body: `Refused (${rule}): ${REFUSALS[rule]}.\n` }),
  };
}

/** The answer with what makes it a download. CloudFront skips this for errors of the origin. */
function asDownload(response, path) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  // Several ranges at once come with the text that divides them in their type.
  const isMultipart = response.headers["content-type"]?.[0].value.startsWith("multipart/byteranges");
  return {
    ...response,
    headers: {
      ...response.headers,
      ...headers({
        ...(isMultipart ? {} : { "Content-Type": "application/octet-stream" }),
        "Content-Disposition": `attachment; filename="${name}"`,
        "Cache-Control": "private, no-transform",
        "Referrer-Policy": "no-referrer",
      }),
    },
  };
}

/** Headers in the form of Lambda@Edge: by their name in lower case, a list of names as written and values. */
function headers(values) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key.toLowerCase(), [{ key, value }]]));
}
