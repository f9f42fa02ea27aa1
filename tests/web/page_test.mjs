// The page in Chromium, on a real exporter that watches a real estate. EXPORTER is the binary, SHOTS the folder for pictures.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {after, before, beforeEach, describe, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright-core';
import {manyWatches} from './many.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const shots = process.env.SHOTS ?? 'shots';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const hostile = '<b>hostile</b>';

let estate, url, browser, context, page, complaints;

// Starts estate.sh, which lives as long as our end of its standard input.
function startEstate() {
  estate = spawn(`${process.env.SOURCES ?? `${here}/../..`}/tests/web/estate.sh`, [process.env.EXPORTER], {stdio: ['pipe', 'pipe', 'inherit']});
  return new Promise((resolve, reject) => {
    estate.stdout.once('data', (line) => resolve(String(line).trim()));
    estate.once('exit', (code) => reject(new Error(`the estate ended with ${code}`)));
  });
}

before(async () => {
  mkdirSync(shots, {recursive: true});
  [url, browser] = await Promise.all([startEstate(), chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--no-proxy-server'],  // tests may run as root, in a container
  })]);
});
after(async () => {
  await browser?.close();
  const ended = new Promise((resolve) => estate?.once('exit', resolve));
  estate?.stdin.end();
  await ended;
});

// A fresh page that notes everything a browser can complain of.
async function open(path = '', options = {}) {
  await context?.close();
  context = await browser.newContext({viewport: {width: 1360, height: 860}, ...options});
  page = await context.newPage();
  complaints = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => (complaints.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on('request', (request) => new URL(request.url()).origin === new URL(url).origin || complaints.push(`asked ${request.url()}`));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective}`)));
  await page.goto(url + path);
}
const quiet = () => assert.deepEqual(complaints, []);
const rows = () => page.locator('.watches tbody tr[data-at]');
const loaded = () => rows().first().waitFor();
const column = (name) => page.locator(`.watches tbody td.c-${name}, .watches tbody th.c-${name}`).allInnerTexts();
const shot = (name) => page.screenshot({path: `${shots}/${name}.png`});

async function judgedByAxe() {
  // Trusted Types forbid what axe would do in the page itself: it is evaluated from outside, in the page's own world.
  await page.evaluate(axeSource);
  const {violations} = await page.evaluate(() => axe.run(document, {resultTypes: ['violations']}));
  return violations.filter(({impact}) => impact === 'serious' || impact === 'critical').map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html).slice(0, 3)}`);
}

describe('the overview', () => {
  beforeEach(async () => {
    await open();
    await loaded();
  });

  test('shows every watch, the broken ones first, and counts them', async () => {
    assert.equal(await rows().count(), 16);
    const states = await column('state');
    assert.equal(states[0], 'failed');
    assert.equal(states.at(-1), 'good');
    const failed = states.filter((word) => word === 'failed').length;
    assert.equal(await page.locator('.tile.failed strong').innerText(), String(failed));
    assert.match(await page.title(), new RegExp(`^\\(${failed}\\) mtls_exporter$`));
    quiet();
  });

  test('says of a failed watch why, in words and as the metric says it', async () => {
    const row = page.locator('.watches tr[data-at]', {hasText: 'partners'}).filter({hasText: 'watcher'});
    const text = await row.innerText();
    for (const part of ['failed', 'rejected', 'The server does not know the CA of our certificate', 'unknown_ca', 'valid', 'required'])
      assert.ok(text.includes(part), `${part} in ${text}`);
    quiet();
  });

  test('sorts by a column, both ways, and says so', async () => {
    const head = page.locator('.watches th.c-expiry_days');
    await head.getByRole('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'ascending');
    const up = (await column('expiry_days')).filter((text) => text !== '–').map(Number);
    assert.deepEqual(up, [...up].sort((a, b) => a - b));
    await head.getByRole('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    const down = await column('expiry_days');
    assert.equal(down.at(-1), '–', 'what has no date comes last either way');
    const numbers = down.filter((text) => text !== '–').map(Number);
    assert.deepEqual(numbers, [...numbers].sort((a, b) => b - a));
    quiet();
  });

  test('filters by words and by state', async () => {
    await page.getByLabel('Filter').fill('watcher unknown_ca');
    assert.deepEqual(await column('target'), ['partners']);
    assert.equal(await page.locator('#count').innerText(), '1 of 16');
    await page.getByLabel('Filter').fill('');
    await page.getByRole('button', {name: 'good'}).click();
    assert.deepEqual([...new Set(await column('state'))], ['good']);
    await page.getByLabel('Filter').fill('nothing like it');
    assert.equal(await rows().count(), 0);
    assert.ok(await page.getByText('No watch matches the filter.').isVisible());
    quiet();
  });

  test('shows when certificates end', async () => {
    const strip = page.getByRole('img', {name: /to renew in 90 days/});
    assert.ok((await strip.locator('rect').count()) >= 2);
    assert.match(await page.locator('.strip-words').innerText(), /1 within 7 days/);
    quiet();
  });

  test('refreshes by itself without losing the place', async () => {
    await page.setViewportSize({width: 1360, height: 420});
    await page.getByLabel('Filter').fill('watcher');
    await page.locator('.scroller').evaluate((box) => (box.scrollTop = 60));
    const link = page.locator('tr[data-at="3"] a');
    await link.focus();
    const [target, top] = [await link.innerText(), await page.locator('.scroller').evaluate((box) => box.scrollTop)];
    await Promise.all([page.waitForResponse(/api\/v1\/estate/), page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))]);
    await page.waitForFunction((old) => document.activeElement.textContent === old, target);
    assert.equal(await page.locator('.scroller').evaluate((box) => box.scrollTop), top);
    assert.equal(await page.getByLabel('Filter').inputValue(), 'watcher');
    quiet();
  });

  test('says when the exporter does not answer, and keeps what it has', async () => {
    await page.route(/api\/v1\/estate/, (route) => route.fulfill({status: 503, body: 'no'}));
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.getByRole('alert').filter({hasText: 'does not answer'}).waitFor();
    assert.equal(await rows().count(), 16);
  });
});

