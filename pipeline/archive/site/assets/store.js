// Stars, read marks and notes. They stay in this browser, in one value of localStorage:
//
//   {"version": 1, "papers": {"profile/id": {"title": …, "date": "2026-01-30", "starred": [true, 1769731200000], …}}}
//
// Each mark (`starred`, `read`, `note`) is its value and the time of its last change in milliseconds, so that marks
// of two browsers can be merged: the newer one of each kind wins. A mark that was taken back is kept for that reason.
//
// Every element with the class `paper` and `data-paper`, `data-title`, `data-date` gets the buttons of the template
// `paper-tools`, in its descendant `[data-tools]` if there is one, else at its end. Needs `store.html.j2`.
"use strict";

const PaperStore = (() => {
  const VERSION = 1;
  const MARKS = { starred: "boolean", read: "boolean", note: "string" };
  const PAPER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\/[A-Za-z0-9.\/-]{1,64}$/;
  const DATE = /^\d{4}-\d{2}-\d{2}$/;
  const MAX_TEXT = 4000; // characters of a title or a note
  // All sites of one owner share an origin, and so its storage: the path tells them apart.
  const KEY = "paper-digest:" + new URL("..", document.currentScript.src).pathname;
  const template = document.getElementById("paper-tools");
  let papers = null; // parsed once; read again before each change, since another tab may have written
  let persistent = true;

  function read() {
    let text;
    try {
      text = localStorage.getItem(KEY);
    } catch {
      persistent = false;
    }
    if (!persistent) return (papers ??= {});
    papers = text === null ? {} : parse(text);
    if (papers === null) {
      papers = {};
      persistent = keep(KEY + ":damaged", text);
    }
    return papers;
  }

  function keep(key, text) {
    try {
      localStorage.setItem(key, text);
      return true;
    } catch {
      return false; // no storage, or it is full
    }
  }

  function save() {
    persistent = persistent && keep(KEY, JSON.stringify({ version: VERSION, papers }));
    if (!persistent) sayNotKept();
  }

  function sayNotKept() {
    if (!template || document.getElementById("paper-not-kept")) return;
    const note = template.content.getElementById("paper-not-kept").cloneNode(true);
    document.body.append(note);
    note.querySelector("button").addEventListener("click", () => note.replaceChildren());
  }

  /** Return the papers of a stored or exported text; null if it is none of ours. */
  function parse(text) {
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      return null;
    }
    if (!isObject(found) || found.version !== VERSION || !isObject(found.papers)) return null;
    return Object.entries(found.papers).every(([key, entry]) => PAPER.test(key) && isEntry(entry)) ? found.papers : null;
  }

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isText = (value) => typeof value === "string" && value.length <= MAX_TEXT;

  function isEntry(entry) {
    return isObject(entry) && isText(entry.title) && DATE.test(entry.date) &&
      Object.entries(entry).every(([name, value]) => ["title", "date"].includes(name) || isMark(name, value));
  }

  function isMark(name, mark) {
    return Object.hasOwn(MARKS, name) && Array.isArray(mark) && mark.length === 2 &&
      typeof mark[0] === MARKS[name] && (name !== "note" || isText(mark[0])) && Number.isFinite(mark[1]);
  }

  /** Return the value of a mark of a paper, `profile/id`: false or an empty note if there is none. */
  function get(key, name) {
    const entry = Object.hasOwn(papers ?? read(), key) ? papers[key] : {};
    return entry[name] ? entry[name][0] : MARKS[name] === "string" ? "" : false;
  }

  /** Set a mark of a paper that an element of the page shows. */
  function set(element, name, value) {
    const { paper: key, title, date } = element.dataset;
    if (get(key, name) === value || !PAPER.test(key) || !DATE.test(date)) return;
    const entry = Object.hasOwn(read(), key) ? papers[key] : {};
    papers[key] = { ...entry, title: title.slice(0, MAX_TEXT), date, [name]: [value, Date.now()] };
    save();
    showAll();
  }

  /** Return the starred papers of a profile as `{id, title, date}`, newest first. */
  function starred(profile) {
    return Object.entries(papers ?? read())
      .filter(([key, entry]) => key.startsWith(profile + "/") && entry.starred?.[0])
      .map(([key, entry]) => ({ id: key.slice(profile.length + 1), title: entry.title, date: entry.date }))
      .sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
  }

  /** Return the address of a paper on the page of its day, from the folder of its profile. */
  function page(id, date) {
    const slug = id.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 70);
    const prefixed = template.dataset.prefixes.split(" ").some((prefix) => id.startsWith(prefix));
    return `${date.slice(0, 4)}/${date.slice(5, 7)}/${date}.html#${prefixed ? slug : `arxiv-${slug}`}`;
  }

  /** Return all marks as the text of a file. */
  function exportText() {
    return JSON.stringify({ version: VERSION, papers: read() }, null, 1) + "\n";
  }

  /** Merge the text of an exported file; returns the number of its papers, or null if it is not such a file. */
  function importText(text) {
    const found = parse(text);
    if (found === null) return null;
    read();
    for (const [key, entry] of Object.entries(found)) {
      const ours = Object.hasOwn(papers, key) ? papers[key] : {};
      papers[key] = { ...entry, ...ours };
      for (const name of Object.keys(MARKS).filter((name) => entry[name])) {
        const at = Math.min(entry[name][1], Date.now()); // a clock that was ahead must not win for good
        if (!ours[name] || at > ours[name][1]) papers[key][name] = [entry[name][0], at];
      }
    }
    save();
    showAll();
    return Object.keys(found).length;
  }

  /** Add the buttons to a paper's element. */
  function decorate(element) {
    if (!template || element.querySelector(".paper-tools")) return;
    const tools = template.content.querySelector(".paper-tools").cloneNode(true);
    for (const button of tools.querySelectorAll("button")) {
      button.setAttribute("aria-label", `${button.textContent.trim()}: ${element.dataset.title}`);
    }
    const note = tools.querySelector("textarea");
    note.maxLength = MAX_TEXT;
    note.setAttribute("aria-label", `${note.dataset.label}: ${element.dataset.title}`);
    for (const name of ["starred", "read"]) {
      const button = tools.querySelector(`[data-mark=${name}]`);
      button.addEventListener("click", () => set(element, name, !get(element.dataset.paper, name)));
    }
    const opener = tools.querySelector("[data-mark=note]");
    const open = (opened) => {
      note.hidden = !opened;
      opener.setAttribute("aria-expanded", String(opened));
      (opened ? note : opener).focus();
    };
    opener.addEventListener("click", () => open(note.hidden));
    note.addEventListener("input", () => set(element, "note", note.value));
    note.addEventListener("keydown", (event) => {
      if (event.key === "Escape") open(false);
    });
    (element.querySelector("[data-tools]") ?? element).append(tools);
    show(element);
  }

  function show(element) {
    const tools = element.querySelector(".paper-tools");
    if (!tools) return;
    for (const name of ["starred", "read"]) {
      const on = get(element.dataset.paper, name);
      tools.querySelector(`[data-mark=${name}]`).setAttribute("aria-pressed", String(on));
      element.classList.toggle(`is-${name}`, on);
    }
    const text = get(element.dataset.paper, "note");
    const note = tools.querySelector("textarea");
    if (note.value !== text) note.value = text;
    tools.querySelector(".paper-note").textContent = text;
  }

  const showAll = () => document.querySelectorAll(".paper[data-paper]").forEach(show);

  function follow(event) {
    const link = event.target.closest?.(".paper[data-paper] a[href]");
    if (link && event.button < 2 && !link.getAttribute("href").startsWith("#")) {
      set(link.closest(".paper"), "read", true);
    }
  }

  function again() {
    read();
    showAll();
  }

  // After all scripts: `site.js` names the papers of long lists.
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".paper[data-paper]").forEach(decorate));
  document.addEventListener("click", follow);
  document.addEventListener("auxclick", follow);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "s" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select")) return;
    const paper = event.target.closest(".paper[data-paper]") ?? document.querySelector(".paper.current[data-paper]");
    if (!paper) return;
    event.preventDefault();
    set(paper, "starred", !get(paper.dataset.paper, "starred"));
  });
  window.addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) again();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) again(); // another page of the site may have changed them
  });

  return { get, starred, page, decorate, exportText, importText };
})();
