// What the module makes of buckets, servers and cryptography that a test cannot have for real:
//
//     deno run stand_ins.js <target of a good link>
//
// prints one line for each thing that comes out otherwise, and at the end how many were looked at.

import edge from "./bandari-edge.js";

const link = `https://packages.shop.test${Deno.args[0]}`;
const logged = [];
console.error = (...words) => logged.push(words.join(" "));
let judged = 0;

function expect(what, expected, found) {
  judged += 1;
  if (expected !== found) console.log(`${what}: expected ${expected}, found ${found}`);
}

async function expectFailure(what, status, sentence, answering) {
  const answer = await answering.catch((error) => new Response(`rejected: ${error}`));
  expect(`${what}, status`, status, answer.status);
  expect(`${what}, text`, `${sentence}\n`, await answer.text());
  expect(`${what}, Cache-Control`, "no-store", answer.headers.get("Cache-Control"));
}

/** A body that begins and goes on for ever, and says whether it was given up. */
function endless() {
  const seen = { isCanceled: false };
  seen.body = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array([80, 75])),
    cancel: () => void (seen.isCanceled = true),
  });
  return seen;
}

/** A bucket with one object, whose ETag is `now` by the time that its bytes are asked for. */
function bucket({ now, body }) {
  const head = { etag: "a", httpEtag: "\"a\"", size: 4, uploaded: new Date(0) };
  const get = (_, { onlyIf } = {}) => ({ body: onlyIf && onlyIf.etagMatches !== now ? undefined : body });
  return { PACKAGES: { head: () => Promise.resolve(head), get: (...asked) => Promise.resolve(get(...asked)) } };
}

const ask = (env) => edge.fetch(new Request(link), env);

const { body } = endless();
const answer = await ask(bucket({ now: "a", body }));
expect("a file that is still coming, status", 200, answer.status);
expect("a file that is still coming, first bytes", "80,75", (await answer.body.getReader().read()).value.join());

await expectFailure("a file that was replaced meanwhile", 502, "The file cannot be read.", ask(bucket({ now: "b", body: "new!" })));

const away = { PACKAGES: { head: () => Promise.reject(new Error("the bucket is away")) } };
await expectFailure("a bucket that is away", 502, "The file cannot be read.", ask(away));

for (const status of [302, 404, 416, 500]) {
  const seen = endless();
  globalThis.fetch = () => Promise.resolve(new Response(seen.body, { status }));
  await ask({ ORIGIN: "https://files.test" });
  expect(`the body of a ${status} is given up`, true, seen.isCanceled);
}

crypto.subtle.verify = () => Promise.reject(new Error("the operation failed"));
await expectFailure("a check that fails", 500, "The link cannot be checked.", ask(bucket({ now: "a", body: "old!" })));

expect("what was logged holds no link", false, logged.some((line) => line.includes("Signature=")));
console.log(`${judged} judged`);
