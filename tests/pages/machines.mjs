// What programs read in pages is true: of which page it speaks, in which languages there is another, and what search engines and
// networks are told of a product.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { browse, root, told } from './browser.mjs';
import { filesOf } from './tree.mjs';

/** What a page says of itself, by the browser's own reading. Nothing in it is run or loaded. */
const read = (page, html) => page.evaluate(html => {
  const found = new DOMParser().parseFromString(html, 'text/html');
  const one = (selector, attribute) => {
    const elements = [...found.querySelectorAll(selector)];
    return elements.length > 1 ? `${elements.length} of ${selector}` : elements[0]?.getAttribute(attribute);
  };
  const data = [...found.querySelectorAll('script[type="application/ld+json"]')].map(script => JSON.parse(script.textContent));
  return {
    lang: found.documentElement.lang,
    title: found.title,
    description: one('meta[name=description]', 'content'),
    canonical: one('link[rel=canonical]', 'href'),
    robots: one('meta[name=robots]', 'content'),
    alternates: [...found.querySelectorAll('link[rel=alternate][hreflang]')].map(link => [link.hreflang, link.getAttribute('href')]),
    feed: one('link[rel=alternate][type="application/atom+xml"]', 'href'),
    og: Object.fromEntries([...found.querySelectorAll('meta[property^="og:"]')].map(meta => [meta.getAttribute('property').slice(3), meta.content])),
    policy: one('meta[http-equiv="Content-Security-Policy"]', 'content'),
    heading: found.querySelector('h1').textContent.trim(),
    data,
  };
}, html);

const validator = new URL(told.validator).origin;
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; " +
  `connect-src ${validator}; form-action 'self' ${validator}; base-uri 'none'`;

/** What is true of the newest stable releases of two products in the example site. */
const NEWEST = {
  plg_system_lighthouse: {
    name: 'System - Lighthouse', softwareVersion: '1.1.0', datePublished: '2026-08-03', operatingSystem: 'Joomla 4.4 – 6',
    softwareRequirements: 'PHP 8.1', isAccessibleForFree: false, offers: undefined, downloadUrl: undefined,
  },
  mod_openinghours: {
    name: 'Opening Hours', softwareVersion: '1.1.0', datePublished: '2026-09-14', operatingSystem: 'Joomla 4.4 – 6',
    softwareRequirements: 'PHP 8.1', isAccessibleForFree: true, offers: { '@type': 'Offer', price: 0, priceCurrency: 'USD' },
    downloadUrl: `${told.pages}/files/mod_openinghours/mod_openinghours-1.1.0.zip`,
  },
};

function assertSpeaksOf(language, path, said) {
  const address = root(language) + path;
  assert.equal(said.lang, language, address);
  assert.equal(said.policy, POLICY, address);
  assert.equal(said.feed, `${'../'.repeat(address.slice(told.pages.length).split('/').length - 2)}releases.atom`, address);
  assert.equal(said.canonical, address);
  assert.equal(said.robots, undefined, address);
  assert.deepEqual(said.alternates, told.languages.map(other => [other, root(other) + path]), address);
  const { title, description } = said;
  const site = 'Mwambao Extensions';
  const { image, ...og } = said.og;
  assert.deepEqual(og, { type: 'website', site_name: site, title, description, url: address });
  assert.ok(title.endsWith(site) && description, address);
}

function assertTellsOfProduct(language, id, { heading, title, data }) {
  const address = `${root(language)}${id}/`;
  assert.equal(data.length, 1, address);
  const [product] = data;
  assert.equal(product['@context'], 'https://schema.org');
  assert.equal(product['@type'], 'SoftwareApplication');
  assert.equal(product.url, address);
  assert.equal(product.name, heading);
  assert.ok(title.startsWith(heading), title);
  assert.equal(product.releaseNotes, `${address}#${product.softwareVersion}`);
  for (const [member, value] of Object.entries(NEWEST[id] ?? {})) assert.deepEqual(product[member], value, `${member} of ${id}`);
}

await browse(async open => {
  const visitor = await open();
  const pages = filesOf(told.public).filter(file => file.endsWith('.html'));
  let products = 0;
  for (const file of pages) {
    const [, further, path] = file.match(/^(?:(de|fa)\/)?(.*?)(?:index\.html)?$/);
    const language = further ?? told.languages[0];
    const said = await read(visitor.page, readFileSync(`${told.public}/${file}`, 'utf8'));
    if (path === '404.html') {
      // It stands for no page, whatever address it is shown at.
      assert.deepEqual([said.lang, said.canonical, said.robots, said.alternates, said.og], [language, undefined, 'noindex', [], {}], file);
      assert.equal(said.policy, POLICY, file);
      continue;
    }
    assertSpeaksOf(language, path, said);
    if (path === '' || path === 'key/') {
      assert.deepEqual(said.data, [], file);
    } else {
      products += 1;
      assertTellsOfProduct(language, path.slice(0, -1), said);
    }
  }
  assert.equal(products, 3 * 13);
  await visitor.leave();
});
