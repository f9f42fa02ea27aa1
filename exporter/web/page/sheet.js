// One watch, on a sheet over the page: asked for when it is opened, and again with every answer about the estate.
import {ask} from './ask.js';
import {detailBody, heading} from './detail.js';
import {element, shown} from './dom.js';
import {drawn, replaceKeepingFocus} from './place.js';
import {asOf} from './time.js';
import {ProbeNow} from './tools.js';

// Of a target's watches: one that sees strangers get in, else one that failed.
const worst = (watches) => watches?.find((one) => one.enforced === false && !one.reason) ?? watches?.find((one) => one.state === 'failed') ?? watches?.[0];

export class Sheet {
  // In `dialog`, which is empty. `onShown(target)` once there is an answer, `onClosed()` once the reader has closed it.
  constructor(dialog, onShown, onClosed) {
    this.dialog = dialog;
    this.onShown = onShown;
    this.wanted = null;  // {target, identity, address}; identity null: whichever is worst
    this.probeNow = new ProbeNow();
    this.shownFor = null;  // the watch that probeNow is turned to
    this.head = element('header');
    this.body = element('div', {class: 'body', tabindex: 0, role: 'region', 'aria-label': 'Details'});
    this.button = element('button', {type: 'button', class: 'close', 'aria-label': 'Close'}, '✕');
    dialog.append(element('div', {class: 'panel'}, element('div', {class: 'panel-head'}, this.head, this.button), this.body));
    this.button.addEventListener('click', () => dialog.close());
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
    dialog.addEventListener('close', () => {
      if (!this.wanted) return;
      this.wanted = null;
      onClosed();
    });
  }

  get isOpen() {
    return this.dialog.open;
  }

  open(target, identity, address) {
    this.wanted = {target, identity, address};
    this.say(target, element('p', {class: 'muted'}, 'Asking …'));
    if (!this.dialog.open) this.dialog.showModal();
    this.button.focus();
    this.show(true);
  }

  // Closes without telling anybody.
  leave() {
    this.wanted = null;
    if (this.dialog.open) this.dialog.close();
  }

  // Asks and draws; `fresh`: for the first time, so that there is nothing to keep if there is no answer.
  async show(fresh) {
    const wanted = this.wanted;
    const {target, identity, address} = wanted;
    const answer = await ask(`api/v1/targets/${encodeURIComponent(target)}`).catch((error) => error);
    if (this.wanted !== wanted) return;
    const watch = identity === null ? worst(answer.watches)
      : answer.watches?.find((one) => one.identity === identity && one.resolved_address === address);
    if (!watch) {
      const unknown = answer.status === 404 || answer.watches;
      if (fresh) this.say(target, element('p', {class: 'empty'}, unknown ? 'This exporter does not watch it.' : 'The exporter did not answer.'));
      return;
    }
    asOf(answer.at);
    const key = JSON.stringify([watch.target, watch.identity, watch.resolved_address]);
    if (fresh || this.shownFor !== key) this.probeNow.turnTo(watch);
    this.shownFor = key;
    replaceKeepingFocus(this.head, drawn(heading(watch)));
    const scroll = fresh ? 0 : this.body.scrollTop;
    replaceKeepingFocus(this.body, drawn(detailBody(watch, answer.watches, Date.parse(answer.at), answer.probe_now ? this.probeNow.section : null)));
    this.body.scrollTop = scroll;
    this.onShown(watch.target);
  }

  say(target, words) {
    this.head.replaceChildren(element('h2', {id: 'detail-title'}, shown(target, 120)));
    this.body.replaceChildren(words);
  }
}
