// The live page: asks /api/state.json each two seconds and shows it. Names of models come out of requests, so nothing here ever parses text as HTML: elements are
// made one by one, and what is shown goes in as text.
'use strict';

const EVERY = 2000;
const PATIENCE = 5000;
const FEW_SCOPES = 8;
const LEAST_STEPS = 8;
const COLOURS = { rpm: '#3b7ddd', tpm: '#e8833a', itpm: '#d9a520', otpm: '#8c6bd1', rpd: '#2a9d8f', tpd: '#b5651d', concurrency: '#5b8c3a', quota: '#c62828',
  capacity: '#9c4f96', unknown: '#8a93a0' };
const KINDS = { failing: 'Calls fail', quota_exhausted: 'Quota', saturated: 'Limit', provider_trouble: 'Provider', key_shared: 'Shared key', sdk_retries: 'Retries',
  prompts: 'Prompts', batch: 'Batch', caller_deadline: 'Timeout', all_well: '' };
const RANGES = { '15m': '15 min', '1h': '1 h', '24h': '24 h' };
const OFF = {
  configuration: 'Paceline is switched off by its configuration: calls pass unmanaged, the figures below are from before. Set paceline.enabled=true to switch it on.',
  jmx: 'Paceline is switched off through JMX: calls pass unmanaged, the figures below are from before. Operation enable of dev.paceline:type=Agent switches it on.',
  faults: 'Paceline lets all calls pass unmanaged after ten faults within a minute; see the lines on stderr. A restart switches it on again.' };
const OBSERVES = 'Observe mode: calls are counted, not held and not retried. paceline.mode=enforce begins pacing.';

const byId = id => document.getElementById(id);
let everyScope = false;
let latest = null;
let range = '15m';

function showAbout(state) {
  const service = Object.entries(state.service).map(([key, value]) => key + '=' + value).join(' ');
  const mode = state.enabled ? 'mode ' + state.mode : 'switched off';
  const up = state.uptimeSeconds * 1000;
  byId('about').textContent = [state.host + ' · pid ' + state.pid, 'started ' + new Date(state.startedMillis).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
    + ' ' + clock(state.startedMillis), 'up ' + time(up), mode, 'version ' + state.version, service].filter(Boolean).join(' · ');
  const bad = !state.enabled || (state.findings[0] && state.findings[0].kind !== 'all_well');
  document.title = (bad ? '● ' : '') + 'Paceline · ' + (service || state.host);
}

function showBanner(state) {
  const others = state.models.filter(m => m.mode !== state.mode).map(m => m.model);
  const except = others.length ? ' By rule otherwise: ' + others.slice(0, 3).join(', ') + (others.length > 3 ? ', …' : '') + '.' : '';
  const text = !state.enabled ? OFF[state.off] || OFF.configuration : state.mode === 'observe' ? OBSERVES + except : '';
  const target = byId('banner');
  target.hidden = !text;
  target.className = state.enabled ? 'observing' : 'off';
  if (target.textContent !== text) target.textContent = text;
}

function showFindings(state) {
  const shown = state.findings.filter(f => state.enabled || f.kind !== 'all_well');
  fill(byId('findings'), shown.map(f => make('li', { class: 'finding ' + f.severity },
    KINDS[f.kind] ? make('span', { class: 'what' }, [KINDS[f.kind], f.provider].filter(Boolean).join(' · ')) : null,
    make('strong', {}, f.sentence + '.'),
    f.advice ? make('span', {}, f.advice.charAt(0).toUpperCase() + f.advice.slice(1) + '.') : null)));
}

function whoSaidNo(models, provider) {
  const by = {};
  for (const m of models) for (const f of m.failed) if (f.by !== 'application') by[f.by] = (by[f.by] || 0) + f.count;
  const names = { agent: 'Paceline', provider: provider || 'provider', network: 'no answer' };
  return Object.entries(by).sort((a, b) => b[1] - a[1]).map(([who, n]) => names[who] + ' ' + number(n)).join(', ');
}

