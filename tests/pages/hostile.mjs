// Names that are meant to break out of a page are shown as they are, and nothing is run, framed or loaded that does not belong there.

import assert from 'node:assert/strict';
import { HISTORY, PAGES, browse, root, told } from './browser.mjs';

/** What only our own templates put into a page. */
const loaded = page => page.evaluate(() => ({
  scripts: [...document.querySelectorAll('script')].filter(script => script.type !== 'application/ld+json').map(script => script.getAttribute('src')),
  frames: document.querySelectorAll('iframe, object, embed, base').length,
  styled: document.querySelectorAll('[style], style').length,
  handlers: [...document.querySelectorAll('*')].flatMap(element => element.getAttributeNames()).filter(name => name.startsWith('on')),
  running: [...document.querySelectorAll('[href], [action], [formaction]')]
    .flatMap(element => ['href', 'action', 'formaction'].map(name => element.getAttribute(name) ?? ''))
    .filter(address => /^\s*javascript:/i.test(address)),
  pictures: [...document.querySelectorAll('img')].map(image => new URL(image.src).pathname),
}));

/** A page holds what ours hold and nothing else. */
async function assertOurs(page, address) {
  const { scripts, pictures, ...none } = await loaded(page);
  assert.equal(scripts.length, 1, `${address}: ${scripts}`);
  assert.match(scripts[0], /^(\.\.\/)*assets\/script\.js$|^\/assets\/script\.js$/);
  assert.deepEqual(none, { frames: 0, styled: 0, handlers: [], running: [] }, address);
  for (const picture of pictures) assert.match(picture, /\/assets\/(icon|logo)\.\w+$|\/icon\.\w+$/, address);
}

await browse(async open => {
  const visitor = await open();
  const { page } = visitor;
  for (const language of told.languages) {
    for (const path of [...Object.values(PAGES), HISTORY]) {
      await visitor.goto(root(language) + path);
      await assertOurs(page, page.url());
      const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
      assert.match(policy, /^default-src 'none'; /);
      assert.doesNotMatch(policy, /unsafe|\*/);
    }
    await visitor.goto(root(language));
    const shown = await page.getByRole('main').getByRole('link').evaluateAll(links => links.map(link => link.textContent.trim()));
    for (const name of Object.values(told.names)) assert.ok(shown.includes(name), `${name} is among ${shown}`);
    for (const [id, name] of Object.entries(told.names)) {
      await visitor.goto(`${root(language)}${id}/`);
      assert.equal((await page.locator('h1').textContent()).trim(), name);
      assert.ok((await page.title()).includes(name), await page.title());
      await assertOurs(page, page.url());
      const data = await page.locator('script[type="application/ld+json"]').allTextContents();
      assert.equal(JSON.parse(data[0]).name, name);
      const described = await page.locator('meta[name="description"]').getAttribute('content');
      assert.ok(described.includes(name), described);
      const text = await page.locator('main').textContent();
      for (const said of ['<script>alert(5)</script>', '<img src=x onerror=alert(7)> bold and <b>code</b>']) {
        assert.ok(text.includes(said), `${said} is in the changelog of ${id}`);
      }
    }
  }
  await visitor.leave();
});
