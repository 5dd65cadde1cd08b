// Every page written is valid HTML and a whole document, by html-validate; so are the validator's.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ANSWERS, assertNone, told } from './browser.mjs';
import { faults } from './html.mjs';
import { filesOf } from './tree.mjs';

const pages = filesOf(told.public).filter(file => file.endsWith('.html'));
assert.ok(pages.length > 3 * 12, `${pages.length} pages`);
const found = [];
for (const page of pages) {
  found.push(...await faults(page, readFileSync(`${told.public}/${page}`, 'utf8')));
}
for (const [name, target] of Object.entries(ANSWERS)) {
  const answer = await fetch(told.validator + target, { headers: { accept: 'text/html' } });
  found.push(...await faults(name, await answer.text()));
}
assertNone(found);
