// Search of one profile in the browser: a linear scan of the months' files, newest month first. No index: five years of
// a profile are 75,000 papers, which a scan passes in a tenth of a second, and a substring is found in any language.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const PAGE = 50; // results shown at first, and more for each press of the button
  const AHEAD = 3; // months that are asked for while one is read
  const TYPING_MS = 80; // pause after which words are searched for

  const form = document.getElementById("search");
  if (!form) return;
  const byId = (name) => document.getElementById(`search-${name}`);
  const template = byId("words");
  const words = template.dataset;
  const numbers = new Intl.NumberFormat(document.documentElement.lang);
  const { profile, root } = form.dataset;
  const data = `${root}data/${encodeURIComponent(profile)}/`;

  let catalog = { months: [], sources: [] };
  let wanted = readForm(); // the words and filters of the running search
  let browsed = 1; // months that are shown without any words or filters
  let shown = PAGE;
  let stopped = false;
  let loading = false;
  let failure = "";
  // The place in the list to which the reader comes back, until it is reached. A link to the same address keeps the state.
  const followed = performance.getEntriesByType("navigation")[0]?.type === "navigate";
  let place = (!followed && history.state?.list) || null;
  const loaded = new Map(); // month → its columns and folded texts
  const requests = new Map(); // month → promise of its file
  let hits = new Map(); // month → numbers of its rows that fit `wanted`

  // Texts and words are compared in this form: compatibility forms (full-width letters), case and accents are one.
  // Only the accents of Latin, Greek and Cyrillic letters go: a Japanese が is no か.
  function fold(text) {
    const accents = /[\u0300-\u036f]/g;
    return text.normalize("NFKD").toLowerCase().replace(accents, "").replaceAll("ς", "σ").normalize("NFC");
  }

  /** Return what must occur in a paper: words, and the phrases between quotation marks. */
  function terms(query) {
    const found = fold(query).replace(/[“”„]/g, '"').matchAll(/"([^"]*)"|[^\s"]+/g);
    return [...found].map((match) => match[1] ?? match[0]).filter((term) => term.trim());
  }

  function readForm() {
    const value = (name) => form.elements[name].value.trim();
    const q = value("q");
    return {
      q,
      terms: terms(q),
      from: value("from"),
      to: value("to"),
      score: value("score") === "" ? null : Number(value("score")),
      outcome: value("outcome"),
      source: value("source"),
      starred: form.elements.starred.checked,
      unread: form.elements.unread.checked,
    };
  }

  const NAMES = ["q", "from", "to", "score", "outcome", "source"];

  function fillForm() {
    const address = new URLSearchParams(location.search);
    for (const name of NAMES) form.elements[name].value = address.get(name) ?? "";
    for (const name of ["outcome", "source"]) {
      if (form.elements[name].selectedIndex < 0) form.elements[name].value = "";
    }
    for (const name of ["starred", "unread"]) form.elements[name].checked = address.get(name) === "1";
  }

  function writeAddress() {
    const address = new URLSearchParams();
    for (const name of NAMES) {
      if (form.elements[name].value.trim()) address.set(name, form.elements[name].value.trim());
    }
    for (const name of ["starred", "unread"]) {
      if (form.elements[name].checked) address.set(name, "1");
    }
    const query = address.toString();
    history.replaceState({ ...history.state, list: place }, "", query ? `?${query}` : location.pathname);
  }

  // Searching

  const filtersRows = () => wanted.terms.length > 0 || wanted.score !== null || wanted.outcome || wanted.source;

  /** Return the months to be searched, newest first. */
  function monthsToSearch() {
    const { from, to } = wanted;
    const within = catalog.months.filter(
      ({ month }) => (!from || month >= from.slice(0, 7)) && (!to || month <= to.slice(0, 7)),
    );
    if (wanted.starred) {
      // Titles and dates of starred papers are in the store: files are needed for what is not.
      const dated = new Set(PaperStore.starred(profile).map(({ date }) => date.slice(0, 7)));
      return filtersRows() ? within.filter(({ month }) => dated.has(month)) : [];
    }
    return filtersRows() || from || to || wanted.unread ? within : within.slice(0, browsed);
  }

  function fits(columns, row) {
    const { from, to, score, outcome, source } = wanted;
    const date = dateOf(columns, row);
    if ((from && date < from) || (to && date > to)) return false;
    if (score !== null && (columns.scores[row] === null || columns.scores[row] < score)) return false;
    if (outcome && outcomeOf(columns, row) !== outcome) return false;
    if (source && !sourcesOf(columns, row).includes(source)) return false;
    if (!wanted.terms.every((term) => columns.folded[row].includes(term))) return false;
    return !wanted.unread || !PaperStore.get(`${profile}/${columns.ids[row]}`, "read");
  }

  const dateOf = (columns, row) => `${columns.month}-${String(columns.days[row]).padStart(2, "0")}`;
  const outcomeOf = ({ outcomes }, row) => outcomes.values[outcomes.places[row]];
  const sourcesOf = ({ sources }, row) => sources.values[sources.places[row]];

  function hitsOf(columns) {
    if (!hits.has(columns.month)) {
      hits.set(columns.month, columns.ids.map((_, row) => row).filter((row) => fits(columns, row)));
    }
    return hits.get(columns.month);
  }

  /** Return all results so far as `{columns, row}`, or `{id, title, date}` for starred papers that only the store knows. */
  function results() {
    if (wanted.starred) return starredResults();
    const found = [];
    for (const { month } of monthsToSearch()) {
      const columns = loaded.get(month);
      if (columns) for (const row of hitsOf(columns)) found.push({ columns, row });
    }
    return found;
  }

  function starredResults() {
    const found = [];
    for (const entry of PaperStore.starred(profile)) {
      const columns = loaded.get(entry.date.slice(0, 7));
      const row = columns ? columns.ids.indexOf(entry.id) : -1;
      if (row >= 0 ? fits(columns, row) : storedFits(entry)) found.push(row >= 0 ? { columns, row } : entry);
    }
    const score = ({ columns, row }) => columns?.scores[row] ?? -1;
    const date = (result) => (result.columns ? dateOf(result.columns, result.row) : result.date);
    return found.sort((a, b) => (date(a) === date(b) ? score(b) - score(a) : date(a) < date(b) ? 1 : -1));
  }

  function storedFits({ id, title, date }) {
    const { from, to, score, outcome, source, unread } = wanted;
    if ((from && date < from) || (to && date > to) || score !== null || outcome || source) return false;
    if (unread && PaperStore.get(`${profile}/${id}`, "read")) return false;
    const text = fold(`${title}\n${id}`);
    return wanted.terms.every((term) => text.includes(term));
  }

  // Loading

  async function fetchJson(file) {
    const response = await fetch(data + file);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return response.json();
  }

  function request({ month, version }) {
    if (!requests.has(month)) {
      const promise = fetchJson(`${month}.json?${version}`);
      promise.catch(() => requests.delete(month)); // asked for again when the reader goes on
      requests.set(month, promise);
    }
    return requests.get(month);
  }

  /** Show what is found, and load the months that the search still needs, one after another. */
  async function load() {
    failure = "";
    if (loading) return show(); // whoever loads goes on with what is wanted now
    for (;;) {
      const missing = monthsToSearch().filter(({ month }) => !loaded.has(month));
      loading = !stopped && missing.length > 0;
      show();
      if (!loading) return;
      missing.slice(0, AHEAD).forEach(request);
      try {
        const columns = await request(missing[0]);
        columns.folded = columns.ids.map((id, row) =>
          fold([columns.titles[row], columns.authors[row], id, columns.reasons[row], columns.texts[row]].join("\n")),
        );
        loaded.set(columns.month, columns);
        requests.delete(columns.month);
      } catch {
        failure = `${missing[0].month}.json`;
        stopped = true;
      }
    }
  }

  // Showing

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function describe({ columns, row, ...stored }) {
    if (!columns) return { ...stored, facts: [stored.date], text: "", reason: "" };
    const author = columns.authors[row];
    const more = columns.author_counts[row] - 1;
    const date = dateOf(columns, row);
    const score = columns.scores[row];
    const labels = sourcesOf(columns, row).map((name) => catalog.sources.find((source) => source.name === name)?.label);
    const facts = [
      date,
      score === null ? "" : fill(words.points, { n: score }),
      words[outcomeOf(columns, row)],
      author && more > 0 ? `${author} +${more}` : author,
      labels.join(", "),
    ].filter(Boolean);
    return {
      id: columns.ids[row], title: columns.titles[row], date, facts, text: columns.texts[row], reason: columns.reasons[row],
    };
  }

  function element(result) {
    const { id, title, date, facts, text, reason } = describe(result);
    const item = template.content.querySelector("li").cloneNode(true);
    Object.assign(item.dataset, { paper: `${profile}/${id}`, title, date });
    const link = item.querySelector("a");
    link.textContent = title;
    link.href = PaperStore.page(id, date);
    item.querySelector(".paper-facts").textContent = facts.join(" · ");
    item.querySelector(".paper-text").textContent = text;
    item.querySelector(".paper-reason").textContent = reason;
    PaperStore.decorate(item);
    return item;
  }

  const nameOf = ({ columns, row, id, date }) => (columns ? `${columns.month} ${row}` : `${date} ${id}`);

  function show() {
    const list = byId("results");
    const found = results();
    const visible = found.slice(0, shown);
    // What is the same at the start stays: months arrive while somebody reads or has moved the focus.
    let same = 0;
    while (same < visible.length && list.children[same]?.dataset.result === nameOf(visible[same])) same += 1;
    while (list.children.length > same) list.lastElementChild.remove();
    const added = visible.slice(same).map((result) => {
      const item = element(result);
      item.dataset.result = nameOf(result);
      return item;
    });
    list.append(...added);
    showStatus(found.length);
    byId("more").hidden = found.length <= shown;
    if (place) goBack(list.children[place.at]);
  }

  /** Put a result where it stood when the reader left; again while months still arrive below it and the page is too short. */
  function goBack(item) {
    const off = () => item.getBoundingClientRect().top - place.top;
    item?.scrollIntoView();
    if (item) scrollBy(0, off());
    item?.focus({ preventScroll: true });
    if (!loading || (item && Math.abs(off()) < 1)) place = null;
  }

  /** Keep the place in the history: a page that comes back may have to load its months again. */
  function keepPlace({ target }) {
    if (place) return;
    const items = [...byId("results").children];
    const item = items.find((one) => one.contains(target)) ?? items.find((one) => one.getBoundingClientRect().bottom > 0);
    const top = item?.getBoundingClientRect().top;
    history.replaceState({ ...history.state, list: { shown, browsed, at: items.indexOf(item), top } }, "");
  }

  function showStatus(count) {
    const months = monthsToSearch();
    const all = limited() ? months.length : catalog.months.length;
    const done = months.filter(({ month }) => loaded.has(month)).length;
    const parts = [fill(words.found, { n: numbers.format(count) })];
    if (all) parts.push(fill(words.searched, { done: numbers.format(done), all: numbers.format(all) }));
    if (failure) parts.push(fill(words.failed, { file: failure }));
    const status = byId("status");
    status.setAttribute("aria-busy", String(loading)); // only the last count is read out
    status.textContent = parts.join(" · ");
    byId("stop").hidden = !loading;
    byId("go-on").hidden = loading || done === all;
  }

  /** Whether words or filters say which months are searched, rather than how far the reader has browsed. */
  const limited = () => Boolean(filtersRows() || wanted.from || wanted.to || wanted.unread || wanted.starred);

  function search(back = null) {
    clearTimeout(timer);
    wanted = readForm();
    hits = new Map();
    place = back;
    shown = back?.shown ?? PAGE;
    browsed = back?.browsed ?? browsed;
    writeAddress();
    load();
  }

  let timer;
  form.addEventListener("input", (event) => {
    if (event.isComposing) return; // an input method is still asking which signs are meant
    clearTimeout(timer);
    timer = setTimeout(search, TYPING_MS);
  });
  form.addEventListener("compositionend", () => search());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  byId("stop").addEventListener("click", () => {
    stopped = true;
  });
  byId("go-on").addEventListener("click", () => {
    if (!stopped && !limited()) browsed += 1;
    stopped = false;
    load();
  });
  byId("more").addEventListener("click", () => {
    shown += PAGE;
    show();
  });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest("input:not([type=checkbox], [type=file]), textarea, select")) return;
      event.preventDefault();
      event.stopPropagation(); // on other pages the key leads to this one
      form.elements.q.focus();
      form.elements.q.select();
    },
    true,
  );

  for (const name of ["click", "scrollend"]) document.addEventListener(name, keepPlace);
  for (const name of ["wheel", "touchmove", "keydown"]) {
    addEventListener(name, () => { place = null; }, { passive: true }); // the reader has chosen another one
  }

  async function start() {
    form.hidden = false;
    if (location.hash === "#search-q") form.elements.q.focus(); // the key "/" of another page leads here
    fillForm();
    const filtered = [...new URLSearchParams(location.search).keys()].some((name) => name !== "q");
    byId("filters").open = filtered || matchMedia("(min-width: 48rem)").matches; // a phone shows results first
    try {
      catalog = await fetchJson("months.json");
    } catch {
      failure = "months.json";
      showStatus(0);
      return;
    }
    const { source } = form.elements;
    const typed = form.elements.q.value; // meanwhile
    source.append(...catalog.sources.map(({ name, label }) => new Option(label, name)));
    fillForm();
    form.elements.q.value = typed;
    search(place);
  }

  start();
});
