// What readers need of a page: large text on a small screen, a language from right to left, and ink on paper.

import assert from 'node:assert/strict';
import { HISTORY, PAGES, assertNone, browse, root } from './browser.mjs';
import { measure, wide } from './width.mjs';

/** How bright a color of an element is, from 0 to 255. */
const brightness = (page, selector, property) => page.locator(selector).first().evaluate((element, property) => {
  const [red, green, blue] = getComputedStyle(element)[property].match(/[\d.]+/g).map(Number);
  return (red + green + blue) / 3;
}, property);

/** Where a part of an element's text is, in pixels from the left. */
const place = (locator, part) => locator.evaluate((element, part) => {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const start = texts.currentNode.data.indexOf(part);
    if (start < 0) continue;
    const range = document.createRange();
    range.setStart(texts.currentNode, start);
    range.setEnd(texts.currentNode, start + part.length);
    return range.getBoundingClientRect().left;
  }
  throw new Error(`no ${part} in ${element.outerHTML}`);
}, part);

await browse(async open => {
  // Text of twice its size on the smallest phone: nothing needs to be moved sideways.
  const phone = await open({ viewport: { width: 360, height: 740 } });
  for (const language of ['en', 'de', 'fa']) {
    for (const path of Object.values({ ...PAGES, history: HISTORY })) {
      await phone.goto(root(language) + path);
      await phone.page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
      await measure(phone.page, `${language} ${path} in large text`);
    }
  }
  assertNone(wide);
  await phone.leave();

  // All six versions of Joomla can be seen on a phone, without finding out that the table moves.
  const small = await open({ viewport: { width: 360, height: 740 } });
  await small.goto(`${root('de')}plg_system_lighthouse/`);
  const last = await small.page.getByRole('columnheader', { name: '6', exact: true }).boundingBox();
  assert.ok(last.x + last.width <= 360, `Joomla 6 ends at ${last.x + last.width}`);
  await small.leave();

  // From right to left, names stand where the page begins, and versions and ranges stay as they are.
  const persian = await open({ viewport: { width: 360, height: 740 } });
  const { page } = persian;
  await persian.goto(root('fa') + HISTORY);
  assert.equal(await page.locator('h1').evaluate(element => getComputedStyle(element).textAlign), 'right');
  for (const version of await page.getByText('5.0.0-beta1', { exact: true }).all()) {
    assert.ok(await place(version, '5.0.0') < await place(version, 'beta'), await version.evaluate(node => node.outerHTML));
  }
  await persian.goto(`${root('fa')}mod_hebrew/`);
  assert.equal(await page.locator('h1').evaluate(element => getComputedStyle(element).textAlign), 'right');
  await persian.goto(`${root('en')}mod_hebrew/`);
  assert.equal(await page.locator('h1').evaluate(element => getComputedStyle(element).textAlign), 'left');
  await persian.leave();

  // On paper, dark pages are light, and there is no button without its form.
  const printer = await open({ colorScheme: 'dark' });
  await printer.goto(`${root('en')}plg_system_lighthouse/`);
  await printer.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  assert.ok(await brightness(printer.page, 'h1', 'color') < 100);
  assert.ok(await brightness(printer.page, '.get', 'backgroundColor') > 200);
  for (const button of await printer.page.locator('.get button').all()) assert.ok(await button.isHidden());
  await printer.leave();
});
