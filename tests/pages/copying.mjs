// Addresses and digests are copied by a button, and each page leads to itself in other languages.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { browse, eventually, filled, reveal, root, told } from './browser.mjs';

const { addresses, page: words } = told.words.en;

await browse(async open => {
  const visitor = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  const { page } = visitor;

  /** Clicks a button and gives what it has copied. */
  const copied = async button => {
    await page.evaluate(() => navigator.clipboard.writeText(''));
    await reveal(button);
    await button.click();
    return eventually('something copied', () => page.evaluate(() => navigator.clipboard.readText()));
  };
  const copy = name => page.getByRole('button', { name: filled(words.copy_of, { name }) });

  await visitor.goto(`${root('en')}mod_openinghours/`);
  assert.equal(await copied(copy(addresses.feed).first()), `${told.pages}/mod_openinghours/updates.xml`);
  await page.getByText(words.copied).first().waitFor();
  const bytes = readFileSync(`${told.public}/files/mod_openinghours/mod_openinghours-1.1.0.zip`);
  const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'mod_openinghours-1.1.0.zip' }) });
  await row.locator('summary').click();
  for (const [place, digest] of ['sha256', 'sha384', 'sha512'].entries()) {
    const button = row.locator('button').nth(place);
    assert.equal(await copied(button), createHash(digest).update(bytes).digest('hex'));
  }

  for (const path of ['', 'plg_system_lighthouse/', 'key/']) {
    await visitor.goto(root('en') + path);
    for (const language of ['de', 'fa', 'en']) {
      const link = page.getByRole('link', { name: told.words[language].name, exact: true });
      await Promise.all([page.waitForURL(root(language) + path), link.click()]);
      const html = page.locator('html');
      assert.equal(await html.getAttribute('lang'), language);
      assert.equal(await html.getAttribute('dir'), told.words[language].direction);
      assert.equal(await page.locator('link[rel=canonical]').getAttribute('href'), root(language) + path);
    }
  }

  // What was looked for stays, too, and so does the place in a page.
  await visitor.goto(`${root('en')}?q=tide#products`);
  await page.getByRole('link', { name: told.words.de.name, exact: true }).click();
  await page.waitForURL(`${root('de')}?q=tide#products`);
  await visitor.leave();
});
