// What the pages do beyond what forms and links do by themselves. Nothing here is needed to use them.
"use strict";

// Files are dropped anywhere on their field, and their sending is shown.
for (const form of document.querySelectorAll("[data-upload]")) {
  const field = form.querySelector("input[type=file]"), zone = form.querySelector("[data-drop]");
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, form.querySelector("[data-sending]"));
  });
}

function send(form, sending) {
  const bar = sending.querySelector("progress"), words = sending.querySelector("span");
  const request = new XMLHttpRequest();
  sending.hidden = false;
  request.upload.addEventListener("progress", (event) => { bar.value = event.loaded / event.total; });
  request.addEventListener("load", () => {
    if (request.status < 400) location.assign(request.responseURL);
    else words.textContent = reason(request) || form.dataset.failed;
  });
  request.addEventListener("error", () => { words.textContent = form.dataset.failed; });
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json, text/html;q=0.1");
  request.send(new FormData(form));
}

function reason(request) {
  try { return JSON.parse(request.responseText).detail; } catch { return ""; }
}

// A job that is at work is looked after until it has ended.
for (const watched of document.querySelectorAll("[data-watch]")) watch(watched);

async function watch(watched) {
  const bar = watched.querySelector("progress"), words = watched.querySelector("[data-status]");
  const answer = await fetch(watched.dataset.watch).catch(() => null);
  const job = answer && answer.ok ? await answer.json() : null;
  if (job && !["queued", "running", "cancelling"].includes(job.status)) return location.reload();
  if (job && job.progress.share_done !== undefined) {
    bar.value = job.progress.share_done;
    if (job.status === "running") words.textContent = words.textContent.replace(/[\d.]+/, Math.round(100 * bar.value));
  }
  setTimeout(watch, 1000, watched);
}

// Of the articles in a table, two can be compared.
for (const button of document.querySelectorAll("[data-compare]")) {
  const picks = [...button.form.querySelectorAll("[data-pick]")];
  const update = () => { button.disabled = picks.filter((pick) => pick.checked).length !== 2; };
  for (const pick of picks) pick.addEventListener("change", update);
  update();
}

// What cannot be taken back is asked about.
for (const form of document.querySelectorAll("[data-sure]")) {
  form.addEventListener("submit", (event) => { if (!confirm(form.dataset.sure)) event.preventDefault(); });
}

// What is said of a label is kept without leaving the page.
for (const form of document.querySelectorAll("[data-judge]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(form, event.submitter);
  });
}

async function say(form, button) {
  const status = form.querySelector("[data-status]");
  const content = new FormData(form, button);
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(content), headers: { Accept: "application/json" } })
    .catch(() => null);
  status.classList.toggle("wrong", !answer || !answer.ok);
  if (!answer || !answer.ok) {
    status.textContent = answer ? (await answer.json()).detail : form.dataset.failed;
    return;
  }
  const row = button.closest("[data-row]");
  if (!row || !row.querySelector("[aria-pressed] + [aria-pressed]")) return location.reload();
  for (const other of row.querySelectorAll("[aria-pressed]")) other.setAttribute("aria-pressed", other === button);
  status.textContent = form.dataset.kept;
}

// Words that are selected in the article are the passage of a missing label.
const text = document.querySelector("#content article");
const missed = document.querySelector("[data-missed]");

function selected() {
  const selection = getSelection();
  if (!text || selection.isCollapsed || !text.contains(selection.anchorNode)) return null;
  const range = selection.getRangeAt(0), front = range.cloneRange();
  front.setStart(text, 0);
  front.setEnd(range.startContainer, range.startOffset);
  return { words: plain(range), before: plain(front).slice(-200) };
}

function plain(range) {
  const copy = range.cloneContents();
  for (const tip of copy.querySelectorAll(".tip")) tip.remove();
  return [...copy.children].some((child) => child.matches("p")) ? [...copy.childNodes].map((node) => node.textContent).join(" ") : copy.textContent;
}

function take() {
  const found = missed && selected();
  if (!found) return;
  for (const form of document.querySelectorAll("[data-judge]")) {
    form.elements.passage.value = found.words.trim().replace(/\s+/g, " ");
    form.elements.before.value = found.before;
  }
}
if (text) document.addEventListener("selectionchange", take);

// Keys: those of places on the keyboard, so that they work with Cyrillic letters, too.
const rows = [...document.querySelectorAll("[data-row]")];
const on = document.querySelector("[data-keys-on]");
if (on) {
  on.checked = localStorage.getItem("keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
  document.addEventListener("keydown", press);
}

function press(event) {
  const isTyping = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (!on.checked || isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
  const here = rows.indexOf(document.activeElement.closest("[data-row]"));
  const go = (row) => row && row.querySelector("button").focus();
  const push = (number) => {
    const button = (rows[here] || rows[0])?.querySelectorAll(".said button")[number];
    if (button) { button.focus(); button.click(); }
  };
  const follow = (kind) => document.querySelector(`.queue a[rel=${kind}]`)?.click();
  const actions = {
    KeyJ: () => go(rows[Math.min(here + 1, rows.length - 1)]),
    KeyK: () => go(rows[Math.max(here - 1, 0)]),
    KeyR: () => push(0),
    KeyW: () => push(1),
    KeyM: () => { missed.open = true; take(); missed.querySelector("select").focus(); },
    KeyN: () => follow("next"),
    KeyP: () => follow("prev"),
  };
  if (actions[event.code]) { event.preventDefault(); actions[event.code](); }
}

// Times are those of the reader's clock.
for (const time of document.querySelectorAll("time[datetime]")) {
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}
