// <div hidden data-behaviour="slow">: shown when an answer has not come after ten seconds, until it does.
behaviour("slow", (note) => {
  document.addEventListener("wait:long", () => sayAbove(note));
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    setTimeout(() => { if (!ctx.response && !ctx.status.startsWith("error") && ctx.sourceElement.isConnected) sayAbove(note); }, 10_000);
  });
  document.addEventListener("htmx:before:response", () => { note.hidden = true; });
  document.addEventListener("htmx:error", () => { note.hidden = true; });
});
