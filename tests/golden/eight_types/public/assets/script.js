// What pages can do besides, where scripts run: filter products, check a key without leaving the page, copy, remember a key.
// Every word that it shows comes from the page. Keys are sent in a body, never in an address.
'use strict';
{
  // After this long without an answer the license check counts as away.
  const ASK_MILLISECONDS = 20_000;
  const root = document.documentElement;
  // The site's own part of its host.
  const site = new URL('..', document.currentScript.src).pathname;
  // The language of the page, where the browser has rules for it; else the browser's own.
  const locale = (() => {
    try { return Intl.getCanonicalLocales(root.lang)[0]; } catch { return undefined; }
  })();
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, word) => values[word] ?? whole);
  const made = (tag, text, to) => {
    const element = document.createElement(tag);
    element.textContent = text;
    to?.append(element);
    return element;
  };
  // What stands behind the `#` of the address.
  const anchor = () => {
    try { return decodeURIComponent(location.hash.slice(1)); } catch { return ''; }
  };

  // Products by words, Joomla, license and type. What is chosen stands in the address, so that it can be linked.
  const filter = document.getElementById('filter');
  if (filter) {
    const plain = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase(locale);
    const items = all('#products > li');
    const texts = items.map((item) => plain(`${item.textContent} ${item.querySelector('a').getAttribute('href')}`));
    const fields = all('[name]', filter);
    const search = document.getElementById('q');
    const choose = () => {
      const words = plain(search.value).split(/\s+/);
      const choices = fields.filter((field) => field !== search && field.value);
      const shown = items.filter((item, index) => {
        item.hidden = !(words.every((word) => texts[index].includes(word)) &&
          choices.every(({ name, value }) => item.dataset[name].split(' ').includes(value)));
        return !item.hidden;
      }).length;
      document.getElementById('count').textContent = filled(filter.dataset.count, { shown, total: items.length });
      document.getElementById('nothing').hidden = shown > 0;
    };
    const read = () => {
      const query = new URLSearchParams(location.search);
      for (const field of fields) {
        const value = query.get(field.name) ?? '';
        field.value = value;
        // A choice that is not offered chooses nothing.
        if (field.value !== value) field.value = '';
      }
      choose();
    };
    const write = () => {
      // Whole, as a path that begins with two slashes would be a host.
      const address = new URL(location.href);
      const query = address.searchParams;
      for (const { name, value } of fields) value.trim() ? query.set(name, value.trim()) : query.delete(name);
      history.replaceState(null, '', address);
      choose();
    };
    let wait;
    filter.addEventListener('input', () => {
      clearTimeout(wait);
      // Typing is waited for: screen readers hear one count, and browsers limit how often an address may change.
      wait = setTimeout(write, 200);
    });
    document.getElementById('reset').addEventListener('click', () => {
      for (const field of fields) field.value = '';
      write();
      search.focus();
    });
    addEventListener('popstate', read);
    filter.hidden = false;
    read();
  }

  // A key on this device, one for each group of a site, only if its holder says so. The storage may be forbidden, and all sites
  // of a host share it.
  const kept = {
    name: (group) => `bandari.key.${site}${group}`,
    of(group) { try { return localStorage.getItem(this.name(group)); } catch { return null; } },
    keep(group, key) { try { localStorage.setItem(this.name(group), key); } catch { /* not kept */ } },
    drop(group) { try { localStorage.removeItem(this.name(group)); } catch { /* nothing there */ } },
    works() { try { return Boolean(localStorage); } catch { return false; } },
  };
  const remember = document.getElementById('remember');
  if (remember && kept.works()) {
    const { group } = remember.form.dataset;
    const field = remember.form.elements.dlid;
    const follow = () => {
      const key = field.value.trim();
      remember.checked && key ? kept.keep(group, key) : kept.drop(group);
    };
    const key = kept.of(group);
    if (key) { field.value = key; remember.checked = true; }
    remember.addEventListener('change', follow);
    field.addEventListener('change', follow);
    remember.form.addEventListener('submit', follow);
    remember.closest('[hidden]').hidden = false;
  }

  // The key page knows by its address which license is meant, and by the product's page the key.
  const choices = all('select[name=id]');
  const about = new URLSearchParams(location.search).get('for') ?? anchor();
  for (const select of choices) {
    if (all('option', select).some((option) => option.value === about)) select.value = about;
  }
  const check = document.querySelector('form[data-ask=check]');
  if (check) {
    const field = check.elements.dlid;
    let offered = '';
    const offer = () => {
      if (field.value !== offered) return;
      offered = kept.of(check.elements.id.value) ?? '';
      field.value = offered;
    };
    check.elements.id.addEventListener('change', offer);
    offer();
  }

  // Asks the license check, and shows in the page what it says. When a form is sent for anything else, it goes its way.
  const show = (place, tone, heading) => {
    place.replaceChildren();
    place.className = `answer ${tone}`;
    made('h3', heading, place);
  };
  const showVerdict = (place, words, verdict, group) => {
    const tone = !verdict.valid ? 'bad' : verdict.expiring ? 'soon' : 'good';
    show(place, tone, words[tone]);
    if (verdict.message) made('p', verdict.message, place);
    const facts = document.createElement('dl');
    const fact = (name, value) => {
      const pair = made('div', '', facts);
      made('dt', name, pair);
      made('dd', value, pair);
    };
    const date = new Date(verdict.expires ?? NaN);
    if (!isNaN(date)) {
      const month = words.months.split('|')[date.getUTCMonth()];
      fact(words.expires, filled(words.date, { day: date.getUTCDate(), month, year: date.getUTCFullYear() }));
    } else if (verdict.valid) {
      fact(words.expires, words.never);
    }
    if (verdict.days_left >= 0) {
      const days = new Intl.NumberFormat(locale, { style: 'unit', unit: 'day', unitDisplay: 'long' });
      fact(words.left, days.format(verdict.days_left));
    }
    if (facts.firstChild) place.append(facts);
    const opened = verdict.valid && document.querySelector(`[data-opens="${CSS.escape(group ?? '')}"] ul`);
    if (opened) {
      made('p', words.opens, place);
      place.append(opened.cloneNode(true));
    }
    if (/^https?:/.test(verdict.renew_url ?? '')) {
      // Only what was a license for this, and ran out, is renewed.
      const isRenewed = verdict.valid || verdict.state === 'expired';
      const link = made('a', isRenewed ? words.renew : words.buy, made('p', '', place));
      link.href = verdict.renew_url;
      if (tone !== 'good') link.className = 'button';
    }
  };
  // The last question of each place: the answer to an earlier one may come later.
  const asked = new WeakMap();
  const ask = async (form, kind, address) => {
    const place = form.querySelector('.answer');
    const question = {};
    asked.set(place, question);
    const words = place.dataset;
    const data = new URLSearchParams(new FormData(form));
    show(place, '', words.asking);
    try {
      const response = await fetch(address, {
        method: 'POST', body: data, credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(ASK_MILLISECONDS),
        headers: { Accept: 'application/json', 'Accept-Language': root.lang },
      });
      const answer = await response.json();
      if (asked.get(place) !== question) return;
      if (kind === 'check' && answer.state) return showVerdict(place, words, answer, data.get('id'));
      const isSent = kind === 'send' && answer.status === 'ok';
      show(place, isSent ? 'good' : 'bad', isSent ? words.sent : kind === 'send' ? words.notSent : words.failed);
      if (answer.message) made('p', answer.message, place);
    } catch {
      if (asked.get(place) !== question) return;
      show(place, 'bad', words.failed);
      made('p', words.away, place);
    }
  };
  document.addEventListener('submit', (event) => {
    const { target: form, submitter } = event;
    const asking = submitter?.dataset.ask ? submitter : form;
    if (!asking.dataset.ask) return;
    event.preventDefault();
    ask(form, asking.dataset.ask, asking === form ? form.action : submitter.formAction);
  });

  // Copy buttons, beside what can be copied, once it can be seen.
  const words = document.body.dataset;
  const said = document.getElementById('said');
  const copies = (within) => {
    for (const code of all('.copies code', within)) {
      const text = code.closest('a') ?? code;
      if (text.nextElementSibling?.matches('.copy') || code.closest('details:not([open])')) continue;
      const button = made('button', words.copy);
      button.type = 'button';
      button.className = 'copy';
      const name = code.dataset.name ?? code.previousSibling.textContent.trim();
      button.setAttribute('aria-label', filled(words.copyOf, { name }));
      button.addEventListener('click', async () => {
        let isCopied = true;
        try { await navigator.clipboard.writeText(code.textContent); } catch { isCopied = false; }
        said.textContent = isCopied ? words.copied : words.notCopied;
        button.textContent = said.textContent;
        button.classList.toggle('done', isCopied);
        setTimeout(() => {
          said.textContent = '';
          button.textContent = words.copy;
          button.classList.remove('done');
        }, 2500);
      });
      text.after(' ', button);
    }
  };
  if (navigator.clipboard) {
    copies(document);
    document.addEventListener('toggle', ({ target }) => { if (target.open) copies(target.parentNode); }, true);
  }

  // The same page in another language, with what is looked for there.
  for (const link of all('a[hreflang]')) {
    link.addEventListener('click', () => {
      link.search = location.search;
      link.hash = location.hash;
    });
  }

  // A link to an older release opens what it is folded into.
  const unfold = () => {
    const target = document.getElementById(anchor());
    const fold = target?.closest('details:not([open])');
    if (!fold) return;
    fold.open = true;
    target.scrollIntoView();
  };
  addEventListener('hashchange', unfold);
  unfold();
}
