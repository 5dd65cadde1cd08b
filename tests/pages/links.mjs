// Every address in every page, feed and list leads to a file, every fragment to an element, and every address of the validator is
// one that it knows.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { assertNone, browse, told } from './browser.mjs';
import { filesOf } from './tree.mjs';

/** Attributes that hold an address, and in `meta` only those that say so. */
const LINKS = '[href], [src], [action], [formaction], [srcset], [poster], [data], meta[property="og:image"], meta[property="og:url"]';

const files = filesOf(told.public);
const broken = [];
/** Addresses of the validator, with a page that links each. */
const asked = new Map();
/** Of a page: its identifiers. */
const anchors = new Map();
/** Links with a fragment, looked at when all pages are known. */
const fragments = [];

/** The file that a static server gives for a path; nothing when there is none. */
function fileOf(path) {
  const name = `${decodeURIComponent(path).slice(1)}${path.endsWith('/') ? 'index.html' : ''}`;
  return files.includes(name) ? name : undefined;
}

/** Looks at one link of a file. */
function follow(file, link) {
  const base = new URL(file.replace(/(^|\/)index\.html$/, '$1'), `${told.pages}/`);
  let url;
  try {
    url = new URL(link, base);
  } catch {
    broken.push(`${file}: ${link} is no address`);
    return;
  }
  if (url.origin === new URL(told.pages).origin) {
    const target = fileOf(url.pathname);
    if (!target) broken.push(`${file}: ${link}`);
    else if (url.hash) fragments.push({ file, link, target, id: decodeURIComponent(url.hash.slice(1)) });
  } else if (url.origin === new URL(told.validator).origin) {
    asked.set(url.href, file);
  } else if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) {
    broken.push(`${file}: ${link} is of ${url.protocol}`);
  }
}

/** What is in a page, by the browser's own reading. Nothing in it is run or loaded. */
async function read(page, html) {
  return page.evaluate(({ html, selector }) => {
    const found = new DOMParser().parseFromString(html, 'text/html');
    const names = ['href', 'src', 'action', 'formaction', 'poster', 'data', 'content'];
    // A form that lets choose what it is about leads to each choice.
    const choices = element => [...element.querySelectorAll('select[name=id] option, input[name=id]')].map(({ value }) => `?id=${value}`);
    const links = [...found.querySelectorAll(selector)].flatMap(element =>
      names.filter(name => element.hasAttribute(name) && (name !== 'content' || element.localName === 'meta'))
        .flatMap(name => {
          const link = element.getAttribute(name);
          const chosen = name === 'action' ? choices(element) : [];
          return chosen.length > 0 ? chosen.map(choice => link + choice) : [link];
        }));
    return { links, ids: [...found.querySelectorAll('[id]')].map(element => element.id) };
  }, { html, selector: LINKS });
}

await browse(async open => {
  const visitor = await open();
  for (const file of files.filter(file => file.endsWith('.html'))) {
    const { links, ids } = await read(visitor.page, readFileSync(`${told.public}/${file}`, 'utf8'));
    anchors.set(file, ids);
    assert.equal(new Set(ids).size, ids.length, `${file}: an identifier twice`);
    links.forEach(link => follow(file, link));
  }
  await visitor.leave();
});

// Addresses in feeds, in the list of pages and in the catalog are absolute.
for (const file of files.filter(file => /\.(xml|atom|json)$|robots\.txt$/.test(file))) {
  const text = readFileSync(`${told.public}/${file}`, 'utf8').replaceAll('&amp;', '&');
  const addresses = text.match(/http:\/\/127\.0\.0\.1:[^\s<>"')\]]*/g) ?? [];
  // Those in a catalog that others are put behind of are no addresses yet.
  if (!file.endsWith('.json')) addresses.forEach(address => follow(file, address));
}

for (const { file, link, target, id } of fragments) {
  if (!anchors.get(target)?.includes(id)) broken.push(`${file}: ${link} has no such element`);
}
for (const [address, file] of asked) {
  // A key or a mail address is what they wait for: without one they answer with a refusal or a form.
  const { status } = await fetch(address, { headers: { accept: 'text/html' } });
  if (![200, 302, 400, 401, 403].includes(status)) broken.push(`${file}: ${address} is answered with ${status}`);
}
for (const list of ['sitemap.xml', 'releases.atom', 'robots.txt']) {
  if (!files.includes(list)) broken.push(`there is no ${list}`);
}
const listed = files.includes('sitemap.xml') ? readFileSync(`${told.public}/sitemap.xml`, 'utf8') : '';
for (const file of files.filter(file => file.endsWith('index.html'))) {
  const address = `${told.pages}/${file.slice(0, -'index.html'.length)}`;
  if (!listed.includes(`<loc>${address}</loc>`)) broken.push(`${address} is not in sitemap.xml`);
}
assert.ok(anchors.size > 3 * 12 && asked.size > 25, `${anchors.size} pages, ${asked.size} addresses of the validator`);
assertNone(broken);
