// The page of a product with many releases: valid, accessible, no wider than a phone, and nothing of it is lost.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DESK, PHONE, bringAxe, judge, violations } from './axe.mjs';
import { HISTORY, assertDownloads, assertNone, browse, root, told } from './browser.mjs';
import { faults } from './html.mjs';
import { measure, wide } from './width.mjs';

assertNone(await faults(HISTORY, readFileSync(`${told.public}/${HISTORY}index.html`, 'utf8')));

await browse(async open => {
  const visitor = await open();
  const { page } = visitor;
  await bringAxe(visitor);
  await visitor.goto(root('en') + HISTORY);
  await judge(page, 'history', [[DESK, 'light']]);
  await page.setViewportSize(PHONE);
  await page.locator('details').evaluateAll(folds => folds.forEach(fold => { fold.open = true; }));
  await measure(page, 'history');
  assert.equal(await page.getByText('Thanks to everybody who sent corrections.').count(), 200);
  await page.getByLabel(told.words.en.download.key, { exact: true }).fill(told.key);
  const file = 'mod_tides-1.0.0.zip';
  await assertDownloads(page, page.getByRole('button', { name: file }), `${told.protected}/mod_tides/${file}`);
  assertNone(violations);
  assertNone(wide);
  await visitor.leave();
});
