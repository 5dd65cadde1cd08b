// Every type of page in three widths, light and dark, as pictures to be looked at; and no page is wider than a phone.

import { mkdirSync } from 'node:fs';
import { ANSWERS, HISTORY, NAMED, PAGES, assertNone, browse, root, told } from './browser.mjs';
import { measure, wide } from './width.mjs';

const SIZES = [{ width: 360, height: 740 }, { width: 768, height: 1024 }, { width: 1280, height: 800 }];

/** Longest picture, in pixels: enough of a page with many releases. */
const LONGEST = 6_000;

async function picture(page, name, sizes = SIZES) {
  for (const viewport of sizes) {
    await page.setViewportSize(viewport);
    await measure(page, name);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const height = await page.evaluate(() => document.scrollingElement.scrollHeight);
      const clip = { x: 0, y: 0, width: viewport.width, height: Math.min(height, LONGEST) };
      await page.screenshot({ path: `${told.pictures}/${name}-${viewport.width}-${colorScheme}.png`, fullPage: true, clip });
    }
  }
}

mkdirSync(told.pictures, { recursive: true });
await browse(async open => {
  const visitor = await open();
  const { page } = visitor;
  for (const language of told.languageTags) {
    for (const [name, path] of Object.entries({ ...PAGES, history: HISTORY })) {
      await visitor.goto(root(language) + path);
      // What other languages do to a page is seen on a phone first.
      await picture(page, `${language}-${name}`, language === 'en' ? SIZES : SIZES.slice(0, 1));
    }
    for (const name of NAMED) {
      await visitor.goto(`${root(language)}${name}/`);
      await page.setViewportSize(SIZES[0]);
      await measure(page, `${language} ${name}`);
      if (language === 'en') await picture(page, name, SIZES.slice(0, 1));
    }
  }
  if (told.languageTags.includes('en')) {
    for (const [name, target] of Object.entries(ANSWERS)) {
      await visitor.goto(told.validator + target, target.startsWith('/download/') ? 403 : 200);
      await picture(page, name, SIZES.slice(0, 1));
    }
  }
  assertNone(wide);
  await visitor.leave();
});
