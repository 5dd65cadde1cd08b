// Judges the vectors of the signed-URL format with the module of an edge and names those that come out differently.

import { configure, verify } from "./bandari-edge.js";

/** What is wrong, one sentence each, and how many vectors were judged. `files` are the contents of the vectors' files. */
export async function differences(files) {
  const found = [];
  let judged = 0;
  const expect = (name, expected, actual) => {
    judged += 1;
    if (expected !== actual) found.push(`${name}: expected ${expected}, found ${actual}`);
  };
  for (const file of files) {
    for (const vector of file.vectors) {
      const { name, method, target, now, max_lifetime_seconds: maxLifetimeSeconds } = vector;
      const keySets = file.keys ?? { [vector.key_set]: [vector.public_key] };
      const site = await configure({ base: file.base ?? vector.base, keySets, maxLifetimeSeconds });
      const { path, rule } = await verify({ site, method, target, now });
      const { accept, rule: expected } = vector.profile ?? vector;
      expect(name, accept ? target.slice(0, target.indexOf("?")) : undefined, path);
      expect(name, expected ?? undefined, rule);
    }
    for (const { name, public_keys: keys, accept } of file.key_sets ?? []) {
      const configured = configure({ base: "https://dl.example.com", keySets: { set: keys } });
      const message = await configured.then(() => null, (error) => error.message);
      expect(name, accept, message === null);
      // A private key that is pasted by mistake looks like a public one.
      if (keys.some((key) => key && message?.includes(key))) found.push(`${name}: ${message}`);
    }
  }
  return { judged, found };
}
