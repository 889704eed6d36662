// The live page: asks /api/state.json each two seconds and shows it. Names of models come out of requests, so nothing here ever parses text as HTML: elements are
// made one by one, and what is shown goes in as text.
'use strict';

const EVERY = 2000;
const PATIENCE = 5000;
const FEW_SCOPES = 8;
const COLOURS = { rpm: '#3b7ddd', tpm: '#e8833a', itpm: '#d9a520', otpm: '#8c6bd1', rpd: '#2a9d8f', tpd: '#b5651d', concurrency: '#5b8c3a', quota: '#c62828',
  capacity: '#9c4f96', unknown: '#8a93a0' };
const KINDS = { quota_exhausted: 'Quota', saturated: 'Limit', provider_trouble: 'Provider', key_shared: 'Shared key', sdk_retries: 'Retries', prompts: 'Prompts',
  batch: 'Batch', all_well: '' };

const byId = id => document.getElementById(id);
let everyScope = false;
let latest = null;

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
const percent = part => (part > 0 && part < 0.01 ? (part * 100).toFixed(1) : Math.round(part * 100)) + ' %';
const limitName = tag => tag === 'concurrency' || tag === 'quota' || tag === 'capacity' || tag === 'unknown' ? tag : tag.toUpperCase();
const sum = list => list.reduce((a, b) => a + b, 0);

function time(millis) {
  if (millis < 50) return '< 0.1 s';
  if (millis < 10000) return (millis / 1000).toFixed(1) + ' s';
  if (millis < 60000) return Math.floor(millis / 1000) + ' s';
  const minutes = Math.floor(millis / 60000);
  if (minutes < 120) return minutes + ' min';
  return minutes < 2880 ? Math.floor(minutes / 60) + ' h' : Math.floor(minutes / 1440) + ' days';
}

function showAbout(state) {
  const service = Object.entries(state.service).map(([key, value]) => key + '=' + value).join(' ');
  const mode = state.enabled ? 'mode ' + state.mode : 'switched off';
  byId('about').textContent = [state.version, mode, 'up ' + time(state.uptimeSeconds * 1000), service].filter(Boolean).join(' · ');
  document.title = (state.findings[0] && state.findings[0].kind !== 'all_well' ? '● ' : '') + 'Paceline' + (service ? ' · ' + service : '');
}

function showFindings(state) {
  fill(byId('findings'), state.findings.map(f => make('li', { class: 'finding ' + f.severity },
    KINDS[f.kind] ? make('span', { class: 'what' }, [KINDS[f.kind], f.provider].join(' · ')) : null,
    make('strong', {}, f.sentence + '.'),
    f.advice ? make('span', {}, f.advice.charAt(0).toUpperCase() + f.advice.slice(1) + '.') : null)));
}

function showTiles(state) {
  const attempts = sum(state.history.attempts);
  const refused = sum(Object.values(state.history.limited).map(sum));
  const waiting = sum(state.scopes.map(s => s.waiting));
  const oldest = Math.max(0, ...state.scopes.map(s => s.oldestWaitMillis));
  const slowest = state.models.reduce((worst, m) => m.waits.p95 > worst.p95 ? m.waits : worst, { p50: 0, p95: 0 });
  const tile = (title, value, note) => make('div', {}, make('dt', {}, title), make('dd', {}, value, note ? make('small', {}, ' ' + note) : null));
  const would = state.mode === 'observe' ? 'Would wait' : 'Waits';
  fill(byId('tiles'), [
    tile('Waiting now', number(waiting), waiting ? 'oldest ' + time(oldest) : ''),
    tile('Refused, 15 min', number(refused), attempts ? percent(refused / attempts) + ' of attempts' : ''),
    tile(would + ', 95 % within', slowest.p95 ? time(slowest.p95 * 1000) : '–', slowest.p95 ? 'half ' + time(slowest.p50 * 1000) : ''),
    tile('Calls, 15 min', number(sum(state.history.calls)), '')]);
}

function showObserve(state) {
  const o = state.observe;
  byId('observe-section').hidden = !o;
  if (!o) return;
  const avoided = o.byPacing + o.byRetry;
  fill(byId('observe'), [
    make('p', { class: 'state' }, make('strong', {}, 'Avoided: '),
      o.limited === 0 ? 'nothing to avoid, the application got no limit answer'
        : number(avoided) + ' of the ' + plural(o.limited, 'limit answer') + ' that the application got (' + number(o.byPacing)
          + ' by pacing, ' + number(o.byRetry) + ' by sending again)', '.'),
    make('p', { class: 'state' }, make('strong', {}, 'Cost: '),
      o.waits.count === 0 ? 'no wait'
        : plural(o.waits.count, 'wait') + ', ' + time(o.waits.sumSeconds * 1000) + ' together, half within ' + time(o.waits.p50 * 1000) + ', 95 % within '
          + time(o.waits.p95 * 1000), '.'),
    make('p', { class: 'none' }, 'An estimate from the last ' + time(o.millis) + ' in observe mode; paceline.mode=enforce makes it so.')]);
}

