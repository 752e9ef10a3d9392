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
