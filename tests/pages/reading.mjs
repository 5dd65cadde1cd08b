// What people read on the page of a product: which release fits which Joomla, what is withdrawn, what changed, how to install it.

import assert from 'node:assert/strict';
import { HISTORY, browse, filled, root, told } from './browser.mjs';

/** Text of each element, one blank between words. */
const texts = locator => locator.evaluateAll(found => found.map(element => element.textContent.trim().replace(/\s+/g, ' ')));

/** What 20 releases ask for, as `products.rs` has it: 1.x 3.10 to 4.4, 2.x 4.0 to 5.1, 3.x 4.4 to 5, 4.x from 5.1, 5.x from 6. */
const COLUMNS = ['3.10', '4.0–4.3', '4.4', '5.0', '5.1', '5.2–5.4', '6'];
const ROWS = {
  '5.0.0-beta1': 'none none none none none none works',
  '4.0.0 – 4.3.0': 'none none none none newest newest newest',
  '3.0.0 – 3.4.0': 'none none newest newest works works none',
  '2.0.0 – 2.4.0': 'none newest works works works none none',
  '1.0.0 – 1.4.0': 'newest works works none none none none',
};
const WITHDRAWN = ['3.3.0', '2.1.0'];

/** What the changelog of the example site's plug-in says of a release. */
const CHANGES = {
  security: 'The Referrer-Policy was written into the response as it was typed; now only the known policies are sent.',
  fix: 'Headers were missing from pages that came from the page cache.',
  addition: 'A choice between site, administration and both.',
};

async function assertFits(page, words) {
  const table = page.locator('table.matrix');
  assert.deepEqual(await texts(table.locator('thead tr').nth(1).locator('th')), COLUMNS);
  const rows = await table.locator('tbody tr').all();
  assert.equal(rows.length, Object.keys(ROWS).length);
  for (const [place, [versions, cells]] of Object.entries(ROWS).entries()) {
    const [head] = await texts(rows[place].locator('th'));
    assert.ok(head === versions || head === `${versions} ${words.download.preview}`, `${head} is ${versions}`);
    const told = await texts(rows[place].locator('td'));
    assert.deepEqual(told.slice(0, -1), cells.split(' ').map(cell => words.compatibility[cell]), versions);
    assert.equal(told.at(-1), `${filled(words.product.php, { version: '8.1' })}, ` +
      ['MySQL 8.0+', 'MariaDB 10.6+', 'PostgreSQL 12+'].join(` ${words.download.databases_or} `));
  }
}

/** Withdrawn releases are in the list and cannot be had; all others can. */
async function assertOffers(page, words) {
  const rows = await page.locator('table.releases tbody tr').all();
  assert.equal(rows.length, 20);
  const withdrawn = [];
  for (const row of rows) {
    const [head] = await texts(row.locator('th'));
    const version = await row.evaluate(row => row.cells[0].firstChild.textContent.trim());
    const ways = await row.locator('button[formaction], a[href]').count();
    const file = row.getByRole('button', { name: `mod_tides-${version}.zip`, includeHidden: true });
    if (head.includes(words.product.withdrawn)) {
      withdrawn.push(version);
      assert.equal(ways, 0, version);
    } else {
      assert.equal(ways, 1, version);
      assert.equal(await file.getAttribute('formaction'), `${told.validator}/download/mod_tides-${version}/mod_tides-${version}.zip`);
    }
    assert.equal(head.includes(words.product.latest), version === '4.3.0', version);
  }
  assert.deepEqual(withdrawn, WITHDRAWN);
}

/** The steps for the versions of Joomla that get the product, and no others. */
async function assertInstalls(page, words, old, current) {
  const section = page.locator('section[aria-labelledby=install]');
  const headings = await texts(section.locator('.ways h3'));
  assert.deepEqual(headings, [filled(words.install.current, { versions: current }), ...(old ? [words.install.old] : [])]);
  const [said] = await texts(section);
  for (const [step, isTold] of Object.entries({ key_menu: true, key_save: true, key_old: old, menu_old: old })) {
    assert.equal(said.includes(words.install[step]), isTold, step);
  }
}

await browse(async open => {
  const visitor = await open({ javaScriptEnabled: false });
  const { page } = visitor;
  for (const language of told.languages) {
    const words = told.words[language];
    await visitor.goto(root(language) + HISTORY);
    await assertFits(page, words);
    await assertOffers(page, words);
    await assertInstalls(page, words, true, '4, 5, 6');

    await visitor.goto(`${root(language)}plg_system_lighthouse/`);
    await assertInstalls(page, words, false, '4, 5, 6');
    const entry = page.locator('article[id="1.1.0"] dl > div');
    const changes = Object.entries(CHANGES).map(([kind, text]) => [words.changes[kind], text]);
    assert.deepEqual(await Promise.all((await entry.all()).map(section => texts(section.locator('dt, dd')))), changes);
    const addresses = ['plg_system_lighthouse/updates.xml', 'plg_system_lighthouse/changelog.xml', 'plg_system_lighthouse/SHA256SUMS', 'releases.atom'];
    assert.deepEqual(await texts(page.locator('.addresses code')), addresses.map(path => `${told.pages}/${path}`));
  }
  await visitor.leave();

  // A link to an older release opens what it is folded into.
  const linked = await open();
  await linked.goto(`${root('en')}${HISTORY}#1.0.0`);
  await linked.page.locator('[id="1.0.0"]').waitFor({ state: 'visible' });
  await linked.leave();
});