function limitRow(scope, limit) {
  const level = limit.used >= 0.9 ? 'full' : limit.used >= 0.7 ? 'near' : '';
  const fillPart = make('i', {});
  fillPart.style.width = (limit.used * 100) + '%';
  const binding = limit.limit === scope.binding && (scope.waiting > 0 || limit.saturatedMillis > 0);
  const details = [number(Math.max(0, limit.left)) + ' of ' + number(limit.max) + ' left', per(limit.windowMillis)];
  if (limit.resetMillis >= 1000) details.push('whole in ' + time(limit.resetMillis));
  if (limit.saturatedMillis >= 15000) details.push('full for ' + time(limit.saturatedMillis));
  if (limit.others > limit.max * 0.2) details.push('others take ' + percent(Math.min(1, limit.others / limit.max)));
  return make('div', { class: 'limit' + (binding ? ' binding' : '') },
    make('b', {}, limitName(limit.limit)),
    make('div', { class: 'bar ' + level, role: 'meter', 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': Math.round(limit.used * 100),
      'aria-label': limitName(limit.limit) + ' of ' + scope.model + ' used' + (binding ? ', the binding limit' : '') }, fillPart),
    make('span', { class: 'percent' }, percent(limit.used)),
    make('small', {}, details.join(' · ')));
}

const per = millis => millis === 60000 ? 'a minute' : millis === 86400000 ? 'a day' : millis === 1000 ? 'a second' : 'in ' + time(millis);

function scopeCard(scope) {
  const state = [];
  if (scope.waiting) state.push(plural(scope.waiting, 'call') + ' waiting, the oldest for ' + time(scope.oldestWaitMillis));
  if (scope.gateClosedMillis) state.push('closed for ' + time(scope.gateClosedMillis) + ' after a limit answer (' + limitName(scope.binding) + ')');
  if (scope.inFlight) state.push(number(scope.inFlight) + ' on the way');
  return make('article', { class: 'scope card' },
    make('h3', {}, scope.model),
    make('p', {}, scope.provider + ' · ' + scope.owner),
    ...(scope.limits.length ? scope.limits.map(l => limitRow(scope, l)) : [make('p', { class: 'none' }, 'No answer has announced a limit yet.')]),
    make('p', { class: 'state' }, state.length ? state.join(' · ') : 'nothing waits'));
}

function showScopes(state) {
  const shown = everyScope ? state.scopes : state.scopes.slice(0, FEW_SCOPES);
  fill(byId('scopes'), shown.length ? shown.map(scopeCard) : [make('p', { class: 'card' }, 'No call has reached an LLM provider yet.')]);
  const rest = state.scopes.length - FEW_SCOPES;
  byId('more').hidden = rest <= 0;
  byId('more').textContent = everyScope ? 'Show the busiest ' + FEW_SCOPES : 'Show ' + rest + ' more'
    + (state.scopesLeftOut ? ' (of ' + number(rest + state.scopesLeftOut) + ')' : '');
}

function showModels(state) {
  const tokens = tokensByModel(state);
  const head = ['Model', 'Calls', 'Refused', 'By limit', 'Retries', 'SDK repeats', 'Given up', 'Waits', 'half within', '95\u00a0%', '99\u00a0%'];
  if (tokens.size) head.push('Prompt tokens since start, estimated / actual (ratio)');
  const rows = state.models.map(m => {
    const hits = Object.entries(m.limited);
    const refused = sum(hits.map(hit => hit[1]));
    const amplified = m.repeated && m.calls > m.repeated ? ' (×' + (m.calls / (m.calls - m.repeated)).toFixed(1) + ')' : '';
    const cells = [
      number(m.calls), refused ? number(refused) + ' (' + percent(refused / Math.max(1, m.attempts)) + ')' : '0',
      hits.map(([limit, n]) => limitName(limit) + ' ' + number(n)).join(', ') || '–',
      number(m.retries), number(m.repeated) + amplified, number(m.giveUps), number(m.waits.count),
      ...['p50', 'p95', 'p99'].map(p => m.waits.count ? time(m.waits[p] * 1000) : '–')];
    if (tokens.size) cells.push(tokens.get(m.provider + '\n' + m.model) || '–');
    return make('tr', {}, make('td', { title: m.provider + ' ' + m.model }, m.model), ...cells.map((cell, i) => make('td', i === 1 && refused ? { class: 'hit' } : {}, cell)));
  });
  const none = make('tr', {}, make('td', { colspan: head.length }, 'No call in the last 15 minutes.'));
  fill(byId('models'), [
    make('thead', {}, make('tr', {}, ...head.map(h => make('th', { scope: 'col' }, h)))),
    make('tbody', {}, ...(rows.length ? rows : [none]))]);
}

