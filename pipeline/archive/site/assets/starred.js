// The starred papers of all profiles, and all marks as a file.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const byId = (name) => document.getElementById(name);
  const template = byId("starred-paper");

  function element(profile, { id, title, date }) {
    const item = template.content.querySelector("li").cloneNode(true);
    Object.assign(item.dataset, { paper: `${profile}/${id}`, title, date });
    const link = item.querySelector("a");
    link.textContent = title;
    link.href = `${profile}/${PaperStore.page(id, date)}`;
    item.querySelector(".paper-facts").textContent = date;
    PaperStore.decorate(item);
    return item;
  }

  function show() {
    for (const section of document.querySelectorAll("section[data-profile]")) {
      const { profile } = section.dataset;
      const papers = PaperStore.starred(profile).map((paper) => element(profile, paper));
      section.querySelector("ol").replaceChildren(...papers);
      section.hidden = papers.length === 0;
    }
    document.querySelector(".starred-none").hidden = document.querySelector("section[data-profile]:not([hidden])") !== null;
  }

  byId("marks-export").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([PaperStore.exportText()], { type: "application/json" }));
    link.download = "paper-marks.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });
  byId("marks-import").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    if (!file) return;
    const count = PaperStore.importText(await file.text());
    const { imported, notImported } = template.dataset;
    const numbers = new Intl.NumberFormat(document.documentElement.lang);
    byId("marks-status").textContent = count === null ? notImported : imported.replace("{n}", numbers.format(count));
    target.value = ""; // so that the same file can be chosen again
    show();
  });

  byId("marks").hidden = false;
  show();
});
