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
    const {counts_by_kind: kinds} = await (await fetch(`${url}api/v1/estate`)).json();
    assert.equal(kinds.server.failed, failed);
    const all = Object.values(kinds).reduce((sum, counts) => sum + counts.failed, 0);
    assert.equal(await page.title(), `(${all}) Strangers get in – mtls_exporter`);
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
    await page.waitForURL((url) => url.hash === '#/?q=watcher');  // put back by the close event, which comes after it is hidden
    quiet();
  });

  test('says so when there is no such target', async () => {
    await open('#/watch/nobody/');
    await page.getByText('This exporter does not watch it.').waitFor();
  });
});

// What somebody on call does: sees what is worst, narrows it, sends it on, and goes from a watch to what is done about it.
describe('to work from', () => {
  test('strangers come first, and every kind is counted', async () => {
    await open();
    await loaded();
    const strangers = page.locator('#headline .strangers');
    const {counts_by_kind: kinds, strangers_get_in: targets} = await (await fetch(`${url}api/v1/estate`)).json();
    assert.ok(targets.includes('ledger') && !targets.includes('orders'), targets.join());
    assert.equal(await strangers.innerText(), `Strangers get in at ${targets.length === 1 ? '1 server' : `${targets.length} servers`}: ${targets.join(', ')}`);
    assert.match(await page.locator('#headline').innerText(), new RegExp(`Failed: ${kinds.server.failed} watches`));
    const badge = page.locator('header nav a[data-view="sources"] .badge.failed');
    const sources = Object.entries(kinds).reduce((sum, [kind, {failed}]) => sum + (kind === 'server' || kind === 'caller' ? 0 : failed), 0);
    assert.equal(await badge.count(), sources > 0 ? 1 : 0);
    await page.locator('header nav a[data-view="sources"]').click();
    await page.getByRole('heading', {name: 'Trust stores'}).waitFor();
    assert.equal(await page.locator('main .mark.failed').count(), sources, 'the colours say what the counts say');
    await strangers.getByRole('link', {name: 'ledger'}).click();
    await page.getByRole('dialog', {name: 'ledger'}).locator('.cause').waitFor();
    assert.match(await page.locator('.cause').innerText(), /^Strangers get in: the server lets everybody in/);
    quiet();
  });

  test('filter, order, groups and view stand in the address', async () => {
    await open('#/?q=watcher&state=failed&sort=-target&group=owner');
    await loaded();
    assert.equal(await page.getByLabel('Filter').inputValue(), 'watcher');
    assert.equal(await page.getByLabel('Group by').inputValue(), 'owner');
    assert.equal(await page.locator('.tile.failed').getAttribute('aria-pressed'), 'true');
    assert.equal(await page.locator('.watches th.c-target').first().getAttribute('aria-sort'), 'descending');
    await page.getByLabel('Filter').fill('orders stranger');
    await page.waitForURL((at) => at.hash.includes('q=orders+stranger'));
    await page.locator('header nav a[data-view="matrix"]').click();
    await page.locator('.matrix').waitFor();
    assert.deepEqual(await page.locator('.matrix thead th').allInnerTexts(), ['Target', 'stranger']);
    await page.reload();
    await page.locator('.matrix').waitFor();
    assert.equal(await page.getByLabel('Filter').inputValue(), 'orders stranger');
    await open('#/?q=%22%3E%3Cb%3E&state=bad,good&sort=__proto__&group=constructor');
    await page.getByText('No watch matches the filter.').waitFor();
    assert.equal(await page.getByLabel('Filter').inputValue(), '"><b>');
    await open('#/?group=constructor');
    assert.equal(await page.locator('.watches tr.group a').first().innerText(), 'no constructor');
    quiet();
  });

  test('every table has a filter, and its words stand in the address', async () => {
    await open('#/sources?q=watcher');
    await page.getByRole('heading', {name: 'Identities'}).waitFor();
    assert.equal(await page.getByLabel('Filter').inputValue(), 'watcher');
    assert.deepEqual(await page.locator('main tbody th').allInnerTexts(), ['watcher']);
    await page.getByLabel('Filter').fill('nothing like it');
    await page.getByText('Nothing matches the filter.').waitFor();
    await page.waitForURL((at) => at.hash === '#/sources?q=nothing+like+it');
    await page.locator('header nav a[data-view="expiries"]').click();
    await page.locator('.plain').waitFor();
    assert.equal(await page.getByLabel('Filter').inputValue(), '');
    await page.keyboard.press('/');
    await page.keyboard.type('payments');
    const left = await page.locator('.plain tbody tr').allInnerTexts();
    assert.ok(left.length > 0 && left.every((text) => text.includes('payments')), left.join());
    await Promise.all([page.waitForResponse(/api\/v1\/estate/), page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))]);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'narrow');
    quiet();
  });

  test('owners have a column, and their watches a group', async () => {
    await open('#/?group=owner');
    await loaded();
    assert.ok((await column('owner')).includes('web'));
    const heads = await page.locator('.watches tr.group a').allInnerTexts();
    assert.equal(heads[0], 'owner=web', 'the one with most that failed');
    assert.ok(heads.includes('owner=edge') && heads.includes('owner=<i>nobody</i>'), heads.join());
    await page.locator('.watches tr.group a', {hasText: 'owner=edge'}).click();
    await page.waitForFunction(() => document.getElementById('filter').value === 'owner=edge');
    assert.deepEqual([...new Set(await column('owner'))], ['edge']);
    assert.match(await page.locator('#csv').getAttribute('href'), /watches\.csv\?label=owner%3Dedge$/);
    quiet();
  });

  test('a watch leads to its runbook, its dashboard and itself', async () => {
    await open('#/watch/ledger/watcher');
    const links = page.locator('.links a');
    await links.first().waitFor();
    const all = Object.fromEntries(await links.evaluateAll((found) => found.map((link) => [link.textContent, link.href])));
    assert.equal(all['Runbook MtlsDoorNotEnforced'], 'https://wiki.example/r/MtlsDoorNotEnforced');
    assert.equal(all.Dashboard, 'https://grafana.example/d/mtls-target?var-target=ledger&o=web');
    assert.equal(all['This page'], 'https://certs.example/exporter/#/watch/ledger/watcher');
    assert.deepEqual([...new Set(await links.evaluateAll((found) => found.map((link) => link.rel)))], ['noopener noreferrer']);
    await open(`#/watch/${encodeURIComponent(hostile)}/watcher`);
    await page.locator('.links a').first().waitFor();
    const dashboard = await page.locator('.links a', {hasText: 'Dashboard'}).getAttribute('href');
    assert.equal(dashboard, 'https://grafana.example/d/mtls-target?var-target=%3Cb%3Ehostile%3C%2Fb%3E&o=%3Ci%3Enobody%3C%2Fi%3E');
    quiet();
  });

  test('a link to anything but a page is none', async () => {
    await open();
    await page.route(/api\/v1\/targets/, async (route) => {
      const response = await route.fetch(), answer = await response.json();
      for (const watch of answer.watches) watch.links = [{kind: 'dashboard', name: '', url: 'javascript:alert(1)'}];
      await route.fulfill({response, json: answer});
    });
    await page.goto(`${url}#/watch/ledger/watcher`);
    await page.locator('.history').waitFor();
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0);
    quiet();
  });

  test('a watch is probed now, and what was seen is shown and stays', async () => {
    await open('#/watch/partners/watcher');
    await page.getByRole('button', {name: 'Probe now'}).click();
    const account = page.getByRole('region', {name: 'What the probe saw'});
    await account.waitFor();
    const text = await account.innerText();
    for (const part of ['unknown_ca', 'Steps, of at most', 'BEGIN CERTIFICATE', 'mtls_probe_success']) assert.ok(text.includes(part), `${part} in ${text.slice(0, 500)}`);
    await Promise.all([page.waitForResponse(/api\/v1\/targets/), page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))]);
    assert.ok(await account.isVisible());
    await shot('probe-now');
    quiet();
  });

  test('a page of another site probes and reloads nothing', async () => {
    for (const path of ['api/v1/probe?target=partners', '-/reload', 'api/v1/callers/forget?fingerprint=00'])
      assert.equal((await fetch(url + path, {method: 'POST', headers: {Origin: 'https://evil.example'}})).status, 403, path);
    assert.equal((await fetch(`${url}api/v1/probe?target=partners`)).status, 405);
    assert.equal((await fetch(`${url}api/v1/probe?target=192.0.2.1:443`, {method: 'POST'})).status, 403, 'what /probe may not reach');
  });

  test('a command is copied as it is safe to paste', async () => {
    await open('#/watch/partners/watcher');
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], {origin: new URL(url).origin});
    await page.locator('.commands').getByRole('button', {name: 'Copy the command'}).click();
    await page.getByText('Copied').first().waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'mtls_exporter probe partners --identity watcher');
    await page.goto(`${url}#/watch/${encodeURIComponent(hostile)}/watcher`);
    await page.getByRole('dialog', {name: hostile}).locator('.commands').waitFor();
    assert.equal(await page.locator('.commands code').textContent(), "mtls_exporter probe '<b>hostile</b>' --identity watcher");
    quiet();
  });

  test('each address of a name is a watch of its own', async () => {
    await open();
    await page.route(/api\/v1\/(estate|targets)/, async (route) => {
      const response = await route.fetch(), answer = await response.json();
      answer.watches = answer.watches.filter(({target, identity}) => target === 'orders' && identity === 'watcher')
        .flatMap((watch) => [{...watch, resolved_address: '192.0.2.1', cause: 'the first'}, {...watch, resolved_address: '2001:db8::2', cause: 'the second'}]);
      await route.fulfill({response, json: answer});
    });
    await page.reload();
    await loaded();
    assert.deepEqual(await column('target'), ['orders at 192.0.2.1', 'orders at 2001:db8::2']);
    await page.locator('.watches tr[data-at="1"] a').click();
    await page.locator('.cause').waitFor();
    assert.equal(await page.locator('.cause').innerText(), 'the second.');
    assert.equal(await page.locator('.commands code').textContent(), 'mtls_exporter probe orders --identity watcher --address 2001:db8::2');
    await page.goto(`${url}#/matrix`);
    await page.locator('.matrix').waitFor();
    assert.equal(await page.locator('.matrix tbody tr').count(), 2);
    quiet();
  });

  test('the history tells what failed, doors included', async () => {
    await open('#/watch/ledger/watcher');
    await page.locator('.history').waitFor();
    assert.match(await page.locator('.history').innerText(), /door open: strangers get in[\s\S]*not as expected|not as expected: client auth[\s\S]*door open: strangers get in/);
    await open('#/watch/reports/watcher');
    await page.locator('.history').waitFor();
    assert.match(await page.locator('.history').innerText(), /not as expected: hostname/);
    quiet();
  });

  test('times are in UTC, and beside that the reader\'s own and from now', async () => {
    await open('#/watch/partners/watcher', {timezoneId: 'Asia/Tokyo'});
    await page.locator('.history').waitFor();
    assert.match(await page.locator('.history tbody tr').first().innerText(), /UTC .*here, (in 0|\d+) (second|minute)s?( ago)?/);
    assert.match(await page.locator('#freshness').textContent(), /as of [\d:]+ UTC \(.*here\)/);
    quiet();
  });

  test('every view has its table as CSV, and there is a calendar', async () => {
    for (const view of ['', 'matrix', 'expiries', 'callers', 'issuers', 'rotations', 'sources']) {
      await open(`#/${view}`);
      await page.waitForFunction((name) => document.querySelector('header nav [aria-current]')?.dataset.view === name, view || 'watches');
      for (const href of await page.locator('#csv, main a.csv').evaluateAll((links) => links.map((link) => link.href))) {
        const answer = await fetch(href);
        assert.equal(answer.status, 200, href);
        assert.match(answer.headers.get('content-type'), /^text\/csv/, href);
      }
    }
    assert.match(await (await fetch(`${url}api/v1/expiries.ics?label=owner=web`)).text(), /URL:https:\/\/certs\.example\/exporter\/#\/watch\//);
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
  assert.match(await page.locator('main').innerText(), /watcher[\s\S]*internal[\s\S]*Certificates at rest[\s\S]*served\s*–\s*file/);
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
    const grouping = await page.evaluate(() => {
      const select = document.getElementById('group'), began = performance.now();
      select.value = 'owner';
      select.dispatchEvent(new Event('change'));
      return performance.now() - began;
    });
    t.diagnostic(`milliseconds of script to group: ${grouping.toFixed(1)}`);
    assert.equal(await page.locator('.watches').getAttribute('aria-rowcount'), '10013');
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
