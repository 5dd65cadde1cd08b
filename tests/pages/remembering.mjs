// A key is remembered where the customer asks for it and nowhere else: for one license, on this device, until it is forgotten again.

import assert from 'node:assert/strict';
import { assertDownloads, browse, filled, root, told } from './browser.mjs';

const { download } = told.words.en;
const PRODUCT = `${root('en')}plg_system_lighthouse/`;

await browse(async open => {
  const visitor = await open();
  const { page } = visitor;
  const key = page.getByLabel(download.key, { exact: true });
  const remember = page.getByLabel(download.remember);
  const get = () => assertDownloads(
    page,
    page.getByRole('button', { name: filled(download.button, { version: '1.1.0' }), exact: true }),
    `${told.protected}/plg_system_lighthouse/plg_system_lighthouse-1.1.0.zip`,
  );
  const assertForgotten = async () => {
    await visitor.goto(PRODUCT);
    assert.equal(await key.inputValue(), '');
    const { origins, cookies } = await visitor.context.storageState();
    assert.ok(!JSON.stringify({ origins, cookies }).includes(told.key), 'nothing of the key is kept');
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  };

  await assertForgotten();
  assert.equal(await remember.isChecked(), false, 'it is the customer who asks for it');
  await key.fill(told.key);
  await get();
  await assertForgotten();

  await key.fill(told.key);
  await remember.check();
  await get();
  for (const path of ['plg_system_lighthouse/', 'mod_tides/', 'mod_hebrew/']) {
    await visitor.goto(root('en') + path);
    assert.equal(await key.inputValue(), told.key, `${path} is opened by the same license`);
    assert.ok(await remember.isChecked());
  }
  await visitor.goto(`${root('de')}plg_system_lighthouse/`);
  assert.equal(await page.getByLabel(told.words.de.download.key, { exact: true }).inputValue(), told.key);
  // The page of keys offers it for that license alone.
  const asked = page.locator('form[data-ask=check]');
  for (const [group, expected] of [['lighthouse', told.key], ['dockyard', '']]) {
    await visitor.goto(`${root('en')}key/?for=${group}`);
    assert.equal(await asked.locator('[name=id]').inputValue(), group);
    assert.equal(await asked.locator('[name=dlid]').inputValue(), expected);
  }
  await visitor.goto(`${root('en')}pkg_dockyard/`);
  assert.equal(await key.inputValue(), '', 'another license has another key');

  // Another vendor's site on the same host, with a group of the same name.
  await visitor.context.route('**/another/**', route => route.continue({ url: route.request().url().replace('/another/', '/') }));
  await visitor.goto(`${told.pages}/another/plg_system_lighthouse/`);
  assert.equal(await key.inputValue(), '', 'another site gets no key of this one');
  assert.equal(await remember.isChecked(), false);

  await visitor.goto(PRODUCT);
  await get();
  await remember.uncheck();
  await assertForgotten();
  assert.equal(await remember.isChecked(), false);
  assert.deepEqual((await visitor.context.storageState()).cookies, []);
  await visitor.leave();
});
