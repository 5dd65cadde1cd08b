// Axe, run in a page as it is shown.

import { npm } from './browser.mjs';

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 800 };

/** What axe has found so far on all pages. */
export const violations = [];

/** Brings axe into every page that a visitor opens. */
export const bringAxe = visitor => visitor.context.addInitScript({ content: npm('axe-core').source });

/** The rules of axe that colors can break, of those that are on by themselves. */
const COLORS = ['color-contrast', 'link-in-text-block'];

/** Sizes and schemes in which a page is judged. */
export const VIEWS = [[PHONE, 'light'], [PHONE, 'dark'], [DESK, 'light'], [DESK, 'dark']];

/**
 * Judges the page that is open, with all of its folds open. Of a size in its second scheme only the colors are judged: all else of
 * the page is the same, and the rules of colors take most of the time.
 */
export async function judge(page, name, views = VIEWS) {
  await page.evaluate(() => document.querySelectorAll('details').forEach(fold => { fold.open = true; }));
  const seen = new Set();
  for (const [viewport, colorScheme] of views) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    const only = seen.has(viewport) ? { runOnly: COLORS } : {};
    seen.add(viewport);
    const found = await page.evaluate(async only => {
      const { violations } = await window.axe.run(document, { ...only, resultTypes: ['violations'] });
      return violations.map(({ id, help, nodes }) =>
        ({ id, help, nodes: nodes.slice(0, 3).map(node => `${node.target} ${node.html} ${node.failureSummary}`) }));
    }, only);
    violations.push(...found.map(violation => ({ page: name, width: viewport.width, colorScheme, ...violation })));
  }
}
