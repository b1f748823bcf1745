// <div hidden data-behaviour="lost">: shown when a scripted request got no answer at all, until there is one again.
function sayAbove(note) {
  if (note.isConnected && !note.hidden) return;
  (document.querySelector("#popup[open] .dialog__body") ?? document.querySelector("main")).prepend(note);
  note.hidden = false;
}

behaviour("lost", (note) => {
  document.addEventListener("htmx:error", () => sayAbove(note));
  document.addEventListener("htmx:before:response", () => { note.hidden = true; });
});
