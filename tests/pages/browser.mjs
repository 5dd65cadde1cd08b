// What every scenario begins with: what it is told on standard input, the system's chromium, and a record of whatever a visitor
// should never see: errors, dialogs, and requests to anybody but the shop.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What the Rust side tells: `storefront.rs` and `scenario.rs` say what there is. */
export const told = JSON.parse(readFileSync(0, 'utf8'));

const require = createRequire(`${told.packages}/`);

/** A package of npm; those of the tests are not beside this file. */
export const npm = name => require(name);

/** How long to wait for what a page or a server does at once, in milliseconds; machines of tests may be busy. */
const PATIENCE = 20_000;

/** Where the pages of a language begin; the first is at the site's root. */
export const root = language => `${told.pages}/${language === told.languages[0] ? '' : `${language}/`}`;

/** One page of each type, and of each kind of product, below the root of a language. */
export const PAGES = {
  start: '',
  licensed: 'plg_system_lighthouse/',
  databases: 'pkg_dockyard/',
  free: 'mod_openinghours/',
  file: 'handbook/',
  clientPlugin: 'plg_installer_mwambaoextensions/',
  key: 'key/',
  missing: '404.html',
};

/** Products whose names try a layout or a script. */
export const NAMED = Object.keys(told.names);

/** The page of the product with many releases. */
export const HISTORY = 'mod_tides/';

/** Pages that the validator makes: their type, and what to ask for. */
export const ANSWERS = {
  refusal: '/download/lighthouse_110',
  'wrong-key': '/download/lighthouse_110?dlid=nonsense',
  checked: `/check/lighthouse?dlid=${told.key}`,
  expired: `/check/lighthouse?dlid=${told.oldKey}`,
  'check-form': '/check/lighthouse',
  'send-form': '/send-key?id=lighthouse',
};

/**
 * Runs a scenario in a browser of its own.
 * @param {(open: (options?: object) => Promise<Visitor>) => Promise<void>} scenario opens visitors as it needs them
 */
export async function browse(scenario) {
  const browser = await npm('playwright-core').chromium.launch({
    executablePath: told.chromium,
    // Chromium has no sandbox for root, as whom tests in containers run. No part of it may ask for updates of its own.
    args: [...(process.getuid() === 0 ? ['--no-sandbox'] : []), '--disable-component-update', '--disable-dev-shm-usage'],
  });
  const visitors = [];
  try {
    await scenario(async options => {
      visitors.push(await Visitor.enter(browser, options));
      return visitors.at(-1);
    });
  } catch (error) {
    // What a visitor saw before is often why.
    visitors.flatMap(visitor => visitor.faults).forEach(fault => console.error(fault));
    throw error;
  } finally {
    await browser.close();
  }
}

/** Somebody with a browser that remembers nothing from before. */
export class Visitor {
  /** @param {object} options those of a context of Playwright */
  static async enter(browser, options = {}) {
    const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(PATIENCE);
    const visitor = new Visitor(context);
    visitor.page = await context.newPage();
    return visitor;
  }

  constructor(context) {
    this.context = context;
    /** What went wrong, in words. */
    this.faults = [];
    /** Addresses asked for. */
    this.requests = [];
    const own = [new URL(told.pages).origin, new URL(told.validator).origin];
    context.on('request', request => {
      this.requests.push(request.url());
      if (!own.includes(new URL(request.url()).origin)) this.faults.push(`a request to ${request.url()}`);
    });
    context.on('console', message => {
      if (['error', 'warning'].includes(message.type())) {
        this.faults.push(`${message.type()} on ${message.location().url}: ${message.text()}`);
      }
    });
    context.on('weberror', error => this.faults.push(`an exception: ${error.error().stack}`));
    context.on('dialog', dialog => {
      this.faults.push(`a dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
  }

  /** Goes to an address and expects that status; the browser's own complaint about an expected error is none. */
  async goto(address, status = 200) {
    const answer = await this.page.goto(address);
    assert.equal(answer.status(), status, address);
    if (status >= 400) this.forgive(status);
    return answer;
  }

  /** Takes out of the record that a page came with that status. */
  forgive(status) {
    const complaint = `the server responded with a status of ${status} `;
    this.faults = this.faults.filter(fault => !fault.includes(complaint));
  }

  /** Nothing went wrong so far. */
  assertNoFault() {
    assertNone(this.faults);
  }

  /** Leaves, having had nothing to complain about. */
  async leave() {
    await this.context.close();
    this.assertNoFault();
  }
}

/** Nothing was found to be wrong; else each in a line of its own. */
export function assertNone(found) {
  const lines = found.map(fault => (typeof fault === 'string' ? fault : JSON.stringify(fault)));
  assert.ok(found.length === 0, `${found.length} faults:\n${lines.join('\n')}`);
}

/** Opens every fold in which an element is. */
export async function reveal(locator) {
  const folds = locator.locator('xpath=ancestor::details[not(@open)]/summary');
  while (await folds.count() > 0) await folds.first().click();
}

/** Waits until something is found. */
export async function eventually(what, find) {
  for (const begun = Date.now(); Date.now() - begun < PATIENCE;) {
    const found = await find();
    if (found) return found;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw new Error(`not found in time: ${what}`);
}

/** A text of a language with its words in braces filled in. */
export function filled(text, values) {
  return Object.entries(values).reduce((text, [word, value]) => text.replaceAll(`{${word}}`, value), text);
}

/** Clicks what starts a download and compares what comes with a file. */
export async function assertDownloads(page, locator, file) {
  await reveal(locator);
  const [download] = await Promise.all([page.waitForEvent('download'), locator.click()]);
  assert.equal(download.suggestedFilename(), file.slice(file.lastIndexOf('/') + 1));
  assert.ok(readFileSync(await download.path()).equals(readFileSync(file)), `${file} is what comes`);
}
