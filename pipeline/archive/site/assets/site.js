// Keys on every page, and the opening of evidence. Nothing here is needed for reading.
"use strict";

(() => {
  // Items of a list of candidates become papers like all others: day pages are written short, since there are thousands.
  const ARXIV = "https://arxiv.org/abs/";
  for (const item of document.querySelectorAll(".rows > li")) {
    const [link, list] = [item.querySelector("a[href]"), item.parentElement];
    const id = item.dataset.id ?? (link?.href.startsWith(ARXIV) ? link.href.slice(ARXIV.length) : "");
    if (!id) continue;
    item.classList.add("paper");
    item.dataset.paper = `${list.dataset.profile}/${id}`;
    item.dataset.title = link?.textContent ?? id;
    item.dataset.date = list.dataset.date;
  }

  // What the reader has opened is open again after Back, or the browser would not find its place.
  const folded = [...document.querySelectorAll("details")];
  for (const at of history.state?.open ?? []) if (folded[at]) folded[at].open = true;
  const keepOpen = () => {
    const open = folded.flatMap((one, at) => (one.open ? [at] : []));
    history.replaceState({ ...history.state, open }, "");
  };
  for (const name of ["click", "scrollend"]) document.addEventListener(name, keepOpen);

  const keys = document.getElementById("keys");
  let current = null;

  // Papers in sight: those in a closed list are skipped.
  const papers = () =>
    [...document.querySelectorAll(".paper")].filter(paper => !paper.closest("details:not([open])"));

  const select = paper => {
    current?.classList.remove("current");
    current = paper;
    paper.classList.add("current");
    paper.tabIndex = -1;
    paper.focus({ preventScroll: true });
    paper.scrollIntoView({ block: paper.offsetHeight > innerHeight ? "start" : "nearest" });
  };

  // The paper that keys are about: the one with the focus, else the one selected last.
  const selected = () => document.activeElement?.closest(".paper") ?? current;

  const step = by => {
    const all = papers();
    const at = all.indexOf(selected());
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
    if (all[next]) select(all[next]);
  };

  const evidence = paper => [...paper.querySelectorAll("details")];

  const label = paper => {
    const button = paper.querySelector("button.all");
    if (!button) return;
    const open = evidence(paper).every(one => one.open);
    if (open !== (button.dataset.state === "open")) {
      [button.textContent, button.dataset.other] = [button.dataset.other, button.textContent];
      button.dataset.state = open ? "open" : "closed";
    }
  };

  const toggle = paper => {
    const all = evidence(paper);
    const open = !all.every(one => one.open);
    for (const one of all) one.open = open;
    label(paper);
  };

  const open = () => {
    const paper = selected();
    if (!paper) return;
    if (evidence(paper).length) toggle(paper);
    else paper.querySelector("a[href]")?.click();
  };

  const search = () => {
    const field = document.querySelector("main input[type=search]");
    if (field) field.focus();
    else if (document.body.dataset.search) location.href = `${document.body.dataset.search}#search-q`;
  };

  const actions = { "/": search, j: () => step(1), k: () => step(-1), o: open, "?": () => keys.showModal() };

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || keys.open) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  const show = document.getElementById("show-keys");
  show.hidden = false;
  show.addEventListener("click", () => keys.showModal());
  document.getElementById("close-keys").addEventListener("click", () => keys.close());

  for (const button of document.querySelectorAll("button.all")) {
    const paper = button.closest(".paper");
    button.hidden = false;
    button.addEventListener("click", () => toggle(paper));
    for (const one of evidence(paper)) one.addEventListener("toggle", () => label(paper));
  }

  // A link to a paper in a closed list opens the list, also where the browser does not.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let list = target.closest("details:not([open])"); list; list = target.closest("details:not([open])")) {
      list.open = true;
    }
    target.scrollIntoView();
    if (target.matches(".paper")) {
      current?.classList.remove("current");
      current = target;
      current.classList.add("current");
    }
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
