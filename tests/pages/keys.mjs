// What a key is worth, and the key by mail: asked on the page of keys and beside a download, with JavaScript and without.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { browse, eventually, root, told } from './browser.mjs';

const { download, key: words } = told.words.en;

/** What an answer says: in the page itself, or on one of the validator's. */
async function answer(page, form, address) {
  const place = told.scripts ? form.getByRole('status') : page.getByRole('main');
  if (!told.scripts) await page.waitForURL(url => url.href.startsWith(told.validator + address));
  return eventually(`an answer of ${address}`, async () => {
    const text = (await place.innerText()).trim();
    return text && text !== words.asking && text;
  });
}

/** Text of each mail that has left. */
function mails() {
  const files = existsSync(told.mails) ? readdirSync(told.mails).filter(file => file.endsWith('.eml')) : [];
  return files.map(file => readFileSync(`${told.mails}/${file}`, 'utf8').replace(/=\r?\n/g, ''));
}

await browse(async open => {
  const visitor = await open({ javaScriptEnabled: told.scripts });
  const { page } = visitor;
  const check = page.locator('form').filter({ has: page.getByRole('button', { name: words.check, exact: true }) });
  const send = page.locator('form').filter({ has: page.getByRole('button', { name: words.send, exact: true }) });

  /** Asks on the page of keys. */
  const ask = async key => {
    await visitor.goto(`${root('en')}key/`);
    await check.getByLabel(words.group).selectOption('lighthouse');
    await check.getByLabel(words.key, { exact: true }).fill(key);
    await check.getByRole('button', { name: words.check, exact: true }).click();
    const said = await answer(page, check, '/check');
    if (told.scripts) assert.ok(page.url().startsWith(`${told.pages}/`), page.url());
    return said;
  };

  const good = await ask(told.key);
  assert.match(good, /2099/);
  const old = await ask(told.oldKey);
  assert.match(old, /31 January 2026|2026-01-31/);
  const place = told.scripts ? check : page.getByRole('main');
  assert.equal(await place.getByRole('link', { name: /renew/i }).first().getAttribute('href'), 'https://shop.example.org/renew');
  const wrong = await ask('nonsense');
  assert.doesNotMatch(wrong, /2099/);
  if (told.scripts) {
    assert.ok(good.includes(words.is_good) && good.includes('System - Lighthouse'), good);
    assert.ok(old.includes(words.is_bad) && wrong.includes(words.is_bad), `${old} ${wrong}`);
  }

  // Beside a download, for the license of that product.
  await visitor.goto(`${root('en')}mod_tides/`);
  const box = page.locator('form').filter({ has: page.getByLabel(download.key, { exact: true }) });
  await box.getByLabel(download.key, { exact: true }).fill(told.key);
  await box.getByRole('button', { name: download.check, exact: true }).click();
  assert.match(await answer(page, box, '/check/'), /2099/);

  // A stranger is answered like a customer, and only the customer gets a mail.
  const said = [];
  for (const email of ['eve@example.com', told.customer]) {
    await visitor.goto(`${root('en')}key/`);
    await send.getByLabel(words.group).selectOption('lighthouse');
    await send.getByLabel(words.email).fill(email);
    await send.getByRole('button', { name: words.send, exact: true }).click();
    said.push(await answer(page, send, '/send-key'));
  }
  assert.equal(said[0], said[1]);
  const mail = await eventually('a mail', () => mails()[0]);
  assert.ok(mail.includes(told.key) && mail.includes(`To: ${told.customer}`), mail);
  assert.equal(mails().length, 1);
  assert.deepEqual(visitor.requests.filter(address => /%40|@/.test(address) || address.includes(told.key)), []);

  if (told.scripts) {
    // Who asks again before the first answer is there, sees the second.
    await visitor.goto(`${root('en')}key/`);
    await check.getByLabel(words.group).selectOption('lighthouse');
    let isFirst = true;
    await visitor.context.route(`${told.validator}/check**`, async route => {
      if (isFirst) {
        isFirst = false;
        await new Promise(done => { setTimeout(done, 1_000); });
      }
      await route.continue();
    });
    const late = page.waitForResponse(response => response.request().postData()?.includes('nonsense'));
    await check.getByLabel(words.key, { exact: true }).fill('nonsense');
    await check.getByRole('button', { name: words.check, exact: true }).click();
    await check.getByLabel(words.key, { exact: true }).fill(told.key);
    await check.getByRole('button', { name: words.check, exact: true }).click();
    await (await late).finished();
    await page.evaluate(() => new Promise(done => { requestAnimationFrame(() => setTimeout(done)); }));
    assert.ok((await answer(page, check, '/check')).includes(words.is_good));
    await visitor.context.unrouteAll();

    // A license that never was for this product is bought, not renewed.
    await visitor.goto(`${root('en')}key/`);
    await check.getByLabel(words.group).selectOption('dockyard');
    await check.getByLabel(words.key, { exact: true }).fill(told.key);
    await check.getByRole('button', { name: words.check, exact: true }).click();
    await answer(page, check, '/check');
    await check.getByRole('link', { name: download.renew }).waitFor();

    // The shop's own pages stay when the validator is away, and say so.
    await visitor.goto(`${root('en')}key/`);
    await visitor.context.route(`${told.validator}/**`, route => route.abort());
    await check.getByLabel(words.key, { exact: true }).fill(told.key);
    await check.getByRole('button', { name: words.check, exact: true }).click();
    assert.ok((await answer(page, check, '/check')).includes(words.is_away));
    visitor.faults = visitor.faults.filter(fault => !fault.includes('net::ERR_FAILED'));
  }
  await visitor.leave();
});