function showTiles(state) {
  const calls = sum(state.history.calls);
  const failed = sum(state.models.map(m => m.failing));
  const cancelled = sum(state.models.flatMap(m => m.failed).filter(f => f.by === 'application').map(f => f.count));
  const attempts = sum(state.history.attempts);
  const limited = sum(Object.values(state.history.limited).map(sum));
  const waiting = sum(state.scopes.map(s => s.waiting));
  const oldest = Math.max(0, ...state.scopes.map(s => s.oldestWaitMillis));
  const alike = state.models.filter(m => m.mode === state.mode);
  const slowest = (alike.length ? alike : state.models).reduce((worst, m) => (!worst || m.waits.p95 > worst.waits.p95 ? m : worst), null);
  const most = state.models.reduce((first, m) => (m.latency.p50 && (!first || m.calls > first.calls) ? m : first), null);
  const several = state.models.length > 1;
  const tile = (title, value, note, tip, bad) => make('div', { title: tip, class: bad ? 'bad' : '' }, make('dt', {}, title),
    make('dd', {}, value, note ? make('small', {}, ' ' + note) : null));
  const would = state.mode === 'observe' ? 'Predicted wait' : 'Queue wait';
  const served = calls - failed - cancelled;
  fill(byId('tiles'), [
    tile('Calls failed', number(failed), calls ? percent(Math.min(1, failed / calls)) + ' of ' + number(calls) + (failed ? ' · ' + whoSaidNo(state.models) : '') : '',
      'Calls that ended in an error or without a response, by who said no. Metric: paceline_failed_calls_total', failed > 0),
    tile('Success rate', calls - cancelled > 0 ? percent(Math.max(0, served) / (calls - cancelled)) : '–', cancelled ? number(cancelled) + ' cancelled by the application' : '',
      'Successful calls, of all that the application did not cancel. Metric: paceline_calls_total'),
    tile('Waiting now', number(waiting), waiting ? 'oldest ' + time(oldest) : 'queue empty', 'Calls in the queue. Metric: paceline_waiting'),
    tile(would + ' p95', slowest && slowest.waits.p95 ? time(slowest.waits.p95 * 1000) : '–',
      slowest && slowest.waits.p95 ? 'p50 ' + time(slowest.waits.p50 * 1000) + (several ? ' · ' + slowest.model : '') : '',
      'Time in the queue, of calls that were queued' + (several ? '; the slowest model' : '') + '. Metric: paceline_wait_seconds'),
    tile('429s', number(limited), attempts ? percent(Math.min(1, limited / attempts)) + ' of requests' : '', 'Rate-limit responses of the provider. Metric: paceline_rate_limited_total'),
    tile('Latency p50', most ? time(most.latency.p50 * 1000) : '–',
      most ? 'p95 ' + time(most.latency.p95 * 1000) + ' · without queue ' + time(most.latency.ownP50 * 1000) + ' / ' + time(most.latency.ownP95 * 1000)
        + (several ? ' · ' + most.model : '') : '', 'From a call to its response headers, successful calls' + (several ? ', the busiest model' : '') + '; with and without the time in the queue')]);
}

function showObserve(state) {
  const o = state.observe;
  byId('observe-section').hidden = !o;
  if (!o) return;
  const avoided = o.byPacing + o.byRetry;
  fill(byId('observe'), [
    make('p', { class: 'state' }, make('strong', {}, 'Avoided: '),
      o.limited === 0 ? 'nothing, the application got no rate-limit error'
        : number(avoided) + ' of the ' + plural(o.limited, 'rate-limit error') + ' that the application got (' + number(o.byPacing) + ' by pacing, ' + number(o.byRetry) + ' by retrying)', '.'),
    make('p', { class: 'state' }, make('strong', {}, 'Cost: '),
      o.waits.count === 0 ? 'no wait'
        : plural(o.waits.count, 'wait') + ', ' + time(o.waits.sumSeconds * 1000) + ' in total, p50 ' + time(o.waits.p50 * 1000) + ', p95 '
          + time(o.waits.p95 * 1000), '.'),
    make('p', { class: 'none' }, 'An estimate from ' + time(o.millis) + ' in observe mode; paceline.mode=enforce begins pacing.')]);
}

function limitRow(scope, limit) {
  const level = limit.used >= 0.9 ? 'full' : limit.used >= 0.7 ? 'near' : '';
  const fillPart = make('i', {});
  fillPart.style.width = (limit.used * 100) + '%';
  const binding = limit.limit === scope.binding && (scope.waiting > 0 || limit.saturatedMillis > 0);
  const details = [number(Math.max(0, limit.left)) + ' of ' + number(limit.max) + ' ' + units(limit) + ' left'];
  if (limit.resetMillis >= 1000) details.push('resets in ' + time(limit.resetMillis));
  if (limit.saturatedMillis >= 15000) details.push('saturated for ' + time(limit.saturatedMillis));
  if (limit.others > limit.max * 0.2) details.push('other processes use about ' + percent(Math.min(1, limit.others / limit.max)));
  return make('div', { class: 'limit' + (binding ? ' binding' : ''), title: UNITS[limit.limit] + (binding ? ': the binding limit' : '') },
    make('b', {}, limitName(limit.limit)),
    make('div', { class: 'bar ' + level, role: 'meter', 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': Math.round(limit.used * 100),
      'aria-label': limitName(limit.limit) + ' of ' + scope.modelName + ' used' + (binding ? ', the binding limit' : '') }, fillPart),
    make('span', { class: 'percent' }, percent(limit.used)),
    make('small', {}, details.join(' · ')));
}