describe('the detail', () => {
  test('has the reason, the remedy, the chain, the findings, who is accepted, and the history', async () => {
    await open('#/watch/partners/watcher');
    const dialog = page.getByRole('dialog', {name: 'partners'});
    await dialog.getByText('What to do').waitFor();
    const text = await dialog.innerText();
    for (const part of ['The server does not know the CA of our certificate.', 'client_certificate/unknown_ca', 'alert unknown_ca', 'Estate Issuing CA', 'Partner Root CA',
      'partners.estate.test', 'Estate Root CA', 'not sent', 'required', 'anonymous', 'TLSv1.3', 'probes failed since the start'])
      assert.ok(text.includes(part), part);
    assert.match(await dialog.locator('.remedies').innerText(), /Add Estate Root CA to the client CAs of partners/);
    assert.ok((await dialog.locator('.history tbody tr').count()) >= 1);
    quiet();
  });

  test('has findings with their meaning and rule', async () => {
    await open('#/watch/billing/watcher');
    const findings = page.locator('.findings');
    await findings.waitFor();
    assert.match(await findings.innerText(), /missing_intermediate/);
    assert.match(await findings.innerText(), /RFC 8446 4.4.2/);
    quiet();
  });

  test('opens and closes by the keyboard alone, and gives the focus back', async () => {
    await open();
    await loaded();
    await page.keyboard.press('/');
    await page.keyboard.type('watcher');
    for (let tabs = 0; tabs < 20 && !(await page.evaluate(() => document.activeElement.closest('tr[data-at]'))); ++tabs) await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const target = await page.evaluate(() => document.activeElement.textContent);
    assert.equal(target, (await column('target'))[2]);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('heading', {level: 2}).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Close');
    await page.locator('.verdict').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({state: 'hidden'});
    assert.equal(await page.evaluate(() => document.activeElement.textContent), target);
    await page.waitForURL((url) => url.hash === '#/');  // put back by the close event, which comes after it is hidden
    quiet();
  });

  test('says so when there is no such target', async () => {
    await open('#/watch/nobody/');
    await page.getByText('This exporter does not watch it.').waitFor();
  });
});

test('the matrix has a field for every identity at every target', async () => {
  await open('#/matrix');
  await page.locator('.matrix').waitFor();
  assert.deepEqual(await page.locator('.matrix thead th').allInnerTexts(), ['Target', 'stranger', 'watcher']);
  assert.equal(await page.locator('.matrix tbody tr').count(), 8);
  const orders = page.locator('.matrix tbody tr', {hasText: 'orders'});
  assert.match(await orders.innerText(), /rejected[\s\S]*accepted/);
  await orders.getByRole('link', {name: 'accepted'}).click();
  await page.getByRole('dialog', {name: 'orders'}).waitFor();
  quiet();
});

