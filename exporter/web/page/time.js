// When: in UTC, as the exporter, its log and its metrics say it, and beside that in the reader's own time and from now.
import {element} from './dom.js';

let now = Date.now();  // by the exporter's clock, as of its last answer
export const asOf = (time) => (now = Date.parse(time));

const units = [['year', 31_557_600, 63_115_200], ['day', 86_400, 172_800], ['hour', 3600, 7200], ['minute', 60, 120], ['second', 1, 0]];
const words = new Intl.RelativeTimeFormat('en', {numeric: 'always'});

// "in 3 days", "2 hours ago": of two units the smaller one, until it has said little.
export function fromNow(time) {
  const seconds = (Date.parse(time) - now) / 1000;
  const [unit, length] = units.find(([, , least]) => Math.abs(seconds) >= least);
  return words.format(Math.trunc(seconds / length), unit);
}

const two = (number) => String(number).padStart(2, '0');

// Where the reader is, "2026-11-28 21:00:11"; the day left out where it is the same; empty where the reader is in UTC.
export function here(time) {
  const at = new Date(time);
  if (Number.isNaN(at.getTime()) || at.getTimezoneOffset() === 0) return '';
  const day = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return day === time.slice(0, 10) ? clock : `${day} ${clock}`;
}

const utc = (time) => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;
const titled = (time) => [utc(time), here(time) && `${here(time)} here`, fromNow(time)].filter(Boolean).join(', ');

export function moment(time) {
  if (!time) return '–';
  const beside = [here(time) && `${here(time)} here`, fromNow(time)].filter(Boolean).join(', ');
  return element('span', {class: 'moment'}, element('time', {datetime: time}, utc(time)), ' ', element('span', {class: 'muted'}, beside));
}

// A day; all that is known of it when it is pointed at. `unreadable`: there is one, and it cannot be read.
export const date = (time, unreadable = false) => (time ? element('time', {datetime: time, title: titled(time)}, time.slice(0, 10)) : unreadable ? 'unreadable' : '–');
export const dateAndAgo = (time) => (time ? [date(time), ' ', element('span', {class: 'muted'}, fromNow(time))] : '–');