function units(limit) {
  const what = { rpm: 'requests', rpd: 'requests', tpm: 'tokens', tpd: 'tokens', itpm: 'input tokens', otpm: 'output tokens', concurrency: 'requests in flight' }[limit.limit] || 'units';
  const per = { 1000: 'per second', 60000: 'per minute', 3600000: 'per hour', 86400000: 'per day' }[limit.windowMillis] || 'per ' + time(limit.windowMillis);
  return limit.limit === 'concurrency' ? what : what + ' ' + per;
}

function unannounced(scope) {
  const learned = [];
  if (scope.learnedPerMinute) learned.push(number(scope.learnedPerMinute) + (scope.learnedPerMinute === 1 ? ' request' : ' requests') + ' per minute');
  if (scope.learnedConcurrency) learned.push('at most ' + number(scope.learnedConcurrency) + ' in flight');
  return make('p', { class: 'none' }, 'No rate-limit headers seen yet. ' + (learned.length ? 'Learned pace: ' + learned.join(', ') + ', from 429s.'
    : 'While no limit is known, calls are spread by 2 s at most.'));
}

function scopeCard(scope) {
  const state = [];
  if (scope.waiting) state.push(plural(scope.waiting, 'call') + ' waiting, oldest ' + time(scope.oldestWaitMillis));
  if (scope.gateClosedMillis) state.push('paused for ' + time(scope.gateClosedMillis) + ' after a 429 (' + limitName(scope.binding) + ')');
  if (scope.inFlight) state.push(number(scope.inFlight) + ' in flight');
  if (!scope.waiting) state.unshift('Queue empty');
  const some = (scope.waitingByPriority || []).filter(one => one.waiting);
  if (some.length) state.push('by priority: ' + some.map(one => one.name + ' ' + number(one.waiting)).join(', '));
  if ((scope.topTenants || []).length) {
    state.push('by tenant: ' + scope.topTenants.map(one => one.name + ' ' + number(one.waiting)).join(', '));
  }
  return make('article', { class: 'scope card' },
    make('h3', {}, scope.modelName, scope.operation ? make('small', {}, scope.operation) : null),
    make('p', { title: 'provider, and owner of the limit' }, scope.provider + ' · ' + scope.owner),
    ...(scope.limits.length ? [...scope.limits].sort((a, b) => b.used - a.used).map(l => limitRow(scope, l)) : [unannounced(scope)]),
    make('p', { class: 'state' }, state.join(' · ')));
}

function showScopes(state) {
  const shown = everyScope ? state.scopes : state.scopes.slice(0, FEW_SCOPES);
  fill(byId('scopes'), shown.length ? shown.map(scopeCard) : [make('p', { class: 'card' }, 'No call has reached an LLM provider yet.')]);
  const rest = state.scopes.length - FEW_SCOPES;
  byId('more').hidden = rest <= 0;
  byId('more').textContent = everyScope ? 'Show the busiest ' + FEW_SCOPES : 'Show ' + rest + ' more'
    + (state.scopesLeftOut ? ' (of ' + number(rest + state.scopesLeftOut) + ')' : '');
}

const RESOURCES = { requests: 'requests per minute', tokens: 'tokens per minute', in_flight: 'requests in flight' };

function showFleet(state) {
  const fleet = state.fleet;
  byId('fleet-section').hidden = !fleet;
  if (!fleet) return;
  const trips = plural(fleet.exchanges, 'round trip') + (fleet.failures ? ', ' + number(fleet.failures) + ' failed' : '');
  const line = ['Last exchange ' + (fleet.ageMillis < 0 ? 'never' : time(fleet.ageMillis) + ' ago'), trips].join(' · ');
  const told = fleet.answers ? make('p', { class: 'card', title: 'Metrics: paceline_fleet_*' }, line)
    : make('p', { class: 'finding warning' }, make('strong', {}, 'Redis does not answer: this process goes on alone.'),
      make('span', {}, 'Shares of announced limits stay for two minutes, then headers tell; typed limits keep their last share. Asked again in ' + time(fleet.retryMillis) + ' · ' + line));
  fill(byId('fleet'), [told, ...fleet.scopes.filter(scope => scope.splits.length).slice(0, FEW_SCOPES).map(fleetCard)]);
}