test('the expiries are a list, the first first', async () => {
  await open('#/expiries');
  await page.locator('.plain').waitFor();
  assert.match(await page.locator('.plain tbody tr').first().innerText(), /payments\.estate\.test/);
  quiet();
});

test('the sources are identities, trust stores and certificates at rest', async () => {
  await open('#/sources');
  await page.getByRole('heading', {name: 'Trust stores'}).waitFor();
  assert.match(await page.locator('main').innerText(), /watcher[\s\S]*internal[\s\S]*Certificates at rest[\s\S]*served\s*file/);
  quiet();
});

test('what a certificate says is text, whatever it says', async () => {
  await open(`#/watch/${encodeURIComponent(hostile)}/watcher`);
  const dialog = page.getByRole('dialog', {name: hostile});
  await dialog.locator('.chain').waitFor();
  // In one step: what a refresh has just replaced can be opened, too, and nobody sees it.
  const text = await dialog.evaluate((all) => {
    for (const one of all.querySelectorAll('details')) one.open = true;
    return all.innerText;
  });
  for (const part of ['<img src=x onerror=alert(1)>', '\\u202egnp.exe', '🔥', 'javascript:alert(document.domain)', 'characters)', 'owner=<i>nobody</i>'])
    assert.ok(text.includes(part), `${part} in ${text.slice(0, 4000)}`);
  assert.ok(!text.includes('\u202e'), 'no text is turned around');
  await shot('hostile-detail');
  for (const path of ['#/', '#/expiries', '#/matrix', '#/sources']) {
    await open(path);
    await page.locator('main tbody th:visible').first().waitFor();
    assert.equal(await page.locator('main img, main script, main b, main i, [onerror], a[href^="javascript"]').count(), 0);
    quiet();
  }
});

describe('ten thousand watches', () => {
  beforeEach(async () => {
    await open();
    const answer = JSON.stringify(manyWatches(10_000, await (await fetch(`${url}api/v1/estate`)).json()));
    await page.route(/api\/v1\/estate/, (route) => route.fulfill({contentType: 'application/json', body: answer}));
    await page.reload();
    await loaded();
  });

  test('only those in sight are in the page, and every one can be reached', async () => {
    assert.equal(await page.locator('#count').innerText(), '10,000 of 10,000');
    assert.ok((await rows().count()) < 100);
    assert.equal(await page.locator('.watches').getAttribute('aria-rowcount'), '10001');
    await rows().first().locator('a').focus();
    await page.keyboard.press('End');
    await page.locator('tr[data-at="9999"]').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.closest('tr').getAttribute('aria-rowindex')), '10001');
    await shot('many-end');
    quiet();
  });

  test('a filter finds the one', async (t) => {
    await page.getByLabel('Filter').fill('service-07777');
    assert.equal(await page.locator('#count').innerText(), '1 of 10,000');
    const spent = await page.evaluate(() => {
      const input = document.getElementById('filter'), times = [];
      for (const text of ['s', 'se', 'service-0', 'unknown_ca', 'zone-3 failed', 'owner=team-2', '']) {
        input.value = text;
        const began = performance.now();
        input.dispatchEvent(new Event('input'));
        times.push(performance.now() - began);
      }
      return times;
    });
    t.diagnostic(`milliseconds of script a keystroke: ${spent.map((time) => time.toFixed(1)).join(', ')}`);
    await page.getByRole('button', {name: 'Days left'}).click();
    const sorting = await page.evaluate(() => {
      const button = document.querySelector('.c-cause button'), began = performance.now();
      button.click();
      return performance.now() - began;
    });
    t.diagnostic(`milliseconds of script to sort: ${sorting.toFixed(1)}`);
    await page.getByLabel('Filter').fill('');
    await shot('many');
    quiet();
  });
});

