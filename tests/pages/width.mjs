// No page can be moved sideways.

/** Pages that can, with their width and what sticks out. */
export const wide = [];

/** Looks at the page that is open, in its present size. */
export async function measure(page, name) {
  const out = await page.evaluate(() => {
    const width = innerWidth;
    if (document.scrollingElement.scrollWidth <= width) return [];
    const stick = [...document.querySelectorAll('body *')].filter(element => {
      const { left, right } = element.getBoundingClientRect();
      return right > width + 1 || left < -1;
    });
    return [`${document.scrollingElement.scrollWidth} of ${width}`, ...stick.slice(0, 5).map(element => element.outerHTML.slice(0, 120))];
  });
  if (out.length > 0) wide.push({ page: name, out });
}