function fleetCard(scope) {
  return make('article', { class: 'scope card' }, make('h3', {}, scope.model),
    make('p', {}, [scope.provider, scope.owner, scope.members === 1 ? '1 process' : number(scope.members) + ' processes', scope.holds ? '' : 'own share let go while idle'].filter(Boolean).join(' · ')),
    ...scope.splits.map(splitRow));
}

function splitRow(split) {
  const parts = [split.own, ...split.others];
  const bars = parts.map((part, i) => {
    const bar = make('i', { class: i ? '' : 'own', title: (i ? 'another process ' : 'this process ') + percent(part) });
    bar.style.width = (part * 100) + '%';
    return bar;
  });
  const others = split.others.slice(0, 5).map(percent).join(', ') + (split.others.length > 5 ? ', …' : '');
  return make('div', { class: 'limit', title: RESOURCES[split.resource] },
    make('b', {}, split.resource.replace('_', ' ')),
    make('div', { class: 'bar split', role: 'img', 'aria-label': RESOURCES[split.resource] + ': this process ' + percent(split.own) + (others ? ', others ' + others : '') }, ...bars),
    make('span', { class: 'percent' }, percent(split.own)),
    make('small', {}, ['this process ' + number(Math.round(split.own * split.units)) + ' of ' + number(split.units), others ? 'others ' + others : 'no others', percent(Math.max(0, 1 - sum(parts))) + ' free'].join(' · ')));
}

// Title and tooltip of each column of the table.
const COLUMNS = [['Model', ''], ['Calls', 'Calls that ended'], ['Failed', 'Calls that ended in an error or without a response; hover for who said no'],
  ['429s', 'Rate-limit responses of the provider, most of them retried'], ['Retries', 'Retries made by Paceline'],
  ['SDK retries', 'Calls that repeat an earlier one: retries by an SDK or the application'],
  ['Retries exhausted', 'Errors returned although a retry might have succeeded'], ['Queued', 'Calls that were held in the queue'],
  ['Wait p50 / p95', 'Time in the queue, of calls that were queued'], ['Latency p50 / p95', 'From a call to its response headers, successful calls'],
  ['without queue', 'The same without the time in the queue']];

function showModels(state) {
  const tokens = tokensByModel(state);
  const head = tokens.size ? [...COLUMNS, ['Prompt tokens', 'Reported since start; (×) is their ratio to the estimate, of served calls']] : COLUMNS;
  const mixed = new Set(state.models.map(m => m.mode)).size > 1;
  const pair = (count, a, b) => count ? time(a * 1000) + ' / ' + time(b * 1000) : '–';
  const rows = state.models.map(m => {
    const hits = Object.entries(m.limited);
    const limited = sum(hits.map(hit => hit[1]));
    const amplified = m.repeated && m.calls > m.repeated ? ' (×' + (m.calls / (m.calls - m.repeated)).toFixed(1) + ')' : '';
    const why = m.failed.map(f => number(f.count) + ' ' + f.by + ': ' + f.text).join('\n');
    const cells = [[number(m.calls)],
      [m.failing ? number(m.failing) + ' (' + percent(Math.min(1, m.failing / Math.max(1, m.calls))) + ')' : '0', m.failing ? 'hit' : '', why],
      [limited ? number(limited) : '0', '', hits.map(([limit, n]) => limitName(limit) + ' ' + number(n)).join(', '), hits.map(([limit]) => limitName(limit)).join(', ')],
      [number(m.retries)], [number(m.repeated) + amplified], [number(m.giveUps)], [number(m.waits.count)], [pair(m.waits.count, m.waits.p50, m.waits.p95)],
      [pair(m.latency.p50, m.latency.p50, m.latency.p95)], [pair(m.latency.p50, m.latency.ownP50, m.latency.ownP95)]];
    if (tokens.size) cells.push([tokens.get(m.provider + '\n' + m.model) || '–']);
    return make('tr', {}, make('td', { title: m.provider + ' ' + m.model }, m.model, mixed ? make('small', {}, ' ' + m.mode) : null),
      ...cells.map(([cell, look, tip, note]) => make('td', { class: look || '', title: tip || '' }, cell, note ? make('small', {}, ' ' + note) : null)));
  });
  const none = make('tr', {}, make('td', { colspan: head.length }, 'No calls in the last ' + RANGES[range] + '.'));
  fill(byId('models'), [
    make('thead', {}, make('tr', {}, ...head.map(([title, tip]) => make('th', { scope: 'col', title: tip }, title)))),
    make('tbody', {}, ...(rows.length ? rows : [none]))]);
}

