// How figures and elements are made; nothing here knows the state.
'use strict';

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

// Replaces only what has changed, so that a screen reader does not hear, and a selection does not lose, the same thing every two seconds.
function fill(target, elements) {
  const box = document.createElement('div');
  box.append(...elements);
  if (target.innerHTML !== box.innerHTML) target.replaceChildren(...box.childNodes);
}

const number = n => n.toLocaleString('en-US');
const plural = (n, one) => number(n) + ' ' + one + (n === 1 ? '' : 's');
const percent = part => (part > 0 && part < 0.01 || part > 0.99 && part < 1 ? (part * 100).toFixed(1) : Math.round(part * 100)) + ' %';
const sum = list => list.reduce((a, b) => a + b, 0);

function time(millis) {
  if (millis < 50) return '< 0.1 s';
  if (millis < 10000) return (millis / 1000).toFixed(1) + ' s';
  if (millis < 60000) return Math.floor(millis / 1000) + ' s';
  const minutes = Math.floor(millis / 60000);
  if (minutes < 120) return minutes + ' min';
  return minutes < 2880 ? Math.floor(minutes / 60) + ' h' : Math.floor(minutes / 1440) + ' days';
}

const clock = (millis, seconds) => new Date(millis).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: seconds ? '2-digit' : undefined });

const UNITS = { rpm: 'requests per minute', tpm: 'tokens per minute', itpm: 'input tokens per minute', otpm: 'output tokens per minute', rpd: 'requests per day',
  tpd: 'tokens per day', concurrency: 'requests in flight', quota: 'plan or credit', capacity: "the provider's own capacity", unknown: 'a limit that the response did not name' };
const limitName = tag => tag === 'concurrency' || tag === 'quota' || tag === 'capacity' || tag === 'unknown' ? tag : tag.toUpperCase();