// A device's certificate that is never to end, and one whose dates nobody can read.
describe('dates', () => {
  const spoiltAnswer = async (change) => {
    await page.route(/api\/v1\/(estate|targets)/, async (route) => {
      const response = await route.fetch(), answer = await response.json();
      for (const watch of answer.watches) change(watch);
      await route.fulfill({response, json: answer});
    });
    await page.reload();
    await loaded();
  };
  const opened = async () => {
    await page.goto(`${url}#/watch/payments/watcher`);
    await page.getByRole('dialog').locator('.chain').waitFor();
    return page.getByRole('dialog').innerText();
  };

  test('at the end of the calendar are exact and far away', async () => {
    await open();
    await spoiltAnswer((watch) => {
      Object.assign(watch, {expiry: '9999-12-31T23:59:59Z', expiry_days: 2912139.99, ends_soon: false});
      for (const certificate of watch.received?.certificates ?? []) Object.assign(certificate, {not_before: '0001-01-01T00:00:00Z', not_after: '9999-12-31T23:59:59Z'});
    });
    assert.equal(await rows().first().locator('.c-expiry_days').innerText(), '2,912,139');
    const text = await opened();
    assert.match(text, /0001-01-01 to 9999-12-31/);
    assert.match(text, /expires in 2,9\d\d,\d\d\d days/);
    assert.doesNotMatch(text.split('Findings')[0], /ended/);
    quiet();
  });

  test('that cannot be read are called so, and are no end', async () => {
    await open();
    await spoiltAnswer((watch) => {
      Object.assign(watch, {expiry: null, expiry_days: null, expiry_unreadable: true, ends_soon: false});
      for (const certificate of watch.received?.certificates ?? []) Object.assign(certificate, {not_before: null, not_after: null, serial: null});
    });
    assert.equal(await rows().first().locator('.c-expiry_days').innerText(), 'unreadable');
    const text = await opened();
    assert.match(text, /end unreadable/);
    assert.match(text, /unreadable to unreadable/);
    assert.doesNotMatch(text, /NaN|null|1970/);
    quiet();
  });
});

test('an empty estate says so', async () => {
  await open();
  await page.route(/api\/v1\/estate/, (route) => route.fulfill({contentType: 'application/json', body: JSON.stringify(manyWatches(0, {version: '0', revision: 'r', openssl: '3.0.22', at: '2026-11-01T00:00:00Z'}))}));
  await page.reload();
  await page.getByText('No target is configured yet.').waitFor();
  await shot('empty');
  quiet();
});

for (const theme of ['light', 'dark'])
  test(`is accessible and looks as it should in the ${theme}`, async () => {
    for (const [name, path, ready] of [['overview', '#/', '.watches tr[data-at]'], ['expiries', '#/expiries', '.plain'], ['matrix', '#/matrix', '.matrix'],
      ['sources', '#/sources', '.plain'], ['detail', '#/watch/partners/watcher', '.history']]) {
      await open(path, {colorScheme: theme});
      await page.locator(ready).first().waitFor();
      assert.deepEqual(await judgedByAxe(), [], `${name}, ${theme}`);
      assert.doesNotMatch(await page.locator('body').innerText(), /\[object|undefined|\bnull\b|\bNaN\b|false,/);
      await shot(`${name}-${theme}`);
    }
  });

test('fits a telephone', async () => {
  for (const [name, path, ready] of [['overview', '#/', '.watches tr[data-at]'], ['detail', '#/watch/partners/watcher', '.history'], ['expiries', '#/expiries', '.plain'],
    ['matrix', '#/matrix', '.matrix'], ['sources', '#/sources', '.plain']]) {
    await open(path, {viewport: {width: 390, height: 844}});
    await page.locator(ready).first().waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is no wider than the screen`);
    assert.deepEqual(await judgedByAxe(), [], `${name}, narrow`);
    await shot(`narrow-${name}`);
  }
  quiet();
});

test('the button changes the colours, and the choice is kept', async () => {
  await open('', {colorScheme: 'light'});
  await loaded();
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole('button', {name: 'theme: auto'}).click();
  await page.getByRole('button', {name: 'theme: light'}).click();
  assert.notEqual(await ground(), light);
  await page.reload();
  await page.getByRole('button', {name: 'theme: dark'}).waitFor();
  quiet();
});

test('works below a prefix', async () => {
  await open();
  await page.route(/\/monitoring\//, async (route) => route.fulfill({response: await route.fetch({url: route.request().url().replace('/monitoring/', '/')})}));
  await page.goto(`${url}monitoring/`);
  await loaded();
  await rows().first().locator('a').click();
  await page.locator('.verdict').waitFor();
  quiet();
});

test('without JavaScript it says where the facts are', async () => {
  await open('', {javaScriptEnabled: false});
  const text = await page.locator('noscript').innerText();
  assert.match(text, /\/metrics[\s\S]*\/api\/v1\/estate/);
});
