// Judges the vectors of the signed URLs with the function of `edge lambda-edge`.
//
//     node vectors.mjs <index.mjs> <vectors>
//
// prints one line for each vector that comes out otherwise than stated, and at the end how many were judged.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [module, vectors] = process.argv.slice(2);
const { verifierOf } = await import(pathToFileURL(module));
const read = (name) => JSON.parse(readFileSync(join(vectors, name), 'ascii'));
let judged = 0;

function expectEqual(name, found, expected) {
  judged += 1;
  if (found !== expected) console.log(`${name}: found ${found}, expected ${expected}`);
}

function judge({ name, method, target, now, max_lifetime_seconds: maxLifetimeSeconds, accept, rule }, base, keySets) {
  const verdict = verifierOf({ base, keySets, maxLifetimeSeconds })(method, target, now);
  expectEqual(name, verdict.path ?? verdict.rule, accept ? target.split('?')[0] : rule);
}

function judgeKeySet({ name, public_keys: publicKeys, accept }) {
  let taken = true;
  try {
    verifierOf({ base: 'https://dl.example.com', keySets: { 'jus-2026a': publicKeys } });
  } catch {
    taken = false;
  }
  expectEqual(name, taken, accept);
}

const strict = read('strict.json');
for (const { base, keys, vectors: requests } of [read('profile.json'), strict]) {
  requests.forEach((request) => judge(request, base, keys));
}
strict.key_sets.forEach(judgeKeySet);
for (const { profile, base, key_set: keySet, public_key: publicKey, ...sample } of read('media-cdn.json').vectors) {
  judge({ ...sample, ...profile }, base, { [keySet]: [publicKey] });
}
console.log(`${judged} judged`);