// Tokens of prompts, when the agent counts them.
function tokensByModel(state) {
  const found = new Map();
  for (const t of state.tokens || []) {
    const estimated = t.kinds.estimated;
    const actual = t.kinds.actual;
    if (estimated === undefined && actual === undefined) continue;
    const ratio = estimated && actual ? ' (×' + (estimated / actual).toFixed(2) + ')' : '';
    found.set(t.provider + '\n' + t.model, number(estimated || 0) + ' / ' + number(actual || 0) + ratio);
  }
  return found;
}

function showCoverage(state) {
  fill(byId('coverage'), state.coverage.map(line => make('li', {}, line)));
}

// --- charts

const charts = {};
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function chart(id, type, stacked) {
  const axis = { grid: { color: colour('--line') }, border: { display: false }, ticks: { color: colour('--soft'), maxRotation: 0 } };
  return new Chart(byId(id), {
    type,
    data: { labels: [], datasets: [] },
    options: {
      animation: false, responsive: true, maintainAspectRatio: false, interaction: { mode: 'index', intersect: false },
      scales: {
        x: { ...axis, stacked, grid: { display: false }, ticks: { ...axis.ticks, autoSkip: false, callback: (value, i) => (60 - i) % 20 === 0 ? '−' + (60 - i) / 4 + ' min' : i === 59 ? 'now' : '' } },
        y: { ...axis, stacked, beginAtZero: true, suggestedMax: 4, ticks: { ...axis.ticks, precision: 0, maxTicksLimit: 5 } }
      },
      plugins: { legend: { display: stacked, position: 'bottom', labels: { color: colour('--text'), boxWidth: 12, boxHeight: 12 } } }
    }
  });
}

function showCharts(state) {
  if (typeof Chart === 'undefined') return;
  charts.limited = charts.limited || chart('limited', 'bar', true);
  charts.waiting = charts.waiting || chart('waiting', 'line', false);
  const steps = state.history.waiting.length;
  const labels = Array.from({ length: steps }, (_, i) => '−' + time((steps - i) * state.history.stepMillis));
  const limited = Object.entries(state.history.limited);
  update(charts.limited, labels, limited.map(([limit, values]) => ({
    label: limitName(limit), data: values, backgroundColor: COLOURS[limit] || COLOURS.unknown, categoryPercentage: 1, barPercentage: 0.85 })));
  update(charts.waiting, labels, [{ label: 'waiting', data: state.history.waiting, borderColor: colour('--brand'), backgroundColor: colour('--notice-ground'),
    fill: true, stepped: true, pointRadius: 0, borderWidth: 2 }]);
  byId('limited').setAttribute('aria-label', 'Refused in the last 15 minutes: '
    + (limited.map(([limit, values]) => limitName(limit) + ' ' + sum(values)).join(', ') || 'none'));
  byId('waiting').setAttribute('aria-label', 'Most calls waiting at a time in the last 15 minutes: ' + Math.max(0, ...state.history.waiting));
}

function update(target, labels, datasets) {
  target.data.labels = labels;
  target.data.datasets = datasets;
  target.update('none');
}

function repaint() {
  for (const name of Object.keys(charts)) {
    charts[name].destroy();
    delete charts[name];
  }
  if (latest) showCharts(latest);
}

// --- the pulse

function show(state) {
  latest = state;
  showAbout(state);
  showFindings(state);
  showTiles(state);
  showObserve(state);
  showScopes(state);
  showModels(state);
  showCoverage(state);
  showCharts(state);
}

function pulse(text, lost) {
  const target = byId('pulse');
  if (target.textContent !== text) target.textContent = text;
  target.classList.toggle('lost', lost);
}

async function ask() {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE);
  try {
    const answer = await fetch('/api/state.json?meters=no', { signal: abort.signal, cache: 'no-store' });
    if (!answer.ok) throw new Error('status ' + answer.status);
    show(await answer.json());
    pulse('live', false);
  } catch (problem) {
    pulse('no answer: the process may have ended; what you see is its last word', true);
  } finally {
    clearTimeout(timer);
  }
}

async function beat() {
  if (!document.hidden) await ask();
  setTimeout(beat, EVERY);
}

byId('more').addEventListener('click', () => {
  everyScope = !everyScope;
  if (latest) showScopes(latest);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(); });
beat();
