// A customer's whole path: find a product, read what changed, enter a key, download it. With JavaScript and without.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { assertDownloads, browse, filled, reveal, root, told } from './browser.mjs';

const { download, install, start } = told.words.en;
const button = version => filled(download.button, { version });

await browse(async open => {
  const visitor = await open({ javaScriptEnabled: told.scripts });
  const { page } = visitor;
  await visitor.goto(root('en'));
  if (told.scripts) {
    await page.getByLabel(start.search).fill('referrer-policy');
    await page.getByText(filled(start.count, { shown: '1', total: '13' })).waitFor();
  }
  await page.getByRole('main').getByRole('link', { name: 'System - Lighthouse', exact: true }).click();
  await page.waitForURL(`${root('en')}plg_system_lighthouse/`);

  const change = page.getByText('Headers were missing from pages that came from the page cache.');
  await reveal(change);
  assert.ok(await change.isVisible());

  // A key that opens nothing leads to a page with the reason and a way out; the way back leads to another try.
  const key = page.getByLabel(download.key, { exact: true });
  for (const [wrong, reason, way] of [
    ['nonsense', 'The download key is not valid', 'https://shop.example.org/account'],
    [told.oldKey, 'Your license has expired', 'https://shop.example.org/renew'],
  ]) {
    await key.fill(wrong);
    await Promise.all([
      page.waitForURL(url => url.href.startsWith(`${told.validator}/download/lighthouse_110`)),
      page.getByRole('button', { name: button('1.1.0'), exact: true }).click(),
    ]);
    await page.getByRole('heading', { name: reason }).first().waitFor();
    assert.equal(await page.locator(`main a[href="${way}"]`).count(), 1, `${way} is where to go`);
    visitor.forgive(403);
    await page.goBack();
  }

  await key.fill(told.key);
  const file = version => `${told.protected}/plg_system_lighthouse/plg_system_lighthouse-${version}.zip`;
  await assertDownloads(page, page.getByRole('button', { name: button('1.1.0'), exact: true }), file('1.1.0'));
  await assertDownloads(page, page.getByRole('button', { name: button('1.2.0-beta1'), exact: true }), file('1.2.0-beta1'));
  await assertDownloads(page, page.getByRole('button', { name: 'plg_system_lighthouse-1.0.0.zip' }), file('1.0.0'));
  assert.equal(page.url(), `${root('en')}plg_system_lighthouse/`);
  assert.deepEqual(visitor.requests.filter(address => address.includes(told.key)), [], 'no address holds the key');

  // What is free is a link.
  await visitor.goto(`${root('en')}mod_openinghours/`);
  const free = page.getByRole('link', { name: button('1.1.0'), exact: true });
  await assertDownloads(page, free, `${told.public}/files/mod_openinghours/mod_openinghours-1.1.0.zip`);
  await visitor.goto(`${root('en')}handbook/`);
  const text = await page.getByRole('link', { name: button('2.0'), exact: true }).getAttribute('href');
  const answer = await visitor.context.request.get(new URL(text, page.url()).href);
  assert.ok((await answer.body()).equals(readFileSync(`${told.public}/files/handbook/handbook-2.0.txt`)));

  // Where a key is entered and where it is checked, the way to the plug-in is told that takes keys along in a Joomla.
  const plugin = 'Installer - Mwambao Extensions';
  for (const place of ['plg_system_lighthouse/', 'key/']) {
    await visitor.goto(root('en') + place);
    await page.getByText(install.client_plugin).getByRole('link', { name: plugin, exact: true }).click();
    await page.waitForURL(`${root('en')}plg_installer_mwambaoextensions/`);
  }
  const zip = `${told.public}/files/plg_installer_mwambaoextensions/plg_installer_mwambaoextensions-1.0.0.zip`;
  await assertDownloads(page, page.getByRole('link', { name: button('1.0.0'), exact: true }), zip);
  await visitor.leave();
});
