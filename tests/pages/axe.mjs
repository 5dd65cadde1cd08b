// Axe, run in a page as it is shown.

import { npm } from './browser.mjs';

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 800 };

/** What axe has found so far on all pages. */
export const violations = [];

/** Brings axe into every page that a visitor opens. */
export const bringAxe = visitor => visitor.context.addInitScript({ content: npm('axe-core').source });

/** Judges the page that is open, in each size and scheme, with all of its folds open. */
export async function judge(page, name, sizes = [PHONE, DESK], schemes = ['light', 'dark']) {
  await page.evaluate(() => document.querySelectorAll('details').forEach(fold => { fold.open = true; }));
  for (const viewport of sizes) {
    await page.setViewportSize(viewport);
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      const found = await page.evaluate(async () => {
        const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
        return violations.map(({ id, help, nodes }) =>
          ({ id, help, nodes: nodes.slice(0, 3).map(node => `${node.target} ${node.html} ${node.failureSummary}`) }));
      });
      violations.push(...found.map(violation => ({ page: name, width: viewport.width, colorScheme, ...violation })));
    }
  }
}
