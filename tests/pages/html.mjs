// The rules of HTML, by html-validate.

import { npm } from './browser.mjs';

const { HtmlValidate, StaticConfigLoader } = npm('html-validate');

const htmlValidate = new HtmlValidate(new StaticConfigLoader({
  root: true,
  extends: ['html-validate:recommended', 'html-validate:document'],
  elements: ['html5'],
  rules: {
    // Digests are for what comes from other hosts; pages and what they load are written by the same build.
    'require-sri': ['error', { target: 'crossorigin' }],
    // Titles hold the whole name of a product, which is its vendor's choice.
    'long-title': 'off',
    // A release's identifier is its version, to which feeds link. HTML lets it begin with a digit.
    'valid-id': ['error', { relaxed: true }],
  },
}));

/** What is wrong with a page, each in a line. */
export async function faults(name, html) {
  const report = await htmlValidate.validateString(html, name);
  return report.results.flatMap(({ messages }) =>
    messages.map(({ ruleId, line, column, message }) => `${name}:${line}:${column} ${ruleId}: ${message}`));
}
