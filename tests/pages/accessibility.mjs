// Axe has nothing to object to on any type of page: light and dark, on a phone and on a desk.

import { DESK, PHONE, VIEWS, bringAxe, judge, violations } from './axe.mjs';
import { ANSWERS, HISTORY, NAMED, PAGES, assertNone, browse, root, told } from './browser.mjs';

/** What another language does to a page depends neither on the scheme nor on both sizes. */
const OTHER_LANGUAGE = [[PHONE, 'light'], [DESK, 'dark']];

const ON_PHONES = [[PHONE, 'light'], [PHONE, 'dark']];

await browse(async open => {
  const visitor = await open();
  await bringAxe(visitor);
  const { page } = visitor;
  for (const language of told.languageTags) {
    for (const [name, path] of Object.entries({ ...PAGES, history: HISTORY })) {
      await visitor.goto(root(language) + path);
      await judge(page, `${language} ${name}`, language === 'en' ? VIEWS : OTHER_LANGUAGE);
    }
  }
  if (told.languageTags.includes('en')) {
    // What scripts bring into a page.
    const { key: words, start } = told.words.en;
    for (const [name, key] of Object.entries({ good: told.key, old: told.oldKey })) {
      await visitor.goto(`${root('en')}key/`);
      const form = page.locator('form').filter({ has: page.getByRole('button', { name: words.check, exact: true }) });
      await form.getByLabel(words.group).selectOption('lighthouse');
      await form.getByLabel(words.key, { exact: true }).fill(key);
      await form.getByRole('button', { name: words.check, exact: true }).click();
      await form.getByRole('status').getByText(/20\d\d/).first().waitFor();
      await judge(page, `answer to a key that is ${name}`, ON_PHONES);
    }
    await visitor.goto(root('en'));
    await page.getByLabel(start.search).fill('nothing like that');
    await page.getByText(start.nothing, { exact: true }).waitFor();
    await judge(page, 'nothing found', ON_PHONES);
    for (const name of NAMED) {
      await visitor.goto(`${root('en')}${name}/`);
      await judge(page, name, [[PHONE, 'light']]);
    }
    await visitor.goto(`${told.pages}/nothing/is/here`, 404);
    await judge(page, 'a missing page', [[PHONE, 'light']]);
    for (const [name, target] of Object.entries(ANSWERS)) {
      const isRefused = target.startsWith('/download/');
      await visitor.goto(told.validator + target, isRefused ? 403 : 200);
      await judge(page, name);
    }
  }
  assertNone(violations);
  await visitor.leave();
});
