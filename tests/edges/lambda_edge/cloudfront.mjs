// What stands in for CloudFront and a bucket behind it, to try the function of `edge lambda-edge` as it was written:
//
//     node cloudfront.mjs <index.mjs> <root> <port>
//
// Each request becomes a viewer-request event, with path and query split as text and nothing decoded. What the function
// gives back must be what CloudFront would take ("Restrictions on edge functions" in its Developer Guide), or the answer
// is 502. Files come from `<root>` through a cache whose key is path and query of the request that was let through:
// `X-Cache` says whether it was a hit, `X-Cache-Key` shows the key. Then the response headers policy of the template is
// applied, and what is no error becomes a viewer-response event.
//
// Two things are otherwise: the function gets requests of every method, though the real distribution refuses most by
// itself; and whatever CloudFront may do to odd requests before a function sees them is not imitated, since its
// documentation does not tell.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [module, root, port] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(module));

/** The largest response, headers included, that a function may make for a viewer-request event. */
const MAX_GENERATED_BYTES = 40 * 1024;

/** Names of headers that functions neither see nor set. */
const CLOUDFRONTS_OWN = new RegExp(
  '^(connection|expect|keep-alive|proxy-.*|trailer|upgrade|via|warning|x-accel-.*|x-amz-cf-.*|x-cache|x-edge-.*)$',
);

/** The policy `Errors` of the template: name, value, and whether it counts although the bucket sent the header. */
const POLICY = [['Referrer-Policy', 'no-referrer', true], ['Cache-Control', 'no-store', false]];

const cache = new Map();

/** Headers as Lambda@Edge has them: by name in lower case, a list of names as written and values. */
function shaped(pairs) {
  const headers = {};
  for (const [key, value] of pairs) {
    if (!CLOUDFRONTS_OWN.test(key.toLowerCase())) (headers[key.toLowerCase()] ??= []).push({ key, value });
  }
  return headers;
}

function assertShaped(headers) {
  const pairs = Object.values(headers).flat().map(({ key, value }) => [key, value]);
  assert.deepEqual(headers, shaped(pairs));
  pairs.forEach(([, value]) => assert.equal(typeof value, 'string'));
}

/** Calls the function as Lambda does: what goes in and comes out is JSON. */
async function call(eventType, cf) {
  const event = { Records: [{ cf: { config: { distributionId: 'EDFDVBD6EXAMPLE', eventType }, ...cf } }] };
  const result = JSON.parse(JSON.stringify(await handler(JSON.parse(JSON.stringify(event)))));
  assertShaped(result.headers);
  return result;
}

/** The request that goes on, or the response that was made in its place. */
async function viewerRequest(request) {
  const result = await call('viewer-request', { request });
  if ('status' in result) {
    assert.match(result.status, /^[2-5][0-9]{2}$/);
    assert.ok(JSON.stringify(result).length <= MAX_GENERATED_BYTES);
  } else {
    assert.equal(result.method, request.method, 'the method is read-only');
    assert.equal(result.uri[0], '/');
  }
  return result;
}

async function viewerResponse(request, response) {
  const result = await call('viewer-response', { request, response });
  assert.equal(result.status, response.status, 'a function for viewer-response cannot change the status');
  return result;
}

/**
 * The file of the bucket, through the cache, whole or the one range that was asked for; a 403 when it is not there. Of
 * several ranges there is only the type of the answer, which says where one part ends.
 */
async function fetched(key, { uri, headers }) {
  try {
    if (!cache.has(key)) cache.set(key, await readFile(root + uri));
  } catch {
    return { status: '403', headers: {}, bytes: Buffer.from('AccessDenied') };
  }
  const whole = cache.get(key);
  const stored = [['Content-Type', 'application/zip'], ['Accept-Ranges', 'bytes']];
  if (headers.range?.[0].value.includes(',')) {
    const type = 'multipart/byteranges; boundary=part';
    return { status: '206', headers: shaped([['Content-Type', type]]), bytes: Buffer.from('--part--\r\n') };
  }
  const [, from, to] = /^bytes=([0-9]*)-([0-9]*)$/.exec(headers.range?.[0].value) ?? [];
  if (!from && !to) return { status: '200', headers: shaped(stored), bytes: whole };
  const first = from ? Number(from) : Math.max(whole.length - Number(to), 0);
  const last = from && to ? Math.min(Number(to), whole.length - 1) : whole.length - 1;
  const range = first > last ? '*' : `${first}-${last}`;
  return {
    status: first > last ? '416' : '206',
    headers: shaped([...stored, ['Content-Range', `bytes ${range}/${whole.length}`]]),
    bytes: whole.subarray(first, last + 1),
  };
}

function withPolicy(headers) {
  const added = POLICY.filter(([key, , override]) => override || !(key.toLowerCase() in headers));
  return { ...headers, ...shaped(added) };
}

async function answer({ method, url, rawHeaders, socket }) {
  const pairs = rawHeaders.flatMap((key, at) => (at % 2 === 0 ? [[key, rawHeaders[at + 1]]] : []));
  const [uri, ...rest] = url.split('?');
  const asked = { clientIp: socket.remoteAddress, method, uri, querystring: rest.join('?'), headers: shaped(pairs) };
  const request = await viewerRequest(asked);
  if ('status' in request) return { ...request, bytes: Buffer.from(request.body ?? ''), cacheHeaders: {} };
  const key = request.querystring === '' ? request.uri : `${request.uri}?${request.querystring}`;
  const cacheHeaders = { 'X-Cache': `${cache.has(key) ? 'Hit' : 'Miss'} from cloudfront`, 'X-Cache-Key': key };
  const { bytes, ...stored } = await fetched(key, request);
  const response = { ...stored, headers: withPolicy(stored.headers) };
  const sent = Number(response.status) < 400 ? await viewerResponse(request, response) : response;
  return { ...sent, bytes, cacheHeaders };
}

createServer(async (request, reply) => {
  try {
    const { status, headers, bytes, cacheHeaders } = await answer(request);
    const written = Object.values(headers).map(([{ key, value }]) => [key, value]);
    const all = { ...Object.fromEntries(written), ...cacheHeaders, 'Content-Length': bytes.length };
    reply.writeHead(Number(status), all);
    reply.end(request.method === 'HEAD' ? undefined : bytes);
  } catch (error) {
    console.error(error);
    reply.writeHead(502).end('CloudFront would not take what the function gave back\n');
  }
}).listen(Number(port), '127.0.0.1');
