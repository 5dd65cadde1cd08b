// Products are found by words, version of Joomla, license and type; without JavaScript all are there and nothing is dead.

import assert from 'node:assert/strict';
import { HISTORY, PAGES, browse, eventually, filled, root, told } from './browser.mjs';

const { start, product } = told.words.en;
const ALL = 13;

await browse(async open => {
  const visitor = await open();
  const { page } = visitor;
  await visitor.goto(root('en'));
  const search = page.getByLabel(start.search);
  const by = { joomla: page.getByLabel(start.joomla), license: page.getByLabel(start.license), kind: page.getByLabel(start.kind) };

  /** Waits until exactly these products are shown. */
  const shows = (...names) => eventually(names.join(), async () => {
    const shown = await page.getByRole('main').getByRole('heading', { level: 2 }).getByRole('link').allInnerTexts();
    return JSON.stringify(shown.map(name => name.trim()).sort()) === JSON.stringify(names.sort());
  });
  const everything = () => page.getByText(filled(start.count, { shown: String(ALL), total: String(ALL) })).waitFor();

  await everything();
  for (const [words, ...names] of [
    ['REFERRER', 'System - Lighthouse'],
    ['every tide', 'Tide Tables'],
    ['ship number', 'Dockyard'],
    ['المد', told.names.mod_arabic],
    ['café', told.names.mod_emoji],
    ['<script>alert(1)', told.names.mod_brackets],
  ]) {
    await search.fill(words);
    await shows(...names);
  }
  await search.fill('');
  await everything();
  await by.joomla.selectOption('3.10');
  await shows('Tide Tables', 'Installer - Mwambao Extensions');
  await by.joomla.selectOption('');
  await by.kind.selectOption({ label: told.words.en.kinds.package });
  await shows('Dockyard');
  await by.license.selectOption({ label: product.free });
  await shows();
  await page.getByText(start.nothing, { exact: true }).waitFor();
  await page.getByRole('button', { name: start.reset }).click();
  await everything();
  await by.license.selectOption({ label: product.free });
  await by.kind.selectOption({ label: told.words.en.kinds.download });
  await shows("The Harbor Master's Handbook", told.names.manual);
  // What is chosen can be linked, and a link that chooses what is not offered chooses nothing.
  await eventually('an address', () => new URL(page.url()).search === '?license=free&type=download');
  await visitor.goto(page.url());
  await shows("The Harbor Master's Handbook", told.names.manual);
  await visitor.goto(`${root('en')}?q=every+tide&joomla=9`);
  await shows('Tide Tables');
  assert.equal(await search.inputValue(), 'every tide');

  // Many servers show a page at this address, too, which by itself would be that of another host.
  await visitor.goto(`${root('en')}/`);
  await search.fill('REFERRER');
  await shows('System - Lighthouse');
  await search.fill('');
  await everything();

  // Good by RFC 5646, and nothing that browsers have rules for.
  await visitor.context.route(`${root('en')}?tag`, async route => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('lang="en"', 'lang="zh-cmn"') });
  });
  await visitor.goto(`${root('en')}?tag`);
  await everything();
  await visitor.leave();

  const plain = await open({ javaScriptEnabled: false });
  await plain.goto(root('en'));
  const links = plain.page.getByRole('main').getByRole('heading', { level: 2 }).getByRole('link');
  assert.equal(await links.count(), ALL);
  for (const path of [...Object.values(PAGES), HISTORY]) {
    await plain.goto(root('en') + path);
    assert.equal(await plain.page.locator('button[type=button]:visible').count(), 0, `no dead button on ${path}`);
    assert.equal(await plain.page.locator('input:visible, select:visible').evaluateAll(fields =>
      fields.filter(field => !field.form?.getAttribute('action')).length), 0, `no dead field on ${path}`);
  }
  await plain.leave();
});
