"use strict";

document.addEventListener("keydown", (event) => {
  if (!"jko".includes(event.key) || event.target.closest("input, textarea, select")) return;
  const papers = [...document.querySelectorAll(".paper")];
  const at = papers.indexOf(document.activeElement.closest(".paper"));
  if (event.key === "o") papers[at]?.querySelector("a[href]")?.click();
  else papers[Math.max(0, Math.min(papers.length - 1, at + (event.key === "j" ? 1 : -1)))]?.focus();
});
