// Keys and small comforts. Nothing here is needed to read or to vote: every key presses a button or follows a link
// that stands on the page.
"use strict";
(() => {
  const decisions = new Set(["a", "c", "r", "s"]);
  const opened = performance.now();
  const settled = 300; // a second press that was meant for the page before decides nothing here
  let leaving = false;

  const writes = (element) => Boolean(element.closest?.("input, textarea, select, [contenteditable]"));
  const isSeen = (element) => element.getClientRects().length > 0;

  const targets = (key) =>
    [...document.querySelectorAll("[data-key]")].filter(
      (element) => element.dataset.key.split(" ").includes(key) && isSeen(element),
    );

  const open = (summary) => {
    const details = summary.parentElement;
    details.open = !details.open;
    const first = details.open ? details.querySelector("select, input:not([type=hidden]), textarea") : summary;
    (first ?? summary).focus();
  };

  const move = (elements, step) => {
    const place = elements.indexOf(document.activeElement);
    const next = elements[place < 0 && step > 0 ? 0 : (place + step + elements.length) % elements.length];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape") {
      for (const details of document.querySelectorAll("details.choice[open], details.say[open]")) {
        details.open = false;
        details.querySelector("summary").focus();
      }
      return;
    }
    if (writes(event.target) || leaving) return;
    const rows = [...document.querySelectorAll("[data-row]")];
    if (rows.length && (event.key === "j" || event.key === "k")) {
      move(rows, event.key === "j" ? 1 : -1);
      return;
    }
    if (rows.includes(document.activeElement) && event.key === "o") {
      document.activeElement.click();
      return;
    }
    if (event.key === "f") {
      move([...document.querySelectorAll("td.flag")].filter(isSeen), 1);
      return;
    }
    if (event.key === "v") {
      document.getElementById("votes")?.focus();
      return;
    }
    const [target] = targets(event.key);
    if (target === undefined) return;
    if (decisions.has(event.key) && performance.now() - opened < settled) return;
    event.preventDefault();
    if (target.tagName === "SUMMARY") open(target);
    else target.click();
  });

  document.addEventListener("submit", () => {
    leaving = true;
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
  });

  // How many units stand behind each cell is remembered from output to output.
  const counts = document.querySelector("[data-toggle]");
  if (counts !== null) {
    const show = (on) => {
      document.body.classList.toggle(counts.dataset.toggle, on);
      counts.setAttribute("aria-pressed", String(on));
    };
    counts.hidden = false;
    show(sessionStorage.getItem(counts.dataset.toggle) === "on");
    counts.addEventListener("click", () => {
      const on = !document.body.classList.contains(counts.dataset.toggle);
      sessionStorage.setItem(counts.dataset.toggle, on ? "on" : "off");
      show(on);
    });
  }

  // What a cell is flagged for, in words under the table, also for who moves by key.
  const note = document.getElementById("cell-note");
  const tell = (event) => {
    const cell = event.target.closest?.("td[title]");
    if (note !== null && cell) note.textContent = cell.title;
  };
  document.addEventListener("focusin", tell);
  document.addEventListener("mouseover", tell);
  document.querySelector("[role=alert]")?.scrollIntoView({ block: "center" });
})();