function tokensByModel(state) {
  const found = new Map();
  for (const t of state.tokens || []) {
    if (t.kinds.actual) found.set(t.provider + '\n' + t.model, number(t.kinds.actual) + (t.ratio ? ' (×' + t.ratio.toFixed(2) + ')' : ''));
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
        x: { ...axis, stacked, grid: { display: false }, ticks: { ...axis.ticks, autoSkip: true, autoSkipPadding: 24 } },
        y: { ...axis, stacked, beginAtZero: true, suggestedMax: 4, ticks: { ...axis.ticks, precision: 0, maxTicksLimit: 5 } }
      },
      plugins: { legend: { display: stacked, position: 'bottom', labels: { color: colour('--text'), boxWidth: 12, boxHeight: 12 } } }
    }
  });
}

// Only what there is: a process that is two minutes old has no empty quarter of an hour before it.
function showCharts(state) {
  byId('history-title').textContent = 'Last ' + RANGES[range];
  for (const per of document.querySelectorAll('.per')) per.textContent = ', per ' + time(state.history.stepMillis);
  if (typeof Chart === 'undefined') return;
  charts.calls = charts.calls || chart('calls', 'bar', true);
  charts.limited = charts.limited || chart('limited', 'bar', true);
  charts.waiting = charts.waiting || chart('waiting', 'bar', false);
  const step = state.history.stepMillis;
  const all = state.history.waiting.length;
  const steps = Math.min(all, Math.max(LEAST_STEPS, Math.ceil(state.history.coveredMillis / step) + 1));
  const tail = values => values.slice(all - steps);
  const now = Date.now();
  const labels = Array.from({ length: steps }, (_, i) => clock(now - (steps - 1 - i) * step, step < 60000));
  const bars = { categoryPercentage: 1, barPercentage: 0.85 };
  const limited = Object.entries(state.history.limited);
  const failed = tail(state.history.failed);
  update(charts.calls, labels, [
    { label: 'not failed', data: tail(state.history.calls).map((n, i) => Math.max(0, n - failed[i])), backgroundColor: colour('--ok'), ...bars },
    { label: 'failed', data: failed, backgroundColor: colour('--full'), ...bars }]);
  update(charts.limited, labels, limited.map(([limit, values]) => ({
    label: limitName(limit), data: tail(values), backgroundColor: COLOURS[limit] || COLOURS.unknown, ...bars })));
  update(charts.waiting, labels, [{ label: 'waiting', data: tail(state.history.waiting), backgroundColor: colour('--brand'), ...bars }]);
  const last = ' in the last ' + RANGES[range] + ': ';
  byId('calls').setAttribute('aria-label', 'Calls' + last + sum(state.history.calls) + ', failed ' + sum(failed));
  byId('limited').setAttribute('aria-label', '429s' + last + (limited.map(([limit, values]) => limitName(limit) + ' ' + sum(values)).join(', ') || 'none'));
  byId('waiting').setAttribute('aria-label', 'Most calls waiting at a time' + last + Math.max(0, ...state.history.waiting));
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
  showBanner(state);
  showFindings(state);
  showTiles(state);
  showObserve(state);
  showScopes(state);
  showFleet(state);
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
  const asked = range;
  try {
    const answer = await fetch('/api/state.json?meters=no&range=' + asked, { signal: abort.signal, cache: 'no-store' });
    if (!answer.ok) throw new Error('status ' + answer.status);
    const state = await answer.json();
    if (asked === range) show(state);
    pulse('live', false);
  } catch (problem) {
    pulse('Connection lost; showing the last data received', true);
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
byId('ranges').addEventListener('click', event => {
  const chosen = event.target.dataset.range;
  if (!chosen) return;
  range = chosen;
  for (const button of byId('ranges').children) button.setAttribute('aria-pressed', String(button === event.target));
  ask();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(); });
beat();
