// <div hidden data-behaviour="lost" role="alert">: shown when a scripted request got no answer at all.
behaviour("lost", (note) => {
  document.addEventListener("htmx:error", () => { (document.querySelector("#popup[open] .dialog__body") ?? document.querySelector("main")).prepend(note); note.hidden = false; });
  document.addEventListener("htmx:before:request", () => { note.hidden = true; });
});
