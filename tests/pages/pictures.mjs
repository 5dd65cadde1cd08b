// Every type of page in three widths, light and dark, as pictures to be looked at; and no page is wider than a phone.

import { mkdirSync, writeFileSync } from 'node:fs';
import { ANSWERS, HISTORY, NAMED, PAGES, assertNone, browse, root, told } from './browser.mjs';
import { measure, wide } from './width.mjs';

const SIZES = [{ width: 360, height: 740 }, { width: 768, height: 1024 }, { width: 1280, height: 800 }];

/** Longest picture, in pixels: enough of a page with many releases. */
const LONGEST = 6_000;

/** Takes a picture of the whole page, by the browser's own protocol: Playwright has it pack pictures well, which takes several times as long. */
async function shoot(session, page, width, file) {
  const height = await page.evaluate(() => document.scrollingElement.scrollHeight);
  const clip = { x: 0, y: 0, width, height: Math.min(height, LONGEST), scale: 1 };
  const whole = { format: 'png', optimizeForSpeed: true, captureBeyondViewport: true, clip };
  const { data } = await session.send('Page.captureScreenshot', whole);
  writeFileSync(file, data, 'base64');
}

async function picture(session, page, name, sizes = SIZES) {
  for (const viewport of sizes) {
    await page.setViewportSize(viewport);
    await measure(page, name);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await shoot(session, page, viewport.width, `${told.pictures}/${name}-${viewport.width}-${colorScheme}.png`);
    }
  }
}

mkdirSync(told.pictures, { recursive: true });
await browse(async open => {
  const visitor = await open();
  const { page } = visitor;
  const session = await visitor.context.newCDPSession(page);
  for (const language of told.languageTags) {
    for (const [name, path] of Object.entries({ ...PAGES, history: HISTORY })) {
      await visitor.goto(root(language) + path);
      // What other languages do to a page is seen on a phone first.
      await picture(session, page, `${language}-${name}`, language === 'en' ? SIZES : SIZES.slice(0, 1));
    }
    for (const name of NAMED) {
      await visitor.goto(`${root(language)}${name}/`);
      await page.setViewportSize(SIZES[0]);
      await measure(page, `${language} ${name}`);
      if (language === 'en') await picture(session, page, name, SIZES.slice(0, 1));
    }
  }
  if (told.languageTags.includes('en')) {
    for (const [name, target] of Object.entries(ANSWERS)) {
      await visitor.goto(told.validator + target, target.startsWith('/download/') ? 403 : 200);
      await picture(session, page, name, SIZES.slice(0, 1));
    }
  }
  assertNone(wide);
  await visitor.leave();
});
