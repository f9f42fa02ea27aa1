// From a watch to what is done about it: its runbooks, dashboard and alerts, its commands, and a probe at once.
import {copied} from './copy.js';
import {apart, element, shown} from './dom.js';
import {isCommand, probeCommand} from './shell.js';
import {drawn} from './place.js';

const titles = {dashboard: 'Dashboard', alerts: 'Alerts', page: 'This page'};

// Only pages, whatever the answer says.
const outward = ({kind, name, url}) => /^https?:\/\//.test(url)
  && element('a', {href: url, target: '_blank', rel: 'noopener noreferrer', 'data-key': `l-${kind}-${name}`}, kind === 'runbook' ? ['Runbook ', apart(name, 80)] : titles[kind] ?? kind);

// The row of links below the heading; where no runbooks are configured, the names of the alerts.
export function linkRow(watch) {
  const links = watch.links.map(outward).filter(Boolean);
  const named = watch.links.some(({kind}) => kind === 'runbook') ? [] : watch.alerts.map((alert) => element('span', {class: 'tag'}, `alert ${alert}`));
  return links.length + named.length > 0 && element('p', {class: 'links'}, links.map((link) => [link, ' ']), named.map((one) => [one, ' ']));
}

export function commands(watch) {
  const command = probeCommand(watch.target, watch.identity, watch.resolved_address);
  return command && element('section', {class: 'commands'}, element('h3', {}, 'Command'), copied(command, 'the command'));
}

// A remedy's `backquotes` are code, and a command among them can be copied.
export function remedyText(text) {
  return shown(text, 900).split('`').map((part, at) => (at % 2 === 0 ? apart(part, 900) : isCommand(part) ? copied(part, 'the command') : element('code', {}, part)));
}

// Asks the exporter for one probe and shows what it says, line by line as it came. One for each sheet: it stays while the sheet is drawn anew.
export class ProbeNow {
  constructor() {
    this.button = element('button', {type: 'button', class: 'probe-now'}, 'Probe now');
    this.said = element('div', {role: 'status'});
    this.section = element('section', {class: 'account'}, element('h3', {}, 'Probe now'), this.button, this.said);
    this.button.addEventListener('click', () => this.probe());
  }

  // For another watch: what was said of the one before is gone.
  turnTo({target, identity, resolved_address: address}) {
    this.asked = Object.fromEntries(Object.entries({target, identity, address}).filter(([, value]) => value));
    this.said.replaceChildren();
    this.button.disabled = false;
  }

  async probe() {
    const asked = this.asked;
    this.button.disabled = true;
    this.say('Probing …');
    const [good, text] = await fetch(`api/v1/probe?${new URLSearchParams(asked)}`, {method: 'POST'})
      .then(async (answer) => [answer.ok, await answer.text()], (error) => [false, error.message]);
    if (this.asked !== asked) return;
    this.button.disabled = false;
    if (good) this.say('The table follows with the next probe.', element('pre', {class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'What the probe saw'}, lines(text)));
    else this.say(shown(text.trim(), 500));
  }

  say(words, ...more) {
    this.said.replaceChildren(...drawn([element('p', {class: 'muted'}, words), ...more]));
  }
}

const lines = (text) => text.split('\n').map((line) => `${shown(line, 2000)}\n`);
